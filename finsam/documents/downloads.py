"""Handing out stored files: always to be saved, never to be run, whole or the part asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from finsam.documents.filenames import content_disposition
from finsam.documents.guard.kinds import KINDS, UNKNOWN_MEDIA_TYPE
from finsam.documents.models import StoredFile
from finsam.documents.storage import open_stream

PIECE = 64 * 1024
MEDIA_TYPES = frozenset(kind.media_type for kind in KINDS.values()) | {
    "text/csv; charset=utf-8",
    "text/calendar; charset=utf-8",
    "application/json",
    "application/zip",
}
ONE_RANGE = re.compile(r"bytes=(?P<first>\d{0,18})-(?P<last>\d{0,18})")
# A file that is opened all the same runs nothing, loads nothing and sends nothing.
POLICY = (
    "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; object-src 'none'"
)


@dataclass(frozen=True)
class Part:
    """The bytes from `first` through `last` of a file."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


class UnsatisfiableError(Exception):
    """The part asked for lies outside the file."""


def serve_file(
    request: HttpRequest, stored: StoredFile, *, name: str = "", shown: bool = False
) -> HttpResponseBase:
    """The answer to a request for a stored file; who may read it, the view has asked before.

    Answers HEAD, one range (206, or 416 when it lies outside) and If-None-Match (304). `shown`
    lets the browser show it: only for what the portal made itself, never for an upload.
    """
    response = _answer(request, stored)
    response["Content-Type"] = media_type(stored)
    response["Content-Disposition"] = content_disposition(name or stored.name, shown=shown)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-cache"
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = tag_of(stored)
    if not shown:
        response["Content-Security-Policy"] = POLICY
    return response


def tag_of(stored: StoredFile) -> str:
    return f'"{stored.sha256}"'


def _answer(request: HttpRequest, stored: StoredFile) -> HttpResponseBase:
    """Status, body and what belongs to the part that was asked for."""
    if tag_of(stored) in request.headers.get("If-None-Match", ""):
        return HttpResponse(status=304)
    try:
        part = _asked_for(request, stored)
    except UnsatisfiableError:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{stored.size}"})
    whole = Part(0, stored.size - 1)
    response = _body(request, stored, part or whole)
    response["Content-Length"] = str((part or whole).length)
    if part:
        response.status_code = 206
        response["Content-Range"] = f"bytes {part.first}-{part.last}/{stored.size}"
    return response


def media_type(stored: StoredFile) -> str:
    """What the file is served as: from our table, or as bytes that nothing opens by itself."""
    return stored.content_type if stored.content_type in MEDIA_TYPES else UNKNOWN_MEDIA_TYPE


def _asked_for(request: HttpRequest, stored: StoredFile) -> Part | None:
    """The part that the request names; None for the whole, also when the file has changed."""
    asked = ONE_RANGE.fullmatch(request.headers.get("Range", "").strip())
    if asked is None or request.headers.get("If-Range", tag_of(stored)) != tag_of(stored):
        return None
    if asked["first"]:
        part = _from(int(asked["first"]), asked["last"], stored.size)
    elif asked["last"]:
        part = Part(max(stored.size - int(asked["last"]), 0), stored.size - 1)
    else:
        return None
    if part.first >= stored.size or part.length <= 0:
        raise UnsatisfiableError
    return part


def _from(first: int, last: str, size: int) -> Part:
    return Part(first, min(int(last), size - 1) if last else size - 1)


def _body(request: HttpRequest, stored: StoredFile, part: Part) -> HttpResponseBase:
    if request.META["REQUEST_METHOD"] == "HEAD" or part.length <= 0:
        return HttpResponse()
    return StreamingHttpResponse(_pieces(stored, part))


def _pieces(stored: StoredFile, part: Part) -> Iterator[bytes]:
    left = part.length
    with open_stream(stored) as file:
        file.seek(part.first)
        while left > 0 and (piece := file.read(min(PIECE, left))):
            left -= len(piece)
            yield piece
