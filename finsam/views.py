"""The installation's own front page: the associations that live here."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from finsam import clock
from finsam.associations.models import Association
from finsam.people.models import Role, User


def home(request: HttpRequest) -> HttpResponse:
    """List the associations, one's own apart; a person with roles in one alone is taken there."""
    mine: list[Association] = []
    if isinstance(request.user, User):
        held = Role.objects.held_on(clock.today()).filter(user=request.user)
        mine = list(Association.objects.filter(roles__in=held).distinct())
        if len(mine) == 1 and "alla" not in request.GET:
            return redirect("applications:start", association=mine[0].slug)
    associations = Association.objects.exclude(pk__in=[one.pk for one in mine])
    return render(request, "home.html", {"associations": associations, "mine": mine})
