"""What the styles and lists of a Word file mean: which are headings, which lists are numbered."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
HEADING_NAME = re.compile(r"^(?:heading|rubrik)\s*([1-9])$")
NOT_A_LIST = {"", "none"}
OFF = {"0", "false", "off", "none"}
DEEPEST = 9


@dataclass
class Style:
    """A paragraph or character style with what it takes from the one it is based on."""

    name: str = ""
    base: str = ""
    level: int | None = None
    bold: bool | None = None
    numbering: tuple[str, int] | None = None


@dataclass
class Styles:
    """The styles and numberings of one file."""

    styles: dict[str, Style] = field(default_factory=dict)
    formats: dict[tuple[str, int], str] = field(default_factory=dict)

    def heading_level(self, style: str, own_level: int | None) -> int | None:
        """The level of a heading, from 0 for the title; None when the style is no heading."""
        if own_level is not None:
            return own_level + 1 if own_level < DEEPEST else None
        for found in self._chain(style):
            name = found.name.casefold()
            if name == "title":
                return 0
            if match := HEADING_NAME.match(name):
                return int(match[1])
            if found.level is not None and found.level < DEEPEST:
                return found.level + 1
        return None

    def is_bold(self, style: str) -> bool:
        """Whether the style by itself makes its words bold."""
        return next((found.bold for found in self._chain(style) if found.bold is not None), False)

    def list_format(self, style: str, own: tuple[str, int] | None) -> tuple[str, int] | None:
        """The kind of list (bullet, decimal, …) and how deep; None when it is no list."""
        held = own
        if held is None:
            chain = self._chain(style)
            held = next((found.numbering for found in chain if found.numbering), None)
        if held is None or held[0] == "0":
            return None
        kind = self.formats.get(held, self.formats.get((held[0], 0), ""))
        return None if kind in NOT_A_LIST else (kind, held[1])

    def _chain(self, style: str) -> list[Style]:
        chain: list[Style] = []
        while style in self.styles and len(chain) < DEEPEST:
            chain.append(self.styles[style])
            style = chain[-1].base
        return chain


def read_styles(styles: Any, numbering: Any) -> Styles:
    """The meaning of the two parts; either may be missing (None)."""
    found = Styles()
    for element in styles.iter(f"{W}style") if styles is not None else ():
        found.styles[element.get(f"{W}styleId", "")] = _style(element)
    if numbering is not None:
        found.formats = _formats(numbering)
    return found


def value_of(parent: Any, path: str) -> str | None:
    """The `w:val` at a path of element names below, None when it is not there."""
    element = parent.find("/".join(f"{W}{name}" for name in path.split("/")))
    return None if element is None else element.get(f"{W}val", "")


def is_on(parent: Any, path: str) -> bool | None:
    """Whether a switch such as `w:b` is on; None when nothing is said."""
    value = value_of(parent, path)
    return None if value is None else value.casefold() not in OFF


def numbering_of(properties: Any) -> tuple[str, int] | None:
    """The list that paragraph properties name themselves, with the depth in it."""
    number = value_of(properties, "numPr/numId")
    depth = value_of(properties, "numPr/ilvl") or "0"
    return None if number is None else (number, int(depth) if depth.isdigit() else 0)


def outline_of(properties: Any) -> int | None:
    level = value_of(properties, "outlineLvl")
    return int(level) if level and level.isdigit() else None


def _style(element: Any) -> Style:
    style = Style(
        name=(value_of(element, "name") or "").strip(), base=value_of(element, "basedOn") or ""
    )
    style.bold = is_on(element, "rPr/b")
    properties = element.find(f"{W}pPr")
    if properties is not None:
        style.level = outline_of(properties)
        style.numbering = numbering_of(properties)
    return style


def _formats(numbering: Any) -> dict[tuple[str, int], str]:
    """The kind of every level of every list that paragraphs can name."""
    kinds: dict[str, dict[int, str]] = {}
    for abstract in numbering.iter(f"{W}abstractNum"):
        levels = {
            int(level.get(f"{W}ilvl", "0")): value_of(level, "numFmt") or ""
            for level in abstract.iter(f"{W}lvl")
            if level.get(f"{W}ilvl", "0").isdigit()
        }
        kinds[abstract.get(f"{W}abstractNumId", "")] = levels
    found = {}
    for number in numbering.iter(f"{W}num"):
        named = number.get(f"{W}numId", "")
        for level, kind in kinds.get(value_of(number, "abstractNumId") or "", {}).items():
            found[named, level] = kind
    return found
