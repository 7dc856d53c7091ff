"""The association's look as a small style sheet, since pages carry no style of their own."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from finsam.associations.colour import DEFAULT_COLOUR, LEAST_CONTRAST, contrast_with_white
from finsam.associations.models import Association

_HEX = re.compile(r"#[0-9a-f]{6}")


@require_safe
@cache_control(public=True, max_age=3600)
def appearance(request: HttpRequest, association: str) -> HttpResponse:
    """The colour of the association's band, mark and bars."""
    found = get_object_or_404(Association, slug=association)
    return HttpResponse(style_sheet(found.colour), content_type="text/css; charset=utf-8")


def style_sheet(colour: str) -> str:
    """Only a colour that white text can stand on comes through, else the portal's own."""
    if not _HEX.fullmatch(colour) or contrast_with_white(colour) < LEAST_CONTRAST:
        colour = DEFAULT_COLOUR
    return f":root{{--association:{colour}}}\n"
