"""D-03: twenty send the same form at once; it happens once, and all get the same answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from applications.drafting import start_application
from applications.freezing import content_hash, content_of
from applications.ideas import save_idea, send_idea, start_idea
from applications.models import Application, ApplicationVersion, IdeaSketch, Signature
from applications.once import new_key
from applications.signing import freeze_for_signing, sign
from applications.submission import submit_application
from finsam.errors import NotPossible
from finsam.messages.models import Message
from finsam.registry.models import Case, Event, Record
from finsam.registry.verification import verify_chain
from tests.factories import PASSWORD, make_complete, make_round, make_signed, reread
from tests.races.test_registrations import all_at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

TIMES = 20


def twenty_times(work: Callable[[], Any]) -> list[Any]:
    """What each of twenty at once got."""
    got: list[Any] = []
    all_at_once(TIMES, lambda number: got.append(work()))
    return got


def test_D03_twenty_identical_submissions(association, member, applicant, officer):
    application = make_signed(make_round(association), member, applicant)
    seen, key = content_hash(content_of(application)), new_key()
    versions = twenty_times(
        lambda: (
            submit_application(application=application, actor=applicant, key=key, seen_hash=seen).pk
        )
    )
    assert len(set(versions)) == 1
    assert len(versions) == TIMES
    assert Case.objects.count() == Record.objects.count() == 1
    assert ApplicationVersion.objects.filter(purpose="submission").count() == 1
    assert Event.objects.filter(action="application_submit").count() == 1
    assert Message.objects.filter(event_key__startswith="submitted:").count() == 2
    assert verify_chain(association).broken is None


def test_D03_twenty_tabs_with_their_own_keys(association, member, applicant):
    application = make_signed(make_round(association), member, applicant)
    seen = content_hash(content_of(application))

    def send() -> str:
        try:
            submit_application(
                application=application, actor=applicant, key=new_key(), seen_hash=seen
            )
        except NotPossible as refusal:
            return refusal.code
        return "received"

    answers = twenty_times(send)
    assert sorted(answers) == ["already_submitted"] * (TIMES - 1) + ["received"]
    assert Case.objects.count() == 1


def test_D03_twenty_identical_posts_through_the_page(association, member, applicant, sign_in):
    application = make_signed(make_round(association), member, applicant)
    url = reverse("applications:submit", args=["sjo", application.public_id])
    sent = {"confirmed": "on", "seen": content_hash(content_of(application)), "key": new_key()}
    clients = [sign_in(applicant) for _ in range(TIMES)]
    answers = [(0, "")] * TIMES

    def post(number: int) -> None:
        answer = clients[number].post(url, sent)
        answers[number] = (answer.status_code, answer.headers.get("Location", ""))

    all_at_once(TIMES, post)
    receipt = reverse("applications:receipt", args=["sjo", application.public_id])
    assert set(answers) == {(302, receipt)}
    assert Case.objects.count() == 1


def test_D03_twenty_identical_starts(association, member, applicant):
    round_, key = make_round(association), new_key()
    started = twenty_times(
        lambda: start_application(round=round_, member=member, actor=applicant, key=key).pk
    )
    assert len(set(started)) == 1
    assert Application.objects.count() == 1


def test_D03_twenty_signatures(association, member, applicant, signatory):
    application = make_complete(make_round(association), member, applicant)
    freeze_for_signing(application=application, actor=applicant)
    application = reread(application)
    lead = application.parties.get(is_lead=True)
    signed = twenty_times(
        lambda: sign(application=application, party=lead, password=PASSWORD, actor=signatory).pk
    )
    assert len(set(signed)) == 1
    assert Signature.objects.count() == 1
    assert Event.objects.filter(action="application_signed").count() == 1


def test_D03_twenty_identical_sketches(association, member, applicant):
    programme = make_round(association).programme
    key = new_key()
    sketches = twenty_times(
        lambda: start_idea(programme=programme, member=member, actor=applicant, key=key).pk
    )
    assert len(set(sketches)) == 1
    sketch = IdeaSketch.objects.get()
    texts = {"working_title": "Skiss", "background": "Text"}
    save_idea(sketch=sketch, texts=texts, expected_revision=0, actor=applicant)
    cases = twenty_times(lambda: send_idea(sketch=sketch, actor=applicant).case_id)
    assert len(set(cases)) == 1
    assert Case.objects.count() == 1
