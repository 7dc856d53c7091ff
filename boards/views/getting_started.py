"""The list that leads a new association to its first round."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from boards.getting_started import getting_started
from finsam.people.access import TenantRequest, gate
from finsam.people.models import RoleKind


@require_GET
@gate(RoleKind.DIRECTOR, RoleKind.ADMINISTRATOR)
def started(request: TenantRequest) -> HttpResponse:
    """What is in place, what is missing, and where to go on."""
    todos = getting_started(request.association)
    done = sum(todo.is_done for todo in todos)
    context = {
        "todos": [(todo, request.visitor.has(*todo.keepers)) for todo in todos],
        "progress": f"{done} av {len(todos)} klara",
        "is_ready": done == len(todos),
    }
    return render(request, "boards/getting_started.html", context)
