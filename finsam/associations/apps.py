"""The app of the tenants."""

from __future__ import annotations

from django.apps import AppConfig


class AssociationsConfig(AppConfig):
    name = "finsam.associations"
    label = "associations"
    verbose_name = "Förbund"
