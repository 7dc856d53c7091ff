"""A password asked for again can be guessed a few times, not more, whatever it is asked for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine

from finsam.errors import DomainError
from finsam.people.models import RoleKind
from finsam.people.password_again import NOT_COUNTED, TRIES, confirm_password
from tests.factories import PASSWORD, make_person
from tests.kept import kept

pytestmark = pytest.mark.anywhere

NOON = "2026-03-04T11:00:00Z"


@kept
def person(association):
    return make_person(RoleKind.OFFICER, association)


def code_of(person, password):
    try:
        confirm_password(person=person, password=password)
    except DomainError as refusal:
        return refusal.code
    return "confirmed"


def test_the_right_password_is_confirmed(person):
    assert code_of(person, PASSWORD) == "confirmed"


def test_after_five_wrong_ones_even_the_right_one_has_to_wait(person):
    with time_machine.travel(NOON, tick=False):
        found = [code_of(person, "fel") for _ in range(TRIES)]
        with pytest.raises(DomainError) as refused:
            confirm_password(person=person, password=PASSWORD)
    assert found == ["wrong_password"] * TRIES
    assert refused.value.message == (
        "Lösenordet har skrivits fel för många gånger. Du kan försöka igen kl.\xa012.06. "
        "Inget har ändrats."
    )
    assert refused.value.field == "password"


def test_the_wait_is_over_when_it_was_said(person):
    with time_machine.travel(NOON, tick=False) as now:
        for _ in range(TRIES):
            code_of(person, "fel")
        now.shift(timedelta(minutes=4))
        assert code_of(person, PASSWORD) == "too_many_tries"
        now.shift(timedelta(minutes=2))
        assert code_of(person, PASSWORD) == "confirmed"


def test_the_right_one_starts_the_count_anew(person):
    answers = [code_of(person, "fel") for _ in range(TRIES - 1)]
    assert code_of(person, PASSWORD) == "confirmed"
    answers += [code_of(person, "fel") for _ in range(TRIES)]
    assert answers == ["wrong_password"] * (2 * TRIES - 1)


def test_one_persons_guesses_do_not_shut_out_another(person, association):
    for _ in range(TRIES):
        code_of(person, "fel")
    assert code_of(make_person(RoleKind.OFFICER, association), PASSWORD) == "confirmed"


def test_no_password_is_looked_at_when_tries_cannot_be_counted(person, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:9/0",
        }
    }
    for password in (PASSWORD, "fel"):
        with pytest.raises(DomainError) as refused:
            confirm_password(person=person, password=password)
        assert (refused.value.code, refused.value.message) == ("tries_not_counted", NOT_COUNTED)


def test_many_guesses_at_once_get_no_more_tries(person):
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: code_of(person, "fel"), range(24)))
    assert answers.count("wrong_password") <= TRIES
    assert set(answers) == {"wrong_password", "too_many_tries"}
