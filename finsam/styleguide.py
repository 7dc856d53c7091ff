"""Every component with examples, for looking and for the accessibility tests; only with DEBUG."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path

from finsam import clock, ui
from finsam.associations.views import style_sheet
from finsam.fields import DayField, LongTextField, MoneyField
from finsam.styleguide_examples import components


class ExampleForm(forms.Form):
    """One of each kind of field."""

    title = forms.CharField(label="Insatsens namn", max_length=80)
    purpose = LongTextField(
        label="Syfte", max_length=2000, help_text="Vad ska bli annorlunda, för vem och varför?"
    )
    amount = MoneyField(label="Sökt belopp 2024", help_text="Hela kronor.")
    day = DayField(label="Startdag", required=False)
    municipality = forms.ChoiceField(
        label="Kommun", choices=[("", "Välj kommun"), ("karlshamn", "Karlshamn")]
    )
    kind = forms.ChoiceField(
        label="Insatsens slag",
        choices=[("individual", "Individinsats"), ("structural", "Strukturinsats")],
        widget=forms.RadioSelect,
    )
    parties = forms.MultipleChoiceField(
        label="Parter som medverkar",
        choices=[("fk", "Försäkringskassan"), ("af", "Arbetsförmedlingen"), ("r", "Regionen")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    attachment = forms.FileField(
        label="Bilaga", required=False, help_text="PDF, bild, Word eller Excel. Högst 25 MB."
    )
    agree = forms.BooleanField(label="Alla parter har läst ansökan")


class FilterForm(forms.Form):
    q = forms.CharField(label="Sök", required=False)
    state = forms.ChoiceField(
        label="Läge", required=False, choices=[("", "Alla"), ("draft", "Utkast")]
    )
    mine = forms.BooleanField(label="Bara mina", required=False)


def show(request: HttpRequest) -> HttpResponse:
    """The whole guide; ?fel=1 shows the form after a refusal, ?bred=1 the wide shell."""
    if "meddelanden" in request.GET:
        messages.success(request, "Ansökan är sparad.")
        messages.error(request, "Filen kunde inte läsas. Spara om den som PDF och försök igen.")
    broken = {"title": "x" * 90, "amount": "många", "purpose": "", "day": "i morgon"}
    form = ExampleForm(broken if "fel" in request.GET else None)
    return render(
        request,
        "styleguide.html",
        {**_shell(request), **components(), "filter_form": FilterForm(), "form": form},
    )


def look(request: HttpRequest) -> HttpResponse:
    """The colour of the guide, another by ?farg=0b5d57."""
    return HttpResponse(style_sheet(f"#{request.GET.get('farg', '0b5d57')}"), "text/css")


def error_page(request: HttpRequest, code: str) -> HttpResponse:
    """The error pages as they look, answered with 200."""
    return render(request, f"{code}.html", _shell(request))


def save(request: HttpRequest) -> HttpResponse:
    """What a view that saves while one writes may answer, chosen by a word in the text."""
    text = request.POST.get("text", "")
    if "samtidigt" in text:
        texts = {"old": "Region Blekinges text.", "new": text, "new_label": "Din text"}
        return render(request, "styleguide/conflict.html", texts, status=409)
    if "för långt" in text:
        return JsonResponse({"message": "Texten är för lång. Den är inte sparad."}, status=422)
    if "utloggad" in text:
        return redirect("account_login")
    version = int(request.POST.get("version", "0")) + 1
    return JsonResponse({"saved": f"{clock.stockholm(clock.now()):%H.%M}", "version": version})


def job(request: HttpRequest) -> HttpResponse:
    """What a running job answers to its own question."""
    running = SimpleNamespace(pk=1, state="done", progress=100, progress_text="")
    context = {"job": running, "url": "", "page_url": "", "done_url": "#jobb"}
    return render(request, "components/job_progress.html", context)


def _shell(request: HttpRequest) -> dict[str, Any]:
    association = SimpleNamespace(
        slug="stil", name="Samordningsförbundet i Blekinge", initials="SB",
        email="kansli@blekinge.exempel.se", phone="0457-00 00 00",
    )  # fmt: skip
    names = ("Översikt", "Ansökningar", "Möten", "Ekonomi", "Diarium", "Inställningar")
    return {
        "association": association,
        "nav": [ui.Link(name, "#", name == "Översikt") for name in names],
        "is_demo": True,
        "wide": "bred" in request.GET,
        "colour": request.GET.get("farg", "0b5d57"),
        "crumbs": [ui.Link("Ekonomi 2024", "#"), ui.Link("Individinsatser 2024", "#")],
    }


urlpatterns = [
    path("stil/", show, name="styleguide"),
    path("stil/utseende.css", look, name="styleguide_look"),
    path("stil/spara/", save, name="styleguide_save"),
    path("stil/arbete/", job, name="styleguide_job"),
    path("stil/fel/<str:code>/", error_page, name="styleguide_error"),
]
