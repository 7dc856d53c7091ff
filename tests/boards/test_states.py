"""P-05: every state of minutes and memos × act × role; exactly the allowed acts go through."""

from __future__ import annotations

import pytest

from applications.models import Application
from boards.attestation import attest, send_back
from boards.errors import MeetingRefusal
from boards.memos import choose_final_file, finish_memo, save_memo, start_memo
from boards.minutes import (
    compose_anew,
    edit_paragraph,
    send_to_attesters,
    take_back_from_attesters,
)
from boards.models import Minutes, MinutesState, Outcome
from finsam.errors import Conflict, NotAllowed
from tests import factories as make
from tests.kept import kept

pytestmark = pytest.mark.django_db

PEOPLE = ("chair", "attester", "member", "director")
STATES = ("draft", "with_attesters", "half_attested", "attested")
ACTS = ("edit", "compose", "send", "take_back", "attest", "send_back")
OFFICE_ACTS = {"edit", "compose", "send", "take_back"}
# What each state lets through, and to whom; everything else is refused and changes nothing.
# "same" is an act that was done before: it gives the same answer and changes nothing.
ALLOWED: dict[tuple[str, str], dict[str, str]] = {
    ("draft", "edit"): dict.fromkeys(PEOPLE, "done"),
    ("draft", "compose"): dict.fromkeys(PEOPLE, "done"),
    ("draft", "send"): dict.fromkeys(PEOPLE, "done"),
    ("draft", "take_back"): dict.fromkeys(PEOPLE, "same"),
    ("with_attesters", "send"): dict.fromkeys(PEOPLE, "same"),
    ("with_attesters", "take_back"): dict.fromkeys(PEOPLE, "done"),
    ("with_attesters", "attest"): {"chair": "done", "attester": "done"},
    ("with_attesters", "send_back"): {"chair": "done", "attester": "done"},
    ("half_attested", "send"): dict.fromkeys(PEOPLE, "same"),
    ("half_attested", "attest"): {"chair": "same", "attester": "done"},
    ("half_attested", "send_back"): {"chair": "done", "attester": "done"},
    ("attested", "attest"): {"chair": "same", "attester": "same"},
}


@kept
def closed(called, director):
    return make.make_closed(called, director)


def _people(minutes, director):
    seats = {one.function: one.seat.user for one in minutes.meeting.attesters.all()}
    other = minutes.meeting.body.seats.filter(function="member").first()
    return {**seats, "member": other.user, "director": director}


def _bring_to(minutes, state, people):
    if state == "draft":
        return minutes
    sent = send_to_attesters(minutes=minutes, actor=people["director"])
    whom = {"with_attesters": (), "half_attested": ("chair",), "attested": ("chair", "attester")}
    for who in whom[state]:
        said = {"password": make.PASSWORD, "seen_hash": sent.content_hash}
        attest(minutes=sent, actor=people[who], **said)
    return Minutes.objects.get(pk=minutes.pk)


def _do(act, minutes, actor):
    seen = minutes.content_hash
    if act == "edit":
        row = minutes.paragraphs.first()
        said = {"texts": {"note": "Ny"}, "expected_revision": row.revision}
        return edit_paragraph(paragraph=row, actor=actor, **said)
    if act == "attest":
        return attest(minutes=minutes, actor=actor, password=make.PASSWORD, seen_hash=seen)
    if act == "send_back":
        return send_back(minutes=minutes, actor=actor, remark="Fel", seen_hash=seen)
    run = {
        "compose": compose_anew,
        "send": send_to_attesters,
        "take_back": take_back_from_attesters,
    }[act]
    return run(minutes=minutes, actor=actor)


def _row(minutes):
    found = Minutes.objects.get(pk=minutes.pk)
    texts = [one.texts for one in found.paragraphs.all()]
    return found.state, found.revision, found.content_hash, found.attestations.count(), texts


@pytest.mark.parametrize("state", STATES)
def test_P05_minutes_every_state_act_and_role(closed, director, state):
    """The capability refuses by state and by who attests; that office acts are the office's is
    the pages' gate, which the table of doors holds."""
    from django.db import transaction

    people = _people(closed, director)
    minutes = _bring_to(closed, state, people)
    for act in ACTS:
        for who in PEOPLE:
            before = _row(minutes)
            wanted = ALLOWED.get((state, act), {}).get(who, "refused")
            with transaction.atomic():
                try:
                    _do(act, Minutes.objects.get(pk=minutes.pk), people[who])
                    outcome = "same" if _row(minutes) == before else "done"
                    if act == "compose":
                        outcome = "done"
                except (MeetingRefusal, Conflict):
                    outcome = "refused"
                    assert _row(minutes) == before
                transaction.set_rollback(True)
            assert (state, act, who, outcome) == (state, act, who, wanted)
    assert Minutes.objects.get(pk=minutes.pk).state in MinutesState.values


MEMO_ALLOWED = {
    "draft": {"start": "same", "save": "done", "drop_file": "same", "finish": "done"},
    "final": {"start": "refused", "save": "refused", "drop_file": "same", "finish": "same"},
}


@pytest.mark.parametrize("state", sorted(MEMO_ALLOWED))
def test_P05_memos_every_state_and_act(prepared, director, officer, state):
    from django.db import transaction

    memo = start_memo(application=prepared, actor=director)
    if state == "final":
        memo = finish_memo(memo=memo, actor=director)

    def facts():
        memo.refresh_from_db()
        application = Application.objects.get(pk=prepared.pk)
        return memo.state, memo.revision, memo.texts, application.state

    acts = {
        "start": lambda actor: start_memo(application=prepared, actor=actor),
        "save": lambda actor: save_memo(
            memo=memo, texts={"summary": "Ny"}, proposed_outcome=Outcome.GRANTED,
            proposed_amount=600_000, conditions="", expected_revision=memo.revision, actor=actor,
        ),
        "drop_file": lambda actor: choose_final_file(memo=memo, upload=None, actor=actor),
        "finish": lambda actor: finish_memo(memo=memo, actor=actor),
    }  # fmt: skip
    for name, act in acts.items():
        for actor in (director, officer):
            before = facts()
            with transaction.atomic():
                try:
                    act(actor)
                    outcome = "same" if facts() == before else "done"
                except (MeetingRefusal, Conflict, NotAllowed):
                    outcome = "refused"
                    assert facts() == before
                transaction.set_rollback(True)
            wanted = MEMO_ALLOWED[state][name]
            if (state, name, actor) == ("draft", "finish", officer):
                wanted = "refused"  # only the director sends to the board
            assert (name, actor.name, outcome) == (name, actor.name, wanted)
