"""Drafts and sketches thrown away: out of the way for their own side, and back within 30 days."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from applications.discarding import (
    discard_application,
    discard_idea,
    restore_application,
    restore_idea,
)
from applications.drafting import save_section, start_application
from applications.ideas import save_idea, start_idea
from applications.invitations import accept_invitation, open_invitation
from applications.models import Application, Invitation, PartyInvitation
from finsam import clock
from finsam.errors import DomainError, NotAllowed, NotPossible
from finsam.registry.models import Event
from tests.factories import make_complete, make_draft, make_signed, make_submitted, reread

pytestmark = pytest.mark.django_db


def place(name, application):
    return reverse(f"applications:{name}", args=["sjo", application.public_id])


def actions(application):
    rows = Event.objects.filter(object_id=str(application.pk)).order_by("sequence")
    return [action for action in rows.values_list("action", flat=True) if "_" in action]


def test_a_draft_is_out_of_the_list_and_can_be_taken_back(draft, applicant, sign_in):
    client, mine = sign_in(applicant), reverse("applications:mine", args=["sjo"])
    assert client.get(place("discard", draft)).status_code == 200
    answer = client.post(place("discard", draft), {"confirm": "yes"}, follow=True)
    assert "Utkastet är slängt" in answer.content.decode()
    page = client.get(mine)
    assert (page.context["waiting"], list(page.context["discarded"])) == ([], [draft])

    client.post(place("restore", draft))
    page = client.get(mine)
    assert [row["application"] for row in page.context["waiting"]] == [draft]
    assert list(page.context["discarded"]) == []


def test_thrown_away_and_taken_back_leave_one_event_each_however_often_it_is_pressed(
    draft, applicant
):
    before = actions(draft)
    for act in (discard_application, discard_application, restore_application, restore_application):
        act(application=draft, actor=applicant)
    assert actions(draft)[len(before) :] == ["application_discarded", "application_restored"]


def test_d_01_a_second_press_of_the_button_shows_the_same_page(draft, applicant, sign_in):
    client = sign_in(applicant)
    first = client.post(place("discard", draft), {"confirm": "yes"})
    second = client.post(place("discard", draft), {"confirm": "yes"})
    assert (first.status_code, first.url) == (second.status_code, second.url)


def test_only_the_lead_party_throws_a_draft_away(
    round_, member, applicant, other_applicant, auditor, officer
):
    draft = make_complete(round_, member, applicant)
    for stranger in (other_applicant, auditor, officer):
        with pytest.raises(NotAllowed):
            discard_application(application=draft, actor=stranger)
    assert reread(draft).discarded_at is None


def test_what_has_been_handed_in_is_never_thrown_away(round_, member, applicant, sign_in):
    received = make_submitted(round_, member, applicant)
    with pytest.raises(NotPossible) as refused:
        discard_application(application=received, actor=applicant)
    assert refused.value.code == "not_writable"
    assert sign_in(applicant).post(place("discard", received)).status_code == 409
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.filter(pk=received.pk).update(discarded_at=clock.now())


def test_signatures_fall_with_the_draft_and_stay_on_record(round_, member, applicant):
    signed = make_signed(round_, member, applicant)
    given = signed.signing_version.signatures.count()
    discard_application(application=signed, actor=applicant)
    restore_application(application=signed, actor=applicant)
    back = reread(signed)
    assert back.signing_version is None
    assert back.versions.get().signatures.count() == given > 0


def test_nothing_is_written_in_what_was_thrown_away_and_no_text_is_lost(draft, applicant, sign_in):
    section = draft.template.sections.get(key="basics")
    discard_application(application=draft, actor=applicant)
    with pytest.raises(NotPossible) as refused:
        save_section(
            application=draft, section=section, values={}, expected_revision=0, actor=applicant
        )
    assert refused.value.code == "discarded"
    url = reverse("applications:section", args=["sjo", draft.public_id, "basics"])
    client = sign_in(applicant)
    saved = client.post(url, {"version": "0"}, headers={"X-Autosave": "1"})
    assert (saved.status_code, saved.json()["message"]) == (422, refused.value.message)
    assert client.get(url).status_code == 404


def test_an_invitation_waits_until_the_draft_is_taken_back(draft, applicant, other_applicant):
    import hashlib

    PartyInvitation.objects.create(
        party=draft.parties.first(),
        email="ny@exempel.se",
        token_hash=hashlib.sha256(b"token").hexdigest(),
        invited_by=applicant,
        expires_at=clock.now() + timedelta(days=9),
    )
    assert open_invitation("token") is not None
    discard_application(application=draft, actor=applicant)
    assert open_invitation("token") is None
    with pytest.raises(DomainError):
        accept_invitation(token="token", actor=other_applicant)
    restore_application(application=draft, actor=applicant)
    assert open_invitation("token") is not None


def test_in_a_closed_round_one_begins_anew_and_the_old_one_then_stays_away(
    round_, member, applicant
):
    round_.invited_only = True
    round_.save(update_fields=["invited_only"])
    Invitation.objects.create(round=round_, member=member)
    old = make_draft(round_, member, applicant)
    discard_application(application=old, actor=applicant)
    new = start_application(round=round_, member=member, actor=applicant)
    with pytest.raises(NotPossible) as refused:
        restore_application(application=old, actor=applicant)
    assert refused.value.code == "already_begun"
    discard_application(application=new, actor=applicant)
    restore_application(application=old, actor=applicant)
    assert reread(old).discarded_at is None


@pytest.mark.parametrize(("days", "is_back"), [(30, True), (31, False)])
def test_after_thirty_days_there_is_no_way_back(draft, applicant, sign_in, days, is_back):
    discard_application(application=draft, actor=applicant)
    with clock.at(clock.now() + timedelta(days=days)):
        page = sign_in(applicant).get(reverse("applications:mine", args=["sjo"]))
        assert list(page.context["discarded"]) == ([draft] if is_back else [])
        if is_back:
            restore_application(application=draft, actor=applicant)
        else:
            with pytest.raises(NotPossible):
                restore_application(application=draft, actor=applicant)


def test_the_office_sees_nothing_of_a_draft_thrown_away(draft, applicant, officer, sign_in):
    discard_application(application=draft, actor=applicant)
    client = sign_in(officer)
    assert client.get(draft.get_absolute_url()).status_code == 404
    assert draft.title not in client.get(
        reverse("applications:office_list", args=["sjo"])
    ).content.decode()  # fmt: skip


def test_a_sketch_is_thrown_away_and_taken_back(round_, member, applicant, sign_in):
    sketch = start_idea(programme=round_.programme, member=member, actor=applicant)
    client, listed = sign_in(applicant), reverse("applications:ideas", args=["sjo"])
    assert client.get(place("discard_idea", sketch)).status_code == 200
    client.post(place("discard_idea", sketch), {"confirm": "yes"})
    page = client.get(listed)
    assert (list(page.context["page"]), list(page.context["discarded"])) == ([], [sketch])
    assert "Skissen är slängd" in client.get(place("idea", sketch)).content.decode()
    with pytest.raises(NotPossible):
        save_idea(sketch=sketch, texts={}, expected_revision=0, actor=applicant)
    client.post(place("restore_idea", sketch))
    assert list(client.get(listed).context["page"]) == [sketch]


def test_a_sketch_leaves_one_event_each_way(round_, member, applicant):
    sketch = start_idea(programme=round_.programme, member=member, actor=applicant)
    for act in (discard_idea, discard_idea, restore_idea, restore_idea):
        act(idea=sketch, actor=applicant)
    assert actions(sketch) == ["idea_started", "idea_discarded", "idea_restored"]
