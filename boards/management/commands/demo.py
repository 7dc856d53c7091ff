"""Loads the example installation, and says how to sign in to it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from boards.demo.content import people_of_all
from boards.demo.loading import is_loaded, load_demo
from boards.demo.settling import DEMO_PASSWORD
from finsam.associations.models import Association
from finsam.jobs.work import run_waiting
from finsam.registry.append_only import append_only_lifted


class Command(BaseCommand):
    help = "Läser in exempeldata: fyra organisationer, fem program och ärenden i olika steg."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--fresh", action="store_true", help="töm först allt och börja om")
        parser.add_argument(
            "--background",
            action="store_true",
            help="låt arbetaren göra handlingarna i stället för att göra dem nu",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Exempeldata läses bara in med DEMO=1.", returncode=1)
        others = Association.objects.filter(is_demo=False)
        if options["fresh"]:
            if not settings.DEBUG and others.exists():
                names = ", ".join(str(one) for one in others)
                raise CommandError(
                    f"Databasen innehåller annat än exempel: {names}. Inget är ändrat."
                )
            with append_only_lifted(connection):
                call_command("flush", interactive=False, verbosity=0)
        elif others.exists():
            raise CommandError("Databasen innehåller annat än exempel. Inget är ändrat.")
        if is_loaded():
            self.stdout.write("Exempeldata finns redan.")
        else:
            load_demo()
            self.stdout.write("Exempeldata är inläst. Omgångarnas datum är lagda runt i dag.")
        if not options["background"]:
            made = run_waiting()
            self.stdout.write(f"{made} handlingar och utskick är gjorda." if made else "")
        self._sign_ins()

    def _sign_ins(self) -> None:
        self.stdout.write(f"\nLogga in på {settings.SITE_URL} med lösenordet {DEMO_PASSWORD}:")
        for content in people_of_all():
            self.stdout.write(f"\n  {Association.objects.get(slug=content.association)}")
            for person in content.people:
                if person.sign_in:
                    self.stdout.write(f"    {person.email:<52} {person.sign_in}")
