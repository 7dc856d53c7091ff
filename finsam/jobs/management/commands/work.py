"""Carries out promised work in this process, without Celery, until it is told to stop."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from typing import Any

import structlog
from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, connection

from finsam.jobs.memory import limit_memory
from finsam.jobs.work import run_waiting

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    help = "Utför väntande bakgrundsarbeten tills processen avslutas (eller tills inga väntar)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="sluta när inget arbete väntar")
        parser.add_argument(
            "--pause", type=float, default=0.5, help="sekunder mellan blickarna när inget väntar"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        limit_memory()
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        while not stop.is_set():
            if _worked():
                continue
            if options["once"]:
                return
            stop.wait(options["pause"])


def _worked() -> bool:
    """Do one job if there is one; a database that is away for a while is waited for."""
    try:
        return bool(run_waiting(1, beating=True))
    except (OperationalError, InterfaceError) as error:
        log.warning("worker_without_database", error=repr(error))
        connection.close()
        return False
