"""Giving register numbers: each association its own row of numbers, without gaps or doubles."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from finsam import clock
from finsam.associations.models import Association
from finsam.errors import DomainError
from finsam.people.models import User
from finsam.registry.events import record_event
from finsam.registry.models import Case, Direction, Record, RegisterCounter


def open_case(
    *, association: Association, title: str, actor: User | None, secrecy_section: str = ""
) -> Case:
    """Open a case under the year's next number (OSL 5:1); writes the event `case_opened`.

    The number belongs to the surrounding transaction: if that is rolled back it is given anew.
    """
    title = _required(title, "title", "Skriv vad ärendet gäller.")
    with transaction.atomic():
        year = clock.today().year
        running_number = _next_running_number(association, year)
        case = Case.objects.create(
            association=association,
            year=year,
            running_number=running_number,
            number=f"{association.register_prefix} {year}/{running_number}",
            title=title,
            opened_by=actor,
            secrecy_section=secrecy_section,
        )
        record_event(
            association=association,
            actor=actor,
            action="case_opened",
            obj=case,
            case=case,
            payload={"number": case.number, "title": case.title},
        )
    return case


def register_record(
    *,
    case: Case,
    direction: Direction,
    subject: str,
    correspondent: str = "",
    actor: User | None,
    secrecy_section: str = "",
) -> Record:
    """Register an official document in a case (OSL 5:2); writes the event `record_registered`."""
    subject = _required(subject, "subject", "Skriv i korthet vad handlingen gäller.")
    with transaction.atomic():
        Case.objects.filter(pk=case.pk).update(last_sequence=F("last_sequence") + 1)
        case.refresh_from_db(fields=["last_sequence"])
        record = Record.objects.create(
            case=case,
            sequence=case.last_sequence,
            direction=direction,
            subject=subject,
            correspondent=" ".join(correspondent.split())[:200],
            registered_by=actor,
            secrecy_section=secrecy_section,
        )
        record_event(
            association=case.association,
            actor=actor,
            action="record_registered",
            obj=record,
            case=case,
            payload={
                "number": record.number,
                "direction": record.direction,
                "subject": record.subject,
                "correspondent": record.correspondent,
            },
        )
    return record


def _next_running_number(association: Association, year: int) -> int:
    """Raise the counter and read it back; its row is locked until the transaction ends."""
    counters = RegisterCounter.objects.filter(association=association, year=year)
    RegisterCounter.objects.bulk_create(
        [RegisterCounter(association=association, year=year)], ignore_conflicts=True
    )
    counters.update(last_number=F("last_number") + 1)
    return counters.values_list("last_number", flat=True).get()


def _required(text: str, field: str, message: str) -> str:
    """The text on one line and not longer than the register holds."""
    line = " ".join(text.split())
    if not line:
        raise DomainError("register_text_missing", message, field)
    return line[:250]
