"""Makes a draft of an application from a Word document and a budget workbook."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from applications.importing import Imported, import_application
from applications.management.rounds import WRONG_USE, named_round, names_of, sent_file
from finsam.associations.models import Association, Member
from finsam.errors import DomainError
from finsam.people.models import User
from finsam.typography import kronor


class Command(BaseCommand):
    help = "Gör ett utkast till ansökan av ett Worddokument och en budget i Excel."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="F.docx")
        parser.add_argument("--budget", type=Path, required=True, metavar="F.xlsx")
        parser.add_argument("--round", required=True, metavar="SLUG")
        parser.add_argument("--lead", required=True, metavar="A", help="huvudmannens namn")
        parser.add_argument("--parties", required=True, help='"A,B": parternas fullständiga namn')
        parser.add_argument("--as", required=True, dest="email", metavar="EMAIL")
        parser.add_argument("--json", action="store_true", help="ett JSON-objekt på standard ut")

    def handle(self, *_args: Any, file: Path, budget: Path, **options: Any) -> None:
        round_ = named_round(options["round"])
        names = names_of(options["parties"]) or []
        parties = [_member(round_.association, name) for name in names]
        try:
            imported = import_application(
                round=round_,
                lead=_member(round_.association, options["lead"]),
                parties=parties,
                word=sent_file(file),
                budget=sent_file(budget),
                actor=_person(options["email"]),
            )
        except DomainError as refusal:
            if options["json"]:
                said = {"ok": False, "code": refusal.code, "message": refusal.message}
                self.stdout.write(json.dumps(said, ensure_ascii=False))
                raise SystemExit(1) from None
            raise CommandError(refusal.message) from None
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(imported), ensure_ascii=False))
        else:
            self._tell(imported)

    def _tell(self, imported: Imported) -> None:
        application = imported.application
        self.stdout.write(f"Utkast {application.public_id}: {application.title}")
        self.stdout.write(f"{len(imported.taken)} svar lästes in.")
        if imported.word.missing:
            self.stdout.write(f"Rubriker som saknas: {', '.join(imported.word.missing)}")
        if imported.has_budget:
            self.stdout.write(f"Sökt {kronor(imported.budget.summary.requested)}.")
        else:
            self.stdout.write("Budgeten lästes inte in:")
        for found in imported.budget.findings:
            self.stdout.write(f"{found.severity} {found.place}: {found.message}")


def _as_json(imported: Imported) -> dict[str, Any]:
    return {
        "ok": True,
        "budget_taken": imported.has_budget,
        "application": str(imported.application.public_id),
        "title": imported.application.title,
        "taken": list(imported.taken),
        "word": imported.word.as_json(),
        "budget": imported.budget.as_json(),
    }


def _member(association: Association, name: str) -> Member:
    """The member of that name, full or short. Raises CommandError (exit 2)."""
    members = [m for m in association.members.all() if m.is_active]
    wanted = " ".join(name.split()).casefold()
    for member in members:
        if wanted in (member.name.casefold(), member.short_name.casefold()):
            return member
    known = ", ".join(member.name for member in members)
    raise CommandError(
        f"”{name}” är ingen medlem i {association.name}. De som finns: {known}.",
        returncode=WRONG_USE,
    )


def _person(email: str) -> User:
    person = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
    if person is None:
        raise CommandError(f"Ingen användare har adressen {email}.", returncode=WRONG_USE)
    return person
