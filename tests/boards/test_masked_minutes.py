"""Minutes that hold a § of a case marked as secret: the public gets a copy without it (OSL 6:4)."""

from __future__ import annotations

import io
import re

import pikepdf
import pytest
from django.test import Client
from django.urls import reverse

from applications.models import Application
from boards.immediate import attest_paragraph, fix_paragraph
from boards.masked_minutes import hidden_paragraphs, promise_missing_copies
from boards.models import AgendaItem, Meeting, Minutes, Paragraph
from finsam.associations.models import Association
from finsam.documents.documents import document_for, job_for, may_read
from finsam.documents.models import Document, DocumentSeries
from finsam.documents.pdf_claims import Claims, claims_of
from finsam.documents.pdf_text import page_text
from finsam.documents.storage import open_file
from finsam.jobs.models import Job, JobState
from finsam.jobs.work import run_waiting
from finsam.people.access import visitor_for
from finsam.people.models import RoleKind, User
from finsam.registry.secrecy import lift_secrecy, mark_secrecy
from tests import factories as make
from tests.conftest import person_with_role
from tests.kept import kept

pytestmark = pytest.mark.django_db

SECTION = "OSL 26 kap. 1 §"


@kept
def minutes(called: Meeting, ready: Application, director: User) -> Minutes:
    """Attested and made as a document; the case of one § is marked afterwards."""
    attested = make.make_attested(make.make_closed(called, director), director)
    run_waiting()
    mark_secrecy(marked=ready.registered_case, section=SECTION, actor=director)
    return attested


def board_of_notices(client: Client, association: Association) -> str:
    address = reverse("boards:notice_board", args=[association.slug])
    return client.get(address).content.decode()


def copy_address(minutes: Minutes) -> str:
    association = minutes.meeting.association
    return reverse("boards:masked_minutes", args=[association.slug, minutes.meeting_id])


def the_copy(minutes: Minutes) -> Document:
    """The masked copy of whole minutes, which must be made by now."""
    found = document_for(f"masked:minutes:{minutes.pk}")
    assert found is not None
    return found


def fetched(client: Client, minutes: Minutes) -> bytes:
    """The copy as one of the public fetches it: waits on its page, which starts nothing."""
    before = Job.objects.count()
    assert "Arbetet står i kö." in client.get(copy_address(minutes)).content.decode()
    assert Job.objects.count() == before
    run_waiting()
    place = client.get(copy_address(minutes))["Location"]
    assert place == the_copy(minutes).get_absolute_url()
    return b"".join(client.get(place))


def everything(data: bytes) -> str:
    """All strings and decompressed streams of a file, and the text of its pages."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        parts = [page_text(page) for page in pdf.pages]
        for found in pdf.objects:
            parts.append(repr(found))
            if isinstance(found, pikepdf.Stream):
                parts.append(found.read_bytes().decode("latin-1"))
    return re.sub(r"\s+", " ", "\n".join(parts))


def test_P08_the_public_gets_the_minutes_without_the_secret_paragraph(
    minutes: Minutes, association: Association, ready: Application, client: Client
) -> None:
    whole = document_for(f"minutes:{minutes.pk}")
    assert whole is not None
    assert client.get(whole.get_absolute_url()).status_code == 404
    paragraph = Paragraph.objects.get(item__application=ready)
    shown = board_of_notices(client, association)
    assert copy_address(minutes) in shown
    assert whole.get_absolute_url() not in shown
    assert f"§\u00a0{paragraph.number} hör till ett sekretessmarkerat ärende" in shown
    assert "överklaga till kammarrätten" in shown

    made = fetched(client, minutes)
    held = everything(made)
    for clause in [ready.title, paragraph.heading, *paragraph.item.decision.clauses]:
        assert clause not in held
    with pikepdf.open(io.BytesIO(made)) as pdf:
        text = "\n".join(page_text(page) for page in pdf.pages).replace("\u00a0", " ")
    assert f"§ {paragraph.number} hör till ett sekretessmarkerat ärende" in text
    assert f"[Maskerat: {SECTION}]" in text
    others = Paragraph.objects.filter(minutes=minutes).exclude(pk=paragraph.pk)
    headings = list(others.values_list("heading", flat=True))
    assert [one for one in headings if one not in " ".join(text.split())] == []
    assert claims_of(made) == Claims(ua=True, archive="A")
    assert ready.title not in str(the_copy(minutes).job.arguments["source"]["paragraphs"])
    assert the_copy(minutes).get_absolute_url() in board_of_notices(client, association)


def test_the_board_and_the_office_still_have_the_whole(
    minutes: Minutes, association: Association, director: User
) -> None:
    whole = document_for(f"minutes:{minutes.pk}")
    assert whole is not None
    people = {kind: person_with_role(kind, association) for kind in (
        RoleKind.BOARD, RoleKind.CHAIR, RoleKind.AUDITOR, RoleKind.OFFICER, RoleKind.COUNCIL,
    )}  # fmt: skip
    reads = {kind: may_read(visitor_for(association, one), whole) for kind, one in people.items()}
    assert reads == {kind: kind != RoleKind.COUNCIL for kind in people}
    client = Client()
    client.force_login(people[RoleKind.OFFICER])
    assert whole.get_absolute_url() in board_of_notices(client, association)


def test_when_the_mark_is_lifted_the_whole_is_open(
    minutes: Minutes, association: Association, ready: Application, director: User, client: Client
) -> None:
    lift_secrecy(marked=ready.registered_case, actor=director)
    whole = document_for(f"minutes:{minutes.pk}")
    assert whole is not None
    assert hidden_paragraphs(association) == []
    assert client.get(copy_address(minutes))["Location"] == whole.get_absolute_url()
    assert whole.get_absolute_url() in board_of_notices(client, association)


def test_a_copy_that_shows_what_has_been_marked_since_is_not_handed_out(
    minutes: Minutes, association: Association, client: Client
) -> None:
    run_waiting()
    copy = the_copy(minutes)
    assert client.get(copy.get_absolute_url()).status_code == 200
    arguments = copy.job.arguments
    arguments["source"]["masked"] = []
    Job.objects.filter(pk=copy.job_id).update(arguments=arguments)
    assert client.get(copy.get_absolute_url()).status_code == 404
    assert copy.get_absolute_url() not in board_of_notices(client, association)


def test_who_waits_is_told_when_nobody_works_and_when_it_failed(
    minutes: Minutes, client: Client
) -> None:
    job = job_for(f"masked:minutes:{minutes.pk}")
    assert job is not None
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED, error="Disken är full.")
    shown = client.get(copy_address(minutes)).content.decode()
    assert "Det gick inte. Disken är full." in shown
    assert "Förbundets kansli kan låta det göras igen." in shown
    DocumentSeries.objects.filter(last_job=job).update(last_job=None, last_digest="")
    assert "Kopian finns inte än." in client.get(copy_address(minutes)).content.decode()
    promise_missing_copies()
    promise_missing_copies()
    assert Job.objects.filter(arguments__kind="masked_minutes").count() == 2


def test_TF_2_15_a_secret_paragraph_attested_at_once_has_a_copy_of_what_is_not_secret(
    item: AgendaItem, director: User, association: Association, client: Client
) -> None:
    make.grant_as_proposed(item, director)
    item.refresh_from_db()
    paragraph = fix_paragraph(item=item, actor=director)
    for one in paragraph.attestations.select_related("seat__user"):
        attest_paragraph(
            paragraph=paragraph,
            actor=one.seat.user,
            password=make.PASSWORD,
            seen_hash=paragraph.content_hash,
        )
    application = item.treated_application
    mark_secrecy(marked=application.registered_case, section=SECTION, actor=director)
    shown = board_of_notices(client, association)
    address = f"{copy_address(paragraph.minutes)}?paragraf={paragraph.number}"
    assert f'href="{address}">Paragrafen, maskerad kopia (görs)' in shown
    run_waiting()
    made = document_for(f"masked:paragraph:{paragraph.pk}")
    assert made is not None
    assert client.get(address)["Location"] == made.get_absolute_url()
    held = everything(open_file(made.pdf))
    assert [
        one for one in (application.title, paragraph.heading, *item.decision.clauses) if one in held
    ] == []
    told = " ".join(held.replace("\u00a0", " ").split())
    assert f"[Maskerat: {SECTION}]" in told
    assert paragraph.attestations.first().seat.user.name in told


def test_decisions_of_the_same_minutes_lead_to_the_copy(
    minutes: Minutes, association: Association, client: Client
) -> None:
    address = reverse("applications:decisions", args=[association.slug])
    whole = document_for(f"minutes:{minutes.pk}")
    assert whole is not None
    assert whole.get_absolute_url() not in client.get(address).content.decode()


def test_the_copy_of_other_minutes_than_attested_is_not_there(
    called: Meeting, director: User, client: Client
) -> None:
    closed = make.make_closed(called, director)
    assert client.get(copy_address(closed)).status_code == 404
