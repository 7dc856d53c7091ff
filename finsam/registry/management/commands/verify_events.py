"""Recomputes the chain of events of every association and names the first break."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from finsam.associations.models import Association
from finsam.registry.verification import ChainReport, verify_chain


class Command(BaseCommand):
    help = "Räknar om händelsekedjan för varje förbund och pekar ut det första felet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="ett JSON-objekt på standard ut")
        parser.add_argument(
            "--against", type=Path, metavar="FIL", help="jämför med en tidigare utskrift av --json"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        noted = _noted(options["against"])
        reports = [
            verify_chain(association, noted.get(association.slug))
            for association in Association.objects.order_by("slug")
        ]
        gone = sorted(set(noted) - {report.association for report in reports})
        holds = not gone and all(report.broken is None for report in reports)
        if options["json"]:
            chains = [asdict(report) for report in reports]
            self.stdout.write(json.dumps({"ok": holds, "missing": gone, "chains": chains}))
        else:
            for report in reports:
                self.stdout.write(_line(report))
            for slug in gone:
                self.stdout.write(
                    f"{slug}: FEL. Förbundet saknas men fanns i den tidigare utskriften."
                )
        if not holds:
            sys.exit(1)


def _line(report: ChainReport) -> str:
    if report.broken is not None:
        return f"{report.association}: FEL. {report.broken.message}"
    return f"{report.association}: {report.events} händelser, kedjan är hel. {report.head[:16]}"


def _noted(path: Path | None) -> dict[str, tuple[int, str]]:
    """Length and last hash per association, from an earlier run's JSON."""
    if path is None:
        return {}
    try:
        chains = json.loads(path.read_text())["chains"]
        return {chain["association"]: (chain["events"], chain["head"]) for chain in chains}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CommandError(
            f"{path} är ingen utskrift av verify_events --json.", returncode=2
        ) from error
