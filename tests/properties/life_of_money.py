"""The money's lives: many frames at once, granted, changed, claimed, paid, stopped, released.

Every step is taken by the services themselves and beside them in a plain model of where the money
lies; after each step the two must say the same of every account, and so must the transfers alone.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from budgets.annulment import annul_grant
from budgets.frames import change_grant, close_frame, release_grant, reserve_grant, set_frame
from budgets.ledger import InsufficientFunds, equity_account
from budgets.models import Account, Frame, Grant, PaymentRecovery, PaymentRequest, Pool, Transfer
from budgets.payment_batches import make_batch, mark_paid
from budgets.payment_lines import plan_lines
from budgets.payment_review import approve_request, check_request, stop_request
from budgets.payment_settings import save_economy_settings
from budgets.payments import (
    attest_request,
    save_request,
    send_for_attestation,
    start_request,
    withdraw_request,
)
from budgets.recoveries import book_recovery, demand_recovery
from budgets.verification import verify_ledger
from finsam import clock
from finsam.associations.models import Association, Member
from finsam.documents.models import Upload
from finsam.documents.uploads import receive_upload
from finsam.errors import NotPossible
from finsam.people.models import User
from finsam.registry.models import Case
from finsam.registry.register import open_case
from tests.budgets.conftest import divided_year
from tests.budgets.payments import BANKGIRO, CONTENT, PASSWORD, written
from tests.factories import png

SUMS = st.integers(1, 700_000)
PICK = st.integers(0, 10**6)


@dataclass
class TheFrame:
    row: Frame
    left: int
    closed: bool = False


@dataclass
class TheGrant:
    row: Grant
    frame: TheFrame
    unpaid: int
    paid: int = 0
    closed: bool = False
    annulled: bool = False

    @property
    def amount(self) -> int:
        return self.unpaid + self.paid


@dataclass
class TheClaim:
    row: PaymentRequest
    grant: TheGrant
    amount: int
    is_final: bool
    state: str = "checked"
    back: int = 0


class Asked:
    """The rows that are asked for after each step, as questions put into SQL once."""

    def __init__(self, association: Association) -> None:
        mine = {"association": association}
        self.transfers = self._put(
            Transfer.objects.filter(**mine).values_list("source", "target", "amount")
        )
        self.accounts = self._put(Account.objects.filter(**mine).values_list("pk", "balance"))
        self.grants = self._put(
            Grant.objects.filter(**mine).values_list(
                "pk", "amount", "account", "paid_account", "closed_at"
            )
        )

    @staticmethod
    def _put(rows: QuerySet[Any, Any]) -> Callable[[], list[tuple[Any, ...]]]:
        sql, given = rows.query.sql_with_params()

        def ask() -> list[tuple[Any, ...]]:
            with connection.cursor() as cursor:
                cursor.execute(sql, given)
                return list(cursor.fetchall())

        return ask


@dataclass
class Setting:
    """What was there before the life began: the year's money, and the people."""

    association: Association
    pool: Pool
    equity: Account
    member: Member
    case: Case
    extract: Upload
    applicant: User
    signatory: User
    officer: User
    director: User
    asked: Asked


@dataclass
class Books:
    """Where the money lies by the model, and the number of keys given out."""

    pool: int = 7_000_000
    equity: int = 2_500_000
    turn: int = 0
    frames: list[TheFrame] = field(default_factory=list)
    grants: list[TheGrant] = field(default_factory=list)
    claims: list[TheClaim] = field(default_factory=list)

    def copied(self) -> Books:
        """Books of one's own, about the same rows of the database."""
        parts = (self.frames, self.grants, self.claims)
        rows = [each.row for part in parts for each in part]
        return copy.deepcopy(self, {id(row): row for row in rows})


class LifeOfDecisions(RuleBasedStateMachine):
    """Many frames and grants, set and closed, given, raised, lowered and withdrawn in any order.

    `begins_with` is what there is already. All that a life does is taken back when it has ended.
    """

    setting: Setting
    begins_with: Books = Books()

    # What a control puts a seeded fault into.
    reserve_grant = staticmethod(reserve_grant)
    change_grant = staticmethod(change_grant)

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        books = self.begins_with.copied()
        self.pool, self.equity, self.turn = books.pool, books.equity, books.turn
        self.frames, self.grants, self.claims = books.frames, books.grants, books.claims

    def key(self) -> str:
        self.turn += 1
        return f"turn-{self.turn}"

    # --- frames -------------------------------------------------------------------------------

    @precondition(lambda self: len(self.frames) < 6)
    @rule(of_pool=st.integers(1, 4_000_000), of_equity=st.integers(0, 2_000_000))
    def new_frame(self, of_pool: int, of_equity: int) -> None:
        sources = [(self.setting.pool.account, of_pool), (self.setting.equity, of_equity)]

        def ask() -> Frame:
            return set_frame(
                association=self.setting.association, name=f"Ram {self.turn}", year=2024,
                sources=[source for source in sources if source[1]], actor=self.setting.director,
            )  # fmt: skip

        self.turn += 1
        short = [left for part, left in ((of_pool, self.pool), (of_equity, self.equity))
                 if part > left]  # fmt: skip
        made = self.either(ask, refused_with=short[0] if short else None)
        if made is not None:
            self.pool -= of_pool
            self.equity -= of_equity
            self.frames.append(TheFrame(made, of_pool + of_equity))

    @rule(which=PICK)
    def end_frame(self, which: int) -> None:
        frame = self.frames[which % len(self.frames)]
        close_frame(frame=frame.row, actor=self.setting.director)
        self.equity += frame.left
        frame.left, frame.closed = 0, True

    # --- grants -------------------------------------------------------------------------------

    @rule(which=PICK, amount=SUMS, twice=st.booleans())
    def grant(self, which: int, amount: int, twice: bool) -> None:
        frame, key = self.frames[which % len(self.frames)], self.key()

        def ask() -> Grant:
            fresh = Frame.objects.select_related("account", "association").get(pk=frame.row.pk)
            return self.reserve_grant(
                frame=fresh, amount=amount, key=key, actor=self.setting.director
            )

        if frame.closed:
            with pytest.raises(NotPossible):
                ask()
            return
        made = self.either(ask, refused_with=frame.left if amount > frame.left else None)
        if made is not None:
            plan_lines(grant=made, content=CONTENT, actor=self.setting.director)
            frame.left -= amount
            self.grants.append(TheGrant(made, frame, amount))
            assert not twice or ask() == made

    @precondition(lambda self: self.grants)
    @rule(which=PICK, amount=st.integers(0, 900_000))
    def change(self, which: int, amount: int) -> None:
        grant, key = self.grants[which % len(self.grants)], self.key()
        more = amount - grant.amount

        def ask() -> Grant:
            row = Grant.objects.get(pk=grant.row.pk)
            return self.change_grant(grant=row, amount=amount, key=key, actor=self.setting.director)

        if grant.closed and more:
            with pytest.raises(NotPossible):
                ask()
            return
        gives = self.equity if grant.frame.closed else grant.frame.left
        left = gives if more > 0 else grant.unpaid
        if self.either(ask, refused_with=left if abs(more) > left else None) is not None:
            self.back_to_frame(grant, -more)

    @precondition(lambda self: self.grants)
    @rule(which=PICK)
    def release(self, which: int) -> None:
        grant = self.grants[which % len(self.grants)]
        release_grant(
            grant=Grant.objects.get(pk=grant.row.pk), key=self.key(), actor=self.setting.director
        )
        self.back_to_frame(grant, grant.unpaid)

    @precondition(lambda self: self.grants)
    @rule(which=PICK)
    def annul(self, which: int) -> None:
        grant, key = self.grants[which % len(self.grants)], self.key()

        def ask() -> Grant:
            row = Grant.objects.get(pk=grant.row.pk)
            return annul_grant(grant=row, key=key, actor=self.setting.director, note="Fel sak.")

        if grant.annulled or grant.closed or grant.unpaid != grant.row.original_amount:
            with pytest.raises(NotPossible):
                ask()
            return
        assert ask() == ask()
        self.back_to_frame(grant, grant.unpaid)
        grant.annulled = True

    def back_to_frame(self, grant: TheGrant, amount: int) -> None:
        grant.unpaid -= amount
        if grant.frame.closed:
            self.equity += amount
        else:
            grant.frame.left += amount

    # --- what always holds ------------------------------------------------------------------------

    def either(self, ask: Callable[[], Any], *, refused_with: int | None) -> Any:
        """It is done, or refused with what is left, exactly where the model says so."""
        if refused_with is None:
            return ask()
        with pytest.raises(InsufficientFunds) as refusal:
            ask()
        assert refusal.value.left == refused_with
        return None

    @invariant()
    def every_krona_is_where_the_model_says(self) -> None:
        balances = self.balances()
        assert balances[self.setting.pool.account_id] == self.pool
        assert balances[self.setting.equity.pk] == self.equity
        for frame in self.frames:
            granted = sum(grant.amount for grant in self.grants if grant.frame is frame)
            assert balances[frame.row.account_id] == frame.left
            assert frame.closed or granted + frame.left == frame.row.amount
        rows = self.setting.asked.grants()
        told = {pk: (*facts, ended is not None) for pk, *facts, ended in rows}
        assert told.keys() == {grant.row.pk for grant in self.grants}
        for grant in self.grants:
            amount, account, paid_account, closed = told[grant.row.pk]
            assert (amount, balances[account]) == (grant.amount, grant.unpaid)
            assert (balances.get(paid_account, 0), closed) == (grant.paid, grant.closed)
            waits = [claim for claim in self.claims if claim.grant is grant]
            if grant.closed and not any(c.state in ("checked", "returned") for c in waits):
                assert grant.unpaid == 0

    def balances(self) -> dict[int, int]:
        """What lies in each account, which is what its transfers add up to."""
        moved: Counter[int] = Counter()
        for giver, taker, amount in self.setting.asked.transfers():
            moved[giver] -= amount
            moved[taker] += amount
        kept: dict[int, int] = dict(self.setting.asked.accounts())
        assert kept == {account: moved[account] for account in kept}
        return kept

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)


class LifeOfTheMoney(LifeOfDecisions):
    """Decisions, and claims that are made, approved, stopped, mended, paid and recovered."""

    book_recovery = staticmethod(book_recovery)

    def teardown(self) -> None:
        try:
            if self.turn % 4 == 0:
                report = verify_ledger(self.setting.association)
                assert report.ok, report.first_break
        finally:
            super().teardown()

    @precondition(lambda self: any(not g.closed for g in self.grants))
    @rule(which=PICK, share=st.integers(1, 100), is_final=st.booleans())
    def claim(self, which: int, share: int, is_final: bool) -> None:
        """Claim a share of the room there is, attested and checked by the office."""
        grants = [grant for grant in self.grants if not grant.closed]
        grant = grants[which % len(grants)]
        mine = [claim for claim in self.claims if claim.grant is grant]
        room = grant.unpaid - sum(c.amount for c in mine if c.state == "checked")
        amount = room * share // 100
        if amount < 1 or (is_final and any(claim.is_final for claim in mine)):
            return
        if any(c.state == "returned" for c in mine):
            with pytest.raises(NotPossible, match="inte skickad"):
                self.sent(grant.row, amount, is_final)
            return
        row = self.sent(grant.row, amount, is_final)
        check_request(
            request=row, seen_hash=row.content_hash, move_reason="Godtas.",
            actor=self.setting.officer,
        )  # fmt: skip
        self.claims.append(TheClaim(row, grant, amount, is_final))

    def sent(self, grant: Grant, amount: int, is_final: bool) -> PaymentRequest:
        setting = self.setting
        draft = start_request(
            grant=grant, member=setting.member, covers_all=True, period_from=date(2024, 1, 1),
            period_to=date(2024, 4, 30), is_final=is_final, key=self.key(), case=setting.case,
            actor=setting.applicant,
        )  # fmt: skip
        saved = save_request(
            request=draft, said=written(draft, amount, explanation="Mer tid."),
            expected_revision=draft.revision, actor=setting.applicant, extract=setting.extract,
        )  # fmt: skip
        ready = send_for_attestation(request=saved, actor=setting.applicant)
        return attest_request(
            request=ready, password=PASSWORD, seen_hash=ready.content_hash, actor=setting.signatory
        )

    def claims_in(self, state: str) -> list[TheClaim]:
        return [claim for claim in self.claims if claim.state == state]

    @precondition(lambda self: self.claims_in("checked"))
    @rule(which=PICK, twice=st.booleans())
    def approve(self, which: int, twice: bool) -> None:
        claim = self.claims_in("checked")[which % len(self.claims_in("checked"))]
        grant, seen = claim.grant, claim.row.content_hash

        def ask() -> PaymentRequest:
            row = PaymentRequest.objects.get(pk=claim.row.pk)
            return approve_request(request=row, seen_hash=seen, actor=self.setting.director)

        others = [c for c in self.claims_in("checked") if c.grant is grant and c is not claim]
        if claim.is_final and others:
            with pytest.raises(NotPossible, match="väntar på kansliet"):
                ask()
            return
        if self.either(ask, refused_with=grant.unpaid if claim.amount > grant.unpaid else None):
            assert not twice or ask().state == "approved"
            claim.state = "approved"
            grant.unpaid -= claim.amount
            grant.paid += claim.amount
            if claim.is_final:
                grant.closed = True
                self.back_to_frame(grant, grant.unpaid)

    @precondition(lambda self: self.claims_in("approved"))
    @rule(which=PICK)
    def stop(self, which: int) -> None:
        claim = self.claims_in("approved")[which % len(self.claims_in("approved"))]
        row = PaymentRequest.objects.get(pk=claim.row.pk)
        if claim.is_final:
            with pytest.raises(NotPossible):
                stop_request(request=row, message="Fel konto.", actor=self.setting.officer)
            return
        for _ in range(2):
            stop_request(request=row, message="Fel konto.", actor=self.setting.officer)
        claim.state = "returned"
        claim.grant.paid -= claim.amount
        claim.grant.unpaid += claim.amount

    @precondition(lambda self: self.claims_in("returned"))
    @rule(which=PICK, again=st.booleans())
    def after_the_stop(self, which: int, again: bool) -> None:
        """The member mends the claim and sends it again, or puts it away."""
        claim = self.claims_in("returned")[which % len(self.claims_in("returned"))]
        row, grant, setting = PaymentRequest.objects.get(pk=claim.row.pk), claim.grant, self.setting
        room = grant.unpaid - sum(c.amount for c in self.claims_in("checked") if c.grant is grant)
        if again and claim.amount > room:
            with pytest.raises(NotPossible, match="återstår"):
                send_for_attestation(request=row, actor=setting.applicant)
        elif again:
            ready = send_for_attestation(request=row, actor=setting.applicant)
            seen = ready.content_hash
            sent = attest_request(
                request=ready, password=PASSWORD, seen_hash=seen, actor=setting.signatory
            )
            claim.row = check_request(
                request=sent, seen_hash=seen, move_reason="Godtas.", actor=setting.officer
            )
            claim.state = "checked"
        else:
            withdraw_request(request=row, actor=setting.applicant)
            claim.state = "withdrawn"
            waits = [c.state in ("checked", "returned") for c in self.claims if c.grant is grant]
            if grant.closed and not any(waits):
                self.back_to_frame(grant, grant.unpaid)

    @precondition(lambda self: self.claims_in("approved"))
    @rule(which=PICK, together=st.booleans())
    def pay(self, which: int, together: bool) -> None:
        """One that is approved, or all together, goes to the bank in a file, and is paid."""
        claims = self.claims_in("approved")
        if not together:
            claims = [claims[which % len(claims)]]
        rows = [PaymentRequest.objects.get(pk=claim.row.pk) for claim in claims]
        batch = make_batch(
            association=self.setting.association, requests=rows, execute_on=clock.today(),
            key=self.key(), actor=self.setting.officer,
        )  # fmt: skip
        assert batch.amount == sum(claim.amount for claim in claims)
        mark_paid(batch=batch, paid_on=clock.today(), actor=self.setting.director)
        for claim in claims:
            claim.state = "paid"

    @precondition(lambda self: self.claims_in("paid"))
    @rule(which=PICK, share=st.integers(1, 110), twice=st.booleans())
    def recover(self, which: int, share: int, twice: bool) -> None:
        """A share of a paid claim is asked back by one at the office, and booked by another.

        No more than was paid of that very claim: what else is paid of the grant is of others.
        """
        claim = self.claims_in("paid")[which % len(self.claims_in("paid"))]
        grant, key, amount = claim.grant, self.key(), claim.amount * share // 100 or 1

        def ask() -> PaymentRecovery:
            row = PaymentRequest.objects.get(pk=claim.row.pk)
            return demand_recovery(
                request=row, amount=amount, reason="Fel.", due_on=clock.today(), key=key,
                actor=self.setting.officer,
            )  # fmt: skip

        if amount > claim.amount - claim.back:
            with pytest.raises(NotPossible) as refusal:
                ask()
            assert refusal.value.code == "over_paid"
            return
        for _ in range(1 + twice):
            self.book_recovery(recovery=ask(), actor=self.setting.director)
        claim.back += amount
        grant.paid -= amount
        grant.unpaid += amount
        if grant.closed:
            self.back_to_frame(grant, amount)


def make_setting(
    association: Association, member: Member, applicant: User, signatory: User, officer: User,
    director: User,
) -> Setting:  # fmt: skip
    """A divided year, the account that is paid from, a case and an extract."""
    pools = divided_year(association, 2024, director)
    save_economy_settings(
        association=association, move_percent=None, payer_account_type="bankgiro",
        payer_account=BANKGIRO, payer_bic="ESSESESS", levels=[], actor=director,
    )  # fmt: skip
    return Setting(
        association=association,
        pool=pools["efforts"],
        equity=equity_account(association),
        member=member,
        case=open_case(association=association, title="Vägen vidare", actor=director),
        extract=receive_upload(
            association=association, file=png("huvudbok.png"), purpose="account_extract",
            actor=applicant,
        ),
        applicant=applicant,
        signatory=signatory,
        officer=officer,
        director=director,
        asked=Asked(association),
    )  # fmt: skip


def two_frames(life: LifeOfTheMoney) -> None:
    life.new_frame(900_000, 100_000)
    life.new_frame(300_000, 0)


def a_year_under_way(life: LifeOfTheMoney) -> None:
    """Two open frames and an ended one; open grants and an ended one; a claim in every state."""
    two_frames(life)
    life.new_frame(200_000, 0)
    life.grant(2, 150_000, twice=False)
    life.end_frame(2)
    life.grant(0, 400_000, twice=False)
    life.grant(0, 300_000, twice=False)
    life.grant(1, 200_000, twice=False)
    life.claim(0, 20, is_final=False)
    life.claim(1, 30, is_final=False)
    for _ in range(2):
        life.approve(0, twice=False)
    life.claim(1, 40, is_final=True)
    life.approve(0, twice=False)
    life.stop(1)
    life.pay(0, together=True)
    life.claim(0, 30, is_final=False)
    life.approve(0, twice=False)
    life.claim(0, 40, is_final=False)


def lived(setting: Setting, begin: Callable[[LifeOfTheMoney], None]) -> Books:
    """What is there when `begin` has been lived, and stays."""
    life = type("Beginning", (LifeOfTheMoney,), {"setting": setting})()
    begin(life)
    life.every_krona_is_where_the_model_says()
    life.block.__exit__(None, None, None)
    return Books(life.pool, life.equity, life.turn, life.frames, life.grants, life.claims)
