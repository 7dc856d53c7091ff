"""What the overview asks of the office after decisions: agreements, changes, early terminations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import (
    Case,
    Exists,
    FilteredRelation,
    OuterRef,
    Q,
    Subquery,
    When,
    prefetch_related_objects,
)

from applications.freezing import received_versions
from applications.models import Application, TerminationState
from boards.agreements_shown import STATES, addendum_task, agreement_task
from boards.changes_shown import change_task, changes_to_take_up
from boards.models import Agreement, AgreementState
from boards.terminations_shown import termination_task, terminations_to_work_on
from finsam import clock
from finsam.associations.models import Association
from finsam.ui import Task


def effort_tasks(association: Association) -> list[Task]:
    """All of them, read together: one query, two more where agreements are being signed."""
    ends = terminations_to_work_on().filter(application=OuterRef("pk"))
    changes = changes_to_take_up().filter(application=OuterRef("pk")).order_by("submitted_at", "pk")
    addenda = Agreement.objects.filter(application=OuterRef("pk"), change__isnull=False)
    addenda = addenda.exclude(state=AgreementState.SIGNED).order_by("change__number")
    received = received_versions().filter(application=OuterRef("pk")).values("content")[:1]
    agreeing = Q(state__in=STATES, outcome_public_at__lte=clock.now())
    found = (
        Application.objects.filter(agreeing | Exists(ends) | Exists(changes) | Exists(addenda))
        .filter(association=association)
        .annotate(
            main=FilteredRelation("agreements", condition=Q(agreements__change=None)),
            received_content=Case(When(state__in=STATES, then=Subquery(received))),
            end_state=Subquery(ends.values("state")[:1]),
            end_stops=Subquery(ends.values("stops_on")[:1]),
            end_claims=Subquery(ends.values("claims_until")[:1]),
            addendum_number=Subquery(addenda.values("change__number")[:1]),
            addendum_state=Subquery(addenda.values("state")[:1]),
            change_kind=Subquery(changes.values("kind")[:1]),
            change_came=Subquery(changes.values("submitted_at")[:1]),
        )
        .select_related("round", "association", "grant__account")
        .order_by("round__period_from", "pk")
    )
    # The types know no relation that a query has named itself.
    found = found.select_related("main__current")  # type: ignore[misc]
    rows: list[Any] = list(found[:40])
    out = [one for one in rows if _is_out_for_signature(_main(one))]
    prefetch_related_objects(out, "parties")
    prefetch_related_objects([one.main for one in out], "current__signatures")
    return [task for application in rows for task in _tasks(application)]


def _main(application: Any) -> Agreement | None:
    """The agreement itself, not an addendum; where there is none the join leaves no name behind."""
    return getattr(application, "main", None)


def _is_out_for_signature(agreement: Agreement | None) -> bool:
    return agreement is not None and agreement.state == AgreementState.SENT


def _tasks(application: Any) -> Iterator[Task]:
    if application.state in STATES:
        content = application.received_content or {}
        yield agreement_task(application, _main(application), content)
    if application.addendum_number:
        yield addendum_task(application, application.addendum_number, application.addendum_state)
    if application.end_state:
        is_proposal = application.end_state == TerminationState.PROPOSED
        day = application.end_stops if is_proposal else application.end_claims
        yield termination_task(application, application.end_state, day)
    if application.change_kind:
        came = clock.stockholm(application.change_came).date()
        yield change_task(application, application.change_kind, came)
