from __future__ import annotations

import io
import re
import time
import zipfile
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn

from finsam.documents.word import WordDocument
from finsam.documents.word_order import SEQUENCES
from tests.applications.word_files import resaved
from tests.documents.test_pdf import ABOUT

HOSTILE = [
    "{{ 7*7 }}", "{% if x %}", "<w:p>", "]]>", "a\x00b", "a\ud800b", "&amp;", "<script>",
    "=HYPERLINK(1)", "\u202eomvänd", "x\x0by", "«»", "’”", "\ufffe", "{{ ''.__class__ }}",
    "${x}", "<!--", "-->", "%s", "\\n",
]  # fmt: skip
COLUMNS = [{"text": "Post"}, {"text": "Före", "numeric": True}, {"text": "Efter", "numeric": True}]


def a_document() -> bytes:
    word = WordDocument(ABOUT)
    word.meta("Till styrelsen 25 september 2023", "Dnr SFB 2023/38-7")
    word.title(ABOUT["document"]["title"])
    word.ingress("Karlshamns kommun söker 1 950 000 kronor.")
    word.contents()
    word.heading("1 Förslag till beslut")
    word.decision("Styrelsen föreslås besluta", ["bevilja 1 850 000 kronor", "a", "b"])
    word.heading("Parter", level=2)
    word.facts([("Sökande", "Karlshamns kommun"), ("Parter", ["Ett", "Två"]), ("Tom", "")])
    word.paragraphs("Ett stycke.\nNy rad.\n\n- en punkt\n- en till")
    word.rich("<p>En <strong>fet</strong> och <em>kursiv</em></p><ul><li>Ett</li></ul>")
    word.heading("2 Ekonomi")
    rows = [["Ram", 9_000_000, 9_000_000], ["Beviljat", 0, 1_850_000]]
    word.table(
        caption="Ramen, kronor", columns=COLUMNS, rows=rows, total=["Kvar", 9_000_000, 7_150_000]
    )
    word.signatures(
        [
            {
                "name": "Anna Exempelsson",
                "role": "Ordförande",
                "organisation": "Region Blekinge",
                "at": "2023-10-02T08:11:00+00:00",
            },
            {"role": "Justerare"},
        ]
    )
    return word.as_bytes()


@pytest.fixture(scope="module")
def opened() -> Any:
    return docx.Document(io.BytesIO(a_document()))


def test_X09_headings_are_styles_and_come_in_order(opened):
    headings = [
        (paragraph.style.name, paragraph.text)
        for paragraph in opened.paragraphs
        if paragraph.style.name.startswith(("Heading", "Title"))
    ]
    assert headings == [
        ("Title", ABOUT["document"]["title"]),
        ("Heading 1", "1 Förslag till beslut"),
        ("Heading 2", "Parter"),
        ("Heading 1", "2 Ekonomi"),
    ]


def test_X09_the_language_is_swedish_and_the_title_is_the_title(opened):
    properties = opened.core_properties
    assert (properties.title, properties.language) == (ABOUT["document"]["title"], "sv-SE")
    assert properties.author == "Samordningsförbundet i Blekinge"
    languages = {lang.get(qn("w:val")) for lang in opened.styles.element.iter(qn("w:lang"))}
    assert languages == {"sv-SE"}


def test_X09_a_table_has_a_head_row_that_is_repeated_and_sums_at_the_right(opened):
    table = opened.tables[1]
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert [cell.text for cell in table.rows[-1].cells] == [
        "Kvar", "9\u00a0000\u00a0000", "7\u00a0150\u00a0000",
    ]  # fmt: skip
    alignments = {cell.paragraphs[0].alignment for cell in table.columns[1].cells}
    assert [str(alignment) for alignment in alignments] == ["RIGHT (2)"]
    caption = table._tbl.tblPr.find(qn("w:tblCaption"))
    assert caption.get(qn("w:val")) == "Ramen, kronor"


def test_head_and_foot_say_whose_document_it_is_and_count_pages(opened):
    section = opened.sections[0]
    assert section.header.paragraphs[0].text == "Samordningsförbundet i Blekinge\tBESLUTSUNDERLAG"
    foot = section.footer.paragraphs[0]
    assert foot.text.startswith("Dnr SFB 2023/38-7 · Arbetsexemplar av handling K7QF-2M9D")
    codes = [code.text.strip() for code in foot._p.iter(qn("w:instrText"))]
    assert codes == ["PAGE", "NUMPAGES"]


def test_the_table_of_contents_is_a_field_that_shows_the_headings(opened):
    fields = [
        paragraph
        for paragraph in opened.paragraphs
        if any("TOC" in code.text for code in paragraph._p.iter(qn("w:instrText")))
    ]
    assert len(fields) == 1
    field = fields[0]
    code = next(iter(field._p.iter(qn("w:instrText")))).text
    assert code.split()[:3] == ["TOC", "\\o", '"1-2"']
    assert "1 Förslag till beslut" in field.text
    assert "    Parter" in field.text


def test_the_decision_is_written_as_att_clauses(opened):
    clauses = [
        paragraph.text for paragraph in opened.paragraphs if paragraph.style.name == "Att-sats"
    ]
    assert clauses == ["att\tbevilja 1\u00a0850\u00a0000\u00a0kronor,", "att\ta, samt", "att\tb."]


def test_rich_text_keeps_its_weight_and_lists(opened):
    runs = [run for paragraph in opened.paragraphs for run in paragraph.runs]
    assert [run.text for run in runs if run.bold and "fet" in run.text] == ["fet"]
    assert [run.text for run in runs if run.italic] == ["kursiv"]
    bullets = [p.text for p in opened.paragraphs if p.style.name == "List Bullet"]
    assert bullets == ["en punkt", "en till", "Ett"]


def test_a_signature_says_who_when_and_how(opened):
    cells = opened.tables[2].rows[0].cells
    assert cells[0].text == (
        "Anna Exempelsson\nOrdförande, Region Blekinge\n"
        "Signerat elektroniskt 2\u00a0oktober 2023 kl.\u00a010.11"
    )
    assert cells[2].text == "Justerare"


def test_properties_stand_in_the_order_that_word_demands():
    with zipfile.ZipFile(io.BytesIO(a_document())) as parts:
        document = docx.Document(io.BytesIO(a_document()))
        assert "word/document.xml" in parts.namelist()
    for parent, names in SEQUENCES.items():
        rank = {qn(f"w:{name}"): place for place, name in enumerate(names.split())}
        for element in document.element.iter(qn(parent)):
            places = [rank[child.tag] for child in element]
            assert places == sorted(places)


def test_the_same_source_gives_the_same_bytes():
    first = a_document()
    time.sleep(2.1)
    assert a_document() == first


@pytest.mark.parametrize("text", HOSTILE)
def test_I04_hostile_text_stands_there_as_it_was_written(text):
    word = WordDocument(ABOUT)
    word.paragraph(f"före {text} efter")
    word.table(columns=[{"text": text}], rows=[[text]])
    opened = docx.Document(io.BytesIO(word.as_bytes()))
    kept = re.sub("[\x00\x0b\ud800\ufffe]", "\ufffd", text)
    assert opened.paragraphs[0].text == f"före {kept} efter"
    assert opened.tables[0].rows[0].cells[0].text == kept


@pytest.mark.slow
def test_X09_a_word_file_comes_back_whole_from_libreoffice(tmp_path):
    """Opened and saved there: styles, head and foot with their fields, contents, table heads."""
    back = docx.Document(io.BytesIO(resaved(a_document(), tmp_path)))
    was = docx.Document(io.BytesIO(a_document()))

    def styled(document: Any) -> list[tuple[str, str]]:
        kept = {"Title", "Ingress", "Heading 1", "Heading 2", "Beslut", "Att-sats", "List Bullet"}
        return [(one.style.name, one.text) for one in document.paragraphs
                if one.style.name in kept]  # fmt: skip

    assert styled(back) == styled(was)
    assert [[cell.text for cell in row.cells] for table in back.tables for row in table.rows] == [
        [cell.text for cell in row.cells] for table in was.tables for row in table.rows
    ]
    codes = [
        (element.text or element.get(qn("w:instr")) or "").strip()
        for part in (back.element, back.sections[0].footer._element)
        for element in (*part.iter(qn("w:instrText")), *part.iter(qn("w:fldSimple")))
    ]
    assert [code.split()[0] for code in codes if code.startswith(("TOC", "PAGE", "NUMP"))] == [
        "TOC", "PAGE", "NUMPAGES",
    ]  # fmt: skip
    head = back.sections[0].header.paragraphs[0].text
    assert head.split("\t")[0] == ABOUT["association"]["name"]
    assert any(row._tr.iter(qn("w:tblHeader")) for row in back.tables[1].rows)
    assert back.core_properties.title == ABOUT["document"]["title"]
