"""The one way to hold an application while what belongs to its effort changes."""

from __future__ import annotations

from applications.models import Application


def locked_effort(application: Application) -> Application:
    """The application's row, locked until the transaction ends, with what its acts read.

    It is locked before what belongs to it, everywhere.
    """
    found: Application = (
        Application.objects.select_for_update(of=("self",))
        .select_related("association", "case", "round__programme", "grant__association")
        .get(pk=application.pk)
    )
    return found
