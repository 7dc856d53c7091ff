"""A draft made of files: the applicant's Word document and budget, as the pages would take them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile

from applications import answers
from applications.budget_imports import (
    Look,
    confirm,
    look_at,
    receive_workbook,
    take_differences,
)
from applications.budgeting import round_budget_context
from applications.drafting import start_application
from applications.models import Application, ApplicationTemplate, Round
from applications.parties import add_party
from applications.word_import import preview_word, receive_word, take_word
from applications.word_outline import Outline, outline_of
from applications.word_verdict import Verdict, judge_word
from budgets.check import CheckResult, check_workbook
from finsam.associations.models import Member
from finsam.errors import NotPossible
from finsam.people.models import User


@dataclass(frozen=True)
class SentFile:
    """A file as it lies on a disk: its name and its bytes."""

    name: str
    data: bytes

    @classmethod
    def of(cls, path: Path) -> SentFile:
        """Raises OSError."""
        return cls(path.name, path.read_bytes())

    def as_upload(self) -> SimpleUploadedFile:
        return SimpleUploadedFile(self.name, self.data)


@dataclass(frozen=True)
class Imported:
    """What came of the files: the draft, what the text says, and the budget's verdict."""

    application: Application
    word: Verdict
    taken: tuple[str, ...]
    budget: CheckResult
    has_budget: bool


def round_outline(round: Round) -> Outline:  # noqa: A002
    """The headings of a round's form. Raises NotPossible while there is no template."""
    template: ApplicationTemplate | None = round.template or round.programme.templates.first()
    if template is None:
        raise NotPossible("no_template", f"{round.name} har ingen ansökningsmall än.")
    return outline_of(template, answers.context_for(round.association, round))


def import_application(
    *,
    round: Round,  # noqa: A002
    lead: Member,
    parties: Sequence[Member],
    word: SentFile,
    budget: SentFile,
    actor: User,
) -> Imported:
    """Make a draft of a Word document and a budget workbook.

    Both files are read before anything is written: one that cannot be read at all makes no draft.
    What the text lacks is left to be written; a budget with faults is left out and told of.
    Raises Unreadable, Refused, NotAllowed, NotPossible.
    """
    judge_word(word.data, round_outline(round), word.name)
    names = [member.name for member in (lead, *parties)]
    checked = check_workbook(budget.data, round_budget_context(round, names), budget.name)
    if any(finding.code == "unreadable_workbook" for finding in checked.findings):
        raise NotPossible("unreadable_workbook", checked.findings[0].message)
    application = start_application(round=round, member=lead, actor=actor)
    for member in parties:
        if member.pk != lead.pk:
            add_party(application=application, actor=actor, member=member)
    taken, verdict = _take_word(application, word, actor)
    application = Application.objects.get(pk=application.pk)
    look, has_budget = _take_budget(application, budget, actor)
    application = Application.objects.get(pk=application.pk)
    findings = (*look.check.findings, *look.marks) if look.own else look.check.findings
    return Imported(
        application, verdict, tuple(taken), replace(look.check, findings=findings), has_budget
    )


def _take_budget(application: Application, budget: SentFile, actor: User) -> tuple[Look, bool]:
    """All rows of the workbook; one of the applicant's own only where nothing is left open."""
    sent = receive_workbook(application=application, file=budget.as_upload(), actor=actor)
    look = look_at(application, sent)
    if look.own is not None and not look.own.open_items and look.own.content.entries:
        confirm(application=application, sent=sent, actor=actor)
        sent.refresh_from_db()
        look = look_at(application, sent)
    if not look.check.can_be_taken or look.needs_mapping:
        return look, False
    take_differences(
        application=application,
        sent=sent,
        keys=[each.key for each in look.differences],
        expected_version=application.budget.version,
        actor=actor,
    )
    return look, True


def _take_word(application: Application, word: SentFile, actor: User) -> tuple[list[str], Verdict]:
    """Everything that the file answers; in a new draft nobody else's text is in the way."""
    received = receive_word(application=application, file=word.as_upload(), actor=actor)
    preview = preview_word(received)
    wanted = [proposal.name for proposal in preview.proposals if proposal.can_be_taken]
    if not wanted:
        return [], preview.verdict
    taken = take_word(
        word=received, chosen=wanted, placed={}, revisions=preview.revisions, actor=actor
    )
    return taken, preview.verdict
