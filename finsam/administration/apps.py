"""What an administrator of an association does: people, roles, members, notice boards."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class AdministrationConfig(AppConfig):
    name = "finsam.administration"
    label = "administration"
    verbose_name = "Administration"

    def ready(self) -> None:
        from finsam.administration import event_names  # noqa: F401 - names are given on import

        autodiscover_modules("personal_data")
