"""Every kind of document that shows a sum says where it comes from, and is found by it."""

from __future__ import annotations

import pytest

from applications.revising import begin_revision, file_revision
from boards.decisions import record_decision
from boards.models import Outcome
from boards.packet import make_packet
from budgets.figures import documents_showing, figures_now, outdated
from budgets.frames import change_grant
from budgets.models import ShownFigure
from budgets.revised_budgets import approve_revised_budget
from finsam.associations.models import Association, Member
from finsam.documents import kinds
from finsam.people.models import User
from tests import factories as make
from tests.boards.test_figures import change_one_cell

pytestmark = pytest.mark.anywhere

# What each kind of document notes its figures as; "" where it shows none that can become another.
HOLDERS = {
    "addendum": "agreement",
    "agreement": "agreement",
    "application": "",  # is the frozen version itself
    "application_form": "",  # to fill in
    "attested_paragraph": "paragraph",
    "decision_letter": "letter",
    "decision_memo": "memo",
    "disposal_protocol": "",
    "released_copy": "",  # as the original
    "report": "",  # is what was handed in, with the money of that day
    "effort_memo": "packet",  # is made anew with each packet
    "masked_minutes": "",  # of what is attested, and never changes
    "meeting_notice": "notice",
    "meeting_packet": "packet",
    "minutes": "paragraph",
    "minutes_extract": "extract",
    "notice_proof": "",
    "packet_extract": "packet",  # pages of a packet
    "payment_request": "",  # is what was claimed, frozen
    "receipt": "",  # of what came in, that day
    "release_refusal": "",
    "revised_budget": "revised",
    "signing_evidence": "",  # of what was signed, by its checksum
    "signature_page": "",  # of a frozen version
    "statements": "",
}
GRANTED = 400_000


def test_every_kind_says_whether_it_shows_figures() -> None:
    """A new kind of document stands in the list, or this fails."""
    ours = {
        name
        for name, function in kinds._functions.items()
        if not function.__module__.startswith("tests.")
    }
    assert set(HOLDERS) == ours


def test_one_changed_cell_and_one_changed_grant_find_every_kind_that_shows_them(
    association: Association, member: Member, applicant: User, director: User
) -> None:
    """A case from the memo to the agreement, partly granted, so that its budget is revised."""
    frame = make.make_frame(association, amount=1_000_000)
    received = make.make_received(make.make_round(association, frame=frame), member, applicant)
    application = make.make_to_board(make.make_in_preparation(received, director), director)
    meeting = make.make_meeting(make.make_board(association), director, applications=[application])
    make_packet(meeting=meeting, actor=director)
    minutes = make.make_closed(
        meeting,
        director,
        decide=lambda item: record_decision(
            item=item, outcome=Outcome.PARTLY_GRANTED, amount=GRANTED, frame=frame, actor=director
        ),
    )
    make.make_attested(minutes, director)
    application = make.reread(application)
    revised = begin_revision(application=application, actor=applicant)
    sent = file_revision(application=application, revised=revised, actor=applicant)
    approve_revised_budget(revised=sent, seen_hash=sent.sha256, actor=director)
    make.make_agreement(application, director)

    noted = ShownFigure.objects.filter(association=association)
    prefixes = {holder.partition(":")[0] for holder in noted.values_list("holder", flat=True)}
    assert prefixes == {holder for holder in HOLDERS.values() if holder}
    keys = set(noted.values_list("figure", flat=True))
    assert set(figures_now(association, keys)) == keys, "each figure can be asked for again"

    change_one_cell(application, director, less=20_000)
    change_grant(grant=application.grant, amount=390_000, key="lowered", actor=director)

    holders = sorted(set(noted.values_list("holder", flat=True)))
    assert {one.holder.partition(":")[0] for one in outdated(association, holders)} == {
        "memo", "packet", "paragraph", "extract", "agreement", "revised",
    }  # fmt: skip
    # What the board decided stays as it decided it: the letter and the notice are still right.
    decided = [key for key in keys if key.startswith(("decision:", "proposal:"))]
    assert {holder.partition(":")[0] for holder in documents_showing(association, decided)} >= {
        "letter", "notice",
    }  # fmt: skip
