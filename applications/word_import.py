"""A Word file becomes answers: received and read, compared, and taken question by question."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from applications import answers
from applications.answers import Value
from applications.drafting import lock_for_writing, save_section
from applications.ideas import lock_idea, save_idea, texts_of
from applications.models import (
    Answer,
    Application,
    ApplicationState,
    IdeaSketch,
    QuestionType,
    SectionDraft,
    SectionRevision,
    WordFile,
)
from applications.rich_text import text_from_html
from applications.word_form import BASE, moment_of
from applications.word_outline import Key, Outline, OutlineQuestion, idea_outline, outline_of
from applications.word_verdict import Found, Verdict, read_in_child, verdict_of
from finsam import clock
from finsam.associations.models import Association
from finsam.documents.storage import open_file
from finsam.documents.uploads import receive_upload
from finsam.errors import DomainError, NotPossible
from finsam.people.models import User
from finsam.registry.canonical import canonical
from finsam.registry.events import record_event

# What a proposal is, as against what the portal holds now.
SAME, NEW, CHANGED, KEPT, BOTH = "same", "new", "changed", "kept", "both"
PLACE_IN = {QuestionType.RICH_TEXT}


@dataclass(frozen=True)
class Proposal:
    """One question's answer in the file beside the one in the portal.

    `state`: `same` · `new` (nothing in the portal) · `changed` (only the file has been changed
    since it was fetched) · `kept` (only the portal has) · `both` (both, or nobody can tell).
    """

    key: Key
    section: str
    heading: str
    state: str
    portal: str
    word: str
    value: Value
    shown: Mapping[str, Any]
    faults: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return ".".join(self.key)

    @property
    def differs(self) -> bool:
        return self.state != SAME

    @property
    def can_be_taken(self) -> bool:
        return self.differs and not answers.is_empty(self.value)

    @property
    def is_suggested(self) -> bool:
        """Whether the file's answer is chosen from the start: where nothing is overwritten."""
        return self.can_be_taken and self.state in (NEW, CHANGED)


@dataclass
class WordPreview:
    """Everything that can be taken of a file, and the revisions that it is compared with."""

    verdict: Verdict
    outline: Outline
    proposals: list[Proposal]
    current: Mapping[Key, Value]
    revisions: dict[str, int]
    warning: str = ""

    @cached_property
    def places(self) -> list[OutlineQuestion]:
        """The questions under which text without a place can be put."""
        return [question for question in self.outline.questions() if question.type in PLACE_IN]


def receive_word(*, application: Application, file: UploadedFile[Any], actor: User) -> WordFile:
    """Keep a Word file for an application and read it; nothing is taken yet.

    Writes `word_received`. Raises what the guard refuses, Unreadable, NotAllowed, NotPossible.
    """
    with transaction.atomic():
        check_word_can_come(application, actor)
    return _receive(application.association, file, actor, application=application)


def receive_idea_word(*, sketch: IdeaSketch, file: UploadedFile[Any], actor: User) -> WordFile:
    """The same for an idea sketch."""
    with transaction.atomic():
        lock_idea(sketch, actor)
    return _receive(sketch.association, file, actor, idea=sketch)


def word_refusal(application: Application) -> str:
    """Why no text can be read into an application as it stands; empty when it can."""
    if application.is_draft and application.signing_version_id is not None:
        return "Ansökan är låst för underskrift. Öppna den för ändringar under Underskrifter först."
    if application.state not in (ApplicationState.DRAFT, ApplicationState.RETURNED):
        return "Ansökan är inlämnad och kan inte ändras. Skriv till kansliet om något ska rättas."
    return ""


def check_word_can_come(application: Application, actor: User) -> None:
    """Whether the person may write in any section now; inside the caller's transaction."""
    request = application.supplements.filter(answered_at=None).first()
    section = request.sections.first() if request is not None else None
    locked = lock_for_writing(application, actor, section)
    if refusal := word_refusal(locked):
        raise NotPossible("word_not_now", refusal, "file")


def preview_word(word: WordFile) -> WordPreview:
    """What the file says beside what the portal holds now."""
    if word.application is not None:
        return _preview_application(word, word.application)
    if word.idea is None:
        raise ValueError("The file is for nothing.")
    return _preview_idea(word, word.idea)


def take_word(
    *,
    word: WordFile,
    chosen: Sequence[str],
    placed: Mapping[int, str],
    revisions: Mapping[str, int],
    actor: User,
) -> list[str]:
    """Take the file's answers to the chosen questions; gives back their headings.

    `chosen` are names of proposals, `placed` puts text without a place (by its number) under a
    question, `revisions` are those that the person saw. Where somebody has changed the same
    answer since, nothing at all is taken and Conflict is raised. Writes `word_taken`.
    """
    preview = preview_word(word)
    values = _chosen_values(preview, chosen, placed)
    if not values:
        raise DomainError("nothing_chosen", "Välj minst ett svar att ta ur filen.")
    with transaction.atomic():
        if word.application is not None:
            _take_application(word.application, values, revisions, actor)
        elif word.idea is not None:
            texts = {key[0]: str(value) for key, value in values.items()}
            save_idea(
                sketch=word.idea,
                texts=texts,
                expected_revision=revisions.get("", -1),
                actor=actor,
            )
        names = [".".join(key) for key in values]
        WordFile.objects.filter(pk=word.pk).update(taken=names, taken_at=clock.now())
        _event(word, actor, "word_taken", {"questions": names})
    headings = {question.key: question.heading for question in preview.outline.questions()}
    return [headings[key] for key in values]


# --- receiving ------------------------------------------------------------------------------------


def _receive(
    association: Association, file: UploadedFile[Any], actor: User, **owner: Any
) -> WordFile:
    upload = receive_upload(association=association, file=file, purpose="word", actor=actor)
    reading = read_in_child(open_file(upload.file))
    with transaction.atomic():
        word = WordFile.objects.create(
            **owner, upload=upload, reading=reading, sent_by=actor, sent_at=clock.now()
        )
        _event(word, actor, "word_received", {"name": upload.file.name})
    return word


def _event(word: WordFile, actor: User, action: str, payload: dict[str, Any]) -> None:
    owner = word.application or word.idea
    if owner is None:
        return
    record_event(
        association=owner.association,
        actor=actor,
        action=action,
        obj=word,
        case=owner.case,
        payload={"of": str(owner.public_id), "sha256": word.upload.file.sha256, **payload},
    )


# --- comparing ------------------------------------------------------------------------------------


def _preview_application(word: WordFile, application: Application) -> WordPreview:
    context = answers.context_of(application)
    outline = outline_of(application.template, context)
    verdict = verdict_of(word.reading, outline)
    stored = Answer.objects.filter(application=application).select_related("question__section")
    current = {(row.question.section.key, row.question.key): row.value for row in stored}
    base, warning = _base(verdict, application.public_id)
    earlier = _values_at(application, base) if base is not None else None
    drafts = SectionDraft.objects.filter(application=application).select_related("section")
    rows = {question.key: question for question in outline.questions()}
    proposals = []
    for found in verdict.answers:
        row = rows[found.key].row
        if row is None:
            continue

        def words(value: Value, row: Any = row) -> str:
            return answers.words(row, value, context)

        before = None if earlier is None else words(earlier.get(found.key))
        held, said = words(current.get(found.key)), words(found.value)
        shown = answers.display(row, found.value, context)
        proposals.append(_proposal(found, held, said, before, shown))
    revisions = {draft.section.key: draft.revision for draft in drafts}
    return WordPreview(verdict, outline, proposals, current, revisions, warning)


def _preview_idea(word: WordFile, sketch: IdeaSketch) -> WordPreview:
    outline = idea_outline(sketch.programme)
    verdict = verdict_of(word.reading, outline)
    current = texts_of(sketch)
    base, warning = _base(verdict, sketch.public_id)
    untouched = base is not None and base >= sketch.updated_at
    proposals = []
    for found in verdict.answers:
        held = current.get(found.key[0], "")
        before, said = held if untouched else None, str(found.value)
        proposals.append(_proposal(found, held, said, before, {"form": "text", "text": said}))
    answered = {(key, key): text for key, text in current.items()}
    return WordPreview(verdict, outline, proposals, answered, {"": sketch.revision}, warning)


def _proposal(
    found: Found, portal: str, word: str, before: str | None, shown: Mapping[str, Any]
) -> Proposal:
    """`before` is the answer as it was when the file was fetched; None when that is not known."""
    portal, word = _squeezed(portal), _squeezed(word)
    if portal == word:
        state = SAME
    elif not portal:
        state = NEW
    elif before is None:
        state = BOTH
    elif _squeezed(before) == portal:
        state = CHANGED
    else:
        state = KEPT if _squeezed(before) == word else BOTH
    return Proposal(
        key=found.key,
        section=found.section,
        heading=found.heading,
        state=state,
        portal=portal,
        word=word,
        value=found.value,
        shown=shown,
        faults=found.faults,
    )


def _squeezed(text: str) -> str:
    """Words and lines alone: a file re-saved elsewhere has other blanks and empty lines."""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _base(verdict: Verdict, public_id: uuid.UUID) -> tuple[datetime | None, str]:
    """The saving that the file was fetched after, and a warning when it is of another case."""
    words = verdict.keywords.split()
    if len(words) != 3 or words[0] != BASE:
        return None, ""
    if words[1] != str(public_id):
        return None, (
            "Filen har hämtats från en annan ansökan eller skiss. Kontrollera att det är rätt fil."
        )
    return moment_of(words[2]), ""


def _values_at(application: Application, moment: datetime) -> dict[Key, Value]:
    """All answers as they were at a moment, as far back as revisions are kept."""
    rows = SectionRevision.objects.filter(
        draft__application=application, saved_at__lte=moment
    ).select_related("draft__section")
    found: dict[str, dict[str, Value]] = {}
    for row in rows.order_by("number"):
        found[row.draft.section.key] = row.values
    return {
        (section, question): value
        for section, values in found.items()
        for question, value in values.items()
    }


# --- taking ---------------------------------------------------------------------------------------


def _chosen_values(
    preview: WordPreview, chosen: Sequence[str], placed: Mapping[int, str]
) -> dict[Key, Value]:
    values = {
        proposal.key: proposal.value
        for proposal in preview.proposals
        if proposal.name in chosen and proposal.can_be_taken
    }
    places = {question.tag: question for question in preview.places}
    for number, left in enumerate(preview.verdict.left_over):
        question = places.get(placed.get(number, ""))
        if question is not None and isinstance(left.value, str):
            before = values.get(question.key, preview.current.get(question.key))
            values[question.key] = _appended(question, before, left.value)
    return values


def _appended(question: OutlineQuestion, before: Value, more: str) -> Value:
    """The text after what is there; a sketch keeps it as marked text."""
    if question.row is None:
        return "\n\n".join(part for part in (str(before or ""), text_from_html(more)) if part)
    return f"{before if isinstance(before, str) else ''}{more}"


def _take_application(
    application: Application,
    values: Mapping[Key, Value],
    revisions: Mapping[str, int],
    actor: User,
) -> None:
    """Save section by section; the first conflict undoes all."""
    check_word_can_come(application, actor)
    sections = {s.key: s for s in application.template.sections.prefetch_related("questions")}
    for key, wanted in _by_section(values):
        save_section(
            application=application,
            section=sections[key],
            values={name: canonical(value) for name, value in wanted.items()},
            expected_revision=revisions.get(key, -1),
            actor=actor,
        )


def _by_section(values: Mapping[Key, Value]) -> Iterator[tuple[str, dict[str, Value]]]:
    for section in dict.fromkeys(key[0] for key in values):
        yield section, {key[1]: value for key, value in values.items() if key[0] == section}
