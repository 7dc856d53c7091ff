"""A page that embeds the editor, as the pages of applications do; with addresses of its own."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template import engines
from django.urls import path

from budgets.editor import ACTION, Editor
from budgets.models import Budget
from finsam.errors import Conflict
from finsam.urls import urlpatterns as portal
from tests.budgets.samples import CONTEXT

PAGE = """{% extends "base.html" %}{% load static %}
{% block title %}Budget{% endblock %}
{% block body_class %}wide{% endblock %}
{% block scripts %}
<script src="{% static 'js/table-keys.js' %}" type="module"></script>
{% endblock %}
{% block content %}
{% include "components/page_head.html" with heading="Budget" only %}
{% include "components/error_summary.html" with errors=editor.error_list only %}
<form method="post" class="stack loose" novalidate>{% csrf_token %}
{% include "budgets/editor.html" with editor=editor totals_url=request.path only %}
<div class="row"><button class="ds-button" name="gor" value="spara">Spara</button></div></form>
{% endblock %}"""


def edit(request: HttpRequest, budget: int) -> HttpResponse:
    """Show, sum up and save: all that an embedding page has to do."""
    found = Budget.objects.get(pk=budget)
    status = 200
    if request.method == "POST":
        editor = Editor.sent(request.POST, CONTEXT)
        if request.headers.get("HX-Request"):
            page = engines["django"].from_string('{% include "budgets/_editor_moved.html" %}')
            return HttpResponse(page.render({"editor": editor}, request))
        if request.POST.get(ACTION) == "spara":
            if editor.is_readable:
                try:
                    editor.save(budget=found, actor=None)
                except Conflict as refusal:
                    return HttpResponse(refusal.message, status=409)
                return redirect(request.path)
            status = 422
    else:
        editor = Editor.of(found, CONTEXT)
    page = engines["django"].from_string(PAGE)
    return HttpResponse(page.render({"editor": editor}, request), status=status)


urlpatterns = [*portal, path("prov/budget/<int:budget>/", edit)]
