"""A session that ends while one writes costs no text: it is kept until one has signed in again."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse

from finsam.stale_forms import MOST_KEPT

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
KEPT = "kept_text"
SECRET = {"csrfmiddlewaretoken", "password"}
COMES_BACK = (
    "Du var inte längre inloggad, så inget är sparat än. Det du skrev kommer tillbaka på sidan när "
    "du har loggat in."
)


def is_autosave(request: HttpRequest) -> bool:
    return "X-Autosave" in request.headers


def keeps_text(view: View) -> View:
    """Outermost on a page where one writes: a session that has ended costs no text.

    What was sent is laid into the visitor's session until they have signed in and the page is
    shown again with it. The browser's own saving is told by 401 and keeps the text itself.
    """

    @wraps(view)
    def kept(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST" or request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if is_autosave(request):
            return JsonResponse({"message": "Du har loggats ut."}, status=401)
        text = QueryDict(mutable=True)
        for name, values in request.POST.lists():
            if name not in SECRET:
                text.setlist(name, values)
        written = text.urlencode()
        if len(written) <= MOST_KEPT:
            request.session[KEPT] = {"path": request.path, "text": written}
            messages.info(request, COMES_BACK)
        return redirect(f"{reverse('account_login')}?next={request.path}")

    return cast(View, kept)


def take_kept(request: HttpRequest) -> QueryDict | None:
    """What was typed here before the sign-in, shown until it is saved."""
    kept = request.session.get(KEPT)
    if not isinstance(kept, dict) or kept.get("path") != request.path:
        return None
    return QueryDict(kept["text"])


def forget_kept(request: HttpRequest) -> None:
    """The text has been saved, or others' has been chosen."""
    request.session.pop(KEPT, None)
