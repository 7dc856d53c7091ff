"""A programme is set up in the portal: altered in a copy, put in force, and never under anybody."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications import programme_editing as editing
from applications.drafting import start_application
from applications.models import Programme, ProgrammeRevision, Round
from applications.programme_definition import PROGRAMMES, DefinitionError, as_json, read_programme
from applications.programmes_loading import load_definition, load_programme
from applications.round_readiness import readiness_of
from finsam import clock
from finsam.errors import Conflict, DomainError, NotAllowed
from finsam.people.models import RoleKind
from finsam.registry.models import Event
from tests import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]
FILE = PROGRAMMES / "vastmanland-samverkansmedel.toml"


@pytest.fixture
def programme() -> Programme:
    return load_programme(FILE).programme


@pytest.fixture
def director(programme):
    return make.make_person(RoleKind.DIRECTOR, programme.association)


def seen(programme) -> int:
    return editing.working_copy(programme)[1]


def save(programme, place, director, **values):
    editing.save_part(
        programme=programme, place=place, values=values, seen=seen(programme), actor=director
    )


def force(programme, director):
    return editing.put_in_force(programme=programme, seen=seen(programme), actor=director)


def test_nothing_holds_before_it_is_put_in_force(programme, director):
    before = programme.definition
    save(programme, "steps.council", director, name="Beredningen")
    programme.refresh_from_db()
    assert programme.definition == before
    force(programme, director)
    programme.refresh_from_db()
    assert programme.definition["steps"]["council"]["name"] == "Beredningen"
    kept = ProgrammeRevision.objects.order_by("number")
    assert [one.number for one in kept] == [1, 2]
    assert kept[0].definition["steps"]["council"]["name"] == "Utvecklingsrådet"
    assert Event.objects.filter(action="programme_loaded", actor=director).count() == 1
    with pytest.raises(DomainError, match="inga ändringar"):
        force(programme, director)


def test_what_does_not_hold_together_is_named_with_its_place_and_not_put_in_force(
    programme, director
):
    number, _ = editing.add_row(programme=programme, place="criteria", seen=0, actor=director)
    definition, _ = editing.working_copy(programme)
    faults = editing.faults_of(programme, definition)
    assert {one.place for one in faults} == {f"criteria.{number}"}
    with pytest.raises(DefinitionError):
        force(programme, director)
    assert not ProgrammeRevision.objects.exists()
    editing.remove_part(
        programme=programme, place=f"criteria.{number}", seen=seen(programme), actor=director
    )
    assert editing.faults_of(programme, editing.working_copy(programme)[0]) == []


def test_two_people_at_once_is_one_conflict(programme, director):
    save(programme, "", director, name="Samverkan")
    with pytest.raises(Conflict, match="Någon annan"):
        editing.save_part(
            programme=programme, place="", values={"name": "Annat"}, seen=0, actor=director
        )
    assert editing.working_copy(programme)[0]["name"] == "Samverkan"


def test_only_director_and_administrator_and_only_at_home(programme, foreign_director):
    officer = make.make_person(RoleKind.OFFICER, programme.association)
    for person in (officer, foreign_director):
        with pytest.raises(NotAllowed):
            editing.save_part(
                programme=programme, place="", values={"name": "X"}, seen=0, actor=person
            )


def test_the_address_and_a_round_that_is_there_stay(programme, director):
    save(programme, "", director, slug="annat")
    with pytest.raises(DefinitionError, match="slug"):
        force(programme, director)
    with pytest.raises(DomainError, match="finns redan"):
        editing.remove_part(
            programme=programme, place="rounds.1", seen=seen(programme), actor=director
        )
    with pytest.raises(DomainError, match="måste finnas"):
        editing.remove_part(
            programme=programme, place="steps.board", seen=seen(programme), actor=director
        )


def test_a_begun_application_keeps_its_questions_rules_and_criteria(programme, director):
    round_ = programme.rounds.get()
    member = programme.association.members.filter(parent=None).order_by("position")[0]
    applicant = make.make_person(RoleKind.APPLICANT, programme.association, member)
    with clock.at(round_.opens_at):
        application = start_application(round=round_, member=member, actor=applicant)
    wording = programme.criteria.order_by("position")[0].text
    save(programme, "eligibility", director, min_parties=3)
    save(programme, "criteria.1", director, name="Ett helt annat kriterium")
    save(programme, "template.sections.1.questions.1", director, prompt="Ny fråga?")
    force(programme, director)
    round_ = Round.objects.select_related("programme").get(pk=round_.pk)
    assert round_.programme.definition["eligibility"]["min_parties"] == 3
    assert round_.setting("eligibility", "min_parties") == 2
    assert wording in {one.text for one in round_.criteria}
    assert "Ett helt annat kriterium" not in {one.text for one in round_.criteria}
    assert round_.template_id == application.template_id
    assert programme.templates.count() == 2


def test_moving_a_day_reaches_a_round_that_has_begun(programme, director):
    round_ = programme.rounds.get()
    number, _ = editing.add_row(
        programme=programme, place="rounds.1.milestones", seen=seen(programme), actor=director
    )
    save(
        programme, f"rounds.1.milestones.{number}", director, key="extra", day="2027-03-01",
        name="Extra dag", kind="meeting", remind_days_before=5,
    )  # fmt: skip
    force(programme, director)
    assert round_.milestones.get(key="extra").remind_days_before == 5


def test_last_years_round_is_copied_with_its_weekdays():
    programme = load_programme(PROGRAMMES / "blekinge-individinsatser-2024.toml").programme
    director = make.make_person(RoleKind.DIRECTOR, programme.association)
    slug = programme.definition["rounds"][0]["slug"]
    _, number = editing.copy_round(programme=programme, slug=slug, seen=0, actor=director)
    made = editing.working_copy(programme)[0]["rounds"][number - 1]
    old = programme.definition["rounds"][0]
    assert made["slug"] == slug.replace("2024", "2025")
    assert (old["last_day"], made["last_day"]) == ("2023-09-01", "2024-08-30")
    assert [len(old["milestones"]), made["years"], made["frame"]] == [
        len(made["milestones"]), [2025], None,
    ]  # fmt: skip
    again, other = editing.copy_round(
        programme=programme, slug=slug, seen=seen(programme), actor=director
    )
    assert again.definition["rounds"][other - 1]["slug"] == f"{made['slug']}-2"


def test_what_a_round_lacks_is_listed(association):
    definition = read_programme(PROGRAMMES / "blekinge-individinsatser-2024.toml")
    with clock.at(datetime(2023, 3, 1, tzinfo=UTC)):
        round_ = load_definition(definition).programme.rounds.get()
        lacks = [one.text for one in readiness_of(round_) if not one.is_done]
    assert lacks == ["Mallen är fastställd", "Ramen är satt"]


# --- the pages --------------------------------------------------------------------------------


def url(programme, name, *args):
    return reverse(f"applications:{name}", args=[programme.association.slug, programme.slug, *args])


def fields_of(form) -> dict[str, object]:
    """What a browser would send: every field with what it shows, boxes only when ticked."""
    shown = {name: form[name].value() for name in form.fields}
    return {
        name: value for name, value in shown.items() if value is not None and value is not False
    }


def places(shape_json, place=""):
    """Every part of a definition, down to the last table."""
    yield place
    rows = shape_json.items() if isinstance(shape_json, dict) else enumerate(shape_json, start=1)
    for step, value in rows:
        here = f"{place}.{step}" if place else str(step)
        if isinstance(value, dict) or (
            isinstance(value, list) and value and isinstance(value[0], dict)
        ):
            yield from places(value, here)


def test_every_part_saved_as_it_is_shown_alters_nothing(sign_in):
    """The forms lose nothing: each part of all five, as the page shows it, is what it was."""
    from applications.forms_programme import PartForm

    for path in sorted(PROGRAMMES.glob("*.toml")):
        definition = as_json(read_programme(path))
        for place in places(definition):
            part = editing.part_of(definition, place)
            if part.is_list:
                continue
            shown = PartForm(shape=part.shape, value=part.value, fixed=set(), initial={"seen": 0})
            sent = fields_of(shown)
            form = PartForm(sent, shape=part.shape, value=part.value, fixed=set())
            assert form.is_valid(), (path.stem, place, form.errors)
            for name, value in form.values().items():
                assert (part.value.get(name) or None) == (value or None), (path.stem, place, name)


def test_a_director_alters_and_puts_in_force_through_the_pages(programme, director, sign_in):
    client = sign_in(director)
    page = client.get(url(programme, "programme_part", "steps.council"))
    sent = fields_of(page.context["form"]) | {"v-name": "Beredningsrådet", "do": "save"}
    first = client.post(url(programme, "programme_part", "steps.council"), sent)
    assert first.status_code == 302, first.context["form"].errors
    assert client.post(url(programme, "programme_part", "steps.council"), sent).status_code == 422
    assert "Sätt ändringarna i kraft" in client.get(url(programme, "programme")).content.decode()
    added = client.post(url(programme, "programme_part", "criteria"), {"do": "add", "seen": "1"})
    number = added["Location"].rstrip("/").rpartition(".")[2]
    page = client.get(url(programme, "programme")).content.decode()
    assert "Det här återstår" in page
    gone = {"do": "remove", "row": number, "seen": "2"}
    assert client.post(url(programme, "programme_part", "criteria"), gone).status_code == 302
    assert client.get(url(programme, "programme_preview")).status_code == 200
    assert client.post(url(programme, "programme_put_in_force"), {"seen": "3"}).status_code == 302
    programme.refresh_from_db()
    assert programme.definition["steps"]["council"]["name"] == "Beredningsrådet"
    answer = client.get(url(programme, "programme_export"))
    assert b"Beredningsr\xc3\xa5det" in answer.content


def test_wrong_places_and_strangers_find_nothing(programme, director, sign_in, foreign_director):
    client = sign_in(director)
    for place in ("finns-inte", "criteria.99", "criteria.0", "steps.idea", "a.b", "criteria.x"):
        assert client.get(url(programme, "programme_part", place)).status_code == 404, place
    for who in (foreign_director, make.make_person(RoleKind.OFFICER, programme.association)):
        other = sign_in(who)
        assert other.get(url(programme, "programme")).status_code in (403, 404)
        assert other.post(url(programme, "programme_discard"), {"seen": 0}).status_code in (
            403,
            404,
        )


def test_the_programmes_page_asks_the_same_with_more_rounds(programme, director, sign_in):
    client = sign_in(director)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url(programme, "programme")).status_code == 200
        counts.append(len(queries))
        make.make_round(programme.association, programme=programme)
    assert counts[0] == counts[1] <= 15
