"""Truth tables of what an item may end in, with which sum and from which source of funds."""

from __future__ import annotations

import pytest

from boards.errors import MeetingRefusal
from boards.models import Outcome
from boards.outcomes import (
    free_clauses,
    require_free_outcome,
    require_outcome_on_application,
    require_source,
    require_what_is_sought,
)
from budgets.models import Frame

OURS, THEIRS = Frame(association_id=1), Frame(association_id=2)
ON_APPLICATION = {"granted", "partly_granted", "rejected", "referred_back", "tabled"}
FREE = {"approved", "rejected", "referred_back", "tabled", "noted"}
REFUSED = {
    "wrong_outcome": ("Välj ett utfall som passar ärendet.", "outcome"),
    "clauses_missing": ("Skriv vad som beslutades.", "reason"),
    "amount_missing": ("Skriv beloppet som beviljas, i hela kronor.", "amount"),
    "source_missing": (
        "Ange hur beslutet finansieras (11 kap. 15 § kommunallagen): välj ram.",
        "frame",
    ),
    "wrong_frame": ("Ramen hör inte till det här förbundet.", "frame"),
    "more_than_sought": (
        "Beloppet är högre än det som söks. Bevilja högst det sökta beloppet.",
        "amount",
    ),
    "granted_is_whole": (
        "Bifall betyder hela det sökta beloppet. Välj delvis bifall för ett lägre belopp.",
        "amount",
    ),
    "partly_is_less": ("Beloppet är det sökta. Välj bifall i stället.", "amount"),
}


def refusal_of(rule, *said):
    """The code of the refusal, "" when there is none; with the words that belong to it."""
    try:
        rule(*said)
    except MeetingRefusal as refusal:
        is_known = REFUSED[refusal.code] == (refusal.message, refusal.field)
        return refusal.code if is_known else str(refusal)
    return ""


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("clauses", [[], ["notera"]])
def test_how_an_item_without_application_may_end(outcome, clauses):
    expected = ("" if clauses else "clauses_missing") if outcome in FREE else "wrong_outcome"
    assert refusal_of(require_free_outcome, outcome, clauses) == expected


@pytest.mark.parametrize("outcome", Outcome)
def test_how_an_application_may_end(outcome):
    if outcome in ON_APPLICATION:
        require_outcome_on_application(outcome)
        return
    with pytest.raises(MeetingRefusal) as refusal:
        require_outcome_on_application(outcome)
    assert (refusal.value.code, refusal.value.message) == (
        "wrong_outcome",
        "Välj bifall, delvis bifall, avslag, återremiss eller bordläggning.",
    )


@pytest.mark.parametrize(
    ("outcome", "reason", "clauses"),
    [
        ("approved", "", []),
        ("approved", " \n ", []),
        ("rejected", "", ["avslå förslaget"]),
        ("noted", "", ["notera informationen"]),
        ("tabled", " ", ["bordlägga ärendet"]),
        (
            "referred_back",
            "",
            ["återremittera ärendet till kansliet för fortsatt beredning"],
        ),
        ("tabled", "bordlägga till maj", ["bordlägga till maj"]),
        ("approved", "att anta planen,\n\n att att sprida den.", ["anta planen", "att sprida den"]),
        ("approved", "som att anta", ["som att anta"]),
        ("approved", "anta plan X.", ["anta plan X"]),
    ],
)
def test_the_words_of_an_item_without_application(outcome, reason, clauses):
    assert free_clauses(Outcome(outcome), reason) == clauses


@pytest.mark.parametrize(
    ("amount", "frame", "expected"),
    [
        (1, OURS, ""),
        (600_000, OURS, ""),
        (None, OURS, "amount_missing"),
        (0, OURS, "amount_missing"),
        (-1, OURS, "amount_missing"),
        (1, None, "source_missing"),
        (None, None, "amount_missing"),
        (1, THEIRS, "wrong_frame"),
    ],
)
def test_KL_11_15_a_grant_has_a_sum_and_a_source(amount, frame, expected):
    assert refusal_of(require_source, amount, frame, 1) == expected


@pytest.mark.parametrize(
    ("outcome", "amount", "expected"),
    [
        ("granted", 99, "granted_is_whole"),
        ("granted", 100, ""),
        ("granted", 101, "more_than_sought"),
        ("partly_granted", 1, ""),
        ("partly_granted", 99, ""),
        ("partly_granted", 100, "partly_is_less"),
        ("partly_granted", 101, "more_than_sought"),
    ],
)
def test_what_is_granted_fits_what_is_sought(outcome, amount, expected):
    assert refusal_of(require_what_is_sought, Outcome(outcome), amount, 100) == expected
