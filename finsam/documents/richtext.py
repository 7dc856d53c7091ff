"""The one way in for formatted text: few tags, shallow nesting, bounded size."""

from __future__ import annotations

from html.parser import HTMLParser

import nh3

from finsam.errors import DomainError

TAGS = {
    "p", "br", "strong", "em", "ul", "ol", "li", "h3", "h4", "a", "blockquote",
    "table", "caption", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ATTRIBUTES = {"a": {"href"}, "th": {"scope", "colspan", "rowspan"}, "td": {"colspan", "rowspan"}}
CHARACTERS = 60_000
DEPTH = 10
ELEMENTS = 3_000
BREAKS_IN_A_ROW = 20
COLUMNS = 12
ROWS = 400
SPAN = 12
WORD = 400
MARKS_IN_A_ROW = 4
_VOID = {"br"}


def clean_rich_text(text: str, *, strict: bool = True) -> str:
    """The text with only the tags, attributes and links that documents know.

    With `strict`, used where text comes in, raises DomainError (`rich_text_…`) with a sentence
    for the writer when the text is larger, deeper or wider than a document can hold. Without it,
    used where text goes out, the same faults leave the text alone, without any tags.
    """
    try:
        _check_size(text)
        cleaned = nh3.clean(
            text,
            tags=TAGS,
            attributes=ATTRIBUTES,
            url_schemes={"https", "http", "mailto"},
            link_rel=None,
            clean_content_tags={"script", "style"},
        )
        Shape().measure(cleaned)
    except DomainError:
        if strict:
            raise
        return nh3.clean_text(nh3.clean(text[:CHARACTERS], tags=set()))
    return cleaned


class Shape(HTMLParser):
    """Measures how deep, long and wide cleaned text is."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements = self.breaks = self.rows = self.columns = 0

    def measure(self, cleaned: str) -> None:
        """Raises DomainError at the first limit passed."""
        self.feed(cleaned)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements += 1
        if self.elements > ELEMENTS:
            raise _refused("long", "Texten har för många delar. Dela upp den eller bifoga en fil.")
        self._count_break(tag)
        self._count_table(tag, dict(attrs))
        if tag in _VOID:
            return
        self.open.append(tag)
        if len(self.open) > DEPTH:
            raise _refused(
                "deep", f"Listor och citat får ligga högst {DEPTH} nivåer in. Ta bort några nivåer."
            )

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.breaks = 0

    def _count_break(self, tag: str) -> None:
        self.breaks = self.breaks + 1 if tag == "br" else self.breaks
        if self.breaks > BREAKS_IN_A_ROW:
            raise _refused("empty", "Texten har många tomma rader i följd. Ta bort dem.")

    def _count_table(self, tag: str, attributes: dict[str, str | None]) -> None:
        if tag == "table":
            self.rows = self.columns = 0
        if tag == "tr":
            self.rows, self.columns = self.rows + 1, 0
        if tag in ("td", "th"):
            self.columns += max(_span(attributes, "colspan"), 1)
            _span(attributes, "rowspan")
        if self.columns > COLUMNS or self.rows > ROWS:
            raise _refused(
                "wide",
                f"En tabell får ha högst {COLUMNS} kolumner och {ROWS} rader."
                " Bifoga större tabeller som fil.",
            )


def _check_size(text: str) -> None:
    if len(text) > CHARACTERS:
        raise _refused(
            "long", "Texten är längre än 60\u00a0000 tecken. Korta den eller bifoga en fil."
        )
    marks = 0
    for character in text:
        marks = marks + 1 if "\u0300" <= character <= "\u036f" else 0
        if marks > MARKS_IN_A_ROW:
            raise _refused(
                "marks", "Texten har tecken som inte kan skrivas ut. Skriv om den utan dem."
            )


def _span(attributes: dict[str, str | None], name: str) -> int:
    written = attributes.get(name) or "1"
    if not written.isdecimal() or not 1 <= int(written[:4]) <= SPAN or len(written) > 2:
        raise _refused(
            "span", f"En tabellcell får sträcka sig över högst {SPAN} rader eller kolumner."
        )
    return int(written)


def _refused(code: str, message: str) -> DomainError:
    return DomainError(f"rich_text_{code}", message)
