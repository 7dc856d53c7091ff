"""Writes the published grants of an association as open data."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from boards.open_data import as_csv, as_json, open_grants
from finsam.associations.models import Association


class Command(BaseCommand):
    help = "Skriver beviljade bidrag som vunnit laga kraft enligt 360Giving (JSON) eller som CSV."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--association", required=True, metavar="SLUG")
        parser.add_argument("--out", required=True, type=Path, metavar="F.json")

    def handle(self, *_args: Any, **options: Any) -> None:
        association = Association.objects.filter(slug=options["association"]).first()
        if association is None:
            known = ", ".join(Association.objects.values_list("slug", flat=True))
            raise CommandError(
                f"Inget förbund heter {options['association']}. De som finns: {known}.",
                returncode=2,
            )
        out: Path = options["out"]
        write = as_csv if out.suffix.lower() == ".csv" else as_json
        try:
            out.write_bytes(write(association))
        except OSError as error:
            raise CommandError(f"{out} går inte att skriva: {error}", returncode=2) from None
        self.stdout.write(f"{out}: {len(open_grants(association))} bidrag")
