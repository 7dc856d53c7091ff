"""Takes one case of each programme from idea to closed, and four more to their start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from boards.demo.walkthrough import StoryBroken, Told, Walkthrough, as_told
from finsam.errors import DomainError

INSIDE = "WALKTHROUGH_INSIDE"
CHECKS = ("verify_ledger", "verify_events", "verify_documents")


class Command(BaseCommand):
    help = (
        "Tar en ansökan i vart och ett av de fem programmen från idé till avslutad och uppföljd "
        "insats, genom samma tjänster som sidorna använder, i en egen tillfällig databas med egen "
        "arbetare. Installationen rörs inte."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="skriv ett JSON-objekt")
        parser.add_argument("--out", type=Path, help="mapp där databas och filer blir kvar")

    def handle(self, *_args: Any, **options: Any) -> None:
        if os.environ.get(INSIDE):
            self._live(as_json=options["json"])
            return
        if options["out"]:
            options["out"].mkdir(parents=True, exist_ok=True)
            self._outside(options["out"].resolve(), as_json=options["json"])
            return
        with tempfile.TemporaryDirectory(prefix="walkthrough-") as folder:
            self._outside(Path(folder), as_json=options["json"])

    def _outside(self, folder: Path, *, as_json: bool) -> None:
        """Start the story again with a database, files and mails of its own."""
        name = f"walkthrough_{os.getpid()}"
        postgres = connection.vendor == "postgresql"
        if postgres:
            with connection.cursor() as cursor:
                cursor.execute(f'CREATE DATABASE "{name}"')
        environment = {
            **os.environ,
            INSIDE: "1",
            "VAR_DIR": str(folder),
            "DATABASE_URL": self._database(folder, name),
            "STORAGE_URL": f"file://{folder}/files",
            "EMAIL_URL": f"filemail:///{folder}/mail",
            "BROKER_URL": "filesystem://",
            "SECRET_KEY": settings.SECRET_KEY,
        }
        command = [sys.executable, sys.argv[0], "walkthrough", *(["--json"] if as_json else [])]
        try:
            done = subprocess.run(command, env=environment, check=False)  # noqa: S603 - ourselves
        finally:
            if postgres:
                with connection.cursor() as cursor:
                    cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        if done.returncode:
            raise CommandError("Genomgången stannade.", returncode=done.returncode)

    def _database(self, folder: Path, name: str) -> str:
        if connection.vendor == "sqlite":
            return f"sqlite:///{folder / 'portal.sqlite3'}"
        facts = connection.settings_dict
        person = f"{facts['USER']}:{facts['PASSWORD']}@" if facts["USER"] else ""
        return f"postgres://{person}{facts['HOST'] or '127.0.0.1'}:{facts['PORT'] or 5432}/{name}"

    def _live(self, *, as_json: bool) -> None:
        """The story itself, with a real worker process beside it."""
        began = time.monotonic()
        call_command("migrate", verbosity=0)
        steps: list[dict[str, object]] = []

        def tell(told: Told) -> None:
            steps.append(as_told(told))
            if not as_json:
                self._say(told)

        worker = subprocess.Popen([sys.executable, sys.argv[0], "work", "--pause", "0.1"])  # noqa: S603 - ourselves
        broken = ""
        try:
            Walkthrough(tell).run()
        except (StoryBroken, DomainError) as error:
            broken = str(error)
        finally:
            worker.terminate()
            worker.wait(30)
        checks = {} if broken else {name: self._check(name) for name in CHECKS}
        seconds = round(time.monotonic() - began, 1)
        if as_json:
            result = {"ok": not broken and all(checks.values()), "broken": broken, "steps": steps}
            self.stdout.write(
                json.dumps({**result, "checks": checks, "seconds": seconds}, ensure_ascii=False)
            )
        else:
            for name, holds in checks.items():
                self.stdout.write(f"{name}: {'håller' if holds else 'BRUTEN'}")
            self.stdout.write(f"Klart på {seconds} s." if not broken else f"Stannade: {broken}")
        if broken or not all(checks.values()):
            raise CommandError("Genomgången höll inte.", returncode=1)

    def _say(self, told: Told) -> None:
        self.stdout.write(f"{told.day}  {told.title}  ({told.seconds} s)")
        for note in filter(None, told.notes):
            self.stdout.write(f"    {note}")
        for name in told.documents:
            self.stdout.write(f"    → {name}")

    def _check(self, name: str) -> bool:
        try:
            call_command(name, stdout=StringIO(), stderr=StringIO())
        except (CommandError, SystemExit) as stopped:
            code = getattr(stopped, "returncode", getattr(stopped, "code", 1))
            return code in (0, None)
        return True
