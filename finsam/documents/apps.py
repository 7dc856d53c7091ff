from __future__ import annotations

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "finsam.documents"
    label = "documents"
    verbose_name = "Handlingar"
