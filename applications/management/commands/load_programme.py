"""Checks programme definitions and brings them into the database."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from applications.programme_definition import DefinitionError, Problem, read_programme
from applications.programmes_loading import LoadResult, load_programme


class Command(BaseCommand):
    help = "Kontrollerar programdefinitioner (TOML) och lägger upp eller uppdaterar programmen."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FIL.toml")
        parser.add_argument("--json", action="store_true", help="ett JSON-objekt på standard ut")

    def handle(self, *_args: Any, files: list[Path], **options: Any) -> None:
        problems = self._check(files)
        results: list[LoadResult] = []
        if not problems:
            results, problems = self._load(files)
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(results, problems), ensure_ascii=False))
        else:
            self._tell(results, problems)
        if problems:
            sys.exit(1)

    def _check(self, files: list[Path]) -> list[Problem]:
        """Every fault of every file, before anything is loaded."""
        problems: list[Problem] = []
        for path in files:
            try:
                read_programme(path)
            except DefinitionError as error:
                problems.extend(error.problems)
        return problems

    def _load(self, files: list[Path]) -> tuple[list[LoadResult], list[Problem]]:
        results: list[LoadResult] = []
        for path in files:
            try:
                results.append(load_programme(path))
            except DefinitionError as error:
                return results, list(error.problems)
        return results, []

    def _tell(self, results: list[LoadResult], problems: list[Problem]) -> None:
        for result in results:
            done = "lades upp" if result.created else "uppdaterades"
            self.stdout.write(
                f"{result.programme.slug}: {done if result.changes else 'inget att ändra'}, "
                f"mall version {result.template.version}."
            )
            for line in (*result.changes, *result.notes):
                self.stdout.write(f"  {line}")
        for problem in problems:
            self.stderr.write(str(problem))


def _as_json(results: list[LoadResult], problems: list[Problem]) -> dict[str, Any]:
    return {
        "ok": not problems,
        "programmes": [
            {
                "slug": result.programme.slug,
                "created": result.created,
                "changes": list(result.changes),
                "notes": list(result.notes),
                "template_version": result.template.version,
            }
            for result in results
        ],
        "problems": [
            {
                "file": problem.file,
                "key": problem.key,
                "expected": problem.expected,
                "found": problem.found,
            }
            for problem in problems
        ],
    }
