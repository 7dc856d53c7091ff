"""The text of a file page by page, for a copy in words; runs in the sandbox, without Django."""

from __future__ import annotations

import io

import pikepdf

from finsam.documents.annex_words import words_of
from finsam.documents.pdf_text import page_text

MOST_ROWS, MOST_COLUMNS = 20_000, 256


def texts_of(data: bytes, kind: str) -> list[str]:
    """A Word file is one page; a workbook has one for each sheet, a row on each line."""
    if kind == "pdf":
        with pikepdf.open(io.BytesIO(data)) as pdf:
            return [page_text(page) for page in pdf.pages]
    return _sheets(data) if kind == "xlsx" else [words_of(data, kind)]


def _sheets(data: bytes) -> list[str]:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(data), data_only=True, read_only=True)
    found = []
    for sheet in book.worksheets:
        lines = [f"Blad: {sheet.title}"]
        for row in sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS, values_only=True):
            said = [str(value) for value in row if value is not None]
            if said:
                lines.append(" | ".join(said))
        found.append("\n".join(lines))
    return found
