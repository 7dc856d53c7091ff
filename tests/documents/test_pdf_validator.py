"""The validator is young: 25 seeded defects must all be found, or its word is worth nothing."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from finsam.documents.pdf import render_pdf
from finsam.documents.pdf_check import UA, A, own_faults, validator_faults
from finsam.documents.pdf_tags import elements

SQUARE = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='40' height='40'%3E"
    "%3Crect width='40' height='40'/%3E%3C/svg%3E"
)
BODY = f"""<html lang="sv"><head><style>html {{ font-family: Inter }}</style></head><body>
<h1>Protokoll</h1><p><img alt="Förbundets märke" width="40" src="{SQUARE}"></p>
<h2>Beslut</h2><p>Se <a href="https://exempel.se/">beslutet</a>.</p>
<ul><li>Ett</li><li>Två</li></ul>
<table><thead><tr><th scope="col">Post</th><th scope="col">Sökt</th></tr></thead>
<tbody><tr><th scope="row">Lokal</th><td>12</td></tr><tr><th scope="row">Lön</th><td>30</td></tr>
</tbody></table></body></html>"""
Mutation = Callable[[pikepdf.Pdf], None]
MUTATIONS: dict[str, Mutation] = {}


def mutation(change: Mutation) -> Mutation:
    MUTATIONS[change.__name__] = change
    return change


def tagged(pdf: pikepdf.Pdf, role: str) -> list[Any]:
    return [tag for tag in elements(pdf.Root.StructTreeRoot) if str(tag.S) == f"/{role}"]


def fonts(pdf: pikepdf.Pdf) -> list[Any]:
    return [
        found
        for found in pdf.objects
        if isinstance(found, Dictionary) and found.get("/Type") == "/Font"
    ]


def change_xmp(pdf: pikepdf.Pdf, pattern: bytes, replacement: bytes = b"") -> None:
    old = pdf.Root.Metadata.read_bytes()
    new = re.sub(pattern, replacement, old, count=1, flags=re.DOTALL)
    assert new != old
    pdf.Root.Metadata.write(new)


@mutation
def language_missing(pdf):
    del pdf.Root.Lang


@mutation
def language_is_no_language(pdf):
    pdf.Root.Lang = String("på svenska!")


@mutation
def not_marked(pdf):
    del pdf.Root.MarkInfo


@mutation
def structure_missing(pdf):
    del pdf.Root.StructTreeRoot


@mutation
def parent_tree_missing(pdf):
    del pdf.Root.StructTreeRoot["/ParentTree"]


@mutation
def title_missing(pdf):
    change_xmp(pdf, rb"<dc:title>.*?</dc:title>")


@mutation
def title_not_shown(pdf):
    del pdf.Root.ViewerPreferences


@mutation
def ua_claim_missing(pdf):
    change_xmp(pdf, rb'pdfuaid:part="1"')


@mutation
def archive_claim_missing(pdf):
    change_xmp(pdf, rb'pdfaid:part="3"')


@mutation
def figure_without_alternative(pdf):
    del tagged(pdf, "Figure")[0]["/Alt"]


@mutation
def heading_level_skipped(pdf):
    tagged(pdf, "H2")[0].S = Name.H4


@mutation
def table_cell_as_paragraph(pdf):
    tagged(pdf, "TD")[0].S = Name.P


@mutation
def table_without_headers(pdf):
    for tag in tagged(pdf, "TH") + tagged(pdf, "TD"):
        for key in ("/A", "/ID"):
            if key in tag:
                del tag[key]


@mutation
def list_item_as_paragraph(pdf):
    tagged(pdf, "LI")[0].S = Name.P


@mutation
def unknown_role(pdf):
    tagged(pdf, "P")[0].S = Name("/Stycke")


@mutation
def role_in_a_circle(pdf):
    pdf.Root.StructTreeRoot.RoleMap = Dictionary({"/Aa": Name("/Bb"), "/Bb": Name("/Aa")})
    tagged(pdf, "P")[0].S = Name("/Aa")


@mutation
def content_without_tag(pdf):
    page = pdf.pages[0]
    page.contents_coalesce()
    old = page.obj.Contents.read_bytes()
    new = re.sub(rb"/Span\s+<</MCID 0>>\s+BDC(.*?)EMC", rb"\1", old, count=1, flags=re.DOTALL)
    assert new != old
    page.obj.Contents = pdf.make_stream(new)


@mutation
def link_without_description(pdf):
    for link in pdf.pages[0].obj.Annots:
        del link["/Contents"]


@mutation
def tab_order_missing(pdf):
    del pdf.pages[0].obj["/Tabs"]


@mutation
def letters_without_meaning(pdf):
    for font in fonts(pdf):
        if "/ToUnicode" in font:
            del font["/ToUnicode"]


@mutation
def font_not_in_the_file(pdf):
    for found in pdf.objects:
        if isinstance(found, Dictionary) and "/FontFile2" in found:
            del found["/FontFile2"]


@mutation
def script_when_opened(pdf):
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


@mutation
def program_when_opened(pdf):
    pdf.Root.OpenAction = Dictionary(S=Name.Launch, F=String("cmd.exe"))


@mutation
def colours_without_meaning(pdf):
    del pdf.Root.OutputIntents


@mutation
def file_without_relation(pdf):
    pdf.attachments["budget.txt"] = b"hej"


@pytest.fixture(scope="module")
def sound() -> bytes:
    return render_pdf(BODY, title="Protokoll 25 september 2023")


def saved(pdf: pikepdf.Pdf, **more: Any) -> bytes:
    out = io.BytesIO()
    pdf.save(out, **more)
    return out.getvalue()


def test_X08_there_are_25_defects_and_the_sound_file_has_none(sound):
    assert len(MUTATIONS) == 25
    assert validator_faults(sound, UA) == []
    assert validator_faults(sound, A) == []
    with pikepdf.open(io.BytesIO(sound)) as pdf:
        assert validator_faults(saved(pdf), UA) == []


@pytest.mark.parametrize("name", MUTATIONS)
def test_X08_each_defect_is_found(sound, name):
    with pikepdf.open(io.BytesIO(sound)) as pdf:
        MUTATIONS[name](pdf)
        changed = saved(pdf)
    assert validator_faults(changed, UA) or validator_faults(changed, A)


def test_X08_a_locked_file_is_no_archive_file(sound):
    with pikepdf.open(io.BytesIO(sound)) as pdf:
        locked = saved(pdf, encryption=pikepdf.Encryption(owner="ägare", user=""))
    assert validator_faults(locked, A)


def test_X08_what_is_no_pdf_is_told_not_raised():
    assert validator_faults(b"%PDF-1.7 nej", UA)


# --- our own eyes see what the validator lets through --------------------------------------


def title_says_nothing(pdf):
    pdf.docinfo["/Title"] = "dokument.pdf"
    change_xmp(pdf, rb"Protokoll 25 september 2023", b"dokument.pdf")


def alternative_is_a_file_name(pdf):
    tagged(pdf, "Figure")[0].Alt = String("IMG_2041.jpg")


def first_heading_is_of_level_two(pdf):
    tagged(pdf, "H1")[0].S = Name.H2


def heading_is_empty(pdf):
    heading = tagged(pdf, "H2")[0]
    heading.K = Array([])


def two_headers_share_an_id(pdf):
    first, second = tagged(pdf, "TH")[:2]
    second.ID = first.ID


def cell_names_a_header_that_is_not(pdf):
    tagged(pdf, "TD")[0].A.Headers = Array([String("ingen")])


def row_is_too_short(pdf):
    row = tagged(pdf, "TR")[1]
    row.K = Array(list(row.K)[:1])


def link_leads_nowhere(pdf):
    link = pdf.pages[0].obj.Annots[0]
    del link["/A"]
    link.Dest = String("ingenstans")


def content_has_two_owners(pdf):
    spans = tagged(pdf, "Span")
    spans[1].K = spans[0].K


@pytest.mark.parametrize(
    "change",
    [
        title_says_nothing,
        alternative_is_a_file_name,
        first_heading_is_of_level_two,
        heading_is_empty,
        two_headers_share_an_id,
        cell_names_a_header_that_is_not,
        row_is_too_short,
        link_leads_nowhere,
        content_has_two_owners,
    ],
)
def test_X07_our_own_checks_find_what_the_validator_does_not(sound, change):
    assert own_faults(sound) == []
    with pikepdf.open(io.BytesIO(sound)) as pdf:
        change(pdf)
        changed = saved(pdf)
    assert own_faults(changed)
