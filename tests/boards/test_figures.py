"""Figures are references: a changed cell finds every document that showed it, and holds it back."""

from __future__ import annotations

import dataclasses

import pytest
from django.db import transaction
from django.template.loader import render_to_string

from applications.freezing import content_of, make_version
from applications.models import Application, VersionPurpose
from boards.attestation import attest
from boards.decisions import record_decision
from boards.dispatch import send_packet
from boards.document_sources import memo_source
from boards.figures import outdated_memos, outdated_minutes
from boards.immediate import attest_paragraph, fix_paragraph, release_paragraph
from boards.memos import finish_memo, save_memo, start_memo
from boards.minutes import compose_anew, edit_paragraph, send_to_attesters
from boards.models import Body, DecisionMemo, Meeting, MemoState, Minutes, Outcome, Paragraph
from boards.packet import make_packet
from boards.renewing import renew_memo
from budgets.allocations import propose_allocation, save_allocation
from budgets.editing import lock_budget, replace_content
from budgets.figures import OutdatedFigures, documents_showing, figures_now
from budgets.frames import reserve_grant
from budgets.models import Frame
from budgets.sought import frame_rows
from finsam.associations.models import Association, Member
from finsam.documents.documents import preview_source
from finsam.jobs.work import run_waiting
from finsam.people.models import User
from finsam.typography import kronor
from tests import factories as make
from tests.kept import kept


@kept
def board(association: Association) -> Body:
    return make.make_board(association)


@kept
def frame(association: Association) -> Frame:
    return make.make_frame(association, amount=1_000_000)


@kept
def application(
    association: Association, frame: Frame, member: Member, applicant: User, director: User
) -> Application:
    received = make.make_received(make.make_round(association, frame=frame), member, applicant)
    return make.make_in_preparation(received, director)


def change_one_cell(application: Application, actor: User, *, less: int) -> None:
    """The premises cost `less` kronor less, sought as much less; received as a new version."""
    budget = application.budget
    lock_budget(budget=budget, actor=actor, locked=False)
    budget.refresh_from_db()
    content = budget.content()
    cost = dataclasses.replace(content.costs[0], amount=content.costs[0].amount - less)
    money = dataclasses.replace(content.financing[0], amount=content.financing[0].amount - less)
    replace_content(
        budget=budget,
        content=dataclasses.replace(content, costs=(cost,), financing=(money,)),
        expected_version=budget.version,
        actor=actor,
    )
    with transaction.atomic():
        fresh = Application.objects.get(pk=application.pk)
        make_version(fresh, content_of(fresh), VersionPurpose.SUPPLEMENT, actor)


def keys_of(application: Application, before: dict[str, int]) -> set[str]:
    """The figures that are others now."""
    now = figures_now(application.association, list(before))
    return {key for key, value in before.items() if now[key] != value}


def figures_of(application: Application) -> dict[str, int]:
    """All that a document can show of the application."""
    return figures_now(application.association, [f"application:{application.pk}:sought"])


def test_one_changed_cell_finds_every_document_that_showed_it(
    application: Application, board: Body, director: User
) -> None:
    application = make.make_to_board(application, director)
    memo = application.memos.get()
    meeting = make.make_meeting(board, director, applications=[application])
    packet = make_packet(meeting=meeting, actor=director)
    before = figures_of(application)

    change_one_cell(application, director, less=20_000)

    lead = application.parties.get(is_lead=True).name
    other = application.parties.get(is_lead=False).name
    changed = keys_of(application, before)
    pk = application.pk
    assert changed == {
        f"application:{pk}:{name}" for name in ("sought", "cost", f"cost:{other}", f"sought:{lead}")
    }
    shown = documents_showing(application.association, changed)
    assert set(shown) == {f"memo:{memo.pk}", f"packet:{packet.pk}"}
    assert shown[f"memo:{memo.pk}"] == f"Beslutsunderlag {application.title}"


def test_an_outdated_packet_is_not_sent_until_made_anew(
    application: Application, board: Body, director: User
) -> None:
    application = make.make_to_board(application, director)
    meeting = make.make_meeting(board, director, applications=[application])
    packet = make_packet(meeting=meeting, actor=director)
    run_waiting()
    change_one_cell(application, director, less=20_000)

    with pytest.raises(OutdatedFigures) as refusal:
        send_packet(packet=packet, actor=director)
    assert f"{kronor(500_000)}, nu {kronor(480_000)}" in refusal.value.message
    with pytest.raises(OutdatedFigures):
        make_packet(meeting=meeting, actor=director)
    first = application.memos.get()
    renewed = renew_memo(memo=first, actor=director)
    again = make_packet(meeting=meeting, actor=director)
    run_waiting()

    assert send_packet(packet=again, actor=director).sent_at is not None
    assert (renewed.number, renewed.state, renewed.proposed_amount) == (2, "final", 480_000)
    assert kronor(480_000) in renewed.texts["summary"]
    assert kronor(500_000) not in str(renewed.texts)
    assert renewed.snapshot["requested"] == 480_000
    assert application.memos.get(pk=first.pk).snapshot["requested"] == 500_000
    assert renew_memo(memo=renewed, actor=director) == renewed


def test_an_outdated_draft_is_not_finished_and_keeps_what_was_written(
    application: Application, director: User
) -> None:
    draft = start_memo(application=application, actor=director)
    draft = save_memo(
        memo=draft, texts={"risks": "Hyran kan stiga."}, proposed_outcome=Outcome.GRANTED,
        proposed_amount=500_000, conditions="", expected_revision=draft.revision, actor=director,
    )  # fmt: skip
    change_one_cell(application, director, less=20_000)

    with pytest.raises(OutdatedFigures):
        finish_memo(memo=draft, actor=director)
    assert [one.holder for one in outdated_memos(application.association).values()][:1] == [
        f"memo:{draft.pk}"
    ]
    renewed = renew_memo(memo=draft, actor=director)
    assert (renewed.pk, renewed.state, renewed.texts["risks"]) == (
        draft.pk, MemoState.DRAFT, "Hyran kan stiga.",
    )  # fmt: skip
    assert finish_memo(memo=renewed, actor=director).snapshot["amount"] == 480_000


def test_a_grant_to_another_makes_the_frame_of_a_memo_outdated(
    application: Application, frame: Frame, director: User
) -> None:
    make.make_to_board(application, director)
    memo = application.memos.get()
    reserve_grant(frame=frame, amount=100_000, key="another", actor=director)

    found = outdated_memos(application.association).values()
    assert [(one.holder, one.key, one.shown, one.now) for one in found] == [
        (f"memo:{memo.pk}", f"frame:{frame.pk}:left", 1_000_000, 900_000)
    ]
    renewed = renew_memo(memo=memo, actor=director)
    assert renewed.snapshot["frame"]["remaining"] == 900_000


@kept
def minutes(application: Application, board: Body, director: User) -> Minutes:
    meeting = make.make_meeting(
        board, director, applications=[make.make_to_board(application, director)]
    )
    return make.make_closed(meeting, director, decide=lambda item: decide(item, director))


def decide(item, director: User):
    return record_decision(
        item=item, outcome=Outcome.PARTLY_GRANTED, amount=400_000,
        frame=item.treated_application.round.frame, actor=director,
    )  # fmt: skip


def test_outdated_minutes_are_not_sent_until_composed_anew(
    application: Application, minutes: Minutes, director: User
) -> None:
    change_one_cell(application, director, less=20_000)

    assert [one.now for one in outdated_minutes(minutes)] == [480_000]
    with pytest.raises(OutdatedFigures):
        send_to_attesters(minutes=minutes, actor=director)
    compose_anew(minutes=minutes, actor=director)
    sent = send_to_attesters(minutes=minutes, actor=director)

    backgrounds = [one["background"] for one in sent.content["paragraphs"]]
    assert any(kronor(480_000) in text for text in backgrounds)


def test_outdated_minutes_are_not_attested(
    application: Application, minutes: Minutes, director: User
) -> None:
    sent = send_to_attesters(minutes=minutes, actor=director)
    change_one_cell(application, director, less=20_000)

    person = sent.meeting.attesters.select_related("seat__user").first().seat.user
    with pytest.raises(OutdatedFigures):
        attest(minutes=sent, actor=person, password=make.PASSWORD, seen_hash=sent.content_hash)


def test_an_outdated_paragraph_is_not_attested_at_once(
    application: Application, board: Body, director: User
) -> None:
    """Attested at once or with the minutes: what it shows must be what it is now."""
    meeting = make.make_meeting(
        board, director, applications=[make.make_to_board(application, director)]
    )
    make.open_with_all(meeting, director)
    make.settle_formal(meeting, director)
    item = meeting.items.get(application=application)
    decide(item, director)
    fixed = fix_paragraph(item=item, actor=director)
    people = [one.seat.user for one in fixed.attestations.select_related("seat__user")]

    def attest_as(person: User, paragraph: Paragraph) -> Paragraph:
        seen = paragraph.content_hash
        return attest_paragraph(
            paragraph=paragraph, actor=person, password=make.PASSWORD, seen_hash=seen
        )

    change_one_cell(application, director, less=20_000)
    with pytest.raises(OutdatedFigures) as refusal:
        attest_as(people[0], fixed)
    assert f"{kronor(500_000)}, nu {kronor(480_000)}" in refusal.value.message
    assert not fixed.attestations.exclude(attested_at=None).exists()

    release_paragraph(paragraph=fixed, actor=director)
    again = fix_paragraph(item=item, actor=director)
    for person in people:
        again = attest_as(person, again)
    assert again.is_frozen
    assert kronor(480_000) in again.texts["background"]


def test_what_was_written_by_hand_is_not_fixed_with_an_outdated_sum(
    application: Application, board: Body, director: User
) -> None:
    meeting = make.make_meeting(
        board, director, applications=[make.make_to_board(application, director)]
    )
    make.open_with_all(meeting, director)
    make.settle_formal(meeting, director)
    item = meeting.items.get(application=application)
    decide(item, director)
    row = release_paragraph(paragraph=fix_paragraph(item=item, actor=director), actor=director)

    def save(text: str) -> Paragraph:
        row.refresh_from_db()
        return edit_paragraph(
            paragraph=row, texts={"background": text}, expected_revision=row.revision,
            actor=director,
        )  # fmt: skip

    save(f"Sökt är {kronor(500_000)}.")
    change_one_cell(application, director, less=20_000)
    with pytest.raises(OutdatedFigures):
        fix_paragraph(item=item, actor=director)
    save(f"Sökt är {kronor(480_000)}.")

    assert fix_paragraph(item=item, actor=director).is_fixed


def test_letter_and_extract_are_found_by_the_decisions_figure(
    application: Application, minutes: Minutes, director: User
) -> None:
    sent = send_to_attesters(minutes=minutes, actor=director)
    for one in sent.meeting.attesters.select_related("seat__user"):
        attest(
            minutes=sent, actor=one.seat.user, password=make.PASSWORD, seen_hash=sent.content_hash
        )
    row = minutes.paragraphs.get(item__application=application)

    shown = documents_showing(application.association, [f"decision:{row.item_id}:amount"])
    assert set(shown) == {f"{kind}:{row.pk}" for kind in ("letter", "extract", "paragraph")}
    assert shown[f"letter:{row.pk}"] == f"Beslut om {application.title}"
    sought = documents_showing(application.association, [f"application:{application.pk}:sought"])
    assert f"extract:{row.pk}" in sought
    assert f"letter:{row.pk}" not in sought


def test_a_paragraph_written_by_hand_is_current_when_a_person_has_saved_it(
    application: Application, minutes: Minutes, director: User
) -> None:
    row = minutes.paragraphs.get(item__application=application)
    row = edit_paragraph(
        paragraph=row, texts={"note": "Ordföranden tackar."}, expected_revision=row.revision,
        actor=director,
    )  # fmt: skip
    change_one_cell(application, director, less=20_000)
    compose_anew(minutes=minutes, actor=director)
    assert outdated_minutes(minutes) != []

    row.refresh_from_db()
    mended = {"background": row.texts["background"].replace(kronor(500_000), kronor(480_000))}
    edit_paragraph(paragraph=row, texts=mended, expected_revision=row.revision, actor=director)
    assert outdated_minutes(minutes) == []


@pytest.mark.anywhere
def test_the_memos_page_says_what_has_changed_and_makes_it_anew(
    application: Application, director: User, sign_in
) -> None:
    make.make_to_board(application, director)
    change_one_cell(application, director, less=20_000)
    client = sign_in(director)
    slug = application.association.slug
    page = f"/{slug}/kansli/underlag/{application.public_id}/"

    assert "visar belopp som har ändrats" in client.get(page).content.decode()
    for _ in range(2):
        assert client.post(f"{page}gor-om/").status_code == 302
    assert "visar belopp som har ändrats" not in client.get(page).content.decode()
    assert DecisionMemo.objects.count() == 2
    assert Meeting.objects.count() == 0


def test_a_distribution_put_forward_stands_in_the_memo_and_outdates_it(
    application: Application, frame: Frame, director: User
) -> None:
    rows = frame_rows(frame)
    for name, amount in (("A: lite", 300_000), ("B: mer", 400_000)):
        kept = save_allocation(
            frame=frame, rows=rows, amounts={rows[0].key: amount}, name=name, actor=director
        )
        propose_allocation(allocation=kept, actor=director)
    make.make_to_board(application, director)
    memo = application.memos.get()

    source = memo_source(memo)
    assert [column["text"] for column in source["distribution_columns"]] == [
        "Del", "Plan", "Sökt", "B: mer", "A: lite",
    ]  # fmt: skip
    assert source["distribution_total"] == [
        "Summa", "0", *(f"{thousands}\u00a0000" for thousands in (500, 400, 300))
    ]  # fmt: skip
    html = render_to_string("documents/memo.html", preview_source(
        association=frame.association, kind="decision_memo", title="Underlag", source=source
    ))  # fmt: skip
    assert "Fördelningar sida vid sida" in html
    propose_allocation(allocation=frame.allocations.get(name="A: lite"), actor=director)
    found = outdated_memos(frame.association).values()
    assert [one.label for one in found] == ["Fördelningen B: mer"]
