"""Minutes under many hands: sent while edited, attested while sent back, a paragraph at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from boards.attestation import attest, send_back
from boards.errors import MeetingRefusal
from boards.immediate import attest_paragraph, fix_paragraph
from boards.minutes import close_meeting, edit_paragraph, send_to_attesters
from boards.models import (
    AgendaItem,
    Attestation,
    AttestationRemark,
    Meeting,
    Minutes,
    MinutesState,
    Paragraph,
    ParagraphAttestation,
)
from finsam.documents.models import DocumentSeries
from finsam.errors import Conflict
from finsam.people.models import User
from finsam.registry.canonical import digest
from finsam.registry.models import Event
from tests import factories as make
from tests.races.test_board_races import (  # noqa: F401 - fixtures
    at_once,
    board,
    called,
    frame,
    item,
)

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
REFUSALS = (MeetingRefusal, Conflict)


@pytest.fixture
def minutes(called: Meeting, director: User) -> Minutes:  # noqa: F811
    return make.make_closed(called, director)


def people(found: Minutes) -> list[User]:
    return [one.seat.user for one in found.meeting.attesters.select_related("seat__user")]


def test_sending_while_others_edit_freezes_exactly_one_content(
    minutes: Minutes, director: User
) -> None:
    """Each edit is in the frozen content, or was refused; none is lost in between."""
    rows = list(minutes.paragraphs.all())

    def edit(row: Paragraph) -> Callable[[], Any]:
        return lambda: edit_paragraph(
            paragraph=Paragraph.objects.get(pk=row.pk),
            texts={"note": f"Not {row.number}"},
            expected_revision=0,
            actor=director,
        )

    def send() -> Minutes:
        return send_to_attesters(minutes=Minutes.objects.get(pk=minutes.pk), actor=director)

    answers = at_once([*(edit(row) for row in rows), send, send, send])

    sent = Minutes.objects.get(pk=minutes.pk)
    assert sent.state == MinutesState.WITH_ATTESTERS
    assert sent.content_hash == digest(sent.content)
    for row, answer in zip(rows, answers, strict=False):
        said = next(one for one in sent.content["paragraphs"] if one["number"] == row.number)
        edited = isinstance(answer, Paragraph)
        assert edited or isinstance(answer, REFUSALS)
        assert (said["note"] == f"Not {row.number}") == edited
    assert answers[-3:] == [sent] * 3
    assert Event.objects.filter(action="minutes_sent_to_attesters").count() == 1


def test_attesting_while_another_sends_back_is_one_outcome(
    minutes: Minutes, director: User
) -> None:
    sent = send_to_attesters(minutes=minutes, actor=director)
    first, second = people(sent)
    said = {"password": make.PASSWORD, "seen_hash": sent.content_hash}
    attest(minutes=sent, actor=first, **said)

    def again() -> Minutes:
        return Minutes.objects.get(pk=sent.pk)

    answers = at_once(
        [
            lambda: attest(minutes=again(), actor=second, **said),
            lambda: send_back(
                minutes=again(), actor=first, remark="Fel", seen_hash=sent.content_hash
            ),
        ]
    )

    found = again()
    attested = found.state == MinutesState.ATTESTED
    assert [isinstance(one, Minutes) for one in answers] == [attested, not attested]
    assert Attestation.objects.count() == (2 if attested else 1)
    assert AttestationRemark.objects.count() == (0 if attested else 1)
    letters = DocumentSeries.objects.filter(kind="decision_letter").count()
    assert letters == (1 if attested else 0)


def test_a_paragraph_fixed_and_attested_by_many_hands_is_one(
    item: AgendaItem,  # noqa: F811
    director: User,
) -> None:
    make.grant_as_proposed(item, director)

    def fresh() -> AgendaItem:
        return AgendaItem.objects.select_related("meeting").get(pk=item.pk)

    fixed = at_once([lambda: fix_paragraph(item=fresh(), actor=director)] * 8)

    paragraph = Paragraph.objects.get(item=item)
    assert fixed == [paragraph] * 8
    assert list(Paragraph.objects.order_by("number").values_list("number", flat=True)) == [
        1, 2, 3, 4, 5,
    ]  # fmt: skip
    users = [one.seat.user for one in paragraph.attestations.select_related("seat__user")]

    def as_person(user: User) -> Callable[[], Paragraph]:
        return lambda: attest_paragraph(
            paragraph=Paragraph.objects.select_related("minutes__meeting").get(pk=paragraph.pk),
            actor=user,
            password=make.PASSWORD,
            seen_hash=paragraph.content_hash,
        )

    answers = at_once([as_person(user) for user in users] * 5)

    assert answers == [paragraph] * 10
    assert ParagraphAttestation.objects.exclude(attested_at=None).count() == 2
    assert Event.objects.filter(action="paragraph_attested").count() == 1
    assert Event.objects.filter(action="outcome_published").count() == 1
    versions = DocumentSeries.objects.filter(
        kind__in=["attested_paragraph", "minutes_extract", "decision_letter"]
    ).values_list("last_version", flat=True)
    assert list(versions) == [1, 1, 1]


def test_closing_while_the_last_one_attests_is_one_outcome(
    item: AgendaItem,  # noqa: F811
    called: Meeting,  # noqa: F811
    director: User,
) -> None:
    """Either the meeting waits for the attestation, or it is closed with the paragraph attested."""
    make.grant_as_proposed(item, director)
    make.settle_formal(called, director, closing=True)
    paragraph = fix_paragraph(
        item=AgendaItem.objects.select_related("meeting").get(pk=item.pk), actor=director
    )
    first, last = [one.seat.user for one in paragraph.attestations.select_related("seat__user")]
    said = {"password": make.PASSWORD, "seen_hash": paragraph.content_hash}
    attest_paragraph(paragraph=paragraph, actor=first, **said)

    answers = at_once(
        [
            lambda: attest_paragraph(
                paragraph=Paragraph.objects.select_related("minutes__meeting").get(pk=paragraph.pk),
                actor=last,
                **said,
            ),
            lambda: close_meeting(meeting=Meeting.objects.get(pk=called.pk), actor=director),
        ]
    )

    assert answers[0] == paragraph
    assert isinstance(answers[1], (Minutes, MeetingRefusal))
    minutes = close_meeting(meeting=Meeting.objects.get(pk=called.pk), actor=director)
    numbers = list(minutes.paragraphs.values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
