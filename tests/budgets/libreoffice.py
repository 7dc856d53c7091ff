"""Editing a workbook in LibreOffice itself, without its windows: a macro sets cells and saves."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

needs_libreoffice = pytest.mark.skipif(
    not shutil.which("soffice"), reason="LibreOffice is not installed"
)
SECONDS = 240
MODULE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1"
 script:language="StarBasic">{code}</script:module>
"""
MACRO = """
Sub Edit(source As String, target As String)
 Dim hidden(0) As New com.sun.star.beans.PropertyValue
 hidden(0).Name = "Hidden"
 hidden(0).Value = True
 book = StarDesktop.loadComponentFromURL(source, "_blank", 0, hidden())
{edits}
 Dim kind(0) As New com.sun.star.beans.PropertyValue
 kind(0).Name = "FilterName"
 kind(0).Value = "Calc MS Excel 2007 XML"
 book.storeToURL(target, kind())
 book.close(True)
End Sub
"""


def edited(folder: Path, data: bytes, cells: Mapping[str, int | str]) -> bytes:
    """The workbook with some cells written in LibreOffice: {"Kostnader!E5": 140_000}."""
    source, target = folder / "sent.xlsx", folder / "edited.xlsx"
    source.write_bytes(data)
    _start(folder, "--terminate_after_init")
    edits = "\n".join(_edit(place, value) for place, value in cells.items())
    module = folder / "profile/user/basic/Standard/Module1.xba"
    module.write_text(MODULE.format(code=escape(MACRO.format(edits=edits))))
    _start(folder, f'macro:///Standard.Module1.Edit("{source.as_uri()}","{target.as_uri()}")')
    return target.read_bytes()


def _edit(place: str, value: int | str) -> str:
    sheet, _, cell = place.partition("!")
    act = f'setString("{value}")' if isinstance(value, str) else f"setValue({value})"
    return f' book.Sheets.getByName("{sheet}").getCellRangeByName("{cell}").{act}'


def _start(folder: Path, what: str) -> None:
    subprocess.run(
        ["soffice", "--headless", "--norestore",
         f"-env:UserInstallation={(folder / 'profile').as_uri()}", what],
        check=True, capture_output=True, timeout=SECONDS,
    )  # fmt: skip
