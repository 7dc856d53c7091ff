"""The page on which a spreadsheet of the applicants' own is understood, control by control."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from applications.budget_imports import OwnSheet
from budgets.own.choices import Choices
from budgets.own.items import SOUGHT_USE, TOTAL_USE, USES, Item
from budgets.own.tables import AMOUNT_ROLE, ROLES, Table, text_of
from finsam.ui import Status

SAMPLES = 2
LONGEST = 16
VERDICTS = {
    "same": Status("Lika", "success"),
    "sheet_wrong": Status("Arkets summa är fel", "danger"),
    "chosen": Status("Ert val", "info"),
    "unclear": Status("Olika", "warning"),
    "no_result": Status("Går inte att jämföra", "neutral"),
}


def mapping_page(own: OwnSheet) -> dict[str, Any]:
    """What the page shows: tables with their columns, amounts row by row, sums side by side."""
    compared = {TOTAL_USE, SOUGHT_USE}
    return {
        "own": own,
        "tables": [_table(own, table) for table in own.tables],
        "rows": [_row(own, item) for item in own.items if item.use not in compared],
        "uses": list(USES.items()),
        "years": own.context.years if len(own.context.years) > 1 else (),
        "names": own.context.names,
        "comparisons": [(each, VERDICTS[each.verdict]) for each in own.comparisons],
        "sought": [row for row in own.content.financing if str(row.source) == "sought"],
    }


def chosen_in(post: Mapping[str, str], own: OwnSheet) -> Choices:
    """The choices there were, with what was sent otherwise than the page showed it."""
    before = own.choices
    chosen: dict[str, dict[str, Any]] = {
        name: dict(getattr(before, name)) for name in Choices.__dataclass_fields__
    }
    for table in own.tables:
        _choose_table(post, table, chosen, own)
    for item in own.items:
        _choose_item(post, item, chosen, own)
    return Choices(**chosen)


def _choose_table(
    post: Mapping[str, str], table: Table, chosen: dict[str, dict[str, Any]], own: OwnSheet
) -> None:
    if f"tabell-{table.key}" not in post:
        return
    used = f"anvand-{table.key}" in post
    if used != table.used:
        chosen["used"][table.key] = used
    header = _whole(post.get(f"rubrik-{table.key}", ""))
    if header and header != table.header_row:
        chosen["headers"][table.sheet] = header
    unit = 1_000 if post.get(f"enhet-{table.key}") == "1000" else 1
    if unit != table.unit:
        chosen["units"][table.key] = unit
    year = _whole(post.get(f"ar-{table.key}", ""))
    if year != table.year and year in own.context.years:
        chosen["years"][table.key] = year
    known = {name for name, _ in _roles(own)}
    for column in table.columns:
        role = post.get(f"roll-{table.key}-{column.letter}", column.role)
        if role != column.role and role in known:
            chosen["roles"][f"{table.sheet}!{column.letter}"] = role
        year = _whole(post.get(f"ar-{table.key}-{column.letter}", str(column.year)))
        if year != column.year and (year in own.context.years or not year):
            chosen["years"][f"{table.sheet}!{column.letter}"] = year


def _choose_item(
    post: Mapping[str, str], item: Item, chosen: dict[str, dict[str, Any]], own: OwnSheet
) -> None:
    name = name_of(own, item)
    use = post.get(f"vad-{name}", item.use)
    if use != item.use and use in USES:
        chosen["uses"][item.place] = use
    party = post.get(f"part-{name}", item.party)
    if party != item.party and party in own.context.names:
        chosen["parties"][item.place] = party
    amount = _whole(post.get(f"belopp-{name}", ""))
    if amount in item.readings:
        chosen["amounts"][item.place] = amount


def name_of(own: OwnSheet, item: Item) -> str:
    """A short name for an item's controls: the sheet's number and the cell."""
    number = next(at for at, page in enumerate(own.pages, start=1) if page.name == item.sheet)
    return f"{number}-{item.cell}"


def _whole(text: str) -> int:
    """A number that was sent; 0 for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < LONGEST else 0


def _roles(own: OwnSheet) -> list[tuple[str, str]]:
    return [
        *ROLES.items(),
        *((f"{AMOUNT_ROLE}:{name}", f"Belopp hos {name}") for name in own.context.names),
    ]


def _table(own: OwnSheet, table: Table) -> dict[str, Any]:
    page = next(page for page in own.pages if page.name == table.sheet)
    columns = []
    for column in table.columns:
        below = (
            text_of(page.cells.get(f"{column.letter}{row}"))
            for row in range(table.header_row + 1, page.last_row + 1)
        )
        samples = [text for text in below if text][:SAMPLES]
        is_amount = column.role.partition(":")[0] == AMOUNT_ROLE
        columns.append({"column": column, "samples": samples, "is_amount": is_amount})
    return {"table": table, "columns": columns, "roles": _roles(own)}


def _row(own: OwnSheet, item: Item) -> dict[str, Any]:
    return {"item": item, "name": name_of(own, item)}
