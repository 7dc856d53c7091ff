"""Makes the decision packet of a meeting now, in this process."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from boards.models import Meeting
from boards.packet import make_packet
from finsam.documents.documents import document_for
from finsam.documents.storage import open_file
from finsam.errors import DomainError
from finsam.jobs.work import run_waiting


class Command(BaseCommand):
    help = "Gör beslutspaketet för ett möte och skriver det till en fil."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--meeting", required=True, type=int, metavar="ID")
        parser.add_argument("--out", required=True, type=Path, metavar="F.pdf")

    def handle(self, *_args: Any, **options: Any) -> None:
        meeting = Meeting.objects.select_related("secretary").filter(pk=options["meeting"]).first()
        if meeting is None:
            raise CommandError(f"Inget möte har numret {options['meeting']}.", returncode=2)
        if meeting.secretary is None:
            raise CommandError("Mötet saknar sekreterare, som paketet görs i namn av.")
        try:
            packet = make_packet(meeting=meeting, actor=meeting.secretary)
        except DomainError as refusal:
            raise CommandError(refusal.message) from None
        run_waiting()
        document = document_for(f"packet:{meeting.pk}", version=packet.version)
        if document is None:
            packet.job.refresh_from_db()
            raise CommandError(f"Paketet blev inte gjort: {packet.job.error or packet.job.state}")
        options["out"].write_bytes(open_file(document.pdf))
        self.stdout.write(f"{options['out']}: {document.title}, version {document.version}")
