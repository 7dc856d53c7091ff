"""Minutes that hold a § of a case marked as secret: the public gets a copy without it (OSL 6:4)."""

from __future__ import annotations

import io
import re

import pikepdf
import pytest
from django.test import Client
from django.urls import reverse

from applications.models import Application
from boards.masked_minutes import hidden_paragraphs, masked_copy
from boards.models import Meeting, Minutes, Paragraph
from finsam.associations.models import Association
from finsam.documents.documents import document_for, may_read
from finsam.documents.models import Preview
from finsam.documents.pdf_claims import Claims, claims_of
from finsam.documents.pdf_text import page_text
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


def fetched(client: Client, minutes: Minutes) -> bytes:
    """The copy as one of the public fetches it: waits on its page, and then has it."""
    waiting = client.get(copy_address(minutes))
    assert (waiting.status_code, "/utskrift" in waiting["Location"]) == (302, True)
    assert "PDF-filen görs" in client.get(waiting["Location"]).content.decode()
    run_waiting()
    done = client.get(copy_address(minutes))
    assert done["Content-Type"] == "application/pdf"
    return done.content


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
    assert ready.title not in str(Preview.objects.get(kind="masked_minutes").source["paragraphs"])


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


def test_when_the_mark_is_lifted_the_whole_is_open_and_no_copy_is_made(
    minutes: Minutes, association: Association, ready: Application, director: User, client: Client
) -> None:
    copy = masked_copy(minutes)
    assert copy is not None
    lift_secrecy(marked=ready.registered_case, actor=director)
    whole = document_for(f"minutes:{minutes.pk}")
    assert whole is not None
    assert (hidden_paragraphs(association), masked_copy(minutes)) == ([], None)
    assert client.get(copy_address(minutes))["Location"] == whole.get_absolute_url()
    assert whole.get_absolute_url() in board_of_notices(client, association)


def test_a_copy_that_shows_what_has_been_marked_since_is_not_handed_out(
    minutes: Minutes, director: User, client: Client
) -> None:
    copy = masked_copy(minutes)
    assert copy is not None
    assert client.get(copy.get_absolute_url()).status_code == 200
    Preview.objects.filter(pk=copy.pk).update(source={**copy.source, "masked": []})
    assert client.get(copy.get_absolute_url()).status_code == 404


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
