"""Who has the ball while an application is prepared: the council until it has spoken."""

from __future__ import annotations

import pytest
from django.urls import reverse

from applications.next_step import after_decision
from boards.dashboard import dashboard
from boards.models import Recommendation, RecommendationKind
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def prepared(round_, member, applicant, director):
    return make.make_in_preparation(make.make_received(round_, member, applicant), director)


@pytest.fixture
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
    (round_,) = dashboard(application.association)["rounds"]
    return round_.rows[0].whose_turn


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


def test_the_board_has_it_by_its_own_name(recommended, director):
    found = make.make_to_board(recommended, director)
    found.association.board_name = "Förbundsstyrelsen"
    assert turn(found) == "Förbundsstyrelsen"
