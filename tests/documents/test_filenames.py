"""Names of files: harmless everywhere, and every letter kept."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsam.documents.filenames import content_disposition, display_name, extension


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Bilaga å ä ö – budget (slutlig) 2026.pdf", "Bilaga å ä ö – budget (slutlig) 2026.pdf"),
        ("C:\\fakepath\\budget.xlsx", "budget.xlsx"),
        ("", "namnlös fil"),
        ("...", "namnlös fil"),
        (" \u202e\u200b ", "namnlös fil"),
        ("nul", "_nul"),
        ("Com1.tar.gz", "_Com1.tar.gz"),
        ("CONTRACT.pdf", "CONTRACT.pdf"),
        ("a  \t b.pdf", "a b.pdf"),
        ("rapport.pdf. . ", "rapport.pdf"),
        ("x" * 200, "x" * 150),
        ("familj👨‍👩‍👧.pdf", "familj👨👩👧.pdf"),
    ],
)
def test_U09_a_name_is_shown_without_what_nobody_sees(given, shown):
    assert display_name(given) == shown


@pytest.mark.parametrize(
    ("name", "ending"),
    [("a.PDF", "pdf"), ("a.tar.gz", "gz"), (".htaccess", ""), ("a", ""), ("a.", ""), ("å.Ö", "ö")],
)
def test_the_extension_is_what_stands_after_the_last_dot(name, ending):
    assert extension(name) == ending


@given(st.text(max_size=300))
def test_U09_any_name_becomes_one_safe_line(name):
    shown = display_name(name)
    assert 0 < len(shown) <= 150
    assert shown == display_name(shown)
    assert not set("/\\\r\n\0") & set(shown)
    assert unicodedata.is_normalized("NFC", shown)
    assert not {unicodedata.category(sign) for sign in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(st.text(max_size=300))
def test_U08_any_name_makes_a_header_that_says_the_same(name):
    header = content_disposition(name)
    match = re.fullmatch(r"attachment; filename=\"([^\"\\%]*)\"; filename\*=UTF-8''(.+)", header)
    assert match is not None
    assert header.isascii()
    assert unquote(match[2]) == display_name(name)
