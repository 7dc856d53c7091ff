"""The page that a person was on, for what was sent from it and could not be answered."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.views.defaults import page_not_found


def came_from(request: HttpRequest) -> str:
    """The portal's own page that the request was sent from; where that is not said, its address."""
    said = urlsplit(request.headers.get("Referer", ""))
    if said.netloc != request.get_host() or not said.path.startswith("/"):
        return request.path
    # A second slash would name another host.
    path = "/" + said.path.lstrip("/")
    return f"{path}?{said.query}" if said.query else path


def page_above(path: str) -> str:
    """The nearest address above the one of an act, where its page stands."""
    parts = [part for part in path.split("/") if part]
    while parts:
        parts.pop()
        above = f"/{'/'.join(parts)}/" if parts else "/"
        try:
            resolve(above)
        except Resolver404:
            continue
        return above
    return "/"


class OwnNotFoundMiddleware:
    """While developing too, our own page tells what does not exist, not Django's English one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code == HTTPStatus.NOT_FOUND and request.resolver_match is None:
            return page_not_found(request, Http404())
        return response

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        return page_not_found(request, exception) if isinstance(exception, Http404) else None


class WrongMethodMiddleware:
    """Leads on whoever opens the address of a button: after signing in again, from a bookmark."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        asked_for_page = request.method == "GET" and "text/html" in request.headers.get(
            "Accept", ""
        )
        if response.status_code != 405 or not asked_for_page:
            return response
        page = render(request, "405.html", {"above": page_above(request.path)}, status=405)
        page["Allow"] = response["Allow"]
        return page
