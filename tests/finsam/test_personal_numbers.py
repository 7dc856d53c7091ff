"""L-05: what looks like a personal identity number is caught, and little else is."""

from __future__ import annotations

import pytest

from finsam.personal_numbers import masked, personal_numbers


def with_check_digit(nine: str) -> str:
    """A number that is valid by its form; who bears it, if anyone, nobody knows."""
    for digit in "0123456789":
        if personal_numbers(f"{nine}{digit}"):
            return digit
    raise AssertionError(nine)


@pytest.mark.parametrize(
    "form", ["{a}{b}", "{a}-{b}", "19{a}-{b}", "19{a}{b}", "{a}+{b}", "{a} {b}"]
)
def test_every_way_of_writing_one_is_caught(form):
    last = with_check_digit("811218987")
    number = form.format(a="811218", b=f"987{last}")
    assert personal_numbers(f"Deltagaren ({number}) kom i maj.") == [number]
    assert masked(number).endswith("XXXX")


def test_coordination_numbers_are_caught():
    last = with_check_digit("701063239")
    assert len(personal_numbers(f"701063-239{last}")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "212000-0142", "Sökt 1 250 000 kr", "0455-30 30 00", "2024-01-01 – 2024-12-31",
        "811232-9876", "811318-9876", "Dnr SFB 2023/41-3", "5560001712", "8112189871111",
    ],
)  # fmt: skip
def test_other_numbers_are_not(text):
    assert personal_numbers(text) == []


def test_a_wrong_check_digit_is_not():
    last = int(with_check_digit("811218987"))
    assert personal_numbers(f"811218-987{(last + 1) % 10}") == []
