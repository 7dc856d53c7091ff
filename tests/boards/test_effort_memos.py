"""The memo of a change or an early termination: made of the item, in the packet and the agenda."""

from __future__ import annotations

from datetime import timedelta

import pytest

from applications.changing import submit_change
from applications.models import Application, ChangeKind, TerminationGround
from boards.changes import put_change_on_agenda
from boards.document_sources import notice_source
from boards.documents import build_effort_memo
from boards.effort_memos import effort_memo_source, memo_key
from boards.figures import require_packet_current
from boards.models import Body, Meeting
from boards.packet import make_packet
from boards.packet_extracts import cases_of
from boards.terminations import change_proposal, propose_to_board
from budgets.figures import OutdatedFigures
from budgets.frames import change_grant
from finsam import clock
from finsam.documents.documents import job_for
from finsam.documents.models import DocumentSeries
from finsam.documents.pdf_check import UA, A, own_faults, validator_faults
from finsam.people.models import User
from finsam.typography import kronor
from tests import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]


@pytest.fixture
def effort(called: Meeting, director: User) -> Application:
    application = make.make_told(called, director)
    make.make_agreed(application, director)
    return make.reread(application)


def versions(key: str) -> int:
    return DocumentSeries.objects.get(key=key).last_version


def test_a_change_has_its_memo_in_the_packet_made_anew_only_when_something_changed(
    effort: Application, board: Body, applicant: User, director: User
) -> None:
    change = submit_change(
        application=effort,
        kind=ChangeKind.GOALS,
        reason="Målgruppen är större.",
        goals="40 i arbete.",
        actor=applicant,
    )
    meeting = make.make_meeting(board, director, called=False)
    item = put_change_on_agenda(change=change, meeting=meeting, actor=director)
    assert put_change_on_agenda(change=change, meeting=meeting, actor=director) == item
    source = effort_memo_source(item)
    assert source["clauses"][0].startswith("godkänna ändrade mål")
    assert ("Beviljat", kronor(600_000)) in source["facts"]
    packet = make_packet(meeting=meeting, actor=director)
    (shown,) = [one for one in packet.source["items"] if one["pk"] == item.pk]
    assert shown["documents"] == [
        {"title": "Tjänsteskrivelse", "key": memo_key(item), "version": 1}
    ]
    assert cases_of(packet.source) == [effort.case_id], (
        "who has declared a conflict gets none of it"
    )
    (called,) = [one for one in notice_source(meeting)["items"] if one["position"] == item.position]
    assert called["papers"] == ["Tjänsteskrivelse"]
    item.background = "Kansliet har talat med parterna."
    item.save(update_fields=["background"])
    assert make_packet(meeting=meeting, actor=director).version == 2
    assert versions(memo_key(item)) == 2
    change_grant(grant=effort.grant, amount=500_000, key="lowered", actor=director)
    with pytest.raises(OutdatedFigures):
        require_packet_current(meeting.packets.first())


def test_an_early_termination_has_one_too_as_pdf_and_word(
    effort: Application, board: Body, director: User
) -> None:
    stop = clock.today() + timedelta(days=60)
    said = {
        "ground": TerminationGround.CONTRIBUTIONS,
        "reason": "Regionens bidrag halveras.",
        "stops_on": stop,
        "claims_until": stop + timedelta(days=30),
    }
    meeting = make.make_meeting(board, director, called=False)
    end = propose_to_board(application=effort, meeting=meeting, actor=director, **said)
    item = end.agenda_items.get()
    assert any("i förtid avsluta" in one for one in effort_memo_source(item)["clauses"])
    change_proposal(
        termination=end,
        expected_revision=end.revision,
        actor=director,
        **{**said, "reason": "Regionen lämnar."},
    )
    assert versions(memo_key(item)) == 2
    job = job_for(memo_key(item))
    assert "Regionen lämnar." in job.arguments["source"]["matter"]
    made = build_effort_memo(dict(job.arguments["source"]), effort.association)
    assert (own_faults(made.pdf), (made.docx or b"")[:2]) == ([], b"PK")
    assert (validator_faults(made.pdf, UA), validator_faults(made.pdf, A)) == ([], [])
