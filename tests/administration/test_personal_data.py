"""L-04: what is held of a person is found, handed out, and erased where the law lets it."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import transaction
from django.urls import reverse
from django.utils.text import camel_case_to_spaces

from applications.freezing import latest_received
from applications.models import Answer, Application, ApplicationParty, PartyMember, Signature
from boards.models import AgendaItem, PrivateNote, Seat
from finsam import clock
from finsam.administration.personal_data.erasing import (
    disposal_plan,
    dispose_before,
    erase_person,
    erasure_plan,
)
from finsam.administration.personal_data.export import export_person
from finsam.administration.personal_data.paths import (
    name_of,
    path_to_association,
    people_fields,
    searched_kinds,
    text_fields,
)
from finsam.administration.personal_data.traces import SEALED, Person, person_of, traces_of
from finsam.documents.release.pages import texts_of
from finsam.documents.storage import open_file
from finsam.errors import NotAllowed, NotPossible
from finsam.jobs.work import run_waiting
from finsam.messages.models import Message, Post, Thread
from finsam.people.models import Role, RoleKind
from finsam.registry.events import record_event
from finsam.registry.models import Case, Direction, Event
from finsam.registry.register import open_case, register_record
from tests import factories as make
from tests.kept import kept

pytestmark = pytest.mark.django_db
NAME, EMAIL = "Sigrid Åkerö", "sigrid@exempel.se"
OLD = datetime(2020, 3, 1, 9, 0, tzinfo=UTC)


@kept
def sigrid(association):
    user = make.make_person(RoleKind.COUNCIL, association)
    user.name, user.email, user.title = NAME, EMAIL, "Handledare"
    user.save(update_fields=["name", "email", "title"])
    return user


@kept
def received(association, member, applicant):
    return make.make_received(make.make_round(association), member, applicant)


def notice(association, user, key, *, at=OLD, case=None):
    return Message.objects.create(
        association=association, recipient=user, address=user.email, event_key=key, case=case,
        subject="Påminnelse", body=f"Hej {user.name}!", sent_at=at,
    )  # fmt: skip


def places(association, person):
    return [(trace.place, trace.field) for trace in traces_of(association, person)]


def seed(association, sigrid, received):
    """In one place of each kind; gives back what is to be found, in order."""
    question = received.template.sections.get(key="goals").questions.get(key="purpose")
    Answer.objects.create(
        application=received, question=question, value=f"<p>Ring {NAME.upper()}.</p>"
    )
    ApplicationParty.objects.filter(application=received, is_lead=True).update(
        contact_name=NAME, contact_email=EMAIL
    )
    case = Case.objects.get(pk=received.case.pk)
    register_record(
        case=case, direction=Direction.IN, subject="Yttrande", correspondent=NAME, actor=None
    )
    thread = Thread.objects.create(association=association, subject="Fråga", case=case)
    Post.objects.create(thread=thread, author=sigrid, body="Hur går det?")
    notice(association, sigrid, "a")
    return [
        ("Svar i ansökan", "svar"),
        ("Part", "kontaktperson"),
        ("Part", "kontaktpersonens e-post"),
        ("Roll", "kontot"),
        ("Person", "kontot"),
        ("Meddelande", "kontot"),
        ("Meddelande", "till"),
        ("Meddelande", "text"),
        ("Inlägg", "kontot"),
        ("Händelse", "uppgifter"),
        ("Handling", "avsändare eller mottagare"),
    ]


def test_L04_the_list_is_of_exactly_the_seeded_places(association, sigrid, received):
    expected = seed(association, sigrid, received)
    near = make.make_person(RoleKind.OFFICER, association)
    near.name, near.email = f"{NAME}sson", f"x{EMAIL}"
    near.save(update_fields=["name", "email"])
    notice(association, near, "b")
    assert places(association, person_of(sigrid)) == expected


def test_L04_who_has_no_account_is_found_by_name_and_address(association, received):
    ApplicationParty.objects.filter(application=received, is_lead=True).update(
        contact_name=NAME, contact_email=EMAIL
    )
    expected = [("Part", "kontaktperson"), ("Part", "kontaktpersonens e-post")]
    assert places(association, Person(NAME, EMAIL)) == expected
    assert places(association, Person("", EMAIL)) == expected[1:]


def test_L04_nothing_of_another_association_is_found(
    association, other_association, sigrid, received
):
    expected = seed(association, sigrid, received)
    with_name = open_case(association=other_association, title=f"Om {NAME}", actor=None)
    notice(other_association, sigrid, "c", case=with_name)
    assert places(association, person_of(sigrid)) == expected


def test_L04_of_drafts_and_private_notes_only_that_they_are_there_is_told(
    association, member, applicant, sigrid, director
):
    draft = make.make_draft(make.make_round(association), member, applicant)
    draft.title = f"Hemligt om {NAME}"
    draft.save(update_fields=["title"])
    meeting = make.make_meeting(make.make_board(association), director)
    item = AgendaItem.objects.filter(meeting=meeting)[0]
    PrivateNote.objects.create(item=item, user=sigrid, text=f"Fråga {NAME}")
    found = [trace for trace in traces_of(association, person_of(sigrid)) if trace.place == SEALED]
    assert len(found) == 3
    assert {(trace.number, trace.field, trace.excerpt, trace.day) for trace in found} == {
        ("", "", "", None)
    }


def test_L04_the_export_is_read_by_people_and_by_machines_and_names_nobody_in_the_chain(
    association, sigrid, received, administrator, officer
):
    expected = seed(association, sigrid, received)
    person = person_of(sigrid)
    data = export_person(association=association, person=person, actor=administrator)
    with zipfile.ZipFile(io.BytesIO(data)) as box:
        told = json.loads(box.read("registerutdrag.json"))
        page = box.read("registerutdrag.html").decode()
    assert [(place["place"], place["field"]) for place in told["places"]] == expected
    assert f"{len(expected)} ställen" in page
    event = Event.objects.get(action="person_data_exported")
    assert event.payload == {"places": len(expected)}
    with pytest.raises(NotAllowed):
        export_person(association=association, person=person, actor=officer)


@pytest.mark.django_db(transaction=True)
def test_L04_an_erasure_keeps_the_record_and_takes_the_rest(
    association, sigrid, received, administrator, officer, sign_in, client
):
    seed(association, sigrid, received)
    kept = notice(association, sigrid, "d", case=received.case)
    signed_in = sign_in(sigrid)
    before = {step.what: step.count for step in erasure_plan(association=association, user=sigrid)}
    assert (before["Aviseringar"], before["Roller som gäller"], before["Handling"]) == (1, 1, 1)
    assert before["Meddelande"] == 1  # the one that belongs to a case
    with pytest.raises(NotAllowed):
        erase_person(association=association, user=sigrid, actor=officer)
    case = erase_person(association=association, user=sigrid, actor=administrator)
    with pytest.raises(NotPossible, match="redan raderade"):
        erase_person(association=association, user=sigrid, actor=administrator)
    sigrid.refresh_from_db()
    assert (sigrid.is_active, sigrid.title, sigrid.name) == (False, "", NAME)
    assert sigrid.email == f"{sigrid.pk}@avslutad.invalid"
    assert signed_in.get(reverse("registry:events", args=["sjo"])).status_code == 302
    assert not Role.objects.held_on(clock.today()).filter(user=sigrid).exists()
    emptied = Message.objects.get(event_key="a")
    assert (emptied.subject, emptied.body) == ("Gallrat", "")
    assert emptied.address.endswith(".invalid")
    kept.refresh_from_db()
    assert kept.body == f"Hej {NAME}!"
    assert Answer.objects.filter(value__icontains="Ring").count() == 1
    run_waiting(20)
    protocol = case.documents.get()
    text = " ".join(" ".join(texts_of(open_file(protocol.pdf), "p.pdf")).split())
    assert "Aviseringar 1 Tömda" in text
    assert "Handling 1 Bevaras" in text
    assert NAME not in text
    assert protocol.record.case == case
    assert NAME not in str(Event.objects.get(action="person_erased").payload)


def test_an_erased_name_is_gone_from_lists_and_stays_where_the_law_keeps_it(
    association, sigrid, received, administrator, director, applicant, sign_in
):
    body = make.make_board(association)
    Seat.objects.create(body=body, user=sigrid, function="member", valid_from=OLD.date())
    party = received.parties.get(is_lead=True)
    PartyMember.objects.create(party=party, user=sigrid)
    version = latest_received(received)
    assert version is not None
    Application.objects.filter(pk=received.pk).update(signing_version=version)
    Signature.objects.create(
        version=version, party=received.parties.get(is_lead=False), user=sigrid,
        signatory_name=NAME, method="logged_approval",
    )  # fmt: skip
    with transaction.atomic():
        record_event(association=association, actor=sigrid, action="case_opened", obj=received.case)
    lists = [
        (administrator, reverse("administration:people", args=["sjo"])),
        (administrator, reverse("boards:body", args=["sjo", body.slug])),
        (applicant, f"{received.get_absolute_url()}parter/"),
        (applicant, f"{received.get_absolute_url()}parter/{party.pk}/"),
    ]
    record = [
        (director, reverse("registry:events", args=["sjo"])),
        (applicant, f"{received.get_absolute_url()}underskrifter/"),
    ]
    for reader, page in lists + record:
        assert NAME in sign_in(reader).get(page).text, page
    erase_person(association=association, user=sigrid, actor=administrator)
    for reader, page in lists:
        shown = sign_in(reader).get(page).text
        assert (NAME in shown, "Raderad person" in shown) == (False, True), page
        assert "avslutad.invalid" not in shown, page
    for reader, page in record:
        assert NAME in sign_in(reader).get(page).text, page
    found = sign_in(administrator).get(lists[0][1], {"q": NAME.split(maxsplit=1)[0]}).text
    assert "Raderad person" not in found


def test_an_account_that_another_association_needs_stays_open(
    association, other_association, sigrid, administrator
):
    make.give_role(sigrid, RoleKind.OFFICER, other_association)
    erase_person(association=association, user=sigrid, actor=administrator)
    sigrid.refresh_from_db()
    assert (sigrid.is_active, sigrid.email) == (True, EMAIL)


@pytest.mark.django_db(transaction=True)
def test_L04_retention_is_tried_dry_and_then_done_with_a_record(
    association, sigrid, received, administrator, capsys
):
    notice(association, sigrid, "old")
    new = notice(association, sigrid, "new", at=clock.now())
    of_case = notice(association, sigrid, "case", case=received.case)
    day = (OLD + timedelta(days=30)).date()
    command = ["dispose", "sjo", "--before", day.isoformat(), "--json"]
    call_command(*command, "--dry-run")
    told = json.loads(capsys.readouterr().out)
    assert told["steps"]["Aviseringar"] == 1
    assert Message.objects.filter(body="").count() == 0
    call_command(*command, "--as", administrator.email)
    told = json.loads(capsys.readouterr().out)
    assert told["steps"]["Aviseringar"] == 1
    assert list(Message.objects.filter(body="").values_list("event_key", flat=True)) == ["old"]
    for left in (new, of_case):
        left.refresh_from_db()
        assert left.body
    assert Case.objects.get(number=told["protocol"]).records.count() == 1
    assert Event.objects.filter(action="disposal_done").count() == 1
    assert sum(s.count for s in disposal_plan(association=association, before=day)) == 0
    with pytest.raises(NotPossible):
        dispose_before(association=association, before=day, actor=administrator)
    with pytest.raises(SystemExit):
        call_command(*command, "--as", administrator.email)


@pytest.mark.anywhere
def test_the_page_finds_hands_out_and_erases(
    association, sigrid, received, administrator, director, sign_in
):
    seed(association, sigrid, received)
    here = reverse("administration:personal_data", args=["sjo"])
    client = sign_in(administrator)
    assert client.get(here).status_code == 200
    assert client.post(here, {"do": "show"}).status_code == 422
    said = {"name": NAME, "email": EMAIL.upper()}
    page = client.post(here, said | {"do": "show"}).content.decode().replace("\xa0", " ")
    for shown in ("11 ställen", "kontaktpersonens e-post", "Radera uppgifterna"):
        assert shown in page
    assert (
        "Radera uppgifterna"
        not in sign_in(director).post(here, said | {"do": "show"}).content.decode()
    )
    out = client.post(here, said | {"do": "export"})
    assert out["Content-Disposition"] == 'attachment; filename="registerutdrag.zip"'
    assert client.post(here, said | {"do": "erase", "confirm": "yes"}).status_code == 302
    assert client.post(here, said | {"do": "erase", "confirm": "yes"}).status_code == 422


def test_every_kind_of_row_in_which_a_person_may_stand_has_a_swedish_name():
    unnamed = [
        kind._meta.label
        for kind in searched_kinds()
        if path_to_association(kind)
        and (people_fields(kind) or text_fields(kind))
        and name_of(kind).lower() == camel_case_to_spaces(kind.__name__)
    ]
    assert unnamed == ["budgets.Budget"]  # which is the same word in both languages
