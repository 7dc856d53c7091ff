"""Serves the portal on one machine together with its background work, until it is stopped."""

from __future__ import annotations

import argparse
import socket
import sys
import threading
import time
from http.client import HTTPConnection
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from finsam.supervisor import Supervisor


def host_and_port(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit():
        raise argparse.ArgumentTypeError("Skriv adressen som 127.0.0.1:8000.")
    return host, int(port)


class Command(BaseCommand):
    help = "Serves the portal together with its worker and its clock; Ctrl-C ends all of it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--address", type=host_and_port, default=("127.0.0.1", 8000))
        parser.add_argument("--threads", type=int, default=8, help="pages made at the same time")
        parser.add_argument("--jobs", type=int, default=2, help="jobs done at the same time")

    def handle(self, *args: Any, **options: Any) -> None:
        address: tuple[str, int] = options["address"]
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(address)
            except OSError as error:
                raise CommandError(
                    f"{address[0]}:{address[1]} kan inte användas ({error.strerror}). "
                    "Stoppa det som svarar där, eller välj en annan: "
                    "make run ADDRESS=127.0.0.1:8001"
                ) from error
        supervisor = Supervisor(
            {
                "Webbservern": self._web(address, options["threads"]),
                "Bakgrundsarbetet": self._worker(options["jobs"]),
            }
        )
        threading.Thread(target=self._announce, args=(address,), daemon=True).start()
        sys.exit(supervisor.run())

    def _web(self, address: tuple[str, int], threads: int) -> list[str]:
        program = [
            sys.executable,
            "-m",
            "gunicorn",
            "finsam.wsgi",
            "--config=python:finsam.gunicorn",
        ]
        bind = [f"--bind={address[0]}:{address[1]}", "--workers=1", f"--threads={threads}"]
        # One process never shrinks to none while it is renewed, and an end comes at once.
        return [*program, *bind, "--max-requests=0", "--log-level=warning", "--graceful-timeout=5"]

    def _worker(self, jobs: int) -> list[str]:
        # Celery warns of being root; in a container of one's own that is common and harmless.
        program = [sys.executable, "-W", "ignore:You're running the worker", "-m", "celery"]
        worker = ["--app=finsam", "--quiet", "worker", "--beat", f"--concurrency={jobs}"]
        return [*program, *worker, "--loglevel=WARNING", "--without-gossip", "--without-mingle"]

    def _announce(self, address: tuple[str, int]) -> None:
        """Say where the portal is, once it makes pages; asking wakes it, so the first is quick."""
        while not self._answers(address):
            time.sleep(0.1)
        where = f"http://{address[0]}:{address[1]}"
        self.stdout.write(f"\nPortalen svarar på {where} (Ctrl-C avslutar allt).")
        self.stdout.flush()

    def _answers(self, address: tuple[str, int]) -> bool:
        connection = HTTPConnection(*address, timeout=60)
        try:
            connection.request("GET", "/halsa/")
            connection.getresponse().read()
        except OSError:
            return False
        finally:
            connection.close()
        return True
