"""Making a memo anew when a figure in it has changed, with what the director wrote kept."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from applications.freezing import latest_received
from boards.document_sources import memo_source
from boards.errors import MeetingRefusal
from boards.figures import note_memo, outdated_memo
from boards.memo_content import memo_snapshot
from boards.models import DecisionMemo, MemoState, Outcome
from budgets.figures import Outdated
from finsam import clock
from finsam.documents.documents import promise_document
from finsam.people.models import User
from finsam.registry.events import record_event
from finsam.registry.models import Direction
from finsam.registry.register import register_record
from finsam.typography import kronor

DECIDABLE = ("in_preparation", "to_board", "tabled")
GRANTS = (Outcome.GRANTED, Outcome.PARTLY_GRANTED)


def renew_memo(*, memo: DecisionMemo, actor: User) -> DecisionMemo:
    """Bring an outdated memo up to date: its tables, and the sums in what was written.

    A draft is changed where it stands; a finished one stays, and a new one beside it is finished
    at once, registered and made as a document. With nothing outdated the memo is given back.
    The proposal is never above what is sought now. Raises MeetingRefusal once it is decided.
    """
    with transaction.atomic():
        memo = (
            DecisionMemo.objects.select_for_update(of=("self",))
            .select_related("application__association", "application__case")
            .select_related("application__round__frame__account", "author")
            .get(pk=memo.pk)
        )
        found = outdated_memo(memo)
        if not found:
            return memo
        if memo.application.state not in DECIDABLE:
            raise MeetingRefusal("memo_decided", "Ärendet är avgjort; underlaget står kvar.")
        if memo.state == MemoState.DRAFT and memo.final_file_id is not None:
            raise MeetingRefusal(
                "final_file",
                "Underlagets slutliga version är en Word-fil. Rätta beloppen i den och lämna in "
                "den igen, eller välj bort den.",
            )
        texts = _with_sums_of_now(memo.texts, found)
        texts.pop("proposal", None)  # what a file proposed follows from the sums anew
        if memo.state == MemoState.DRAFT:
            memo.texts = texts
            memo.revision += 1
        else:
            memo = _next(memo, texts, actor)
        memo.proposed_amount, memo.proposed_outcome = _proposal(memo)
        memo.updated_at = clock.now()
        memo.save()
        note_memo(memo)
        record_event(
            association=memo.application.association,
            actor=actor,
            action="memo_renewed",
            obj=memo,
            case=memo.application.case,
            payload={"number": memo.number, "changed": [one.in_words for one in found]},
        )
        if memo.state == MemoState.FINAL:
            _issue(memo, actor)
    return memo


def _with_sums_of_now(texts: Mapping[str, str], found: list[Outdated]) -> dict[str, str]:
    """The texts with each outdated sum, written as sums are, put right; nothing else is touched."""
    renewed = dict(texts)
    for one in found:
        if one.now is None:
            continue
        for key, text in renewed.items():
            renewed[key] = str(text).replace(kronor(one.shown), kronor(one.now))
    return renewed


def _next(memo: DecisionMemo, texts: dict[str, str], actor: User) -> DecisionMemo:
    return DecisionMemo.objects.create(
        application=memo.application,
        number=memo.application.memos.order_by("-number").values_list("number", flat=True)[0] + 1,
        proposed_outcome=memo.proposed_outcome,
        proposed_amount=memo.proposed_amount,
        conditions=memo.conditions,
        texts=texts,
        author=actor,
        state=MemoState.FINAL,
        finished_at=clock.now(),
        created_at=clock.now(),
        updated_at=clock.now(),
    )


def _proposal(memo: DecisionMemo) -> tuple[int | None, str]:
    """The proposed sum and outcome, within what is sought now."""
    version = latest_received(memo.application)
    if version is None or memo.proposed_outcome not in GRANTS or not memo.proposed_amount:
        return memo.proposed_amount, memo.proposed_outcome
    amount = min(memo.proposed_amount, version.requested_amount)
    whole = amount == version.requested_amount
    return amount, Outcome.GRANTED if whole else Outcome.PARTLY_GRANTED


def _issue(memo: DecisionMemo, actor: User) -> None:
    """Freeze the new memo, register it and promise its document."""
    application = memo.application
    memo.snapshot = memo_snapshot(memo)
    memo.save(update_fields=["snapshot"])
    if application.case:
        register_record(
            case=application.case,
            direction=Direction.DRAWN_UP,
            subject=f"Beslutsunderlag för {application.title}, omgjort",
            actor=actor,
        )
    promise_document(
        association=application.association,
        kind="decision_memo",
        key=f"memo:{memo.pk}",
        title=f"Beslutsunderlag {application.title}",
        source=memo_source(memo),
        case=application.case,
        requested_by=actor,
    )
