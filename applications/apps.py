"""The applications floor: programmes, rounds, applications and the office's review."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    name = "applications"
    verbose_name = "Ansökningar"

    def ready(self) -> None:
        """Let the running effort, the rounds' frames and the reports' documents be known below."""
        for name in ("closing", "external_signing", "report_paper", "round_frames"):
            import_module(f"applications.{name}")
