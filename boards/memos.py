"""The decision memo: drafted from everything known, written by the director, then frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import Max

from applications.freezing import latest_received
from applications.models import Application, ApplicationState
from applications.transitions import apply_transition
from boards.consultation import promise_statements, require_consulted
from boards.document_sources import memo_source
from boards.errors import MeetingRefusal
from boards.figures import note_memo, require_memo_current
from boards.memo_content import draft_texts, memo_snapshot
from boards.models import DecisionMemo, MemoState, Outcome
from finsam import clock
from finsam.documents.documents import promise_document
from finsam.documents.models import Upload
from finsam.errors import Conflict
from finsam.people.models import User
from finsam.registry.events import record_event
from finsam.registry.models import Direction
from finsam.registry.register import register_record

HEADINGS: tuple[tuple[str, str], ...] = (
    ("summary", "Sammanfattning"),
    ("matter", "Ärendet"),
    ("preparation", "Beredning"),
    ("assessment", "Bedömning mot kriterierna"),
    ("economy", "Ekonomi"),
    ("roles", "Mål, roller och ansvar per part"),
    ("consequences", "Konsekvenser"),
    ("risks", "Risker och alternativ"),
    ("follow_up", "Uppföljning"),
    ("sent_to", "Beslutet skickas till"),
)


def start_memo(*, application: Application, actor: User) -> DecisionMemo:
    """The draft memo of an application: the one there is, or a new one, filled in."""
    with transaction.atomic():
        locked = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
        draft = locked.memos.filter(state=MemoState.DRAFT).first()
        if draft is not None:
            return draft
        _require_in_preparation(locked)
        recommendation = locked.recommendations.first()
        version = latest_received(locked)
        requested = version.requested_amount if version else 0
        amount = recommendation.amount if recommendation and recommendation.amount else requested
        last = locked.memos.aggregate(last=Max("number"))["last"] or 0
        memo = DecisionMemo.objects.create(
            application=locked,
            number=last + 1,
            proposed_outcome=Outcome.GRANTED if amount == requested else Outcome.PARTLY_GRANTED,
            proposed_amount=amount,
            texts=draft_texts(locked),
            author=actor,
            created_at=clock.now(),
            updated_at=clock.now(),
        )
        note_memo(memo)
        _record(memo, actor, "memo_started")
    return memo


def save_memo(
    *,
    memo: DecisionMemo,
    texts: Mapping[str, str],
    proposed_outcome: Outcome,
    proposed_amount: int | None,
    conditions: str,
    expected_revision: int,
    actor: User,
) -> DecisionMemo:
    """Save the director's texts; raises Conflict when somebody else has saved in between.

    The same content again (an answer was lost on the way) is no conflict and changes nothing.
    """
    known = {key for key, _ in HEADINGS}
    with transaction.atomic():
        memo = (
            DecisionMemo.objects.select_for_update(of=("self",))
            .select_related("application__association", "application__case")
            .get(pk=memo.pk)
        )
        merged = {**memo.texts, **{key: text for key, text in texts.items() if key in known}}
        said = (merged, proposed_outcome, proposed_amount, conditions.strip())
        if said == (memo.texts, memo.proposed_outcome, memo.proposed_amount, memo.conditions):
            return memo
        if memo.state == MemoState.FINAL:
            raise MeetingRefusal("memo_final", "Underlaget är klart och ändras inte längre.")
        if memo.final_file_id is not None:
            raise MeetingRefusal(
                "final_file",
                "En Word-fil är vald som slutlig version. Välj bort den innan du ändrar här, "
                "eller ändra i filen och lämna in den igen.",
            )
        if memo.revision != expected_revision:
            raise Conflict(
                "memo_changed",
                "Någon annan har sparat underlaget medan du skrev. Jämför texterna och spara igen.",
            )
        memo.texts, memo.proposed_outcome, memo.proposed_amount, memo.conditions = said
        memo.revision += 1
        memo.updated_at = clock.now()
        memo.save(
            update_fields=[
                "texts",
                "proposed_outcome",
                "proposed_amount",
                "conditions",
                "revision",
                "updated_at",
            ]
        )
        _record(memo, actor, "memo_saved", revision=memo.revision)
    return memo


def choose_final_file(
    *, memo: DecisionMemo, upload: Upload | None, proposal: Sequence[str] = (), actor: User
) -> DecisionMemo:
    """Let a Word file be the memo's final version, or with None choose it away again.

    `proposal` is the att-clauses as the file says them. The file is never changed or written
    over; what stood in the portal stays there. Chosen again nothing happens.
    """
    with transaction.atomic():
        memo = (
            DecisionMemo.objects.select_for_update(of=("self",))
            .select_related("application__association", "application__case")
            .get(pk=memo.pk)
        )
        wanted = upload.pk if upload else None
        if memo.final_file_id == wanted:
            return memo
        if memo.state == MemoState.FINAL:
            raise MeetingRefusal("memo_final", "Underlaget är klart och ändras inte längre.")
        memo.final_file = upload
        memo.texts = {**memo.texts, "proposal": "\n".join(proposal)}
        memo.revision += 1
        memo.updated_at = clock.now()
        memo.save(update_fields=["final_file", "texts", "revision", "updated_at"])
        sha256 = upload.file.sha256 if upload else ""
        _record(memo, actor, "memo_file_chosen", file=sha256)
    return memo


def finish_memo(*, memo: DecisionMemo, actor: User) -> DecisionMemo:
    """Freeze the memo, register it, and send the application to the board."""
    with transaction.atomic():
        memo = (
            DecisionMemo.objects.select_for_update(of=("self",))
            .select_related(
                "application__association",
                "application__case",
                "application__round__frame",
                "application__round__programme",
            )
            .get(pk=memo.pk)
        )
        if memo.state == MemoState.FINAL:
            return memo
        _require_in_preparation(memo.application)
        require_written(memo)
        require_consulted(memo.application)
        require_memo_current(memo)
        memo.snapshot = memo_snapshot(memo)
        memo.state = MemoState.FINAL
        memo.finished_at = clock.now()
        memo.save(update_fields=["snapshot", "state", "finished_at"])
        note_memo(memo)
        if memo.application.case:
            register_record(
                case=memo.application.case,
                direction=Direction.DRAWN_UP,
                subject=f"Beslutsunderlag för {memo.application.title}",
                actor=actor,
            )
        _record(memo, actor, "memo_finished")
        apply_transition(memo.application, "send_to_board", actor=actor, payload={"memo": memo.pk})
        promise_document(
            association=memo.application.association,
            kind="decision_memo",
            key=f"memo:{memo.pk}",
            title=f"Beslutsunderlag {memo.application.title}",
            source=memo_source(memo),
            case=memo.application.case,
            requested_by=actor,
        )
        promise_statements(application=memo.application, actor=actor)
    return memo


def _require_in_preparation(application: Application) -> None:
    if application.state != ApplicationState.IN_PREPARATION:
        raise MeetingRefusal(
            "not_in_preparation",
            f"”{application.title}” har läget ”{application.get_state_display()}”. Underlag "
            "skrivs medan ansökan är under beredning.",
        )


def require_written(memo: DecisionMemo) -> None:
    """Raise MeetingRefusal with what the memo lacks to go to the board."""
    for key, heading in HEADINGS:
        if key in ("summary", "matter", "sent_to") and not str(memo.texts.get(key, "")).strip():
            raise MeetingRefusal("heading_empty", f"Skriv något under ”{heading}”.", key)
    grants = memo.proposed_outcome in (Outcome.GRANTED, Outcome.PARTLY_GRANTED)
    if grants and not memo.proposed_amount:
        raise MeetingRefusal("amount_missing", "Skriv beloppet som föreslås.", "proposed_amount")
    if grants and memo.application.round.frame is None:
        raise MeetingRefusal(
            "source_missing", "Omgången saknar ram: ange hur beslutet finansieras."
        )


def _record(memo: DecisionMemo, actor: User, action: str, **payload: object) -> None:
    record_event(
        association=memo.application.association,
        actor=actor,
        action=action,
        obj=memo,
        case=memo.application.case,
        payload={"number": memo.number, **payload},
    )
