"""Takes a backup of database and files together."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from finsam.documents.backup import BackupError, take_backup
from finsam.typography import number


class Command(BaseCommand):
    help = "Tar en säkerhetskopia av databas och filer tillsammans, i en fil med kontrollsummor."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", type=Path, required=True, metavar="FILE")

    def handle(self, *_args: Any, out: Path, **_options: Any) -> None:
        try:
            taken = take_backup(out)
        except BackupError as fault:
            raise CommandError(fault.message) from None
        self.stdout.write(
            f"{out}: {number(taken.rows)} rader, {number(taken.files)} filer, "
            f"{number(taken.size // 1024)} kB."
        )
