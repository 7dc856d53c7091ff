from __future__ import annotations

import io
import re
import shutil
from dataclasses import replace
from typing import Any

import pikepdf
import pytest
from django.template.loader import render_to_string
from pikepdf import Dictionary, Name

from finsam.documents import annexes, caged, office, render_cache
from finsam.documents.annexes import prepare_annex
from finsam.documents.look import look_of
from finsam.documents.packet import (
    PacketChange,
    PacketDocument,
    PacketFile,
    PacketPart,
    assemble_packet,
)
from finsam.documents.pdf import render_pdf, render_section
from finsam.documents.pdf_check import UA, A, headings_of, own_faults, validator_faults
from finsam.documents.pdf_claims import Claims, claims_of
from finsam.documents.pdf_merge import Section, join_tagged
from finsam.documents.pdf_text import page_text
from tests.documents.kinds import SOURCE
from tests.documents.pictures import jpeg
from tests.documents.test_pdf import ABOUT

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LOOK = look_of("#0b5d57")
LATER = "2023-09-20T08:00:00+00:00"
PACKET: dict[str, Any] = {
    **ABOUT,
    "document": {
        **ABOUT["document"],
        "title": "Beslutspaket styrelsen 25 september 2023",
        "kind_label": "Beslutspaket",
        "number": "",
        "version": 1,
    },
}


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch, tmp_path):
    monkeypatch.setattr(render_cache, "_folder", lambda: tmp_path)


@pytest.fixture(scope="module")
def memo() -> bytes:
    html = render_to_string("documents/plain.html", {**SOURCE, **ABOUT})
    return render_pdf(html, title="Beslutsunderlag")


def foreign_pdf(pages: int = 2, *, width: int = 595, height: int = 842, rotate: int = 0) -> bytes:
    """What an applicant's old program writes: no tags, a font that is not in the file."""
    pdf = pikepdf.new()
    font = pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type1,
            BaseFont=Name.Helvetica,
            Encoding=Name.WinAnsiEncoding,
        )
    )
    for number in range(1, pages + 1):
        page = pdf.add_blank_page(page_size=(width, height))
        page.obj.Resources = Dictionary(Font=Dictionary(F1=font))
        text = f"Hyresavtal f\\366r lokalen, sida {number}"
        page.obj.Contents = pdf.make_stream(
            f"/Span <</MCID 0>> BDC BT /F1 14 Tf 72 700 Td ({text}) Tj ET EMC".encode()
        )
        if rotate:
            page.obj.Rotate = rotate
    return saved(pdf)


def saved(pdf: pikepdf.Pdf, **more: Any) -> bytes:
    out = io.BytesIO()
    pdf.save(out, **more)
    return out.getvalue()


def a_packet(memo: bytes, **changes: Any) -> bytes:
    parts = [
        PacketPart("1", "Sammanträdet öppnas", "Formalia"),
        PacketPart("2", "Val av justerare", "Formalia", clauses=["utse ledamoten för Ronneby"]),
        PacketPart(
            "3",
            "Hållplatsen, individinsats 2024",
            "Beslut",
            "SFB 2023/38",
            "förbundschefen",
            intro="Styrelsen föreslås besluta",
            clauses=["bevilja 1 850 000 kronor"],
            documents=[
                PacketDocument("Beslutsunderlag Hållplatsen", memo, is_tagged=True),
                PacketDocument("Lokalen", jpeg(), "lokalen.jpg", origin="inlämnad av kommunen"),
            ],
            files=[PacketFile("budget.xlsx", b"PK budget 3", XLSX, "Budget för Hållplatsen")],
        ),
        PacketPart(
            "4",
            "Steget vidare, individinsats 2024",
            "Beslut",
            documents=[
                PacketDocument(
                    "Beslutsunderlag Steget",
                    memo,
                    is_tagged=True,
                    marks=[("Budget", "2 Ekonomi"), ("Saknas", "Ingen sådan rubrik")],
                )
            ],
            files=[PacketFile("budget.xlsx", b"PK budget 4", XLSX)],
        ),
    ]
    arguments: dict[str, Any] = {"source": PACKET, "facts": [("Organ", "Styrelsen")]}
    return assemble_packet(parts, **(arguments | changes))


@pytest.fixture(scope="module")
def packet(memo: bytes, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("rendered")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(render_cache, "_folder", lambda: folder)
        return a_packet(memo)


def test_X06_a_packet_is_ua_and_archive_in_one(packet):
    assert validator_faults(packet, UA) == []
    assert validator_faults(packet, A) == []


def test_X07_a_packet_reads_well_where_no_validator_looks(packet):
    assert own_faults(packet) == []


def test_a_packet_has_cover_agenda_and_each_document_on_a_new_page(packet, memo):
    with pikepdf.open(io.BytesIO(packet)) as pdf:
        texts = [page_text(page).replace("\u00a0", " ") for page in pdf.pages]
        labels = pdf.Root.PageLabels.Nums
        found = [(int(at), str(label.get("/P", "")), int(label.St)) for at, label in
                 zip(labels[::2], labels[1::2], strict=True)]  # fmt: skip
    with pikepdf.open(io.BytesIO(memo)) as pdf:
        memo_pages = len(pdf.pages)
    assert found == [
        (0, "", 1), (2, "3:", 1), (3, "3:", 2), (3 + memo_pages, "3:", 2 + memo_pages),
        (4 + memo_pages, "4:", 1), (5 + memo_pages, "4:", 2),
    ]  # fmt: skip
    assert "Beslutspaket styrelsen 25 september 2023" in texts[0]
    assert "Dagordning" in texts[1]
    assert "Förslag: att utse ledamoten för Ronneby" in texts[1]
    assert "Punkt 3" in texts[2]
    assert "Dnr SFB 2023/38-7" in texts[3]
    picture = 3 + memo_pages
    assert "Lokalen" in texts[picture]
    assert "Punkt 4" in texts[picture + 1]
    assert len(texts) == picture + 2 + memo_pages


def test_every_page_bears_its_running_number_and_item_pages_their_item(packet):
    with pikepdf.open(io.BytesIO(packet)) as pdf:
        texts = [page_text(page).replace("\u00a0", " ") for page in pdf.pages]
    total = len(texts)
    for number, text in enumerate(texts, 1):
        assert f"25 september 2023 · sida {number} av {total}" in text
    assert texts[2].endswith("\n3")
    assert texts[-1].endswith("\n4")
    assert texts[1].endswith(f"av {total}")


def test_the_agenda_links_to_items_and_documents_and_items_link_back(packet):
    with pikepdf.open(io.BytesIO(packet)) as pdf:
        numbers = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
        links = {
            page: [numbers[link.Dest[0].objgen] for link in pdf.pages[page].obj.Annots]
            for page in (1, 2)
        }
        texts = [page_text(page) for page in pdf.pages]
    assert texts[links[1][0]].startswith("Punkt 3")
    assert links[1][0] == 2
    assert links[1][1] == 3
    assert links[2][-1] == 1
    assert links[2][0] == 3


def test_bookmarks_have_two_levels(packet):
    with pikepdf.open(io.BytesIO(packet)) as pdf, pdf.open_outline() as outline:
        found = [(item.title, [child.title for child in item.children]) for item in outline.root]
        budget = outline.root[-1].children[1].destination
        text = page_text(pikepdf.Page(budget[0])).replace("\u00a0", " ")
    assert "2 Ekonomi" in text
    assert float(budget[3]) > 0
    assert found == [
        ("Beslutspaket styrelsen 25 september 2023", []),
        ("Dagordning", []),
        ("3 Hållplatsen, individinsats 2024", ["Beslutsunderlag Hållplatsen", "Lokalen"]),
        ("4 Steget vidare, individinsats 2024", ["Beslutsunderlag Steget", "Budget"]),
    ]


def test_budgets_lie_in_the_packet_as_files_each_under_a_name_of_its_own(packet):
    with pikepdf.open(io.BytesIO(packet)) as pdf:
        files = {name: pdf.attachments[name].get_file().read_bytes() for name in pdf.attachments}
    assert files == {"budget.xlsx": b"PK budget 3", "budget (2).xlsx": b"PK budget 4"}


def test_the_same_parts_give_the_same_packet_and_only_what_changed_is_rendered(memo, monkeypatch):
    first = a_packet(memo)
    rendered: list[str] = []
    real = render_section

    def counting(html: str, **more: Any) -> bytes:
        rendered.append(more["title"])
        return real(html, **more)

    monkeypatch.setattr("finsam.documents.packet_items.render_section", counting)
    monkeypatch.setattr("finsam.documents.annexes.render_section", counting)
    assert a_packet(memo) == first
    assert rendered == []
    second = {**PACKET, "document": {**PACKET["document"], "version": 2, "made_at": LATER}}
    change = PacketChange("4", "Steget vidare", "Ny version: Beslutsunderlag.")
    changed = a_packet(memo, source=second, changes=[change], since=1)
    assert set(rendered) == {
        "Beslutspaket styrelsen 25 september 2023",
        "Dagordning Beslutspaket styrelsen 25 september 2023",
        "Ändrat sedan version 1",
    }
    with pikepdf.open(io.BytesIO(changed)) as pdf:
        text = page_text(pdf.pages[1])
        numbers = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
        [link] = pdf.pages[1].obj.Annots
        assert "Punkt 4" in page_text(pdf.pages[numbers[link.Dest[0].objgen]])
    assert "Ändrat sedan version 1" in text
    assert "Ny version: Beslutsunderlag." in text
    assert validator_faults(changed, UA) == []
    assert own_faults(changed) == []


def test_a_front_of_many_pages_is_laid_out_once_when_the_packet_is_made_anew(memo, monkeypatch):
    parts = [
        PacketPart("1", "Steget", "Beslut", documents=[PacketDocument("Memo", memo, "", True)])
    ]
    clauses = ["fastställa förslaget"] * 3
    parts += [PacketPart(str(at), f"Ärende {at}", "Beslut", clauses=clauses) for at in range(2, 32)]
    first = assemble_packet(parts, source=PACKET)
    rendered: list[str] = []

    def counting(html: str, *, title: str) -> bytes:
        rendered.append(title)
        return render_section(html, title=title)

    monkeypatch.setattr("finsam.documents.packet_items.render_section", counting)
    second = {**PACKET, "document": {**PACKET["document"], "version": 2, "made_at": LATER}}
    again = assemble_packet(parts, source=second)
    title = "Beslutspaket styrelsen 25 september 2023"
    assert rendered == [title]
    with pikepdf.open(io.BytesIO(first)) as before, pikepdf.open(io.BytesIO(again)) as after:
        assert len(before.pages) == len(after.pages)
        assert page_text(after.pages[2])


def references(packet: bytes) -> dict[str, str]:
    """The text of every page of an item by its reference, without the running number."""
    with pikepdf.open(io.BytesIO(packet)) as pdf:
        found = {}
        for page in pdf.pages:
            text = page_text(page).replace("\u00a0", " ")
            stamp = re.search(r"(?:(\d+:\d+) · )?\S.* · sida \d+ av \d+", text)
            if stamp and stamp.group(1):
                found[stamp.group(1)] = text[: stamp.start()]
    return found


def test_references_hold_when_an_annex_is_added_to_another_item(memo):
    def with_annexes(count: int) -> bytes:
        parts = [
            PacketPart(number, f"Ärende {number}", documents=[
                PacketDocument("Beslutsunderlag", memo, is_tagged=True),
                *(PacketDocument(f"Bilaga {at}", jpeg(), f"{at}.jpg")
                  for at in range(count if number == "1" else 1)),
            ])
            for number in ("1", "2", "3")
        ]  # fmt: skip
        return assemble_packet(parts, source=PACKET)

    before, after = references(with_annexes(1)), references(with_annexes(3))
    assert len(after) == len(before) + 2
    pages = {name: text for name, text in before.items() if name != "1:1"}
    assert {name: after[name] for name in pages} == pages


def test_an_extract_keeps_the_references_of_the_whole(memo):
    documents = [
        PacketDocument("Beslutsunderlag", memo, is_tagged=True),
        PacketDocument("Lokalen", jpeg(), "lokalen.jpg"),
    ]
    parts = [
        PacketPart("1", "Första", documents=documents),
        PacketPart("2", "Andra", documents=documents),
    ]
    whole = references(assemble_packet(parts, source=PACKET))
    parts = [
        PacketPart("1", "Första", documents=documents, withheld="Du har anmält jäv."),
        PacketPart("2", "Andra", documents=[replace(documents[0], is_shown=False), documents[1]]),
    ]
    made = assemble_packet(parts, source=PACKET)
    part = references(made)
    assert set(part) == {"2:1", max(whole)}
    assert part[max(whole)] == whole[max(whole)]
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert len(pdf.pages) == 4
        assert "Du har anmält jäv." in page_text(pdf.pages[1])
    assert validator_faults(made, UA) == []
    assert own_faults(made) == []


def test_the_maker_tells_item_by_item_how_far_it_is(memo):
    told: list[tuple[int, str]] = []
    a_packet(memo, report=lambda percent, text: told.append((percent, text)))
    assert [text for _, text in told[:4]] == [
        "Ärende 1 av 4 är klart: Sammanträdet öppnas",
        "Ärende 2 av 4 är klart: Val av justerare",
        "Ärende 3 av 4 är klart: Hållplatsen, individinsats 2024",
        "Ärende 4 av 4 är klart: Steget vidare, individinsats 2024",
    ]
    assert [percent for percent, _ in told] == sorted(percent for percent, _ in told)


def test_a_packet_with_an_annex_whose_font_is_missing_claims_less_and_nothing_untrue(monkeypatch):
    monkeypatch.setattr(annexes, "with_fonts_inside", lambda _data: None)
    part = PacketPart(
        "5", "Ett ärende", documents=[PacketDocument("Hyresavtal", foreign_pdf(), "avtal.pdf")]
    )
    made = assemble_packet([part], source=PACKET)
    with pikepdf.open(io.BytesIO(made)) as pdf:
        xmp = pdf.Root.Metadata.read_bytes()
        text = "\n".join(page_text(page) for page in pdf.pages)
    assert b"pdfuaid:part" not in xmp
    assert b"pdfaid:part" not in xmp
    assert "Hyresavtal för lokalen, sida 2" in text
    assert own_faults(made) == []


@pytest.mark.skipif(shutil.which("pdftocairo") is None, reason="no Poppler")
def test_X06_fonts_that_an_annex_lacks_are_put_in_so_that_the_packet_can_be_kept():
    part = PacketPart(
        "5", "Ett ärende", documents=[PacketDocument("Hyresavtal", foreign_pdf(), "avtal.pdf")]
    )
    made = assemble_packet([part], source=PACKET)
    assert claims_of(made) == Claims(ua=True, archive="A")
    assert own_faults(made) == []
    with pikepdf.open(io.BytesIO(made)) as pdf:
        text = "\n".join(page_text(page) for page in pdf.pages)
    assert "Hyresavtal för lokalen, sida 2" in text


def prepared(data: bytes, name: str, **more: Any) -> annexes.Prepared:
    return prepare_annex(
        data=data,
        name=name,
        title="Hyresavtal",
        origin="Punkt 5 · inlämnad av kommunen",
        look=LOOK,
        **more,
    )


def figures_of(data: bytes) -> list[str]:
    from finsam.documents.pdf_tags import elements

    with pikepdf.open(io.BytesIO(data)) as pdf:
        tags = elements(pdf.Root.StructTreeRoot)
        return [str(tag.Alt) for tag in tags if str(tag.S) == "/Figure"]


def test_an_untagged_annex_becomes_figures_whose_alternative_is_their_text():
    annex = prepared(foreign_pdf(3), "avtal.pdf")
    assert figures_of(annex.pdf) == [
        f"Sida {number} av bilagan. Texten på sidan: Hyresavtal för lokalen, sida {number}"
        for number in (1, 2, 3)
    ]
    assert headings_of(annex.pdf)[0].text == "Hyresavtal"
    assert own_faults(annex.pdf) == []
    assert all("FONT" in fault for fault in validator_faults(annex.pdf, UA))


def test_a_tagged_annex_keeps_its_tags(memo):
    annex = prepared(memo, "underlag.pdf")
    assert headings_of(annex.pdf) == headings_of(memo)
    assert not annex.embed_original


@pytest.mark.parametrize(
    ("width", "height", "rotate", "is_wide"),
    [(842, 595, 0, True), (595, 842, 90, True), (842, 595, 90, False), (2384, 3370, 0, False)],
)
def test_a_page_of_any_size_and_turn_is_fitted_upright(width, height, rotate, is_wide):
    annex = prepared(foreign_pdf(1, width=width, height=height, rotate=rotate), "ritning.pdf")
    with pikepdf.open(io.BytesIO(annex.pdf)) as pdf:
        _, _, across, up = (float(side) for side in pdf.pages[0].mediabox)
    assert (across > up) is is_wide
    assert round(min(across, up)) == 595


def test_a_picture_is_placed_on_a_page_of_its_shape():
    annex = prepared(jpeg(1200, 500), "lokalen.jpg")
    assert validator_faults(annex.pdf, UA) == []
    assert validator_faults(annex.pdf, A) == []
    assert figures_of(annex.pdf) == ["Bild som har lämnats in som bilaga med rubriken Hyresavtal."]
    with pikepdf.open(io.BytesIO(annex.pdf)) as pdf:
        _, _, across, up = (float(side) for side in pdf.pages[0].mediabox)
        assert across > up
        assert len(pdf.pages) == 1


def test_a_picture_tells_nothing_of_where_it_was_taken():
    from PIL import Image

    data = Image.Exif()
    data[0x010E] = "Hemlig plats"
    annex = prepared(jpeg(exif=data.tobytes()), "foto.jpg")
    with pikepdf.open(io.BytesIO(annex.pdf)) as pdf:
        streams = [found for found in pdf.objects if isinstance(found, pikepdf.Stream)]
        assert all(b"Hemlig plats" not in stream.read_raw_bytes() for stream in streams)


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"%PDF-1.4 nonsense", "avtal.pdf", "Bilagan kan inte läsas"),
        (b"not a picture", "foto.png", "Bilagan kan inte läsas"),
        (b"PK\x03\x04", "arkiv.zip", "Bilagan visas inte på papper"),
        (b"PK\x03\x04", "budget.xlsx", "Bilagan är en Office-fil"),
    ],
)
def test_an_annex_that_cannot_be_shown_gets_a_page_that_says_so(data, name, words):
    annex = prepared(data, name)
    assert annex.embed_original
    with pikepdf.open(io.BytesIO(annex.pdf)) as pdf:
        text = page_text(pdf.pages[0])
    assert words in text
    assert name in text
    assert validator_faults(annex.pdf, UA) == []


def test_a_locked_annex_gets_a_page_that_says_so():
    with pikepdf.open(io.BytesIO(foreign_pdf(1))) as pdf:
        locked = saved(pdf, encryption=pikepdf.Encryption(owner="a", user="b"))
    annex = prepared(locked, "avtal.pdf")
    assert annex.embed_original
    with pikepdf.open(io.BytesIO(annex.pdf)) as pdf:
        assert "Bilagan är låst med lösenord" in page_text(pdf.pages[0])


def test_an_annex_that_hides_layers_is_not_laid_bare():
    with pikepdf.open(io.BytesIO(foreign_pdf(1))) as pdf:
        layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=pikepdf.String("Internt")))
        pdf.Root.OCProperties = Dictionary(
            OCGs=pikepdf.Array([layer]), D=Dictionary(OFF=pikepdf.Array([layer]))
        )
        hiding = saved(pdf)
    annex = prepared(hiding, "ritning.pdf")
    with pikepdf.open(io.BytesIO(annex.pdf)) as pdf:
        assert "Bilagan har dolda lager" in page_text(pdf.pages[0])


def test_scripts_and_files_of_an_annex_stay_outside(memo):
    with pikepdf.open(io.BytesIO(foreign_pdf(1))) as pdf:
        pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
        pdf.attachments["virus.exe"] = b"MZ"
        hostile = saved(pdf)
    part = PacketPart("1", "Ett ärende", documents=[PacketDocument("Bilaga", hostile, "b.pdf")])
    made = assemble_packet([part], source=PACKET)
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert not pdf.attachments
        assert "/OpenAction" not in pdf.Root
        assert not any(isinstance(found, Dictionary) and "/JS" in found for found in pdf.objects)


def test_without_a_cage_no_office_file_is_opened(monkeypatch):
    monkeypatch.setattr(caged, "network_cage", lambda: None)
    assert office.pdf_of_office_file(b"PK", "docx") is None


@pytest.mark.skipif(
    shutil.which("soffice") is None or caged.network_cage() is None,
    reason="no LibreOffice that can be shut in",
)
def test_a_word_file_is_converted_and_goes_along(memo):
    from tests.documents.test_word import a_document

    annex = prepared(a_document(), "ansokan.docx")
    assert annex.embed_original
    with pikepdf.open(io.BytesIO(annex.pdf)) as pdf:
        assert "Hållplatsen" in "\n".join(page_text(page) for page in pdf.pages)
    part = PacketPart("1", "Ett", documents=[PacketDocument("Ansökan", a_document(), "a.docx")])
    made = assemble_packet([part], source=PACKET)
    assert validator_faults(made, UA) == []
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert list(pdf.attachments) == ["a.docx"]


def test_a_file_without_tags_is_not_joined():
    with pytest.raises(ValueError, match="has no tags"):
        join_tagged([Section("Utan", foreign_pdf(1))])


def test_joining_keeps_every_mark_of_forty_documents(memo):
    with join_tagged([Section(f"Del {number}", memo) for number in range(40)]) as pdf:
        from finsam.documents.pdf_bytes import describe, written

        describe(pdf, title="Fyrtio delar", language="sv")
        made = written(pdf)
    assert validator_faults(made, UA) == []
    assert validator_faults(made, A) == []
    assert headings_of(made) == headings_of(memo) * 40
