"""The public pages: what a newcomer is told, in every programme, and what holds for all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from applications import public_information as information
from applications.eligibility import may_apply_together
from applications.models import Round, TemplateState
from applications.programme_definition import PROGRAMMES, moved, read_programme
from applications.programmes_loading import load_definition, load_programme
from applications.public_information import ComingMeeting, PublishedDecision
from applications.rounds import Phase, find_round, rounds_of, way_of_working
from applications.year_setup import set_up_year
from finsam import clock
from finsam.associations.models import Association
from finsam.people.models import RoleKind
from tests.conftest import person_with_role

FILES = {path.stem: path for path in sorted(PROGRAMMES.glob("*.toml"))}
INDIVIDUAL = "blekinge-individinsatser-2024"
JUNE_2023 = datetime(2023, 6, 1, 8, tzinfo=UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]


@pytest.fixture
def at_june() -> Iterator[None]:
    """While the round of the individual efforts is open."""
    with clock.at(JUNE_2023):
        yield


@pytest.fixture
def individual(at_june: None) -> Round:
    path = FILES[INDIVIDUAL]
    first = load_programme(path)
    set_up_year(read_programme(path), association=first.programme.association)
    return load_programme(path).programme.rounds.get()


@pytest.fixture
def other_programmes(at_june: None) -> None:
    for slug, path in FILES.items():
        if slug != INDIVIDUAL:
            load_programme(path)


@pytest.fixture
def nobody_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the floors above: no decisions, no meetings."""
    monkeypatch.setattr(information, "_decisions", [])
    monkeypatch.setattr(information, "_meetings", [])


def page(client: Client, name: str, *args: str) -> str:
    response = client.get(reverse(f"applications:{name}", args=args))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())  # no-break spaces become plain ones


# What the landing page tells in a minute


def test_landing_says_what_when_how_much_and_by_whom(individual, client):
    text = page(client, "landing", "blekinge")
    for told in (
        "Pengar till samverkan som gör skillnad",
        "Öppen för inbjudna",
        "9 000 000 kr",
        "Sista dag att söka",
        "om 92 dagar",
        "De fem inbjudna projektägarna söker i den här omgången.",
        "Alla frågor och kriterier",
        "Budget (Excel)",
    ):
        assert told in text


@pytest.mark.parametrize("slug", ["vastmanland", "landstinget-blekinge", "jamtland", "blekinge"])
def test_every_association_has_its_pages(individual, other_programmes, client, slug):
    for name in ("landing", "process", "decisions", "about"):
        assert Association.objects.get(slug=slug).name in page(client, name, slug)


def test_the_pages_of_an_association_without_programmes_say_so(association, client):
    assert "Ingen omgång är öppen nu" in page(client, "landing", association.slug)
    assert "Inget program är upplagt än" in page(client, "process", association.slug)


def test_a_rolling_programme_says_that_there_is_no_last_day(other_programmes, client):
    assert "Ingen sista dag: sök när ni är redo." in page(client, "landing", "vastmanland")


def test_a_mandatory_idea_is_said_to_come_first(other_programmes, client):
    assert "Börja här: prata med oss om idén" in page(client, "landing", "jamtland")


def test_meetings_and_decisions_come_from_the_floor_above(individual, client, monkeypatch):
    decision = PublishedDecision(
        date(2023, 3, 17),
        "§ 14",
        "Ram för individinsatser 2024",
        "Bifall",
        9_000_000,
        "",
        "/x/",
    )
    meeting = ComingMeeting(date(2023, 9, 13), "Utvecklingsrådet", date(2023, 9, 8))
    monkeypatch.setattr(information, "_decisions", [lambda _association: [decision]])
    monkeypatch.setattr(information, "_meetings", [lambda _association, _limit: [meeting]])
    text = page(client, "landing", "blekinge")
    assert "§ 14 Ram för individinsatser 2024" in text
    assert "13 september 2023" in text
    assert "material senast 8 sep" in text
    assert "9 000 000" in page(client, "decisions", "blekinge")


def test_without_the_floor_above_there_is_simply_nothing(individual, nobody_tells, client):
    assert "Besluten visas här när protokollet är justerat." in page(client, "landing", "blekinge")
    assert "Inga beslut är publicerade än" in page(client, "decisions", "blekinge")


# The round


def test_the_round_page_has_days_money_criteria_and_every_question(individual, client):
    text = page(client, "round", "blekinge", individual.slug)
    for told in (
        "Om 92 dagar. Ansökan ska ha kommit in senast kl. 23.59.",
        "3 784 064",
        "räkneexempel efter invånare",
        "Leder till förändring i system och strukturer",
        "Vilka idéer utvecklar ni tillsammans med de andra insatserna?",
        "Logga in för att söka",
        "Olofströms kommun",
    ):
        assert told in text


def test_the_printed_questions_are_all_of_them(individual, client):
    text = page(client, "round_questions", "blekinge", individual.slug)
    asked = [q.prompt for q in read_programme(FILES[INDIVIDUAL]).questions]
    assert [prompt for prompt in asked if prompt not in text] == []
    assert "Tolk kan inte sökas" in text


def test_before_the_template_is_final_the_questions_are_not_shown(client):
    with clock.at(datetime(2023, 3, 20, 8, tzinfo=UTC)):
        round_ = load_programme(FILES[INDIVIDUAL]).programme.rounds.get()
        assert "Mallen är inte fastställd än" in page(client, "round", "blekinge", round_.slug)
        assert "Mallen är inte fastställd än" in page(
            client, "round_questions", "blekinge", round_.slug
        )


def test_the_empty_budget_workbook_is_that_of_the_programme(individual, client):
    response = client.get(reverse("applications:empty_budget", args=["blekinge", individual.slug]))
    assert response.status_code == 200
    book = load_workbook(BytesIO(response.content))
    keys = {row[0].value: row[1].value for row in book["_mall"].iter_rows(max_col=2)}
    assert keys["template"] == INDIVIDUAL
    assert "attachment" in response["Content-Disposition"]


def test_an_invited_applicant_is_told_to_begin_and_another_why_not(individual, sign_in):
    association = individual.association
    invited = person_with_role(
        RoleKind.APPLICANT, association, member=association.members.get(slug="ronneby")
    )
    other = person_with_role(
        RoleKind.APPLICANT, association, member=association.members.get(slug="region-blekinge")
    )
    assert "Börja en ansökan" in page(sign_in(invited), "round", "blekinge", individual.slug)
    text = page(sign_in(other), "round", "blekinge", individual.slug)
    assert "Ni kan inte börja just nu" in text
    assert "Region Blekinge är inte inbjuden" in text


def test_the_template_is_shown_to_those_who_talk_about_it(client, sign_in):
    with clock.at(datetime(2023, 3, 20, 8, tzinfo=UTC)):
        round_ = load_programme(FILES[INDIVIDUAL]).programme.rounds.get()
        ronneby = round_.association.members.get(slug="ronneby")
        office = sign_in(person_with_role(RoleKind.DIRECTOR, round_.association))
        owner = sign_in(person_with_role(RoleKind.APPLICANT, round_.association, member=ronneby))
        assert "Mallen är ett utkast" in page(office, "round", "blekinge", round_.slug)
        assert "Mallen är ett utkast" not in page(owner, "round", "blekinge", round_.slug)
        template = round_.programme.templates.get()
        template.state, template.proposed_at = TemplateState.PROPOSED, clock.now()
        template.save()
        assert "Läs kommentarerna" in page(office, "round", "blekinge", round_.slug)
        assert "Tyck till om mallen" in page(owner, "round", "blekinge", round_.slug)
        assert "Tyck till om mallen" not in page(client, "round", "blekinge", round_.slug)


def test_another_associations_round_is_not_found(individual, other_programmes, client):
    for name in ("round", "round_questions", "empty_budget", "round_eligibility"):
        address = reverse(f"applications:{name}", args=["jamtland", individual.slug])
        assert client.get(address).status_code == 404


def test_pages_take_no_posts(individual, client):
    for name, args in (("landing", []), ("round", [individual.slug])):
        address = reverse(f"applications:{name}", args=["blekinge", *args])
        assert client.post(address).status_code == 405


# Phases


@pytest.mark.parametrize(
    ("day", "phase"),
    [
        (datetime(2023, 4, 20, 12, tzinfo=UTC), Phase.COMING),
        (datetime(2023, 4, 20, 22, 0, tzinfo=UTC), Phase.OPEN),
        (datetime(2023, 9, 1, 21, 59, 59, tzinfo=UTC), Phase.OPEN),
        (datetime(2023, 9, 1, 22, 0, 0, tzinfo=UTC), Phase.DECIDING),
        (datetime(2023, 9, 25, 12, tzinfo=UTC), Phase.DECIDING),
        (datetime(2023, 9, 26, 12, tzinfo=UTC), Phase.OVER),
    ],
)
def test_T01_a_round_is_shown_in_its_phase_to_the_second(day, phase):
    association = load_programme(FILES[INDIVIDUAL]).programme.association
    with clock.at(day):
        (facts,) = rounds_of(association)
        assert facts.phase is phase


def test_open_rounds_come_before_those_that_are_over(individual):
    load_programme(FILES["blekinge-projekt-2021"])
    found = [facts.round.slug for facts in rounds_of(individual.association)]
    assert found == ["individinsatser-2024", "projekt-2021"]


def test_the_nearest_last_day_of_several_is_shown(at_june):
    definition = read_programme(FILES["jamtland-insatsfinansiering-2022"])
    result = load_definition(moved(definition, 365))
    (facts,) = rounds_of(result.programme.association)
    assert facts.last_day == date(2023, 8, 26)


def test_a_round_is_found_by_its_own_name_and_by_its_programmes(individual):
    assert find_round("individinsatser-2024") == individual
    assert find_round(INDIVIDUAL) == individual
    assert find_round("okand") is None


# How it goes


@pytest.mark.parametrize(
    ("slug", "steps"),
    [
        (INDIVIDUAL, "Idéskiss Ansökan Granskning Beredning Beslut Insats"),
        ("blekinge-projekt-2021", "Ansökan Granskning Beslut Insats"),
        (
            "vastmanland-samverkansmedel",
            "Idéskiss Ansökan Granskning Beredning Beslut Insats",
        ),
        (
            "landstinget-blekinge-sociala-investeringar",
            "Idéprövning Tidplan Ansökan Granskning Beredning Beslut Insats",
        ),
        (
            "jamtland-insatsfinansiering-2022",
            "Idéskiss Ansökan Granskning Samråd Beslut Insats",
        ),
    ],
)
def test_the_way_of_each_programme_follows_from_its_definition(slug, steps):
    definition = load_programme(FILES[slug]).programme.definition
    assert [step.text for step in way_of_working(definition)] == steps.split()


# Kan vi söka?


def verdict(round_: Round, lead: str | None, *others: str, beyond: bool = True) -> tuple[str, ...]:
    members = {member.slug: member for member in round_.association.members.all()}
    found = may_apply_together(
        round=round_,
        lead=members[lead] if lead else None,
        others=[members[slug] for slug in others],
        beyond_ordinary=beyond,
    )
    assert found.may is not bool(found.reasons)
    return found.reasons


def test_FL1_two_municipalities_are_one_party(individual):
    (reason,) = verdict(individual, "ronneby", "karlskrona")
    assert reason == (
        "Ronneby och Karlskrona räknas som en part. Minst två slag av parter behövs "
        "(1\u00a0och\u00a03\u00a0§§ lagen om finansiell samordning): fråga till exempel regionen, "
        "Arbetsförmedlingen eller Försäkringskassan."
    )
    assert verdict(individual, "ronneby", "region-blekinge") == ()


def test_one_party_alone_is_too_few(individual):
    assert verdict(individual, "ronneby") == ("Minst två parter behövs. Fråga en part till.",)


def test_who_is_not_invited_or_may_not_lead_is_told_so(individual):
    reasons = verdict(individual, "region-blekinge", "ronneby")
    assert reasons[0].startswith("Omgången är stängd, och Region Blekinge är inte inbjuden.")
    assert reasons[1] == "Region Blekinge kan inte vara huvudman här, men kan vara med som part."


def test_an_outsider_is_shown_the_way_through_the_lead_party(individual):
    assert verdict(individual, None)[0].startswith("Bara medlemmar kan söka.")


def test_FL7_what_a_party_must_do_anyway_cannot_be_sought(individual):
    (reason,) = verdict(individual, "ronneby", "region-blekinge", beyond=False)
    assert reason == (
        "Pengarna får inte ersätta det som en part redan ska göra "
        "(7\u00a0§ lagen om finansiell samordning). Beskriv vad som tillkommer."
    )


def test_a_fund_has_the_same_rule_but_does_not_name_the_act(other_programmes):
    round_ = Round.objects.get(slug="sociala-investeringar")
    assert verdict(round_, "bup", "primarvarden", beyond=False) == (
        "Pengarna får inte ersätta det som en part redan ska göra. Beskriv vad som tillkommer.",
    )


def test_in_the_fund_two_units_suffice_and_the_region_must_take_part(other_programmes):
    round_ = Round.objects.get(slug="sociala-investeringar")
    assert verdict(round_, "bup", "primarvarden") == ()
    assert verdict(round_, "landstinget", "familjerum") == ()
    reasons = verdict(round_, "karlshamn", "familjerum")
    assert reasons == (
        "Karlshamns kommun kan inte vara huvudman här, men kan vara med som part.",
        "Region måste vara med som part.",
    )


def test_the_three_questions_are_answered_on_the_page(individual, client):
    address = reverse("applications:round_eligibility", args=["blekinge", individual.slug])
    asked = {"huvudman": "ronneby", "parter": ["region-blekinge"], "utover": "ja"}
    assert "Ja, det ser så ut" in client.get(address, asked).content.decode()
    asked["parter"] = ["karlskrona"]
    assert "Inte som det är nu" in client.get(address, asked).content.decode()
    assert "Rätta det här" in client.get(address, {"huvudman": "x"}).content.decode()


# The number of queries does not grow


@pytest.mark.parametrize(
    ("name", "most"), [("landing", 12), ("round", 14), ("round_questions", 9), ("process", 8)]
)
def test_pages_ask_as_much_with_many_rounds_as_with_one(
    individual, client, name, most, django_assert_max_num_queries
):
    args = ["blekinge", individual.slug] if name.startswith("round") else ["blekinge"]
    address = reverse(f"applications:{name}", args=args)
    counts = []
    for number in range(2):
        with django_assert_max_num_queries(most) as asked:
            assert client.get(address).status_code == 200
        counts.append(len(asked.captured_queries))
        for copy in range(8 * (1 - number)):
            Round.objects.create(
                association=individual.association,
                programme=individual.programme,
                slug=f"kopia-{copy}",
                name=f"Kopia {copy}",
                opens_at=individual.opens_at,
                closes_at=individual.closes_at,
                template=individual.template,
            )
    assert counts[0] == counts[1]
