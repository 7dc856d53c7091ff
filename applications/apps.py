"""The applications floor: programmes, rounds, applications and the office's review."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    name = "applications"
    verbose_name = "Ansökningar"

    def ready(self) -> None:
        """Let the running effort say what comes next, and its reports become documents."""
        import_module("applications.closing")
        import_module("applications.report_paper")
