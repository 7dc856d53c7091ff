"""What is answered while Redis, where rate limits are counted, does not answer."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)
RETRY_AFTER_SECONDS = 120


class OutageMiddleware:
    """Says in words that sign-in and the like have to wait; pages that ask nothing of it go on.

    A limit that cannot be counted is not lifted: passwords could be guessed without end.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, fault: Exception) -> HttpResponse | None:
        """The page that says so, for a fault of Redis; any other fault goes on as it was."""
        if not isinstance(fault, RedisError):
            return None
        log.error("redis_does_not_answer", fault=str(fault), path=request.path)
        response = render(request, "503.html", status=503)
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response
