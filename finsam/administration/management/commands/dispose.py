"""dispose SLUG --before DAY: erase old notices, private notes and the like, with a record."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from finsam.administration.personal_data.erasing import Step, disposal_plan, dispose_before
from finsam.associations.models import Association
from finsam.errors import DomainError
from finsam.people.models import User


class Command(BaseCommand):
    help = "Gallrar det som inte är allmän handling och är äldre än en dag, med protokoll."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The association, the day, and whose decision it is."""
        parser.add_argument("association", metavar="SLUG")
        parser.add_argument("--before", required=True, type=date.fromisoformat, metavar="DAY")
        parser.add_argument("--as", dest="actor", default="", metavar="EMAIL")
        parser.add_argument("--dry-run", action="store_true", help="visa bara vad det skulle bli")
        parser.add_argument("--json", action="store_true", help="ett JSON-objekt på standard ut")

    def handle(self, *args: Any, **options: Any) -> None:
        """Tell what goes, and unless it is a dry run let it go."""
        association = Association.objects.filter(slug=options["association"]).first()
        if association is None:
            raise CommandError(f"Inget förbund heter {options['association']}.", returncode=2)
        plan = disposal_plan(association=association, before=options["before"])
        number = ""
        if not options["dry_run"]:
            actor = User.objects.filter(email=options["actor"].lower()).first()
            if actor is None:
                raise CommandError("Ange med --as vem som beslutar.", returncode=2)
            try:
                number = dispose_before(
                    association=association, before=options["before"], actor=actor
                ).number
            except DomainError as error:
                if options["json"]:
                    said = {"ok": False, "code": error.code, "message": error.message}
                    self.stdout.write(json.dumps(said, ensure_ascii=False))
                    raise SystemExit(1) from None
                raise CommandError(error.message) from None
        self.stdout.write(_told(plan, number, as_json=options["json"]))


def _told(plan: list[Step], number: str, *, as_json: bool) -> str:
    if as_json:
        steps = {step.what: step.count for step in plan}
        return json.dumps({"ok": True, "steps": steps, "protocol": number}, ensure_ascii=False)
    lines = [f"{step.what}: {step.count}" for step in plan]
    return "\n".join([*lines, f"Protokoll: {number}" if number else "Inget har gallrats."])
