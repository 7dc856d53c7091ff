"""Reads what a Word file says, block by block. Runs in the child process: it does without Django.

Text counts as it would read with all tracked changes accepted. What no form can hold (pictures,
comments, heads and feet) is counted and quoted, so that the sender can be told.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from typing import Any, TypedDict

from lxml import etree

from finsam.documents.word_styles import (
    Styles,
    W,
    is_on,
    numbering_of,
    outline_of,
    read_styles,
    value_of,
)

R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
MAIN = "word/document.xml"
LINKS = ("http://", "https://", "mailto:")
SIGNS = {"tab": " ", "ptab": " ", "cr": "\n", "noBreakHyphen": "-"}
MOST_QUOTED = 20
LONGEST_QUOTE = 300
BLANK = re.compile(r"[ \t\xa0\u2007\u202f]+")


class Block(TypedDict, total=False):
    """One heading, paragraph, list item, table or beginning of a content control (its title)."""

    kind: str
    level: int
    plain: str
    html: str
    bold: bool
    ordered: bool
    rows: list[list[str]]
    tag: str


class Reading(TypedDict):
    """The whole file: its blocks, what is noted of it (lists of quotations), its key words."""

    blocks: list[Block]
    noted: dict[str, list[str]]
    keywords: str


@dataclass
class Run:
    text: str
    bold: bool = False
    link: str = ""


@dataclass
class _File:
    """The parts of the file that are read, and what has been noted on the way."""

    styles: Styles
    links: dict[str, str]
    notes: dict[str, str]
    noted: dict[str, list[str]] = field(default_factory=dict)

    def note(self, what: str, quoted: str = "") -> None:
        held = self.noted.setdefault(what, [])
        if len(held) < MOST_QUOTED:
            held.append(" ".join(quoted.split())[:LONGEST_QUOTE])


def read_word(data: bytes) -> Reading:
    """The blocks of a .docx in order. Raises what the parser raises: the caller is a child."""
    with zipfile.ZipFile(io.BytesIO(data)) as box:
        parts = _Parts(box)
        root = parts.xml(MAIN)
        if root is None:
            raise ValueError("no main part")
        file = _File(
            read_styles(parts.xml("word/styles.xml"), parts.xml("word/numbering.xml")),
            parts.links(),
            parts.notes(),
        )
        parts.note_outside(file)
        body = root.find(f"{W}body")
        blocks = _without_empty(_blocks(body, file)) if body is not None else []
        return {"blocks": blocks, "noted": file.noted, "keywords": parts.keywords()}


class _Parts:
    """The package's parts, each parsed without entities, network or huge trees."""

    def __init__(self, box: zipfile.ZipFile) -> None:
        self.box = box
        self.names = set(box.namelist())

    def xml(self, name: str) -> Any:
        if name not in self.names:
            return None
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        return etree.fromstring(self.box.read(name), parser)

    def links(self) -> dict[str, str]:
        """Addresses that hyperlinks lead to, by their id."""
        root = self.xml("word/_rels/document.xml.rels")
        found = {}
        for relation in root if root is not None else ():
            target = relation.get("Target", "")
            if relation.get("TargetMode") == "External" and target.lower().startswith(LINKS):
                found[relation.get("Id", "")] = target
        return found

    def notes(self) -> dict[str, str]:
        """Foot- and endnotes by kind and id."""
        found = {}
        for kind in ("footnote", "endnote"):
            root = self.xml(f"word/{kind}s.xml")
            for note in root.iter(f"{W}{kind}") if root is not None else ():
                if note.get(f"{W}type") is None:
                    found[f"{kind}{note.get(f'{W}id')}"] = _plain(note)
        return found

    def note_outside(self, file: _File) -> None:
        """What stands beside the text: heads, feet and comments."""
        for name in sorted(self.names):
            if re.fullmatch(r"word/(header|footer)\d*\.xml", name):
                text = _plain(self.xml(name))
                if text:
                    file.note("head_or_foot", text)
        comments = self.xml("word/comments.xml")
        for comment in comments.iter(f"{W}comment") if comments is not None else ():
            file.note("comment", _plain(comment))

    def keywords(self) -> str:
        root = self.xml("docProps/core.xml")
        if root is None:
            return ""
        return next((e.text or "" for e in root.iter() if _name(e) == "keywords"), "")[:500]


# --- blocks ---------------------------------------------------------------------------------------


def _blocks(parent: Any, file: _File) -> Iterator[Block]:
    """Blocks of a body, cell or control; a paragraph whose mark was deleted runs on."""
    carried: list[Run] = []
    for element in parent:
        match _name(element):
            case "p":
                runs = [*carried, *_runs(element, file)]
                carried = runs if _mark_is_deleted(element) else []
                if not carried:
                    yield from _paragraph(element, runs, file)
                yield from _boxes(element, file)
            case "tbl":
                yield {"kind": "table", "rows": _rows(element, file)}
            case "sdt":
                yield from _control(element, file)
            case "ins" | "moveTo" | "customXml" | "smartTag":
                yield from _blocks(element, file)
            case "AlternateContent":
                yield from _blocks(_choice(element), file)
            case "altChunk":
                file.note("embedded")


def _paragraph(element: Any, runs: list[Run], file: _File) -> Iterator[Block]:
    properties = element.find(f"{W}pPr")
    style, level, listed = "", None, None
    if properties is not None:
        style = value_of(properties, "pStyle") or ""
        level, own = outline_of(properties), numbering_of(properties)
        listed = file.styles.list_format(style, own)
    level = file.styles.heading_level(style, level)
    plain = _words(runs)
    if level is not None:
        yield {"kind": "heading", "level": level, "plain": " ".join(plain.split())}
        return
    if file.styles.is_bold(style):
        runs = [Run(run.text, True, run.link) for run in runs]
    html = _markup(runs)
    if listed is not None:
        ordered = listed[0] != "bullet"
        yield {"kind": "item", "ordered": ordered, "level": listed[1], "plain": plain, "html": html}
    else:
        bold = all(run.bold for run in runs if run.text.strip())
        yield {"kind": "text", "plain": plain, "html": html, "bold": bold}


def _boxes(element: Any, file: _File) -> Iterator[Block]:
    """Text boxes hang in a paragraph; their text comes after it."""
    for box in element.iter(f"{W}txbxContent"):
        if any(_name(above) == "Fallback" for above in box.iterancestors()):
            continue
        if any(_name(above) == "txbxContent" for above in box.iterancestors()):
            continue
        inside = list(_blocks(box, file))
        file.note("text_box", " ".join(str(block.get("plain", "")) for block in inside))
        yield from inside


def _control(element: Any, file: _File) -> Iterator[Block]:
    properties = element.find(f"{W}sdtPr")
    content = element.find(f"{W}sdtContent")
    tag = properties is not None and value_of(properties, "tag")
    title = properties is not None and value_of(properties, "alias")
    if tag or title:
        yield {"kind": "control", "tag": tag or "", "plain": title or ""}
    if content is not None and not _is_placeholder(properties):
        yield from _blocks(content, file)


def _rows(table: Any, file: _File) -> list[list[str]]:
    """The cells' words, row by row; a cell over several columns leaves the others empty."""
    rows = []
    for row in _inside(table, "tr"):
        if row.find(f"{W}trPr/{W}del") is not None:
            continue
        cells: list[str] = []
        for cell in _inside(row, "tc"):
            properties = cell.find(f"{W}tcPr")
            span = value_of(properties, "gridSpan") if properties is not None else None
            cells.append(_cell(cell, file))
            cells += [""] * (int(span) - 1 if span and span.isdigit() and int(span) < 64 else 0)
        rows.append(cells)
    return rows


def _inside(parent: Any, name: str) -> Iterator[Any]:
    """Rows of a table or cells of a row, also those inside content controls."""
    for element in parent:
        found = _name(element)
        if found == name:
            yield element
        elif found in ("sdt", "sdtContent", "customXml", "ins", "moveTo"):
            yield from _inside(element, name)


def _cell(cell: Any, file: _File) -> str:
    lines = []
    for block in _blocks(cell, file):
        if block["kind"] == "table":
            lines += [" ".join(row) for row in block["rows"]]
        else:
            lines.append(block.get("plain", ""))
    return "\n".join(line for line in (" ".join(line.split()) for line in lines) if line)


# --- runs -----------------------------------------------------------------------------------------


def _runs(paragraph: Any, file: _File) -> list[Run]:
    """The words of a paragraph with their marks, as with every change accepted."""
    found: list[Run] = []
    _gather(paragraph, file, found, link="")
    return found


def _gather(element: Any, file: _File, found: list[Run], *, link: str) -> None:
    for child in element:
        match _name(child):
            case "r":
                _run(child, file, found, link)
            case "del" | "moveFrom":
                file.note("deletion", _plain(child, deleted=True))
            case "oMath" | "oMathPara":
                text = "".join(part.text or "" for part in child.iter(f"{M}t"))
                file.note("formula", text)
                found.append(Run(text))
            case "hyperlink":
                _gather(child, file, found, link=file.links.get(child.get(f"{R}id", ""), ""))
            case _:
                _gather_inside(child, file, found, link)


def _gather_inside(child: Any, file: _File, found: list[Run], link: str) -> None:
    """Words in an element that only holds others: an insertion, a control, a field."""
    match _name(child):
        case "ins" | "moveTo":
            file.note("insertion", _plain(child))
            _gather(child, file, found, link=link)
        case "sdt":
            content = child.find(f"{W}sdtContent")
            if content is not None and not _is_placeholder(child.find(f"{W}sdtPr")):
                _gather(content, file, found, link=link)
        case "AlternateContent":
            _gather(_choice(child), file, found, link=link)
        case "fldSimple" | "smartTag" | "customXml" | "dir" | "bdo":
            _gather(child, file, found, link=link)


def _run(run: Any, file: _File, found: list[Run], link: str) -> None:
    properties = run.find(f"{W}rPr")
    bold = False
    if properties is not None:
        if is_on(properties, "vanish"):
            if hidden := _plain(run):
                file.note("hidden", hidden)
            return
        own = is_on(properties, "b")
        style = value_of(properties, "rStyle")
        bold = own if own is not None else bool(style) and file.styles.is_bold(style or "")
    for child in run:
        found.extend(Run(text, bold, link) for text in _signs(child, file) if text)


def _signs(child: Any, file: _File) -> Iterator[str]:
    """What one element inside a run reads as."""
    name = _name(child)
    if name in SIGNS:
        yield SIGNS[name]
        return
    match name:
        case "t":
            yield child.text or ""
        case "br" if child.get(f"{W}type") in (None, "textWrapping"):
            yield "\n"
        case "sym":
            yield _symbol(child)
        case "footnoteReference" | "endnoteReference":
            yield _note(child, name.removesuffix("Reference"), file)
        case "AlternateContent":
            for inner in _choice(child):
                yield from _signs(inner, file)
        case "drawing" | "pict" | "object":
            _note_picture(child, file)


def _note(child: Any, kind: str, file: _File) -> str:
    """A foot- or endnote stands in brackets where its mark is."""
    text = file.notes.get(f"{kind}{child.get(f'{W}id')}", "")
    file.note("footnote", text)
    return f" [{text}]" if text else ""


def _symbol(child: Any) -> str:
    """Boxes of the symbol fonts are kept, ticked or not; other symbols are only marked."""
    code = child.get(f"{W}char", "").upper()
    return {"F0FE": "☒", "F052": "☑", "F0A8": "☐", "F06F": "☐"}.get(code, "•")


def _note_picture(child: Any, file: _File) -> None:
    if next(child.iter(f"{W}txbxContent"), None) is not None:
        return
    described = next((e.get("descr") or "" for e in child.iter() if _name(e) == "docPr"), "")
    file.note("picture", described)


def _markup(runs: list[Run]) -> str:
    """The runs as inline markup: strong words, links, line breaks."""
    joined: list[Run] = []
    for run in runs:
        blank = not run.text.strip()
        alike = joined and (run.bold, run.link) == (joined[-1].bold, joined[-1].link)
        if joined and (alike or (blank and not run.link)):
            joined[-1].text += run.text
        else:
            joined.append(Run(run.text, run.bold and not blank, run.link))
    return "".join(map(_inline, joined)).strip()


def _inline(run: Run) -> str:
    text = BLANK.sub(lambda found: "\xa0" if found[0] == "\xa0" else " ", run.text)
    inner = text.strip(" \n")
    if not inner:
        return escape(text, quote=False).replace("\n", "<br>")
    before, _, after = text.partition(inner)
    marked = escape(inner, quote=False).replace("\n", "<br>")
    if run.bold:
        marked = f"<strong>{marked}</strong>"
    if run.link:
        marked = f'<a href="{escape(run.link)}">{marked}</a>'
    return f"{before}{marked}{after}".replace("\n", "<br>")


def _words(runs: list[Run]) -> str:
    return "".join(run.text for run in runs).strip()


# --- small things ---------------------------------------------------------------------------------


def _name(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _choice(element: Any) -> Any:
    """The first of several ways to say the same."""
    found = element.find(f"{MC}Choice")
    if found is None:
        found = element.find(f"{MC}Fallback")
    return found if found is not None else ()


def _is_placeholder(properties: Any) -> bool:
    return properties is not None and bool(is_on(properties, "showingPlcHdr"))


def _mark_is_deleted(paragraph: Any) -> bool:
    return paragraph.find(f"{W}pPr/{W}rPr/{W}del") is not None


def _plain(element: Any, *, deleted: bool = False) -> str:
    """All words below an element, paragraphs parted by a blank."""
    names = {f"{W}t", f"{W}delText"} if deleted else {f"{W}t"}
    words = []
    for part in element.iter():
        if part.tag == f"{W}p":
            words.append(" ")
        elif part.tag in names:
            words.append(part.text or "")
    return " ".join("".join(words).split())


def _without_empty(blocks: Iterator[Block]) -> list[Block]:
    return [
        block
        for block in blocks
        if block["kind"] == "control" or block.get("plain", "").strip() or block.get("rows")
    ]
