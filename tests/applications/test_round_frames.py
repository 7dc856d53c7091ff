"""The office gives a round its frame from the round's page, and finds the way back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from applications.models import Round
from applications.round_frames import draw_on_frame, open_frame
from budgets.frames import close_frame, set_frame
from budgets.ledger import InsufficientFunds, equity_account
from budgets.models import Frame
from budgets.year import open_equity
from finsam.associations.models import Association
from finsam.errors import NotAllowed, NotPossible
from finsam.people.models import User
from finsam.registry.models import Event
from tests import factories as make
from tests.kept import kept

pytestmark = pytest.mark.anywhere


@kept
def round_(association: Association) -> Round:
    return make.make_round(association)


@kept
def frame(association: Association, round_: Round) -> Frame:
    open_equity(association=association, amount=1_000_000, actor=None)
    return frame_of(association, "Ramen")


def frame_of(association: Association, name: str, *, year: int = 2024) -> Frame:
    return set_frame(
        association=association, name=name, year=year,
        sources=[(equity_account(association), 1_000)], actor=None,
    )  # fmt: skip


def test_a_round_draws_on_one_frame(
    round_: Round, frame: Frame, association: Association, director: User, applicant: User
) -> None:
    with pytest.raises(NotAllowed):
        draw_on_frame(round_=round_, frame=frame, actor=applicant)
    for _ in range(2):
        assert draw_on_frame(round_=round_, frame=frame, actor=director).frame == frame
    assert Event.objects.filter(action="round_frame_set").count() == 1
    other = frame_of(association, "Annan")
    with pytest.raises(NotPossible, match="redan en ram"):
        draw_on_frame(round_=round_, frame=other, actor=director)


def test_an_ended_frame_and_one_of_another_year_are_not_chosen(
    round_: Round, frame: Frame, association: Association, director: User
) -> None:
    late = frame_of(association, "Senare", year=2025)
    close_frame(frame=frame, actor=director)
    for one in (frame, late):
        with pytest.raises(NotPossible, match="går inte att välja"):
            draw_on_frame(round_=round_, frame=one, actor=director)


def test_a_new_frame_is_set_and_drawn_on_or_neither(
    round_: Round, association: Association, director: User
) -> None:
    said = {"round_": round_, "name": "Ny", "lots": (), "is_example_plan": False, "actor": director}
    equity = equity_account(association)
    with pytest.raises(InsufficientFunds):
        open_frame(sources=[(equity, 10)], **said)
    assert not Frame.objects.exists()
    open_equity(association=association, amount=10, actor=None)
    for _ in range(2):
        assert open_frame(sources=[(equity, 10)], **said).frame == Frame.objects.get()


def test_the_pages_lead_from_the_round_to_the_frame_and_back(
    round_: Round, frame: Frame, association: Association, director: User, applicant: User,
    sign_in: Callable[[User], Client],
) -> None:  # fmt: skip
    client = sign_in(director)
    page = reverse("applications:round_frame", args=[association.slug, round_.slug])
    programme = reverse("applications:programme", args=[association.slug, round_.programme.slug])
    year = reverse("budgets:year_of", args=[association.slug, frame.year])
    assert page in client.get(programme).content.decode()
    assert page in client.get(year).content.decode()
    assert sign_in(applicant).get(page).status_code == 403
    assert client.post(page, {"gor": "valj"}).status_code == 422

    assert [client.post(page, {"gor": "valj", "ram": frame.pk}).status_code for _ in "12"] == [
        302, 302,
    ]  # fmt: skip

    other = make.make_round(association)
    new = reverse("applications:round_frame", args=[association.slug, other.slug])
    said = {"gor": "ny", "name": "Ny", f"source-{equity_account(association).pk}": "7 000"}
    assert client.post(new, said | {"name": ""}).status_code == 422
    assert [client.post(new, said).status_code for _ in "12"] == [302, 302]
    assert Frame.objects.get(name="Ny").rounds.get() == other
    assert frame.get_absolute_url() in client.get(page).content.decode()
    assert frame.get_absolute_url() in client.get(programme).content.decode()
    assert page in client.get(frame.get_absolute_url()).content.decode()
    assert page not in client.get(year).content.decode()
