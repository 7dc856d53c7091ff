"""Writes docs/lifecycle.md from the table of transitions, and docs/access.md from the access table.

    .venv/bin/python docs/make_reference.py

A test fails when they are not what this script writes.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

TABLE = HERE.parent / "tests" / "access" / "table.json"
WHO = {
    "anonymous": "besökare",
    "applicant": "sökande",
    "co_applicant": "medsökande",
    "other_applicant": "annan sökande",
    "signatory": "firmatecknare",
    "officer": "handläggare",
    "director": "förbundschef",
    "council": "rådsledamot",
    "board": "styrelseledamot",
    "chair": "ordförande",
    "auditor": "revisor",
    "administrator": "administratör",
    "foreign_director": "förbundschef i annat förbund",
    "foreign_applicant": "sökande i annat förbund",
}
STATES = {"[draft]": " (utkast)", "[received]": " (inkommen)"}
ROOMS = {
    "applications": "Program, idéer och ansökningar",
    "boards": "Möten, protokoll och beslutsunderlag",
    "budgets": "Ekonomi",
    "documents": "Handlingar",
    "jobs": "Arbeten i bakgrunden",
    "messages": "Meddelanden",
    "registry": "Diarium och händelser",
    "": "Övrigt",
}


OUTCOMES = (
    "Återkalla och avskriv går från varje läge före beslutet och är inte ritade. Läget efter ett "
    "beslut kommer ur paragrafen i protokollet. Sökanden ser det först när protokollet är "
    "justerat; till dess står det att beslutet väntar på justering."
)
DOORS = (
    "Skriven av `docs/make_reference.py` ur `tests/access/table.json`, som testerna prövar adress "
    "för adress. ”Utkast” och ”inkommen” är läget hos ansökan som adressen gäller. En medsökande "
    "skriver för en annan part i ansökan; en annan sökande hör till en organisation utanför den. "
    "Sökanden i tabellen är huvudman i utkastet men har ingen del i den inkomna. Att något får "
    "skickas betyder att adressen svarar; om det får göras just då prövas av handlingen själv. Den "
    "som inte får komma in ser en sida som säger vad som gäller, eller att sidan inte finns."
)


def lifecycle() -> str:
    """The states of an application and every way between them."""
    from applications.models import ApplicationState
    from applications.transitions import TRANSITIONS

    names = {state.value: state.label for state in ApplicationState}
    lines = [
        "# Ansökans väg",
        "",
        "Skriven av `docs/make_reference.py` ur `applications/transitions.py`: ändra där.",
        "",
        "```mermaid",
        "stateDiagram-v2",
        *(f'    state "{label}" as {key}' for key, label in names.items()),
        "    [*] --> draft",
    ]
    for one in TRANSITIONS:
        if len(one.sources) <= 2:
            lines += [f"    {source} --> {one.target}: {one.label}" for source in one.sources]
    lines += [
        "```",
        "",
        OUTCOMES,
        "",
        "| Händelse | Från | Till | Vem |",
        "|---|---|---|---|",
    ]
    for one in TRANSITIONS:
        sources = ", ".join(names[source].lower() for source in one.sources)
        roles = ", ".join(role.label.lower() for role in one.roles)
        lines.append(f"| {one.label} | {sources} | {names[one.target].lower()} | {roles} |")
    return "\n".join(lines) + "\n"


def access() -> str:
    """Who gets in where, as the access test tries it."""
    table: dict[str, dict[str, list[str]]] = json.loads(TABLE.read_text(encoding="utf-8"))
    lines = [
        "# Vem som kommer in var",
        "",
        DOORS,
    ]
    for room, heading in ROOMS.items():
        rows = [row for row in _rows(table) if row[0] == room]
        if rows:
            lines += ["", f"## {heading}", "", "| Adress | Läser | Skickar |", "|---|---|---|"]
            lines += [f"| {name} | {reads} | {writes} |" for _, name, reads, writes in rows]
    return "\n".join(lines) + "\n"


def _rows(table: dict[str, dict[str, list[str]]]) -> Iterable[tuple[str, str, str, str]]:
    """Room, page, who may read and who may send, in the order of the pages' names."""
    from tests.access.world import doors

    pages = sorted({name.partition(" ")[2] for name in table})
    routes = {door.name: _shown(door.route) for door in doors()}
    for page in pages:
        name, _, state = page.partition(" ")
        room = name.partition(":")[0] if ":" in name else ""
        reads, writes = (
            _people(table.get(f"{method} {page}", {}).get("ok", [])) for method in ("GET", "POST")
        )
        if (reads, writes) != ("–", "–"):
            yield room, f"`{routes[name]}`{STATES.get(state, '')}", reads, writes


def _shown(route: str) -> str:
    """The address as people see it, without the association it begins with."""
    plain = re.sub(r"\(\?P<\w+>[^)]*\)|<[^>]*>", "…", route.strip("^$")).replace("\\.", ".")
    return f"/{plain.partition('…/')[2] or plain}"


def _people(names: list[str]) -> str:
    if set(names) == set(WHO):
        return "alla"
    if set(names) == set(WHO) - {"anonymous"}:
        return "alla inloggade"
    return ", ".join(label for key, label in WHO.items() if key in names) or "–"


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finsam.settings")
    os.environ.setdefault("DEBUG", "1")
    import django

    django.setup()
    (HERE / "lifecycle.md").write_text(lifecycle(), encoding="utf-8")
    (HERE / "access.md").write_text(access(), encoding="utf-8")


if __name__ == "__main__":
    main()
