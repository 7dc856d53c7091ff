"""What the overview asks of the office for money: to check, approve, pay and settle."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from applications.returning import unsettled_of
from boards.case_tasks import day_of
from budgets.base_payments import WAITING
from budgets.models import BasePayment, BasePaymentState, PaymentRequest
from finsam import clock
from finsam.associations.models import Association
from finsam.jobs.models import Job, JobState
from finsam.typography import kronor, plural
from finsam.ui import Task

PAYMENT_DAYS = 10


def money_tasks(association: Association) -> list[Task]:
    """All of them; three questions."""
    return [*_payments(association), *_base_payments(association), *_counted(association)]


def _payments(association: Association) -> list[Task]:
    """Payment requests to check, to approve and to pay."""
    words = {"submitted": "Kontrollera", "checked": "Godkänn", "approved": "Betala"}
    found = PaymentRequest.objects.with_rows().filter(
        association=association, state__in=list(words), batch=None
    )
    return [
        Task(
            f"{words[one.state]} {one.title.lower()}, {one.grant.name}",
            reverse("budgets:payment_request", args=[association.slug, one.public_id]),
            None,
            f"{kronor(one.amount)} till {one.member.name}",
            day_of(one.attested_at) + timedelta(days=PAYMENT_DAYS),
        )
        for one in found.defer("content").order_by("attested_at")[:20]
    ]


def _base_payments(association: Association) -> list[Task]:
    """Base financing that members have claimed, to check, and what is checked, to approve."""
    found = BasePayment.objects.with_share().filter(association=association, state__in=WAITING)
    return [
        Task(
            f"{'Kontrollera' if one.state == BasePaymentState.CLAIMED else 'Godkänn'} "
            f"{one.title[:1].lower()}{one.title[1:]}, {one.share.team}",
            one.get_absolute_url(),
            None,
            f"{kronor(one.amount)} till {one.share.member.name}",
            day_of(one.created_at) + timedelta(days=PAYMENT_DAYS),
        )
        for one in found.order_by("created_at")[:20]
    ]


def _counted(association: Association) -> list[Task]:
    """What is told by its number alone: failed work, and efforts with a return to settle."""
    year = clock.today().year
    failed = Job.objects.filter(association=OuterRef("pk"), state=JobState.FAILED).order_by()
    returns = unsettled_of(association, year).order_by()
    jobs, efforts = (
        Association.objects.filter(pk=association.pk)
        .values_list(
            _number(failed.values("association").annotate(number=Count("pk"))),
            _number(
                returns.values("grant__association").annotate(number=Count("grant", distinct=True))
            ),
        )
        .get()
    )
    tasks = []
    if jobs:
        url, note = reverse("jobs:jobs", args=[association.slug]), f"{jobs} arbeten"
        text = "Försök igen med det som inte blev klart"
        tasks.append(Task(text, url, None, note, clock.today()))
    if efforts:
        url = reverse("applications:all_returns", args=[association.slug])
        note = f"{plural(efforts, 'insats', 'insatser')}, till och med {year}"
        tasks.append(Task("Stäm av återföringen", url, None, note, clock.today()))
    return tasks


def _number(counted: QuerySet[Any, Any]) -> Coalesce:
    return Coalesce(Subquery(counted.values("number")), 0)
