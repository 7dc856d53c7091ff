"""What the overview asks of the office after decisions: agreements, changes, early terminations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery, prefetch_related_objects

from applications.models import Application, TerminationState
from boards.agreements_shown import STATES, agreement_task
from boards.changes_shown import change_task, changes_to_take_up
from boards.models import Agreement, AgreementState
from boards.terminations_shown import termination_task, terminations_to_work_on
from finsam import clock
from finsam.associations.models import Association
from finsam.ui import Task


def effort_tasks(association: Association) -> list[Task]:
    """All of them, read together: one query, and two more where agreements wait for signatures."""
    ends = terminations_to_work_on().filter(application=OuterRef("pk"))
    changes = changes_to_take_up().filter(application=OuterRef("pk")).order_by("submitted_at", "pk")
    agreeing = Q(state__in=STATES, outcome_public_at__lte=clock.now())
    found = (
        Application.objects.filter(agreeing | Exists(ends) | Exists(changes))
        .filter(association=association)
        .annotate(
            end_state=Subquery(ends.values("state")[:1]),
            end_stops=Subquery(ends.values("stops_on")[:1]),
            end_claims=Subquery(ends.values("claims_until")[:1]),
            change_kind=Subquery(changes.values("kind")[:1]),
            change_came=Subquery(changes.values("submitted_at")[:1]),
        )
        .select_related("round", "agreement__current", "association", "grant__account")
        .order_by("round__period_from", "pk")
    )
    rows: list[Any] = list(found[:40])
    out = [one for one in rows if _is_out_for_signature(one)]
    prefetch_related_objects(out, "parties", "agreement__current__signatures")
    return [task for application in rows for task in _tasks(application)]


def _is_out_for_signature(application: Any) -> bool:
    agreement: Agreement | None = getattr(application, "agreement", None)
    return agreement is not None and agreement.state == AgreementState.SENT


def _tasks(application: Any) -> Iterator[Task]:
    if application.state in STATES:
        yield agreement_task(application)
    if application.end_state:
        is_proposal = application.end_state == TerminationState.PROPOSED
        day = application.end_stops if is_proposal else application.end_claims
        yield termination_task(application, application.end_state, day)
    if application.change_kind:
        came = clock.stockholm(application.change_came).date()
        yield change_task(application, application.change_kind, came)
