"""The packet of 500 pages, the same after one changed item, and minutes of 40 items.

The packet's floor lays out the same pages with WeasyPrint alone, without tags being joined or
anything being checked, and puts them together with the annexes by pikepdf, which loses the tags.
"""

from __future__ import annotations

import io
import os
import re
import resource
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pikepdf
from django.conf import settings
from django.template.loader import render_to_string
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from benchmarks.harness import Benchmark, Pair
from boards.agenda import add_item
from boards.decisions import record_decision
from boards.dispatch import send_notice
from boards.document_sources import minutes_source
from boards.minutes import close_meeting
from boards.models import ItemKind, Outcome
from finsam.associations.models import Association
from finsam.documents import pdf, render_cache
from finsam.documents.documents import preview_source
from finsam.documents.kinds import kind_of
from finsam.documents.look import look_of
from finsam.documents.packet import PacketDocument, PacketFile, PacketPart, assemble_packet
from finsam.documents.pdf import render_pdf, render_section
from finsam.documents.pdf_claims import Claims, claims_of
from finsam.people.models import RoleKind
from tests import factories as make
from tests.conftest import found_association, person_with_role

ITEMS, ANNEX_PAGES, MOST_MEGABYTES = 40, 9, 1_000
MADE_AT = "2023-09-18T08:00:00+00:00"
TEXT = (
    "Insatsen vänder sig till personer som behöver samordnat stöd från flera myndigheter för att "
    "komma närmare arbete eller studier, och drivs av parterna tillsammans. "
)


def source_of(title: str, kind: str, version: int = 1) -> dict[str, Any]:
    """What a builder would get of its document and association."""
    return {
        "document": {
            "title": title, "kind_label": kind, "version": version, "number": "SFB 2023/38-7",
            "made_at": MADE_AT, "date": "2023-09-18", "short_id": "K7QF2M9D",
            "shown_id": "K7QF-2M9D", "check_code": "ABCD2345", "shown_code": "ABCD-2345",
            "verify_address": "portal.exempel.se/kontrollera/", "is_preview": False,
        },
        "association": {
            "name": "Samordningsförbundet i Blekinge", "short_name": "Blekinge", "initials": "SB",
            "organisation_number": "222000-1111", "email": "", "phone": "", "address": "",
        },
        "look": look_of("#0b5d57"),
    }  # fmt: skip


def memo_html(number: int, changed: str = "") -> str:
    """A memo of three pages with text, a decision and tables."""
    columns = [{"text": "Post"}, {"text": "Belopp", "numeric": True}]
    rows = [[f"Post {at}", 10_000 * at] for at in range(1, 13)]
    sections = [
        {
            "heading": f"{at} Rubrik",
            "text": f"{changed} {TEXT * 5}\n\n{TEXT * 4}",
            "table": {"caption": "Kostnader, kronor", "columns": columns, "rows": rows,
                      "total": ["Summa", 780_000]} if at % 3 == 0 else None,
            "intro": "Styrelsen föreslås besluta" if at == 1 else "",
            "clauses": ["bevilja 1 850 000 kronor", "uppdra åt förbundschefen"] if at == 1 else [],
        }
        for at in range(1, 5)
    ]  # fmt: skip
    source = {"to": "styrelsen", "ingress": TEXT, "facts": [], "sections": sections}
    source |= source_of(f"Beslutsunderlag {number}", "Beslutsunderlag")
    return render_to_string("documents/plain.html", source)


def annex(number: int) -> bytes:
    """An untagged PDF of nine pages, as applicants send them."""
    pages = "".join(
        f"<section style='break-after: page'><h1>Avtal {number}, sida {page}</h1>"
        f"<p>{TEXT * 12}</p></section>"
        for page in range(1, ANNEX_PAGES + 1)
    )
    html = f"<html><body style='font-family: Inter; font-size: 10pt'>{pages}</body></html>"
    return render_pdf(html, title=f"Avtal {number}", tagged=False)


@dataclass
class Trial:
    """The material of one packet and a cache of its own."""

    annexes: list[bytes] = field(default_factory=lambda: [annex(at) for at in range(ITEMS)])
    memos: list[str] = field(default_factory=lambda: [memo_html(at) for at in range(ITEMS)])
    rounds: int = 0

    def made(self, folder: Path, *, version: int = 1, changed: str = "") -> bytes:
        """The packet with its memos rendered anew where they have changed."""
        texts = [memo_html(5, changed) if changed and at == 5 else memo
                 for at, memo in enumerate(self.memos)]  # fmt: skip
        with cache_in(folder):
            parts = [self.part(at, text) for at, text in enumerate(texts)]
            source = source_of("Beslutspaket styrelsen 25 september 2023", "Beslutspaket", version)
            return assemble_packet(parts, source=source, facts=[("Organ", "Styrelsen")])

    def part(self, at: int, memo: str) -> PacketPart:
        title = f"Beslutsunderlag {at}"
        made = render_cache.remembered(
            "memo", [memo], lambda: render_pdf(memo, title=title, author="Förbundet")
        )
        return PacketPart(
            str(at + 1), f"Insats nummer {at + 1}", "Beslut", f"SFB 2023/{at + 1}",
            "förbundschefen", intro="Styrelsen föreslås besluta",
            clauses=["bevilja 1 850 000 kronor"],
            documents=[
                PacketDocument("Beslutsunderlag", made, is_tagged=True),
                PacketDocument("Avtal", self.annexes[at], "avtal.pdf"),
            ],
            files=[PacketFile(f"budget-{at + 1}.xlsx", b"PK" + bytes(20_000))],
        )  # fmt: skip


@contextmanager
def cache_in(folder: Path) -> Iterator[None]:
    """A render cache of its own, so that a round begins with nothing remembered."""
    folder.mkdir(parents=True, exist_ok=True)
    before = render_cache._folder
    render_cache._folder = lambda: folder
    try:
        yield
    finally:
        render_cache._folder = before


@contextmanager
def recorded(into: list[str]) -> Iterator[None]:
    """Note the pages that the packet has rendered, for the floor to lay out the same."""

    def render(html: str, *, title: str) -> bytes:
        into.append(html)
        return render_section(html, title=title)

    with patch("finsam.documents.packet_items.render_section", render):
        yield


class Bare:
    """WeasyPrint and pikepdf and nothing else: the fonts read once, each document laid out."""

    def __init__(self, pages: list[str], annexes: list[bytes]) -> None:
        self.pages, self.annexes = pages, annexes
        fonts = Path(settings.BASE_DIR) / "node_modules/@fontsource-variable/inter/files"
        faces = "".join(
            f"@font-face {{ font-family: Inter; font-style: {style};"
            f" src: url({(fonts / f'inter-latin-wght-{style}.woff2').as_uri()}) }}"
            for style in ("normal", "italic")
        )
        self.config = FontConfiguration()
        self.css = CSS(string=faces, font_config=self.config)

    def __call__(self) -> None:
        with pikepdf.new() as joined:
            for html in self.pages:
                made = HTML(string=html).write_pdf(
                    stylesheets=[self.css], font_config=self.config, pdf_variant="pdf/a-3a"
                )
                self._add(joined, made)
            for data in self.annexes:
                self._add(joined, data)
            joined.save(io.BytesIO())

    def _add(self, joined: pikepdf.Pdf, data: bytes) -> None:
        with pikepdf.open(io.BytesIO(data)) as one:
            joined.pages.extend(one.pages)


def whole() -> Pair:
    trial = Trial()
    pages: list[str] = []
    place = Path(tempfile.mkdtemp(prefix="packet-"))
    with recorded(pages):
        check(trial.made(place / "first"))
    bare = Bare([*trial.memos, *pages], trial.annexes)

    def measured() -> None:
        trial.rounds += 1
        check(trial.made(place / str(trial.rounds)))

    return Pair(measured, apart(bare))


def one_changed() -> Pair:
    """Its floor is the whole packet made anew."""
    trial = Trial()
    place = Path(tempfile.mkdtemp(prefix="packet-"))
    trial.made(place / "kept")

    def measured() -> None:
        trial.rounds += 1
        said = f"Ändring {trial.rounds}."
        check(trial.made(place / "kept", version=trial.rounds + 1, changed=said))

    return Pair(measured, lambda: trial.made(place / f"whole-{trial.rounds}"))


def check(made: bytes) -> None:
    """What was measured must be the real thing: its size, its claims, its memory."""
    with pikepdf.open(io.BytesIO(made)) as opened:
        count = len(opened.pages)
    if not 480 <= count <= 560:
        raise RuntimeError(f"The packet has {count} pages.")
    if claims_of(made) != Claims(ua=True, archive="A"):
        raise RuntimeError("The packet claims less than it should.")
    used = megabytes_at_most()
    if used > MOST_MEGABYTES:
        raise RuntimeError(f"It took {used} MB.")


def megabytes_at_most() -> int:
    """Of this process and its renderer together, at the worst moment of each."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    child = pdf._process.child
    status = Path(f"/proc/{child.pid}/status").read_text() if child else ""
    found = re.search(r"VmHWM:\s+(\d+)", status)
    return (own + (int(found.group(1)) if found else 0)) // 1024


def apart(work: Callable[[], object]) -> Callable[[], None]:
    """Run in a process of its own, so that its memory is not counted with ours."""

    def run() -> None:
        child = os.fork()
        if child == 0:
            work()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if status:
            raise RuntimeError("The floor did not come to its end.")

    return run


def minutes() -> Pair:
    """Minutes with 40 decisions, as PDF and Word; the floor lays out the same page alone."""
    association, source = _minutes_of_a_meeting()
    html = render_to_string("documents/minutes.html", source)

    def measured() -> None:
        made = kind_of("minutes").build(source, association)
        if made.docx is None or claims_of(made.pdf) != Claims(ua=True, archive="A"):
            raise RuntimeError("The minutes are not what they should be.")

    return Pair(measured, Bare([html], []))


def _minutes_of_a_meeting() -> tuple[Association, dict[str, Any]]:
    association = found_association("prov", "Samordningsförbundet Prov", "SFP")
    director = person_with_role(RoleKind.DIRECTOR, association)
    meeting = make.make_meeting(make.make_board(association), director, called=False)
    for number in range(ITEMS):
        add_item(
            meeting=meeting, title=f"Ärende nummer {number + 1}", background=TEXT * 3,
            proposal="fastställa förslaget", actor=director,
        )  # fmt: skip
    meeting = send_notice(meeting=meeting, actor=director)
    meeting = make.open_with_all(meeting, director)
    make.settle_formal(meeting, director)
    for item in meeting.items.filter(kind=ItemKind.DECISION).order_by("position"):
        record_decision(
            item=item, outcome=Outcome.APPROVED, reason="fastställa förslaget", actor=director
        )
    make.settle_formal(meeting, director, closing=True)
    written = close_meeting(meeting=meeting, actor=director)
    source = preview_source(
        association=association, kind="minutes", title="Protokoll", source=minutes_source(written)
    )
    return association, source


BENCHMARK = (
    Benchmark(
        "packet_500_pages",
        "40 items: 40 memos, annexes of 360 pages; floor: WeasyPrint and pikepdf, nothing checked",
        whole,
        most_seconds=60,
        most_ratio=1.25,
        rounds=3,
    ),
    Benchmark(
        "packet_one_changed_item",
        "the same packet after one memo has changed; floor: the whole packet made anew",
        one_changed,
        most_ratio=0.10,
        rounds=3,
    ),
    Benchmark(
        "minutes_40_items",
        "minutes of 40 decisions as PDF and Word; floor: WeasyPrint alone on the same page",
        minutes,
        most_seconds=5,
        rounds=5,
        needs_database=True,
    ),
)
