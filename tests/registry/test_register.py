"""Register numbers: in order, per association and year, and only for what was committed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from finsam import clock
from finsam.associations.models import Association
from finsam.errors import DomainError
from finsam.people.models import User
from finsam.registry.models import Case, Direction, Event, RegisterCounter
from finsam.registry.register import open_case, register_record

NEW_YEAR = datetime(2023, 12, 31, 23, 0, tzinfo=UTC)  # midnight in Stockholm


def test_numbers_run_per_association_and_year(
    association: Association, other_association: Association, officer: User
) -> None:
    with clock.at(datetime(2023, 9, 1, tzinfo=UTC)):
        first = open_case(association=association, title="Insats i Ekby", actor=officer)
        second = open_case(association=association, title="Insats i Alby", actor=officer)
        elsewhere = open_case(association=other_association, title="Annat", actor=None)
    with clock.at(NEW_YEAR):
        next_year = open_case(association=association, title="Nytt år", actor=officer)

    assert [case.number for case in (first, second, elsewhere, next_year)] == [
        "SFS 2023/1",
        "SFS 2023/2",
        "SBE 2023/1",
        "SFS 2024/1",
    ]


def test_the_year_is_the_swedish_one(association: Association) -> None:
    with clock.at(datetime(2023, 12, 31, 22, 59, 59, tzinfo=UTC)):
        old = open_case(association=association, title="Före midnatt", actor=None)
    with clock.at(NEW_YEAR):
        new = open_case(association=association, title="Efter midnatt", actor=None)

    assert (old.year, new.year) == (2023, 2024)


def test_a_number_that_was_rolled_back_is_given_anew(association: Association) -> None:
    first = open_case(association=association, title="Ett", actor=None)
    with transaction.atomic():
        open_case(association=association, title="Två", actor=None)
        transaction.set_rollback(True)
    second = open_case(association=association, title="Två igen", actor=None)

    assert second.running_number == first.running_number + 1
    assert RegisterCounter.objects.get().last_number == 2


def test_records_are_numbered_within_their_case(association: Association, officer: User) -> None:
    with clock.at(datetime(2023, 9, 1, tzinfo=UTC)):
        case = open_case(association=association, title="Insats", actor=officer)
        application = register_record(
            case=case,
            direction=Direction.IN,
            subject="Ansökan",
            correspondent="Ekby\r\nkommun",
            actor=officer,
        )
        letter = register_record(
            case=case, direction=Direction.OUT, subject="Beslutsbrev", actor=officer
        )

    assert (application.number, letter.number) == ("SFS 2023/1-1", "SFS 2023/1-2")
    assert application.correspondent == "Ekby kommun"


def test_L02_each_registration_leaves_one_event(association: Association, officer: User) -> None:
    case = open_case(association=association, title="Insats", actor=officer)
    register_record(case=case, direction=Direction.IN, subject="Ansökan", actor=officer)

    events = Event.objects.order_by("sequence")
    assert [(event.action, event.case, event.actor, event.actor_roles) for event in events] == [
        ("case_opened", case, officer, "Handläggare"),
        ("record_registered", case, officer, "Handläggare"),
    ]
    record = case.records.get()
    assert [(event.object_type, event.object_id, event.payload) for event in events] == [
        ("registry.case", str(case.pk), {"number": case.number, "title": "Insats"}),
        ("registry.record", str(record.pk),
         {"number": record.number, "direction": "in", "subject": "Ansökan", "correspondent": ""}),
    ]  # fmt: skip


def test_what_is_registered_is_kept(association: Association, officer: User) -> None:
    """On one line, not longer than the register holds, with the section of secrecy that is said."""
    case = open_case(association=association, title=f" En\n{'a' * 300}", actor=officer)
    said = {"case": case, "actor": officer}
    letter = register_record(
        direction=Direction.OUT, subject=f"Ett {'b' * 300}", correspondent="c" * 300, **said
    )
    secret = register_record(
        direction=Direction.DRAWN_UP, subject="Not", secrecy_section="21:1", **said
    )
    hidden = open_case(association=association, title="Två", actor=None, secrecy_section="26:1")

    assert (case.title, case.opened_by, case.secrecy_section) == (f"En {'a' * 247}", officer, "")
    assert (hidden.opened_by, hidden.secrecy_section) == (None, "26:1")
    assert [
        (one.direction, one.subject, one.correspondent, one.registered_by, one.secrecy_section)
        for one in (letter, secret)
    ] == [
        ("out", f"Ett {'b' * 246}", "c" * 200, officer, ""),
        ("drawn_up", "Not", "", officer, "21:1"),
    ]


def test_a_record_needs_a_subject(association: Association) -> None:
    case = open_case(association=association, title="Insats", actor=None)
    with pytest.raises(DomainError) as refusal:
        register_record(case=case, direction=Direction.IN, subject=" ", actor=None)
    assert (refusal.value.code, refusal.value.message, refusal.value.field) == (
        "register_text_missing", "Skriv i korthet vad handlingen gäller.", "subject",
    )  # fmt: skip
    assert case.records.count() == 0


@pytest.mark.parametrize("title", ["", " \n\t "])
def test_a_case_needs_a_title(association: Association, title: str) -> None:
    with pytest.raises(DomainError) as refusal:
        open_case(association=association, title=title, actor=None)

    assert (refusal.value.code, refusal.value.message, refusal.value.field) == (
        "register_text_missing", "Skriv vad ärendet gäller.", "title",
    )  # fmt: skip
    assert Case.objects.count() == 0
    assert RegisterCounter.objects.count() == 0


def test_the_database_refuses_a_double_number(association: Association) -> None:
    case = open_case(association=association, title="Insats", actor=None)
    case.pk = None
    case.number = "SFS 2023/999"
    with pytest.raises(IntegrityError), transaction.atomic():
        case.save(force_insert=True)

    assert Case.objects.count() == 1
