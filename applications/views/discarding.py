"""The pages before a draft or a sketch is thrown away, and the way back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from applications.completeness import annex_count
from applications.discarding import (
    discard_application,
    discard_idea,
    kept_until,
    restore_application,
    restore_idea,
)
from applications.models import Application, IdeaSketch
from applications.queries import APPLICANT
from applications.views.getting import crumbs, own_application, own_idea, place, refused
from finsam import clock, typography
from finsam.errors import DomainError
from finsam.people.access import TenantRequest, gate
from finsam.ui import Fact, Link


@gate(account=True)
@require_http_methods(["GET", "POST"])
def discard(request: TenantRequest, application: UUID) -> HttpResponse:
    """What throwing the draft away means, and doing it."""
    found = own_application(request, application, with_people=True)
    if request.method == "POST":
        try:
            discard_application(application=found, actor=request.visitor.person())
        except DomainError as error:
            return refused(request, found, error)
        messages.success(request, f"”{found.title}” är slängd. Du kan ta tillbaka den härifrån.")
        return redirect(found)
    if not found.is_draft:
        return redirect(found)
    context = {
        "application": found,
        "facts": _lost(found),
        "last": typography.date_long(kept_until(clock.now())),
        "url": place("discard", found),
        "crumbs": crumbs(found, "Släng utkastet"),
    }
    return render(request, "applications/applicant/discard.html", context)


@gate(account=True)
@require_POST
def restore(request: TenantRequest, application: UUID) -> HttpResponse:
    """Take the draft back."""
    found = own_application(request, application)
    try:
        restore_application(application=found, actor=request.visitor.person())
    except DomainError as error:
        return refused(request, found, error)
    messages.success(request, "Utkastet är tillbaka. Underskrifter behöver begäras på nytt.")
    return redirect(found)


@gate(*APPLICANT)
@require_http_methods(["GET", "POST"])
def discard_sketch(request: TenantRequest, idea: UUID) -> HttpResponse:
    """The page before a sketch is thrown away, and doing it."""
    found = own_idea(request, idea)
    if request.method == "POST":
        try:
            discard_idea(idea=found, actor=request.visitor.person())
        except DomainError as error:
            messages.error(request, error.message)
            return redirect(_idea_place(found, "idea"))
        messages.success(request, f"”{found.title}” är slängd.")
        return redirect("applications:ideas", association=request.association.slug)
    if found.state != "draft" or found.discarded_at is not None:
        return redirect(_idea_place(found, "idea"))
    context = {
        "idea": found,
        "last": typography.date_long(kept_until(clock.now())),
        "url": _idea_place(found, "discard_idea"),
        "cancel_url": _idea_place(found, "idea"),
        "crumbs": [
            Link("Idéskisser", reverse("applications:ideas", args=[request.association.slug])),
            Link(found.title, _idea_place(found, "idea")),
            Link("Släng skissen"),
        ],
    }
    return render(request, "applications/ideas/discard.html", context)


@gate(*APPLICANT)
@require_POST
def restore_sketch(request: TenantRequest, idea: UUID) -> HttpResponse:
    """Take the sketch back."""
    found = own_idea(request, idea)
    try:
        restore_idea(idea=found, actor=request.visitor.person())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "Skissen är tillbaka.")
    return redirect(_idea_place(found, "idea"))


def discarded_page(request: TenantRequest, application: Application) -> HttpResponse:
    """What is seen where a draft was: that it has been thrown away, and until when it is kept."""
    context = {
        "application": application,
        "kept_until": kept_until(application.discarded_at or clock.now()),
        "may_restore": kept_until(application.discarded_at or clock.now()) >= clock.today(),
        "crumbs": crumbs(application),
    }
    return render(request, "applications/applicant/discarded.html", context)


def discarded_idea_page(request: TenantRequest, idea: IdeaSketch) -> HttpResponse:
    """The same of a sketch."""
    context = {
        "idea": idea,
        "kept_until": kept_until(idea.discarded_at or clock.now()),
        "may_restore": kept_until(idea.discarded_at or clock.now()) >= clock.today(),
        "crumbs": [
            Link("Idéskisser", reverse("applications:ideas", args=[request.association.slug])),
            Link(idea.title),
        ],
    }
    return render(request, "applications/ideas/discarded.html", context)


def _lost(application: Application) -> list[Fact]:
    """What goes with the draft, in numbers."""
    writers = [row.user for party in application.parties.all() for row in party.people.all()]
    people = {user.shown_name for user in writers}
    facts = [Fact("Försvinner för", ", ".join(sorted(people)))]
    if application.signing_version is not None:
        signed = application.signing_version.signatures.count()
        facts.append(Fact("Underskrifter som inte gäller längre", str(signed)))
    if annexes := annex_count(application):
        facts.append(Fact("Bilagor", str(annexes)))
    return facts


def _idea_place(idea: IdeaSketch, name: str) -> str:
    return reverse(f"applications:{name}", args=[idea.association.slug, idea.public_id])
