"""Promised background work."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    name = "finsam.jobs"
    label = "jobs"
    verbose_name = "Bakgrundsarbeten"

    def ready(self) -> None:
        """Import every app's `tasks` module, where the handlers of its jobs are."""
        autodiscover_modules("tasks")
