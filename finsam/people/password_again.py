"""A password asked for again before an act in one's own name, with a limit on guesses."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.core.cache import cache
from redis.exceptions import RedisError

from finsam import clock, typography
from finsam.errors import DomainError
from finsam.people.models import User

TRIES = 5
WITHIN = timedelta(minutes=5)
NOT_COUNTED = (
    "Lösenordet kan inte prövas just nu, för en del av portalen svarar inte. Inget har ändrats. "
    "Försök igen om några minuter. Hör av dig till den som driver portalen om det inte hjälper."
)
log = structlog.get_logger(__name__)


def confirm_password(*, person: User, password: str) -> None:
    """Raises DomainError when the password is not the person's, or after too many wrong ones.

    At most five wrong ones in five minutes, over all acts and all of the person's windows. The
    try is counted before the password is looked at, so that many at once do not get more. When
    the tries cannot be counted (the cache is Redis, and it is down) no password is looked at.
    """
    try:
        _confirm(person, password)
    except RedisError as error:
        log.exception("password_tries_not_counted")
        raise DomainError("tries_not_counted", NOT_COUNTED, "password") from error


def _confirm(person: User, password: str) -> None:
    places = [f"password-again:{person.pk}:{number}" for number in range(TRIES)]
    free_at = clock.now() + WITHIN
    if not any(cache.add(place, free_at.isoformat(), _seconds()) for place in places):
        raise DomainError("too_many_tries", _come_back(places), "password")
    if not person.check_password(password):
        raise DomainError(
            "wrong_password", "Lösenordet stämmer inte. Skriv det igen.", field="password"
        )
    cache.delete_many(places)


def _seconds() -> int:
    return int(WITHIN.total_seconds())


def _come_back(places: list[str]) -> str:
    """Why not now, and when again: when the first of the tries is forgotten."""
    moments = [datetime.fromisoformat(text) for text in cache.get_many(places).values()]
    again = min(moments, default=clock.now()) + timedelta(minutes=1)
    return (
        "Lösenordet har skrivits fel för många gånger. Du kan försöka igen "
        f"{typography.clock_time(again)}. Inget har ändrats."
    )
