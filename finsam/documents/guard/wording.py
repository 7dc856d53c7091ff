"""What matters inside a Word text: fields that reach out, tracked changes, markup-like text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from finsam.documents.guard.markup import Attributes
from finsam.documents.guard.package import Package, RelationListener

REACHING_FIELDS = frozenset(
    {
        *("DDE", "DDEAUTO", "LINK", "EMBED", "DATABASE", "RD"),
        *("INCLUDE", "INCLUDEPICTURE", "INCLUDETEXT", "IMPORT"),
    }
)
LIKE_MARKUP = re.compile(r"<[A-Za-z/!?]|\]\]>|\{\{|\{%")
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
# An old drawing may name its picture by address instead of by relationship.
OUTSIDE_SOURCE = re.compile(r"\s*(https?:|file:|ftp:|\\\\|//)", re.IGNORECASE)
CHANGES = ("ins", "del", "moveFrom", "moveTo")


@dataclass
class Field:
    """A field under way: what it says itself, and whether another field stands inside it."""

    instruction: str = ""
    begins_with_field: bool = False
    is_instruction_over: bool = False

    @property
    def reaches_out(self) -> bool:
        """A field whose very name is put together by another field hides what it does."""
        words = self.instruction.split(maxsplit=1)
        return words[0].upper() in REACHING_FIELDS if words else self.begins_with_field


class WordListener(RelationListener):
    """Hears all parts of a Word file."""

    def __init__(self, package: Package) -> None:
        super().__init__(package)
        self.fields: list[Field] = []
        self.starts |= {
            "fldChar": self.on_field_mark,
            "fldSimple": self.on_simple_field,
            "instrText": self.gather,
            "delInstrText": self.gather,
            "t": self.gather,
            "imagedata": self.on_drawing,
            "fill": self.on_drawing,
            **dict.fromkeys(CHANGES, self.on_change),
        }
        self.ends |= {
            "t": self.on_text,
            "instrText": self.on_instruction,
            "delInstrText": self.on_instruction,
        }

    def on_field_mark(self, given: Attributes) -> None:
        mark = _named(given, "fldCharType")
        if mark == "begin":
            if self.fields and not self.fields[-1].instruction.strip():
                self.fields[-1].begins_with_field = True
            self.fields.append(Field())
        elif self.fields and mark == "separate":
            self.fields[-1].is_instruction_over = True
        elif self.fields and mark == "end":
            self.judge(self.fields.pop())

    def on_simple_field(self, given: Attributes) -> None:
        self.judge(Field(_named(given, "instr")))

    def on_instruction(self, text: str) -> None:
        if not self.fields:
            self.judge(Field(text))
        elif not self.fields[-1].is_instruction_over:
            self.fields[-1].instruction += text

    def judge(self, field: Field) -> None:
        if field.reaches_out:
            self.package.faults.add("dangerous_field")

    def on_change(self, given: Attributes) -> None:
        """Drawings have elements of the same names, but no author."""
        if _named(given, "author"):
            self.package.warnings.add("tracked_changes")

    def on_drawing(self, given: Attributes) -> None:
        if OUTSIDE_SOURCE.match(given.get("src", "")):
            self.package.faults.add("external_link")

    def on_text(self, text: str) -> None:
        if LIKE_MARKUP.search(text):
            self.package.care.add("markup_like_text")
        if INVISIBLE.search(text):
            self.package.care.add("invisible_characters")

    def part_ends(self) -> None:
        while self.fields:
            self.judge(self.fields.pop())


def _named(given: Attributes, name: str) -> str:
    """An attribute by its local name, whatever prefix the writer chose."""
    return next((value for key, value in given.items() if key.rpartition(":")[2] == name), "")
