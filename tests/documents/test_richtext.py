from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from django.template import Context, Template

from finsam.documents import pdf
from finsam.documents.pdf import render_pdf
from finsam.documents.pdf_check import UA, validator_faults
from finsam.documents.richtext import clean_rich_text
from finsam.errors import DomainError

BOMBS = {
    "nested_lists_70": ("<ul><li>" * 70 + "x", "rich_text_deep"),
    "nested_lists_1000": ("<ul><li>" * 1_000 + "x", "rich_text_deep"),
    "nested_words_3000": ("<strong><em>" * 3_000 + "x", "rich_text_deep"),
    "columns_without_end": (
        '<table><tr><td colspan="100000000">x</td></tr></table>',
        "rich_text_span",
    ),
    "rows_without_end": (
        '<table><tr><td rowspan="100000000">x</td></tr></table>',
        "rich_text_span",
    ),
    "one_long_word": ("<p>" + "å" * 300_000 + "</p>", "rich_text_long"),
    "half_a_megabyte": (
        "<p>" + "Lorem ipsum dolor sit amet. " * 18_000 + "</p>",
        "rich_text_long",
    ),
    "wide_table": ("<table><tr>" + "<td>x</td>" * 3_000 + "</tr></table>", "rich_text_wide"),
    "breaks_100000": ("<br>" * 100_000, "rich_text_long"),
    "breaks_10000": ("x" + "<br>" * 10_000, "rich_text_empty"),
    "marks_on_marks": ("<p>" + ("a" + "\u0301" * 500) * 100 + "</p>", "rich_text_marks"),
    "right_to_left": ("<p>" + "\u202eأب😀" * 3_000 + "</p>", None),
}
FINE = (
    "<p>En <strong>text</strong> med <em>vikt</em>, en <a href='https://exempel.se/'>länk</a>"
    "<br>och en ny rad.</p><ul><li>Ett<ul><li>Under</li></ul></li></ul>"
    "<table><tr><th scope='col'>A</th></tr><tr><td colspan='2'>B</td></tr></table>"
)


@pytest.fixture(scope="module", autouse=True)
def _fresh_renderer() -> None:
    """The memory and time that are counted are those of these texts, not of getting ready."""
    pdf._process.end()
    pdf.render_pdf("<html><body><p>Hej</p></body></html>", title="Hej på er", tagged=False)


def seconds_of_the_renderer() -> float:
    """What it has computed so far; other processes on the machine make no difference."""
    if pdf._process.child is None:
        return 0
    stat = Path(f"/proc/{pdf._process.child.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


def most_memory_of_the_renderer() -> int:
    """Megabytes, at the worst moment so far."""
    assert pdf._process.child is not None
    status = Path(f"/proc/{pdf._process.child.pid}/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) // 1024


def test_I03_there_are_12_bombs():
    assert len(BOMBS) == 12


@pytest.mark.parametrize("name", BOMBS)
def test_I03_a_bomb_is_refused_with_a_sentence_or_rendered_in_time(name):
    text, code = BOMBS[name]
    if code is not None:
        with pytest.raises(DomainError) as refused:
            clean_rich_text(text)
        assert refused.value.code == code
        assert refused.value.message.endswith(".")
        return
    cleaned = clean_rich_text(text)
    assert cleaned.count("أ") == 3_000


@pytest.mark.parametrize("name", BOMBS)
def test_I03_a_bomb_that_is_in_the_database_already_spoils_no_document(name):
    """Written out it is rendered as plain text at worst, within 20 seconds and 500 MB."""
    text, _ = BOMBS[name]
    written = Template("{% load documents %}{{ text|rik }}").render(Context({"text": text}))
    began = seconds_of_the_renderer()
    made = render_pdf(f"<html><body><h1>Svar</h1>{written}</body></html>", title="Ett svar")
    assert seconds_of_the_renderer() - began < 20
    assert most_memory_of_the_renderer() < 500
    assert validator_faults(made, UA) == []


def test_common_text_is_kept_as_it_is():
    assert clean_rich_text(FINE) == FINE.replace("'", '"').replace(
        '<table><tr><th scope="col">A</th></tr><tr><td colspan="2">B</td></tr></table>',
        '<table><tbody><tr><th scope="col">A</th></tr>'
        '<tr><td colspan="2">B</td></tr></tbody></table>',
    )


@pytest.mark.parametrize(
    ("hostile", "kept"),
    [
        ("<script>alert(1)</script>Hej", "Hej"),
        ("<style>p{}</style>Hej", "Hej"),
        ('<p onclick="x()">Hej</p>', "<p>Hej</p>"),
        ('<a href="javascript:alert(1)">Hej</a>', "<a>Hej</a>"),
        ('<p style="position:fixed">Hej</p>', "<p>Hej</p>"),
        ("<h1>Hej</h1>", "Hej"),
    ],
)
def test_only_the_tags_that_the_form_knows_are_kept(hostile, kept):
    assert clean_rich_text(hostile) == kept


@pytest.mark.parametrize("depth", [10, 11])
def test_ten_levels_are_the_limit(depth):
    text = "<em>" * depth + "x" + "</em>" * depth
    if depth == 10:
        assert clean_rich_text(text).count("<em>") == 10
        return
    with pytest.raises(DomainError) as refused:
        clean_rich_text(text)
    assert refused.value.code == "rich_text_deep"


def test_plain_text_becomes_paragraphs_and_lists():
    text = "Ett <b>stycke</b>\nmed ny rad om 1 950 000 kr\n\n- ett\n- två\n\n§ 7 gäller"
    written = Template("{% load documents %}{{ text|stycken }}").render(Context({"text": text}))
    assert written == (
        "<p>Ett &lt;b&gt;stycke&lt;/b&gt;<br>med ny rad om 1\u00a0950\u00a0000\u00a0kr</p>"
        "<ul><li>ett</li><li>två</li></ul><p>§\u00a07 gäller</p>"
    )
