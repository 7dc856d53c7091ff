"""The register and the chain of events."""

from __future__ import annotations

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "finsam.registry"
    label = "registry"
    verbose_name = "Diarium"
