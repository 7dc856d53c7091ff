"""U-07: files damaged at random never hang the guard, never break it, never make it grow."""

from __future__ import annotations

import random
import resource
import time

import pytest

from finsam.documents.guard import Decision, inspect
from finsam.documents.guard.sentences import REFUSALS, WARNINGS

SEEDS = (
    *("ok_budget", "ok_budget_formulas", "ok_budget_hidden_sheet", "ok_budget_https_link"),
    *("ok_application", "ok_application_image", "ok_application_trackchanges"),
    *("ok_annex", "ok_annex_200_pages", "ok_annex_form", "ok_annex_owner_pw", "pdf_js_objstm"),
    *("ok_photo_png", "ok_photo_jpg", "xlsx_external_link"),
)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The file with some bytes flipped, cut out, doubled or cut off."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        at = chance.randrange(len(changed))
        length = chance.choice((1, 2, 16, 300))
        match chance.randrange(5):
            case 0:
                changed[at] ^= 1 << chance.randrange(8)
            case 1:
                changed[at : at + length] = chance.randbytes(len(changed[at : at + length]))
            case 2 if len(changed) > length + 1:
                del changed[at : at + length]
            case 3:
                changed[at:at] = changed[at : at + length]
            case _:
                changed[at : at + 4] = chance.choice((b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff"))
    return bytes(changed)


def judge(corpus, count: int, seed: int) -> None:
    chance = random.Random(seed)
    names = {file["id"]: file for file in corpus.files}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(count):
        file = names[SEEDS[number % len(SEEDS)]]
        data = mutated(corpus.data(file), chance)
        begun = time.monotonic()
        verdict = inspect(data, file["upload_name"], purpose="annex")
        assert time.monotonic() - begun < 20, (seed, number)
        assert verdict.accepted == (verdict.verdict != Decision.REJECT)
        assert verdict.reason in {"", *REFUSALS, *WARNINGS}
        assert bool(verdict.message) == bool(verdict.reason)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 30 * 1024


def test_U07_damaged_files_are_judged_like_any_other(corpus):
    judge(corpus, count=60, seed=20_240_101)


@pytest.mark.nightly
def test_U07_ten_thousand_damaged_files_are_judged_like_any_other(corpus):
    judge(corpus, count=10_000, seed=random.SystemRandom().randrange(2**32))
