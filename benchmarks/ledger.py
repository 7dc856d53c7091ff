"""Verifying a ledger of 100 000 transfers, and the page of a frame with 1 000 applications.

The floor of the first sums the transfers by account in one plain query, the least by which a
balance can be checked at all. The page's floor is the same page with 10 applications; its queries
are counted too, and a number that grows fails.
"""

from __future__ import annotations

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from applications.models import Application, ApplicationVersion, VersionPurpose
from benchmarks.harness import Benchmark, Pair
from budgets.frames import set_frame
from budgets.ledger import equity_account
from budgets.models import Account, Budget, Frame, Transfer, TransferReason
from budgets.verification import verify_ledger
from budgets.year import open_equity
from finsam import clock
from finsam.associations.models import Association, Member
from finsam.people.models import Role, RoleKind, User
from finsam.registry.models import Case
from tests.conftest import LONG_AGO, found_association
from tests.factories import budget_content, make_round

TRANSFERS = 100_000
ACCOUNTS = 500
FEW, MANY = 10, 1_000
SUMS = (
    "SELECT target_id, SUM(amount) FROM budgets_transfer GROUP BY target_id",
    "SELECT source_id, SUM(amount) FROM budgets_transfer GROUP BY source_id",
)


def many_transfers() -> Pair:
    association = found_association("matt", "Samordningsförbundet Mått", "SFM")
    outside = Account.objects.create(
        association=association, kind="opening", name="Utanför", may_be_negative=True
    )
    inside = Account.objects.bulk_create(
        Account(association=association, kind="grant", name=f"Konto {number}")
        for number in range(ACCOUNTS)
    )
    each = TRANSFERS // ACCOUNTS
    Transfer.objects.bulk_create(
        (
            Transfer(
                association=association,
                source=outside,
                target=account,
                amount=100,
                reason=TransferReason.OPENING_BALANCE,
                key=f"{account.pk}-{turn}",
            )
            for account in inside
            for turn in range(each)
        ),
        batch_size=2_000,
    )
    Account.objects.filter(kind="grant").update(balance=100 * each)
    Account.objects.filter(pk=outside.pk).update(balance=-100 * each * ACCOUNTS)

    def floor() -> None:
        with connection.cursor() as cursor:
            for statement in SUMS:
                cursor.execute(statement)
                cursor.fetchall()

    def measured() -> None:
        report = verify_ledger()
        if not report.ok or report.transfers != TRANSFERS:
            raise RuntimeError(f"The ledger should hold: {report}")

    return Pair(measured, floor)


def many_applications() -> Pair:
    settings.ALLOWED_HOSTS = ["*"]
    association = found_association("ramen", "Samordningsförbundet Ramen", "SFR")
    director = User.objects.create_user("chef@ramen.exempel.se", "x", name="Chef")
    Role.objects.create(
        user=director, association=association, kind=RoleKind.DIRECTOR, valid_from=LONG_AGO
    )
    open_equity(association=association, amount=10_000_000, actor=None)
    small, large = _frame(association, "Få", FEW), _frame(association, "Många", MANY)
    client = Client()
    client.force_login(director, backend=settings.AUTHENTICATION_BACKENDS[0])
    if _queries(client, small) != _queries(client, large):
        raise RuntimeError("The queries of a frame's page grow with its applications.")

    def page(frame: Frame) -> None:
        if client.get(frame.get_absolute_url()).status_code != 200:
            raise RuntimeError("The page of the frame should open.")

    return Pair(lambda: page(large), lambda: page(small))


def _queries(client: Client, frame: Frame) -> int:
    with CaptureQueriesContext(connection) as asked:
        client.get(frame.get_absolute_url())
    return len(asked)


def _frame(association: Association, name: str, count: int) -> Frame:
    """A frame with so many received applications of 1 000 kr each."""
    frame = set_frame(
        association=association,
        name=name,
        year=2024,
        sources=[(equity_account(association), 5_000_000)],
        actor=None,
    )
    round_ = make_round(association, frame=frame)
    member: Member = association.members.all()[0]
    writer = User.objects.get()
    rows = budget_content([member.name], sought=500_000).as_json()
    content = {"budget": {"rows": rows}, "requested_amount": 1_000}
    first = Case.objects.filter(association=association).count()
    cases = Case.objects.bulk_create(
        Case(
            association=association,
            year=2024,
            running_number=first + at,
            number=f"SFR 2024/{first + at}",
            title=f"Ansökan {at}",
        )
        for at in range(1, count + 1)
    )
    budgets = Budget.objects.bulk_create(Budget(association=association) for _ in cases)
    made = Application.objects.bulk_create(
        Application(
            association=association,
            round=round_,
            template=round_.template,
            title=f"{name} {at}",
            state="submitted",
            case=case,
            budget=budget,
            created_by=writer,
            submitted_at=clock.now(),
        )
        for at, (case, budget) in enumerate(zip(cases, budgets, strict=True), start=1)
    )
    ApplicationVersion.objects.bulk_create(
        ApplicationVersion(
            application=application,
            number=1,
            purpose=VersionPurpose.SUBMISSION,
            content=content,
            content_hash="0" * 64,
            requested_amount=1_000,
            created_by=writer,
        )
        for application in made
    )
    return frame


BENCHMARK = (
    Benchmark(
        "verify_ledger",
        "100 000 transfers verified; floor: the database's own sums by account",
        many_transfers,
        most_seconds=5.0,
        rounds=5,
        needs_database=True,
    ),
    Benchmark(
        "frame_page",
        "a frame's page with 1 000 applications, as many queries as with 10; floor: with 10",
        many_applications,
        most_seconds=3.0,
        rounds=5,
        needs_database=True,
    ),
)
