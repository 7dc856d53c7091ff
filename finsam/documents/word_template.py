"""The Word template of documents: page, styles, head and foot in the association's look."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

import docx
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

FONT = "Arial"
INK, GREY, LINE = "1C2430", "4A5462", "C9D1D9"
TEXT_WIDTH = Mm(162)
LOGO_HEIGHT = Mm(9)
# What no XML can carry; a reader of the file would refuse all of it.
_unwritable = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def portal_template(source: Mapping[str, Any], logo: bytes = b"") -> Document:
    """The portal's own: A4, Swedish, styles, head with the logo, foot with page x (y)."""
    document: Document = docx.Document()
    colour = source["look"]["colour"].lstrip("#").upper()
    _page(document)
    _styles(document, colour, source["look"]["tint"].lstrip("#").upper())
    _head(document, source, colour, logo)
    _foot(document, source)
    _settings(document)
    for leftover in list(document.element.body)[:-1]:
        document.element.body.remove(leftover)
    return document


def _page(document: Document) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(24)
    section.top_margin, section.bottom_margin = Mm(34), Mm(28)
    section.header_distance, section.footer_distance = Mm(14), Mm(12)


def _styles(document: Document, colour: str, tint: str) -> None:
    normal = document.styles["Normal"]
    _font(normal, 10, INK)
    _spacing(normal, after=6, line=1.35)
    language = OxmlElement("w:lang")
    for part in ("w:val", "w:eastAsia"):
        language.set(qn(part), "sv-SE")
    normal.element.get_or_add_rPr().append(language)
    for defaults in document.styles.element.iter(qn("w:lang")):
        for part in ("w:val", "w:eastAsia"):
            defaults.set(qn(part), "sv-SE")
    headings = (("Title", 21, INK, 0, 6), ("Heading 1", 13, INK, 20, 5),
                ("Heading 2", 10.5, colour, 12, 3), ("Heading 3", 10, INK, 8, 2))  # fmt: skip
    for name, size, ink, before, after in headings:
        style = document.styles[name]
        _font(style, size, ink, bold=True)
        _spacing(style, before=before, after=after, line=1.15)
        style.paragraph_format.keep_with_next = True
        _drop(style.element, "w:pBdr")
    for name in ("List Bullet", "List Number", "Caption", "Header", "Footer"):
        _font(document.styles[name], 10, INK)
    _font(document.styles["Caption"], 9.5, INK, bold=True)
    document.styles["Caption"].paragraph_format.keep_with_next = True
    _spacing(document.styles["List Bullet"], after=3, line=1.3)
    added = (("Ingress", 11.5, GREY, 10), ("Metarad", 9, GREY, 8), ("Tabelltext", 9.5, INK, 2),
             ("Faktarad", 9.5, INK, 2), ("Beslut", 10, INK, 3), ("Att-sats", 10, INK, 3),
             ("Underskrift", 9, INK, 2))  # fmt: skip
    for name, size, ink, after in added:
        style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = normal
        _font(style, size, ink)
        _spacing(style, after=after, line=1.3)
    _boxed(document, colour, tint)


def _boxed(document: Document, colour: str, tint: str) -> None:
    """The box of the decision: a bar in the association's colour and a light ground."""
    for name in ("Beslut", "Att-sats"):
        properties = document.styles[name].element.get_or_add_pPr()
        border = OxmlElement("w:pBdr")
        border.append(_element("w:top", val="single", sz="4", space="6", color=tint))
        border.append(_element("w:left", val="single", sz="24", space="10", color=colour))
        border.append(_element("w:bottom", val="single", sz="4", space="6", color=tint))
        properties.append(border)
        properties.append(_element("w:shd", val="clear", color="auto", fill=tint))
        # Alike in both styles: Word joins the paragraphs of one box only then.
        placed = document.styles[name].paragraph_format
        placed.left_indent, placed.first_line_indent = Mm(13), Mm(-8)
        placed.tab_stops.add_tab_stop(Mm(13))
        placed.keep_together = True


def _head(document: Document, source: Mapping[str, Any], colour: str, logo: bytes) -> None:
    paragraph = document.sections[0].header.paragraphs[0]
    _tabs(paragraph)
    if logo:
        picture = paragraph.add_run().add_picture(io.BytesIO(logo), height=LOGO_HEIGHT)
        picture._inline.docPr.set("descr", f"Logotyp för {source['association']['name']}")
        paragraph.add_run("   ")
    paragraph.add_run(writable(source["association"]["name"])).bold = True
    kind = paragraph.add_run("\t" + source["document"]["kind_label"].upper())
    kind.bold, kind.font.size = True, Pt(9)
    kind.font.color.rgb = RGBColor.from_string(colour)
    border = OxmlElement("w:pBdr")
    border.append(_element("w:bottom", val="single", sz="16", space="6", color=colour))
    paragraph._p.get_or_add_pPr().append(border)


def _foot(document: Document, source: Mapping[str, Any]) -> None:
    about = source["document"]
    paragraph = document.sections[0].footer.paragraphs[0]
    _tabs(paragraph)
    words = [f"Dnr {about['number']}"] if about["number"] else []
    if about["short_id"]:
        words.append(f"Arbetsexemplar av handling {about['shown_id']}")
    paragraph.add_run(" · ".join(words) + "\t")
    add_field(paragraph, "PAGE", "1")
    paragraph.add_run(" (")
    add_field(paragraph, "NUMPAGES", "1")
    paragraph.add_run(")")
    for run in paragraph.runs:
        run.font.size, run.font.color.rgb = Pt(8), RGBColor.from_string(GREY)


def _settings(document: Document) -> None:
    """The language, also for what Word works out itself, such as hyphenation."""
    for found in document.settings.element.iter(qn("w:themeFontLang")):
        for part in list(found.attrib):
            del found.attrib[part]
        found.set(qn("w:val"), "sv-SE")


def writable(text: Any) -> str:
    """The text as it is, but for signs that no XML can carry: they become �."""
    return _unwritable.sub("\ufffd", str(text))


def add_field(paragraph: Any, code: str, shown: str, *, dirty: bool = False) -> None:
    """A field that Word works out itself; `shown` stands there until it does."""
    begin = _element("w:fldChar", fldCharType="begin")
    if dirty:
        begin.set(qn("w:dirty"), "true")
    instruction = OxmlElement("w:instrText")
    instruction.set(qn("xml:space"), "preserve")
    instruction.text = f" {code} "
    for part in (begin, instruction, _element("w:fldChar", fldCharType="separate")):
        paragraph.add_run()._r.append(part)
    paragraph.add_run(shown)
    paragraph.add_run()._r.append(_element("w:fldChar", fldCharType="end"))


def _element(name: str, **attributes: str) -> Any:
    made = OxmlElement(name)
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), value)
    return made


def _font(style: Any, size: float, ink: str, *, bold: bool = False) -> None:
    style.font.name, style.font.size, style.font.bold = FONT, Pt(size), bold
    style.font.italic, style.font.color.rgb = False, RGBColor.from_string(ink)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for part in list(fonts.attrib):
        del fonts.attrib[part]
    for part in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(part), FONT)


def _spacing(style: Any, *, before: float = 0, after: float, line: float) -> None:
    spacing = style.paragraph_format
    spacing.space_before, spacing.space_after = Pt(before), Pt(after)
    spacing.line_spacing, spacing.widow_control = line, True


def _tabs(paragraph: Any) -> None:
    """One stop at the right edge, in place of the template's own."""
    stops = paragraph.style.paragraph_format.tab_stops
    while len(stops):
        del stops[0]
    paragraph.paragraph_format.tab_stops.add_tab_stop(TEXT_WIDTH, WD_TAB_ALIGNMENT.RIGHT)


def _drop(element: Any, name: str) -> None:
    for found in list(element.iter(qn(name))):
        found.getparent().remove(found)
