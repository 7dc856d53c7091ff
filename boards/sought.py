"""Tells the economy pages what is sought, proposed and granted within a frame."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Prefetch

from applications.models import (
    Application,
    ApplicationState,
    ApplicationVersion,
    VersionPurpose,
)
from boards.models import DecisionMemo, Recommendation
from boards.rounds_shown import FINISHED, office_url
from budgets.models import Frame
from budgets.sought import Sought, provide_sought


@provide_sought
def sought_of(frame: Frame) -> Iterable[Sought]:
    """Each received application of the frame's rounds, in a fixed number of queries."""
    versions = ApplicationVersion.objects.filter(
        purpose__in=[VersionPurpose.SUBMISSION, VersionPurpose.SUPPLEMENT]
    ).defer("content")
    found = (
        Application.objects.filter(round__frame=frame)
        .exclude(state=ApplicationState.DRAFT)
        .exclude(state__in=FINISHED)
        .select_related("association", "grant")
        .prefetch_related(
            Prefetch("versions", versions.order_by("-number"), to_attr="received"),
            Prefetch("recommendations", Recommendation.objects.order_by("-recorded_at")),
            Prefetch("memos", DecisionMemo.objects.defer("texts", "snapshot").order_by("-number")),
        )
        .order_by("title")
    )
    return [_sought(one) for one in found]


def _sought(application: Application) -> Sought:
    versions = application.received  # type: ignore[attr-defined]
    recommendations = list(application.recommendations.all())
    memos = list(application.memos.all())
    latest = recommendations[0] if recommendations else None
    proposed = memos[0].proposed_amount if memos else (latest.amount if latest else None)
    return Sought(
        key=f"application-{application.pk}",
        label=application.title,
        url=office_url(application.association, application),
        lot_id=application.lot_id,
        sought=versions[0].requested_amount if versions else 0,
        proposed=proposed,
        granted=application.grant.amount if application.grant else 0,
        opinion=latest.get_kind_display() if latest else "",
    )
