"""The portal's map with four addresses more, where something goes wrong."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.urls import path
from redis.exceptions import RedisError

from finsam.urls import urlpatterns as real


def refuse(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def suspect(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation


def fail(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("Meant to fail.")


def lose_redis(request: HttpRequest) -> HttpResponse:
    raise RedisError("Meant to be away.")


urlpatterns = [
    path("prov/403/", refuse),
    path("prov/400/", suspect),
    path("prov/500/", fail),
    path("prov/503/", lose_redis),
    *real,
]
