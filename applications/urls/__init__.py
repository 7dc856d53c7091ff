"""The map of programmes, rounds, ideas and applications: who reads decides the file."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.urls import URLPattern, URLResolver

app_name = "applications"
urlpatterns: list[URLPattern | URLResolver] = []
for part in ("applicant", "office", "public"):
    if find_spec(f"applications.urls.{part}"):
        urlpatterns += import_module(f"applications.urls.{part}").urlpatterns
