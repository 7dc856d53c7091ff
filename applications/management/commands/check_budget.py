"""Says what a budget workbook adds up to and what is wrong with it."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from applications.budgeting import round_budget_context
from applications.management.rounds import named_round, names_of, sent_file
from budgets.check import check_workbook
from finsam.typography import kronor


class Command(BaseCommand):
    help = "Kontrollerar en budgetarbetsbok mot en omgångs regler."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="F.xlsx")
        parser.add_argument("--round", required=True, metavar="SLUG")
        parser.add_argument("--parties", help='"A,B": parternas fullständiga namn')
        parser.add_argument("--json", action="store_true", help="ett JSON-objekt på standard ut")

    def handle(self, *_args: Any, file: Path, **options: Any) -> None:
        context = round_budget_context(named_round(options["round"]), names_of(options["parties"]))
        sent = sent_file(file)
        result = check_workbook(sent.data, context, sent.name)
        if options["json"]:
            self.stdout.write(json.dumps(result.as_json(), ensure_ascii=False))
        else:
            summary = result.summary
            self.stdout.write(
                f"Kostnad {kronor(summary.total_cost)}, sökt {kronor(summary.requested)}"
            )
            for found in result.findings:
                place = f"{found.sheet} {found.cell}".strip()
                self.stdout.write(f"{found.severity} {found.code} {place}: {found.message}")
        if not result.ok:
            sys.exit(1)
