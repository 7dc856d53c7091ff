"""Trying distributions of a frame."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from budgets import sought
from budgets.allocations import propose_allocation, save_allocation, try_allocation
from budgets.models import Allocation, Frame
from budgets.sought import FrameRow, Sought, frame_rows, provide_sought
from finsam.errors import Conflict, DomainError, NotPossible
from finsam.people.models import User
from finsam.registry.models import Event

SOUGHT = {
    "Karlskrona": 3_900_000,
    "Karlshamn": 1_950_000,
    "Ronneby": 1_700_000,
    "Sölvesborg": 1_100_000,
    "Olofström": 800_000,
}
PROPOSAL = [3_650_000, 1_850_000, 1_650_000, 1_050_000, 760_000]


def applications(frame: Frame) -> Iterable[Sought]:
    for lot in frame.lots.all():
        yield Sought(
            key=f"application-{lot.pk}",
            label=f"Insats i {lot.name}",
            url=f"/ansokan/{lot.pk}/",
            lot_id=lot.pk,
            sought=SOUGHT[lot.name],
            opinion="Tillstyrker",
        )
    yield Sought(key="application-x", label="Utan plan", url="/x/", lot_id=None, sought=0)


@pytest.fixture
def rows(frame: Frame, monkeypatch: pytest.MonkeyPatch) -> list[FrameRow]:
    monkeypatch.setattr(sought, "_providers", [])
    provide_sought(applications)
    provide_sought(applications)
    return frame_rows(frame)[:5]


def amounts_of(rows: list[FrameRow]) -> dict[str, int]:
    return {row.key: amount for row, amount in zip(rows, PROPOSAL, strict=True)}


def test_rows_are_the_lots_with_what_is_sought_of_each(frame: Frame, rows: list[FrameRow]) -> None:
    assert [(row.label, row.plan, row.sought, row.opinion) for row in rows[:2]] == [
        ("Karlskrona", 3_784_064, 3_900_000, "Tillstyrker"),
        ("Karlshamn", 1_822_868, 1_950_000, "Tillstyrker"),
    ]
    last = frame_rows(frame)[-1]
    assert (last.key, last.plan, last.url) == ("application-x", None, "/x/")
    assert len(frame_rows(frame)) == 6


def test_a_trial_tells_total_rest_and_share(frame: Frame, rows: list[FrameRow]) -> None:
    trial = try_allocation(frame, rows, amounts_of(rows))

    assert (trial.total, trial.left, trial.over) == (8_960_000, 40_000, 0)
    assert (trial.plan, trial.sought, trial.percent_of_sought) == (9_000_000, 9_450_000, 95)
    assert [tried.percent_of_sought for tried in trial.rows] == [94, 95, 97, 95, 95]


def test_a_distribution_is_kept_under_a_name(
    frame: Frame, rows: list[FrameRow], director: User
) -> None:
    kept = save_allocation(
        frame=frame, rows=rows, amounts=amounts_of(rows), name="Förslag B", actor=director
    )

    stored = Allocation.objects.with_rows().get(pk=kept.pk)
    assert [(row.label, row.amount) for row in stored.rows.all()] == list(
        zip(SOUGHT, PROPOSAL, strict=True)
    )
    assert stored.total == 8_960_000
    assert Event.objects.filter(action="allocation_saved").count() == 1


def test_a_distribution_over_the_frame_is_not_kept(
    frame: Frame, rows: list[FrameRow], director: User
) -> None:
    amounts = {row.key: row.sought for row in rows}

    with pytest.raises(NotPossible, match="Sänk det med 450\u00a0000\u00a0kr"):
        save_allocation(frame=frame, rows=rows, amounts=amounts, name="Allt", actor=director)
    with pytest.raises(DomainError, match="namn"):
        save_allocation(frame=frame, rows=rows, amounts={}, name=" ", actor=director)
    with pytest.raises(DomainError, match="under noll"):
        save_allocation(
            frame=frame, rows=rows, amounts={rows[0].key: -1}, name="Minus", actor=director
        )
    assert not Allocation.objects.exists()


def test_a_name_is_taken_once_and_a_later_save_wins_nothing_silently(
    frame: Frame, rows: list[FrameRow], director: User
) -> None:
    amounts = amounts_of(rows)
    kept = save_allocation(frame=frame, rows=rows, amounts=amounts, name="A", actor=director)

    again = save_allocation(frame=frame, rows=rows, amounts=amounts, name="A", actor=director)
    assert again == kept
    with pytest.raises(Conflict, match="redan ett förslag"):
        save_allocation(frame=frame, rows=rows, amounts={}, name="A", actor=director)
    save_allocation(
        frame=frame,
        rows=rows,
        amounts={},
        name="A",
        actor=director,
        allocation=kept,
        expected_version=1,
    )
    with pytest.raises(Conflict, match="i mellantiden"):
        save_allocation(
            frame=frame,
            rows=rows,
            amounts=amounts,
            name="A",
            actor=director,
            allocation=kept,
            expected_version=1,
        )
    assert Allocation.objects.with_rows().get(pk=kept.pk).total == 0


def test_one_alternative_is_carried_into_the_memo(
    frame: Frame, rows: list[FrameRow], director: User
) -> None:
    first, second = (
        save_allocation(frame=frame, rows=rows, amounts={}, name=name, actor=director)
        for name in ("A", "B")
    )

    for allocation in (first, second, second):
        propose_allocation(allocation=allocation, actor=director)

    assert list(Allocation.objects.filter(is_proposed=True)) == [second]
    assert Event.objects.filter(action="allocation_proposed").count() == 2
