"""Word files as people send them, made by script: odd in one way each."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from PIL import Image

DAY = 'w:id="9" w:author="Exempel" w:date="2023-08-01T10:00:00Z"'


def picture() -> io.BytesIO:
    """A small PNG."""
    out = io.BytesIO()
    Image.new("RGB", (4, 4)).save(out, "PNG")
    out.seek(0)
    return out


def as_bytes(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def new(title: str = "Vår ansökan") -> Any:
    document = Document()
    document.add_heading(title, 0)
    return document


def with_headings(*parts: tuple[str, str]) -> bytes:
    """Headings in a real style, a paragraph under each."""
    document = new()
    for heading, text in parts:
        document.add_heading(heading, 1)
        if text:
            document.add_paragraph(text)
    return as_bytes(document)


def with_bold_lines(*parts: tuple[str, str]) -> bytes:
    """No styles at all: a bold line stands for a heading."""
    document = Document()
    for heading, text in parts:
        document.add_paragraph().add_run(heading).bold = True
        document.add_paragraph(text)
    return as_bytes(document)


def xml(text: str) -> Any:
    """Markup of Word's own as an element."""
    first, _, rest = text.partition(">")
    closing = "/>" if first.endswith("/") else ">"
    return parse_xml(f"{first.rstrip('/')} {nsdecls('w')}{closing}{rest}")


def paragraph(document: Any, inner: str) -> Any:
    """A paragraph with markup of Word's own, at the end."""
    element = xml(f"<w:p>{inner}</w:p>")
    document.element.body.insert(len(document.element.body) - 1, element)
    return element


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def with_part(data: bytes, name: str, content: str) -> bytes:
    """The same file with one more part in the package."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as made:
        for entry in old.infolist():
            made.writestr(entry, old.read(entry.filename))
        made.writestr(name, content)
    return out.getvalue()


def resaved(data: bytes, folder: Path) -> bytes:
    """The file as LibreOffice writes it after opening it."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    (folder / "in").mkdir()
    source = folder / "in" / "fil.docx"
    source.write_bytes(data)
    command = [
        office, "--headless", f"-env:UserInstallation=file://{folder / 'profile'}",
        "--convert-to", "docx:MS Word 2007 XML", "--outdir", str(folder / "out"), str(source),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return (folder / "out" / "fil.docx").read_bytes()
