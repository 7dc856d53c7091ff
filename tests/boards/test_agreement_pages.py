"""The agreement's pages: written, sent, read, signed and declined in the browser."""

from __future__ import annotations

import io
from datetime import timedelta

import docx
import pytest
from django.urls import reverse

from applications.models import Round
from boards.agreement_content import executing_parties
from boards.agreement_papers import agreement_source
from boards.models import Agreement, AgreementSignature
from finsam import clock
from finsam.documents.documents import preview_source
from finsam.documents.kinds import kind_of
from finsam.documents.pdf_check import own_faults, validator_faults
from finsam.people.models import RoleKind
from tests import factories as make
from tests.kept import kept

pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]


@kept
def told(called, director):
    return make.make_told(called, director)


@kept
def chief(association):
    return make.make_person(RoleKind.DIRECTOR, association)


@kept
def signer(association, member):
    return make.make_person(RoleKind.SIGNATORY, association, member)


@kept
def agreement(told, signer, chief):
    return make.make_agreement(told, chief)


def url(application, name="agreement"):
    return reverse(f"boards:{name}", args=[application.association.slug, application.public_id])


def text_of(response):
    return response.content.decode()


def test_the_office_prepares_writes_and_sends(
    told, officer, sign_in, django_assert_max_num_queries
):
    client, page = sign_in(officer), url(told, "office_agreement")
    assert "Ta fram avtalet" in text_of(client.get(page))
    for _ in range(2):
        assert client.post(url(told, "agreement_prepare")).status_code == 302
    with django_assert_max_num_queries(15):
        form = client.get(page).context["form"]
    said = {"purpose": "Fler i arbete.", "roles": "Kommunen leder.", "reporting": "I juni."}
    sent = {**said, "other": "", "revision": form["revision"].value()}
    assert [client.post(page, sent).status_code for _ in range(2)] == [302, 302]
    assert client.post(page, {**sent, "roles": "Andra."}).status_code == 409
    latest = {**sent, "revision": Agreement.objects.get().revision, "do": "send"}
    assert [client.post(page, latest).status_code for _ in range(2)] == [302, 302]
    with django_assert_max_num_queries(15):
        shown = text_of(client.get(page))
    assert "Väntar på Samordningsförbundet" in shown
    assert Agreement.objects.get().versions.count() == 1


def test_a_signatory_reads_and_signs(
    agreement, told, signer, sign_in, django_assert_max_num_queries
):
    client = sign_in(signer)
    with django_assert_max_num_queries(15):
        page = client.get(url(told))
    assert "Skriv under avtalet" in text_of(page)
    form = page.context["sign_form"]
    said = {"seen": form["seen"].value(), "party": form["party"].value(), "do": "sign"}
    refused = client.post(url(told, "agreement_sign"), said)
    assert (refused.status_code, AgreementSignature.objects.count()) == (422, 0)
    said |= {"has_read": "on", "password": make.PASSWORD}
    for _ in range(2):
        assert client.post(url(told, "agreement_sign"), said).status_code == 302
    assert AgreementSignature.objects.count() == 1
    assert "Skriv under avtalet" not in text_of(client.get(url(told)))


def test_a_signatory_declines_with_a_reason(agreement, told, signer, officer, sign_in):
    client = sign_in(signer)
    form = client.get(url(told)).context["decline_form"]
    said = {"seen": form["seen"].value(), "party": form["party"].value(), "do": "decline"}
    assert client.post(url(told, "agreement_sign"), said).status_code == 422
    said["reason"] = "Perioden stämmer inte."
    assert client.post(url(told, "agreement_sign"), said).status_code == 302
    assert "Perioden stämmer inte." in text_of(sign_in(officer).get(url(told, "office_agreement")))
    assert "Avtalet skrivs om" in text_of(client.get(url(told)))


def test_the_office_registers_paper_takes_back_and_starts(agreement, told, officer, sign_in):
    client = sign_in(officer)
    seen = agreement.current.content_hash
    party = executing_parties(told)[0]
    said = {"seen": seen, "party": party.pk, "signatory_name": "Eva Ek", "original_received": "on"}
    assert client.post(url(told, "agreement_paper"), said).status_code == 422
    posted = client.post(url(told, "agreement_paper"), {**said, "file": make.png()})
    assert (posted.status_code, AgreementSignature.objects.get().method) == (302, "paper")
    assert "originalet är mottaget" in text_of(client.get(url(told, "office_agreement")))
    refused = client.post(url(told, "agreement_start"), {"started_on": clock.today().isoformat()})
    assert (refused.status_code, "alla har skrivit under" in text_of(refused)) == (422, True)
    back = {"seen": seen, "reason": "Fel rapportdag."}
    for _ in range(2):
        assert client.post(url(told, "agreement_take_back"), back).status_code == 302
    assert "Fel rapportdag." in text_of(client.get(url(told, "office_agreement")))


def test_the_effort_is_started_from_its_page(told, chief, officer, sign_in):
    make.make_agreed(told, chief)
    client = sign_in(officer)
    assert "Anteckna start" in text_of(client.get(reverse("boards:dashboard", args=["sjo"])))
    start = url(told, "agreement_start")
    ended = client.post(start, {"started_on": clock.today().isoformat()})
    assert (ended.status_code, "Insatsens period är slut" in text_of(ended)) == (422, True)
    make.make_ongoing(told)
    early = {"started_on": (clock.today() - timedelta(days=1)).isoformat()}
    asked = client.post(start, early)
    assert (asked.status_code, "Alla hade skrivit under avtalet först" in text_of(asked)) == (
        422, True,
    )  # fmt: skip
    assert "Insatsen började innan alla hade skrivit under" in text_of(asked)
    for _ in range(2):
        assert client.post(start, {**early, "although_unsigned": "on"}).status_code == 302
    page = text_of(client.get(url(told, "office_agreement")))
    assert "Insatsen är igång" in page
    assert "Insatsen började innan avtalet fanns" in page


def test_who_may_read_it(
    told, agreement, applicant, signer, chair, auditor, other_applicant, foreign_director, sign_in
):
    for user in (applicant, signer, chair, auditor):
        assert sign_in(user).get(url(told)).status_code == 200
    for user in (other_applicant, foreign_director):
        assert sign_in(user).get(url(told)).status_code == 404
        assert sign_in(user).post(url(told, "agreement_sign"), {}).status_code == 404
    for user in (applicant, signer, chair, auditor, foreign_director):
        assert sign_in(user).get(url(told, "office_agreement")).status_code == 403


def test_a_draft_is_the_offices_own(told, officer, applicant, sign_in):
    sign_in(officer).post(url(told, "agreement_prepare"))
    assert sign_in(applicant).get(url(told)).status_code == 404
    assert sign_in(officer).get(url(told)).status_code == 200


def test_the_planned_start_passed_without_agreement_is_said_everywhere(
    told, agreement, applicant, officer, sign_in, django_assert_max_num_queries
):
    Round.objects.update(period_from=clock.today() - timedelta(days=3))
    warning = "Den får inte börja förrän alla har skrivit under"
    applicants, offices = sign_in(applicant), sign_in(officer)
    with django_assert_max_num_queries(15):
        mine = applicants.get(told.get_absolute_url())
    office = reverse("applications:office_application", args=["sjo", told.public_id])
    with django_assert_max_num_queries(15):
        theirs = offices.get(office)
    for page in (mine, theirs, sign_in(applicant).get(url(told))):
        assert warning in text_of(page)
    with django_assert_max_num_queries(25):
        overview = offices.get(reverse("boards:dashboard", args=["sjo"]))
    assert "har passerat utan avtal" in text_of(overview)
    Round.objects.update(period_from=clock.today() + timedelta(days=3))
    assert warning not in text_of(sign_in(applicant).get(url(told)))


@pytest.mark.parametrize("signed", [False, True])
def test_its_document_is_tagged_pdf_and_word(told, chief, association, signed):
    agreement = make.make_agreed(told, chief) if signed else make.make_agreement(told, chief)
    source = agreement_source(agreement.current, signed=signed)
    frozen = preview_source(association=association, kind="agreement", title="Avtal", source=source)
    made = kind_of("agreement").build(frozen, association)
    assert (own_faults(made.pdf), validator_faults(made.pdf, "ua1")) == ([], [])
    assert validator_faults(made.pdf, "3a") == []
    word = docx.Document(io.BytesIO(made.docx))
    text = "\n".join(paragraph.text for paragraph in word.paragraphs)
    assert "bevilja Ekby kommun 600\u00a0000\u00a0kronor" in text
    assert "Fler i arbete." in text
    assert agreement.current.content_hash in text
    assert source["budget_total"][1].replace("\u00a0", "") == "600000"
