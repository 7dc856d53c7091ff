from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO

import pytest
from django.urls import reverse

from applications.drafting import save_section
from applications.freezing import content_hash, content_of
from applications.models import ApplicationVersion
from applications.once import ReusedKey, new_key
from applications.signing import freeze_for_signing
from applications.submission import check_in_time, submit_application
from applications.withdrawal import withdraw_application
from finsam import clock
from finsam.errors import Conflict, NotAllowed, NotPossible
from finsam.jobs.models import Job
from finsam.messages.models import Message
from finsam.registry.models import Case, Event, Record
from tests.conftest import person_with_role
from tests.factories import (
    fill_budget,
    make_complete,
    make_round,
    make_signed,
    make_submitted,
    reread,
)

pytestmark = pytest.mark.django_db


def submit(application, actor, *, key="", seen="", at=None):
    return submit_application(
        application=application,
        actor=actor,
        key=key or new_key(),
        seen_hash=seen or content_hash(content_of(application)),
        received_at=at,
    )


def effects():
    """Everything that one submission leaves behind, counted."""
    return {
        "cases": Case.objects.count(),
        "records": Record.objects.count(),
        "versions": ApplicationVersion.objects.filter(purpose="submission").count(),
        "events": Event.objects.filter(action="application_submit").count(),
        "mails": Message.objects.filter(event_key__startswith="submitted:").count(),
        "documents": Job.objects.filter(kind="document").count(),
    }


def test_submission_registers_freezes_and_tells(association, member, applicant, officer):
    application = make_submitted(make_round(association), member, applicant)
    assert application.state == "submitted"
    assert application.case.number == f"SFS {application.submitted_at.year}/1"
    assert [record.number for record in Record.objects.filter(case=application.case)] == [
        f"{application.case.number}-1"
    ]
    first, last = application.versions.order_by("number")
    assert (first.purpose, last.purpose) == ("signing", "submission")
    assert first.content_hash == last.content_hash
    assert last.requested_amount == 500_000
    assert application.budget.is_locked
    assert effects() == {
        "cases": 1, "records": 1, "versions": 1, "events": 1, "mails": 2, "documents": 2,
    }  # fmt: skip
    assert Message.objects.filter(recipient=officer, event_key__endswith=":office").count() == 1


def test_D01_pressed_twice_it_happens_once(signed, applicant):
    seen = content_hash(content_of(signed))
    first = submit(signed, applicant, key="k", seen=seen)
    before = effects()
    for _ in range(3):
        assert submit(signed, applicant, key="k", seen=seen) == first
    assert effects() == before


def test_D01_the_page_answers_the_second_time_as_the_first(signed, applicant, sign_in):
    client = sign_in(applicant)
    url = reverse("applications:submit", args=["sjo", signed.public_id])
    form = client.get(url).context["form"]
    sent = {"confirmed": "on", "seen": form.initial["seen"], "key": form.initial["key"]}
    answers = [client.post(url, sent) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {302}
    assert len({answer.url for answer in answers}) == 1
    assert effects()["cases"] == 1
    assert client.get(answers[0].url).status_code == 200


@pytest.mark.parametrize("number", range(10))
def test_D02_the_same_key_with_other_content_is_refused(signed, applicant, sign_in, number):
    client = sign_in(applicant)
    seen = content_hash(content_of(signed))
    submit(signed, applicant, key="k", seen=seen)
    before = effects()
    other = f"{number:064x}"
    with pytest.raises(ReusedKey):
        submit(signed, applicant, key="k", seen=other)
    url = reverse("applications:submit", args=["sjo", signed.public_id])
    answer = client.post(url, {"confirmed": "on", "seen": other, "key": "k"})
    assert answer.status_code == 409
    assert "redan skickats en gång" in answer.content.decode()
    assert effects() == before


def test_a_second_submission_with_another_key_is_refused(signed, applicant):
    submit(signed, applicant)
    with pytest.raises(NotPossible) as refusal:
        submit(signed, applicant)
    assert refusal.value.code == "already_submitted"
    assert effects()["cases"] == 1


def test_a_refused_submission_leaves_nothing_and_its_key_can_be_used(complete, applicant):
    with pytest.raises(NotPossible) as refusal:
        submit(complete, applicant, key="k")
    assert refusal.value.code == "not_signed"
    assert set(effects().values()) == {0}
    from applications.signing import sign, signing_parties
    from tests.factories import PASSWORD, make_person

    freeze_for_signing(application=complete, actor=applicant)
    for party in signing_parties(reread(complete)):
        person = make_person("signatory", complete.association, party.member)
        sign(application=reread(complete), party=party, password=PASSWORD, actor=person)
    submit(reread(complete), applicant, key="k")
    assert effects()["cases"] == 1


def test_a_change_after_the_signatures_stops_it(signed, applicant):
    section = signed.template.sections.get(key="basics")
    draft = signed.drafts.get(section=section)
    save_section(
        application=signed, section=section, values={"title": "Annat"},
        expected_revision=draft.revision, actor=applicant,
    )  # fmt: skip
    with pytest.raises(NotPossible) as refusal:
        submit(reread(signed), applicant)
    assert refusal.value.code == "not_signed"


def test_a_budget_changed_behind_the_signatures_stops_it(signed, applicant):
    fill_budget(signed, applicant, sought=510_000)
    with pytest.raises(Conflict) as refusal:
        submit(reread(signed), applicant)
    assert refusal.value.code == "changed_after_signing"
    assert set(effects().values()) == {0}


def test_what_was_confirmed_is_what_is_submitted(signed, applicant):
    with pytest.raises(Conflict) as refusal:
        submit(signed, applicant, seen="0" * 64)
    assert refusal.value.code == "changed_since_seen"


def test_only_the_lead_party_submits(signed, region, association):
    other = person_with_role("applicant", association, member=region)
    with pytest.raises(NotAllowed) as refusal:
        submit(signed, other)
    assert refusal.value.code == "not_the_partys"


# --- T-01: the last second --------------------------------------------------------------------

DEADLINES = [
    date(2023, 9, 1),
    date(2022, 2, 4),
    date(2022, 5, 6),
    date(2022, 8, 26),
    date(2024, 3, 31),  # the night summer time begins
    date(2024, 10, 27),  # the night it ends
]
OFFSETS = {
    "a second before": (-1, 0, True),
    "the last second": (0, 0, True),
    "late in the last second": (0, 900_000, True),
    "a second after": (1, 0, False),
}


@pytest.mark.parametrize("last_day", DEADLINES)
@pytest.mark.parametrize("name", OFFSETS)
def test_T01_the_last_second_counts(association, member, applicant, last_day, name):
    seconds, micros, in_time = OFFSETS[name]
    closes = clock.end_of_day(last_day)
    with clock.at(closes - timedelta(days=5)):
        application = make_signed(
            make_round(association, closes_at=closes, opens_at=closes - timedelta(days=90)),
            member,
            applicant,
        )
    moment = closes + timedelta(seconds=seconds, microseconds=micros)
    with clock.at(moment):
        if in_time:
            submit(application, applicant, at=moment)
            assert reread(application).submitted_at == moment
        else:
            with pytest.raises(NotPossible) as refusal:
                submit(application, applicant, at=moment)
            assert refusal.value.code == "too_late"
            assert "kl.\u00a023.59.59" in refusal.value.message
            assert "kl.\u00a000.00.00" in refusal.value.message
            assert reread(application).state == "draft"


class SlowBody(BytesIO):
    """A request whose body comes in slowly: the clock passes the deadline while it is read."""

    def __init__(self, data, clock_box, moment):
        super().__init__(data)
        self.box, self.moment = clock_box, moment

    def read(self, *args):
        self.box["now"] = self.moment
        return super().read(*args)


@pytest.mark.parametrize("ends_late", [False, True])
def test_T01_a_request_counts_from_when_it_has_come_whole(
    association, member, applicant, sign_in, monkeypatch, ends_late
):
    closes = clock.end_of_day(date(2023, 9, 1))
    opens = closes - timedelta(days=90)
    with clock.at(closes - timedelta(days=5)):
        round_ = make_round(association, closes_at=closes, opens_at=opens)
        application = make_signed(round_, member, applicant)
    box = {"now": closes - timedelta(seconds=2)}
    monkeypatch.setattr(clock, "now", lambda: box["now"])
    client = sign_in(applicant)
    seen = content_hash(content_of(application))
    body = f"confirmed=on&seen={seen}&key=k".encode()
    end = closes + timedelta(seconds=2 if ends_late else 0)
    answer = client.generic(
        "POST",
        reverse("applications:submit", args=["sjo", application.public_id]),
        **{
            "wsgi.input": SlowBody(body, box, end),
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
        },
    )
    if ends_late:
        assert answer.status_code == 409
        assert "Sista tid var" in answer.content.decode()
        assert reread(application).state == "draft"
    else:
        assert answer.status_code == 302
        assert reread(application).submitted_at == end


def test_T01_the_page_and_the_receipt_say_the_same_rule(signed, applicant, sign_in):
    client = sign_in(applicant)
    page = client.get(reverse("applications:submit", args=["sjo", signed.public_id]))
    text = page.content.decode()
    assert "sista sekunden inräknad" in text
    assert "enligt portalens klocka" in text
    submit(signed, applicant)
    receipt = client.get(reverse("applications:receipt", args=["sjo", signed.public_id]))
    moment = reread(signed).submitted_at
    assert f"{clock.stockholm(moment):%H.%M.%S}" in receipt.content.decode()


def test_too_early_is_told_with_the_day(signed, applicant):
    signed.round.opens_at = clock.now() + timedelta(days=1)
    with pytest.raises(NotPossible) as refusal:
        check_in_time(signed, clock.now())
    assert refusal.value.code == "too_early"


# --- T-02: summer time ------------------------------------------------------------------------


def test_T02_a_deadline_in_the_skipped_hour_is_refused():
    with pytest.raises(ValueError, match="sommartid"):
        clock.from_wall_clock(date(2026, 3, 29), time(2, 30))


def test_T02_a_deadline_in_the_doubled_hour_is_the_later_and_kept_in_utc(
    association, member, applicant
):
    closes = clock.from_wall_clock(date(2026, 10, 25), time(2, 30))
    assert closes == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    with clock.at(closes - timedelta(days=5)):
        opens = closes - timedelta(days=30)
        round_ = make_round(association, closes_at=closes, opens_at=opens)
        application = make_signed(round_, member, applicant)
    first_half_past_two = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    after = closes + timedelta(seconds=1)
    with clock.at(after), pytest.raises(NotPossible):
        submit(application, applicant, at=after)
    with clock.at(first_half_past_two):
        submit(application, applicant, at=first_half_past_two)
    assert clock.stockholm(reread(application).submitted_at).strftime("%H.%M") == "02.30"


# --- withdrawing ------------------------------------------------------------------------------


def test_withdrawal_is_registered_and_happens_once(association, member, applicant, officer):
    application = make_submitted(make_round(association), member, applicant)
    for _ in range(2):
        withdraw_application(application=application, reason="Vi väntar.", actor=applicant)
    assert reread(application).state == "withdrawn"
    assert Record.objects.filter(subject__startswith="Återkallelse").count() == 1
    assert Event.objects.filter(action="application_withdraw").count() == 1


def test_only_the_lead_party_withdraws(association, member, applicant, region):
    application = make_submitted(make_round(association), member, applicant)
    other = person_with_role("applicant", association, member=region)
    with pytest.raises(NotAllowed):
        withdraw_application(application=application, reason="", actor=other)


def test_a_draft_cannot_be_withdrawn(association, member, applicant):
    application = make_complete(make_round(association), member, applicant)
    with pytest.raises(NotPossible):
        withdraw_application(application=application, reason="", actor=applicant)
