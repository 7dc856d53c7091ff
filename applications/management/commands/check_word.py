"""Says which headings of a round's form a Word document has, lacks and has too many."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from applications.importing import round_outline
from applications.management.rounds import named_round, sent_file
from applications.word_verdict import Verdict, judge_word, unread_json
from finsam.documents.sandbox import Unreadable


class Command(BaseCommand):
    help = "Kontrollerar ett Worddokument mot rubrikerna i en omgångs ansökningsmall."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="F.docx")
        parser.add_argument("--round", required=True, metavar="SLUG")
        parser.add_argument("--json", action="store_true", help="ett JSON-objekt på standard ut")

    def handle(self, *_args: Any, file: Path, **options: Any) -> None:
        outline = round_outline(named_round(options["round"]))
        sent = sent_file(file)
        try:
            verdict = judge_word(sent.data, outline, sent.name)
        except Unreadable as refusal:
            said = unread_json(outline, refusal.message)
            self.stdout.write(
                json.dumps(said, ensure_ascii=False) if options["json"] else refusal.message
            )
            sys.exit(1)
        if options["json"]:
            self.stdout.write(json.dumps(verdict.as_json(), ensure_ascii=False))
        else:
            self._tell(verdict)
        if not verdict.ok:
            sys.exit(1)

    def _tell(self, verdict: Verdict) -> None:
        for word, headings in (
            ("Hittades", verdict.found),
            ("Saknas", verdict.missing),
            ("Finns inte i mallen", verdict.unknown),
        ):
            self.stdout.write(f"{word}: {', '.join(headings) or '–'}")
        for found in verdict.as_json()["findings"]:
            self.stdout.write(found["message"])
