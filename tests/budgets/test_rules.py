"""Every rule of money, one at a time: what breaks it, and what does not."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from budgets.check import check_content
from budgets.content import BudgetContent, CostKind, Source
from budgets.context import BudgetContext, Party
from budgets.findings import Severity
from budgets.rules import RULES
from finsam.typography import kronor
from tests.budgets.samples import (
    CONTENT,
    CONTEXT,
    OFFICE,
    REGION,
    TOWN,
    cost,
    financing,
    staff,
    with_rows,
)


def found(content: BudgetContent, context: BudgetContext = CONTEXT) -> list[tuple[str, str]]:
    """Code and place of each finding."""
    return [(each.code, each.place) for each in check_content(content, context).findings]


def balanced(content: BudgetContent) -> BudgetContent:
    """The same with what is sought made to cover the cost."""
    total = sum(row.cost for row in content.cost_entries)
    rest = sum(row.amount or 0 for row in content.financing[1:])
    first = replace(content.financing[0], amount=total - rest)
    return replace(content, financing=(first, *content.financing[1:]))


def test_a_sound_budget_has_no_findings() -> None:
    result = check_content(CONTENT, CONTEXT)

    assert (result.ok, result.findings) == (True, ())
    assert result.as_json() == {
        "ok": True,
        "total_cost": 1_212_126,
        "requested": 900_000,
        "by_member": {TOWN: 854_916, REGION: 357_210},
        "by_year": {"2024": 1_212_126},
        "findings": [],
    }


def test_sum_mismatch_is_found_per_year() -> None:
    content = with_rows(financing=[financing(1, amount=1_212_127), financing(2, year=2025)])
    context = replace(CONTEXT, years=(2024, 2025))

    result = check_content(content, context)

    assert found(content, context) == [
        ("sum_mismatch", "Sammanställning!B9"),
        ("sum_mismatch", "Sammanställning!C9"),
    ]
    assert result.findings[0].message == (
        f"2024: finansieringen är {kronor(1_212_127)} och kostnaderna {kronor(1_212_126)}, alltså "
        f"{kronor(1)} mer än kostnaderna. Ändra så att de blir lika."
    )


def test_over_frame_says_what_is_left_and_by_how_much() -> None:
    result = check_content(CONTENT, replace(CONTEXT, frame_left=899_999))

    assert [(each.code, each.place) for each in result.findings] == [
        ("over_frame", "Finansiering!D5")
    ]
    assert "finns 899\u00a0999\u00a0kr kvar" in result.findings[0].message
    assert "men i ramen Individinsatser 2024 finns" in result.findings[0].message
    assert "med 1\u00a0kr" in result.findings[0].message
    assert found(CONTENT, replace(CONTEXT, frame_left=900_000)) == []


def test_over_plan_is_a_warning_only() -> None:
    result = check_content(CONTENT, replace(CONTEXT, lot_plan=899_999))

    assert [(each.code, each.severity) for each in result.findings] == [
        ("over_plan", Severity.WARNING)
    ]
    assert result.ok
    assert found(CONTENT, replace(CONTEXT, lot_plan=900_000)) == []


def test_a_staff_row_without_member_is_found() -> None:
    content = with_rows(staff=[CONTENT.staff[0], replace(CONTENT.staff[1], party="")])

    assert found(content) == [("staff_without_member", "Personal!A7")]


def test_staff_with_one_member_alone_needs_a_reason_where_division_is_asked() -> None:
    content = balanced(with_rows(staff=[staff(1), staff(2, role="Handledare")]))
    asking = replace(CONTEXT, asks_division=True)

    assert ("staff_one_member", "Personal!A5") in found(content, asking)
    assert "staff_one_member" not in dict(
        found(content, replace(asking, one_member_reason="Region Blekinge ingår utan kostnad."))
    )
    assert "staff_one_member" not in dict(found(content))
    assert "staff_one_member" not in dict(found(CONTENT, asking))


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (with_rows(costs=[cost(1, party="Ronneby kommun")]), "Kostnader!C5"),
        (
            with_rows(staff=[CONTENT.staff[0], replace(CONTENT.staff[1], party="Regionen")]),
            "Personal!A7",
        ),
        (
            with_rows(
                financing=[
                    CONTENT.financing[0],
                    replace(CONTENT.financing[1], party="Försäkringskassan"),
                ]
            ),
            "Finansiering!B6",
        ),
    ],
)
def test_a_member_that_is_no_party_is_found(content: BudgetContent, place: str) -> None:
    assert found(content) == [("unknown_member", place)]


def test_members_are_compared_without_case_and_spaces_and_get_their_full_name() -> None:
    content = with_rows(costs=[cost(1, party="  karlshamns  KOMMUN ")])

    result = check_content(content, CONTEXT)

    assert result.findings == ()
    assert result.summary.by_member[TOWN] == 854_916


def test_another_financier_need_not_be_a_party() -> None:
    content = with_rows(
        financing=[
            CONTENT.financing[0],
            replace(CONTENT.financing[1], source=Source.OTHER, party="Sparbanksstiftelsen"),
        ]
    )

    assert found(content) == []


@pytest.mark.parametrize(
    ("parties", "is_single"),
    [
        ([Party("A", "municipality")], True),
        ([Party("A", "municipality"), Party("B", "municipality")], True),
        ([Party("A", "municipality"), Party("B", "external")], True),
        ([Party("A", "municipality"), Party("B", "region")], False),
        ([Party("A", "insurance_agency"), Party("B", "employment_service")], False),
        ([Party("A", "region", "bup"), Party("B", "region", "primärvården")], False),
        ([Party("A", "region"), Party("B", "external", "förening")], False),
        ([], True),
    ],
)
def test_FL_1_several_municipalities_are_one_party(parties: list[Party], is_single: bool) -> None:
    context = replace(CONTEXT, parties=tuple(parties))

    assert (found(BudgetContent(), context) == [("single_party", "Personal!A4")]) is is_single


def test_FL_1_when_the_parties_are_not_known_those_named_count() -> None:
    context = replace(CONTEXT, parties_known=False)

    assert found(CONTENT, context) == []
    alone = balanced(with_rows(staff=[staff(1)], financing=[financing(1)]))
    assert found(alone, context) == [("single_party", "Personal!A4")]


@pytest.mark.parametrize(
    "description",
    [
        "Busskort till deltagare",
        "Månadskort för deltagarna",
        "Tolk vid gruppträffar",
        "Teckenspråkstolk",
        "Tolkkostnader",
        "Milersättning",
        "Habiliteringsersättning",
        "Ersättning till deltagare",
        "Försörjningsstöd under praktiken",
        "Resor för deltagare",
        "Insatser hos privat vårdgivare",
    ],
)
def test_FL_7_what_goes_to_individuals_is_found(description: str) -> None:
    content = with_rows(costs=[cost(1, description=description)])

    assert found(content) == [("ineligible_cost", "Kostnader!B5")]


@pytest.mark.parametrize(
    "description",
    [
        "Tjänsteresor",
        "Resor personal, uppsökande arbete",
        "Utbildning läkarintyg, handledning",
        "Naturunderstödd verksamhet, förening",
        "Barnpassning vid gruppträffar",
        "Brukarmedverkan, fika öppen verksamhet",
        "Kartläggning av unga med aktivitetsersättning",
        "Arbetsgivarringen, två träffar",
        "Kommunikation och tolkbar statistik",
    ],
)
def test_FL_7_ordinary_costs_are_not(description: str) -> None:
    assert found(with_rows(costs=[cost(1, description=description)])) == []


def test_overhead_above_the_ceiling_is_a_warning() -> None:
    content = balanced(
        with_rows(costs=[cost(1), cost(2, kind=CostKind.ADMINISTRATION, amount=140_000)])
    )

    result = check_content(content, CONTEXT)

    assert [(each.code, each.place) for each in result.findings] == [
        ("overhead_ceiling", "Kostnader!E6")
    ]
    assert "10,4 % av kostnaden" in result.findings[0].message
    assert result.ok
    assert found(content, replace(CONTEXT, overhead_ceiling=None)) == []


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ([{"percent": Decimal(101)}], "Personal!E5"),
        ([{"percent": Decimal(60)}, {"percent": Decimal(50)}], "Personal!E6"),
        (
            [
                {"percent": Decimal(80), "months": Decimal(8)},
                {"percent": Decimal(80), "months": Decimal(8)},
            ],
            "Personal!E6",
        ),
    ],
)
def test_more_than_full_time_is_found(rows: list[dict[str, Any]], place: str) -> None:
    staff_rows = [staff(at, **row) for at, row in enumerate(rows, start=1)]

    assert ("over_full_time", place) in found(with_rows(staff=staff_rows))


@pytest.mark.parametrize(
    "rows",
    [
        [{"percent": Decimal(100), "months": Decimal(6)}] * 2,
        [{"percent": Decimal(60)}, {"percent": Decimal(50), "role": "Handledare"}],
        [{"percent": Decimal(60)}, {"percent": Decimal(50), "year": 2025}],
        [{"percent": Decimal(50)}, {"percent": Decimal(50)}],
    ],
)
def test_posts_that_can_be_held_are_not(rows: list[dict[str, Any]]) -> None:
    staff_rows = [staff(at, **row) for at, row in enumerate(rows, start=1)]

    codes = dict(found(with_rows(staff=staff_rows), replace(CONTEXT, years=(2024, 2025))))
    assert "over_full_time" not in codes


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (with_rows(costs=[cost(1, year=2025)]), "Kostnader!D5"),
        (with_rows(costs=[cost(1, year=None)]), "Kostnader!D5"),
        (
            with_rows(staff=[staff(1, months=Decimal(13)), CONTENT.staff[1]]),
            "Personal!F5",
        ),
    ],
)
def test_what_lies_outside_the_period_is_found(content: BudgetContent, place: str) -> None:
    assert ("outside_period", place) in found(content)


def test_the_period_may_begin_in_the_middle_of_a_year() -> None:
    context = replace(CONTEXT, months_of_year={2024: Decimal(6)})

    assert [place for code, place in found(CONTENT, context) if code == "outside_period"] == [
        "Personal!F5",
        "Personal!F7",
    ]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"salary": 4_300}, "Personal!G5"),
        ({"salary": 516_000}, "Personal!G5"),
        ({"overhead": Decimal("0.401")}, "Personal!H5"),
        ({"overhead": None}, "Personal!H5"),
    ],
)
def test_an_odd_salary_is_a_warning(change: dict[str, Any], place: str) -> None:
    content = balanced(with_rows(staff=[staff(1, **change), CONTENT.staff[1]]))

    assert found(content) == [("salary_odd", place)]
    assert check_content(content, CONTEXT).ok


def test_a_share_written_as_a_fraction_is_a_warning() -> None:
    content = balanced(with_rows(staff=[staff(1, percent=Decimal("0.5")), CONTENT.staff[1]]))

    result = check_content(content, CONTEXT)

    assert [(each.code, each.place) for each in result.findings] == [("percent_odd", "Personal!E5")]
    assert "menar ni 50 %" in result.findings[0].message


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (with_rows(costs=[cost(1, amount=-1)]), "Kostnader!E5"),
        (with_rows(financing=[financing(1, amount=-1)]), "Finansiering!D5"),
        (with_rows(staff=[staff(1, salary=-43_000)]), "Personal!G5"),
        (with_rows(staff=[staff(1, overhead=Decimal(-1))]), "Personal!H5"),
    ],
)
def test_amounts_below_zero_are_found(content: BudgetContent, place: str) -> None:
    assert ("negative_amount", place) in found(content)


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (with_rows(costs=[cost(1, amount=None)]), "Kostnader!E5"),
        (with_rows(staff=[staff(1, months=None)]), "Personal!F5"),
        (with_rows(financing=[financing(1, amount=None)]), "Finansiering!D5"),
    ],
)
def test_missing_figures_are_found(content: BudgetContent, place: str) -> None:
    assert ("not_a_number", place) in found(content)


def test_missing_choices_are_found() -> None:
    content = with_rows(
        costs=[cost(1, kind=None)],
        financing=[financing(1, source=None), financing(2, source=Source.OWN, party="")],
    )

    places = [place for code, place in found(content) if code == "unknown_choice"]
    assert places == ["Kostnader!A5", "Finansiering!A5", "Finansiering!B6"]


def test_a_social_investment_needs_return_plan_and_outcome() -> None:
    asking = replace(CONTEXT, return_model=True, asks_economic_outcome=True)

    assert found(CONTENT, asking) == []
    missing = replace(asking, has_return_plan=False, has_economic_outcome=False)
    assert dict(found(CONTENT, missing)) == {
        "return_plan_missing": "Sammanställning!A1",
        "economic_outcome_missing": "Sammanställning!A1",
    }
    there = replace(asking, has_return_plan=True, has_economic_outcome=True)
    assert found(CONTENT, there) == []


def test_every_rule_of_the_domain_has_its_code() -> None:
    assert {rule.code for rule in RULES} == {
        "economic_outcome_missing",
        "ineligible_cost",
        "negative_amount",
        "not_a_number",
        "outside_period",
        "over_frame",
        "over_full_time",
        "over_plan",
        "overhead_ceiling",
        "percent_odd",
        "return_plan_missing",
        "salary_odd",
        "single_party",
        "staff_one_member",
        "staff_without_member",
        "sum_mismatch",
        "unknown_choice",
        "unknown_member",
    }


def test_each_finding_says_what_to_do() -> None:
    """Two sentences at least: what is wrong, and what to do about it."""
    broken = BudgetContent(
        (staff(1, percent=Decimal(120), months=Decimal(14), salary=1, party=""),),
        (cost(1, kind=None, description="Tolk", amount=-5, year=1999),),
        (financing(1, source=None, amount=None), financing(2, party=OFFICE, amount=99_000_000)),
    )

    findings = check_content(broken, replace(CONTEXT, parties=CONTEXT.parties[:1])).findings

    assert len({each.code for each in findings}) >= 11
    for each in findings:
        assert each.message.count(".") >= 2, each.message
        assert each.sheet
        assert each.cell
