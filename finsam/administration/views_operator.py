"""The operator's page: a new association in the installation."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from finsam.administration.forms import FoundingForm
from finsam.administration.founding import found_association
from finsam.errors import DomainError
from finsam.people.kept_text import forget_kept, keeps_text, take_kept
from finsam.people.models import User


@keeps_text
@require_http_methods(["GET", "POST"])
def new_association(request: HttpRequest) -> HttpResponse:
    """Found an association; its administrator goes on from there, led by a list."""
    if not isinstance(request.user, User):
        return redirect_to_login(request.get_full_path())
    if not request.user.is_superuser:
        raise PermissionDenied("Ett nytt förbund läggs upp av den som driver portalen.")
    kept = take_kept(request) if request.method == "GET" else None
    form = FoundingForm(request.POST or None, initial=kept.dict() if kept else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = found_association(said=form.said, actor=request.user)
        except DomainError as error:
            form.add_domain_error(error)
        else:
            forget_kept(request)
            said = form.cleaned_data["administrator_email"]
            messages.success(request, f"{made.name} är upplagt. {said} får ett mejl.")
            return redirect(made.get_absolute_url())
    status = 422 if form.errors else 200
    context = {"form": form, "has_kept": kept is not None}
    return render(request, "administration/new_association.html", context, status=status)
