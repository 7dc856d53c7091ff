"""The rules of a budget, one function each; RULES is the table of codes and severities.

Rules about the workbook itself (sheets, columns, formulas, cells that cannot be read) are found
where it is read, in workbook_read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from budgets.content import (
    BudgetContent,
    CostEntry,
    CostKind,
    FinancingEntry,
    Sheet,
    Source,
    StaffEntry,
    same,
)
from budgets.context import MONTHS_OF_A_YEAR, BudgetContext
from budgets.findings import Finding, Severity
from budgets.ineligible import ineligible_reason
from budgets.summary import Summary, summarise
from budgets.wording import frame_in_words
from budgets.workbook_layout import SUMMARY, difference_cell
from finsam.typography import enumerate_words, kronor, number

FULL_TIME = Decimal(100)
NUMBERS = {
    "percent": "Tjänstgöringsgrad %",
    "months": "Månader",
    "salary": "Månadslön",
    "overhead": "PO-pålägg %",
    "amount": "Belopp",
}


@dataclass(frozen=True)
class Case:
    """One budget under the rules."""

    content: BudgetContent
    summary: Summary
    context: BudgetContext


@dataclass(frozen=True)
class Hit:
    """Where a rule was broken and what to do; the rule's table adds code and severity."""

    sheet: str
    cell: str
    message: str
    field: str = ""


Row = StaffEntry | CostEntry | FinancingEntry
Check = Callable[[Case], Iterator[Hit]]


@dataclass(frozen=True)
class Rule:
    code: str
    severity: Severity
    check: Check


def apply_rules(content: BudgetContent, context: BudgetContext) -> list[Finding]:
    """Every finding of every rule, in the order of the table."""
    case = Case(content, summarise(content), context)
    return [
        Finding(rule.code, rule.severity, hit.sheet, hit.cell, hit.message, hit.field)
        for rule in RULES
        for hit in rule.check(case)
    ]


def sum_mismatch(case: Case) -> Iterator[Hit]:
    unread = {row.year for row in case.content.entries if row.wrong}
    for year, difference in case.summary.differences.items():
        if difference == 0:
            continue
        when = f"{year}" if year is not None else "rader utan år"
        cost = case.summary.by_year.get(year, 0)
        financing = case.summary.financing_by_year.get(year, 0)
        what = "mindre" if difference < 0 else "mer"
        first = "Rätta först cellerna som inte gick att läsa. " if year in unread else ""
        yield Hit(
            SUMMARY,
            difference_cell(case.context.years, year),
            f"{when}: finansieringen är {kronor(financing)} och kostnaderna {kronor(cost)}, alltså "
            f"{kronor(abs(difference))} {what} än kostnaderna. {first}Ändra så att de blir lika.",
        )


def over_frame(case: Case) -> Iterator[Hit]:
    left = case.context.frame_left
    if left is not None and case.summary.requested > left:
        frame = frame_in_words(case.context.frame_name)
        yield Hit(
            Sheet.FINANCING,
            _first_sought(case),
            f"Ni söker {kronor(case.summary.requested)} men i {frame} finns "
            f"{kronor(left)} kvar. "
            f"Sänk det sökta beloppet med {kronor(case.summary.requested - left)}.",
            "amount",
        )


def over_plan(case: Case) -> Iterator[Hit]:
    plan = case.context.lot_plan
    if plan is not None and case.summary.requested > plan:
        yield Hit(
            Sheet.FINANCING,
            _first_sought(case),
            f"Ni söker {kronor(case.summary.requested)}. Det är "
            f"{kronor(case.summary.requested - plan)} över den planerade fördelningen "
            f"{kronor(plan)}. Det går att söka, men motivera varför.",
            "amount",
        )


def staff_without_member(case: Case) -> Iterator[Hit]:
    for row in case.content.staff:
        if not row.party and "party" not in row.wrong:
            yield _hit(row, "party", "Raden saknar part. Välj vilken part personalen hör till.")


def staff_one_member(case: Case) -> Iterator[Hit]:
    if not case.context.asks_division or case.context.one_member_reason.strip():
        return
    members = {same(row.party) for row in case.content.staff if row.party and row.cost > 0}
    if len(members) == 1:
        first = next(row for row in case.content.staff if row.party and row.cost > 0)
        yield _hit(
            first,
            "party",
            f"Hela personalkostnaden ligger hos {first.party}. Dela den mellan parterna, eller "
            "skriv i ansökan varför den ligger hos en enda.",
        )


def unknown_member(case: Case) -> Iterator[Hit]:
    for row in case.content.entries:
        free = isinstance(row, FinancingEntry) and row.source in {Source.OTHER, None}
        if row.party and not free and case.context.party(row.party) is None:
            yield _hit(
                row,
                "party",
                f"”{row.party}” är inte en part i ansökan. Välj {_names(case.context)}.",
            )


def single_party(case: Case) -> Iterator[Hit]:
    context = case.context
    parties = context.parties
    if not context.parties_known:
        named = {same(row.party) for row in case.content.entries}
        parties = tuple(party for party in parties if same(party.name) in named)
    if len({party.group for party in parties if party.group}) >= 2:
        return
    if not case.content.entries and not context.parties_known:
        return
    who = enumerate_words([party.name for party in parties]) or "Ingen part"
    yield Hit(
        Sheet.STAFF,
        "A4",
        f"{who} räknas inte som två parter. Minst två slags parter ska delta, och flera kommuner "
        "räknas som en. Bjud in en part till, till exempel regionen.",
    )


def ineligible_cost(case: Case) -> Iterator[Hit]:
    for row in case.content.costs:
        reason = ineligible_reason(row.description, case.context.ineligible)
        if reason:
            yield _hit(row, "description", f"”{row.description}”: {reason} Ta bort raden.")


def overhead_ceiling(case: Case) -> Iterator[Hit]:
    ceiling, total = case.context.overhead_ceiling, case.summary.total_cost
    rows = [row for row in case.content.costs if row.kind is CostKind.ADMINISTRATION]
    overhead = sum(row.cost for row in rows)
    if ceiling is None or total <= 0 or overhead * 100 <= ceiling * total:
        return
    share = f"{Decimal(overhead * 100) / total:.1f}".replace(".", ",")
    limit = f"{ceiling:f}".replace(".", ",")
    yield _hit(
        rows[0],
        "amount",
        f"Administration/OH är {kronor(overhead)}, {share} % av kostnaden. Förbundets tak är "
        f"{limit} %. Sänk beloppet eller förklara det i anmärkningen.",
    )


def over_full_time(case: Case) -> Iterator[Hit]:
    posts: dict[tuple[str, str, str, int | None], list[StaffEntry]] = defaultdict(list)
    for row in case.content.staff:
        if row.percent is not None and row.percent > FULL_TIME:
            yield _hit(
                row,
                "percent",
                f"{_decimal(row.percent)} % är mer än heltid. Skriv högst 100, en rad per person.",
            )
        elif row.percent is not None and row.role:
            posts[same(row.party), same(row.role), same(row.employer), row.year].append(row)
    for rows in posts.values():
        if len(rows) > 1 and _overlaps(rows):
            last = rows[-1]
            share = _decimal(sum((row.percent or Decimal(0) for row in rows), Decimal(0)))
            places = enumerate_words([f"rad {row.row}" for row in rows])
            yield _hit(
                last,
                "percent",
                f"”{last.role}” har {share} % sammanlagt ({places}), mer än heltid samma tid. "
                "Sänk, eller ge raderna olika namn om det är flera personer.",
            )


def outside_period(case: Case) -> Iterator[Hit]:
    years = case.context.years
    listed = enumerate_words([str(year) for year in years])
    for row in case.content.entries:
        if "year" in row.wrong:
            continue
        if row.year is None:
            yield _hit(row, "year", f"Raden saknar år. Välj {listed or 'år'}.")
        elif years and row.year not in years:
            yield _hit(row, "year", f"{row.year} ligger utanför ansökans period. Välj {listed}.")
        elif isinstance(row, StaffEntry) and row.months is not None:
            most = case.context.months_in(row.year)
            if row.months > most:
                yield _hit(
                    row,
                    "months",
                    f"{_decimal(row.months)} månader, men perioden har {_decimal(most)} månader "
                    f"under {row.year}. Skriv högst {_decimal(most)}.",
                )


def salary_odd(case: Case) -> Iterator[Hit]:
    low, high = case.context.salary_bounds
    least, most = case.context.overhead_bounds
    for row in case.content.staff:
        if row.salary is not None and row.salary >= 0 and not low <= row.salary <= high:
            yield _hit(
                row,
                "salary",
                f"Månadslönen {kronor(row.salary)} är ovanlig. Väntat är {number(low)} till "
                f"{kronor(high)} för heltid. Kontrollera att det är en månadslön utan pålägg.",
            )
        overhead = row.overhead or Decimal(0)
        if "overhead" not in row.wrong and overhead >= 0 and not least <= overhead <= most:
            yield _hit(
                row,
                "overhead",
                f"PO-pålägget {_decimal(overhead)} % är ovanligt. Väntat är {_decimal(least)} till "
                f"{_decimal(most)} %. Skriv i procent, till exempel 40,1.",
            )


def percent_odd(case: Case) -> Iterator[Hit]:
    for row in case.content.staff:
        if row.percent is not None and 0 < row.percent <= 1:
            meant = _decimal(row.percent * 100)
            yield _hit(
                row,
                "percent",
                f"{_decimal(row.percent)} % av heltid är ovanligt lite. Skriv i procent: menar ni "
                f"{meant} % skriver ni {meant}.",
            )


def negative_amount(case: Case) -> Iterator[Hit]:
    for row in case.content.entries:
        for name, title in NUMBERS.items():
            value = getattr(row, name, None)
            if value is not None and value < 0:
                yield _hit(
                    row,
                    name,
                    f"{title} är under noll. Skriv beloppet utan minus; egen finansiering "
                    "skrivs på bladet Finansiering.",
                )


def missing_number(case: Case) -> Iterator[Hit]:
    for row in case.content.entries:
        asked = ("percent", "months", "salary") if isinstance(row, StaffEntry) else ("amount",)
        for name in asked:
            if getattr(row, name) is None and name not in row.wrong:
                yield _hit(row, name, f"{NUMBERS[name]} saknas. Fyll i ett tal eller töm raden.")


def missing_choice(case: Case) -> Iterator[Hit]:
    for cost in case.content.costs:
        if cost.kind is None and "kind" not in cost.wrong:
            yield _hit(cost, "kind", "Kostnadsslag saknas. Välj i listan.")
    for financing in case.content.financing:
        if financing.source is None and "source" not in financing.wrong:
            yield _hit(financing, "source", "Källa saknas. Välj i listan.")
        elif (
            financing.source in {Source.OWN, Source.IN_KIND}
            and not financing.party
            and "party" not in financing.wrong
        ):
            yield _hit(financing, "party", "Skriv vilken part som finansierar.")


def return_plan_missing(case: Case) -> Iterator[Hit]:
    if case.context.return_model and case.context.has_return_plan is False:
        yield Hit(
            SUMMARY,
            "A1",
            "Återföringsplan saknas. Fyll i ansökan i besparing och andel per enhet och år.",
        )


def economic_outcome_missing(case: Case) -> Iterator[Hit]:
    if case.context.asks_economic_outcome and case.context.has_economic_outcome is False:
        yield Hit(
            SUMMARY,
            "A1",
            "Ekonomiskt utfall saknas. Fyll i ansökan i kostnad och besparing per enhet och år.",
        )


RULES: tuple[Rule, ...] = (
    Rule("not_a_number", Severity.ERROR, missing_number),
    Rule("unknown_choice", Severity.ERROR, missing_choice),
    Rule("negative_amount", Severity.ERROR, negative_amount),
    Rule("staff_without_member", Severity.ERROR, staff_without_member),
    Rule("staff_one_member", Severity.ERROR, staff_one_member),
    Rule("unknown_member", Severity.ERROR, unknown_member),
    Rule("single_party", Severity.ERROR, single_party),
    Rule("ineligible_cost", Severity.ERROR, ineligible_cost),
    Rule("over_full_time", Severity.ERROR, over_full_time),
    Rule("outside_period", Severity.ERROR, outside_period),
    Rule("sum_mismatch", Severity.ERROR, sum_mismatch),
    Rule("over_frame", Severity.ERROR, over_frame),
    Rule("return_plan_missing", Severity.ERROR, return_plan_missing),
    Rule("economic_outcome_missing", Severity.ERROR, economic_outcome_missing),
    Rule("over_plan", Severity.WARNING, over_plan),
    Rule("overhead_ceiling", Severity.WARNING, overhead_ceiling),
    Rule("salary_odd", Severity.WARNING, salary_odd),
    Rule("percent_odd", Severity.WARNING, percent_odd),
)


def _hit(row: Row, name: str, message: str) -> Hit:
    return Hit(row.sheet, row.cell(name), message, name)


def _first_sought(case: Case) -> str:
    """The cell of the first sought amount, or of the column's first when there is none."""
    sought = (row for row in case.content.financing if row.source is Source.SOUGHT)
    row = next(sought, FinancingEntry(1))
    return row.cell("amount")


def _names(context: BudgetContext) -> str:
    return " eller ".join(context.names) if len(context.names) <= 4 else "en part i listan"


def _overlaps(rows: list[StaffEntry]) -> bool:
    """Whether the same post must pass full time in some month, however its months are laid."""
    parts = [(row.percent or Decimal(0), row.months or Decimal(0)) for row in rows]
    whole = sum((share * months for share, months in parts), Decimal(0))
    return whole > FULL_TIME * MONTHS_OF_A_YEAR or any(
        one + other > FULL_TIME and first + second > MONTHS_OF_A_YEAR
        for (one, first), (other, second) in combinations(parts, 2)
    )


def _decimal(value: Decimal) -> str:
    text = f"{value:f}"
    shown = text.rstrip("0").rstrip(".") if "." in text else text
    return shown.replace(".", ",")
