"""Finds the round that a command names, and the parties it lists."""

from __future__ import annotations

from django.core.management.base import CommandError

from applications.models import Round

WRONG_USE = 2


def named_round(name: str) -> Round:
    """The round of that slug, "association/slug" or its programme's slug.

    Raises CommandError (exit 2) with the rounds there are when none or several fit.
    """
    association, _, slug = name.rpartition("/")
    found = Round.objects.select_related("programme", "association", "frame__account", "template")
    if association:
        found = found.filter(association__slug=association)
    exact = list(found.filter(slug=slug)) or list(found.filter(programme__slug=slug))
    if len(exact) == 1:
        return exact[0]
    known = ", ".join(
        f"{one.association.slug}/{one.slug}"
        for one in exact or Round.objects.select_related("association")
    )
    what = "Flera omgångar heter" if exact else "Ingen omgång heter"
    raise CommandError(
        f"{what} {name}. De som finns: {known or 'inga; läs in ett program först'}.",
        returncode=WRONG_USE,
    )


def names_of(text: str | None) -> list[str] | None:
    """ "A,B" as a list of names; nothing when none were given."""
    names = [part.strip() for part in (text or "").split(",") if part.strip()]
    return names or None
