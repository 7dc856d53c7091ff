"""The map of applications, by reader."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.urls import URLPattern

app_name = "applications"
urlpatterns: list[URLPattern] = []
for reader in ("public", "applicant", "office"):
    if find_spec(f"applications.urls.{reader}"):
        urlpatterns += import_module(f"applications.urls.{reader}").urlpatterns
