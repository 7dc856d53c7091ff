"""One way for all acts of meetings: do it, say what was done or why not, and go back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from finsam.errors import Conflict, DomainError
from finsam.people.access import TenantRequest
from finsam.stale_forms import typed_in


def act(request: TenantRequest, run: Callable[[], object], *, done: str, back: str) -> HttpResponse:
    """Run a capability; a refusal becomes a message on the page one came from.

    A Conflict (somebody else was before) is answered 409 with what happened and a way on.
    """
    try:
        run()
    except Conflict as refusal:
        return conflict(request, refusal, back)
    except DomainError as refusal:
        messages.error(request, refusal.message)
        return redirect(back)
    if done:
        messages.success(request, done)
    return redirect(back)


def act_with_form(
    request: TenantRequest,
    form: forms.Form,
    run: Callable[[dict[str, Any]], object],
    *,
    done: str,
    back: str,
    again: Callable[[], HttpResponse],
) -> HttpResponse:
    """The same with a form: a refusal stands at its field, and nothing that was typed is lost."""
    if form.is_valid():
        try:
            run(form.cleaned_data)
        except Conflict as refusal:
            return conflict(request, refusal, back)
        except DomainError as refusal:
            place = refusal.field if refusal.field in form.fields else None
            form.add_error(place, refusal.message)
        else:
            if done:
                messages.success(request, done)
            return redirect(back)
    return again()


def conflict(request: TenantRequest, refusal: Conflict, back: str) -> HttpResponse:
    """409 that says what happened, with what was typed to copy, and the way on."""
    context = {"refusal": refusal, "back": back, "typed": typed_in(request)}
    return render(request, "boards/conflict.html", context, status=409)
