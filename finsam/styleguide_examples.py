"""What the style guide shows: invented values for every component."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.core.paginator import Paginator

from finsam import clock, ui
from finsam.typography import kronor

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


def components() -> dict[str, Any]:
    """The context of templates/styleguide.html."""
    return {
        "due": clock.today() + timedelta(days=12),
        "states": STATES,
        "state_names": list(STATES),
        "status": STATES["to_board"],
        "frame_bar": _frame_bar(),
        "tabs": [ui.Link("Ansökan", "#", True), ui.Link("Budget", "#"), ui.Link("Bilagor", "#")],
        "links": [ui.Link("Hämta ansökan som Word", "#"), ui.Link("Hämta budget som Excel", "#")],
        **_figures(),
        **_files(),
        **_talk(),
        **_work(),
        **_tasks(),
        **_facts(),
        **_ways(),
        **_table(),
    }


def _figures() -> dict[str, Any]:
    sources = "7 mnkr ur potten för insatser, 2 mnkr ur eget kapital"
    return {
        "stats": [
            ui.Stat("Ram", kronor(9_000_000), sources),
            ui.Stat("Fördelat i förslaget", kronor(8_960_000), "99,6 procent av ramen"),
            ui.Stat("Kvar av ramen", kronor(40_000), "Går inte att överskrida vid beslut"),
        ]
    }


def _files() -> dict[str, Any]:
    now = clock.now()
    broken = ui.Status("Gick inte att läsa", "danger")
    advice = "Filen är skyddad med lösenord. Spara en kopia utan lösenord."
    return {
        "files": [
            ui.FileItem("Budget Hållplatsen.xlsx", "#", "Excel", 84_213, now, "Samordnare"),
            ui.FileItem("Avsiktsförklaring.pdf", "#", "PDF", 2_412_000, now, remove_url="#"),
            ui.FileItem("skannad.pdf", "", "PDF", 12_000, status=broken, note=advice),
        ]
    }


def _talk() -> dict[str, Any]:
    now = clock.now()
    question = "Målet saknar målvärde.\nHur många räknar ni med?"
    signed, voided = ui.Status("Underskriven", "success"), ui.Status("Upphävd", "warning")
    changed = "Ansökan ändrades efter underskriften."
    return {
        "comments": [
            ui.Comment("Kansliet", question, now, place="Syfte och mål"),
            ui.Comment("Kansliet", "Ring Region Blekinge före fredag.", now, internal=True),
        ],
        "signatures": [
            ui.Signature("Karlshamns kommun", "Exempel Exempelsson", "firmatecknare", now, signed),
            ui.Signature("Region Blekinge", "Prov Provsson", "firmatecknare"),
            ui.Signature("Arbetsförmedlingen", status=voided, note=changed),
        ],
        "pieces": [
            ("same", "Insatsen vänder sig till "),
            ("del", "unga"),
            ("ins", "personer mellan 16 och 29 år"),
            ("same", " i Karlshamn."),
        ],
    }


def _work() -> dict[str, Any]:
    text, error = "Lägger ihop 12 av 31 handlingar.", "En bilaga gick inte att läsa."
    return {
        "job": SimpleNamespace(pk=1, state="running", progress=40, progress_text=text),
        "failed_job": SimpleNamespace(pk=2, state="failed", progress=40, error=error),
    }


def _tasks() -> dict[str, Any]:
    today = clock.today()
    done, begun = ui.Status("Klar", "success"), ui.Status("Påbörjad", "info")
    faulty, later = ui.Status("Behöver åtgärdas", "warning"), ui.Status("Kan inte börja än")
    parties = "Karlshamns kommun (huvudman), Region Blekinge, Arbetsförmedlingen"
    goal = "Målet ”påbörjat arbete eller studier” saknar målvärde"
    return {
        "tasks": [
            ui.Task("Grunduppgifter", "#", done),
            ui.Task("Sökande parter", "#", done, parties),
            ui.Task("Syfte och mål", "#", begun, goal),
            ui.Task("Budget", "#", faulty, "Två fynd i arbetsboken, se Kostnader!B14"),
            ui.Task("Underskrifter", "", later, "När allt ovan är klart"),
        ],
        "dates": [
            ui.Task("Beredning i Utvecklingsrådet", when=today + timedelta(days=9)),
            ui.Task("Materialstopp", when=today + timedelta(days=11)),
            ui.Task("Utskick till styrelsen", when=today + timedelta(days=14)),
            ui.Task("Styrelsemöte", when=today + timedelta(days=21)),
        ],
    }


def _facts() -> dict[str, Any]:
    frame = f"Ram Individinsatser 2024 (kvar efter beslutet {kronor(7_150_000)})"
    return {
        "facts": [
            ui.Fact("Belopp", amount=1_850_000),
            ui.Fact("Finansiering", frame),
            ui.Fact("Yrkanden", "Bifall till förslaget (ordföranden)"),
            ui.Fact("Omröstning", "inte begärd"),
        ],
        "parties": [
            ui.Fact("Karlshamns kommun", "klar med sin del"),
            ui.Fact("Region Blekinge", "skriver"),
            ui.Fact("Arbetsförmedlingen", "inbjuden 18 aug"),
        ],
    }


def _ways() -> dict[str, Any]:
    today = clock.today()
    return {
        "milestones": [
            ui.Step("Förslag till mall", today - timedelta(days=150), "done"),
            ui.Step("Mallen färdig", today - timedelta(days=120), "done"),
            ui.Step("Sista dag", today + timedelta(days=12), "now", "om 12 dagar"),
            ui.Step("Underlag till styrelsen", today + timedelta(days=29)),
            ui.Step("Styrelsen beslutar", today + timedelta(days=36)),
        ],
        "way": [
            ui.Step("Idé", note="Prata med oss tidigt"),
            ui.Step("Ansökan", note="Minst två parter"),
            ui.Step("Granskning", note="Kansliet läser"),
            ui.Step("Beredning", note="Utvecklingsrådet"),
            ui.Step("Beslut", note="Styrelsen"),
            ui.Step("Insats", note="Avtal och uppföljning"),
        ],
    }


def _frame_bar() -> ui.Bar:
    return ui.bar(
        [ui.BarPart("Ram", 9_000_000), ui.BarPart("Sökt över ram", 450_000, "over")],
        label="Sökt 9 450 000 kronor av ramen 9 000 000 kronor",
    )


def _table() -> dict[str, Any]:
    rows = [
        [
            ui.Cell(name, url="#"),
            ui.Cell(place),
            ui.Cell(amount=asked),
            ui.Cell(amount=plan),
            ui.Cell(status=STATES[state]),
            ui.Cell(turn),
        ]
        for name, place, asked, plan, state, turn in EFFORTS
    ]
    columns = [
        ui.Column("Insats", sort="insats"),
        ui.Column("Kommun", sort="kommun"),
        ui.Column("Sökt, kr", numeric=True, sort="sokt"),
        ui.Column("Plan, kr", numeric=True),
        ui.Column("Läge"),
        ui.Column("Nästa steg hos"),
    ]
    places = [
        ui.bar([ui.BarPart("", asked)], label=place, total=4_000_000)
        for _, place, asked, *_ in EFFORTS
    ]
    return {
        "rows": rows,
        "columns": columns,
        "foot": [
            ui.Cell("Summa"),
            ui.Cell(),
            ui.Cell(amount=9_450_000),
            ui.Cell(amount=9_000_000),
            ui.Cell(),
            ui.Cell(),
        ],
        "page": Paginator(range(1, 951), 50).page(4),
        "efforts": [(place, plan, asked) for _, place, asked, plan, *_ in EFFORTS],
        "places": places,
        "place_columns": [ui.Column("Kommun"), ui.Column("Sökt, kr", numeric=True)],
        "place_rows": [[ui.Cell(place), ui.Cell(amount=asked)] for _, place, asked, *_ in EFFORTS],
    }
