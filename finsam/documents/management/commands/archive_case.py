"""Writes a case as an archive package."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from finsam.documents.archive_package import ArchiveFault, write_package
from finsam.registry.models import Case


class Command(BaseCommand):
    help = "Skriver ett ärende som arkivpaket (METS enligt E-ARK CSIP) i en mapp."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "number", metavar="NUMBER", help="diarienummer, till exempel SFB 2023/41"
        )
        parser.add_argument("--out", required=True, type=Path, metavar="DIR")

    def handle(self, *_args: Any, number: str, out: Path, **_options: Any) -> None:
        wanted = " ".join(number.split())
        case = Case.objects.select_related("association").filter(number__iexact=wanted).first()
        if case is None:
            raise CommandError(f"Inget ärende har diarienumret {wanted}.", returncode=2)
        try:
            root = write_package(case, out)
        except ArchiveFault as fault:
            raise CommandError(fault.message) from None
        except OSError as error:
            raise CommandError(f"{out} går inte att skriva: {error}", returncode=2) from None
        count = sum(1 for path in root.rglob("*") if path.is_file())
        self.stdout.write(f"{root}: {count} filer, alla kontrollsummor stämmer.")
