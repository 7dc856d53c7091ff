"""The year's economy, a frame, and the transfers behind every figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from budgets.flow import NAMES, SOURCES, Flow, accounts_of, flow_of_year
from budgets.models import Account, Allocation, PlannedReturn, Transfer
from budgets.models.payments import READER_ROLES
from budgets.overview import (
    YearOverview,
    frame_bar,
    source_words,
    transfers_of,
    year_overview,
    years_with_money,
)
from budgets.sought import drawing_on_frames, frame_rows
from budgets.views.getting import OFFICE, READERS, account_or_404, crumbs, frame_or_404
from finsam import clock
from finsam.people.access import TenantRequest, gate
from finsam.people.models import RoleKind
from finsam.typography import date_long, kronor, number
from finsam.ui import Cell, Column, Link, Stat

TRANSFERS_A_PAGE = 50


@gate(*READERS)
@require_GET
def latest(request: TenantRequest) -> HttpResponse:
    years = years_with_money(request.association)
    return _year(request, years[0] if years else clock.today().year, years)


@gate(*READERS)
@require_GET
def year(request: TenantRequest, year: int) -> HttpResponse:
    return _year(request, year)


def _year(request: TenantRequest, chosen: int, years: Sequence[int] | None = None) -> HttpResponse:
    slug = request.association.slug
    overview = year_overview(request.association, chosen, years)
    flow = flow_of_year(request.association, chosen)
    tabs = [
        Link(str(each), reverse("budgets:year_of", args=[slug, each]), each == chosen)
        for each in overview.years
    ]
    context = {
        "overview": overview,
        "heading": f"Ekonomi {chosen}",
        "lead": "Från medlemmarnas bidrag till beviljade insatser.",
        "next": _next_step(request, overview),
        "stats": [
            Stat("Planerade bidrag", kronor(overview.planned)),
            Stat("Inbetalt", kronor(overview.paid)),
            Stat("I ramar", kronor(sum(each.frame.amount for each in overview.frames))),
            Stat("Beviljat", kronor(sum(each.granted for each in overview.frames))),
        ],
        "flow": flow,
        "flow_columns": [
            Column("Plats"),
            Column("In, kr", numeric=True),
            Column("Vidare, kr", numeric=True),
            Column("Där nu, kr", numeric=True),
        ],
        "flow_rows": _flow_rows(request, overview, flow),
        "now_aside": f"{kronor(overview.now_total)} av årets pengar",
        "tabs": tabs,
        "can_plan": request.visitor.has(*OFFICE),
        "without_frame": [
            one for one in drawing_on_frames(request.association, chosen) if one.frame_id is None
        ]
        if request.visitor.has(*OFFICE)
        else [],
        "may_read_requests": request.visitor.has(*READER_ROLES),
        "has_returns": PlannedReturn.objects.filter(
            grant__association=request.association
        ).exists(),
        "may_rule": request.visitor.has(RoleKind.DIRECTOR),
        "contribution_columns": [
            Column("Medlem"),
            Column("Planerat", numeric=True),
            Column("Inbetalt", numeric=True),
            Column("Återstår", numeric=True),
        ],
        "contribution_rows": [
            [
                Cell(row.member.name),
                Cell(amount=row.planned_amount),
                Cell(kronor(row.paid_amount), url=row.source.get_absolute_url()),
                Cell(amount=row.unpaid_amount),
            ]
            for row in overview.contributions
        ],
        "contribution_foot": [
            Cell("Summa"),
            Cell(amount=overview.planned),
            Cell(amount=overview.paid),
            Cell(amount=overview.planned - overview.paid),
        ],
    }
    return render(request, "budgets/year.html", context)


def _flow_rows(request: TenantRequest, overview: YearOverview, flow: Flow) -> list[list[Cell]]:
    """The picture as a table; each place opens into its accounts, and they into transfers."""
    slug, year = request.association.slug, overview.year
    return [
        [
            Cell(place.name, url=reverse("budgets:place", args=[slug, year, place.key])),
            Cell("–") if place.key in SOURCES else Cell(amount=place.came),
            Cell(amount=place.went),
            Cell("–") if place.key in SOURCES else Cell(amount=overview.balances.get(place.key, 0)),
        ]
        for place in flow.places
    ]


@gate(*READERS)
@require_GET
def place(request: TenantRequest, year: int, place: str) -> HttpResponse:
    """The accounts of a place in the year's picture, each with its transfers."""
    if place not in NAMES:
        raise Http404
    accounts = accounts_of(request.association, year, place)
    context = {
        "heading": NAMES[place],
        "year": year,
        "columns": [Column("Konto"), Column("Saldo, kr", numeric=True)],
        "rows": [
            [Cell(each.name, url=each.get_absolute_url()), Cell(amount=abs(each.balance))]
            for each in accounts
        ],
        "foot": [Cell("Summa"), Cell(amount=sum(abs(each.balance) for each in accounts))],
        "crumbs": crumbs(request, year, Link(NAMES[place])),
    }
    return render(request, "budgets/place.html", context)


@dataclass(frozen=True)
class NextStep:
    """What there is to do with the year's money now, and whose turn it is."""

    heading: str
    text: str
    whose: str
    url: str = ""
    action: str = ""


def _next_step(request: TenantRequest, overview: YearOverview) -> NextStep:
    def place(name: str) -> str:
        return reverse(f"budgets:{name}", args=[request.association.slug, overview.year])

    whose = "Er tur" if request.visitor.is_office else "Kansliets tur"
    if overview.unsecured:
        return NextStep(
            "Basfinansieringen är inte längre säkrad",
            overview.unsecured,
            whose,
            place("base"),
            "Ta ställning till basfinansieringen",
        )
    unpaid = overview.planned - overview.paid
    if not overview.planned:
        text = "Hälften från staten, en fjärdedel från regionen och en fjärdedel från kommunerna."
        return NextStep("Planera årets bidrag", text, whose, place("plan"), "Planera bidragen")
    if unpaid > 0:
        text = f"{kronor(unpaid)} av de planerade bidragen är inte inbetalda."
        return NextStep(
            "Bidrag återstår att betala",
            text,
            "Medlemmarnas tur",
            place("payment"),
            "Bokför inbetalning",
        )
    if overview.undivided:
        text = f"{kronor(overview.undivided)} ligger kvar utan att ha fått en pott."
        return NextStep("Fördela årets pengar", text, whose, place("divide"), "Fördela året")
    if not overview.frames:
        text = "Innan styrelsen kan bevilja något behövs en ram att ta pengarna ur."
        return NextStep("Sätt en ram", text, whose, place("new_frame"), "Ny ram")
    left = sum(each.left for each in overview.frames)
    text = f"{kronor(left)} återstår att bevilja i årets ramar."
    return NextStep("Pengarna är fördelade", text, "Styrelsens tur")


@gate(*READERS)
@require_GET
def frame(request: TenantRequest, frame: int) -> HttpResponse:
    found = frame_or_404(request.association, frame)
    rows = frame_rows(found)
    granted = found.amount - found.remaining if found.closed_at is None else found.granted
    sums: dict[str, int | None] = {
        "plan": sum(row.plan or 0 for row in rows),
        "sought": sum(row.sought for row in rows),
        "proposed": _sum_of([row.proposed for row in rows]),
        "granted": sum(row.granted for row in rows),
        "left": _sum_of([row.left for row in rows]),
    }
    context = {
        "frame": found,
        "meta": f"Ram {found.year}{', avslutad' if found.closed_at else ''}",
        "whose": "Er tur" if request.visitor.is_office else "Kansliets tur",
        "rows": rows,
        "sums": sums,
        "bar": frame_bar(found, rows),
        "stats": [
            Stat("Ram", kronor(found.amount), source_words(found)),
            Stat("Beviljat", kronor(granted)),
            Stat(
                "Kvar att bevilja",
                kronor(found.remaining),
                "Går inte att överskrida vid beslut. Se överföringarna.",
                found.account.get_absolute_url(),
            ),
        ],
        "over": max((sums["sought"] or 0) - found.amount, 0),
        "allocations": Allocation.objects.with_rows().filter(frame=found),
        "can_try": request.visitor.is_office,
        "drawing": [
            one
            for one in drawing_on_frames(request.association, found.year)
            if one.frame_id == found.pk
        ],
        "crumbs": crumbs(request, found.year, Link(found.name)),
    }
    return render(request, "budgets/frame.html", context)


@gate(*READERS)
@require_GET
def account(request: TenantRequest, account: int) -> HttpResponse:
    """All transfers of an account: how its balance came about."""
    found = account_or_404(request.association, account)
    page = Paginator(transfers_of(found), TRANSFERS_A_PAGE).get_page(request.GET.get("sida"))
    columns = [
        Column("Dag"),
        Column("Orsak"),
        Column("Från eller till"),
        Column("Belopp", numeric=True),
        Column("Gjord av"),
    ]
    context = {
        "account": found,
        "shown": -found.balance if found.may_be_negative else found.balance,
        "page": page,
        "columns": columns,
        "rows": [_transfer_row(made, found) for made in page.object_list],
        "crumbs": crumbs(request, found.year, Link(found.name)),
    }
    return render(request, "budgets/account.html", context)


def _sum_of(amounts: list[int | None]) -> int | None:
    """The sum of what is known; nothing when nothing is."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None


def _transfer_row(made: Transfer, account: Account) -> list[Cell]:
    out = made.source_id == account.pk
    other = made.target if out else made.source
    case = made.event.case if made.event else None
    note = made.note or (f"Dnr {case.number}" if case else "")
    return [
        Cell(date_long(made.made_at)),
        Cell(made.get_reason_display(), note=note),
        Cell(f"{'Till' if out else 'Från'} {other.in_words}", url=_account_url(account, other)),
        Cell(number(-made.amount if out else made.amount)),
        Cell(made.actor.name if made.actor else "Portalen"),
    ]


def _account_url(here: Account, other: Account) -> str:
    return reverse("budgets:account", args=[here.association.slug, other.pk])
