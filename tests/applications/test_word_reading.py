"""What a Word file says: headings known again, every oddity handled and said."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from docx import Document

from applications.answers import context_for
from applications.programme_definition import PROGRAMMES
from applications.programmes_loading import load_programme
from applications.word_form import application_docx, empty_form_docx
from applications.word_headings import Names, best_match, normalise
from applications.word_outline import idea_outline, outline_of
from applications.word_verdict import judge_word, verdict_of
from finsam.documents.sandbox import Unreadable
from finsam.documents.word_reading import read_word
from tests.applications import word_files as word
from tests.factories import make_complete, make_round
from tests.kept import kept

pytestmark = pytest.mark.anywhere

WHOLE = (
    ("Grunduppgifter", "Insatsens namn: Vägen vidare"),
    ("Målgrupp", ""),
    ("Syfte och mål", "Fler i arbete."),
    ("Genomförande", "Vi börjar i mars."),
    ("Avgränsning", "Ja, det intygas."),
)


@kept
def outline(association):
    round_ = make_round(association)
    return outline_of(round_.template, context_for(association, round_))


def judged(data, outline):
    """The verdict without the child process, which has tests of its own."""
    return verdict_of(read_word(data), outline)


def values(verdict):
    return {found.key: found.value for found in verdict.answers}


# --- headings ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Målgrupp", "Målgrupp"),
        ("4. Målgrupp(er)", "Målgrupp"),
        ("MÅLGRUPP:", "Målgrupp"),
        ("3 kap. Vilka vi vänder oss till (målgrupp)", "Målgrupp"),
        ("5. Syfte samt mål", "Syfte och mål"),
        ("Mål och syfte", "Syfte och mål"),
        ("9.  Uppföljning/utvärdering", "Uppföljning och utvärdering"),
        ("§ 3 Bakgrund & behovsanalys", "Bakgrund och behovsanalys"),
        ("Varför behövs det? Bakgrund och behovsanalys", "Bakgrund och behovsanalys"),
        ("10. Implementering i ordinarie verksamheter", "Implementering i ordinarie verksamhet"),
        ("System och strukturförändrande resultat", "System- och strukturförändrande resultat"),
        ("Efter projektet: implementering i ordinarie verksamhet",
         "Implementering i ordinarie verksamhet"),
        ("Om dokumentet", None),
        ("Projektbeskrivning", None),
        ("Förhållande till ordinarie verksamhet", None),
        ("1.", None),
        ("", None),
    ],
)  # fmt: skip
def test_a_heading_is_known_again_however_it_is_written(written, meant):
    template = (
        "Grunduppgifter", "Målgrupp", "Syfte och mål", "Uppföljning och utvärdering",
        "Bakgrund och behovsanalys", "Implementering i ordinarie verksamhet",
        "System- och strukturförändrande resultat", "Avgränsning mot ordinarie uppdrag",
    )  # fmt: skip
    assert best_match(written, [Names(name, (name,)) for name in template]) == meant


def test_normalised_headings_have_no_number_sign_or_case():
    assert normalise("12. Budget (se bilaga)") == "budget se bilaga"
    assert normalise("Målgrupp(er)") == normalise("målgrupp")


def test_found_missing_and_unknown_are_listed(outline):
    data = word.with_headings(("Om dokumentet", "Vårt eget."), *WHOLE[:3])
    verdict = judged(data, outline)
    assert verdict.found == ("Grunduppgifter", "Målgrupp", "Syfte och mål")
    assert verdict.missing == ("Genomförande", "Avgränsning")
    assert verdict.unknown == ("Om dokumentet",)
    assert [left.text for left in verdict.left_over] == ["Vårt eget."]
    assert not verdict.ok


def test_bold_lines_are_headings_where_there_are_no_styles(outline):
    parts = [(f"{at}. {heading.upper()}", text) for at, (heading, text) in enumerate(WHOLE, 1)]
    verdict = judged(word.with_bold_lines(*parts, ("6. Övrigt", "Tack.")), outline)
    assert verdict.missing == ()
    assert verdict.unknown == ("6. Övrigt",)
    assert values(verdict)["goals", "purpose"] == "<p>Fler i arbete.</p>"


def test_a_bold_line_inside_an_answer_stays_there(outline):
    document = word.new()
    for heading, text in WHOLE:
        document.add_heading(heading, 1)
        document.add_paragraph(text)
        if heading == "Syfte och mål":
            document.add_paragraph().add_run("Särskilt viktigt").bold = True
    verdict = judged(word.as_bytes(document), outline)
    assert verdict.missing == verdict.unknown == ()
    assert values(verdict)["goals", "purpose"] == (
        "<p>Fler i arbete.</p><p><strong>Särskilt viktigt</strong></p>"
    )


# --- what stands under them -------------------------------------------------------------------


def test_formatting_that_the_form_knows_is_kept(outline):
    document = word.new()
    document.add_heading("Syfte och mål", 1)
    document.add_heading("Syfte", 2)
    line = document.add_paragraph("Vi vill ")
    line.add_run("mycket").bold = True
    line.add_run(" & <mer>.")
    document.add_paragraph("ett", style="List Bullet")
    document.add_paragraph("två", style="List Bullet")
    document.add_paragraph("först", style="List Number")
    document.add_heading("Underrubrik", 3)
    table = document.add_table(2, 2)
    for cell, text in zip(table._cells, ("A|B", "C", "1", "2"), strict=True):
        cell.text = text
    verdict = judged(word.as_bytes(document), outline)
    assert values(verdict)["goals", "purpose"] == (
        "<p>Vi vill <strong>mycket</strong> &amp; &lt;mer&gt;.</p><ul><li>ett</li><li>två</li></ul>"
        "<ol><li>först</li></ol><h3>Underrubrik</h3>"
        "<table><tbody><tr><th>A/B</th><th>C</th></tr><tr><td>1</td><td>2</td></tr></tbody></table>"
    )


def test_typed_answers_are_read_from_labels_tables_and_words(outline):
    document = word.new()
    document.add_heading("Grunduppgifter", 1)
    facts = (
        ("Uppgift", "Svar"),
        ("Benämning", "Vägen vidare"),
        ("Period", "1 januari – 31 december 2024"),
    )
    for row, texts in zip(document.add_table(3, 2).rows, facts, strict=True):
        row.cells[0].text, row.cells[1].text = texts
    document.add_heading("Målgrupp", 1)
    document.add_heading("Förbundets målgrupper", 2)
    document.add_paragraph("☐ Unga vuxna")
    document.add_paragraph("☒ Långtidssjukskrivna")
    document.add_heading("Antal deltagare", 2)
    document.add_paragraph("Omkring 1 012 kvinnor och 14 män")
    document.add_heading("Ålder från", 2)
    document.add_paragraph("18 år")
    document.add_heading("Genomförande", 1)
    rows = (("Period", "Aktivitet", "Kostnad"), ("Våren", "Start", "10 000 kr"))
    for row, cells in zip(document.add_table(2, 3).rows, rows, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    found = values(judged(word.as_bytes(document), outline))
    assert found == {
        ("basics", "title"): "Vägen vidare",
        ("basics", "period"): {"from": "2024-01-01", "to": "2024-12-31"},
        ("target", "target_groups"): ["sick"],
        ("target", "people"): {"women": 1012, "men": 14},
        ("target", "age_from"): 18,
        ("plan", "time_plan"): [{"when": "Våren", "activity": "Start", "cost": 10000}],
    }


def test_content_controls_name_their_question_too(outline):
    document = word.new()
    for tag, alias, text in (
        ("goals.purpose", "", "Efter namn"),
        ("", "Insatsens namn", "Efter rubrik"),
        ("okänt", "", "Samma svar"),
    ):
        control = word.xml(
            f'<w:sdt><w:sdtPr><w:alias w:val="{alias}"/><w:tag w:val="{tag}"/></w:sdtPr>'
            f"<w:sdtContent><w:p>{word.run(text)}</w:p></w:sdtContent></w:sdt>"
        )
        document.element.body.insert(len(document.element.body) - 1, control)
    assert values(judged(word.as_bytes(document), outline)) == {
        ("goals", "purpose"): "<p>Efter namn</p>",
        ("basics", "title"): "Efter rubrik Samma svar",
    }


def test_what_is_not_understood_and_what_is_too_long_is_said(outline):
    document = word.new()
    for heading, text in (
        ("Insatsens namn", "N" * 200),
        ("Period", "i fjol"),
        ("Förbundets målgrupper", "Alla"),
    ):
        document.add_heading(heading, 1)
        document.add_paragraph(text)
    verdict = judged(word.as_bytes(document), outline)
    faults = {found.heading: found.faults for found in verdict.answers}
    assert verdict.too_long == ("Insatsens namn",)
    assert not verdict.ok
    assert faults["Insatsens namn"][0].startswith("Texten är 200 tecken.")
    assert faults["Period"][0].startswith("Skriv både första och sista dag")
    assert faults["Förbundets målgrupper"] == (
        "”Alla” är inget av svaren som går att välja. Välj svaret i portalen.",
    )


# --- oddities ---------------------------------------------------------------------------------


def odd_document():
    document = word.new()
    document.sections[0].header.paragraphs[0].text = "Hemligt sidhuvud"
    document.add_heading("Syfte", 1)
    word.paragraph(
        document,
        word.run("Vi räknar med ")
        + f"<w:del {word.DAY}><w:r><w:delText>60</w:delText></w:r></w:del>"
        + f"<w:ins {word.DAY}>{word.run('70')}</w:ins>"
        + word.run(" deltagare.")
        + word.run("dolt", "<w:vanish/>")
        + '<w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox>'
        + f"<w:txbxContent><w:p>{word.run('I en ruta.')}</w:p></w:txbxContent>"
        + "</v:textbox></v:shape></w:pict></w:r>",
    )
    document.add_picture(word.picture())
    document.add_comment(document.paragraphs[-1].add_run("Slut."), text="Stäm av", author="Exempel")
    return document


def test_changes_comments_boxes_heads_and_pictures_are_handled_and_said(outline):
    verdict = judged(word.as_bytes(odd_document()), outline)
    assert values(verdict)["goals", "purpose"] == (
        "<p>Vi räknar med 70 deltagare.</p><p>I en ruta.</p><p>Slut.</p>"
    )
    assert [note.split(" (")[0] for note in verdict.notes] == [
        "Filen har spårade ändringar. De läses som om de hade godkänts. Tillagt",
        "Struket i spårade ändringar, läses inte",
        "Kommentarer i marginalen följer inte med",
        "Text i textrutor läses där rutan sitter",
        "Sidhuvud och sidfot följer inte med",
        "Bilder följer inte med. Lägg dem som bilagor",
        "Dold text följer inte med",
    ]
    assert verdict.notes[1].endswith("(1\xa0struket ställe): ”60”.")


def test_footnotes_and_links_come_along(outline):
    document = word.new()
    document.add_heading("Syfte", 1)
    relation = document.part.relate_to(
        "https://exempel.se/plan",
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink",
        is_external=True,
    )
    element = word.paragraph(document, word.run("Se ") + word.run("planen"))
    link = word.xml("<w:hyperlink/>")
    link.set("{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id", relation)
    link.append(element[1])
    element.append(link)
    element.append(word.xml('<w:r><w:footnoteReference w:id="2"/></w:r>'))
    note = f'<w:footnote w:id="2"><w:p>{word.run("Antagen i mars.")}</w:p></w:footnote>'
    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    data = word.with_part(
        word.as_bytes(document),
        "word/footnotes.xml",
        f'<w:footnotes xmlns:w="{namespace}">{note}</w:footnotes>',
    )
    read = read_word(data)
    assert read["blocks"][-1]["html"] == (
        'Se <a href="https://exempel.se/plan">planen</a> [Antagen i mars.]'
    )
    assert read["noted"] == {"footnote": ["Antagen i mars."]}


def test_a_table_is_read_by_cells_also_merged_and_nested_ones(outline):
    document = word.new()
    document.add_heading("Syfte", 1)
    table = document.add_table(2, 3)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "Över två"
    table.cell(0, 2).text = "C"
    table.cell(1, 0).add_table(1, 1).cell(0, 0).text = "inuti"
    rows = read_word(word.as_bytes(document))["blocks"][-1]["rows"]
    assert rows == [["Över två", "", "C"], ["inuti", "", ""]]


@pytest.mark.parametrize("data", [b"", b"inte en fil", b"PK\x03\x04trasig"])
def test_a_broken_file_is_refused_with_a_sentence(outline, data):
    with pytest.raises(Unreadable) as refused:
        judge_word(data, outline)
    assert refused.value.message.endswith(".")


# --- out and in again -------------------------------------------------------------------------


def test_the_form_filled_in_comes_back_with_the_same_answers(association, member, applicant):
    application = make_complete(make_round(association), member, applicant)
    outline = outline_of(application.template, context_for(association, application.round))
    verdict = judge_word(application_docx(application), outline)
    stored = {
        (row.question.section.key, row.question.key): row.value
        for row in application.answers.select_related("question__section")
    }
    assert values(verdict) == stored
    assert (verdict.missing, verdict.unknown, verdict.notes) == ((), (), ())
    assert [f.faults for f in verdict.answers if f.faults] == []


def test_the_empty_form_has_all_headings_and_no_answers(association):
    round_ = make_round(association)
    outline = outline_of(round_.template, context_for(association, round_))
    verdict = judged(empty_form_docx(round_), outline)
    assert (verdict.ok, verdict.missing, verdict.unknown) == (True, (), ())
    goals = verdict.answers
    assert [found.heading for found in goals] == ["Mål"]  # "the association's own stand there"


def test_the_same_content_gives_the_same_file(association, member, applicant):
    application = make_complete(make_round(association), member, applicant)
    first, second = (Document(io.BytesIO(application_docx(application))) for _ in range(2))
    assert first.element.xml == second.element.xml


def test_resaved_by_libreoffice_the_verdict_is_the_same(
    association, member, applicant, tmp_path: Path
):
    application = make_complete(make_round(association), member, applicant)
    outline = outline_of(application.template, context_for(association, application.round))
    before = application_docx(application)
    after = word.resaved(before, tmp_path)
    assert values(judged(after, outline)) == values(judged(before, outline))
    assert judged(after, outline).keywords == judged(before, outline).keywords


@pytest.mark.parametrize("file", sorted(PROGRAMMES.glob("*.toml")), ids=lambda file: file.stem)
def test_every_programmes_form_and_sketch_know_their_own_headings(db, file):
    result = load_programme(file)
    round_ = result.programme.rounds.first()
    round_.template = round_.template or result.template
    outline = outline_of(result.template, context_for(round_.association, round_))
    verdict = judged(empty_form_docx(round_), outline)
    assert (verdict.missing, verdict.unknown, verdict.left_over) == ((), (), ())
    for at, section in enumerate(idea_outline(result.programme).sections):
        names = [part.names for part in idea_outline(result.programme).sections]
        assert best_match(f"{at + 1}. {section.heading.upper()}", names) == section.key
