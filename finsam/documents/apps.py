"""Tells Django that this floor exists and which label its tables carry."""

from __future__ import annotations

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "finsam.documents"
    label = "documents"
    verbose_name = "Filer och handlingar"
