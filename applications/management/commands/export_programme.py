"""Writes a programme as the TOML file that would load it."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from applications.models import Programme
from applications.programme_export import programme_as_toml


class Command(BaseCommand):
    help = "Skriver ett program som TOML: samma definition som läses in med load_programme."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("programme", metavar="PROGRAM", help="programmets adressnamn")
        parser.add_argument("--out", type=Path, metavar="FIL.toml", help="fil att skriva till")

    def handle(self, *_args: Any, programme: str, out: Path | None, **_options: Any) -> None:
        found = list(Programme.objects.filter(slug=programme)[:2])
        if len(found) != 1:
            known = ", ".join(Programme.objects.order_by("slug").values_list("slug", flat=True))
            raise CommandError(
                f"Det finns inte exakt ett program som heter {programme}. De som finns: "
                f"{known or 'inga; läs in ett program först'}.",
                returncode=2,
            )
        text = programme_as_toml(found[0])
        if out is None:
            self.stdout.write(text, ending="")
        else:
            out.write_text(text, encoding="utf-8")
