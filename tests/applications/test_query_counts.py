"""What the applicant's pages ask the database: at most 15 questions, however much there is."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.models import (
    Annex,
    Application,
    ApplicationParty,
    PartyInvitation,
    SectionComment,
)
from applications.review import request_supplement
from budgets.models import CostRow
from finsam import clock
from finsam.documents.models import StoredFile, Upload
from finsam.messages.models import Post
from finsam.messages.threads import open_thread
from tests.factories import (
    make_draft,
    make_in_review,
    make_received,
    make_signed,
    make_submitted,
    reread,
)

pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]

MOST = 15
OF_A_DRAFT = ("application", "parties", "budget", "annexes", "signatures", "submit", "read")
OF_A_RECEIVED = ("application", "parties", "budget", "annexes", "signatures", "receipt")


def place(name, application, *more):
    return reverse(f"applications:{name}", args=["sjo", application.public_id, *more])


def asked(client, url):
    """How many questions the page asks the database."""
    with CaptureQueriesContext(connection) as captured:
        client.get(url)
    return len(captured)


def pages_of(application, names):
    urls = [place(name, application) for name in names]
    urls.append(place("section", application, "basics"))
    return [*urls, place("party", application, application.parties.first().pk)]


def too_many(counts):
    return {url: count for url, count in counts.items() if count > MOST}


@pytest.mark.parametrize("make", [make_draft, make_signed, make_submitted])
def test_no_page_asks_more_than_fifteen(round_, member, applicant, sign_in, make):
    client, application = sign_in(applicant), make(round_, member, applicant)
    names = OF_A_DRAFT if application.is_draft else OF_A_RECEIVED
    assert too_many({url: asked(client, url) for url in pages_of(application, names)}) == {}


def copied(row, count, **values):
    """As many rows like this one, each with its own values."""
    fields = {f.attname: getattr(row, f.attname) for f in row._meta.fields if not f.primary_key}
    made = [
        type(row)(**fields | {name: make(n) for name, make in values.items()}) for n in range(count)
    ]
    return type(row)._default_manager.bulk_create(made)


def more_drafts(draft, count):
    budgets = copied(draft.budget, count)
    drafts = copied(
        draft, count, public_id=lambda _: uuid.uuid4(), budget_id=lambda n: budgets[n].pk
    )
    copied(draft.parties.get(), count, application_id=lambda n: drafts[n].pk)


@pytest.mark.slow
def test_the_list_asks_the_same_with_ten_and_a_thousand(round_, member, applicant, sign_in):
    client, url = sign_in(applicant), reverse("applications:mine", args=["sjo"])
    draft = make_draft(round_, member, applicant, with_party=False)
    counts = []
    for more in (9, 990):
        more_drafts(draft, more)
        counts.append(asked(client, url))
    assert Application.objects.count() == ApplicationParty.objects.count() == 1_000
    assert counts == [counts[0]] * 2
    assert counts[0] <= MOST
    assert len(client.get(url, {"sida": "20"}).context["waiting"]) == 50


def more_of_everything(application, actor, count):
    """Comments, invitations, messages, budget rows and annexes, as rows alone."""
    part = application.template.sections.order_by("position").first()
    copied(
        SectionComment(application=application, section=part, author=actor, body="Skriv mer."),
        count,
    )
    copied(
        PartyInvitation(
            party=application.parties.first(),
            email="ny@exempel.se",
            invited_by=actor,
            expires_at=clock.now() + timedelta(days=9),
        ),
        count,
        token_hash=lambda _: uuid.uuid4().hex,
    )
    copied(Post(thread=application.thread, author=actor, body="Hej"), count)
    there = CostRow.objects.filter(budget=application.budget).count()
    copied(
        CostRow(budget=application.budget, kind="travel", year=2024, amount=1),
        min(count, 190 - there),
        position=lambda n: there + n + 5,
    )
    copied_annexes(application, actor, count)


def copied_annexes(application, actor, count):
    home = application.association
    like = StoredFile(
        association=home, key="a", sha256="0" * 64, size=10, name="a.pdf", content_type="x/y"
    )
    uploads = Upload.objects.bulk_create(
        Upload(association=home, file=file, purpose="annex", kind="pdf", uploaded_by=actor,
               state="accepted", virus_state="not_checked")
        for file in copied(like, count)
    )  # fmt: skip
    Annex.objects.bulk_create(
        Annex(application=application, upload=upload, title="Bilaga", added_by=actor)
        for upload in uploads
    )


@pytest.mark.slow
def test_an_application_asks_the_same_with_ten_and_a_thousand_of_everything(
    round_, member, applicant, sign_in, officer
):
    application = make_received(round_, member, applicant)
    application.thread = open_thread(
        association=application.association, subject="Fråga", actor=applicant
    )
    application.save(update_fields=["thread"])
    make_in_review(application, officer)
    request_supplement(
        application=reread(application),
        sections=list(application.template.sections.all()),
        message="Skriv mer.",
        last_day=clock.today() + timedelta(days=9),
        actor=officer,
    )
    client, counts = sign_in(applicant), []
    urls = pages_of(application, ("application", "budget", "annexes", "messages"))
    for more in (10, 990):
        more_of_everything(application, applicant, more)
        counts.append({url: asked(client, url) for url in urls})
    assert application.annexes.count() == 1_000
    assert counts[0] == counts[1]
    assert too_many(counts[0]) == {}
