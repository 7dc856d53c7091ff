"""Mail and messages; the label is "post" since Django has the name "messages"."""

from __future__ import annotations

from django.apps import AppConfig


class MessagesConfig(AppConfig):
    name = "finsam.messages"
    label = "post"
    verbose_name = "Meddelanden"
