"""Recomputes the ledger from its transfers; exit 1 and the first break when it does not hold."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from budgets.verification import verify_ledger


class Command(BaseCommand):
    help = "Räknar om alla konton ur överföringarna och säger var boken först brister."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="skriv ett JSON-objekt")

    def handle(self, *args: Any, **options: Any) -> None:
        report = verify_ledger()
        if options["json"]:
            shown = {
                "ok": report.ok,
                "accounts": report.accounts,
                "transfers": report.transfers,
                "first_break": report.first_break,
            }
            self.stdout.write(json.dumps(shown, ensure_ascii=False))
        elif report.ok:
            self.stdout.write(
                f"Stämmer: {report.accounts} konton, {report.transfers} överföringar."
            )
        else:
            self.stderr.write(f"FEL. {report.first_break}")
        if not report.ok:
            sys.exit(1)
