"""Many decisions on one frame at once: no krona twice, and every refusal says what is left."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from django.db import connection, transaction

from budgets.frames import reserve_grant, set_frame
from budgets.ledger import InsufficientFunds, balance_now, equity_account, transfer
from budgets.models import Account, Frame, Grant, Transfer, TransferReason
from budgets.verification import verify_ledger
from budgets.year import open_equity
from finsam.associations.models import Association

FRAME = 1_000_000
sqlite_only = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="DATABASE_URL names no SQLite"
)


@dataclass
class Outcome:
    """What the clients were answered."""

    granted: list[int] = field(default_factory=list)
    refused: list[tuple[int, InsufficientFunds]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


@pytest.fixture
def frame(association: Association) -> Frame:
    open_equity(association=association, amount=FRAME, actor=None)
    return set_frame(
        association=association,
        name="Ram",
        year=2024,
        sources=[(equity_account(association), FRAME)],
        actor=None,
    )


def let_all(clients: int, each: int, ask: Callable[[int, int], int]) -> Outcome:
    """Let the clients ask at the same moment, each on its own connection, `each` times."""
    outcome = Outcome()
    begin = threading.Barrier(clients)

    def client(number: int) -> None:
        try:
            connection.ensure_connection()
            begin.wait(60)
            for turn in range(each):
                try:
                    outcome.granted.append(ask(number, turn))
                except InsufficientFunds as refusal:
                    outcome.refused.append((number, refusal))
        except Exception as fault:  # noqa: BLE001 - whatever it is, it fails the test below
            outcome.faults.append(repr(fault))
        finally:
            connection.close()

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcome


def decide(frame: Frame) -> Callable[[int, int], int]:
    """A client that grants a random sum out of the frame, by its own reading of the row."""

    def ask(client: int, turn: int) -> int:
        amount = random.Random(client * 1_000 + turn).randrange(500, 20_000)
        own = Frame.objects.select_related("account", "association").get(pk=frame.pk)
        reserve_grant(frame=own, amount=amount, key=f"{client}-{turn}", actor=None)
        return amount

    return ask


def assert_no_krona_twice(frame: Frame, outcome: Outcome, asked: int) -> None:
    assert outcome.faults == []
    assert len(outcome.granted) + len(outcome.refused) == asked
    assert outcome.refused, "the frame must have run out, or nothing was tried"
    left = balance_now(frame.account)
    assert sum(outcome.granted) == FRAME - left == frame.granted
    assert Grant.objects.count() == len(outcome.granted)
    for _, refusal in outcome.refused:
        assert 0 <= refusal.left < 20_000
        assert "kvar" in refusal.message
    assert verify_ledger().ok


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_C01_fifty_clients_cannot_overspend_a_frame(frame: Frame) -> None:
    outcome = let_all(50, 20, decide(frame))

    assert_no_krona_twice(frame, outcome, 1_000)


@sqlite_only
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_C02_twenty_clients_cannot_overspend_a_frame_on_sqlite(frame: Frame) -> None:
    outcome = let_all(20, 20, decide(frame))

    assert_no_krona_twice(frame, outcome, 400)


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_C01_the_last_kronor_go_to_one_of_fifty(frame: Frame) -> None:
    """Ten rounds through the ledger alone: its conditional update needs no lock around it."""
    association = frame.association
    for turn in range(10):
        target = Account.objects.create(association=association, kind="grant", name=f"Mål {turn}")
        left = balance_now(frame.account) if turn == 9 else 90_000

        def ask(
            client: int, _: int, turn: int = turn, left: int = left, to: Account = target
        ) -> int:
            transfer(
                source=Account.objects.get(pk=frame.account_id),
                target=Account.objects.get(pk=to.pk),
                amount=left,
                reason=TransferReason.GRANT_DECIDED,
                key=f"{turn}-{client}",
                actor=None,
            )
            return left

        before = balance_now(frame.account)
        outcome = let_all(50, 1, ask)
        assert outcome.faults == []
        assert sum(outcome.granted) <= before
        assert balance_now(target) == sum(outcome.granted)
        if turn == 9:
            assert (len(outcome.granted), len(outcome.refused)) == (1, 49)
            assert {refusal.left for _, refusal in outcome.refused} == {0}
            assert balance_now(frame.account) == 0
            break
        transfer(
            source=Account.objects.get(pk=target.pk),
            target=Account.objects.get(pk=frame.account_id),
            amount=sum(outcome.granted),
            reason=TransferReason.CORRECTION,
            key=f"back-{turn}",
            actor=None,
        )


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_C01_fifty_grants_at_once_for_the_last_kronor_of_a_frame(association: Association) -> None:
    """Ten rounds, each a frame with room for one of fifty decisions."""
    open_equity(association=association, amount=FRAME, actor=None)
    for turn in range(10):
        amount = 90_000 + turn
        frame = set_frame(
            association=association,
            name=f"Ram {turn}",
            year=2024,
            sources=[(equity_account(association), amount)],
            actor=None,
        )

        def ask(client: int, _: int, frame: Frame = frame, amount: int = amount) -> int:
            own = Frame.objects.select_related("account", "association").get(pk=frame.pk)
            # Two thirds of what is left: one fits, two never do.
            asked = amount * 2 // 3 - client
            key = f"{own.pk}-{client}"
            return reserve_grant(frame=own, amount=asked, key=key, actor=None).amount

        outcome = let_all(50, 1, ask)

        assert outcome.faults == []
        assert (len(outcome.granted), len(outcome.refused)) == (1, 49)
        left = amount - outcome.granted[0]
        assert balance_now(frame.account) == left
        assert {refusal.left for _, refusal in outcome.refused} == {left}
        assert frame.granted == outcome.granted[0] <= frame.amount
    assert verify_ledger().ok


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_D03_parallel_identical_decisions_reserve_once(frame: Frame) -> None:
    def ask(_client: int, _turn: int) -> int:
        own = Frame.objects.select_related("account", "association").get(pk=frame.pk)
        return reserve_grant(frame=own, amount=600_000, key="decision-1", actor=None).amount

    outcome = let_all(20, 1, ask)

    assert (outcome.faults, outcome.refused) == ([], [])
    assert outcome.granted == [600_000] * 20
    assert Grant.objects.count() == 1
    assert balance_now(frame.account) == 400_000


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_D03_parallel_identical_transfers_move_once(frame: Frame) -> None:
    target = Account.objects.create(association=frame.association, kind="grant", name="Mål")

    def ask(_client: int, _turn: int) -> int:
        made = transfer(
            source=Account.objects.get(pk=frame.account_id),
            target=Account.objects.get(pk=target.pk),
            amount=10,
            reason=TransferReason.GRANT_DECIDED,
            key="once",
            actor=None,
        )
        return made.amount

    outcome = let_all(20, 1, ask)

    assert outcome.faults == []
    assert Transfer.objects.filter(key="once").count() == 1
    assert balance_now(target) == 10


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_C01_control_naive_code_overspends_here() -> None:
    """Without floor and conditional update the same clients overspend: the race is a real one."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE naive_frame (spent bigint NOT NULL)")
        cursor.execute("INSERT INTO naive_frame VALUES (0)")

    def ask(client: int, turn: int) -> int:
        amount = random.Random(client * 1_000 + turn).randrange(500, 20_000)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT spent FROM naive_frame")
            (spent,) = cursor.fetchone()
            time.sleep(0.001)
            if spent + amount > FRAME:
                return 0
            cursor.execute("UPDATE naive_frame SET spent = %s", [spent + amount])
        return amount

    try:
        outcome = let_all(50, 20, ask)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE naive_frame")

    assert outcome.faults == []
    assert sum(outcome.granted) > FRAME
