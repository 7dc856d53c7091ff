"""A meeting's life in any order: what is true after every step, whoever comes, goes or errs."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.test import TestCase
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from boards.adjourning import adjourn, resume
from boards.agenda import add_item
from boards.attendance import arrive, leave, presence
from boards.correcting import correct_item
from boards.decisions import record_decision
from boards.minutes import close_meeting
from boards.models import (
    AgendaItem,
    Attester,
    Decision,
    ItemState,
    Meeting,
    Outcome,
    Paragraph,
    Seat,
)
from boards.recusals import declare_recusal
from boards.sitting import elect_attesters, finish_formal_item, open_meeting, take_up
from budgets.ledger import balance_now
from budgets.verification import verify_ledger
from finsam.associations.models import Member
from finsam.errors import DomainError
from finsam.people.models import RoleKind
from tests import conftest
from tests import factories as make

FRAME = 1_000_000
NUMBER = st.integers(0, 30)


class MeetingLife(RuleBasedStateMachine):
    """Every act may be refused with a sentence of the domain; none may leave a half truth."""

    @initialize()
    def gather(self) -> None:
        association = conftest.found_association("liv", "Samordningsförbundet Liv", "LIV")
        self.director = make.make_person(RoleKind.DIRECTOR, association)
        member: Member = association.members.order_by("position")[0]
        applicant = make.make_person(RoleKind.APPLICANT, association, member)
        board = make.make_board(association)
        self.frame = make.make_frame(association, amount=FRAME)
        round_ = make.make_round(association, frame=self.frame)
        application = make.make_received(round_, member, applicant, sought=600_000)
        ready = make.make_to_board(application, self.director)
        self.meeting = make.make_meeting(board, self.director, applications=[ready])
        self.ordinary = list(board.seats.exclude(function="substitute").order_by("pk"))
        self.spare = list(board.seats.filter(function="substitute").order_by("pk"))
        self.added = 0

    def attempt(self, act: Any, **said: Any) -> None:
        said_no = ""
        try:
            act(actor=self.director, **said)
        except DomainError as refusal:
            said_no = refusal.message
        assert not said_no or said_no.rstrip("”").endswith("."), said_no

    def items(self) -> list[AgendaItem]:
        return list(self.meeting.items.order_by("position"))

    def pick(self, number: int) -> AgendaItem:
        found = self.items()
        return found[number % len(found)]

    def seat(self, number: int) -> Seat:
        return self.ordinary[number % len(self.ordinary)]

    @rule(number=NUMBER, remote=st.booleans())
    def member_comes(self, number: int, remote: bool) -> None:
        self.attempt(arrive, meeting=self.meeting, seat=self.seat(number), is_remote=remote)

    @rule(number=NUMBER, other=NUMBER)
    def substitute_serves(self, number: int, other: int) -> None:
        spare = self.spare[other % len(self.spare)]
        self.attempt(arrive, meeting=self.meeting, seat=spare, serves_for=self.seat(number))

    @rule(number=NUMBER)
    def somebody_goes(self, number: int) -> None:
        everybody = [*self.ordinary, *self.spare]
        self.attempt(leave, meeting=self.meeting, seat=everybody[number % len(everybody)])

    @rule()
    def all_come_and_it_is_opened(self) -> None:
        for seat in self.ordinary:
            self.attempt(arrive, meeting=self.meeting, seat=seat)
        self.attempt(open_meeting, meeting=self.meeting)

    @rule(number=NUMBER)
    def item_is_taken_up(self, number: int) -> None:
        self.attempt(take_up, item=self.pick(number))

    @rule(number=NUMBER, who=NUMBER)
    def recused(self, number: int, who: int) -> None:
        self.attempt(declare_recusal, item=self.pick(number), seat=self.seat(who))

    @rule()
    def formal_items_are_settled(self) -> None:
        for item in self.items():
            if item.kind == "attesters":
                serving = presence(self.meeting, item).serving
                self.attempt(elect_attesters, item=item, seats=[one.seat for one in serving][-1:])
            elif item.kind != "decision":
                self.attempt(finish_formal_item, item=item)

    @rule(number=NUMBER, outcome=st.sampled_from(["granted", "partly_granted", "tabled"]))
    def decided(self, number: int, outcome: str) -> None:
        amount = {"granted": 600_000, "partly_granted": 400_000}.get(outcome)
        item = self.pick(number)
        chosen = Outcome(outcome) if item.application_id else Outcome.APPROVED
        self.attempt(
            record_decision,
            item=item, outcome=chosen, amount=amount, frame=self.frame, reason="att så sker",
        )  # fmt: skip

    @rule(number=NUMBER)
    def corrected(self, number: int) -> None:
        self.attempt(correct_item, item=self.pick(number), reason="Fel antecknat")

    @rule(back=st.booleans())
    def break_taken(self, back: bool) -> None:
        self.attempt(resume if back else adjourn, meeting=self.meeting)

    @precondition(lambda self: self.added < 2)
    @rule()
    def item_added(self) -> None:
        self.added += 1
        self.attempt(add_item, meeting=self.meeting, title=f"Extra {self.added}")

    @rule()
    def closed(self) -> None:
        self.attempt(close_meeting, meeting=self.meeting)

    @invariant()
    def it_holds_together(self) -> None:
        if not hasattr(self, "meeting"):
            return
        meeting = Meeting.objects.get(pk=self.meeting.pk)
        items = self.items()
        assert [one.position for one in items] == list(range(1, len(items) + 1))
        assert sum(one.state == ItemState.CURRENT for one in items) <= 1
        live = Decision.objects.filter(item__retracted_at=None, item__meeting=meeting)
        granted = sum(one.amount or 0 for one in live)
        assert balance_now(self.frame.account) == FRAME - granted
        for one in items:
            assert (one.state == ItemState.DONE) == Decision.objects.filter(item=one).exists()
            found = presence(meeting, one)
            filled = [serving.filled.pk for serving in found.serving]
            assert len(filled) == len(set(filled))
            assert not {serving.seat.pk for serving in found.serving} & {
                seat.pk for seat in found.recused
            }
            if one.state == ItemState.DONE and one.kind not in ("opening", "closing"):
                assert found.is_quorate, one
        numbers = list(Paragraph.objects.order_by("number").values_list("number", flat=True))
        if meeting.state == "closed":
            assert numbers == list(range(1, len(items) + 1))
            assert all(one.state == ItemState.DONE for one in items)
            assert Attester.objects.filter(meeting=meeting, function="chair").count() == 1
        else:
            assert numbers == []

    def teardown(self) -> None:
        if hasattr(self, "meeting"):
            assert verify_ledger().ok


class TestMeetingLife(TestCase):
    """Each example in a transaction of its own, which is taken back."""

    def test_P05_a_meeting_holds_together_whatever_is_done(self) -> None:
        run_state_machine_as_test(
            _InSavepoint,
            settings=settings(
                max_examples=12,
                stateful_step_count=25,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )


class _InSavepoint(MeetingLife):
    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()

    def teardown(self) -> None:
        super().teardown()
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)
