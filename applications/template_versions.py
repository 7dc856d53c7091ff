"""Versions of an application template: a new one whenever the questions have changed."""

from __future__ import annotations

from typing import Any

from applications.models import (
    Application,
    ApplicationTemplate,
    Programme,
    Question,
    Section,
    TemplateComment,
    TemplateState,
)
from applications.programme_definition import ProgrammeDefinition, as_json
from applications.programme_definition.shape import Question as QuestionDefinition
from applications.programme_definition.values import ChoiceSource, QuestionType
from finsam import clock
from finsam.registry.canonical import digest

Content = list[dict[str, Any]]


def load_template(
    *, programme: Programme, definition: ProgrammeDefinition, final: bool, unchanged: bool
) -> tuple[ApplicationTemplate, list[str]]:
    """The newest version, made if the definition's questions have changed; what was done.

    A draft that nobody has written on or commented is rewritten; any other version stays as it
    is and a new one comes beside it. Questions reworded in the portal stay reworded as long as
    the definition's own have not changed. Must run inside a transaction.
    """
    content = template_content(definition)
    newest = programme.templates.order_by("-version").first()
    if newest is not None and unchanged:
        if final and newest.state == TemplateState.DRAFT:
            _make_final(newest)
            return newest, [f"Mallen fastställdes som version {newest.version}"]
        return newest, []
    if newest is not None and newest.state == TemplateState.DRAFT and not in_use(newest):
        _clear(newest)
        template = newest
    else:
        template = ApplicationTemplate(
            programme=programme, version=newest.version + 1 if newest else 1
        )
    template.content_hash = digest(content)
    template.save()
    write_content(template, content)
    if final:
        _make_final(template)
    return template, [f"Mallen fick version {template.version}"]


def template_content(definition: ProgrammeDefinition) -> Content:
    """Sections and questions as they are kept, with the programme's lists pinned in them."""
    return [
        {
            "key": section.key,
            "heading": section.heading,
            "guidance": section.intro,
            "kind": str(section.role),
            "questions": [_question(question, definition) for question in section.questions],
        }
        for section in definition.template.sections
    ]


def template_digest(definition: ProgrammeDefinition) -> str:
    """Changes when a question of the definition does."""
    return digest(template_content(definition))


def content_of(template: ApplicationTemplate) -> Content:
    """The same, read back from a version."""
    return [
        {
            "key": section.key,
            "heading": section.heading,
            "guidance": section.guidance,
            "kind": section.kind,
            "questions": [
                {
                    "key": question.key,
                    "prompt": question.prompt,
                    "help": question.help,
                    "type": question.type,
                    "required": question.required,
                    "max_length": question.max_length,
                    "options": question.options,
                }
                for question in section.questions.all()
            ],
        }
        for section in template.sections.prefetch_related("questions")
    ]


def write_content(template: ApplicationTemplate, content: Content) -> None:
    """Write sections and questions into a version that has none."""
    for position, part in enumerate(content, start=1):
        facts = {name: value for name, value in part.items() if name != "questions"}
        section = Section.objects.create(template=template, position=position, **facts)
        Question.objects.bulk_create(
            Question(section=section, position=at, **question)
            for at, question in enumerate(part["questions"], start=1)
        )


def in_use(template: ApplicationTemplate) -> bool:
    """Whether somebody has written on the version or commented it."""
    return (
        Application.objects.filter(template=template).exists()
        or TemplateComment.objects.filter(question__section__template=template).exists()
    )


def _question(question: QuestionDefinition, definition: ProgrammeDefinition) -> dict[str, Any]:
    return {
        "key": question.key,
        "prompt": question.prompt,
        "help": question.help,
        "type": str(question.type),
        "required": question.required,
        "max_length": question.max_length,
        "options": _options(question, definition),
    }


def _options(question: QuestionDefinition, definition: ProgrammeDefinition) -> dict[str, Any]:
    options: dict[str, Any] = {"heading": question.heading}
    if question.type == QuestionType.GOALS:
        options["goals"] = as_json(definition.goals)
    if question.type == QuestionType.TARGET_GROUPS:
        options["choices"] = as_json(definition.target_groups)
    elif question.choices_from is ChoiceSource.KINDS:
        options["choices"] = as_json(definition.kinds)
    elif question.choices_from is not None:
        options["choices_from"] = str(question.choices_from)
    elif question.choices:
        options["choices"] = as_json(question.choices)
    if question.columns:
        options["columns"] = as_json(question.columns)
    if question.answers_priority:
        options["answers_priority"] = question.answers_priority
    return options


def _make_final(template: ApplicationTemplate) -> None:
    template.state = TemplateState.FINAL
    template.finalised_at = clock.now()
    template.save(update_fields=["state", "finalised_at"])


def _clear(template: ApplicationTemplate) -> None:
    Question.objects.filter(section__template=template).delete()
    template.sections.all().delete()
