"""The portal's map with three addresses more, where something goes wrong."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.urls import path

from finsam.urls import urlpatterns as real


def refuse(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def suspect(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation


def fail(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("Meant to fail.")


urlpatterns = [
    path("prov/403/", refuse),
    path("prov/400/", suspect),
    path("prov/500/", fail),
    *real,
]
