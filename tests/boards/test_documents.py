"""The boards' documents: as PDF/UA-1 and PDF/A-3a, the edited ones as Word in real styles."""

from __future__ import annotations

import io

import docx
import pytest

from boards.decisions import record_decision
from boards.document_sources import (
    extract_source,
    letter_source,
    memo_source,
    minutes_source,
    notice_source,
    paragraph_source,
)
from boards.immediate import fix_paragraph, release_paragraph
from boards.minutes import close_meeting
from boards.models import Outcome, VoteChoice
from boards.recusals import declare_recusal
from boards.sitting import announce_dissent
from finsam.documents.documents import preview_source
from finsam.documents.kinds import kind_of
from finsam.documents.pdf_check import own_faults, validator_faults
from tests import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]


@pytest.fixture
def sources(meeting, item, ready, board, frame, director, seat_of):
    """Every kind of document of a meeting where everything happened."""
    declare_recusal(item=item, seat=seat_of("kommunen"), actor=director)
    seats = board.seats.exclude(function="substitute").exclude(member__slug="kommunen")
    votes = {
        seat.pk: VoteChoice.NO if seat.member.slug == "fk" else VoteChoice.YES for seat in seats
    }
    record_decision(
        item=item, outcome=Outcome.GRANTED, amount=600_000, frame=frame, votes=votes,
        conditions="Rapport i maj.", proposition_order="Bifall mot avslag.", actor=director,
    )  # fmt: skip
    announce_dissent(item=item, seat=seat_of("fk"), text="För dyrt.", actor=director)
    fixed = fix_paragraph(item=item, actor=director)
    attested_at_once = paragraph_source(fixed)
    release_paragraph(paragraph=fixed, actor=director)
    make.settle_formal(meeting, director, closing=True)
    minutes = make.make_attested(close_meeting(meeting=meeting, actor=director), director)
    paragraph = minutes.paragraphs.get(item=item)
    return {
        "decision_memo": memo_source(ready.memos.get()),
        "meeting_notice": notice_source(meeting),
        "minutes": minutes_source(minutes),
        "attested_paragraph": attested_at_once,
        "minutes_extract": extract_source(paragraph),
        "decision_letter": letter_source(paragraph),
    }


def build(association, kind, source):
    frozen = preview_source(association=association, kind=kind, title=f"Om {kind}", source=source)
    return kind_of(kind).build(frozen, association)


@pytest.mark.slow
def test_X06_every_document_is_pdf_ua_1_and_a_3a(association, sources):
    for kind, source in sources.items():
        pdf = build(association, kind, source).pdf
        assert validator_faults(pdf, "ua1") == [], kind
        assert validator_faults(pdf, "3a") == [], kind
        assert own_faults(pdf) == [], kind


@pytest.mark.parametrize("kind", ["decision_memo", "minutes"])
def test_X09_memo_and_minutes_are_word_files_in_real_styles(association, sources, kind):
    word = docx.Document(io.BytesIO(build(association, kind, sources[kind]).docx))
    styles = {paragraph.style.name for paragraph in word.paragraphs}
    assert {"Title", "Heading 1", "Beslut", "Att-sats"} <= styles
    text = "\n".join(paragraph.text for paragraph in word.paragraphs)
    assert "bevilja Ekby kommun 600\u00a0000\u00a0kronor" in text
    if kind == "minutes":
        assert "Rapport i maj." in text
        assert "reserverar sig mot beslutet. För dyrt." in text
        assert "anmäler jäv" in text
        assert "Nej: " in text


def test_the_same_source_gives_the_same_bytes(association, sources):
    frozen = preview_source(
        association=association, kind="minutes", title="Protokoll", source=sources["minutes"]
    )
    first, second = (kind_of("minutes").build(frozen, association) for _ in range(2))
    assert (first.pdf, first.docx) == (second.pdf, second.docx)
