"""How far an application has come: each section's status, and what keeps it from submission."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.urls import reverse

from applications import answers
from applications.answers import AnswerContext, Value, context_of
from applications.budget_parts import parts_in_words
from applications.budgeting import check_budget_of
from applications.models import (
    Application,
    ApplicationState,
    Section,
    SectionDraft,
    SectionKind,
)
from applications.parties import party_faults
from applications.queries import sections_with_answers
from budgets.check import CheckResult
from finsam import typography


class Progress(StrEnum):
    NOT_STARTED = "not_started"
    STARTED = "started"
    FILLED = "filled"
    DONE = "done"
    NEEDS_ACTION = "needs_action"
    CANNOT_BEGIN = "cannot_begin"


@dataclass(frozen=True)
class Fault:
    """One thing that keeps the application from being submitted, and where to mend it."""

    text: str
    url: str = ""
    question: str = ""
    is_missing: bool = False


@dataclass(frozen=True)
class SectionStatus:
    section: Section
    progress: Progress
    url: str
    faults: tuple[Fault, ...] = ()
    note: str = ""
    is_asked_for: bool = False
    draft: SectionDraft | None = None

    @property
    def is_complete(self) -> bool:
        return not self.faults


@dataclass(frozen=True)
class Overview:
    """The whole task list of an application, with its budget as it was looked at."""

    statuses: tuple[SectionStatus, ...]
    budget: CheckResult
    values: Mapping[int, Value] = field(default_factory=dict)
    given: Mapping[str, Value] = field(default_factory=dict)

    @property
    def writing(self) -> tuple[SectionStatus, ...]:
        """Everything but the signatures."""
        return tuple(s for s in self.statuses if s.section.kind != SectionKind.SIGNATURES)

    @property
    def faults(self) -> list[Fault]:
        """What must be mended before the parties can sign."""
        return [fault for status in self.writing for fault in status.faults]

    @property
    def may_be_signed(self) -> bool:
        return not self.faults

    @property
    def done(self) -> int:
        """How many parts need nothing more."""
        return sum(status.progress in (Progress.DONE, Progress.FILLED) for status in self.statuses)

    def section_of(self, kind: SectionKind) -> Section:
        """The section of a kind that every application has once."""
        return next(s.section for s in self.statuses if s.section.kind == kind)

    def of(self, key: str) -> SectionStatus:
        return next(status for status in self.statuses if status.section.key == key)


SPECIAL = {
    SectionKind.PARTIES: "applications:parties",
    SectionKind.BUDGET: "applications:budget",
    SectionKind.ANNEXES: "applications:annexes",
    SectionKind.SIGNATURES: "applications:signatures",
}


def annex_count(application: Application) -> int:
    """How many annexes there are; counted already where the application was read for a page."""
    counted: int | None = getattr(application, "annex_count", None)
    return application.annexes.filter(removed_at=None).count() if counted is None else counted


def section_url(application: Application, section: Section) -> str:
    """The page where a section is written."""
    place = [application.association.slug, application.public_id]
    name = SPECIAL.get(SectionKind(section.kind))
    return (
        reverse(name, args=place)
        if name
        else reverse("applications:section", args=[*place, section.key])
    )


def overview_of(application: Application) -> Overview:
    """Look through a whole application, in a fixed number of queries."""
    sections = sections_with_answers(application)
    questions = [question for section in sections for question in section.questions.all()]
    values = {question.pk: question.answer for question in questions}
    given = {question.key: question.answer for question in questions}
    budget = check_budget_of(application, given)
    context = context_of(application)
    annexes = annex_count(application)
    looked = _Look(application, values, budget, context, annexes)
    statuses = [looked.status(s) for s in sections if s.kind != SectionKind.SIGNATURES]
    open_faults = sum(len(status.faults) for status in statuses)
    for at, section in enumerate(sections):
        if section.kind == SectionKind.SIGNATURES:
            statuses.insert(at, looked.signatures(section, open_faults))
    return Overview(tuple(statuses), looked.budget, values, given)


def faults_of_section(
    section: Section,
    values: Mapping[int, Value],
    context: AnswerContext,
    url: str,
) -> list[Fault]:
    """What is missing or wrong among a section's answers."""
    found = []
    for question in section.questions.all():
        value = values.get(question.pk)
        place = f"{url}#{answers.field_name(question)}"
        if reason := answers.missing(question, value):
            found.append(Fault(reason, place, question.key, is_missing=True))
        heading = answers.heading_of(question)
        found.extend(
            Fault(f"{heading}: {reason}", place, question.key)
            for reason in answers.faults(question, value, context)
        )
    return found


@dataclass(frozen=True)
class _Look:
    """What has been read of an application, so that each section is judged without more reading."""

    application: Application
    values: Mapping[int, Value]
    budget: CheckResult
    context: AnswerContext
    annexes: int

    def status(self, section: Any) -> SectionStatus:
        url = section_url(self.application, section)
        faults = faults_of_section(section, self.values, self.context, url)
        faults += self._special_faults(section, url)
        progress = self._progress(section, faults)
        return SectionStatus(
            section,
            progress,
            url,
            tuple(faults),
            self._note(section, progress, faults),
            self._is_asked_for(section),
            section.draft,
        )

    def signatures(self, section: Any, open_faults: int) -> SectionStatus:
        from applications.signing import signing_state

        url = section_url(self.application, section)
        if not (self.application.is_draft or self._is_asked_for(section)):
            note = "Underskrivet när ansökan lämnades in"
            return SectionStatus(section, Progress.DONE, url, (), note)
        state = signing_state(self.application)
        if state.is_complete:
            return SectionStatus(section, Progress.DONE, url, (), state.note)
        if open_faults and not state.is_frozen:
            return SectionStatus(section, Progress.CANNOT_BEGIN, url, (), "När allt ovan är ifyllt")
        progress = Progress.STARTED if state.is_frozen else Progress.NOT_STARTED
        fault = Fault(state.note, url)
        return SectionStatus(section, progress, url, (fault,), state.note)

    def _special_faults(self, section: Any, url: str) -> list[Fault]:
        if section.kind == SectionKind.PARTIES:
            return [Fault(text, url) for text in party_faults(self.application)]
        if section.kind == SectionKind.BUDGET:
            if not self.budget.content.entries:
                return [Fault("Budgeten är tom. Fyll i den här eller i Excel.", url, "", True)]
            if not self.budget.summary.requested:
                return [Fault("Budgeten söker inga medel. Fyll i ”Sökt här”.", url)]
            return [
                Fault(f"Budget, {finding.place}: {finding.message}", url)
                for finding in self.budget.errors
            ]
        return []

    def _progress(self, section: Any, faults: list[Fault]) -> Progress:
        draft = section.draft
        marked = draft is not None and draft.done_at is not None
        wrong = any(not fault.is_missing for fault in faults)
        if (
            section.kind == SectionKind.PARTIES
            and len(self.application.parties.all()) < 2
            and not marked
        ):
            wrong = False
        if wrong or (marked and faults) or self._is_asked_for(section):
            return Progress.NEEDS_ACTION
        if marked:
            return Progress.DONE
        if not self._is_begun(section, draft):
            return Progress.NOT_STARTED
        return Progress.STARTED if faults else Progress.FILLED

    def _is_asked_for(self, section: Any) -> bool:
        """Whether the section waits for a completion; what was never answered may lie behind."""
        return self.application.state == ApplicationState.RETURNED and section.is_asked_for

    def _is_begun(self, section: Any, draft: SectionDraft | None) -> bool:
        if draft is not None and draft.revision > 0:
            return True
        if section.kind == SectionKind.PARTIES:
            return len(self.application.parties.all()) > 1
        if section.kind == SectionKind.BUDGET:
            return bool(self.budget.content.entries)
        if section.kind == SectionKind.ANNEXES:
            return self.annexes > 0
        # A text that came from a sketch stands there before anybody has written in the section;
        # the template's own goals do too, and are nobody's beginning.
        texts = [question.answer for question in section.questions.all()]
        return any(isinstance(text, str) and text for text in texts)

    def _note(self, section: Any, progress: Progress, faults: list[Fault]) -> str:
        if self._is_asked_for(section):
            return "Kansliet har bett om komplettering här"
        if section.kind == SectionKind.PARTIES and progress != Progress.NEEDS_ACTION:
            return _party_names(self.application)
        if section.kind == SectionKind.ANNEXES and not faults:
            files = typography.plural(self.annexes, "fil", "filer")
            return files if self.annexes else "Frivilligt"
        if progress in (Progress.NEEDS_ACTION, Progress.STARTED) and faults:
            wrong = [fault for fault in faults if not fault.is_missing] or faults
            more = len(faults) - 1
            rest = f" Och {typography.plural(more, 'sak', 'saker')} till." if more else ""
            parts = parts_in_words(self.application) if section.kind == SectionKind.BUDGET else ""
            return f"{wrong[0].text}{rest}{f' {parts}.' if parts else ''}"
        if progress == Progress.NOT_STARTED and not faults:
            return "Frivilligt"
        return parts_in_words(self.application) if section.kind == SectionKind.BUDGET else ""


def _party_names(application: Application) -> str:
    names = [
        f"{party.name} (huvudman)" if party.is_lead else party.name
        for party in application.parties.all()
    ]
    return ", ".join(names)
