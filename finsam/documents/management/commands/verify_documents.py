"""Recomputes every stored file and names what does not agree with its row, or lies forgotten."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand

from finsam.documents.consistency import all_findings
from finsam.documents.models import Document, StoredFile


class Command(BaseCommand):
    help = "Räknar om alla lagrade filer och pekar ut det som inte stämmer eller ligger glömt."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="ett JSON-objekt på standard ut")
        parser.add_argument(
            "--grace", type=int, default=60, metavar="MINUTER",
            help="det som är yngre än så kan vara på väg och räknas inte (60)",
        )  # fmt: skip

        parser.add_argument(
            "--claims",
            action="store_true",
            help="visa också varje handlings PDF för validatorn (PDF/UA-1 och PDF/A-3)",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        grace = timedelta(minutes=options["grace"])
        findings = list(all_findings(grace=grace, claims=options["claims"]))
        files, documents = StoredFile.objects.count(), Document.objects.count()
        if options["json"]:
            answer = {
                "ok": not findings,
                "files": files,
                "documents": documents,
                "findings": [asdict(finding) for finding in findings],
            }
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        else:
            for finding in findings:
                self.stdout.write(f"FEL ({finding.code}) {finding.object}: {finding.message}")
            self.stdout.write(_summary(files, documents, len(findings)))
        if findings:
            sys.exit(1)


def _summary(files: int, documents: int, findings: int) -> str:
    if findings:
        return f"{findings} fel bland {files} filer och {documents} handlingar."
    return f"{files} filer och {documents} handlingar, allt stämmer."
