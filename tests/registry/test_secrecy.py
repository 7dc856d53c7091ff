"""Marking as secret: who may, what it hides from whom, and that it stays on record."""

from __future__ import annotations

import pytest
from django.urls import reverse

from finsam.errors import DomainError, NotAllowed
from finsam.people.access import Visitor
from finsam.registry.models import Case, Direction, Event, Record
from finsam.registry.register import open_case, register_record
from finsam.registry.secrecy import lift_secrecy, mark_secrecy, marks_of
from tests.kept import kept

pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]


@kept
def record(association, officer):
    case = open_case(association=association, title="Insats i Ekby", actor=officer)
    return register_record(
        case=case, direction=Direction.IN, subject="Yttrande om Ek", actor=officer
    )


def test_a_marked_record_is_left_out_for_the_public_and_named_for_the_office(
    record, officer, client, sign_in
):
    case = record.case
    here = reverse("registry:case", args=["sjo", case.year, case.running_number])
    assert "Yttrande om Ek" in client.get(here).content.decode()
    mark_secrecy(marked=record, section=" OSL  26:1 ", actor=officer)
    assert "Yttrande om Ek" not in client.get(here).content.decode()
    assert "Sekretess, OSL 26:1" in sign_in(officer).get(here).content.decode()
    lift_secrecy(marked=record, actor=officer)
    assert "Yttrande om Ek" in client.get(here).content.decode()


def test_a_marked_case_is_left_out_of_the_public_register(record, officer, association):
    mark_secrecy(marked=record.case, section="OSL 26:1", actor=officer)
    public = Visitor(association, None, ())
    assert not Case.objects.visible_to(public).exists()


def test_each_mark_is_an_event_with_who_and_ground_and_the_same_again_is_none(record, officer):
    for _ in range(2):
        mark_secrecy(marked=record, section="OSL 26:1", actor=officer)
    lift_secrecy(marked=record, actor=officer)
    said = [(e.action, e.actor, e.payload["secrecy_section"]) for e in marks_of(record)]
    assert said == [
        ("secrecy_lifted", officer, ""),
        ("secrecy_marked", officer, "OSL 26:1"),
    ]
    assert Event.objects.filter(action="secrecy_marked").get().payload["number"] == record.number


def test_only_the_office_marks_and_never_without_a_ground(record, applicant, auditor, officer):
    for person in (applicant, auditor):
        with pytest.raises(NotAllowed):
            mark_secrecy(marked=record, section="OSL 26:1", actor=person)
    with pytest.raises(DomainError, match="sekretessregel"):
        mark_secrecy(marked=record, section=" ", actor=officer)
    assert Record.objects.get().secrecy_section == ""


def test_the_page_marks_changes_and_lifts(record, officer, sign_in, client):
    case, browser = record.case, sign_in(officer)
    here = reverse("registry:record_secrecy", args=["sjo", case.year, case.running_number, 1])
    assert client.get(here).status_code == 302
    assert browser.post(here, {"section": ""}).status_code == 422
    for said, left in (({"section": "OSL 26:1"}, "OSL 26:1"), ({"do": "lift"}, "")):
        assert browser.post(here, said).status_code == 302
        record.refresh_from_db()
        assert record.secrecy_section == left
    assert "Markeringen hävd" in browser.get(here).content.decode()
    whole = reverse("registry:case_secrecy", args=["sjo", case.year, case.running_number])
    assert browser.post(whole, {"section": "OSL 21:1"}).status_code == 302
    case.refresh_from_db()
    assert case.secrecy_section == "OSL 21:1"
