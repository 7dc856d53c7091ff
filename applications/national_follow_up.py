"""Registering efforts in the national follow-up system: what it asks for, and what is missing.

Which fields the system has is not published in a form to hold to; these are our reading of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, QuerySet

from applications.answers import words_of
from applications.freezing import received_versions
from applications.models import (
    Application,
    EffortType,
    NationalEntry,
    QuestionType,
    Report,
    ReportState,
)
from applications.queries import REPORTING
from applications.report_plan import period_in
from applications.report_words import PEOPLE, count_shown
from budgets.workbook_write import put_text
from finsam import clock
from finsam.associations.models import Association
from finsam.errors import NotAllowed, NotPossible
from finsam.people.access import visitor_for
from finsam.people.models import User
from finsam.registry.events import record_event
from finsam.typography import storable

Said = Mapping[str, tuple[str, str]]
COLUMNS = (
    "Insatsens namn", "Diarienummer", "Typ av insats", "Inriktning", "Metod", "Målgrupp",
    "Startdatum", "Slutdatum", "Huvudman", "Parter", "Beviljat belopp, kr", "Kvinnor", "Män",
    "Annat eller vill inte uppge", "Kontakt", "Kontaktens e-post", "Registrerad", "Saknas",
)  # fmt: skip
WARNING = (
    "Inriktning och metod kan inte ändras när insatsen är registrerad. En insats som är både "
    "individinsats och strukturinsats registreras som två."
)


@dataclass(frozen=True)
class NationalRow:
    """An effort as it is registered: once for each of its types, or once while none is said."""

    application: Application
    entry: NationalEntry | None
    facts: Mapping[str, Any]

    @property
    def missing(self) -> list[str]:
        """What must be found before it can be registered, in the order of the sheet."""
        entry = self.entry
        found = {
            "typ av insats": entry is not None,
            "inriktning": bool(entry and entry.direction),
            "metod": bool(entry and entry.method),
            "målgrupp": bool(self.facts["target_groups"]),
            "start och slut": self.facts["first"] is not None,
            "kontakt": bool(self.facts["contact"]),
        }
        return [name for name, is_there in found.items() if not is_there]

    def cells(self) -> list[Any]:
        """The values in the order of COLUMNS: texts, whole kronor, counts and days."""
        entry, facts, people = self.entry, self.facts, self.facts["people"]
        case = self.application.case
        grant = self.application.grant
        return [
            self.application.title,
            case.number if case else "",
            entry.get_type_display() if entry else "",
            entry.direction if entry else "",
            entry.method if entry else "",
            facts["target_groups"],
            facts["first"],
            facts["last"],
            facts["lead"],
            facts["parties"],
            grant.amount if grant else None,
            *(_count(people.get(key)) for key in PEOPLE),
            facts["contact"],
            facts["email"],
            entry.registered_on if entry else None,
            ", ".join(self.missing),
        ]


def efforts_to_register(association: Association) -> QuerySet[Application]:
    """The efforts that are granted and told, with all that their registration is made of."""
    accepted = Report.objects.filter(state=ReportState.ACCEPTED).order_by("-due_on", "-pk")
    return (
        Application.objects.filter(
            association=association,
            state__in=REPORTING,
            grant__isnull=False,
            outcome_public_at__lte=clock.now(),
        )
        .select_related("case", "grant", "round")
        .prefetch_related(
            "parties",
            "national_entries",
            Prefetch("versions", received_versions(), to_attr="received"),
            Prefetch("reports", accepted, to_attr="accepted_reports"),
        )
        .order_by("title", "pk")
    )


def rows_of(application: Any) -> list[NationalRow]:
    """The registrations of an effort read by `efforts_to_register`."""
    facts = _facts(application)
    entries = list(application.national_entries.all())
    return [NationalRow(application, entry, facts) for entry in entries or [None]]


def save_national(*, application: Application, said: Said, actor: User) -> list[NationalEntry]:
    """Keep direction and method for each type that the effort has; the same changes nothing.

    By the office. `said` holds (direction, method) by type. Writes `national_saved`. Raises
    NotPossible where something that is registered would change.
    """
    given = {
        EffortType(kind): tuple(" ".join(storable(text).split())[:200] for text in texts)
        for kind, texts in said.items()
    }
    with _locked(application, actor) as found:
        there = {EffortType(row.type): row for row in found.national_entries.all()}
        kept = {kind: (row.direction, row.method) for kind, row in there.items()}
        if given == kept:
            return list(there.values())
        for kind, row in there.items():
            if row.registered_on is not None and given.get(kind) != kept[kind]:
                raise NotPossible(
                    "registered",
                    f"{kind.label} är registrerad {row.registered_on}. Inriktning och metod kan "
                    "inte ändras efter det.",
                )
            if kind not in given:
                row.delete()
        for kind, (direction, method) in given.items():
            NationalEntry.objects.update_or_create(
                application=found, type=kind, defaults={"direction": direction, "method": method}
            )
        record_event(
            association=found.association,
            actor=actor,
            action="national_saved",
            obj=found,
            case=found.case,
            payload={kind.value: list(texts) for kind, texts in given.items()},
        )
        return list(found.national_entries.all())


def mark_registered(*, application: Application, on: date, actor: User) -> None:
    """Note that the effort is registered in the national system, once; it is then locked.

    By the office. Writes `national_registered`. Raises NotPossible, naming what is missing.
    """
    with _locked(application, actor) as locked:
        found = efforts_to_register(locked.association).filter(pk=locked.pk).first()
        if found is None:
            raise NotPossible("not_granted", "Bara en beviljad insats registreras.")
        rows = rows_of(found)
        if all(row.entry is not None and row.entry.registered_on for row in rows):
            return
        if missing := list(dict.fromkeys(name for row in rows for name in row.missing)):
            raise NotPossible("incomplete", f"Det här saknas: {', '.join(missing)}.")
        if on > clock.today():
            raise NotPossible("day_ahead", "Dagen ligger i framtiden.", "on")
        waiting = NationalEntry.objects.filter(application=locked, registered_on=None)
        waiting.update(registered_on=on, registered_by=actor)
        record_event(
            association=locked.association,
            actor=actor,
            action="national_registered",
            obj=locked,
            case=locked.case,
            payload={"on": on.isoformat()},
        )


def national_sheet(association: Association) -> bytes:
    """All registrations as an .xlsx: texts stay texts, and small counts are hidden."""
    from openpyxl import Workbook

    book = Workbook()
    sheet: Any = book.active
    sheet.title = "Nationell uppföljning"
    book.properties.creator, book.properties.language = "", "sv-SE"
    put_text(sheet.cell(1, 1), WARNING)
    for at, heading in enumerate(COLUMNS, start=1):
        put_text(sheet.cell(2, at), heading)
        sheet.column_dimensions[sheet.cell(2, at).column_letter].width = 22
    sheet.freeze_panes = "A3"
    line = 2
    for application in efforts_to_register(association).iterator(chunk_size=50):
        for row in rows_of(application):
            line += 1
            for at, value in enumerate(row.cells(), start=1):
                cell = sheet.cell(line, at)
                if isinstance(value, str):
                    put_text(cell, value)
                else:
                    cell.value = value
    out = BytesIO()
    book.save(out)
    return out.getvalue()


@contextmanager
def _locked(application: Application, actor: User) -> Iterator[Application]:
    """The effort, locked, for the office."""
    if not visitor_for(application.association, actor).is_office:
        raise NotAllowed("office_only", "Kansliet sköter den nationella uppföljningen.")
    with transaction.atomic():
        found: Application = (
            Application.objects.select_for_update(of=("self",))
            .select_related("association", "case")
            .get(pk=application.pk)
        )
        yield found


def _facts(application: Any) -> dict[str, Any]:
    version = application.received[0] if application.received else None
    content = version.content if version else {}
    period = period_in(content) or (application.round.period_from, application.round.period_to)
    parties = list(application.parties.all())
    lead = next((party for party in parties if party.is_lead), None)
    reports = application.accepted_reports
    counts = [one.content.get("participants", {}) for one in reports]
    return {
        "target_groups": _answer(content, QuestionType.TARGET_GROUPS),
        "first": period[0],
        "last": application.effort_ends_on or period[1],
        "lead": lead.name if lead else "",
        "parties": ", ".join(party.name for party in parties if not party.is_lead),
        "people": next((one for one in counts if one), {}),
        "contact": lead.contact_name if lead else "",
        "email": lead.contact_email if lead else "",
    }


def _answer(content: Mapping[str, Any], kind: str) -> str:
    """What is answered to the first question of a type, in words on one line."""
    for section in content.get("sections", ()):
        for question in section["questions"]:
            if question["type"] == kind:
                return ", ".join(words_of(question["shown"]).split("\n"))
    return ""


def _count(count: int | None) -> int | str | None:
    """A number to count with, or that it is small; nothing before a report is accepted."""
    if count is None:
        return None
    shown = count_shown(count, exact=False)
    return int(shown) if shown.isdecimal() else shown
