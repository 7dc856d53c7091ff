"""The applicant's pages: they open in every state, keep what was typed, and cost a fixed sum."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.annexes import add_annex
from applications.models import Annex, Answer, Application, SupplementRequest
from applications.once import new_key
from applications.supplementing import answer_supplement
from applications.transitions import apply_transition
from finsam import clock
from finsam.errors import NotPossible
from finsam.people.kept_text import COMES_BACK
from finsam.registry.models import Record
from tests.conftest import person_with_role
from tests.factories import (
    PASSWORD,
    make_complete,
    make_draft,
    make_person,
    make_round,
    make_signed,
    make_submitted,
    png,
    reread,
)
from tests.kept import kept

pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]

PAGES = (
    "application", "parties", "budget", "annexes", "signatures", "submit", "messages", "read",
    "print", "word", "budget_workbook",
)  # fmt: skip


def place(name, application, *more):
    return reverse(f"applications:{name}", args=["sjo", application.public_id, *more])


@pytest.mark.parametrize("make", [make_draft, make_complete, make_signed])
def test_every_page_of_a_draft_opens(round_, member, applicant, sign_in, make):
    application = make(round_, member, applicant)
    client = sign_in(applicant)
    for name in PAGES:
        assert client.get(place(name, application), follow=True).status_code == 200, name
    for section in application.template.sections.all():
        answer = client.get(place("section", application, section.key), follow=True)
        assert answer.status_code == 200
        assert section.heading in answer.content.decode()


def test_every_page_of_a_received_application_opens(round_, member, applicant, sign_in):
    application = make_submitted(round_, member, applicant)
    client = sign_in(applicant)
    for name in (*PAGES, "receipt", "withdraw"):
        answer = client.get(place(name, application), follow=True)
        assert answer.status_code == 200, name


def test_reading_changes_nothing(draft, applicant, sign_in):
    """H-04: a GET leaves every row as it was."""
    from django.apps import apps

    client = sign_in(applicant)
    client.get(draft.get_absolute_url())

    def rows():
        return {
            model: list(model._default_manager.order_by("pk").values())
            for model in apps.get_app_config("applications").get_models()
        }

    before = rows()
    for name in PAGES:
        client.get(place(name, draft))
    assert rows() == before


def test_a_page_costs_the_same_with_three_parties_as_with_one(
    association, member, applicant, sign_in
):
    client = sign_in(applicant)
    one = make_draft(make_round(association), member, applicant, with_party=False)
    many = make_complete(make_round(association), member, applicant)
    from applications.parties import add_party

    for slug in ("fk", "af"):
        add_party(application=many, member=association.members.get(slug=slug), actor=applicant)
    counts = {}
    for name in ("application", "parties", "signatures", "annexes", "budget"):
        for application in (one, many):
            with CaptureQueriesContext(connection_of()) as captured:
                client.get(place(name, application))
            counts.setdefault(name, []).append(len(captured))
    assert {name: found for name, found in counts.items() if len(set(found)) > 1} == {}
    assert {name: found for name, found in counts.items() if max(found) > 15} == {}


def connection_of():
    from django.db import connection

    return connection


@pytest.mark.parametrize("count", [1, 6])
def test_the_list_costs_the_same_however_long(association, member, applicant, sign_in, count):
    client = sign_in(applicant)
    for _ in range(count):
        make_draft(make_round(association), member, applicant)
    url = reverse("applications:mine", args=["sjo"])
    client.get(url)
    with CaptureQueriesContext(connection_of()) as captured:
        answer = client.get(url)
    assert len(answer.context["waiting"]) == count
    assert len(captured) <= 15


# --- the first page of each role --------------------------------------------------------------


def test_each_role_begins_on_its_own_page(association, member, sign_in):
    expected = {
        "applicant": "applications:mine",
        "signatory": "applications:mine",
        "officer": "boards:dashboard",
        "director": "boards:dashboard",
        "board": "boards:board_home",
        "chair": "boards:board_home",
        "council": "boards:council_home",
    }
    for kind, name in expected.items():
        needs_member = kind in ("applicant", "signatory")
        person = make_person(kind, association, member if needs_member else None)
        answer = sign_in(person).get(reverse("applications:start", args=["sjo"]))
        assert answer.url == reverse(name, args=["sjo"]), kind


# --- typed text survives ----------------------------------------------------------------------


def test_A07_text_sent_after_the_session_has_ended_is_kept(draft, applicant, client):
    url = place("section", draft, "basics")
    answer = client.post(url, {"version": "0", "q-title": "Skrivet i timmar", "q-title-sent": "1"})
    assert answer.status_code == 302
    assert urlsplit(answer.url).path == reverse("account_login")
    assert COMES_BACK in client.get(answer.url).content.decode()
    assert not Answer.objects.filter(application=draft, question__key="title").exists()
    sent = {"login": applicant.email, "password": PASSWORD}
    back = client.post(answer.url, sent, follow=True)
    page = back.content.decode()
    assert back.redirect_chain[-1][0] == url
    assert "Skrivet i timmar" in page
    assert "Det du skrev finns kvar" in page
    client.post(url, {"version": "0", "q-title": "Skrivet i timmar", "action": "save"})
    assert Answer.objects.get(application=draft, question__key="title").value == "Skrivet i timmar"
    assert "Det du skrev finns kvar" not in client.get(url).content.decode()


def test_A07_the_saving_script_is_told_to_keep_the_text(draft, client):
    answer = client.post(
        place("section", draft, "basics"), {"q-title": "x"}, headers={"X-Autosave": "1"}
    )
    assert answer.status_code == 401


def test_what_is_wrong_is_said_first_and_linked(draft, applicant, sign_in):
    """X-04: summary first, linked to fields, nothing lost."""
    client = sign_in(applicant)
    url = place("section", draft, "target")
    sent = {
        "version": "0", "q-target_groups-sent": "1", "q-people-sent": "1",
        "q-people-women": "tolv", "q-people-men": "3", "q-age_from": "", "action": "done",
    }  # fmt: skip
    page = client.post(url, sent, follow=True).content.decode()
    assert 'href="#q-people-women"' in page
    assert 'value="tolv"' in page
    assert page.index("felsammanfattning") < page.index('<form class="panel questions"')


# --- the budget's tables ----------------------------------------------------------------------


def budget_rows(**changes):
    rows = {
        "gor": "spara", "version": "1",
        "personal-rader": "4", "kostnader-rader": "4", "finansiering-rader": "4",
        "personal-1-party": "Ekby kommun", "personal-1-role": "Coach", "personal-1-year": "2024",
        "personal-1-percent": "50", "personal-1-months": "12", "personal-1-salary": "36 000",
        "personal-1-overhead": "40,5",
        "kostnader-1-kind": "Lokaler", "kostnader-1-description": "Lokal",
        "kostnader-1-year": "2024", "kostnader-1-party": "Region Sjö",
        "kostnader-1-amount": "96 520 kr",
        "finansiering-1-source": "Sökt här", "finansiering-1-party": "Ekby kommun",
        "finansiering-1-year": "2024", "finansiering-1-amount": "400 000",
    }  # fmt: skip
    return rows | changes


def test_the_budget_is_written_on_its_page(draft, applicant, sign_in):
    client = sign_in(applicant)
    url = place("budget", draft)
    assert client.post(url, budget_rows()).status_code == 302
    content = reread(draft).budget.content()
    assert content.staff[0].cost == 303_480
    assert content.costs[0].amount == 96_520
    page = client.get(url).content.decode()
    assert "går ihop" in page
    assert "40,5" in page


def test_D01_the_same_budget_sent_again_is_no_conflict(draft, applicant, sign_in):
    client = sign_in(applicant)
    for _ in range(3):
        assert client.post(place("budget", draft), budget_rows()).status_code == 302
    assert reread(draft).budget.version == 2


def test_a_cell_that_cannot_be_read_is_shown_again(draft, applicant, sign_in):
    client = sign_in(applicant)
    answer = client.post(place("budget", draft), budget_rows(**{"kostnader-1-amount": "1,500"}))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "kan betyda" in page
    assert 'href="#kostnader-1-amount"' in page
    assert 'value="1,500"' in page
    assert reread(draft).budget.version == 1


def test_O01_a_budget_changed_by_another_is_not_overwritten(draft, applicant, sign_in):
    client = sign_in(applicant)
    client.post(place("budget", draft), budget_rows())
    mine = budget_rows(**{"kostnader-1-description": "Min lokal"})
    answer = client.post(place("budget", draft), mine)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Min lokal" in page
    assert "Den sparade budgeten" in page
    assert client.post(place("budget", draft), mine | {"version": "2"}).status_code == 302
    assert reread(draft).budget.content().costs[0].description == "Min lokal"


def test_every_sum_leads_to_how_it_is_reckoned(complete, applicant, sign_in):
    client = sign_in(applicant)
    url = place("budget_explained", complete)
    assert f'href="{url}"' in client.get(place("budget", complete)).content.decode()

    page = client.get(url)

    figures = [figure["anchor"] for _, found in page.context["groups"] for figure in found]
    assert len(figures) == len(set(figures))
    assert {"kostnad-i-allt", "skillnad", "kostnad-hos-ekby-kommun"} <= set(figures)
    html = page.content.decode()
    assert f'href="{place("budget", complete)}#kostnader-1-amount"' in html
    assert "avrundat till hela kronor per rad" in html


# --- annexes ----------------------------------------------------------------------------------


def test_an_annex_is_added_downloaded_and_taken_away(draft, applicant, sign_in):
    client = sign_in(applicant)
    url = place("annexes", draft)
    assert client.post(url, {"file": png(), "title": "Vår bild"}).status_code == 302
    annex = Annex.objects.get()
    assert "Vår bild" in client.get(url).content.decode()
    got = client.get(place("annex", draft, annex.pk))
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert b"".join(got.streaming_content) == png().read()
    gone = place("remove_annex", draft, annex.pk)
    assert client.get(gone).status_code == 200
    for _ in range(2):
        client.post(gone, {"confirm": "yes"})
    annex.refresh_from_db()
    assert annex.removed_at is not None


def test_D01_the_same_file_twice_is_one_annex(draft, applicant):
    first = add_annex(application=draft, file=png(), title="Ett", actor=applicant)
    assert add_annex(application=draft, file=png(), title="Två", actor=applicant) == first


def test_a_file_that_is_refused_says_why(draft, applicant, sign_in):
    from django.core.files.uploadedfile import SimpleUploadedFile

    file = SimpleUploadedFile("a.exe", b"MZ" + b"\0" * 200)
    answer = sign_in(applicant).post(place("annexes", draft), {"file": file})
    assert answer.status_code == 422
    assert not Annex.objects.exists()


def test_P06_another_partys_annex_is_not_found(draft, applicant, other_applicant, sign_in):
    annex = add_annex(application=draft, file=png(), title="Ett", actor=applicant)
    assert sign_in(other_applicant).get(place("annex", draft, annex.pk)).status_code == 404


# --- a request for completion -----------------------------------------------------------------


@kept
def returned(round_, member, applicant, officer):
    application = make_submitted(round_, member, applicant)
    apply_transition(application, "begin_review", actor=officer)
    request = SupplementRequest.objects.create(
        application=application,
        base_version=application.versions.order_by("-number")[0],
        message="Beskriv målgruppen.",
        last_day=clock.today(),
        requested_by=officer,
    )
    keys = ("target", "budget")
    request.sections.set(application.template.sections.filter(key__in=keys))
    apply_transition(application, "request_supplement", actor=officer)
    return reread(application)


def test_only_what_was_asked_for_can_be_changed(returned, applicant, sign_in):
    client = sign_in(applicant)
    asked = {"version": "1", "q-people-sent": "1", "q-people-women": "20", "q-people-men": "20"}
    assert client.post(place("section", returned, "target"), asked).status_code == 302
    other = client.post(place("section", returned, "basics"), {"version": "1", "q-title": "Nytt"})
    assert other.status_code == 409
    assert reread(returned).title == "Vägen vidare"
    page = client.get(place("section", returned, "basics")).content.decode()
    assert "<textarea" not in page


def test_a_completion_is_a_new_version_and_happens_once(returned, applicant, sign_in):
    client = sign_in(applicant)
    asked = {"version": "1", "q-people-sent": "1", "q-people-women": "20", "q-people-men": "20"}
    client.post(place("section", returned, "target"), asked)
    rows = budget_rows(version=str(returned.budget.version))
    assert client.post(place("budget", returned), rows).status_code == 302
    sent = {"key": new_key(), "message": "Nu är det klart."}
    for _ in range(3):
        assert client.post(place("supplement", returned), sent).url == place(
            "application", returned
        )
    versions = list(returned.versions.order_by("number").values_list("purpose", flat=True))
    assert versions == ["signing", "submission", "supplement"]
    assert reread(returned).state == "in_review"
    assert reread(returned).budget.is_locked
    assert Record.objects.filter(subject__startswith="Komplettering").count() == 1
    answer = returned.supplements.get().answer_version
    assert (answer.number, answer.requested_amount) == (3, 400_000)


def test_nothing_asked_nothing_sent(round_, member, applicant):
    application = make_submitted(round_, member, applicant)
    with pytest.raises(NotPossible) as refusal:
        answer_supplement(application=application, actor=applicant, key=new_key())
    assert refusal.value.code == "nothing_asked"


def test_the_outcome_is_hidden_until_it_is_public(round_, member, applicant, sign_in, director):
    application = make_submitted(round_, member, applicant)
    officer = person_with_role("officer", application.association)
    for action, actor in (
        ("begin_review", officer), ("prepare", officer), ("send_to_board", director),
        ("reject", director),
    ):  # fmt: skip
        application = apply_transition(application, action, actor=actor)
    client = sign_in(applicant)
    for url in (application.get_absolute_url(), reverse("applications:mine", args=["sjo"])):
        page = client.get(url).content.decode()
        assert "Beslut väntar på justering" in page
        assert "Avslag" not in page


def test_messages_go_to_the_office_and_are_sent_once(draft, applicant, officer, sign_in):
    client = sign_in(applicant)
    sent = {"body": "Får vi söka för två år?", "key": new_key()}
    for _ in range(2):
        assert client.post(place("messages", draft), sent).status_code == 302
    thread = reread(draft).thread
    assert thread.posts.count() == 1
    assert thread.subject == "Individinsatser 2024: fråga från Ekby kommun"
    assert thread.participants.filter(user=officer).exists()


def test_what_can_no_longer_be_done_is_not_offered(round_, member, applicant, officer, sign_in):
    """The page before an act says why it is too late, instead of asking and then refusing."""
    draft = make_complete(round_, member, applicant)
    client, office = sign_in(applicant), sign_in(officer)
    assert client.get(place("withdraw", draft)).url == place("discard", draft)
    annex = add_annex(application=draft, file=png(), title="Karta", actor=applicant)
    assert client.get(place("remove_annex", draft, annex.pk)).status_code == 200
    other = draft.parties.filter(is_lead=False).first()
    assert client.get(place("remove_party", draft, other.pk)).status_code == 200
    late = make_submitted(round_, member, applicant)
    kept = Annex.objects.create(
        application=late, upload=annex.upload, title="Karta", added_by=applicant
    )
    before = [
        place("remove_annex", late, kept.pk),
        place("remove_party", late, late.parties.filter(is_lead=False).first().pk),
    ]
    Application.objects.filter(pk=late.pk).update(state="granted")
    for url in [*before, place("withdraw", late)]:
        page = client.get(url)
        assert page.status_code == 409
        assert "Det gick inte" in page.content.decode()
    for name in ("review_supplement", "review_dismiss"):
        answer = office.get(place(name, late))
        assert answer.url == place("office_application", late)
