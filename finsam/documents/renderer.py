"""Turns HTML into a tagged PDF in a process of its own, so that a bad text can only stop itself.

Started by finsam.documents.pdf as a plain script, without Django. It reads requests on standard
input and answers on standard output: a JSON header line, then as many bytes as the header says.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import logging
import os
import re
import resource
import subprocess
import sys
import tempfile
from bisect import bisect_right
from functools import lru_cache
from itertools import starmap
from pathlib import Path
from typing import Any, BinaryIO
from unicodedata import category

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from fontTools.varLib.instancer import (  # type: ignore[import-untyped]
    instantiateVariableFont,
)
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

# One family per script: WeasyPrint mixes up two files of the same family in one document.
SUBSETS = {
    "Inter": "latin",
    "Inter Extended": "latin-ext",
    "Inter Greek": "greek",
    "Inter Cyrillic": "cyrillic",
}
# Nearly all text is of this face; in the weights of the templates it is cut once and for all,
# since cutting the variable font anew takes longer than the rest of a short document.
CUT, WEIGHTS = ("latin", "normal"), (400, 600, 700)
REPLACEMENT = "\ufffd"
LISTING = Path("/usr/bin/fc-list")
UNSTORABLE = re.compile("[\x00-\x08\x0b\x0e-\x1f\ud800-\udfff]")
LINE_ENDS = re.compile("[\x85\u2028\u2029]")
# More marks on one letter than any language writes cost minutes to lay out.
MARKS_ON_MARKS = re.compile("([\u0300-\u036f]{4})[\u0300-\u036f]+")
VARIANTS = {True: "pdf/a-3a", False: "pdf/a-3u"}


class Complaints(logging.Handler):
    """Keeps what WeasyPrint complains of, to be handed back with the PDF."""

    def __init__(self) -> None:
        super().__init__(level=logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage()[:300])

    def take(self) -> list[str]:
        taken, self.lines = self.lines[:50], []
        return taken


class Renderer:
    """Holds the fonts, which take most of a second to load, for all renderings of the process."""

    def __init__(self, fonts: Path, cuts: Path) -> None:
        self.cuts = cuts
        self.fetcher = URLFetcher(timeout=1, allowed_protocols={"data"}, allow_redirects=False)
        self.font_config = FontConfiguration()
        self.covered: set[str] = set()
        faces = [
            face
            for family, subset in SUBSETS.items()
            for style in ("normal", "italic")
            for face in self._faces(
                family, fonts / f"inter-{subset}-wght-{style}.woff2", subset, style
            )
        ]
        self.font_css = CSS(
            string="\n".join(faces), font_config=self.font_config, url_fetcher=self.fetcher
        )

        marks = {letter for letter in self.covered if category(letter).startswith("M")}
        self.plain = (self.covered - marks) | set("\t\n\r\f")

    def _faces(self, family: str, path: Path, subset: str, style: str) -> list[str]:
        """The faces of one font file: one for all weights, or one for each that is cut."""
        data = path.read_bytes()
        self.covered.update(map(chr, TTFont(io.BytesIO(data)).getBestCmap()))
        if (subset, style) != CUT:
            return [_face(family, style, "", data, "woff2")]
        return [
            _face(family, style, f"font-weight: {weight}; ", self._cut(data, weight), "truetype")
            for weight in WEIGHTS
        ]

    def _cut(self, data: bytes, weight: int) -> bytes:
        """The font in one weight, kept for the next process."""
        path = self.cuts / f"{hashlib.sha256(data).hexdigest()[:32]}-{weight}.ttf"
        if path.exists():
            return path.read_bytes()
        cut = instantiateVariableFont(TTFont(io.BytesIO(data)), {"wght": weight})
        cut.flavor = None
        out = io.BytesIO()
        cut.save(out)
        self.cuts.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self.cuts, prefix=".new-", delete=False) as file:
            file.write(out.getvalue())
        Path(file.name).replace(path)
        return out.getvalue()

    def render(self, request: dict[str, Any]) -> bytes:
        """The PDF of `request["html"]`, with tags when they are asked for."""
        page = HTML(string=_storable(request["html"]), url_fetcher=self.fetcher)
        self._replace_missing(page.etree_element)
        page.etree_element.set("lang", request["language"])
        document = page.render(stylesheets=[self.font_css], font_config=self.font_config)
        document.metadata.attachments = []
        made: bytes = document.write_pdf(pdf_variant=VARIANTS[request["tagged"]])
        return made

    def _replace_missing(self, root: Any) -> None:
        """Write the replacement mark for what no font can draw: an empty box is no text."""
        for element in root.iter():
            for part in ("text", "tail"):
                text = getattr(element, part)
                if text and not self.plain.issuperset(text):
                    pairs = zip("\n" + text, text, strict=False)
                    setattr(element, part, "".join(starmap(self._drawable, pairs)))

    def _drawable(self, before: str, character: str) -> str:
        """The character, if it can be drawn after the one before it."""
        if category(character).startswith("M") and category(before)[0] in "CZ":
            return REPLACEMENT  # a mark on nothing
        known = character in self.covered or character in "\t\n\r\f" or _on_system(ord(character))
        return character if known else REPLACEMENT


def _face(family: str, style: str, weight: str, data: bytes, form: str) -> str:
    source = f"url(data:font/{form};base64,{base64.b64encode(data).decode()}) format('{form}')"
    return f"@font-face {{ font-family: '{family}'; font-style: {style}; {weight}src: {source} }}"


def _on_system(code: int) -> bool:
    """Whether some installed font draws the character."""
    ranges = _system_ranges()
    place = bisect_right(ranges, (code, sys.maxunicode)) - 1
    return place >= 0 and ranges[place][0] <= code <= ranges[place][1]


@lru_cache(maxsize=1)
def _system_ranges() -> list[tuple[int, int]]:
    """The characters that installed scalable fonts draw, as ranges in order, without overlap."""
    if not LISTING.exists():
        return []
    listed = subprocess.run(  # noqa: S603 - a fixed command
        [LISTING, "--format", "%{charset} ", ":scalable=true"],
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )
    found = sorted(
        (int(first, 16), int(last or first, 16))
        for first, _, last in (written.partition("-") for written in listed.stdout.split())
    )
    joined: list[tuple[int, int]] = []
    for first, last in found:
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined


def _storable(html: str) -> str:
    """Without what no PDF string can carry, and without heaps of marks on one letter."""
    html = LINE_ENDS.sub("\n", UNSTORABLE.sub(REPLACEMENT, html))
    return MARKS_ON_MARKS.sub(r"\1", html)


def serve(source: BinaryIO, sink: BinaryIO, renderer: Renderer, complaints: Complaints) -> None:
    """Greet, then answer requests, one JSON line each, until the other end is closed."""
    heard = _say(sink, b"ready\n")
    while heard and (line := source.readline()):
        try:
            made = renderer.render(json.loads(line))
            header: dict[str, Any] = {"ok": True, "size": len(made)}
        except Exception as fault:  # noqa: BLE001 - the process' edge: the asker is told
            made, header = b"", {"ok": False, "error": f"{type(fault).__name__}: {fault}"[:500]}
        header["complaints"] = complaints.take()
        heard = _say(sink, json.dumps(header).encode() + b"\n" + made)


def _say(sink: BinaryIO, words: bytes) -> bool:
    """Whether somebody still listens: a renderer whose asker is gone ends without complaint."""
    try:
        sink.write(words)
        sink.flush()
    except BrokenPipeError:
        return False
    return True


def main(fonts: str, cuts: str, megabytes: str) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = int(megabytes) * 1024 * 1024
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    complaints = Complaints()
    logger = logging.getLogger("weasyprint")
    logger.handlers, logger.propagate = [complaints], False
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    serve(sys.stdin.buffer, sys.stdout.buffer, Renderer(Path(fonts), Path(cuts)), complaints)
    # What was left unsaid to a parent that is gone would be complained of at exit.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main(*sys.argv[1:])
