"""What the overview asks the database, when all that can wait for the office waits."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from boards.models import Consultation
from budgets.allocations import propose_allocation, save_allocation
from budgets.frames import reserve_grant
from budgets.sought import frame_rows
from finsam import clock
from finsam.people.models import RoleKind
from tests import factories as make
from tests.kept import kept

pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]
BAR = 25


@kept
def agreement(called, director, association, member):
    make.make_person(RoleKind.SIGNATORY, association, member)
    chief = make.make_person(RoleKind.DIRECTOR, association)
    return make.make_agreement(make.make_told(called, director), chief)


@kept
def another(
    agreement, round_, frame, association, other_member, other_applicant, director, council, board
):
    """Another case of the same round: asked about, its memo outdated, a meeting to come."""
    rows = frame_rows(frame)
    kept = save_allocation(
        frame=frame, rows=rows, amounts={rows[0].key: 100_000}, name="A", actor=director
    )
    propose_allocation(allocation=kept, actor=director)
    found = make.make_received(round_, other_member, other_applicant, sought=200_000)
    found = make.make_to_board(found, director)
    third = make.make_received(round_, other_member, other_applicant, sought=100_000)
    prepared = make.make_in_preparation(third, director)
    Consultation.objects.create(
        association=association,
        body=council,
        application=prepared,
        due_on=clock.today() + timedelta(days=7),
        asked_by=director,
    )
    make.make_meeting(board, director, applications=[found])
    reserve_grant(frame=frame, amount=1_000, key="another", actor=director)
    return found


def test_an_agreement_out_for_signature_beside_all_else_keeps_within_the_bar(
    agreement, another, director, sign_in
):
    office, overview = sign_in(director), reverse("boards:dashboard", args=["sjo"])
    office.get(overview)
    with CaptureQueriesContext(connection) as asked:
        page = office.get(overview).content.decode()
    for waits in ("Skriv under avtalet", "Gör om Beslutsunderlag", "Vänta på yttranden"):
        assert waits in page
    # One more would be asked when the council has recommended.
    assert len(asked) <= BAR - 1
