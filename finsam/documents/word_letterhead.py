"""An association's own Word template: what is in it, and the portal's content filled into it.

Does without Django: a template that was just sent is looked into in the sandbox.
"""

from __future__ import annotations

import copy
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

import docx
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import XmlPart
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.parts.numbering import NumberingPart
from docx.shared import Emu, Length, Mm

from finsam.documents.word_template import portal_template, writable

# The names that a template may hold in double braces, and whether the head or foot should.
FIELDS = ("förbund", "organisationsnummer", "adress", "e-post", "telefon", "slag", "rubrik",
          "nummer", "datum", "handling")  # fmt: skip
WANTED = ("slag", "nummer", "handling")
CONTENT = "innehåll"
STYLES = ("Title", "Heading 1", "Heading 2", "Heading 3", "Ingress", "Metarad", "List Bullet",
          "List Number", "Caption", "Tabelltext", "Faktarad", "Beslut", "Att-sats",
          "Underskrift")  # fmt: skip
DEEPER_LISTS = tuple(f"{name} {depth}" for name in ("List Bullet", "List Number") for depth in "23")
NARROWEST, A4_WIDTH = Mm(100), Mm(210)
FIELD = re.compile(r"\{\{\s*([^{}]{1,40}?)\s*\}\}")
_edge_part = re.compile(r"^/word/(?:header|footer)\d*\.xml$")


def read_letterhead(data: bytes) -> dict[str, Any]:
    """What is in a template that was sent.

    `fault` is "" or one of unknown_field, content_misplaced, too_narrow; `missing` the styles that
    are taken from the portal's own template; `fields` the names used; `lacking` those of a head
    or foot that are not there; `pages` whether pages are numbered.
    """
    document = docx.Document(io.BytesIO(data))
    texts = [_text(paragraph) for root in _roots(document) for paragraph in root.iter(qn("w:p"))]
    named = [name.casefold() for text in texts for name in FIELD.findall(text)]
    used = set(named)
    is_misplaced = named.count(CONTENT) > 1 or (CONTENT in used and not _is_content_last(document))
    unknown = sorted(used - set(FIELDS) - {CONTENT})
    codes = " ".join(
        (element.text or element.get(qn("w:instr")) or "")
        for root in _roots(document)
        for element in (*root.iter(qn("w:instrText")), *root.iter(qn("w:fldSimple")))
    )
    is_narrow = text_width(document) < NARROWEST
    faults = {"unknown_field": unknown, "content_misplaced": is_misplaced, "too_narrow": is_narrow}
    return {
        "fault": next((fault for fault, strikes in faults.items() if strikes), ""),
        "unknown": unknown,
        "missing": [name for name in STYLES if not _has_style(document, name)],
        "fields": [name for name in FIELDS if name in used],
        "lacking": [name for name in WANTED if name not in used],
        "pages": "PAGE" in codes.split(),
    }


def filled_letterhead(data: bytes, source: Mapping[str, Any]) -> Document:
    """The association's template with its fields filled, ready for the content.

    What stands before the mark of the content stays; without a mark the body is the content
    alone. Styles that the template lacks come from the portal's own. Values are written as they
    are and never read as fields.
    """
    document: Document = docx.Document(io.BytesIO(data))
    _make_room(document)
    values = field_values(source)
    for root in _roots(document):
        for paragraph in root.iter(qn("w:p")):
            _fill(paragraph, values)
    _add_missing_styles(document, source)
    return document


def field_values(source: Mapping[str, Any]) -> dict[str, str]:
    """What is written for each name of FIELDS."""
    about, ours = source["document"], source["association"]
    return {
        "förbund": ours["name"],
        "organisationsnummer": ours["organisation_number"],
        "adress": ", ".join(ours["address"].splitlines()),
        "e-post": ours["email"],
        "telefon": ours["phone"],
        "slag": about["kind_label"],
        "rubrik": about["title"],
        "nummer": about["number"] or "–",
        "datum": about["date"],
        "handling": about["shown_id"] if about["short_id"] else "–",
    }


def sample_letterhead(source: Mapping[str, Any]) -> bytes:
    """The portal's own template with the names of its fields in head and foot, to start from."""
    named = {
        **source,
        "association": {**source["association"], "name": "{{förbund}}"},
        "document": {
            **source["document"],
            "kind_label": "{{slag}}", "number": "{{nummer}}", "short_id": "x",
               "shown_id": "{{handling}}",
        },
    }  # fmt: skip
    document = portal_template(named)
    document.add_paragraph("{{innehåll}}")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def text_width(document: Document) -> Length:
    """How broad a line of text may be where the content is."""
    section = document.sections[-1]
    margins = (section.left_margin or 0) + (section.right_margin or 0)
    return Emu((section.page_width or A4_WIDTH) - margins)


# --- fields -------------------------------------------------------------------------------------


def _roots(document: Document) -> Iterator[Any]:
    """The body, and every head and foot of the file."""
    yield document.element.body
    for part in document.part.package.iter_parts():
        if _edge_part.match(str(part.partname)):
            yield cast(XmlPart, part).element


def _runs_of(paragraph: Any) -> list[Any]:
    """The pieces of text of a paragraph itself, not of a text box within it."""
    return [
        text
        for text in paragraph.iter(qn("w:t"))
        if next(text.iterancestors(qn("w:p"))) is paragraph
    ]


def _text(paragraph: Any) -> str:
    return "".join(text.text or "" for text in _runs_of(paragraph))


def _fill(paragraph: Any, values: Mapping[str, str]) -> None:
    """Put the value in place of each name, which Word may have spread over several runs."""
    pieces = _runs_of(paragraph)
    for match in reversed(list(FIELD.finditer(_text(paragraph)))):
        value = values.get(match[1].casefold())
        if value is not None:
            _replace(pieces, match.start(), match.end(), writable(value))


def _replace(pieces: list[Any], start: int, end: int, value: str) -> None:
    at = 0
    for piece in pieces:
        text = piece.text or ""
        first, last = max(start - at, 0), min(end - at, len(text))
        if first < last:
            piece.text = text[:first] + value + text[last:]
            piece.set(qn("xml:space"), "preserve")
            value = ""
        at += len(text)


def _is_content_mark(element: Any) -> bool:
    match = FIELD.fullmatch(_text(element).strip()) if element.tag == qn("w:p") else None
    return match is not None and match[1].casefold() == CONTENT


def _blocks(document: Document) -> list[Any]:
    """What stands in the body, down to the last page set-up."""
    return [element for element in document.element.body if element.tag != qn("w:sectPr")]


def _place(blocks: list[Any]) -> int | None:
    """Where the mark of the content stands among the blocks."""
    return next((at for at, element in enumerate(blocks) if _is_content_mark(element)), None)


def _is_content_last(document: Document) -> bool:
    """Whether the one mark of the content is a paragraph of the body with nothing after it."""
    blocks = _blocks(document)
    place = _place(blocks)
    after = blocks[place + 1 :] if place is not None else []
    return place is not None and not any(one.tag == qn("w:tbl") or _text(one) for one in after)


def _make_room(document: Document) -> None:
    """Take away the mark of the content and what follows it; without a mark, the whole body."""
    blocks = _blocks(document)
    for element in blocks[_place(blocks) or 0 :]:
        document.element.body.remove(element)


# --- styles -------------------------------------------------------------------------------------


def _has_style(document: Document, name: str) -> bool:
    return any(style.name == name for style in document.styles)


def _add_missing_styles(document: Document, source: Mapping[str, Any]) -> None:
    """Copy each style that the template lacks from the portal's own, with its list."""
    missing = [name for name in (*STYLES, *DEEPER_LISTS) if not _has_style(document, name)]
    if not missing:
        return
    ours = portal_template(source)
    for name in missing:
        element = copy.deepcopy(ours.styles[name].element)
        _forget(element, "w:link", "w:next")
        base = element.find(qn("w:basedOn"))
        if base is not None:
            base.set(qn("w:val"), _normal_id(document))
        for number in element.iter(qn("w:numId")):
            number.set(qn("w:val"), _copied_list(document, ours, number.get(qn("w:val"))))
        document.styles.element.append(element)


def _normal_id(document: Document) -> str:
    """The id of the style that all are based on, whatever the template's language calls it."""
    found = document.styles.element.default_for(WD_STYLE_TYPE.PARAGRAPH)
    return "Normal" if found is None else str(found.styleId)


def _forget(element: Any, *names: str) -> None:
    for name in names:
        for found in element.findall(qn(name)):
            element.remove(found)


def _copied_list(document: Document, ours: Document, number: str) -> str:
    """A list of the portal's template, added to the association's; gives its number there."""
    theirs = _numbering(document)
    source = ours.part.numbering_part.element
    held = next(one for one in source.num_lst if str(one.numId) == number)
    abstract_id = str(held.abstractNumId.val)
    taken = [int(one.get(qn("w:abstractNumId"))) for one in theirs.findall(qn("w:abstractNum"))]
    new_id = str(max(taken, default=-1) + 1)
    abstract = copy.deepcopy(
        next(one for one in source.findall(qn("w:abstractNum"))
             if one.get(qn("w:abstractNumId")) == abstract_id)
    )  # fmt: skip
    abstract.set(qn("w:abstractNumId"), new_id)
    theirs.insert(len(taken), abstract)
    return str(theirs.add_num(int(new_id)).numId)


def _numbering(document: Document) -> Any:
    """The template's lists, begun when it has none."""
    try:
        return cast(XmlPart, document.part.part_related_by(RELATIONSHIP_TYPE.NUMBERING)).element
    except KeyError:
        part = NumberingPart(
            PackURI("/word/numbering.xml"), CONTENT_TYPE.WML_NUMBERING,
            OxmlElement("w:numbering"), document.part.package,
        )  # fmt: skip
        document.part.relate_to(part, RELATIONSHIP_TYPE.NUMBERING)
        return part.element
