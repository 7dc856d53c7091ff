"""What somebody else saved beside what was written here, and the choice between the two."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from applications.views.getting import is_autosave

KEEP_PREFIX = "keep-"
NOT_TEXT = {"csrfmiddlewaretoken", "version", "action"}


def keep_name(field: str) -> str:
    """The name of the choice for a field."""
    return f"{KEEP_PREFIX}{field}"


def conflict_page(
    request: HttpRequest,
    *,
    message: str,
    clashes: Sequence[Mapping[str, Any]],
    version: int | str,
    is_text: Callable[[str], bool] = lambda _name: True,
    **more: Any,
) -> HttpResponse:
    """409 with both texts: a fragment for the saving script, a page for everybody else.

    A clash has `heading`, `mine`, `theirs`, `name` (by `keep_name`) and `may_join`. `is_text`
    says which of the fields sent are carried along by their names.
    """
    hidden = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in NOT_TEXT and not name.startswith(KEEP_PREFIX) and is_text(name)
        for value in values
    ]
    page = {"message": message, "clashes": clashes, "hidden": hidden, "version": version, **more}
    kind = "conflict_panel" if is_autosave(request) else "conflict"
    return render(request, f"applications/applicant/{kind}.html", page, status=409)
