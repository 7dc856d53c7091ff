"""Putting Word's properties in the order its schema wants: Word may refuse a file that does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from docx.document import Document
from docx.oxml.ns import qn

# ECMA-376, part 1: the sequences of the properties that our documents use.
SEQUENCES = {
    "w:pPr": (
        "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers"
        " pBdr shd tabs suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE"
        " autoSpaceDN bidi adjustRightInd snapToGrid spacing ind contextualSpacing mirrorIndents"
        " suppressOverlap jc textDirection textAlignment textboxTightWrap outlineLvl divId cnfStyle"
        " rPr sectPr pPrChange"
    ),
    "w:rPr": (
        "rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss imprint"
        " noProof snapToGrid vanish webHidden color spacing w kern position sz szCs highlight u"
        " effect bdr shd fitText vertAlign rtl cs em lang eastAsianLayout specVanish oMath"
    ),
    "w:tblPr": (
        "tblStyle tblpPr tblOverlap bidiVisual tblStyleRowBandSize tblStyleColBandSize tblW jc"
        " tblCellSpacing tblInd tblBorders shd tblLayout tblCellMar tblLook tblCaption"
        " tblDescription"
    ),
    "w:tcPr": (
        "cnfStyle tcW gridSpan hMerge vMerge tcBorders shd noWrap tcMar textDirection tcFitText"
        " vAlign hideMark"
    ),
    "w:pBdr": "top left bottom right between bar",
    "w:tcBorders": "top start left bottom end right insideH insideV tl2br tr2bl",
}


def in_schema_order(document: Document) -> None:
    """Sort the children of every property element of the body, head, foot and styles."""
    ranks = {
        qn(parent): {qn(f"w:{name}"): place for place, name in enumerate(names.split())}
        for parent, names in SEQUENCES.items()
    }
    for root in _roots(document):
        for parent, rank in ranks.items():
            for element in root.iter(parent):
                element[:] = _sorted(element, rank)


def _sorted(element: Any, rank: dict[str, int]) -> list[Any]:
    return sorted(element, key=lambda child: rank.get(child.tag, len(rank)))


def _roots(document: Document) -> Iterator[Any]:
    yield document.element
    yield document.styles.element
    for section in document.sections:
        yield section.header._element
        yield section.footer._element
