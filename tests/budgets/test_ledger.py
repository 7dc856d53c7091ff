"""The ledger: money moves once, never below a floor, and nothing of it is ever changed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from budgets.annulment import annul_grant
from budgets.editing import freeze_budget, new_budget
from budgets.frames import (
    PlannedLot,
    change_grant,
    close_frame,
    release_grant,
    reserve_grant,
    set_frame,
)
from budgets.ledger import InsufficientFunds, balance_now, equity_account, reverse, transfer
from budgets.models import Account, Frame, Grant, Transfer, TransferReason
from budgets.verification import verify_ledger
from finsam.associations.models import Association
from finsam.errors import Conflict, NotPossible
from finsam.people.models import User
from finsam.registry.append_only import append_only_lifted
from finsam.registry.models import Event
from finsam.typography import kronor


def account(association: Association, name: str, **fields: Any) -> Account:
    made: Account = Account.objects.create(
        association=association, kind=fields.pop("kind", "pool"), name=name, **fields
    )
    return made


def filled(association: Association, amount: int) -> Account:
    outside = account(association, "Utanför", kind="opening", may_be_negative=True)
    inside = account(association, "Potten")
    transfer(
        source=outside,
        target=inside,
        amount=amount,
        reason=TransferReason.OPENING_BALANCE,
        key="filled",
        actor=None,
    )
    return inside


def move(source: Account, target: Account, amount: int, key: str = "moved") -> Transfer:
    return transfer(
        source=source,
        target=target,
        amount=amount,
        reason=TransferReason.FRAME_SET,
        key=key,
        actor=None,
    )


def test_a_transfer_moves_the_amount_and_keeps_the_sum_zero(association: Association) -> None:
    pool, other = filled(association, 1_000), account(association, "Annan pott")

    move(pool, other, 400)

    assert (balance_now(pool), balance_now(other)) == (600, 400)
    assert sum(Account.objects.values_list("balance", flat=True)) == 0


def test_the_refusal_says_what_is_left(association: Association) -> None:
    pool, other = filled(association, 9_000), account(association, "Annan pott")

    with pytest.raises(InsufficientFunds) as refusal:
        move(pool, other, 9_001)

    assert refusal.value.left == 9_000
    assert refusal.value.message == (
        "9\u00a0001\u00a0kr ryms inte: i potten finns 9\u00a0000\u00a0kr kvar. "
        "Välj högst 9\u00a0000\u00a0kr, eller flytta dit mer först."
    )
    assert (balance_now(pool), balance_now(other)) == (9_000, 0)
    assert Transfer.objects.count() == 1


def test_D01_the_same_key_moves_once(association: Association) -> None:
    pool, other = filled(association, 1_000), account(association, "Annan pott")

    first, second = move(pool, other, 400), move(pool, other, 400)

    assert first == second
    assert balance_now(other) == 400


def test_D02_the_same_key_with_another_sum_is_refused(association: Association) -> None:
    pool, other = filled(association, 1_000), account(association, "Annan pott")
    move(pool, other, 400)

    with pytest.raises(Conflict):
        move(pool, other, 500)

    assert balance_now(other) == 400


@pytest.mark.parametrize("amount", [0, -1])
def test_only_sums_above_zero_move(association: Association, amount: int) -> None:
    pool, other = filled(association, 1_000), account(association, "Annan pott")

    with pytest.raises(NotPossible):
        move(pool, other, amount)


def test_money_stays_in_its_association(
    association: Association, other_association: Association
) -> None:
    with pytest.raises(ValueError, match="association"):
        move(filled(association, 1_000), account(other_association, "Deras pott"), 400)


def test_a_mistake_is_reversed_once_and_stays_visible(association: Association) -> None:
    pool, other = filled(association, 1_000), account(association, "Annan pott")
    mistake = move(pool, other, 400)

    back = reverse(made=mistake, key="back", actor=None, note="Fel konto")
    again = reverse(made=mistake, key="back", actor=None, note="Fel konto")

    assert back == again
    assert (back.source, back.target, back.amount) == (other, pool, 400)
    assert balance_now(pool) == 1_000
    with pytest.raises(NotPossible, match="redan rättad"):
        reverse(made=mistake, key="another", actor=None, note="Igen")
    with pytest.raises(NotPossible, match="En rättelse"):
        reverse(made=back, key="third", actor=None, note="Igen")


# --- what the database itself refuses ---------------------------------------------------------

RAW = {
    "balance below zero": "UPDATE budgets_account SET balance = -1 WHERE name = 'Potten'",
    "floor taken away": "UPDATE budgets_account SET may_be_negative = {true} WHERE name = 'Potten'",
    "transfer changed": "UPDATE budgets_transfer SET amount = 1",
    "transfer deleted": "DELETE FROM budgets_transfer",
    "transfer of nothing": (
        "INSERT INTO budgets_transfer (association_id, source_id, target_id, amount, reason, note,"
        " key, made_at) SELECT association_id, source_id, target_id, 0, reason, note, 'raw',"
        " made_at FROM budgets_transfer"
    ),
    "transfer twice": (
        "INSERT INTO budgets_transfer (association_id, source_id, target_id, amount, reason, note,"
        " key, made_at) SELECT association_id, source_id, target_id, amount, reason, note, key,"
        " made_at FROM budgets_transfer"
    ),
    "transfer to itself": (
        "INSERT INTO budgets_transfer (association_id, source_id, target_id, amount, reason, note,"
        " key, made_at) SELECT association_id, source_id, source_id, amount, reason, note, 'raw',"
        " made_at FROM budgets_transfer"
    ),
    "account deleted": "DELETE FROM budgets_account WHERE name = 'Potten'",
}


@pytest.mark.parametrize("name", RAW)
@pytest.mark.django_db(transaction=True)
def test_C03_the_database_refuses_raw_statements(association: Association, name: str) -> None:
    pool = filled(association, 1_000)
    true = "1" if connection.vendor == "sqlite" else "true"

    with (  # noqa: PT012 - a deferred constraint speaks at the end of the transaction
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(RAW[name].format(true=true))
        assert cursor.rowcount == 1

    assert balance_now(pool) == 1_000
    assert verify_ledger().ok


def test_C03_a_frozen_budget_is_not_changed(association: Association) -> None:
    freeze_budget(budget=new_budget(association=association, years=[2024], actor=None), actor=None)

    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE budgets_budgetversion SET requested_amount = 1")


# --- verify_ledger ----------------------------------------------------------------------------


def test_verify_ledger_holds_for_a_whole_year(frame: Frame, capsys) -> None:
    grant = reserve_grant(frame=frame, amount=3_650_000, key="one", actor=None)
    change_grant(grant=grant, amount=3_500_000, key="lowered", actor=None)

    call_command("verify_ledger", "--json")

    shown = json.loads(capsys.readouterr().out)
    assert shown == {
        "ok": True,
        "accounts": Account.objects.count(),
        "transfers": Transfer.objects.count(),
        "first_break": "",
    }


def test_verify_ledger_names_the_account_that_was_touched(frame: Frame, capsys) -> None:
    equity = equity_account(frame.association)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE budgets_account SET balance = 777 WHERE id = %s", [equity.pk])

    with pytest.raises(SystemExit) as ended:
        call_command("verify_ledger")

    assert ended.value.code == 1
    assert capsys.readouterr().err.strip() == (
        f"FEL. Konto {equity.pk} (Eget kapital) har saldot 777 kr, överföringarna ger 500000 kr."
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("amount = amount + 1", "har saldot"),
        ("association_id = {other}", "går mellan två förbund"),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_verify_ledger_finds_a_changed_transfer(
    frame: Frame, other_association: Association, change: str, words: str
) -> None:
    made = Transfer.objects.earliest("pk")
    statement = f"UPDATE budgets_transfer SET {change} WHERE id = {made.pk}"

    with append_only_lifted(connection), connection.cursor() as cursor:
        cursor.execute(statement.format(other=other_association.pk))

    report = verify_ledger()
    assert not report.ok
    assert words in report.first_break


def test_verify_ledger_finds_a_grant_without_its_money(frame: Frame) -> None:
    grant = reserve_grant(frame=frame, amount=1_000, key="one", actor=None)
    Grant.objects.update(amount=999)

    assert verify_ledger().first_break == (
        f"Bidrag {grant.pk} (Individinsatser 2024) är 999 kr, men på dess konton finns 1000 kr."
    )


# --- frames and grants ------------------------------------------------------------------------


def test_the_frame_of_programme_1_is_drawn_from_pool_and_equity(frame: Frame) -> None:
    association = frame.association
    drawn = {source.account.kind: source.amount for source in frame.sources.all()}

    assert drawn == {"pool": 7_000_000, "equity": 2_000_000}
    assert (frame.amount, frame.remaining) == (9_000_000, 9_000_000)
    assert balance_now(equity_account(association)) == 500_000
    assert list(frame.lots.values_list("name", "planned_amount")) == [
        ("Karlskrona", 3_784_064),
        ("Karlshamn", 1_822_868),
        ("Ronneby", 1_653_378),
        ("Sölvesborg", 995_582),
        ("Olofström", 744_108),
    ]


def test_the_same_frame_twice_is_one(frame: Frame, director: User) -> None:
    sources = [(source.account, source.amount) for source in frame.sources.all()]
    lots = [PlannedLot(lot.name, lot.planned_amount) for lot in frame.lots.all()]
    facts: dict[str, Any] = {
        "association": frame.association,
        "name": frame.name,
        "year": 2024,
        "actor": director,
    }

    assert set_frame(**facts, sources=sources, lots=lots) == frame
    with pytest.raises(Conflict):
        set_frame(**facts, sources=sources[:1])
    assert Frame.objects.count() == 1


def test_KL_11_15_a_frame_says_where_its_money_comes_from(association: Association) -> None:
    with pytest.raises(NotPossible, match="KL 11:15"):
        set_frame(association=association, name="Ram", year=2024, sources=[], actor=None)


def test_a_frame_cannot_be_drawn_from_what_is_not_there(association: Association) -> None:
    pool = filled(association, 1_000)

    with pytest.raises(InsufficientFunds) as refusal:
        set_frame(
            association=association, name="Ram", year=2024, sources=[(pool, 1_001)], actor=None
        )

    assert refusal.value.left == 1_000
    assert not Frame.objects.exists()
    assert not Event.objects.filter(action="frame_set").exists()


def test_the_plan_may_not_pass_the_frame(association: Association) -> None:
    pool = filled(association, 1_000)

    with pytest.raises(NotPossible, match="Sänk fördelningen med 1\u00a0kr"):
        set_frame(
            association=association,
            name="Ram",
            year=2024,
            sources=[(pool, 1_000)],
            lots=[PlannedLot("Ena", 600), PlannedLot("Andra", 401)],
            actor=None,
        )


def test_all_that_is_sought_does_not_fit_and_the_refusal_says_what_is_left(frame: Frame) -> None:
    for key, amount in (("a", 3_900_000), ("b", 1_950_000), ("c", 1_700_000), ("d", 1_100_000)):
        reserve_grant(frame=frame, amount=amount, key=key, actor=None)

    with pytest.raises(InsufficientFunds) as refusal:
        reserve_grant(frame=frame, amount=800_000, key="e", actor=None)

    assert refusal.value.left == 350_000
    assert refusal.value.message.startswith(
        f"{kronor(800_000)} ryms inte: i ramen Individinsatser 2024 finns {kronor(350_000)} kvar."
    )
    assert (frame.granted, balance_now(frame.account)) == (8_650_000, 350_000)
    assert Grant.objects.count() == 4


def test_D01_the_same_decision_reserves_once(frame: Frame) -> None:
    first = reserve_grant(frame=frame, amount=1_850_000, key="decision-1", actor=None)
    second = reserve_grant(frame=frame, amount=1_850_000, key="decision-1", actor=None)

    assert first == second
    assert balance_now(frame.account) == 7_150_000
    assert Event.objects.filter(action="grant_reserved").count() == 1
    with pytest.raises(Conflict):
        reserve_grant(frame=frame, amount=1_850_001, key="decision-1", actor=None)


def test_a_grant_is_raised_lowered_and_released(frame: Frame, director: User) -> None:
    grant = reserve_grant(frame=frame, amount=1_000_000, key="one", actor=director)

    grant = change_grant(grant=grant, amount=1_200_000, key="up", actor=director)
    grant = change_grant(grant=grant, amount=1_200_000, key="up", actor=director)
    grant = change_grant(grant=grant, amount=700_000, key="down", actor=director)
    assert (grant.amount, grant.original_amount, grant.unpaid) == (700_000, 1_000_000, 700_000)
    assert balance_now(frame.account) == 8_300_000

    grant = release_grant(grant=grant, key="end", actor=director)
    release_grant(grant=grant, key="end", actor=director)
    assert (grant.amount, grant.unpaid, balance_now(frame.account)) == (0, 0, 9_000_000)
    assert verify_ledger().ok


def test_L02_each_change_of_a_grant_leaves_one_event(frame: Frame, director: User) -> None:
    before = Event.objects.count()
    grant = reserve_grant(frame=frame, amount=1_000_000, key="one", actor=director)
    change_grant(grant=grant, amount=900_000, key="down", actor=director)
    release_grant(grant=grant, key="end", actor=director)

    made = Event.objects.order_by("sequence")[before:]
    assert [event.action for event in made] == ["grant_reserved", "grant_changed", "grant_changed"]
    assert all(found.event_id for found in Transfer.objects.all())


def test_a_closed_frame_gives_its_rest_and_later_releases_to_equity(frame: Frame) -> None:
    grant = reserve_grant(frame=frame, amount=8_000_000, key="one", actor=None)

    close_frame(frame=frame, actor=None)
    close_frame(frame=frame, actor=None)
    release_grant(grant=grant, key="end", actor=None)

    assert balance_now(frame.account) == 0
    assert balance_now(equity_account(frame.association)) == 9_500_000
    frame.refresh_from_db()
    with pytest.raises(NotPossible, match="avslutad"):
        reserve_grant(frame=frame, amount=1, key="late", actor=None)
    assert verify_ledger().ok


def test_a_decision_annulled_after_the_frame_was_closed_gives_to_equity(frame: Frame) -> None:
    grant = reserve_grant(frame=frame, amount=8_000_000, key="one", actor=None)
    close_frame(frame=frame, actor=None)

    for _ in range(2):
        annul_grant(grant=grant, key="annulled", actor=None, note="Fel sak.")

    assert balance_now(frame.account) == 0
    assert balance_now(equity_account(frame.association)) == 9_500_000
    assert verify_ledger().ok
