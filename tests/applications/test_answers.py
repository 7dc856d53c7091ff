"""Typed answers: what is read, kept, found at fault and written out; nothing typed is lost."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from applications import answers
from applications.answers import AnswerContext
from applications.models import Question
from applications.rich_text import html_from_text, plain, text_from_html
from finsam.documents.richtext import clean_rich_text

CONTEXT = AnswerContext(
    members=("Ekby kommun", "Region Sjö"),
    municipalities=("Ekby kommun",),
    definition={
        "kinds": [{"key": "individual", "name": "Individinsats"}],
        "target_groups": [{"key": "young", "name": "Unga vuxna"}],
        "goals": [
            {"key": "g", "text": "Mål", "indicator": "Mått", "target": 90, "unit": "procent"}
        ],
    },
    period_from=date(2024, 1, 1),
    period_to=date(2024, 12, 31),
)
COLUMNS = [
    {"key": "what", "heading": "Vad", "type": "text", "required": True},
    {"key": "cost", "heading": "Kostnad", "type": "amount", "required": False},
    {"key": "day", "heading": "Dag", "type": "date", "required": False},
]


def question(kind, **values):
    return Question(
        key="x", prompt="Fråga?", type=kind, options=values.pop("options", {}), **values
    )


def read(kind, sent, **values):
    return answers.read(question(kind, **values), QueryDict(sent), CONTEXT)


def faults(kind, value, **values):
    return answers.faults(question(kind, **values), value, CONTEXT)


@pytest.mark.parametrize(
    ("kind", "sent", "expected"),
    [
        ("text", "q-x=+ett++ord+", "ett ord"),
        ("text", "q-x=", None),
        ("number", "q-x=1+200", 1200),
        ("number", "q-x=tolv", {"unread": "tolv"}),
        ("amount", "q-x=310.000+kr", {"unread": "310.000 kr"}),
        ("amount", "q-x=9.000.000", 9_000_000),
        ("date", "q-x=1+mars+2024", "2024-03-01"),
        ("date", "q-x=igår", {"unread": "igår"}),
        ("period", "q-x-from=2024-01-01&q-x-to=2024-06-30",
         {"from": "2024-01-01", "to": "2024-06-30"}),
        ("period", "q-x-from=2024-01-01", {"unread": {"from": "2024-01-01", "to": ""}}),
        ("people_count", "q-x-women=3&q-x-men=0", {"women": 3, "men": 0}),
        ("people_count", "q-x-women=3", {"unread": {"women": "3", "men": ""}}),
        ("target_groups", "q-x=young&q-x=made_up", ["young"]),
        ("confirm", "q-x=yes", True),
        ("confirm", "", None),
        ("rich_text", "q-x=a%3Cb", "<p>a&lt;b</p>"),
    ],
)  # fmt: skip
def test_answers_are_read_by_their_type(kind, sent, expected):
    assert read(kind, sent) == expected


def test_a_choice_outside_the_list_is_no_answer():
    options = {"choices_from": "kinds"}
    assert read("choice", "q-x=individual", options=options) == "individual"
    assert read("choice", "q-x=other", options=options) is None
    assert faults("choice", "gone", options=options) == ["Valet finns inte längre. Välj på nytt."]


def test_the_associations_goals_keep_their_words():
    sent = "q-x-0-goal=g&q-x-0-text=&q-x-0-target=80&q-x-1-text=Eget"
    value = read("goals", sent)
    assert value[0] == {"goal": "g", "text": "Mål", "indicator": "Mått", "target": "80"}
    assert faults("goals", value) == ["Målet ”Eget” saknar indikator och målvärde."]


def test_a_table_points_at_row_and_column():
    options = {"columns": COLUMNS}
    sent = "q-x-0-what=A&q-x-0-cost=1,500&q-x-2-cost=5"
    value = read("table", sent, options=options)
    assert value == {
        "unread": [
            {"what": "A", "cost": "1,500", "day": ""},
            {"what": "", "cost": "5", "day": ""},
        ]
    }
    found = faults("table", value, options=options)
    assert found[0].startswith("Rad 1, Kostnad: ”1,500” kan betyda")
    assert found[1] == "Rad 2: fyll i ”Vad”."


@pytest.mark.parametrize(
    ("period", "words"),
    [
        ({"from": "2024-05-01", "to": "2024-04-01"}, "före den första"),
        ({"from": "2023-05-01", "to": "2024-04-01"}, "ska ligga inom"),
    ],
)
def test_a_period_lies_within_the_rounds(period, words):
    (fault,) = faults("period", period)
    assert words in fault


def test_length_is_counted_on_the_words_and_told_with_what_is_too_much():
    value = html_from_text("**" + "a" * 12 + "**")
    assert faults("rich_text", value, max_length=12) == []
    (fault,) = faults("rich_text", value, max_length=10)
    assert "korta den med 2" in fault


def test_too_deep_a_text_is_kept_and_told():
    value = read("rich_text", "q-x=" + "a" * 60_100)
    assert answers.is_unread(value)
    assert "60" in faults("rich_text", value)[0]


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("people_count", {"women": 33, "men": 37}, "33 kvinnor och 37 män, tillsammans 70"),
        ("amount", 310000, "310\u00a0000\u00a0kr"),
        ("period", {"from": "2024-01-01", "to": "2024-12-31"},
         "1\u00a0januari 2024–31\u00a0december 2024"),
        ("target_groups", ["young"], "Unga vuxna"),
        ("number", {"unread": "tolv"}, "tolv"),
        ("confirm", True, "Ja, det intygas."),
    ],
)  # fmt: skip
def test_answers_are_written_out_in_words(kind, value, words):
    assert answers.words(question(kind), value, CONTEXT) == words


@given(st.text(max_size=400))
def test_what_is_written_comes_back_and_stays(text):
    """Writing, reading and writing again gives the same HTML; no sign becomes a tag."""
    kept = "".join(sign for sign in text if sign.isprintable() or sign == "\n")
    markup = html_from_text(kept)
    assert clean_rich_text(markup, strict=False) is not None
    again = html_from_text(text_from_html(markup))
    assert html_from_text(text_from_html(again)) == again
    assert "<script" not in markup.replace("&lt;script", "")


@given(
    st.lists(st.sampled_from(["- ett", "1. två", "### tre", "| a | b |", "fyra", "", "**x** y"]))
)
def test_known_marks_survive_the_way_back(lines):
    markup = html_from_text("\n".join(lines))
    assert html_from_text(text_from_html(markup)) == markup


@pytest.mark.parametrize(
    "payload",
    ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<a href='javascript:x'>y</a>",
     "{{ 7*7 }}", "{% load x %}", "]]>", "<iframe src=//x>"],
)  # fmt: skip
def test_I01_markup_of_strangers_is_text(payload):
    value = read("rich_text", f"q-x={quote(payload)}")
    assert plain(value) == payload
    assert "<script" not in value
    assert "<img" not in value
