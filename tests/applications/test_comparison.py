"""What changed between two frozen versions, in the words that people read."""

from __future__ import annotations

import pytest

from applications.comparison import changes_between, word_diff


def section(key, heading, **answers):
    questions = [
        {"key": name, "heading": name.capitalize(), "shown": {"form": "text", "text": text}}
        for name, text in answers.items()
    ]
    return {"key": key, "heading": heading, "questions": questions}


def content(*sections, annexes=(), parties=("Ekby kommun",), rows=None):
    return {
        "sections": list(sections),
        "budget": {"rows": {"staff": [], "costs": [], "financing": [], **(rows or {})}},
        "annexes": [{"title": name, "sha256": name} for name in annexes],
        "parties": [{"name": name, "is_lead": not at} for at, name in enumerate(parties)],
    }


OLD = content(section("goals", "Mål", syfte="Fler i arbete.", effekt="Tio personer."))


def test_nothing_changed_is_nothing():
    assert changes_between(OLD, OLD) == []


def test_a_changed_answer_is_shown_word_by_word():
    new = content(section("goals", "Mål", syfte="Fler i arbete nu.", effekt="Tio personer."))
    (change,) = changes_between(OLD, new)
    assert (change.section, change.question) == ("Mål", "Syfte")
    assert change.pieces == [
        ("same", "Fler i "),
        ("del", "arbete."),
        ("ins", "arbete nu."),
    ]


def test_a_new_question_and_one_that_is_gone_are_named():
    new = content(section("goals", "Mål", syfte="Fler i arbete.", metod="Samtal."))
    found = {change.question: change.pieces for change in changes_between(OLD, new)}
    assert found == {"Metod": [("ins", "Samtal.")], "Effekt": [("del", "Tio personer.")]}


def test_annexes_and_parties_are_compared_too():
    old = content(annexes=["Hyresavtal"], parties=["Ekby kommun"])
    new = content(annexes=["Hyresavtal", "Ritning"], parties=["Ekby kommun", "Region Sjö"])
    found = [(change.section, change.pieces[-1][0]) for change in changes_between(old, new)]
    assert found == [("Bilagor", "ins"), ("Parter", "ins")]


@pytest.mark.parametrize(
    ("old", "new", "pieces"),
    [
        ("", "", []),
        ("a", "a", [("same", "a")]),
        ("", "a b", [("ins", "a b")]),
        ("a b", "", [("del", "a b")]),
        ("a b c", "a x c", [("same", "a "), ("del", "b"), ("ins", "x"), ("same", " c")]),
    ],
)
def test_word_diff(old, new, pieces):
    assert word_diff(old, new) == pieces


@pytest.mark.parametrize("text", ["en två", "rad\n\nny rad", "  inled", "å\u00a0ä ö"])
def test_the_pieces_put_together_are_the_texts(text):
    other = f"{text} till"
    pieces = word_diff(text, other)
    assert "".join(part for kind, part in pieces if kind != "ins") == text
    assert "".join(part for kind, part in pieces if kind != "del") == other
