"""A longer answer as Word paragraphs, lists, strong words, links and tables."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from finsam.documents.word_template import writable

LISTS = {"ul": "List Bullet", "ol": "List Number"}
BLOCKS = {"p", "li", "h3", "h4", "blockquote", "caption"}


def write_html(document: Any, markup: str) -> None:
    """Write cleaned HTML of the known tags at the end of the document."""
    writer = _Writer(document)
    writer.feed(markup)
    writer.close()


class _Writer(HTMLParser):
    """Follows the tags and keeps the paragraph that is being written."""

    def __init__(self, document: Any) -> None:
        super().__init__(convert_charrefs=True)
        self.document = document
        self.paragraph: Any = None
        self.lists: list[str] = []
        self.started: list[int] = []
        self.bold = 0
        self.link = ""
        self.rows: list[list[str]] = []
        self.in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in LISTS:
            self.lists.append(tag)
            self.started.append(self._new_numbering() if tag == "ol" else 0)
            self.paragraph = None
        elif tag in BLOCKS:
            self.paragraph = self._begin(tag) if not self.in_cell else None
        elif tag == "br" and self.paragraph is not None:
            self.paragraph.add_run().add_break()
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.in_cell = True
            self.rows[-1].append("")
        elif tag == "a":
            self.link = dict(attrs).get("href") or ""
        self.bold += tag in ("strong", "b")

    def handle_endtag(self, tag: str) -> None:
        if tag in LISTS and self.lists:
            self.lists.pop()
            self.started.pop()
        elif tag in ("td", "th"):
            self.in_cell = False
        elif tag == "table":
            self._table()
        elif tag == "a":
            self.link = ""
        if tag in BLOCKS or tag in LISTS:
            self.paragraph = None
        self.bold -= tag in ("strong", "b")

    def handle_data(self, data: str) -> None:
        text = writable(data)
        if self.in_cell:
            self.rows[-1][-1] += text
            return
        if self.paragraph is None:
            if not text.strip():
                return
            self.paragraph = self._begin("li" if self.lists else "p")
        run = self.paragraph.add_run(text)
        run.bold = self.bold > 0 or None
        if self.link:
            self._make_link(run)

    def _begin(self, tag: str) -> Any:
        if tag in ("h3", "h4"):
            return self.document.add_heading("", 3)
        if tag != "li" or not self.lists:
            return self.document.add_paragraph()
        paragraph = self.document.add_paragraph(style=LISTS[self.lists[-1]])
        if self.started[-1]:
            properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
            properties.get_or_add_ilvl().val = 0
            properties.get_or_add_numId().val = self.started[-1]
        return paragraph

    def _new_numbering(self) -> int:
        """A numbered list of its own, that begins with 1."""
        style = self.document.styles["List Number"].element
        numbering = self.document.part.numbering_part.element
        held = style.pPr.numPr.numId.val
        abstract = next(n for n in numbering.num_lst if n.numId == held).abstractNumId.val
        number = numbering.add_num(abstract)
        number.add_lvlOverride(ilvl=0).add_startOverride(1)
        return int(number.numId)

    def _make_link(self, run: Any) -> None:
        relation = self.document.part.relate_to(
            self.link, RELATIONSHIP_TYPE.HYPERLINK, is_external=True
        )
        link = OxmlElement("w:hyperlink")
        link.set(qn("r:id"), relation)
        run._r.addprevious(link)
        link.append(run._r)
        run.font.underline = True

    def _table(self) -> None:
        rows, self.rows = [row for row in self.rows if row], []
        width = max((len(row) for row in rows), default=0)
        if not width:
            return
        table = self.document.add_table(rows=0, cols=width, style="Table Grid")
        for row in rows:
            cells = table.add_row().cells
            for cell, text in zip(cells, [*row, *[""] * (width - len(row))], strict=True):
                cell.text = " ".join(text.split())
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        self.paragraph = None
