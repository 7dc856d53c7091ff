"""Writes an empty budget workbook for a round."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from applications.budgeting import round_budget_context
from applications.management.rounds import WRONG_USE, named_round, names_of
from budgets.workbook import empty_workbook


class Command(BaseCommand):
    help = "Skriver en tom budgetarbetsbok för en omgång."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--round", required=True, metavar="SLUG")
        parser.add_argument("--parties", help='"A,B": parternas fullständiga namn')
        parser.add_argument("--years", help='"2024" eller "2024,2025"; annars omgångens år')
        parser.add_argument("--out", required=True, type=Path, metavar="F.xlsx")

    def handle(self, *_args: Any, **options: Any) -> None:
        context = round_budget_context(named_round(options["round"]), names_of(options["parties"]))
        years = names_of(options["years"])
        if years is not None:
            if not all(year.isdigit() for year in years):
                raise CommandError("Skriv åren som 2024 eller 2024,2025.", returncode=WRONG_USE)
            context = replace(context, years=tuple(int(year) for year in years))
        unknown = set(names_of(options["parties"]) or ()) - set(context.names)
        if unknown:
            names = ", ".join(sorted(unknown))
            raise CommandError(f"Inte medlemmar i förbundet: {names}.", returncode=WRONG_USE)
        options["out"].write_bytes(empty_workbook(context))
        parties, covered = ", ".join(context.names), ", ".join(map(str, context.years))
        self.stdout.write(f"{options['out']}: {parties}; {covered}")
