from __future__ import annotations

from django.apps import AppConfig


class PostConfig(AppConfig):
    name = "finsam.messages"
    label = "post"
    verbose_name = "Meddelanden"
