"""Tells Django that this floor exists and which label its tables carry."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class DocumentsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "finsam.documents"
    label = "documents"
    verbose_name = "Filer och handlingar"

    def ready(self) -> None:
        """Import every app's builders of documents, and what it adds to an archive package."""
        autodiscover_modules("documents", "archive_files")
        # What they make is known on import.
        from finsam.documents import letterhead_preview  # noqa: F401
        from finsam.documents.release import releasing  # noqa: F401
