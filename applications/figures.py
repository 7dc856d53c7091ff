"""The figures of an application: what is sought and what it costs, as it was received."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from applications.models import Application, ApplicationVersion, VersionPurpose
from budgets.content import BudgetContent
from budgets.figures import Figure, provide_figures
from budgets.summary import summarise
from finsam.associations.models import Association

RECEIVED = (VersionPurpose.SUBMISSION, VersionPurpose.SUPPLEMENT)


def application_figures(application: Application, version: ApplicationVersion) -> list[Figure]:
    """Sums of a frozen version: sought, cost, and both per party."""
    return _figures(application.pk, application.title, version)


@provide_figures("application")
def _applications_now(association: Association, pks: frozenset[int]) -> Mapping[str, int]:
    """Of the version that the office reads now; two queries."""
    versions = (
        ApplicationVersion.objects.filter(
            application__association=association, application__in=pks, purpose__in=RECEIVED
        )
        .select_related("application")
        .order_by("application", "number")
    )
    latest = {version.application_id: version for version in versions}
    return {
        figure.key: figure.value
        for pk, version in latest.items()
        for figure in _figures(pk, version.application.title, version)
    }


def _figures(pk: int, title: str, version: ApplicationVersion) -> list[Figure]:
    sums = summarise(_rows(version.content))
    found = [
        Figure(f"application:{pk}:sought", f"Sökt belopp, {title}", version.requested_amount),
        Figure(f"application:{pk}:cost", f"Kostnad, {title}", sums.total_cost),
        Figure(f"application:{pk}:staff", f"Personalkostnad, {title}", sums.staff_cost),
    ]
    parts = (
        ("cost", "Kostnad", sums.by_member),
        ("staff", "Personalkostnad", sums.staff_by_member),
        ("sought", "Sökt", sums.requested_by_member),
    )
    for name, label, by_party in parts:
        found += [
            Figure(f"application:{pk}:{name}:{party}", f"{label} för {party}, {title}", amount)
            for party, amount in by_party.items()
        ]
    return found


def _rows(content: Mapping[str, Any]) -> BudgetContent:
    return BudgetContent.from_json(content["budget"]["rows"])
