"""The top floor: bodies, meetings, decisions and minutes."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class BoardsConfig(AppConfig):
    name = "boards"
    verbose_name = "Styrelse och möten"

    def ready(self) -> None:
        """Tell the floors below what only this one knows."""
        import_module("boards.sought")
        import_module("boards.published")
        import_module("boards.agreements_shown")
        import_module("boards.agreement_external")
