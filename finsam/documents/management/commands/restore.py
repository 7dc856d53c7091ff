"""Puts a backup back into this installation."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from finsam.documents.backup import BackupError
from finsam.documents.restoring import restore_backup
from finsam.typography import number


class Command(BaseCommand):
    help = "Återställer en säkerhetskopia. Databasen ska vara skapad med migrate först."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--yes", action="store_true", help="ersätt det som redan finns i installationen"
        )

    def handle(self, *_args: Any, file: Path, yes: bool, **_options: Any) -> None:
        try:
            restored = restore_backup(file, replace=yes)
        except BackupError as fault:
            raise CommandError(fault.message) from None
        self.stdout.write(
            f"Återställt till {restored.made_at}: {number(restored.rows)} rader, "
            f"{number(restored.files)} filer. Kör verify_events, verify_documents och "
            "verify_ledger."
        )
