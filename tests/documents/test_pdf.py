from __future__ import annotations

import base64
import hashlib
import io
import re
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.template.loader import render_to_string

from finsam.documents import pdf as pdf_module
from finsam.documents import pdf_bytes
from finsam.documents.look import look_of
from finsam.documents.pdf import RenderFailed, render_pdf
from finsam.documents.pdf_bytes import written
from finsam.documents.pdf_check import UA, A, headings_of, own_faults, validator_faults
from finsam.documents.pdf_claims import Claims, claims_of, untrue_claims
from finsam.documents.pdf_tags import page_content
from finsam.documents.pdf_text import page_text
from tests.documents.kinds import SOURCE
from tests.documents.pictures import png

MOMENT = datetime(2023, 9, 15, 8, 0, tzinfo=UTC)
ABOUT: dict[str, Any] = {
    "document": {
        "kind_label": "Beslutsunderlag",
        "title": "Hållplatsen, individinsats i Karlshamn 2024",
        "number": "SFB 2023/38-7",
        "date": "2023-09-15",
        "made_at": MOMENT.isoformat(),
        "short_id": "K7QF2M9D",
        "shown_id": "K7QF-2M9D",
        "check_code": "4F7K9QXD",
        "shown_code": "4F7K-9QXD",
        "version": 2,
        "verify_address": "portal.exempel.se/kontrollera/",
        "is_preview": False,
    },
    "association": {"name": "Samordningsförbundet i Blekinge", "initials": "SB"},
    "look": look_of("#0b5d57"),
}
RICH = """<h2>3 Bedömning</h2><p>En <strong>bild</strong> och en
<a href="https://exempel.se/">länk</a>:</p><p><img alt="Insatsens lokal från gatan" src="{src}"></p>
<h3>Lista</h3><ul><li>Ett<ul><li>Under</li></ul></li><li>Två</li></ul>
<table><thead><tr><th scope="col">Post</th><th scope="col">Sökt</th></tr></thead>
<tbody>{rows}</tbody></table>"""


def page(body: str, *, head: str = "") -> str:
    style = "<style>html { font-family: Inter, 'Inter Extended', 'Inter Cyrillic' }</style>"
    return f"<!doctype html><html lang='sv'><head>{head}{style}</head><body>{body}</body></html>"


@pytest.fixture(scope="module")
def html() -> str:
    base = render_to_string("documents/plain.html", {**SOURCE, **ABOUT})
    rows = "".join(
        f'<tr><th scope="row">Rad {row}</th><td class="n">{row}</td></tr>' for row in range(60)
    )
    src = f"data:image/png;base64,{base64.b64encode(png()).decode()}"
    return base.replace("</body>", RICH.format(src=src, rows=rows) + "</body>")


@pytest.fixture(scope="module")
def made(html: str) -> bytes:
    return render_pdf(html, title=ABOUT["document"]["title"], created=MOMENT, author="Förbundet")


def text_of(data: bytes) -> str:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return "\n".join(page_text(page) for page in pdf.pages).replace("\u00a0", " ")


def test_X06_a_document_is_ua_and_archive_in_one(made):
    assert validator_faults(made, UA) == []
    assert validator_faults(made, A) == []


def test_X06_a_file_that_does_not_hold_claims_nothing():
    """A link without words to it is no PDF/UA; the file is made, and says so of itself."""
    made = render_pdf(
        page(f"<p><img src='data:image/png;base64,{base64.b64encode(png()).decode()}'></p>"),
        title="Utan alternativ",
    )
    assert validator_faults(made, UA)
    assert claims_of(made).ua is False
    assert untrue_claims(made) == []


def test_X06_a_sound_file_claims_all(made):
    assert claims_of(made) == Claims(ua=True, archive="A")


def test_X07_a_document_reads_well_where_no_validator_looks(made):
    assert own_faults(made) == []


def test_X07_headings_come_as_in_the_html(html, made):
    expected = [
        (int(level), re.sub(r"\s+", " ", text).strip())
        for level, text in re.findall(r"<h([1-6])[^>]*>(.*?)</h\1>", html, re.DOTALL)
    ]
    plain = [(level, text.replace("\u00a0", " ")) for level, text in expected]
    assert [(heading.level, heading.text) for heading in headings_of(made)] == plain
    assert len(plain) == 5


def test_the_id_and_the_code_stand_on_every_page(made):
    with pikepdf.open(io.BytesIO(made)) as pdf:
        pages = [page_text(page) for page in pdf.pages]
    assert len(pages) >= 2
    for number, text in enumerate(pages, 1):
        assert "K7QF-2M9D · kod 4F7K-9QXD" in text
        assert f"{number} ({len(pages)})" in text


def test_a_long_table_repeats_its_head(made):
    with pikepdf.open(io.BytesIO(made)) as pdf:
        with_rows = [text for page in pdf.pages if "Rad " in (text := page_text(page))]
    assert len(with_rows) >= 2
    assert all("Post" in text for text in with_rows)


def test_the_same_source_gives_the_same_bytes_in_any_process(html, made):
    pdf_module._process.end()
    time.sleep(1.1)
    again = render_pdf(html, title=ABOUT["document"]["title"], created=MOMENT, author="Förbundet")
    assert hashlib.sha256(again).digest() == hashlib.sha256(made).digest()


def test_all_fonts_are_inter_and_lie_in_the_file(made):
    with pikepdf.open(io.BytesIO(made)) as pdf:
        fonts = [
            found
            for found in pdf.objects
            if isinstance(found, pikepdf.Dictionary) and found.get("/Type") == "/FontDescriptor"
        ]
        assert fonts
        for font in fonts:
            assert "Inter" in str(font.FontName)
            assert "/FontFile2" in font


def test_letters_of_other_scripts_are_kept_and_the_undrawable_are_marked():
    made = render_pdf(page("<h1>Łódź Москва 中 x\u0000y\ud800z</h1>"), title="Tecken")
    text = text_of(made)
    assert "Łódź Москва" in text
    assert "中" not in text or "\ufffd" not in text
    assert validator_faults(made, UA) == []
    assert validator_faults(made, A) == []


@pytest.mark.parametrize(
    "text",
    [
        "\u0301först", "ord \u0301 ensamt", "rad\u2028rad", "\u3000bred",
        "\u00ad\u200b\u2060\ufeff",
        "👩‍👩‍👧", "\U000e0041", "\ue000", "\ufdd0", "ﷺ", "क्षि", "ก็", "\u202eomvänd", "x" * 500,
    ],
)  # fmt: skip
def test_no_text_spoils_what_the_file_claims(text):
    made = render_pdf(page(f"<h1>Text</h1><p>a{text}b</p><p>{text}</p>"), title="Text")
    assert validator_faults(made, UA) == []
    assert validator_faults(made, A) == []


def test_a_title_is_needed():
    with pytest.raises(RenderFailed) as refused:
        render_pdf(page("<p>x</p>"), title="  ")
    assert refused.value.code == "title_missing"


def test_a_rendering_that_takes_too_long_is_ended_and_the_next_one_works():
    rows = "<tr><td>cell</td></tr>" * 20_000
    with pytest.raises(RenderFailed) as refused:
        render_pdf(page(f"<table>{rows}</table>"), title="För lång", seconds=3)
    assert refused.value.code == "render_timeout"
    assert validator_faults(render_pdf(page("<h1>Nästa</h1>"), title="Nästa"), UA) == []


def test_a_rendering_that_wants_too_much_memory_hurts_only_itself():
    with pytest.raises(RenderFailed):
        render_pdf(page('<table><tr><td colspan="30000000">x</td></tr></table>'), title="För stor")
    assert validator_faults(render_pdf(page("<h1>Nästa</h1>"), title="Nästa"), UA) == []


def test_the_rendering_process_ends_with_the_one_that_asked():
    asking = """
import os, sys
import django
django.setup()
from finsam.documents import pdf
pdf.render_pdf("<h1>Hej</h1>", title="Hej du")
print(pdf._process.child.pid, flush=True)
os.kill(os.getpid(), 9)
"""
    done = subprocess.run([sys.executable, "-c", asking], capture_output=True, check=False)
    pid = int(done.stdout)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return
        except FileNotFoundError:
            return
        time.sleep(0.1)
    pytest.fail(f"The rendering process {pid} is still there.")


def test_streams_that_end_in_a_carriage_return_are_written_so_that_all_count_alike():
    """A stream of data that ends in CR, before a line end, looks one byte shorter than it is."""
    made = render_pdf(page("<h1>Strömmar</h1>"), title="Strömmar")
    for length in range(40):
        with pikepdf.open(io.BytesIO(made)) as pdf:
            pdf.Root["/FINSAM_Test"] = pdf.make_stream(b"x" * length + b"\r")
            changed = written(pdf)
        assert b"\r\nendstream" not in changed
        with pikepdf.open(io.BytesIO(changed)) as pdf:
            assert pdf.Root["/FINSAM_Test"].read_bytes() == b"x" * length + b"\r"
        assert validator_faults(changed, A) == []


def test_a_file_whose_streams_were_wrapped_reads_the_same():
    """Chance wraps one stream in 256: text, checks and joining must not notice."""
    made = render_pdf(page("<h1>Strömmar</h1><p>Räksmörgås</p>"), title="Strömmar")
    with pikepdf.open(io.BytesIO(made)) as pdf:
        own = (*pdf_bytes.WRITERS_OWN, pikepdf.Name.Metadata)
        for found in pdf.objects:
            if isinstance(found, pikepdf.Stream) and found.get("/Type") not in own:
                pdf_bytes._rewrap(found)
        wrapped = pdf_bytes._saved(pdf)
    with pikepdf.open(io.BytesIO(wrapped)) as pdf, pikepdf.open(io.BytesIO(made)) as plain:
        assert "/RunLengthDecode" in str(pdf.pages[0].obj.Contents.get("/Filter"))
        assert page_text(pdf.pages[0]) == page_text(plain.pages[0])
        assert "Räksmörgås" in page_text(pdf.pages[0])
        assert page_content(pdf.pages[0]) == page_content(plain.pages[0])
    assert own_faults(wrapped) == []


def test_tables_of_the_writer_that_end_so_are_moved():
    """The writer packs small objects into streams of its own; these may end in CR as well."""
    made = render_pdf(page("<h1>Tabeller</h1>"), title="Tabeller")
    for number in range(300):
        with pikepdf.open(io.BytesIO(made)) as pdf:
            pdf.Root["/FINSAM_Test"] = pikepdf.String(f"prov {number}")
            changed = written(pdf)
        assert b"\r\nendstream" not in changed


def test_an_association_with_a_light_colour_gets_a_readable_one():
    from finsam.associations.colour import LEAST_CONTRAST, contrast_with_white

    look = look_of("#ffd400")
    assert contrast_with_white(look["colour"]) >= LEAST_CONTRAST
    assert look_of("#0b5d57")["colour"] == "#0b5d57"


def test_a_renderer_whose_asker_is_gone_ends_without_a_word(settings):
    """Otherwise each worker that is killed leaves a traceback in the log."""
    fonts = Path(settings.BASE_DIR) / "node_modules/@fontsource-variable/inter/files"
    command = [sys.executable, "-P", str(pdf_module._RENDERER), str(fonts)]
    child = subprocess.Popen(
        [*command, str(Path(settings.VAR) / "fonts"), "1400"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert child.stdout.readline() == b"ready\n"
    child.stdout.close()
    _, said = child.communicate(b'{"html": "<p>Hej</p>", "language": "sv", "tagged": true}\n')
    assert (child.returncode, said) == (0, b"")
