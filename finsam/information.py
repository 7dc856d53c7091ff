"""The pages every public portal owes its visitors: accessibility statement and personal data."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from finsam.people.access import TenantRequest, gate


@gate(public=True)
def accessibility(request: TenantRequest) -> HttpResponse:
    return render(request, "information/accessibility.html")


@gate(public=True)
def privacy(request: TenantRequest) -> HttpResponse:
    return render(request, "information/privacy.html")
