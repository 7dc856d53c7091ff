"""Asking the office about a round: one conversation for each organisation, seen by its people."""

from __future__ import annotations

import pytest
from django.urls import reverse

from applications.models import Round, RoundThread
from applications.round_threads import threads_about, write_about_round
from finsam.errors import DomainError, NotAllowed
from finsam.messages.models import Participant, Post
from finsam.people.models import RoleKind
from tests.conftest import person_with_role

pytestmark = pytest.mark.django_db


def test_a_question_opens_one_conversation_with_the_office(
    round_, member, applicant, officer, director
):
    first = write_about_round(round=round_, member=member, body="Får vi söka?", actor=applicant)
    second = write_about_round(round=round_, member=member, body="En sak till", actor=applicant)
    assert first.thread == second.thread
    assert RoundThread.objects.get().thread == first.thread
    taking_part = {p.user for p in Participant.objects.filter(thread=first.thread)}
    assert taking_part == {applicant, officer, director}


def test_a_colleague_joins_and_another_organisation_does_not(
    association, round_, member, applicant, other_member, other_applicant
):
    colleague = person_with_role(RoleKind.SIGNATORY, association, member=member)
    post = write_about_round(round=round_, member=member, body="Hej", actor=applicant)
    assert Participant.objects.filter(thread=post.thread, user=colleague).exists()
    assert not Participant.objects.filter(thread=post.thread, user=other_applicant).exists()
    assert threads_about(round_, [other_member]) == []


def test_the_office_answers_in_the_same_conversation(round_, member, applicant, officer):
    asked = write_about_round(round=round_, member=member, body="Hej", actor=applicant)
    answered = write_about_round(round=round_, member=member, body="Ja", actor=officer)
    assert answered.thread == asked.thread


@pytest.mark.parametrize("kind", [RoleKind.BOARD, RoleKind.COUNCIL, RoleKind.AUDITOR])
def test_others_may_not_write(association, round_, member, kind):
    other = person_with_role(kind, association)
    with pytest.raises(NotAllowed):
        write_about_round(round=round_, member=member, body="Hej", actor=other)


def test_nobody_writes_for_another_organisation(round_, member, other_applicant):
    with pytest.raises(NotAllowed):
        write_about_round(round=round_, member=member, body="Hej", actor=other_applicant)


def test_an_empty_question_is_refused_and_opens_nothing(round_, member, applicant):
    with pytest.raises(DomainError):
        write_about_round(round=round_, member=member, body="  ", actor=applicant)
    assert (RoundThread.objects.count(), Post.objects.count()) == (0, 0)


def address(round_: Round) -> str:
    return reverse("applications:round_ask", args=[round_.association.slug, round_.slug])


@pytest.mark.anywhere
def test_the_question_is_asked_on_the_page(round_, member, applicant, sign_in):
    browser = sign_in(applicant)
    assert "Fråga kansliet" in browser.get(address(round_)).content.decode()
    response = browser.post(address(round_), {"member": member.pk, "body": "Får vi söka?"})
    assert response.status_code == 302
    assert Post.objects.get().body == "Får vi söka?"
    assert "Pågående samtal" in browser.get(address(round_)).content.decode()


@pytest.mark.anywhere
def test_an_empty_question_is_told_on_the_page(round_, member, applicant, sign_in):
    response = sign_in(applicant).post(address(round_), {"member": member.pk, "body": ""})
    assert response.status_code == 422
    assert "felsammanfattning" in response.content.decode()


def test_P07_one_cannot_write_for_a_member_by_its_number(round_, other_member, applicant, sign_in):
    response = sign_in(applicant).post(address(round_), {"member": other_member.pk, "body": "Hej"})
    assert response.status_code == 422
    assert Post.objects.count() == 0
