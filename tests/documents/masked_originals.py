"""Thirty files with a secret in them: each kind of file, with the secret in each kind of place."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pikepdf
from docx import Document as WordDocument
from openpyxl import Workbook
from openpyxl.comments import Comment
from pikepdf import Array, Dictionary, Name, String

SECRET = "Hemlyckan Vargtand"
AROUND = "Ansökan gäller en insats i kommunen."
PDF_PLACES: dict[str, str] = {
    "paragraph": f"<p>{AROUND} Deltagaren {SECRET} bor här.</p>",
    "heading": f"<h1>Om {SECRET}</h1><p>{AROUND}</p>",
    "table": f"<table><tr><th>Namn</th><td>{SECRET}</td></tr></table><p>{AROUND}</p>",
    "capitals": f"<p>{SECRET.upper()} skrev. {AROUND}</p>",
    "genitive": f"<p>{SECRET}s mor ringde. {AROUND}</p>",
    "bold-in-part": f"<p>Hemlyckan <b>Varg</b>tand kom. {AROUND}</p>",
    "two-lines": f"<p style='width: 3cm'>Vi mötte Hemlyckan Vargtand då.</p><p>{AROUND}</p>",
    "hyphenated": f"<p style='width: 3cm; hyphens: manual'>Med Hemlyckan Varg&shy;tand</p>{AROUND}",
    "two-spaces": f"<p>Hemlyckan&nbsp; Vargtand kom. {AROUND}</p>",
    "letter-spaced": f"<p style='letter-spacing: .3em'>{SECRET}</p><p>{AROUND}</p>",
    "white-on-white": f"<p style='color: white'>{SECRET}</p><p>{AROUND}</p>",
    "small": f"<p style='font-size: 3pt'>{SECRET}</p><p>{AROUND}</p>",
    "turned": f"<p style='transform: rotate(90deg); width: 6cm'>{SECRET}</p><p>{AROUND}</p>",
    "alternative-text": f"<p><img alt='{SECRET}' src='data:image/svg+xml,<svg "
    'xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>\'>'
    f"{AROUND}</p>",
    "bookmark": f"<h1 style='bookmark-label: \"{SECRET}\"'>Rubrik</h1><p>{AROUND}</p>",
    "link": f"<p><a href='https://exempel.se/{SECRET.replace(' ', '-')}'>Länk</a> {AROUND}</p>",
}
PDF_STEPS: dict[str, Callable[[pikepdf.Pdf], None]] = {}


def step(change: Callable[[pikepdf.Pdf], None]) -> Callable[[pikepdf.Pdf], None]:
    PDF_STEPS[change.__name__.replace("_", "-")] = change
    return change


@step
def title(pdf: pikepdf.Pdf) -> None:
    with pdf.open_metadata() as metadata:
        metadata["dc:title"] = SECRET
    pdf.docinfo["/Title"] = SECRET


@step
def attachment(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["namn.txt"] = SECRET.encode()


@step
def note(pdf: pikepdf.Pdf) -> None:
    said = Dictionary(
        Type=Name.Annot, Subtype=Name.Text, Rect=Array([9, 9, 30, 30]), Contents=String(SECRET)
    )
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(said)])


@step
def form_field(pdf: pikepdf.Pdf) -> None:
    font = pdf.make_indirect(
        Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    )
    field = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("namn"), V=String(SECRET),
            Rect=Array([72, 400, 300, 420]), DA=String("/Helv 12 Tf 0 g"), F=4,
        )
    )  # fmt: skip
    pdf.pages[0].obj.Annots = Array([field])
    pdf.Root.AcroForm = Dictionary(
        Fields=Array([field]),
        NeedAppearances=True,
        DA=String("/Helv 12 Tf 0 g"),
        DR=Dictionary(Font=Dictionary(Helv=font)),
    )


@step
def turned_page(pdf: pikepdf.Pdf) -> None:
    _write(pdf)
    pdf.pages[0].rotate(90, relative=False)


@step
def cropped_page(pdf: pikepdf.Pdf) -> None:
    _write(pdf)
    pdf.pages[0].obj.CropBox = Array([40, 300, 500, 800])


def _write(pdf: pikepdf.Pdf) -> None:
    """The secret in the page's own content, in a font that stays outside the file."""
    page = pdf.pages[0]
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    page.obj.Resources.Font["/Hem"] = pdf.make_indirect(font)
    page.contents_add(f"q BT /Hem 14 Tf 100 600 Td ({SECRET}) Tj ET Q".encode(), prepend=True)


WORD_PLACES = ("paragraph", "two-runs", "header", "table", "properties")
BOOK_PLACES = ("cell", "hidden-sheet", "comment")
NAMES = (
    *(f"{place}.pdf" for place in (*PDF_PLACES, *PDF_STEPS)),
    *(f"{place}.docx" for place in WORD_PLACES),
    *(f"{place}.xlsx" for place in BOOK_PLACES),
)


def original(name: str) -> bytes:
    """The file of that name, with the secret in the place that it is named after."""
    place, _, kind = name.rpartition(".")
    if kind == "docx":
        return _word(place)
    if kind == "xlsx":
        return _book(place)
    return changed(PDF_STEPS[place]) if place in PDF_STEPS else _pdf(PDF_PLACES[place])


def _pdf(html: str) -> bytes:
    from weasyprint import HTML

    made: bytes = HTML(string=f"<html lang='sv'><body>{html}</body></html>").write_pdf(
        pdf_variant="pdf/ua-1"
    )
    return made


def changed(change: Callable[[pikepdf.Pdf], None], *, writes: bool = True) -> bytes:
    """A page with a harmless text after the change; `writes` False leaves the secret out of it."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(_pdf(f"<p>{AROUND}</p>"))) as pdf:
        change(pdf)
        if not writes:
            pdf.pages[0].contents_coalesce()
            content = pdf.pages[0].obj.Contents.read_bytes()
            pdf.pages[0].obj.Contents = pdf.make_stream(content.replace(SECRET.encode(), b""))
        pdf.save(out)
    return out.getvalue()


def _word(place: str) -> bytes:
    word = WordDocument()
    word.add_paragraph(AROUND)
    if place == "paragraph":
        word.add_paragraph(f"Deltagaren {SECRET}.")
    elif place == "two-runs":
        line = word.add_paragraph("Deltagaren Hem")
        line.add_run("lyckan Varg").bold = True
        line.add_run("tand.")
    elif place == "header":
        word.sections[0].header.paragraphs[0].text = SECRET
    elif place == "table":
        word.add_table(1, 1).cell(0, 0).text = SECRET
    else:
        word.core_properties.author = SECRET
    out = io.BytesIO()
    word.save(out)
    return out.getvalue()


def _book(place: str) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet["A1"] = AROUND
    if place == "cell":
        sheet["B3"] = SECRET
    elif place == "comment":
        sheet["A1"].comment = Comment(SECRET, SECRET)
    else:
        book.create_sheet("Gömt")["A1"] = SECRET
        book["Gömt"].sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def everything_in(pdf: bytes) -> bytes:
    """The file's bytes, and those of every stream with all wrappings taken off."""
    found = [pdf]
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        for each in opened.objects:
            if isinstance(each, pikepdf.Stream):
                found.append(each.read_raw_bytes())
                try:
                    found.append(each.read_bytes(decode_level=pikepdf.StreamDecodeLevel.all))
                except pikepdf.PdfError:
                    continue
        out = io.BytesIO()
        opened.save(out, qdf=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
        found.append(out.getvalue())
    return b"\n".join(found)


def forms_of(text: str) -> list[bytes]:
    """How a text may be written in a PDF: plain, in two bytes a letter, in hexadecimal digits."""
    plain = [text.encode(), text.encode("utf-16-be"), text.encode("utf-16-le")]
    digits = [each.hex().encode() for each in plain]
    return [*plain, *digits, *(each.upper() for each in digits)]


def everything_before(data: bytes) -> bytes:
    """The same of an original: of a Word file or a workbook, every part."""
    if data[:2] != b"PK":
        return everything_in(data)
    with zipfile.ZipFile(io.BytesIO(data)) as box:
        return b"\n".join(box.read(part) for part in box.namelist())
