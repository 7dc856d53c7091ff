"""The map of the portal; every address of a tenant begins with its slug."""

from __future__ import annotations

from importlib.util import find_spec

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from finsam.views import home

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("konto/", include("allauth.urls")),
    path("drift/", admin.site.urls),
]
for app in ("finsam.associations", "finsam.people", "finsam.registry", "finsam.jobs",
            "finsam.messages", "finsam.documents", "budgets", "boards", "applications"):  # fmt: skip
    if find_spec(f"{app}.urls"):
        urlpatterns.append(path("", include(f"{app}.urls")))
