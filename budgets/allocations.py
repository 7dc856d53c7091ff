"""Trying distributions of a frame and keeping them as named alternatives; nothing is decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Sum

from budgets.figures import provide_figures
from budgets.models import Allocation, AllocationRow, Frame
from budgets.sought import FrameRow, frame_rows
from finsam import clock
from finsam.associations.models import Association
from finsam.errors import Conflict, DomainError, NotPossible
from finsam.people.models import User
from finsam.registry.events import record_event
from finsam.typography import kronor

COMPARED = 4


@dataclass(frozen=True)
class TriedRow:
    """A row with the amount tried in it."""

    row: FrameRow
    amount: int

    @property
    def percent_of_sought(self) -> int | None:
        """Whole per cent of what is sought, rounded half up."""
        if self.row.sought <= 0:
            return None
        return (200 * self.amount + self.row.sought) // (2 * self.row.sought)


@dataclass(frozen=True)
class Trial:
    """A distribution as it would be: what it gives in all and what is left of the frame."""

    frame_amount: int
    rows: tuple[TriedRow, ...]

    @property
    def total(self) -> int:
        return sum(row.amount for row in self.rows)

    @property
    def left(self) -> int:
        return self.frame_amount - self.total

    @property
    def over(self) -> int:
        return max(-self.left, 0)

    @property
    def plan(self) -> int:
        return sum(row.row.plan or 0 for row in self.rows)

    @property
    def sought(self) -> int:
        return sum(row.row.sought for row in self.rows)

    @property
    def percent_of_sought(self) -> int | None:
        whole = FrameRow("", "", None, None, self.sought, None, 0)
        return TriedRow(whole, self.total).percent_of_sought


def try_allocation(frame: Frame, rows: Sequence[FrameRow], amounts: Mapping[str, int]) -> Trial:
    """The amounts laid on the frame's rows; a row without an amount has 0."""
    return Trial(frame.amount, tuple(TriedRow(row, amounts.get(row.key, 0)) for row in rows))


def save_allocation(
    *,
    frame: Frame,
    rows: Sequence[FrameRow],
    amounts: Mapping[str, int],
    name: str,
    note: str = "",
    actor: User | None,
    allocation: Allocation | None = None,
    expected_version: int = 0,
) -> Allocation:
    """Keep a distribution under a name, new or in place of `allocation`; writes `allocation_saved`.

    The same again changes nothing. Raises DomainError without a name or when it passes the frame,
    Conflict when the name is taken or somebody saved the same alternative in between.
    """
    trial = try_allocation(frame, rows, amounts)
    _check(trial, amounts, name)
    with transaction.atomic():
        taken = Allocation.objects.with_rows().filter(frame=frame, name=name.strip()).first()
        if taken is not None and _is_same(taken, trial, note, allocation, actor):
            return taken
        if taken is not None and taken != allocation:
            raise Conflict(
                "allocation_name", f"Det finns redan ett förslag ”{name.strip()}”.", "name"
            )
        if allocation is None:
            allocation = Allocation.objects.create(
                frame=frame, name=name.strip(), note=note.strip(), created_by=actor
            )
        else:
            _claim_version(allocation, expected_version, name, note)
        _replace_rows(allocation, trial)
        record_event(
            association=frame.association,
            actor=actor,
            action="allocation_saved",
            obj=allocation,
            payload={"frame": frame.pk, "name": allocation.name, "amounts": dict(amounts)},
        )
    return allocation


def distribution_of(frame: Frame) -> dict[str, Any] | None:
    """The alternatives of a frame beside each other as plain data, for a memo.

    None while none has been put forward. At most four, the one put forward first.
    """
    kept = Allocation.objects.with_rows().filter(frame=frame).order_by("-is_proposed", "created_at")
    shown = list(kept[:COMPARED])
    if not shown or not shown[0].is_proposed:
        return None
    amounts = [{row.row_key: row.amount for row in each.rows.all()} for each in shown]
    return {
        "frame": frame.amount,
        "is_example": frame.is_example_plan,
        "pk": shown[0].pk,
        "alternatives": [
            {"name": each.name, "note": each.note, "total": each.total} for each in shown
        ],
        "rows": [
            {
                "label": row.label,
                "plan": row.plan or 0,
                "sought": row.sought,
                "amounts": [one.get(row.key, 0) for one in amounts],
            }
            for row in frame_rows(frame)
        ],
    }


@provide_figures("allocation")
def _allocations_now(association: Association, pks: frozenset[int]) -> Mapping[str, int]:
    found = Allocation.objects.filter(
        frame__association=association, pk__in=pks, is_proposed=True
    ).order_by()
    sums = found.annotate(sum=Sum("rows__amount")).values_list("pk", "sum")
    return {f"allocation:{pk}:total": total or 0 for pk, total in sums}


def propose_allocation(*, allocation: Allocation, actor: User | None) -> Allocation:
    """Choose the alternative that the memo carries; writes `allocation_proposed`."""
    with transaction.atomic():
        others = Allocation.objects.filter(frame=allocation.frame_id, is_proposed=True)
        others.exclude(pk=allocation.pk).update(is_proposed=False)
        chosen = Allocation.objects.filter(pk=allocation.pk, is_proposed=False)
        if chosen.update(is_proposed=True):
            record_event(
                association=allocation.frame.association,
                actor=actor,
                action="allocation_proposed",
                obj=allocation,
                payload={"frame": allocation.frame_id, "name": allocation.name},
            )
        allocation.is_proposed = True
    return allocation


def _check(trial: Trial, amounts: Mapping[str, int], name: str) -> None:
    if not name.strip():
        raise DomainError("allocation_name", "Ge förslaget ett namn.", "name")
    if any(amount < 0 for amount in amounts.values()):
        raise DomainError("negative_amount", "Ett belopp kan inte vara under noll.")
    if trial.over:
        raise NotPossible(
            "over_frame",
            f"Förslaget är {kronor(trial.total)} och ramen {kronor(trial.frame_amount)}. "
            f"Sänk det med {kronor(trial.over)} innan du sparar.",
        )


def _replace_rows(allocation: Allocation, trial: Trial) -> None:
    allocation.rows.all().delete()
    AllocationRow.objects.bulk_create(
        AllocationRow(
            allocation=allocation,
            row_key=tried.row.key,
            label=tried.row.label,
            lot=tried.row.lot,
            amount=tried.amount,
            position=position,
        )
        for position, tried in enumerate(trial.rows, start=1)
    )


def _is_same(
    taken: Allocation, trial: Trial, note: str, allocation: Allocation | None, actor: User | None
) -> bool:
    """Whether the alternative of that name holds just what is sent once more."""
    is_new = allocation is None and actor is not None and taken.created_by_id == actor.pk
    kept = {row.row_key: row.amount for row in taken.rows.all()}
    sent = {tried.row.key: tried.amount for tried in trial.rows}
    return (is_new or taken == allocation) and (taken.note, kept) == (note.strip(), sent)


def _claim_version(allocation: Allocation, expected: int, name: str, note: str) -> None:
    unchanged = Allocation.objects.filter(pk=allocation.pk, version=expected)
    if not unchanged.update(
        version=F("version") + 1, name=name.strip(), note=note.strip(), changed_at=clock.now()
    ):
        raise Conflict(
            "allocation_changed",
            "Någon annan har sparat förslaget i mellantiden. Spara ditt under ett annat namn.",
        )
    allocation.version = expected + 1
    allocation.name, allocation.note = name.strip(), note.strip()
