"""Longer answers: written as plain text with a few marks, kept as HTML of few tags.

Blank line: new paragraph. Lines that begin with "- ": list; with "1. ": numbered list; with
"### ": heading; between "|": table row. **Two stars** around words make them strong.
"""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

BULLET = re.compile(r"^[-•–*]\s+(.*)$")
NUMBERED = re.compile(r"^\d{1,3}[.)]\s+(.*)$")
HEADING = re.compile(r"^#{1,6}\s+(.*)$")
TABLE_ROW = re.compile(r"^\|(.*)\|$")
STRONG = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
BLOCKS = {"p", "li", "h3", "h4", "tr", "blockquote", "caption"}


def html_from_text(text: str) -> str:
    """The HTML of what was written; every sign that is no mark is kept as it stands."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return "".join(_block(kind, group) for kind, group in _groups(lines))


def text_from_html(markup: str) -> str:
    """What the writer sees in the form; written back it gives the same HTML again."""
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return reader.text()


def plain(markup: str) -> str:
    """The words alone, without marks: for counting and for short excerpts."""
    return re.sub(r"(?m)^(- |\d+\. |### )|\*\*", "", text_from_html(markup)).strip()


def _groups(lines: list[str]) -> list[tuple[str, list[str]]]:
    """Lines that belong together, each group with its kind."""
    groups: list[tuple[str, list[str]]] = []
    broken = True
    for line in lines:
        if not line.strip():
            broken = True
            continue
        kind, words = _kind(line.strip())
        # A heading always stands alone; lists and tables go on over a blank line, text does not.
        goes_on = groups and groups[-1][0] == kind and kind != "h3"
        if goes_on and (kind != "p" or not broken):
            groups[-1][1].append(words)
        else:
            groups.append((kind, [words]))
        broken = False
    return groups


def _kind(line: str) -> tuple[str, str]:
    for kind, pattern in (("ul", BULLET), ("ol", NUMBERED), ("h3", HEADING), ("table", TABLE_ROW)):
        if (found := pattern.match(line)) and found[1].strip():
            return kind, found[1].strip()
    return "p", line


def _block(kind: str, group: list[str]) -> str:
    if kind in ("ul", "ol"):
        return f"<{kind}>{''.join(f'<li>{_inline(words)}</li>' for words in group)}</{kind}>"
    if kind == "h3":
        return f"<h3>{_inline(group[0])}</h3>"
    if kind == "table":
        rows = "".join(_row(row, "th" if at == 0 else "td") for at, row in enumerate(group))
        return f"<table><tbody>{rows}</tbody></table>"
    return f"<p>{'<br>'.join(_inline(words) for words in group)}</p>"


def _row(row: str, cell: str) -> str:
    cells = "".join(f"<{cell}>{_inline(words.strip())}</{cell}>" for words in row.split("|"))
    return f"<tr>{cells}</tr>"


def _inline(words: str) -> str:
    return STRONG.sub(r"<strong>\1</strong>", escape(words, quote=False))


class _Reader(HTMLParser):
    """Walks through HTML of the known tags and writes it as text with marks."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[tuple[str, list[str]]] = []
        self.lists: list[str] = []
        self.words: list[str] = []
        self.cells: list[str] = []
        self.link = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("ul", "ol"):
            self._end_block("p")
            self.lists.append(tag)
        elif tag in BLOCKS:
            self._end_block("p")
        elif tag == "br":
            self.words.append("\n")
        elif tag in ("strong", "b"):
            self.words.append("**")
        elif tag == "a":
            self.link = dict(attrs).get("href") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self.cells.append(" ".join("".join(self.words).split()))
            self.words = []
        elif tag == "tr":
            self.words = [" | ".join(self.cells)]
            self.cells = []
            self._end_block("table")
        elif tag in ("ul", "ol"):
            self._end_block("p")
            self.lists = self.lists[:-1]
        elif tag in BLOCKS:
            self._end_block(self._block_of(tag))
        elif tag in ("strong", "b"):
            self.words.append("**")
        elif tag == "a":
            if self.link and self.link not in "".join(self.words):
                self.words.append(f" ({self.link})")
            self.link = ""

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def _block_of(self, tag: str) -> str:
        if tag == "li":
            return self.lists[-1] if self.lists else "ul"
        return "h3" if tag in ("h3", "h4") else "p"

    def text(self) -> str:
        self._end_block("p")
        return "\n\n".join(self._written(kind, lines) for kind, lines in self.blocks)

    def _end_block(self, kind: str) -> None:
        words = "\n".join(" ".join(line.split()) for line in "".join(self.words).split("\n"))
        self.words = []
        if kind != "p":
            words = " ".join(words.split())
        words = words.strip("\n ")
        if not words:
            return
        if self.blocks and self.blocks[-1][0] == kind and kind in ("ul", "ol", "table"):
            self.blocks[-1][1].append(words)
        else:
            self.blocks.append((kind, [words]))

    @staticmethod
    def _written(kind: str, lines: list[str]) -> str:
        if kind == "ul":
            return "\n".join(f"- {line}" for line in lines)
        if kind == "ol":
            return "\n".join(f"{at}. {line}" for at, line in enumerate(lines, 1))
        if kind == "h3":
            return f"### {lines[0]}"
        if kind == "table":
            return "\n".join(f"| {line} |" for line in lines)
        return lines[0]
