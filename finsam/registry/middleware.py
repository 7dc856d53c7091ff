"""Gives each request an id, carried into its events and back to the caller."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from finsam.registry.request_id import request_id


class RequestIdMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with request_id(request.headers.get("X-Request-ID", "")) as chosen:
            response = self.get_response(request)
        response["X-Request-ID"] = chosen
        return response
