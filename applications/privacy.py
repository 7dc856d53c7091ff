"""Where in an application a personal identity number seems to stand, to warn before sending.

An application becomes an official document when it is handed in; it should say nothing of a
participant that can be told who it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from applications import answers
from applications.answers import Value
from applications.models import Annex, Section
from finsam.personal_numbers import masked, personal_numbers


def personal_numbers_in(sections: Iterable[Section], values: Mapping[int, Value]) -> list[str]:
    """A line for each question in whose answer a number stands: its heading, the number masked."""
    lines = []
    for section in sections:
        for question in section.questions.all():
            numbers = personal_numbers(words_in(values.get(question.pk)))
            if numbers:
                shown = ", ".join(map(masked, dict.fromkeys(numbers)))
                lines.append(f"{section.heading}, {answers.heading_of(question)}: {shown}")
    return lines


def personal_numbers_in_annexes(annexes: Iterable[Annex]) -> list[str]:
    """A line for each annex in whose text a number was found when it came."""
    return [
        f"Bilagan ”{annex.title}”: {', '.join(annex.personal_numbers)}"
        for annex in annexes
        if annex.personal_numbers
    ]


def words_in(value: Value) -> str:
    """All words of an answer of any type."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
