"""The map of the portal; every address of a tenant begins with its slug."""

from __future__ import annotations

from importlib.util import find_spec

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from finsam import information
from finsam.health import health
from finsam.views import home

ROOMS = (
    "finsam.associations",
    "finsam.people",
    "finsam.registry",
    "finsam.jobs",
    "finsam.messages",
    "finsam.documents",
    "finsam.administration",
    "budgets",
    "boards",
    "applications",
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("halsa/", health, name="health"),
    path("konto/", include("allauth.urls")),
    path("drift/", admin.site.urls),
    path("<slug:association>/tillganglighet/", information.accessibility, name="accessibility"),
    path("<slug:association>/personuppgifter/", information.privacy, name="privacy"),
]
if settings.DEBUG:
    from finsam import styleguide

    urlpatterns += styleguide.urlpatterns
for app in ROOMS:
    if find_spec(f"{app}.urls"):
        urlpatterns.append(path("", include(f"{app}.urls")))
