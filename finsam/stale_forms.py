"""A form that was not taken since its page was too old: what was typed is given back."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

SECRET = re.compile(r"csrf|password|^code$|^login$")
# Hidden fields carry names and marks for the portal alone; nobody has typed them.
MARKS = {
    "confirm", "content_hash", "do", "form", "gor", "key", "made", "next", "read_at", "revision",
    "member", "party", "recovery", "row", "rows_shown", "seat", "section", "seen", "sett",
    "version",
}  # fmt: skip
MARK = re.compile(r"on|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{40,64}")
UNSENT = "unsent"
MOST_KEPT = 300_000  # characters of one form, in the visitor's session


@dataclass
class Typed:
    """What stood in a form: the texts, and in one list its short answers and figures."""

    texts: list[str] = field(default_factory=list)
    short: list[str] = field(default_factory=list)
    has_files: bool = False

    @property
    def short_lines(self) -> str:
        return "\n".join(self.short)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 that says why, with what was typed when it was typed on a page of the portal's own.

    Another site can send any words at all, and the portal shall not be made to show them; a
    browser says of each form from which site it was sent, and keeps the cookie of a person signed
    in to itself when it comes from another.
    """
    is_own = request.user.is_authenticated or is_from_own_page(request)
    context = {"typed": typed_in(request) if is_own else None, "reason": reason}
    return render(request, "403_csrf.html", context, status=HTTPStatus.FORBIDDEN)


def is_from_own_page(request: HttpRequest) -> bool:
    """Whether the browser says that the form stood on a page of this very address."""
    if site := request.headers.get("Sec-Fetch-Site"):
        return site == "same-origin"
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"


def typed_in(request: HttpRequest) -> Typed:
    """Everything that was typed but secrets, in the order of the form."""
    typed = Typed(has_files=bool(request.FILES))
    for name, values in request.POST.lists():
        if name in MARKS or SECRET.search(name):
            continue
        for value in values:
            text = str(value).strip()
            if not text or MARK.fullmatch(text):
                continue
            is_figure = re.fullmatch(r"[0-9\s.,:kr%-]+", text)
            (typed.short if is_figure or " " not in text else typed.texts).append(text)
    return typed


def keep_unsent(request: HttpRequest) -> None:
    """Lay texts aside that came when nobody was signed in any longer; see `take_unsent`."""
    typed = typed_in(request)
    if typed.texts and sum(map(len, typed.texts + typed.short)) <= MOST_KEPT:
        request.session[UNSENT] = asdict(typed)


def take_unsent(request: HttpRequest) -> Typed | None:
    """The texts that were laid aside, once: the next one at the computer does not get them."""
    kept = request.session.pop(UNSENT, None)
    return Typed(**kept) if kept else None
