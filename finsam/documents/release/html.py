"""Masking a document of our own where it is made: in its text, before it is laid out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import html

from finsam.documents.release.masks import Mask, hidden_spans, plain, without_hidden

# Elements that do not part the words on their two sides.
INLINE = frozenset({
    "a", "abbr", "b", "cite", "code", "em", "i", "kbd", "mark", "q", "s", "small", "span",
    "strong", "sub", "sup", "tspan", "u", "wbr",
})  # fmt: skip
UNREAD = frozenset({"style", "script"})
READ_ATTRIBUTES = ("alt", "title", "aria-label", "href", "content", "summary")


@dataclass
class Piece:
    """A text of the page: whose it is, before (`text`) or behind (`tail`) what is in it."""

    element: Any
    place: str
    start: int
    text: str


def masked_html(page: str, masks: Sequence[Mask]) -> str:
    """The page with the labels of the masks in the place of what they hide, also over tags.

    Whoever lays it out has never had what is hidden.
    """
    tree = html.document_fromstring(page)
    for element in tree.iter():
        for name in READ_ATTRIBUTES:
            if name in element.attrib:
                element.set(name, without_hidden(element.get(name), masks))
    pieces, text = _pieces(tree)
    for span in reversed(hidden_spans(text, masks)):
        touched = [
            each
            for each in pieces
            if each.start < span.end and span.start < each.start + len(each.text)
        ]
        for piece in touched:
            before = piece.text[: max(span.start - piece.start, 0)]
            after = piece.text[max(span.end - piece.start, 0) :]
            label = span.mask.label if piece is touched[0] else ""
            piece.text = before + label + after
    for piece in pieces:
        setattr(piece.element, piece.place, piece.text)
    made: str = html.tostring(tree, encoding="unicode", doctype="<!doctype html>")
    return made


def _pieces(tree: Any) -> tuple[list[Piece], str]:
    """All texts of the page in order, and the whole that they make, a new line between blocks."""
    pieces: list[Piece] = []
    parts: list[str] = []
    at = 0
    for element, place in _places(tree):
        if element is None:
            parts.append("\n")
            at += 1
            continue
        text = plain(getattr(element, place) or "")
        if text:
            pieces.append(Piece(element, place, at, text))
            parts.append(text)
            at += len(text)
    return pieces, "".join(parts)


def _places(element: Any) -> Iterator[tuple[Any, str]]:
    """Where texts stand, in reading order; None between blocks."""
    is_read = isinstance(element.tag, str) and element.tag not in UNREAD
    is_block = is_read and element.tag not in INLINE
    if is_block:
        yield None, ""
    if is_read:
        yield element, "text"
        for child in element:
            yield from _places(child)
    if is_block:
        yield None, ""
    yield element, "tail"
