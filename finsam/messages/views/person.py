"""A person's own messages: mail that the portal has sent, and the conversations one is in."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from finsam.errors import DomainError
from finsam.messages.forms import PostForm
from finsam.messages.mail import mark_message_read
from finsam.messages.models import Message, Thread, ThreadQuerySet
from finsam.messages.threads import mark_read, write_post
from finsam.people.access import TenantRequest, gate
from finsam.typography import moment_long
from finsam.ui import Cell, Column, Comment, Fact, Link, Status

PER_PAGE = 50
UNREAD = Status("Ny", "info")


@gate(signed_in=True)
def inbox(request: TenantRequest) -> HttpResponse:
    """Conversations with what is unread, and the mail sent to the person."""
    person = request.visitor.person()
    threads = _threads(request)[:PER_PAGE]
    mail = Message.objects.visible_to(person).filter(association=request.association)
    page = Paginator(mail.defer("body", "calendar"), PER_PAGE).get_page(request.GET.get("sida"))
    # Which are new is worth a column when some are; else the heading says it once for all.
    states = {message.read_at is None for message in page}
    is_mixed = len(states) > 1
    return render(
        request,
        "messages/inbox.html",
        {
            "threads": [_thread_row(request, thread) for thread in threads],
            "thread_columns": [Column("Samtal"), Column("Senast"), Column("Oläst", numeric=True)],
            "page": page,
            "mail": [_mail_row(request, message, is_mixed) for message in page],
            "mail_columns": [
                Column("Ämne"),
                Column("Tidpunkt"),
                *([Column("Läge")] if is_mixed else []),
            ],
            "mail_order": "Nyast först, inget är läst än" if states == {True} else "Nyast först",
        },
    )


@gate(signed_in=True)
def message(request: TenantRequest, message: int) -> HttpResponse:
    """One mail as it was sent."""
    found = _own_message(request, message)
    return render(
        request,
        "messages/message.html",
        {
            "message": found,
            "facts": [
                Fact("Till", found.address),
                Fact("Skrivet", moment_long(found.created_at)),
                Fact("Skickat", moment_long(found.sent_at) if found.sent_at else "Står i kö"),
            ],
            "crumbs": [_home(request), Link(found.subject)],
        },
    )


@gate(signed_in=True)
@require_POST
def message_read(request: TenantRequest, message: int) -> HttpResponse:
    """Note that the mail has been read here."""
    mark_message_read(message=_own_message(request, message))
    if request.htmx:
        return HttpResponse(status=204)
    return redirect("messages:message", request.association.slug, message)


@gate(signed_in=True)
@require_http_methods(["GET", "POST"])
def thread(request: TenantRequest, thread: int) -> HttpResponse:
    """A conversation, oldest first, with a field to write in."""
    found = get_object_or_404(_threads(request), pk=thread)
    form = PostForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            write_post(
                thread=found, author=request.visitor.person(), body=form.cleaned_data["body"]
            )
        except DomainError as error:
            form.add_error(error.field, error.message)
        else:
            return redirect("messages:thread", request.association.slug, found.pk)
    posts = Paginator(found.posts.select_related("author"), PER_PAGE)
    page = posts.get_page(request.GET.get("sida") or posts.num_pages)
    return render(
        request,
        "messages/thread.html",
        {
            "thread": found,
            "comments": [Comment(post.author.name, post.body, post.written_at) for post in page],
            "page": page,
            "form": form,
            "crumbs": [_home(request), Link(found.subject)],
        },
    )


@gate(signed_in=True)
@require_POST
def thread_read(request: TenantRequest, thread: int) -> HttpResponse:
    """Note that everything so far has been read."""
    found = get_object_or_404(_threads(request), pk=thread)
    mark_read(thread=found, reader=request.visitor.person())
    if request.htmx:
        return HttpResponse(status=204)
    return redirect("messages:thread", request.association.slug, thread)


def _threads(request: TenantRequest) -> ThreadQuerySet:
    person = request.visitor.person()
    own: ThreadQuerySet = Thread.objects.visible_to(person).with_unread(person)
    return own.filter(association=request.association).select_related("association", "case")


def _own_message(request: TenantRequest, pk: int) -> Message:
    own = Message.objects.visible_to(request.visitor.person())
    return get_object_or_404(own, association=request.association, pk=pk)


def _home(request: TenantRequest) -> Link:
    return Link("Meddelanden", reverse("messages:inbox", args=[request.association.slug]))


def _thread_row(request: TenantRequest, thread: Thread) -> list[Cell]:
    address = reverse("messages:thread", args=[request.association.slug, thread.pk])
    unread: int = thread.unread  # type: ignore[attr-defined]
    return [
        Cell(thread.subject, url=address),
        Cell(moment_long(thread.latest_at)),  # type: ignore[attr-defined]
        Cell(str(unread) if unread else "–"),
    ]


def _mail_row(request: TenantRequest, message: Message, tells_state: bool) -> list[Cell]:
    address = reverse("messages:message", args=[request.association.slug, message.pk])
    row = [
        Cell(message.subject, url=address),
        Cell(moment_long(message.sent_at or message.created_at)),
    ]
    if tells_state:
        row.append(Cell(status=UNREAD) if message.read_at is None else Cell("Läst"))
    return row
