"""What is known of an item's application, read in one query together with the agenda."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from applications.freezing import received_versions
from applications.models import ApplicationParty
from boards.documents_shown import shown
from boards.models import (
    Recommendation,
    RecommendationKind,
)
from boards.queries import final_memos
from finsam.people.access import Visitor


@dataclass(frozen=True)
class KnownMemo:
    """What the final memo proposes; `proposed_amount` in whole kronor."""

    id: int
    proposed_outcome: str
    proposed_amount: int | None
    conditions: str


@dataclass(frozen=True)
class KnownRecommendation:
    """What the council recommends; `amount` in whole kronor."""

    kind: str
    amount: int | None

    @property
    def label(self) -> str:
        return str(RecommendationKind(self.kind).label)


def _of_application(rows: QuerySet[Any], *names: str) -> Subquery:
    """Some values of an item's application as an object, of the first of the rows."""
    found = rows.filter(application=OuterRef("application"))
    return Subquery(found.values(said=JSONObject(**{name: name for name in names}))[:1])


# Read together with the items: what is known of their applications.
KNOWN = {
    "known_version": _of_application(received_versions(), "requested_amount"),
    "known_lead": _of_application(ApplicationParty.objects.filter(is_lead=True), "name"),
    "known_recommendation": _of_application(
        Recommendation.objects.order_by("-recorded_at"), "kind", "amount"
    ),
    "known_memo": _of_application(
        final_memos(), "id", "proposed_outcome", "proposed_amount", "conditions"
    ),
}


def known_of(item: Any, visitor: Visitor) -> dict[str, Any]:
    """What is sought, recommended and proposed, and where to read it."""
    version, recommended = item.known_version, item.known_recommendation
    memo = KnownMemo(**item.known_memo) if item.known_memo else None
    return {
        "requested": version["requested_amount"] if version else None,
        "recommendation": KnownRecommendation(**recommended) if recommended else None,
        "memo": memo,
        "memo_document": shown(visitor, f"memo:{memo.id}") if memo else None,
    }
