"""A marked copy of a workbook that was sent: each finding in its cell, and all on a list sheet.

`mark` runs in the child process, since openpyxl opens what a stranger sent; it needs no Django.
The original stays as it was: this is a file of its own.
"""

from __future__ import annotations

import base64
import json
from io import BytesIO
from textwrap import wrap
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
from openpyxl.comments import Comment
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.workbook import Workbook
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from budgets.workbook_write import LINES, PLAIN, TITLE, head, put_text, set_up_print

LIST = "Fynd"
FILLS = {
    "error": PatternFill("solid", fgColor="F6C7C3"),
    "warning": PatternFill("solid", fgColor="FBE7B2"),
}
WORDS = {"error": "Måste rättas", "warning": "Att se över"}
LINK = Font(name="Calibri", size=11, color="0B5CAB", underline="single")
AUTHOR = "Portalen"
HEADERS = ("Blad", "Cell", "Slag", "Vad som behöver göras")
WIDTHS = (16, 10, 16, 90)
# Fewer signs than the widest column holds, since a row that is too low hides the end of its text.
LINE, LINE_HEIGHT = 86, 15.5
MOST_MARKED = 2_000


def with_findings(data: bytes, findings: list[dict[str, str]], about: str) -> bytes:
    """What `mark` takes: a line of JSON before the file, since arguments have to be small.

    Each finding has severity, sheet, cell and message; `about` tells which file this is a copy of.
    """
    told = json.dumps({"findings": findings[:MOST_MARKED], "about": about})
    return told.encode() + b"\n" + data


def mark(sent: bytes) -> str:
    """The workbook with its findings marked, in base64. Raises what openpyxl raises."""
    told, _, data = sent.partition(b"\n")
    values: dict[str, Any] = json.loads(told)
    findings, about = values["findings"], values["about"]
    book = openpyxl.load_workbook(BytesIO(data))
    for finding in findings:
        _mark_cell(book, finding)
    _write_list(book, findings, about)
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        _InMemory(book, archive).save()
    return base64.b64encode(out.getvalue()).decode()


class _InMemory(ExcelWriter):
    """Writes sheets without files in between, which the child process may not make."""

    def write_worksheet(self, ws: Any) -> None:
        ws._drawing = SpreadsheetDrawing()
        ws._drawing.charts, ws._drawing.images = ws._charts, ws._images
        sheet = BytesIO()
        writer: Any = WorksheetWriter(ws, sheet)
        writer.write()
        ws._rels = writer._rels
        archive: ZipFile = self._archive  # type: ignore[attr-defined]
        archive.writestr(ws.path[1:], sheet.getvalue())
        self.manifest.append(ws)


def _mark_cell(book: Workbook, finding: dict[str, str]) -> None:
    """Fill the cell and say in a comment what to do; a second finding joins the first."""
    if finding["sheet"] not in book.sheetnames or not finding["cell"]:
        return
    page = book[finding["sheet"]]
    cell: Any = page[_top_left(page, finding["cell"])]
    told = f"{cell.comment.text}\n\n" if cell.comment else ""
    cell.comment = Comment(f"{told}{finding['message']}", AUTHOR, height=120, width=320)
    if not told or finding["severity"] == "error":
        cell.fill = FILLS[finding["severity"]]


def _top_left(page: Worksheet, place: str) -> str:
    """The cell that shows what stands in a merged range."""
    ranges = (area for area in page.merged_cells.ranges if place in area)
    area = next(ranges, None)
    return place if area is None else str(area.coord.partition(":")[0])


def _write_list(book: Workbook, findings: list[dict[str, str]], about: str) -> None:
    """A first sheet with every finding, each leading to its cell."""
    name = LIST
    while name in book.sheetnames:
        name += "_"
    page = book.create_sheet(name, 0)
    book.active = 0
    put_text(page["A1"], about)
    page["A1"].font = TITLE
    page.row_dimensions[1].height = 24
    for column, (text, width) in enumerate(zip(HEADERS, WIDTHS, strict=True), start=1):
        cell: Any = page.cell(3, column)
        head(cell, text)
        page.column_dimensions[cell.column_letter].width = width
    for row, finding in enumerate(findings, start=4):
        texts = (finding["sheet"], finding["cell"], WORDS[finding["severity"]], finding["message"])
        for column, text in enumerate(texts, start=1):
            cell = page.cell(row, column)
            put_text(cell, text)
            cell.font, cell.border = PLAIN, LINES
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        page.cell(row, 3).fill = FILLS[finding["severity"]]
        page.row_dimensions[row].height = LINE_HEIGHT * len(wrap(finding["message"], LINE) or [""])
        if finding["cell"] and finding["sheet"] in book.sheetnames:
            page.cell(row, 2).hyperlink = f"#'{finding['sheet']}'!{finding['cell']}"
            page.cell(row, 2).font = LINK
    page.freeze_panes = "A4"
    page.print_title_rows = "3:3"
    set_up_print(page, landscape=True)
