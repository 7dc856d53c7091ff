"""The office's overview: the first page of the working day."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from boards.dashboard import dashboard
from finsam.people.access import OFFICE, TenantRequest, gate


@require_GET
@gate(*OFFICE)
def overview(request: TenantRequest) -> HttpResponse:
    return render(request, "boards/overview.html", dashboard(request.association))
