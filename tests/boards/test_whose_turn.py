"""Who has the ball while an application is prepared: the council until it has spoken."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from applications.next_step import after_decision
from applications.review import begin_review, request_supplement
from boards.dashboard import dashboard
from boards.models import Recommendation, RecommendationKind
from finsam import clock
from finsam.typography import date_long
from tests import factories as make
from tests.kept import kept

pytestmark = pytest.mark.django_db


@kept
def prepared(round_, member, applicant, director):
    return make.make_in_preparation(make.make_received(round_, member, applicant), director)


@kept
def recommended(prepared, council, director):
    meeting = make.make_meeting(council, director, applications=[prepared])
    Recommendation.objects.create(
        item=meeting.items.get(application=prepared),
        application=prepared,
        kind=RecommendationKind.ENDORSE,
        recorded_by=director,
    )
    return prepared


def turn(application):
    return row(application).whose_turn


def known(application):
    return row(application).known


def row(application):
    (round_,) = dashboard(application.association)["rounds"]
    return round_.rows[0]


def test_the_council_has_it_until_it_has_recommended(prepared):
    prepared.association.council_name = "Utvecklingsrådet"
    assert turn(prepared) == "Utvecklingsrådet"
    assert after_decision(prepared) is None


def test_then_the_office_has_the_memo_to_write(recommended, sign_in, director):
    assert turn(recommended) == "Kansliet"
    step = after_decision(recommended).office
    memo = reverse("boards:memo", args=["sjo", recommended.public_id])
    assert (step.heading, step.url) == ("Skriv beslutsunderlag", memo)
    page = sign_in(director).get(
        reverse("applications:office_application", args=["sjo", recommended.public_id])
    )
    assert page.content.decode().count(f'href="{memo}"') == 1
    assert "Sätt upp ansökan" not in page.content.decode()


def test_the_board_has_it_by_its_own_name_and_on_the_day_of_its_meeting(
    recommended, board, director
):
    found = make.make_to_board(recommended, director)
    found.association.board_name = "Förbundsstyrelsen"
    assert (turn(found), known(found)) == ("Förbundsstyrelsen", "")
    meeting = make.make_meeting(board, director, applications=[found])
    day = date_long(clock.stockholm(meeting.starts_at).date())
    assert known(found) == f"möte {day}"


def test_who_completes_it_and_by_when_stands_beside_whose_turn_it_is(
    round_, member, applicant, director
):
    found = make.make_received(round_, member, applicant)
    found.parties.update(contact_name="Nadja Berg")
    begin_review(application=found, actor=director)
    day = clock.today() + timedelta(days=9)
    request_supplement(
        application=found,
        sections=list(found.template.sections.all()[:1]),
        message="Beskriv riskerna.",
        last_day=day,
        actor=director,
    )
    assert (turn(found), known(found)) == ("Sökande", f"Nadja Berg, senast {date_long(day)}")
