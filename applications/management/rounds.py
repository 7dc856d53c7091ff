"""Finds the round that a command names, the parties it lists, and the files it is given."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import CommandError

from applications.importing import SentFile
from applications.models import Round
from applications.rounds import find_round

WRONG_USE = 2


def named_round(name: str) -> Round:
    """The round of that slug, or its programme's only one.

    Raises CommandError (exit 2) with the rounds there are when none or several fit.
    """
    found = find_round(name)
    if found is not None:
        return found
    known = ", ".join(Round.objects.order_by("slug").values_list("slug", flat=True))
    raise CommandError(
        f"Det finns inte exakt en omgång som heter {name}. De som finns: "
        f"{known or 'inga; läs in ett program först'}.",
        returncode=WRONG_USE,
    )


def names_of(text: str | None) -> list[str] | None:
    """ "A,B" as a list of names; nothing when none were given."""
    names = [part.strip() for part in (text or "").split(",") if part.strip()]
    return names or None


def sent_file(path: Path) -> SentFile:
    """The file at a path. Raises CommandError (exit 2) when there is none that can be read."""
    try:
        return SentFile.of(path)
    except OSError as error:
        raise CommandError(f"{path} går inte att läsa: {error}", returncode=WRONG_USE) from None
