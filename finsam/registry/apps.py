"""The register and the chain of events."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class RegistryConfig(AppConfig):
    name = "finsam.registry"
    label = "registry"
    verbose_name = "Diarium"

    def ready(self) -> None:
        """Import every app's `event_names` module, where its events are named in Swedish."""
        autodiscover_modules("event_names")
