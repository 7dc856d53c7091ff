"""The only ways for the applicant's pages to get an application: found is what one may see."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Prefetch
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
)
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from applications.models import Application, ApplicationParty, IdeaSketch, PartyMember
from applications.next_step import NextStep
from applications.once import ReusedKey
from finsam import clock
from finsam.errors import DomainError, NotAllowed
from finsam.people.access import TenantRequest
from finsam.people.kept_text import forget_kept, is_autosave, keeps_text, take_kept
from finsam.ui import Link

__all__ = [
    "NextStep",
    "forget_kept",
    "is_autosave",
    "keeps_text",
    "own_application",
    "own_idea",
    "take_kept",
]


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
            "case", "lot", "signing_version", "thread", "idea", "grant",
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
