from __future__ import annotations

import pytest
from django.template import Context, Template

from finsam.documents.typesetting import for_page, html_for_page, typeset

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 950 000 kronor", "1~950~000~kronor"),
        ("högst 500 kr", "högst 500~kr"),
        ("§ 36 och §§ 31–42", "§~36 och §§~31–42"),
        ("8 kap. 12 §", "8~kap.~12~§"),
        ("den 25 september 2023", "den 25~september 2023"),
        ("Dnr SFB 2023/38", "Dnr SFB~2023/38"),
        ("kl. 09.00", "kl.~09.00"),
        ("20,6 procent", "20,6~procent"),
        ("ett – två", "ett~– två"),
        ("0,5 tjänst", "0,5~tjänst"),
        ("tel. 070-123 45 67.", "tel.~070-123~45~67."),
        ("år 2023 200 personer", "år 2023 200 personer"),
        ("i september", "i september"),
        ("krona 5 krokodiler", "krona 5 krokodiler"),
    ],
)
def test_what_belongs_together_is_not_broken(text, expected):
    assert typeset(text) == expected.replace("~", NBSP)
    assert typeset(typeset(text)) == typeset(text)


def test_a_word_longer_than_a_column_can_be_broken():
    assert for_page("a" * 40) == "a" * 40
    assert for_page("a" * 41) == "a" * 20 + "\u200b" + "a" * 20 + "\u200b" + "a"


def test_addresses_in_links_are_left_alone():
    link = f'<a href="https://exempel.se/{"x" * 60}?b=1 000">1 000 kr</a>'
    assert html_for_page(link) == link.replace(">1 000 kr", f">1{NBSP}000{NBSP}kr")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("2023-09-25", "25~september 2023"),
        ("2023-09-01T20:47:00+00:00", "1~september 2023 kl.~22.47"),
        (None, ""),
        ("", ""),
    ],
)
def test_frozen_dates_are_written_in_words(value, shown):
    written = Template("{% load documents %}{{ value|stund }}").render(Context({"value": value}))
    assert written == shown.replace("~", NBSP)
