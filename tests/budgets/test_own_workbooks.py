"""Spreadsheets of the applicants' own: what is proposed, confirmed as it is, gives the facit."""

from __future__ import annotations

import dataclasses
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from applications.budget_imports import OwnSheet
from applications.views.budget_mapping import chosen_in, mapping_page
from budgets.check import check_content
from budgets.content import BudgetContent, Source
from budgets.own.choices import Choices
from budgets.own.items import Item, find_items
from budgets.own.names import meant, named_in
from budgets.own.tables import Table, find_tables, sheets_without_table
from budgets.own.taking import content_of
from budgets.own.totals import Comparison, compare_totals
from budgets.own.vocabulary import kind_of
from budgets.summary import summarise
from budgets.workbook_cells import Page, read_pages
from tests.budgets.own_samples import FACIT, context_of, workbook_of

NAMES = list(FACIT)


def proposed(name: str, choices: Choices | None = None) -> tuple[list[Page], list[Table]]:
    pages = read_pages(workbook_of(name))
    return pages, find_tables(pages, context_of(name), choices)


def items_of(name: str, choices: Choices | None = None) -> list[Item]:
    pages, tables = proposed(name, choices)
    return find_items(pages, tables, context_of(name), choices)


def taken(name: str, choices: Choices | None = None) -> BudgetContent:
    return content_of(items_of(name, choices), context_of(name))


def compared(name: str, choices: Choices | None = None) -> dict[str, Comparison]:
    pages, _ = proposed(name)
    return {each.item.place: each for each in compare_totals(items_of(name, choices), pages)}


# --- the samples, confirmed as proposed -------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_gives_the_sums_of_its_facit(name: str) -> None:
    facit, summary = FACIT[name], summarise(taken(name))

    assert (summary.requested, summary.total_cost, summary.co_financing) == (
        facit["requested"],
        facit["total_cost"],
        facit["own_financing"],
    )
    assert summary.difference == 0
    assert summary.by_year == {facit["year"]: facit["total_cost"]}
    assert summary.by_member == facit["cost_by_member"]
    assert summary.staff_by_member == facit["staff_by_member"]
    sought = dict.fromkeys(facit["requested_by_member"], 0) | summary.requested_by_member
    assert sought == facit["requested_by_member"]


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_gives_the_kinds_and_sources_of_its_facit(name: str) -> None:
    facit, summary = FACIT[name], summarise(taken(name))

    kinds = {label.casefold(): amount for label, amount in summary.by_kind.items()}
    assert kinds == {label.casefold(): amount for label, amount in facit["cost_by_kind"].items()}
    own = {Source.IN_KIND: facit["own_in_kind"], Source.OWN: facit["own_cash"]}
    assert {source: summary.by_source.get(source, 0) for source in own} == own


@pytest.mark.parametrize("name", NAMES)
def test_nothing_in_a_sample_is_left_open_and_each_proposal_has_its_cell(name: str) -> None:
    items = items_of(name)

    assert [item.place for item in items if item.open] == []
    places = [item.place for item in items]
    assert len(places) == len(set(places))


@pytest.mark.parametrize("name", NAMES)
def test_the_senders_sums_are_set_beside_ours(name: str) -> None:
    """The cells that the facit names, in whole kronor."""
    facit, found = FACIT[name], compared(name)
    for what, place in facit["cells"].items():
        key = what.removesuffix("_tkr").removesuffix("_text")
        wanted = {"total_cost": "total_cost", "requested": "requested"}.get(key)
        if key == "staff":
            assert found[place].ours == facit["cost_by_kind"]["personal"]
        elif wanted is not None:
            assert found[place].ours == facit[wanted]
        if not facit.get("sheet_sum_is_wrong"):
            assert found[place].verdict in {"same", "no_result"}


@pytest.mark.parametrize("name", NAMES)
def test_FL_7_what_cannot_be_sought_is_found_in_the_rows_taken(name: str) -> None:
    content = taken(name)

    check = check_content(content, context_of(name))
    found = [
        row.description
        for finding in check.findings
        if finding.code == "ineligible_cost"
        for row in content.costs
        if finding.cell == row.cell("description")
    ]
    assert found == [each["row"] for each in FACIT[name].get("ineligible", [])]
    assert [each.code for each in check.errors if each.code != "ineligible_cost"] == []


def test_the_sheet_whose_sum_is_wrong_is_told_so_and_why() -> None:
    facit, found = FACIT["2024-03"], compared("2024-03")

    total = found["Blad1!D19"]
    assert (total.sender, total.ours, total.verdict) == (
        facit["sheet_own_sum"],
        facit["correct_sum"],
        "sheet_wrong",
    )
    assert total.difference == -facit["sheet_sum_difference"]
    assert "D11 ”90 000 kr” är text" in total.cause
    assert [place for place, each in found.items() if each.verdict == "sheet_wrong"] == [
        "Blad1!D17",
        "Blad1!D19",
    ]


def test_formulas_without_results_are_reckoned_from_the_row_and_told() -> None:
    leader = items_of("2021")[1]

    assert (leader.place, leader.amount) == ("Hel väg 2021!E4", 722_916)
    assert leader.why == (
        "Formeln har inget sparat värde.",
        "Kolumn för månader saknas: räknat med 12 månader",
        "räknat ur raden: 100 % × 12 mån × 43\xa0000 kr × (1 + 40,1 %) = 722\xa0916\xa0kr",
    )
    assert {each.verdict for each in compared("2021").values()} == {"no_result"}


def test_staff_keeps_share_months_salary_and_overhead_where_the_sheet_has_them() -> None:
    row = taken("2021").staff[0]

    assert (str(row.percent), str(row.months), row.salary, str(row.overhead)) == (
        "100", "12", 43_000, "40.1",
    )  # fmt: skip


def test_two_readings_are_settled_by_the_sheets_own_sum_alone() -> None:
    item = next(each for each in items_of("2024-03") if each.cell == "D6")

    assert (item.readings, item.amount) == ((165_000, 165), 165_000)
    assert "summan i D7 stämmer bara om det är 165\xa0000\xa0kr" in item.why


def test_a_hidden_column_of_last_year_is_not_counted() -> None:
    _, (table,) = proposed("2024-02")

    hidden = [column for column in table.columns if column.is_hidden]
    assert [(column.letter, column.role) for column in hidden] == [("C", "")]


def test_sheets_without_a_table_are_named() -> None:
    for name, sheet in (("2024-02", "Budget 2023 gammal"), ("2024-04", "Anteckn.")):
        pages, tables = proposed(name)
        assert sheets_without_table(pages, tables) == [sheet]


def test_thousands_of_kronor_are_seen_and_told() -> None:
    _, (table,) = proposed("2024-05")

    assert table.unit == 1_000
    assert items_of("2024-05")[-1].why[0] == "800 tkr"
    assert "14,5 tkr" in {item.why[0] for item in items_of("2024-05")}


# --- what is chosen ---------------------------------------------------------------------------


def test_a_row_chosen_away_is_the_choosers_own_difference() -> None:
    choices = Choices(uses={"2024 månadsvis!P12": "skip"})

    assert summarise(taken("2024-02", choices)).total_cost == 1_941_555 - 14_000
    found = compared("2024-02", choices)
    assert found["2024 månadsvis!P18"].verdict == "chosen"


def test_kind_party_and_amount_are_chosen_by_cell() -> None:
    choices = Choices(
        uses={"Blad1!D16": "information"},
        parties={"Blad1!D16": "Region Blekinge"},
        amounts={"Blad1!D6": 165},
    )

    content = taken("2024-03", choices)
    snack = next(row for row in content.costs if row.description.startswith("Brukarmedverkan"))
    assert (str(snack.kind), snack.party) == ("information", "Region Blekinge")
    assert content.staff[-1].cost == 165


def test_columns_sheets_and_units_are_chosen() -> None:
    choices = Choices(
        roles={"2024 månadsvis!P": "", "2024 månadsvis!D": "amount"},
        units={"1A": 1},
        used={"1A": True},
    )

    assert summarise(taken("2024-02", choices)).staff_cost == 130_658
    assert taken("2024-02", Choices(used={"1A": False})) == BudgetContent()
    _, (table,) = proposed("2024-02", Choices(headers={"2024 månadsvis": 4}))
    assert (table.header_row, table.used) == (4, False)
    assert table.why == "Ingen kolumn med belopp hittades."


def test_choices_survive_their_way_through_json() -> None:
    choices = Choices(used={"1A": False}, amounts={"Blad1!D6": 165})

    assert Choices.from_json(choices.as_json()) == choices
    assert Choices.from_json({}) == Choices()


# --- sheets made here -------------------------------------------------------------------------


def sheet_of(rows: list[list[Any]]) -> list[Page]:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    out = BytesIO()
    book.save(out)
    return read_pages(out.getvalue())


def found_in(rows: list[list[Any]]) -> tuple[list[Item], dict[str, Comparison]]:
    pages, context = sheet_of(rows), context_of("2024-01")
    items = find_items(pages, find_tables(pages, context), context)
    return items, {each.item.cell: each for each in compare_totals(items, pages)}


def test_what_cannot_be_told_is_left_open() -> None:
    items, _ = found_in(
        [
            ["Post", "Vem", "Belopp"],
            ["Lokal", "Någon annan", 1_000],
            ["Resor", "AF", "90.000"],
            [None, "AF", 500],
        ]
    )

    assert [(item.cell, item.open) for item in items] == [
        ("C2", "Välj part."),
        ("C3", "Välj vilket belopp som är rätt."),
        ("C4", "Välj vad beloppet är."),
    ]
    assert content_of(items, context_of("2024-01")) == BudgetContent()


def test_a_sum_written_by_hand_that_is_wrong_is_told() -> None:
    _, sums = found_in([["Post", "Vem", "Belopp"], ["Lokal", "AF", 1_000], ["Summa", None, 1_200]])

    assert (sums["C3"].verdict, sums["C3"].difference) == ("sheet_wrong", -200)
    assert "skriven för hand" in sums["C3"].cause


def test_a_row_that_has_its_own_sum_is_compared_when_it_differs() -> None:
    items, sums = found_in(
        [
            ["Post", "Karlskrona kommun", "AF", "Summa"],
            ["Lokal", 1_000, 500, 1_600],
            ["Resor", 100, None, 100],
        ]
    )

    assert [each.ours for each in sums.values()] == [1_500]
    assert [item.party for item in items if item.is_cost] == [
        "Karlskrona kommun", "Arbetsförmedlingen", "Karlskrona kommun",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Karlskrona kommun", "Karlskrona kommun"),
        (" karlskrona  KOMMUN ", "Karlskrona kommun"),
        ("Kommunen", "Karlskrona kommun"),
        ("Karlskrona kn", "Karlskrona kommun"),
        ("Reg. Blekinge", "Region Blekinge"),
        ("Regionen", "Region Blekinge"),
        ("AF", "Arbetsförmedlingen"),
        ("Arbetsf.", "Arbetsförmedlingen"),
        ("FK", "Försäkringskassan"),
        ("Ronneby kommun", None),
        ("F", None),
    ],
)
def test_a_party_is_recognised_by_its_short_names(written: str, name: str | None) -> None:
    found = meant(written, context_of("2024-01").parties)

    assert (found.party.name if found else None) == name


def test_a_party_is_found_within_a_longer_text_when_it_is_one_alone() -> None:
    parties = context_of("2024-01").parties

    one = named_in("Avgår: Arbetsförmedlingen (egen personal)", parties)
    assert one is not None
    assert one.party.name == "Arbetsförmedlingen"
    assert named_in("Egen tid AF och FK", parties) is None


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("Tolk vid gruppträffar", "services"),
        ("Arbetsgivarringen, två träffar", "information"),
        ("Hyra Campus inkl. el", "premises"),
        ("Brukarmedverkan", None),
    ],
)
def test_the_first_telling_word_names_the_kind(label: str, kind: str | None) -> None:
    found = kind_of(label)

    assert (str(found[0]) if found else None) == kind


# --- several years ------------------------------------------------------------------------------


def years_of(
    sheets: dict[str, list[list[Any]]], choices: Choices | None = None
) -> tuple[list[Item], BudgetContent]:
    """Sheets sent for an application of 2024 and 2025."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = BytesIO()
    book.save(out)
    pages = read_pages(out.getvalue())
    context = dataclasses.replace(context_of("2024-01"), years=(2024, 2025))
    items = find_items(pages, find_tables(pages, context, choices), context, choices)
    return items, content_of(items, context)


RENT: list[list[Any]] = [
    ["Post", "Vem", "Belopp"],
    ["Lokal", "AF", 1_000],
    ["Medfinansiering", "AF", 400],
]
DEARER: list[list[Any]] = [["Post", "Vem", "Belopp"], ["Lokal", "AF", 1_500]]


def test_a_sheet_for_each_year_is_taken_in_its_year() -> None:
    items, content = years_of({"Budget 2024": RENT, "Budget 2025": DEARER})

    assert [(item.year, item.open) for item in items] == [(2024, ""), (2024, ""), (2025, "")]
    summary = summarise(content)
    assert summary.by_year == {2024: 1_000, 2025: 1_500}
    sought = {row.year: row.amount for row in content.financing if row.source == Source.SOUGHT}
    assert sought == {2024: 600, 2025: 1_500}


@pytest.mark.parametrize("heads", [["2024", "2025"], [2024, 2025], ["År 2024, kr", "År 2025, kr"]])
def test_a_column_for_each_year_is_taken_in_its_year(heads: list[Any]) -> None:
    rows: list[list[Any]] = [
        ["Post", "Vem", *heads],
        ["Lokal", "AF", 1_000, 1_500],
        ["Resor", "AF", 0, 90],
    ]
    items, content = years_of({"Budget": rows})

    assert [(item.cell, item.year, item.open) for item in items] == [
        ("C2", 2024, ""), ("D2", 2025, ""), ("D3", 2025, ""),
    ]  # fmt: skip
    assert summarise(content).by_year == {2024: 1_000, 2025: 1_590}


def test_a_year_that_nothing_tells_is_asked_for_and_never_guessed() -> None:
    items, content = years_of({"Budget": RENT})
    assert {item.open for item in items} == {"Välj vilket år tabellens belopp gäller."}
    assert content == BudgetContent()

    _, chosen = years_of({"Budget": RENT}, Choices(years={"1A": 2025}))
    assert summarise(chosen).by_year == {2025: 1_000}
    _, column = years_of({"Budget": RENT}, Choices(years={"1A": 2025, "Budget!C": 2024}))
    assert summarise(column).by_year == {2024: 1_000}


def test_the_page_asks_for_the_year_and_keeps_what_is_chosen() -> None:
    context = dataclasses.replace(context_of("2024-01"), years=(2024, 2025))
    own = OwnSheet(sheet_of(RENT), context, Choices())
    assert mapping_page(own)["years"] == (2024, 2025)
    sent = {"tabell-1A": "1", "anvand-1A": "1", "rubrik-1A": "1", "ar-1A": "2025"}

    chosen = chosen_in({**sent, "ar-1A-C": "0"}, own)
    assert dict(chosen.years) == {"1A": 2025}
    again = OwnSheet(own.pages, context, Choices.from_json(chosen.as_json()))
    assert not again.open_items
    assert summarise(again.content).by_year == {2025: 1_000}
    for year in ("2031", "x", ""):
        assert dict(chosen_in({**sent, "ar-1A": year}, own).years) == {}
    one_year = OwnSheet(sheet_of(RENT), context_of("2024-01"), Choices())
    assert mapping_page(one_year)["years"] == ()


def test_two_columns_of_one_year_are_not_taken_for_two_years() -> None:
    """Budget and outcome of the same year: one of them holds the amounts."""
    rows: list[list[Any]] = [
        ["Post", "Vem", "Söks 2025", "Prognos 2025"],
        ["Lokal", "AF", 1_000, 900],
    ]
    items, _ = years_of({"Budget": rows})

    assert len({item.column for item in items}) == 1
