"""Every component with examples, for looking and for the accessibility tests; only with DEBUG."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from finsam import clock, ui
from finsam.associations.views import style_sheet
from finsam.fields import DayField, LongTextField, MoneyField

STATES = {
    "draft": ui.Status("Utkast", "info"),
    "in_review": ui.Status("Granskas", "info"),
    "returned": ui.Status("Komplettering begärd", "warning"),
    "in_preparation": ui.Status("Under beredning", "info"),
    "to_board": ui.Status("Underlag klart", "success"),
    "submitted": ui.Status("Inkommen"),
    "rejected": ui.Status("Avslag", "danger"),
}
EFFORTS = (
    ("Vägar vidare", "Karlskrona", 3_900_000, 3_784_064, "in_review", "Du, i dag"),
    ("Åter", "Ronneby", 1_700_000, 1_653_378, "returned", "Sökande, 11 sep"),
    ("Hållplatsen", "Karlshamn", 1_950_000, 1_822_868, "in_preparation", "Utvecklingsrådet"),
    ("Språket bär", "Sölvesborg", 1_100_000, 995_582, "to_board", "Styrelsen, 25 sep"),
    ("Steg in", "Olofström", 800_000, 744_108, "submitted", "Du, i dag"),
)


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
    return render(request, "styleguide.html", {**_shell(request), **_components(), "form": form})


def look(request: HttpRequest) -> HttpResponse:
    """The colour of the guide, another by ?farg=0b5d57."""
    return HttpResponse(style_sheet(f"#{request.GET.get('farg', '0b5d57')}"), "text/css")


def error_page(request: HttpRequest, code: str) -> HttpResponse:
    """The error pages as they look, answered with 200."""
    return render(request, f"{code}.html", _shell(request))


def job(request: HttpRequest) -> HttpResponse:
    """What a running job answers to its own question."""
    running = SimpleNamespace(pk=1, state="done", progress=100, progress_text="")
    context = {"job": running, "url": "", "page_url": "", "done_url": "#jobb"}
    return render(request, "components/job_progress.html", context)


def _shell(request: HttpRequest) -> dict[str, Any]:
    association = SimpleNamespace(
        slug="blekinge", name="Samordningsförbundet i Blekinge", initials="SB",
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


def _components() -> dict[str, Any]:
    now = clock.now()
    return {
        "due": clock.today() + timedelta(days=12),
        "states": STATES,
        "state_names": list(STATES),
        "status": STATES["to_board"],
        "frame_bar": _frame_bar(),
        "stats": [
            ui.Stat("Ram", "9\u00a0000\u00a0000\u00a0kr", "7 mnkr ur potten för insatser, 2 mnkr ur eget kapital"),
            ui.Stat("Fördelat i förslaget", "8\u00a0960\u00a0000\u00a0kr", "99,6 procent av ramen"),
            ui.Stat("Kvar av ramen", "40\u00a0000\u00a0kr", "Går inte att överskrida vid beslut"),
        ],
        "files": [
            ui.FileItem("Budget Hållplatsen.xlsx", "#", "Excel", 84_213, now, "Samordnare"),
            ui.FileItem("Avsiktsförklaring.pdf", "#", "PDF", 2_412_000, now, remove_url="#"),
            ui.FileItem(
                "skannad.pdf", "", "PDF", 12_000, status=ui.Status("Gick inte att läsa", "danger"),
                note="Filen är skyddad med lösenord. Spara en kopia utan lösenord.",
            ),
        ],
        "comments": [
            ui.Comment("Kansliet", "Målet saknar målvärde.\nHur många räknar ni med?", now, place="Syfte och mål"),
            ui.Comment("Kansliet", "Ring Region Blekinge före fredag.", now, internal=True),
        ],
        "signatures": [
            ui.Signature("Karlshamns kommun", "Exempel Exempelsson", "firmatecknare", now, ui.Status("Underskriven", "success")),
            ui.Signature("Region Blekinge", "Prov Provsson", "firmatecknare"),
            ui.Signature("Arbetsförmedlingen", status=ui.Status("Upphävd", "warning"), note="Ansökan ändrades efter underskriften."),
        ],
        "tabs": [ui.Link("Ansökan", "#", True), ui.Link("Budget", "#"), ui.Link("Bilagor", "#"), ui.Link("Historik", "#")],
        "links": [
            ui.Link("Hämta ansökan som Word", "#"), ui.Link("Hämta budget som Excel", "#"),
        ],
        "pieces": [("same", "Insatsen vänder sig till "), ("del", "unga"), ("ins", "personer mellan 16 och 29 år"), ("same", " i Karlshamn.")],
        "job": SimpleNamespace(pk=1, state="running", progress=40, progress_text="Lägger ihop 12 av 31 handlingar."),
        "failed_job": SimpleNamespace(pk=2, state="failed", progress=40, progress_text="", error_message="En bilaga gick inte att läsa."),
        "filter_form": FilterForm(),
        **_lists(),
        **_table(),
    }  # fmt: skip


def _lists() -> dict[str, Any]:
    today = clock.today()
    done, begun = ui.Status("Klar", "success"), ui.Status("Påbörjad", "info")
    return {
        "tasks": [
            ui.Task("Grunduppgifter", "#", done),
            ui.Task("Sökande parter", "#", done, "Karlshamns kommun (huvudman), Region Blekinge, Arbetsförmedlingen"),
            ui.Task("Syfte och mål", "#", begun, "Målet ”påbörjat arbete eller studier” saknar målvärde"),
            ui.Task("Budget", "#", ui.Status("Behöver åtgärdas", "warning"), "Två fynd i arbetsboken, se Kostnader!B14"),
            ui.Task("Underskrifter", "", ui.Status("Kan inte börja än"), "När allt ovan är klart"),
        ],
        "dates": [ui.Task(text, when=today + timedelta(days=n)) for text, n in (
            ("Beredning i Utvecklingsrådet", 9), ("Materialstopp", 11), ("Utskick till styrelsen", 14), ("Styrelsemöte", 21))],
        "facts": [
            ui.Fact("Belopp", amount=1_850_000),
            ui.Fact("Finansiering", "Ram Individinsatser 2024 (kvar efter beslutet 7\u00a0150\u00a0000\u00a0kr)"),
            ui.Fact("Yrkanden", "Bifall till förslaget (ordföranden)"),
            ui.Fact("Omröstning", "inte begärd"),
        ],
        "parties": [
            ui.Fact("Karlshamns kommun", "klar med sin del"), ui.Fact("Region Blekinge", "skriver"),
            ui.Fact("Arbetsförmedlingen", "inbjuden 18 aug"),
        ],
        "milestones": [
            ui.Step("Förslag till mall", today - timedelta(days=150), "done"),
            ui.Step("Mallen färdig", today - timedelta(days=120), "done"),
            ui.Step("Sista dag", today + timedelta(days=12), "now", "om 12 dagar"),
            ui.Step("Underlag till styrelsen", today + timedelta(days=29)),
            ui.Step("Styrelsen beslutar", today + timedelta(days=36)),
        ],
        "way": [ui.Step(text, note=note) for text, note in (
            ("Idé", "Prata med oss tidigt"), ("Ansökan", "Minst två parter"), ("Granskning", "Kansliet läser"),
            ("Beredning", "Utvecklingsrådet"), ("Beslut", "Styrelsen"), ("Insats", "Avtal och uppföljning"))],
    }  # fmt: skip


def _frame_bar() -> ui.Bar:
    return ui.bar(
        [ui.BarPart("Ram", 9_000_000), ui.BarPart("Sökt över ram", 450_000, "over")],
        label="Sökt 9 450 000 kronor av ramen 9 000 000 kronor",
    )


def _table() -> dict[str, Any]:
    rows = [
        [
            ui.Cell(name, url="#"), ui.Cell(place), ui.Cell(amount=asked), ui.Cell(amount=plan),
            ui.Cell(status=STATES[state]), ui.Cell(turn),
        ]
        for name, place, asked, plan, state, turn in EFFORTS
    ]  # fmt: skip
    columns = [
        ui.Column("Insats", sort="insats"), ui.Column("Kommun", sort="kommun"),
        ui.Column("Sökt, kr", numeric=True, sort="sokt"), ui.Column("Plan, kr", numeric=True),
        ui.Column("Läge"), ui.Column("Nästa steg hos"),
    ]  # fmt: skip
    places = [ui.bar([ui.BarPart("", asked)], label=place, total=4_000_000) for _, place, asked, *_ in EFFORTS]
    return {
        "rows": rows,
        "columns": columns,
        "foot": [ui.Cell("Summa"), ui.Cell(), ui.Cell(amount=9_450_000), ui.Cell(amount=9_000_000), ui.Cell(), ui.Cell()],
        "page": Paginator(range(1, 951), 50).page(4),
        "efforts": [(place, plan, asked) for _, place, asked, plan, *_ in EFFORTS],
        "places": places,
        "place_columns": [ui.Column("Kommun"), ui.Column("Sökt, kr", numeric=True)],
        "place_rows": [[ui.Cell(place), ui.Cell(amount=asked)] for _, place, asked, *_ in EFFORTS],
    }  # fmt: skip


urlpatterns = [
    path("stil/", show, name="styleguide"),
    path("stil/utseende.css", look, name="styleguide_look"),
    path("stil/arbete/", job, name="styleguide_job"),
    path("stil/fel/<str:code>/", error_page, name="styleguide_error"),
]
