"""U-02: every refusal and warning is a Swedish sentence that says what is wrong and what to do.

`UPDATE_SNAPSHOTS=1` writes sentences.txt anew, to be read through before it is committed.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from finsam.documents.guard import PURPOSES, inspect
from finsam.documents.guard.kinds import KINDS
from finsam.documents.guard.sentences import REFUSALS, WARNINGS, refusal
from finsam.documents.guard.verdict import refusal as verdict_of_refusal

SNAPSHOT = Path(__file__).with_name("sentences.txt")
JARGON = re.compile(
    r"zip|xml|dtd|ole|dde|xfa|cfb|parser|exception|error|traceback|none|null|byte|mime|entit"
    r"|pikepdf|qpdf|openpyxl|pillow|lxml|expat|clam|python|sandbox|\{|\}",
    re.IGNORECASE,
)
# What the reader is told to do begins with one of these.
DEEDS = re.compile(
    r"\b(Kontrollera|Minska|Spara|Öppna|Ta bort|Kopiera|Bryt|Ersätt|Skriv ut|Gör|Dela upp|Lämna"
    r"|Godkänn)\b"
)


def sentences() -> dict[str, str]:
    annex = PURPOSES["annex"]
    told = {
        code: verdict_of_refusal(code, purpose=annex, kind=KINDS["xlsx"]).message
        for code in REFUSALS
    }
    return told | {f"warning:{code}": sentence for code, sentence in WARNINGS.items()}


def test_U02_the_sentences_are_those_that_were_read_through():
    told = "".join(f"{code}\n    {sentence}\n" for code, sentence in sentences().items())
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(told)
    assert SNAPSHOT.read_text() == told


@pytest.mark.parametrize("code", sentences())
def test_U02_a_sentence_tells_what_is_wrong_and_what_to_do(code):
    sentence = sentences()[code]
    parts = re.split(r"(?<=[.:]) (?=[A-ZÅÄÖ])", sentence)
    assert len(parts) >= 2
    assert sentence.endswith(".")
    assert DEEDS.search(parts[-1]) or DEEDS.search(parts[1])
    assert JARGON.search(sentence) is None
    assert len(sentence) <= 200


def test_U02_there_are_thirty_reasons_or_more_and_every_reason_of_the_corpus(corpus):
    assert len(REFUSALS) >= 30
    refused = {file["reason"] for file in corpus.files if file["verdict"] == "reject"}
    warned = {file["reason"] for file in corpus.files if file["verdict"] == "accept_warn"}
    assert refused - set(REFUSALS) == set()
    assert warned - set(WARNINGS) == set()


@pytest.mark.parametrize(
    ("purpose", "named"),
    [
        ("budget", "Excel (.xlsx)"),
        ("word", "Word (.docx)"),
        (
            "annex",
            "PDF (.pdf), Word (.docx), Excel (.xlsx) eller bild (.png, .jpg, .webp)",
        ),
    ],
)
def test_U02_a_file_of_the_wrong_sort_is_told_which_sorts_are_taken(purpose, named):
    assert inspect(b"text", "brev.txt", purpose=purpose).message == (
        f"Den sortens fil kan inte lämnas in här. Spara innehållet som {named} "
        "och lämna in den filen i stället."
    )


def test_U02_the_limits_are_named_with_their_numbers():
    assert "rad 20\u00a0000." in refusal("too_many_rows")
    assert "kolumn IV." in refusal("too_many_columns")
    assert "fler än 50 ark" in refusal("too_many_sheets")
    assert "50 miljoner" in refusal("image_too_large")
