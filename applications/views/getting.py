"""The only ways for the applicant's pages to get an application: found is what one may see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar, cast

from django.db.models import Prefetch
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    QueryDict,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from applications.models import Application, ApplicationParty, IdeaSketch, PartyMember
from applications.next_step import NextStep
from applications.once import ReusedKey
from finsam import clock
from finsam.errors import DomainError, NotAllowed
from finsam.people.access import TenantRequest
from finsam.ui import Link

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
KEPT = "kept_text"
MOST_KEPT = 300_000
SECRET = {"csrfmiddlewaretoken", "password"}

__all__ = ["NextStep", "keeps_text", "own_application", "own_idea"]


def own_application(
    request: TenantRequest,
    public_id: Any,
    *,
    with_people: bool = False,
    even_discarded: bool = False,
) -> Application:
    """An application of the person's own side, with what its pages show; 404 otherwise.

    Of a draft thrown away only the page that says so can be opened; what is sent from another
    window is answered by the rule, so that no typed text is lost without a word.
    `with_people` reads who writes for each party, for the pages that show it.
    """
    parties = ApplicationParty.objects.select_related("member")
    if with_people:
        people = PartyMember.objects.select_related("user")
        parties = parties.prefetch_related(Prefetch("people", queryset=people))
    rows = (
        Application.objects.of_applicant(request.visitor)
        .select_related(
            "association", "round__programme", "round__frame__account", "template", "budget",
            "case", "lot", "signing_version", "thread", "idea",
        )
        .prefetch_related(Prefetch("parties", queryset=parties), "association__members")
        .with_annex_count()
        .with_open_request()
    )  # fmt: skip
    found: Application = get_object_or_404(rows, public_id=public_id)
    if found.discarded_at is not None and request.method != "POST" and not even_discarded:
        raise Http404("discarded")
    return found


def own_idea(request: TenantRequest, public_id: Any) -> IdeaSketch:
    """A sketch of the person's own side; 404 otherwise."""
    rows = IdeaSketch.objects.of_author(request.visitor).select_related(
        "association", "programme", "member", "author", "case", "thread"
    )
    found: IdeaSketch = get_object_or_404(rows.prefetch_related("answers"), public_id=public_id)
    return found


def place(name: str, application: Application, *more: Any) -> str:
    """The address of one of the application's pages."""
    return reverse(
        f"applications:{name}", args=[application.association.slug, application.public_id, *more]
    )


def crumbs(application: Application, *last: str) -> list[Link]:
    """The way to a page of the application."""
    way = [
        Link("Mina ansökningar", reverse("applications:mine", args=[application.association.slug])),
        Link(application.title, place("application", application) if last else ""),
    ]
    return [*way, *(Link(text) for text in last)]


def refused(request: TenantRequest, application: Application, error: DomainError) -> HttpResponse:
    """A page that says why something could not be done, and leads back to the application."""
    status = 403 if isinstance(error, NotAllowed) else 409
    context = {
        "application": application,
        "error": error,
        "crumbs": crumbs(application, "Det gick inte"),
        "back_url": place("application", application),
        "is_reused": isinstance(error, ReusedKey),
    }
    return render(request, "applications/applicant/refused.html", context, status=status)


def received_whole(request: HttpRequest) -> datetime:
    """The moment when the whole request had come: its body is read first, then the clock."""
    if request.method == "POST":
        request.POST.get("")
    return clock.now()


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
