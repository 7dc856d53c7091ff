"""People and roles."""

from __future__ import annotations

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "finsam.people"
    label = "people"
    verbose_name = "Personer"
