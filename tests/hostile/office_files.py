"""Builds Word and Excel files part by part, for what no program of ours would write."""

from __future__ import annotations

import io
import zipfile

_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPES = "application/vnd.openxmlformats-officedocument"

Parts = dict[str, bytes | str]


def zipped(parts: Parts, *, packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", packing) as box:
        for name, content in parts.items():
            box.writestr(name, content)
    return made.getvalue()


def relations(*links: tuple[str, str, bool]) -> str:
    """A part of relationships: (type, target, external) each."""
    inner = "".join(
        f'<Relationship Id="r{number}" Type="{_OFFICE}/{kind}" Target="{target}"'
        + (' TargetMode="External"/>' if external else "/>")
        for number, (kind, target, external) in enumerate(links)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{inner}</Relationships>'


def content_types(main_part: str, main_type: str, more: str = "") -> str:
    return (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" '
        f'ContentType="application/xml"/><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/{main_part}" ContentType="{main_type}"/>{more}</Types>'
    )


def xlsx(
    rows: str = '<row r="1"><c r="A1"><v>1</v></c></row>',
    *,
    sheets: str = '<sheet name="Budget" sheetId="1"/>',
    names: str = "",
    types: str = "",
    parts: Parts | None = None,
) -> bytes:
    """A workbook with this content of its one sheet; `parts` adds or replaces parts."""
    return zipped(
        {
            "[Content_Types].xml": content_types(
                "xl/workbook.xml", f"{_TYPES}.spreadsheetml.sheet.main+xml", types
            ),
            "xl/workbook.xml": (
                f'<workbook xmlns="{_S}"><sheets>{sheets}</sheets>{names}</workbook>'
            ),
            "xl/worksheets/sheet1.xml": (
                f'<worksheet xmlns="{_S}"><sheetData>{rows}</sheetData></worksheet>'
            ),
            **(parts or {}),
        }
    )


def docx(body: str = "<w:p/>", *, types: str = "", parts: Parts | None = None) -> bytes:
    """A Word file with this body; `parts` adds or replaces parts."""
    return zipped(
        {
            "[Content_Types].xml": content_types(
                "word/document.xml", f"{_TYPES}.wordprocessingml.document.main+xml", types
            ),
            "word/document.xml": (
                f'<w:document xmlns:w="{_W}" xmlns:v="urn:schemas-microsoft-com:vml">'
                f"<w:body>{body}</w:body></w:document>"
            ),
            **(parts or {}),
        }
    )


def formula(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    return f'<row r="1"><c r="A1"><f>{escaped}</f></c></row>'


def run(text: str) -> str:
    return f"<w:r><w:instrText>{text}</w:instrText></w:r>"


def mark(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def field(*inside: str) -> str:
    """A field of Word: its instruction in one or several runs, or with fields inside."""
    return f"<w:p>{mark('begin')}{''.join(inside)}{mark('separate')}{mark('end')}</w:p>"
