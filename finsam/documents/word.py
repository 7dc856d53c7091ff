"""Writing a Word document of the same source as the PDF, in real styles that a person can edit."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, RGBColor

from finsam import typography
from finsam.documents.richtext import clean_rich_text
from finsam.documents.storage import read_key
from finsam.documents.typesetting import typeset
from finsam.documents.word_letterhead import filled_letterhead, text_width
from finsam.documents.word_order import in_schema_order
from finsam.documents.word_template import GREY, INK, LINE, add_field, portal_template, writable

_bullet = re.compile(r"^\s*[-•*–]\s+")
_first_day = (1980, 1, 1, 0, 0, 0)


class WordDocument:
    """A Word document under way; the same calls give the same bytes.

    `source` is the frozen source of a document kind: head, foot and properties come from it.
    """

    def __init__(self, source: Mapping[str, Any]) -> None:
        self.source = source
        self.document = _template(source)
        self.width = text_width(self.document)
        self._headings: list[tuple[int, str]] = []
        self._contents: Any = None
        about = source["document"]
        properties = self.document.core_properties
        made = datetime.fromisoformat(about["made_at"]).astimezone(UTC).replace(tzinfo=None)
        properties.title, properties.language = writable(about["title"]), "sv-SE"
        properties.author = properties.last_modified_by = writable(source["association"]["name"])
        properties.subject = writable(
            " ".join(filter(None, [about["kind_label"], about["number"]]))
        )
        properties.created = properties.modified = made
        properties.comments, properties.revision = "", 1

    # --- the head of the document -----------------------------------------------------------

    def meta(self, left: str, right: str) -> None:
        """The line above the title: for whom at the left, number and date at the right."""
        paragraph = self.document.add_paragraph(style="Metarad")
        paragraph.paragraph_format.tab_stops.add_tab_stop(self.width, WD_TAB_ALIGNMENT.RIGHT)
        paragraph.add_run(f"{_line(left)}\t{_line(right)}")

    def title(self, text: str) -> None:
        self.document.add_paragraph(_line(text), style="Title")

    def ingress(self, text: str) -> None:
        self.document.add_paragraph(_line(text), style="Ingress")

    def contents(self) -> None:
        """A table of contents; Word works out its pages when the document is opened."""
        self.document.add_paragraph("Innehåll", style="Caption")
        self._contents = self.document.add_paragraph()

    # --- running text -----------------------------------------------------------------------

    def heading(self, text: str, level: int = 1) -> None:
        self._headings.append((level, _line(text)))
        self.document.add_heading(_line(text), level)

    def paragraph(self, text: str, *, style: str = "Normal") -> None:
        self.document.add_paragraph(_line(text), style=style)

    def paragraphs(self, text: str | None) -> None:
        """Plain text: blank lines part paragraphs, lines that begin with a dash are a list."""
        for block in re.split(r"\n\s*\n", (text or "").replace("\r\n", "\n").strip()):
            lines = block.strip().split("\n")
            if not block.strip():
                continue
            if all(_bullet.match(line) for line in lines):
                self.bullets([_bullet.sub("", line) for line in lines])
                continue
            paragraph = self.document.add_paragraph()
            for number, line in enumerate(lines):
                if number:
                    paragraph.add_run().add_break(WD_BREAK.LINE)
                paragraph.add_run(_line(line))

    def bullets(self, lines: Sequence[str]) -> None:
        for line in lines:
            self.document.add_paragraph(_line(line), style="List Bullet")

    def rich(self, text: str | None) -> None:
        """Rich text, cleaned once more, as paragraphs, lists and runs."""
        _RichWriter(self).write(clean_rich_text(text or "", strict=False))

    def decision(self, intro: str, clauses: Sequence[str]) -> None:
        """The box with "Styrelsen beslutar" and its att-clauses."""
        first = self.document.add_paragraph(_line(intro), style="Beslut")
        first.paragraph_format.keep_with_next = True
        for number, clause in enumerate(clauses, 1):
            left = len(clauses) - number
            end = "." if not left else ", samt" if left == 1 else ","
            paragraph = self.document.add_paragraph(style="Att-sats")
            paragraph.paragraph_format.keep_with_next = bool(left)
            if not left:
                paragraph.paragraph_format.space_after = Mm(6)
            paragraph.add_run("att").bold = True
            paragraph.add_run(f"\t{_line(clause)}{end}")

    def page_break(self) -> None:
        self.document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)

    # --- tables -----------------------------------------------------------------------------

    def facts(self, facts: Sequence[tuple[str, Any]]) -> None:
        """Terms and what they are, without lines; empty ones are left out."""
        rows = [(term, value) for term, value in facts if value]
        if not rows:
            return
        table = self._table(rows=len(rows), widths=_shares(self.width, 44, 118))
        for row, (term, value) in zip(table.rows, rows, strict=True):
            lines = value if isinstance(value, list | tuple) else [value]
            self._write(row.cells[0], term, colour=GREY)
            self._write(row.cells[1], "\n".join(map(str, lines)))
        self._after_table()

    def table(
        self,
        *,
        caption: str = "",
        columns: Sequence[Mapping[str, Any]],
        rows: Sequence[Sequence[Any]],
        total: Sequence[Any] | None = None,
    ) -> None:
        """A table with a head that is repeated on each page and sums at the right edge."""
        if caption:
            self.document.add_paragraph(_line(caption), style="Caption")
        body = [*rows, *([total] if total and rows else [])]
        table = self._table(rows=len(body) + 1, widths=_widths(columns, self.width))
        if caption:
            described = OxmlElement("w:tblCaption")
            described.set(qn("w:val"), _line(caption))
            table._tbl.tblPr.append(described)
        head = table.rows[0]
        head._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        for cell, column in zip(head.cells, columns, strict=True):
            self._write(cell, column["text"], bold=True, right=bool(column.get("numeric")))
            _rule(cell, INK, 8)
        for row, values in zip(table.rows[1:], body, strict=True):
            is_total = values is total
            for cell, column, value in zip(row.cells, columns, values, strict=True):
                self._write(cell, value, bold=is_total, right=bool(column.get("numeric")))
                _rule(cell, INK if is_total else LINE, 8 if is_total else 4, top=is_total)
        self._after_table()

    def signatures(self, signatures: Sequence[Mapping[str, Any]]) -> None:
        """Two beside each other: a line to sign on, or who signed, when and how."""
        pairs = [signatures[at : at + 2] for at in range(0, len(signatures), 2)]
        for pair in pairs:
            table = self._table(rows=1, widths=_shares(self.width, 75, 12, 75))
            for place, signature in zip((0, 2), pair, strict=False):
                cell = table.rows[0].cells[place]
                lines = [signature.get("name") or "", signature.get("role") or ""]
                if signature.get("organisation"):
                    lines[1] = ", ".join(filter(None, [lines[1], signature["organisation"]]))
                if signature.get("at"):
                    when = datetime.fromisoformat(signature["at"])
                    how = signature.get("method") or "Signerat elektroniskt"
                    lines.append(f"{how} {typography.moment_long(when)}")
                self._write(cell, "\n".join(filter(None, lines)), style="Underskrift")
                _rule(cell, INK, 6, top=True, bottom=False)
                cell.paragraphs[0].paragraph_format.space_before = Mm(1.5)
            spacer = self.document.add_paragraph()
            spacer.paragraph_format.space_after = Mm(10)

    # --- the end ----------------------------------------------------------------------------

    def as_bytes(self) -> bytes:
        """The file; its parts bear no moment of their own, so that the same is the same."""
        self._fill_contents()
        in_schema_order(self.document)
        out = io.BytesIO()
        self.document.save(out)
        return _without_moments(out.getvalue())

    def _fill_contents(self) -> None:
        if self._contents is None:
            return
        shown = "\n".join(f"{'    ' * (level - 1)}{text}" for level, text in self._headings)
        add_field(self._contents, r'TOC \o "1-2" \h \z \u', shown, dirty=True)
        self._contents = None

    def _table(self, *, rows: int, widths: Sequence[float]) -> Any:
        table = self.document.add_table(rows=rows, cols=len(widths))
        table.alignment, table.autofit = WD_TABLE_ALIGNMENT.LEFT, False
        table._tbl.tblPr.append(_cell_margins())
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Mm(width)
        for row in table.rows:
            row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
            for cell, width in zip(row.cells, widths, strict=True):
                cell.width = Mm(width)
        return table

    def _write(
        self,
        cell: Any,
        value: Any,
        *,
        bold: bool = False,
        right: bool = False,
        colour: str = "",
        style: str = "Tabelltext",
    ) -> None:
        paragraph = cell.paragraphs[0]
        paragraph.style = self.document.styles[style]
        if right:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        for number, line in enumerate(_shown(value).split("\n")):
            run = paragraph.add_run()
            if number:
                run.add_break(WD_BREAK.LINE)
            run.add_text(_line(line))
            run.bold = bold or None
            if colour:
                run.font.color.rgb = RGBColor.from_string(colour)

    def _after_table(self) -> None:
        """Word joins tables that follow each other; a small paragraph keeps them apart."""
        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.space_after = Mm(2)


class _RichWriter(HTMLParser):
    """Turns cleaned rich text into paragraphs and runs."""

    def __init__(self, word: WordDocument) -> None:
        super().__init__(convert_charrefs=True)
        self.word = word
        self.lists: list[str] = []
        self.bold = self.italic = 0
        self.paragraph: Any = None
        self.rows: list[list[str]] = []
        self.in_cell = False

    def write(self, cleaned: str) -> None:
        self.feed(cleaned)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("ul", "ol"):
            self.lists.append(tag)
        elif tag in ("p", "li", "blockquote", "caption"):
            self.paragraph = None
        elif tag in ("h3", "h4"):
            self.paragraph = self.word.document.add_heading("", 2 if tag == "h3" else 3)
        elif tag == "br" and self.paragraph is not None:
            self.paragraph.add_run().add_break(WD_BREAK.LINE)
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.in_cell = True
            self.rows[-1].append("")
        self.bold += tag == "strong"
        self.italic += tag == "em"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("ul", "ol") and self.lists:
            self.lists.pop()
        elif tag in ("td", "th"):
            self.in_cell = False
        elif tag == "table":
            self._table()
        if tag in ("p", "li", "h3", "h4", "blockquote", "ul", "ol"):
            self.paragraph = None
        self.bold -= tag == "strong"
        self.italic -= tag == "em"

    def handle_data(self, data: str) -> None:
        text = re.sub(r"\s+", " ", data)
        if self.in_cell:
            self.rows[-1][-1] += text
            return
        if self.paragraph is None:
            if not text.strip():
                return
            style = "Normal"
            if self.lists:
                style = "List Number" if self.lists[-1] == "ol" else "List Bullet"
                if len(self.lists) > 1:
                    style += f" {min(len(self.lists), 3)}"
            self.paragraph = self.word.document.add_paragraph(style=style)
            text = text.lstrip()
        run = self.paragraph.add_run(_line(text, strip=False))
        run.bold, run.italic = self.bold > 0 or None, self.italic > 0 or None

    def _table(self) -> None:
        rows, self.rows = [row for row in self.rows if row], []
        width = max((len(row) for row in rows), default=0)
        padded = [row + [""] * (width - len(row)) for row in rows]
        if padded:
            columns = [{"text": text} for text in padded[0]]
            self.word.table(columns=columns, rows=padded[1:])


def _template(source: Mapping[str, Any]) -> Document:
    """The association's own template where it has one, else the portal's."""
    own = source.get("word_template")
    if own:
        return filled_letterhead(read_key(own), source)
    logo = source["look"].get("logo")
    return portal_template(source, read_key(logo) if logo else b"")


def _shares(whole: Length, *parts: float) -> list[float]:
    """Millimetres: the whole width in these proportions."""
    return [whole.mm * part / sum(parts) for part in parts]


def _widths(columns: Sequence[Mapping[str, Any]], width: Length) -> list[float]:
    """Millimetres: as the column says in per cent, sums narrow, the rest in equal parts."""
    whole = width.mm
    given = [
        whole * float(column["width"]) / 100 if column.get("width") else None for column in columns
    ]
    numeric = [bool(column.get("numeric")) for column in columns]
    shares = [
        0 if width else 2 if is_sum else 3 for width, is_sum in zip(given, numeric, strict=True)
    ]
    rest = max(whole - sum(width or 0 for width in given), 10)
    unit = rest / (sum(shares) or 1)
    return [width or share * unit for width, share in zip(given, shares, strict=True)]


def _cell_margins() -> Any:
    """Text begins at the page's own margin, with a little air above and below."""
    margins = OxmlElement("w:tblCellMar")
    for side, width in (("top", 50), ("left", 0), ("bottom", 30), ("right", 110)):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(width))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    return margins


def _rule(cell: Any, colour: str, size: int, *, top: bool = False, bottom: bool = True) -> None:
    borders = OxmlElement("w:tcBorders")
    for side, wanted in (("top", top), ("bottom", bottom and not top)):
        if wanted:
            line = OxmlElement(f"w:{side}")
            for key, value in (("val", "single"), ("sz", str(size)), ("color", colour)):
                line.set(qn(f"w:{key}"), value)
            borders.append(line)
    cell._tc.get_or_add_tcPr().append(borders)


def _shown(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return typography.number(value)
    return "" if value is None else str(value)


def _line(text: Any, *, strip: bool = True) -> str:
    """Typeset text that XML can carry."""
    written = typeset(writable(text))
    return written.strip(" \n") if strip else written


def _without_moments(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            plain = zipfile.ZipInfo(entry.filename, _first_day)
            plain.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(plain, old.read(entry.filename))
    return out.getvalue()
