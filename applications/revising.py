"""Revising the budget of an application that was granted a part of what it sought."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from applications.freezing import latest_received
from applications.models import Application
from applications.payments import claiming_parties, granted_of
from budgets.content import BudgetContent
from budgets.models import RevisedBudget
from budgets.revised_budgets import (
    begin_revised_budget,
    file_revised_budget,
    is_needed,
    save_revised_budget,
)
from budgets.revised_workbook import Written, read_revised_workbook, write_revised_workbook
from finsam.documents.storage import open_file
from finsam.documents.uploads import receive_upload
from finsam.errors import DomainError, NotAllowed, NotPossible
from finsam.people.access import visitor_for
from finsam.people.models import User


def needs_revision(application: Application) -> bool:
    """Whether the parties have to revise the budget before money can be claimed."""
    grant, version = application.grant, latest_received(application)
    if grant is None or version is None or not application.is_outcome_public:
        return False
    return is_needed(grant, version.requested_amount)


def begin_revision(*, application: Application, actor: User) -> RevisedBudget:
    """The revised budget under way, begun where there is none, by somebody of the parties."""
    _writable_parties(application, actor)
    grant = granted_of(application)
    version = latest_received(application)
    if version is None or not needs_revision(application):
        raise NotPossible("not_needed", "Budgeten behöver inte revideras.")
    content = BudgetContent.from_json(version.content["budget"]["rows"])
    return begin_revised_budget(grant=grant, content=content, actor=actor)


def save_revision(
    *,
    application: Application,
    revised: RevisedBudget,
    amounts: Mapping[str, int],
    note: str,
    expected_revision: int,
    actor: User,
) -> RevisedBudget:
    """Keep what a party has written on its own lines; the lead party writes on all."""
    lines = writable_lines(application, revised, actor)
    if not set(amounts) <= lines:
        raise NotAllowed("not_the_partys", "Ni kan bara ändra era egna poster.")
    return save_revised_budget(
        revised=revised,
        amounts=amounts,
        note=note,
        expected_revision=expected_revision,
        actor=actor,
    )


def file_revision(
    *, application: Application, revised: RevisedBudget, actor: User
) -> RevisedBudget:
    """Hand it to the office; by the lead party."""
    if True not in _writable_parties(application, actor).values():
        raise NotAllowed("lead_only", "Den samordnande parten lämnar in den reviderade budgeten.")
    return file_revised_budget(revised=revised, case=application.case, actor=actor)


def revision_workbook(*, application: Application, revised: RevisedBudget, actor: User) -> bytes:
    """The revised budget as a workbook, with the person's own lines to write on."""
    return write_revised_workbook(revised, writable_lines(application, revised, actor))


def read_revision(
    *, application: Application, revised: RevisedBudget, file: UploadedFile[Any], actor: User
) -> Written:
    """Keep a workbook that was sent, byte for byte, and say what was edited in it.

    Nothing of the budget changes. Raises Refused with the guard's sentence and the file's id,
    Unreadable, StorageFull, NotAllowed for another party's lines, DomainError naming the cells.
    """
    lines = writable_lines(application, revised, actor)
    upload = receive_upload(
        association=application.association, file=file, purpose="budget", actor=actor
    )
    try:
        written = read_revised_workbook(open_file(upload.file), revised)
    except DomainError as error:
        message = f"{error.message} Filens id är {upload.reference}."
        raise DomainError(error.code, message, "file") from error
    if not set(written.amounts) <= lines:
        raise NotAllowed("not_the_partys", "Ni kan bara ändra era egna poster.", "file")
    return written


def writable_lines(application: Application, revised: RevisedBudget, actor: User) -> set[str]:
    """The lines that the person may write on, by key."""
    mine = _writable_parties(application, actor)
    leads = any(mine.values())
    return {row["key"] for row in revised.rows if leads or row["party"] in mine}


def _writable_parties(application: Application, actor: User) -> dict[str, bool]:
    """The parties that the person writes for, and whether each leads. Raises NotAllowed."""
    mine = claiming_parties(application, visitor_for(application.association, actor))
    if not mine:
        raise NotAllowed("not_the_partys", "Bara den som har en roll för en part kan revidera.")
    return {party.name: party.is_lead for party in mine}
