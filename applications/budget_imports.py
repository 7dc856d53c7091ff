"""A workbook sent in for an application's budget: kept, read, compared, and taken by choice."""

from __future__ import annotations

import base64
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from applications.budget_parts import check_own_part, reopen_parts
from applications.budgeting import budget_changed, budget_context, lock_budget_of
from applications.models import Application
from budgets.check import MEGABYTES, SECONDS, CheckResult, check_content, check_reading
from budgets.check import read_received as read_workbook
from budgets.content import BudgetContent
from budgets.context import BudgetContext
from budgets.differences import Difference, differences, merged
from budgets.editing import replace_content
from budgets.findings import Finding, Severity
from budgets.models import ImportKind, ImportState, WorkbookImport
from budgets.own.choices import Choices
from budgets.own.items import Item, find_items
from budgets.own.tables import Table, find_tables, sheets_without_table
from budgets.own.taking import content_of
from budgets.own.totals import Comparison, compare_totals
from budgets.revisions import content_at, version_of
from budgets.workbook_cells import Page
from budgets.workbook_marked import with_findings
from finsam import clock
from finsam.documents.sandbox import Unreadable, call
from finsam.documents.storage import open_file
from finsam.documents.uploads import Refused, receive_upload
from finsam.errors import NotPossible
from finsam.people.models import User
from finsam.registry.canonical import digest
from finsam.registry.events import record_event
from finsam.registry.models import Event

GRID = "budgets.workbook_cells.read_grid"
MARKER = "budgets.workbook_marked.mark"
# openpyxl builds every cell, which takes more than our own reading.
MARKER_SECONDS, MARKER_MEGABYTES = 8, 300


@dataclass
class OwnSheet:
    """A spreadsheet of the applicants' own, as it is understood with what they have chosen."""

    pages: list[Page]
    context: BudgetContext
    choices: Choices

    @cached_property
    def tables(self) -> list[Table]:
        return find_tables(self.pages, self.context, self.choices)

    @cached_property
    def items(self) -> list[Item]:
        return find_items(self.pages, self.tables, self.context, self.choices)

    @cached_property
    def content(self) -> BudgetContent:
        return content_of(self.items, self.context)

    @cached_property
    def comparisons(self) -> list[Comparison]:
        return compare_totals(self.items, self.pages)

    @property
    def open_items(self) -> list[Item]:
        return [item for item in self.items if item.open]

    @property
    def without_table(self) -> list[str]:
        return sheets_without_table(self.pages, self.tables)

    @property
    def marks(self) -> list[Finding]:
        """What is open and which sums are wrong, to be marked in a copy of the sheet."""
        opened = [
            Finding("open", Severity.ERROR, item.sheet, item.cell, f"{item.label}: {item.open}")
            for item in self.open_items
        ]
        wrong = [
            Finding("sum", Severity.WARNING, each.item.sheet, each.item.cell, each.cause)
            for each in self.comparisons
            if each.verdict in {"sheet_wrong", "unclear"}
        ]
        return [*opened, *wrong]


@dataclass
class Look:
    """A workbook that was sent, looked at again: what was found, and what it would change."""

    sent: WorkbookImport
    check: CheckResult
    current: BudgetContent
    base: BudgetContent | None = None
    own: OwnSheet | None = None

    @cached_property
    def differences(self) -> list[Difference]:
        if not self.check.can_be_taken:
            return []
        return differences(self.current, self.check.content, self.base)

    @property
    def needs_mapping(self) -> bool:
        return self.sent.is_own and self.sent.confirmed_at is None

    @property
    def marks(self) -> list[Finding]:
        """What the marked copy shows: findings in the cells of the file itself."""
        if self.own is not None:
            return self.own.marks
        return list(self.check.findings)


def receive_workbook(
    *, application: Application, file: UploadedFile[Any], actor: User
) -> WorkbookImport:
    """Keep a workbook that was sent, byte for byte, also one that is refused or cannot be read.

    The same file again by the same person, while it waits, is the one that waits. Nothing of the
    budget changes. Raises Refused with the guard's sentence and the file's id,
    Unreadable, StorageFull, NotAllowed, NotPossible.
    """
    with transaction.atomic():
        lock_budget_of(application, actor)
    try:
        upload = receive_upload(
            association=application.association, file=file, purpose="budget", actor=actor
        )
    except Refused as refusal:
        if refusal.upload is not None:
            _note(application, refusal.upload, ImportState.REFUSED, actor)
        raise
    try:
        reading = read_workbook(open_file(upload.file))
    except Unreadable as error:
        _note(application, upload, ImportState.REFUSED, actor)
        raise NotPossible(
            "unreadable_workbook", f"{error.message} Filens id är {upload.reference}.", "file"
        ) from error
    kind = ImportKind.TEMPLATE if reading.is_ours else ImportKind.OWN
    base = version_of(reading.stamp, application.budget)
    with transaction.atomic():
        lock_budget_of(application, actor)
        waiting: WorkbookImport | None = WorkbookImport.objects.filter(
            budget=application.budget,
            state=ImportState.OPEN,
            created_by=actor,
            upload__file__sha256=upload.file.sha256,
        ).last()
        if waiting is not None:
            return waiting
        return _note(application, upload, ImportState.OPEN, actor, kind=kind, base_version=base)


def look_at(application: Application, sent: WorkbookImport) -> Look:
    """Read a kept workbook again, beside the budget as it stands. Raises Unreadable."""
    context = budget_context(application)
    data = open_file(sent.upload.file)
    current = application.budget.content()
    if sent.kind == ImportKind.OWN:
        own = _own_sheet(data, context, Choices.from_json(sent.choices))
        return Look(sent, check_content(own.content, context), current, own=own)
    check = check_reading(read_workbook(data), context)
    return Look(sent, check, current, content_at(application.budget, sent.base_version))


def choose(
    *, application: Application, sent: WorkbookImport, choices: Choices, actor: User
) -> None:
    """Keep what is chosen about a sheet of one's own; the proposals follow it."""
    with transaction.atomic():
        lock_budget_of(application, actor)
        found = _open_import(sent)
        found.choices, found.confirmed_at = choices.as_json(), None
        found.save(update_fields=["choices", "confirmed_at"])


def confirm(*, application: Application, sent: WorkbookImport, actor: User) -> None:
    """Say that a sheet is understood rightly; only when nothing of it is left open."""
    look = look_at(application, sent)
    if look.own is None or look.own.open_items or not look.own.content.entries:
        raise NotPossible(
            "mapping_open", "Välj först det som står öppet i listan över belopp, och minst ett."
        )
    with transaction.atomic():
        lock_budget_of(application, actor)
        found = _open_import(sent)
        found.confirmed_at = clock.now()
        found.save(update_fields=["confirmed_at"])


def unconfirm(*, application: Application, sent: WorkbookImport, actor: User) -> None:
    """Go back to how a sheet is understood."""
    choose(application=application, sent=sent, choices=Choices.from_json(sent.choices), actor=actor)


def take_differences(
    *,
    application: Application,
    sent: WorkbookImport,
    keys: Collection[str],
    expected_version: int,
    actor: User,
) -> int:
    """Take the named differences into the budget; how many there were. Writes `budget_saved`.

    What is not named stays as it is in the portal. Writes `budget_import_taken` too, and voids
    signatures. The same again by the same person is taken once. Raises Conflict when the budget
    was changed after `expected_version`, NotOwnPart, NotPossible when the workbook has cells that
    cannot be read or something else was taken of it.
    """
    asked = digest(sorted(set(keys)))
    if _was_taken(sent, asked, actor):
        return sent.taken_count
    look = look_at(application, sent)
    if not look.check.can_be_taken or look.needs_mapping:
        raise NotPossible("not_takeable", "Arbetsboken behöver rättas innan den kan läsas in.")
    taken = [each.key for each in look.differences if each.key in set(keys)]
    with transaction.atomic():
        locked = lock_budget_of(application, actor)
        sent.refresh_from_db()
        if _was_taken(sent, asked, actor):
            return sent.taken_count
        found = _open_import(sent)
        before = locked.budget.content()
        after = merged(before, look.check.content, taken)
        changed = check_own_part(application=locked, actor=actor, before=before, after=after)
        replace_content(
            budget=locked.budget, content=after, expected_version=expected_version, actor=actor
        )
        budget_changed(application=locked, actor=actor)
        reopen_parts(application=locked, names=changed, actor=actor)
        _close(found, ImportState.TAKEN, actor, taken=len(taken), asked=asked)
    return len(taken)


def leave_workbook(*, application: Application, sent: WorkbookImport, actor: User) -> None:
    """Take nothing of a workbook; the file stays. Writes `budget_import_left`, once."""
    with transaction.atomic():
        lock_budget_of(application, actor)
        sent.refresh_from_db()
        if sent.state != ImportState.LEFT:
            _close(_open_import(sent), ImportState.LEFT, actor)


def marked_copy(look: Look) -> bytes:
    """A copy of the workbook with its findings in their cells and on a list. Raises Unreadable."""
    file = look.sent.upload.file
    about = f"Märkt kopia av {file.name} ({look.sent.upload.reference})"
    told = [finding.as_json() for finding in look.marks]
    data = with_findings(open_file(file), told, about)
    marked = call(MARKER, data=data, seconds=MARKER_SECONDS, megabytes=MARKER_MEGABYTES)
    return base64.b64decode(marked)


def _own_sheet(data: bytes, context: BudgetContext, choices: Choices) -> OwnSheet:
    read = call(GRID, data=data, seconds=SECONDS, megabytes=MEGABYTES)
    return OwnSheet([Page.from_json(page) for page in read], context, choices)


def _note(
    application: Application, upload: Any, state: ImportState, actor: User, **more: Any
) -> WorkbookImport:
    made: WorkbookImport = WorkbookImport.objects.create(
        budget=application.budget,
        upload=upload,
        state=state,
        created_by=actor,
        closed_at=None if state == ImportState.OPEN else clock.now(),
        **({"kind": ImportKind.TEMPLATE} | more),
    )
    return made


def _open_import(sent: WorkbookImport) -> WorkbookImport:
    """The workbook, locked, while nothing has been done with it yet."""
    found: WorkbookImport = WorkbookImport.objects.select_for_update().get(pk=sent.pk)
    if not found.is_open:
        raise NotPossible(
            "import_closed",
            "Arbetsboken är redan avslutad. Ladda upp den igen om ni vill läsa in den på nytt.",
        )
    return found


def _was_taken(sent: WorkbookImport, asked: str, actor: User) -> bool:
    """Whether the same person has taken just that of the workbook."""
    if sent.state != ImportState.TAKEN:
        return False
    event = Event.objects.filter(
        association=sent.budget.association,
        action="budget_import_taken",
        object_id=str(sent.pk),
        actor=actor,
    ).last()
    return event is not None and event.payload["asked"] == asked


def _close(found: WorkbookImport, state: ImportState, actor: User, **told: int | str) -> None:
    found.state, found.closed_at = state, clock.now()
    found.taken_count = int(told.get("taken", 0))
    found.save(update_fields=["state", "closed_at", "taken_count"])
    record_event(
        association=found.budget.association,
        actor=actor,
        action="budget_import_taken" if state == ImportState.TAKEN else "budget_import_left",
        obj=found,
        payload={"file": found.upload.reference, "taken": found.taken_count, **told},
    )
