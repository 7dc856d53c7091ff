"""What is made to be looked at: promised once per content, tried again, forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest

from finsam import clock
from finsam.documents.documents import Rendered, preview_source
from finsam.documents.models import Preview
from finsam.documents.pdf import RenderFailed
from finsam.documents.previews import ask_again, ask_preview, forget_old_previews, preview_kind
from finsam.jobs.models import Job, JobState
from finsam.jobs.work import run_waiting
from tests.documents.kinds import SOURCE

pytestmark = pytest.mark.django_db(transaction=True)
FAULTS: list[Exception] = []


def build(source, home):
    if FAULTS:
        raise FAULTS.pop()
    return Rendered(b"%PDF " + source["document"]["title"].encode())


preview_kind(
    "test", title="Prov", origin="Vägen hit", build=build, may_see=lambda visitor, preview: True
)


def asked(association, title="Ett prov"):
    source = preview_source(association=association, kind="test_memo", title=title, source=SOURCE)
    return ask_preview(
        association=association,
        kind="test",
        key="test:1",
        name="prov.pdf",
        back="/sjo/",
        source=source,
        requested_by=None,
    )


def test_the_same_content_is_made_once_and_another_by_itself(association):
    first, again, other = asked(association), asked(association), asked(association, "Ett till")
    assert (first.pk, first.job) == (again.pk, again.job)
    assert other.job != first.job
    assert run_waiting() == 2
    assert bytes(asked(association).made) == b"%PDF Ett prov"
    assert run_waiting() == 0


def test_it_is_forgotten_a_day_after_it_was_last_asked_for(association):
    old = asked(association)
    run_waiting()
    with clock.at(clock.now() + timedelta(hours=20)):
        asked_today = Preview.objects.get(pk=old.pk)
        asked_today.asked_at = clock.now()
        asked_today.save()
        assert forget_old_previews() == 0
    with clock.at(clock.now() + timedelta(hours=43)):
        assert forget_old_previews() == 0
    with clock.at(clock.now() + timedelta(hours=45)):
        assert forget_old_previews() == 1
    assert not Preview.objects.exists()
    fresh = asked(association)
    assert fresh.job != old.job
    assert run_waiting() == 1


def test_what_was_forgotten_while_it_waited_says_so(association):
    job = asked(association).job
    Preview.objects.all().delete()
    run_waiting()
    job.refresh_from_db()
    assert (job.state, job.error) == (
        JobState.FAILED,
        "Det dröjde för länge. Begär filen en gång till.",
    )


def test_a_failed_one_is_tried_again_once_however_often_one_presses(client, association):
    preview = asked(association)
    FAULTS.append(RenderFailed("render_failed", "Handlingen kunde inte göras av den här texten."))
    run_waiting()
    page = client.get(preview.get_absolute_url()).content.decode()
    assert "Handlingen kunde inte göras av den här texten." in page
    assert "Försök igen" in page
    assert asked(association).job == preview.job
    for _ in range(2):
        assert client.post(f"{preview.get_absolute_url()}igen/").status_code == 302
    assert Job.objects.filter(kind="preview").count() == 2
    assert run_waiting() == 1
    assert ask_again(preview=preview, actor=None).job.state == JobState.DONE
    assert bytes(asked(association).made).startswith(b"%PDF")


def test_a_page_whose_worker_is_dead_says_so_and_what_to_do(client, association):
    preview = asked(association)
    here = preview.get_absolute_url()
    waiting = client.get(here).content.decode()
    assert "Arbetet står i kö." in waiting
    assert '<a class="ds-link" href="/sjo/">Vägen hit</a>' in waiting
    with clock.at(clock.now() + timedelta(minutes=2)):
        page = client.get(here).content.decode()
    assert "Ingen arbetar med det just nu." in page
    assert "Inget är förlorat" in page
    leased = {"state": JobState.RUNNING, "owner": "x", "leased_until": clock.now()}
    Job.objects.filter(pk=preview.job.pk).update(**leased)
    assert "Ingen arbetar" not in client.get(here).content.decode()
    with clock.at(clock.now() + timedelta(minutes=2)):
        assert "Ingen arbetar" in client.get(here).content.decode()
