"""An association's own Word template and logo: checked, kept in versions, filled, taken back."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import docx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from finsam.documents.documents import identity_on_trial, render_document
from finsam.documents.letterhead_preview import sample_file, trial_file, trial_preview
from finsam.documents.letterheads import receive_letterhead, use_letterhead, use_portals_own
from finsam.documents.models import Letterhead, LetterheadPart
from finsam.documents.pdf_check import UA, A, validator_faults
from finsam.documents.uploads import Refused
from finsam.documents.word import WordDocument
from finsam.documents.word_letterhead import read_letterhead
from finsam.errors import NotAllowed
from finsam.jobs.work import run_waiting
from finsam.registry.models import Event
from tests.applications.word_files import resaved, with_part
from tests.conftest import is_refused
from tests.documents.kinds import SOURCE
from tests.documents.pictures import png
from tests.documents.test_word import HOSTILE
from tests.kept import kept

pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]
WORD, LOGO = LetterheadPart.WORD, LetterheadPart.LOGO


# Word parts a line into runs wherever it likes.
HEAD = ("Vårt eget: {", "{för", "bund}} · {{ SLAG }}", " {{nummer}}")


def a_template(**changes: Any) -> bytes:
    """A template as an association might make it: own heading style, head in pieces, a mark."""
    document = docx.Document()
    section = document.sections[0]
    section.page_width = Mm(210)
    section.left_margin = section.right_margin = Mm(changes.get("margin", 30))
    document.styles["Heading 1"].font.size = Pt(17)
    document.styles["Heading 1"].font.color.rgb = RGBColor(0xAA, 0x11, 0x22)
    head = section.header.paragraphs[0]
    for piece in changes.get(
        "head", ("Vårt eget: {", "{för", "bund}} · {{ SLAG }}", " {{nummer}}")
    ):
        head.add_run(piece).bold = True
    section.footer.paragraphs[0].text = "{{handling}}"
    for line in changes.get("body", ("Kansliet i Sjö", "{{innehåll}}")):
        document.add_paragraph(line)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def sent(data: bytes, name: str = "mall.docx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


@kept
def template(association, director) -> Letterhead:
    return receive_letterhead(
        association=association, part=WORD, file=sent(a_template()), actor=director
    )


@kept
def chosen(association, template, director):
    return use_letterhead(letterhead=template, actor=director)


def written(association: Any, text: str = "Ett stycke") -> Any:
    """A document in what the association uses, opened again."""
    word = WordDocument(identity_on_trial(association, "Prov på mall"))
    word.heading("1 Ärendet")
    word.paragraph(text)
    word.paragraphs("- en punkt")
    word.table(columns=[{"text": text}], rows=[[text]])
    return docx.Document(io.BytesIO(word.as_bytes()))


def test_what_a_template_holds_is_read_and_told():
    assert read_letterhead(a_template()) == {
        "fault": "",
        "unknown": [],
        "missing": ["Ingress", "Metarad", "Tabelltext", "Faktarad", "Beslut", "Att-sats",
                    "Underskrift"],
        "fields": ["förbund", "slag", "nummer", "handling"],
        "lacking": [],
        "pages": False,
    }  # fmt: skip


def test_the_sample_is_a_template_that_lacks_nothing(association):
    found = read_letterhead(sample_file(association))
    assert (found["fault"], found["missing"], found["lacking"], found["pages"]) == (
        "",
        [],
        [],
        True,
    )


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"head": ("{{fält}}",)}, "unknown_field"),
        ({"head": ("{{innehåll}}",)}, "content_misplaced"),
        ({"body": ("{{innehåll}}", "mer text")}, "content_misplaced"),
        ({"body": ("före {{innehåll}}",)}, "content_misplaced"),
        ({"margin": 60}, "too_narrow"),
    ],
)
def test_a_template_that_cannot_be_filled_is_refused_with_what_to_do(
    association, director, changes, fault
):
    with pytest.raises(Refused, match=r"lämna in mallen igen") as refused:
        receive_letterhead(
            association=association, part=WORD, file=sent(a_template(**changes)), actor=director
        )
    assert refused.value.code == fault
    assert not Letterhead.objects.exists()


def test_macros_are_refused_as_everywhere(association, director):
    with_macro = with_part(a_template(), "word/vbaProject.bin", "x")
    with pytest.raises(Refused) as refused:
        receive_letterhead(
            association=association, part=WORD, file=sent(with_macro), actor=director
        )
    assert refused.value.code == "macro"


def test_documents_are_filled_into_the_template_that_was_chosen(chosen):
    opened = written(chosen)
    head = opened.sections[0].header.paragraphs[0]
    assert head.text == f"Vårt eget: {chosen.name} · Prov SFS 0000/0"
    assert [paragraph.text for paragraph in opened.paragraphs][:3] == [
        "Kansliet i Sjö", "1 Ärendet", "Ett stycke",
    ]  # fmt: skip
    style = opened.styles["Heading 1"]
    assert (style.font.size, str(style.font.color.rgb)) == (Pt(17), "AA1122")
    assert opened.tables[0].rows[0].cells[0].paragraphs[0].style.name == "Tabelltext"
    assert round(opened.tables[0].columns[0].width.mm) == 150


def test_lists_that_the_template_lacks_come_with_their_numbering(association, director):
    with zipfile.ZipFile(io.BytesIO(a_template())) as parts:
        styles = parts.read("word/styles.xml").decode()
    bare = re.sub(r'<w:style [^>]*w:styleId="List[^"]*".*?</w:style>', "", styles, flags=re.DOTALL)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(a_template())) as old, zipfile.ZipFile(out, "w") as made:
        for entry in old.infolist():
            if entry.filename != "word/numbering.xml":
                data = old.read(entry.filename)
                if entry.filename == "word/styles.xml":
                    data = bare.encode()
                elif entry.filename == "word/_rels/document.xml.rels":
                    data = re.sub(rb"<Relationship [^>]*numbering[^>]*/>", b"", data)
                elif entry.filename == "[Content_Types].xml":
                    data = re.sub(rb"<Override [^>]*numbering[^>]*/>", b"", data)
                made.writestr(entry, data)
    assert read_letterhead(out.getvalue())["missing"][:3] == [
        "Ingress", "Metarad", "List Bullet",
    ]  # fmt: skip
    made_of = receive_letterhead(
        association=association, part=WORD, file=sent(out.getvalue()), actor=director
    )
    opened = written(use_letterhead(letterhead=made_of, actor=director))
    style = opened.styles["List Bullet"]
    number = style.element.pPr.numPr.numId.val
    kept = next(one for one in opened.part.numbering_part.element.num_lst if one.numId == number)
    abstract = next(
        one for one in opened.part.numbering_part.element.findall(qn("w:abstractNum"))
        if one.get(qn("w:abstractNumId")) == str(kept.abstractNumId.val)
    )  # fmt: skip
    assert abstract.find(qn("w:lvl")).find(qn("w:numFmt")).get(qn("w:val")) == "bullet"


def test_I04_hostile_text_stands_in_an_own_template_as_it_was_written(chosen):
    for text in [*HOSTILE, "{{nummer}}", "{{ slag }}"]:
        chosen.name = text
        opened = written(chosen, f"före {text} efter")
        kept = re.sub("[\x00\x0b\ud800\ufffe]", "\ufffd", text)
        assert opened.paragraphs[2].text == f"före {kept} efter"
        assert opened.sections[0].header.paragraphs[0].text.startswith(f"Vårt eget: {kept} · ")


def test_versions_are_kept_and_the_portals_own_comes_back(association, template, director):
    other = a_template(margin=25)
    second, again = (
        receive_letterhead(association=association, part=WORD, file=sent(other), actor=director)
        for _ in range(2)
    )
    assert (template.number, second.number, again) == (1, 2, second)
    used = use_letterhead(letterhead=second, actor=director)
    assert used.word_template == second.file.sha256
    assert use_letterhead(letterhead=template, actor=director).word_template == template.file.sha256
    back = use_portals_own(association=association, part=WORD, actor=director)
    assert use_portals_own(association=association, part=WORD, actor=director).word_template == ""
    assert written(back).sections[0].header.paragraphs[0].text.startswith(association.name)
    told = Event.objects.filter(action__startswith="letterhead").order_by("pk")
    assert [event.payload["number"] for event in told] == [1, 2, 2, 1, None]
    assert is_refused("UPDATE documents_letterhead SET number = 9")


def test_only_director_and_administrator_set_it(association, template, officer, foreign_director):
    for person in (officer, foreign_director):
        with pytest.raises(NotAllowed):
            use_letterhead(letterhead=template, actor=person)


def test_the_logo_stands_on_pages_and_on_documents(association, director, sign_in, client):
    file = sent(png(300, 100), "logga.png")
    logo = receive_letterhead(association=association, part=LOGO, file=file, actor=director)
    used = use_letterhead(letterhead=logo, actor=director)
    source = {**SOURCE, **identity_on_trial(used, "Prov på logotyp")}
    pdf = render_document("documents/plain.html", source)
    assert validator_faults(pdf, UA) == [] == validator_faults(pdf, A)
    assert b"/Image" in pdf
    picture = WordDocument(source).document.sections[0].header._element.iter(qn("wp:docPr"))
    assert [one.get("descr") for one in picture] == [f"Logotyp för {used.name}"]
    address = reverse("documents:logo", args=["sjo", used.logo])
    page = sign_in(director).get(reverse("documents:letterheads", args=["sjo"])).content.decode()
    assert page.count(f'src="{address}"') == 2
    shown = client.get(address)
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/png")
    assert client.get(reverse("documents:logo", args=["sjo", "0" * 64])).status_code == 404


def test_a_logo_too_small_or_too_slender_is_refused(association, director):
    for width, height in ((40, 40), (900, 70)):
        with pytest.raises(Refused) as refused:
            receive_letterhead(
                association=association, part=LOGO, file=sent(png(width, height), "l.png"),
                actor=director,
            )  # fmt: skip
        assert refused.value.code == "unfit_logo"


def test_the_page_takes_in_tries_out_and_chooses(association, director, sign_in):
    client = sign_in(director)
    home = reverse("documents:letterheads", args=["sjo"])
    refused = client.post(home, {"part": "word", "file": sent(b"x", "mall.docx")})
    assert refused.status_code == 422
    assert client.post(home, {"part": "word", "file": sent(a_template())}).status_code == 302
    tried = client.get(reverse("documents:letterhead_trial", args=["sjo", 1]))
    assert docx.Document(io.BytesIO(tried.content)).paragraphs[0].text == "Kansliet i Sjö"
    choose = reverse("documents:choose_letterhead", args=["sjo"])
    assert client.post(choose, {"part": "word", "number": "1"}).status_code == 302
    association.refresh_from_db()
    assert association.word_template == Letterhead.objects.get().file.sha256
    assert client.post(choose, {"part": "word", "number": ""}).status_code == 302
    association.refresh_from_db()
    assert association.word_template == ""
    assert client.post(choose, {"part": "word", "number": "7"}).status_code == 404
    sample = client.get(reverse("documents:letterhead_sample", args=["sjo"]))
    assert "{{innehåll}}" in docx.Document(io.BytesIO(sample.content)).paragraphs[0].text


@pytest.mark.slow
def test_X09_a_document_in_an_own_template_comes_back_whole_from_libreoffice(template, tmp_path):
    made = trial_file(template)
    was, back = (docx.Document(io.BytesIO(data)) for data in (made, resaved(made, tmp_path)))
    for document in (was, back):
        assert document.sections[0].header.paragraphs[0].text.startswith("Vårt eget: ")
    kept = {"Title", "Heading 1", "Heading 2", "Beslut", "Att-sats", "List Bullet"}
    styled = [
        [(one.style.name, one.text) for one in document.paragraphs if one.style.name in kept]
        for document in (was, back)
    ]
    assert styled[0] == styled[1]
    assert len(styled[0]) == 10
    preview = trial_preview(template, template.made_by)
    run_waiting()
    preview.refresh_from_db()
    assert preview.made is None or bytes(preview.made).startswith(b"%PDF")
