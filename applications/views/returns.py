"""The return of a social investment: its plan, each year settled, and the fund's as a whole."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from applications.forms_returns import AnnulForm, PlanForm, SettleForm
from applications.models import Application
from applications.returning import (
    due_day,
    efforts_that_return,
    plan_rows,
    proposed_rows,
    returns_money,
    settle,
)
from applications.views.getting import crumbs, own_application
from applications.views.office import READERS, application_or_404, office_crumbs
from budgets.models import PlannedReturn
from budgets.returns import ReturnRow, annul_return, set_return_plan, sum_of, times_planned
from budgets.views.getting import status_of_refusal
from finsam import clock
from finsam.errors import DomainError
from finsam.people.access import OFFICE, TenantRequest, gate
from finsam.typography import date_long, kronor
from finsam.ui import Cell, Column, Fact, Link, Stat, Status

COLUMNS = [
    Column("Enhet"),
    Column("År"),
    Column("Väntad besparing, kr", numeric=True),
    Column("Andel, %", numeric=True),
    Column("Väntad återföring, kr", numeric=True),
    Column("Verklig besparing, kr", numeric=True),
    Column("Återfört, kr", numeric=True),
    Column("Läge"),
]

FINISHED = Status("Avstämd", "success")


@gate(account=True)
@require_GET
def own(request: TenantRequest, application: UUID) -> HttpResponse:
    """What the parties are to return, and what has been settled."""
    found = _returning(own_application(request, application))
    context = _plan_context(found, plan_rows(found), link_rows=False)
    return render(
        request,
        "applications/returns.html",
        {**context, "crumbs": crumbs(found, "Återföring"), "may_plan": False},
    )


@gate(*READERS)
@require_GET
def office(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """The same for the office, each unsettled year leading to where it is settled."""
    found = _returning(application_or_404(request, public_id))
    context = _plan_context(found, plan_rows(found), link_rows=True)
    return render(
        request,
        "applications/returns.html",
        {
            **context,
            "crumbs": office_crumbs(found, Link("Återföring")),
            "may_plan": request.visitor.is_office,
            "plan_url": _url("office_return_plan", found),
        },
    )


@gate(*OFFICE)
@require_http_methods(["GET", "POST"])
def plan(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """The plan as a table to fill in: begun from the application, changed with a reason."""
    found = _returning(application_or_404(request, public_id))
    held = plan_rows(found)
    given = [
        ReturnRow(row.unit, row.year, row.expected_saving, row.share) for row in held
    ] or proposed_rows(found)
    form = PlanForm(
        request.POST or None,
        given=given,
        initial={"read_at": times_planned(found.grant) if found.grant else 0},
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and found.grant is not None:
            try:
                set_return_plan(
                    grant=found.grant,
                    rows=form.rows,
                    reason=form.cleaned_data["reason"],
                    actor=request.visitor.person(),
                    read_at=form.cleaned_data["read_at"],
                )
            except DomainError as refusal:
                form.add_refusal(refusal)
                form.read_again()
                status = status_of_refusal(refusal)
            else:
                messages.success(request, "Återföringsplanen är fastställd.")
                return redirect(_url("office_returns", found))
    context = {
        "application": found,
        "form": form,
        "is_change": bool(held),
        "back": _url("office_returns", found),
        "crumbs": office_crumbs(found, _returns_link(found), Link("Plan")),
    }
    return render(request, "applications/office/return_plan.html", context, status=status)


@gate(*READERS)
@require_http_methods(["GET", "POST"])
def one(request: TenantRequest, public_id: UUID, planned: int) -> HttpResponse:
    """A unit's year: settle it, or read what was settled and take it back."""
    found = _returning(application_or_404(request, public_id))
    row = next((each for each in plan_rows(found) if each.pk == planned), None)
    if row is None:
        raise Http404
    form = _settle_form(request, row)
    status = 200
    if request.method == "POST":
        if not request.visitor.is_office:
            raise Http404
        status = 422
        try:
            if form.is_valid() and _settle_or_annul(request, found, row, form):
                return redirect(request.path)
        except DomainError as refusal:
            form.add_refusal(refusal)
            status = status_of_refusal(refusal)
    context = {
        "application": found,
        "row": row,
        "form": form,
        "facts": _facts(found, row),
        "earlier": [each for each in row.returns.all() if each.annulled_at],
        "may_work": request.visitor.is_office,
        "may_settle": row.year <= clock.today().year,
        "crumbs": office_crumbs(found, _returns_link(found), Link(str(row))),
    }
    return render(request, "applications/office/return.html", context, status=status)


@gate(*READERS)
@require_GET
def every(request: TenantRequest) -> HttpResponse:
    """All efforts of the association that return money, and what each year has given."""
    until = clock.today().year
    efforts = efforts_that_return(request.association)
    rows: list[list[Cell]] = []
    years: dict[int, list[PlannedReturn]] = {}
    for found, plan in efforts:
        whole = sum_of(plan, until)
        left = sum(1 for row in plan if row.year <= until and not row.settled)
        rows.append(
            [
                Cell(found.title, url=_url("office_returns", found)),
                Cell(amount=found.grant.amount if found.grant else 0),
                Cell(amount=whole.expected),
                Cell(amount=whole.expected_so_far),
                Cell(amount=whole.returned),
                Cell(status=Status(f"{left} att stämma av", "warning") if left else FINISHED),
            ]
        )
        for planned in plan:
            years.setdefault(planned.year, []).append(planned)
    context = {
        "columns": [
            Column("Insats"),
            *(
                Column(text, numeric=True)
                for text in (
                    "Beviljat, kr",
                    "Väntas i allt, kr",
                    f"Väntat till och med {until}, kr",
                    "Återfört, kr",
                )
            ),
            Column("Läge"),
        ],
        "rows": rows,
        "year_columns": [
            Column("År"),
            Column("Väntad återföring, kr", numeric=True),
            Column("Återfört, kr", numeric=True),
        ],
        "year_rows": [
            [
                Cell(str(year)),
                Cell(amount=sum_of(plan, year).expected),
                Cell(amount=sum_of(plan, year).returned),
            ]
            for year, plan in sorted(years.items())
        ],
        "crumbs": [
            Link("Ekonomi", reverse("budgets:year", args=[request.association.slug])),
            Link("Återföring"),
        ],
    }
    return render(request, "applications/office/all_returns.html", context)


def _returning(found: Application) -> Application:
    if not returns_money(found):
        raise Http404("returns nothing")
    return found


def _plan_context(
    found: Application, rows: list[PlannedReturn], *, link_rows: bool
) -> dict[str, Any]:
    until = clock.today().year
    whole = sum_of(rows, until)
    granted = found.grant.amount if found.grant else 0
    return {
        "application": found,
        "columns": COLUMNS,
        "rows": [_row(found, row, link_rows) for row in rows],
        "foot": [
            Cell("Summa"),
            Cell(),
            Cell(amount=sum(row.expected_saving for row in rows)),
            Cell(),
            Cell(amount=whole.expected),
            Cell(amount=sum(row.settled.actual_saving for row in rows if row.settled)),
            Cell(amount=whole.returned),
            Cell(),
        ],
        "stats": [
            Stat("Beviljat", kronor(granted)),
            Stat("Väntas tillbaka", kronor(whole.expected), _percent(whole.expected, granted)),
            Stat(f"Väntat till och med {until}", kronor(whole.expected_so_far)),
            Stat("Återfört", kronor(whole.returned), _percent(whole.returned, granted)),
        ],
    }


def _percent(part: int, whole: int) -> str:
    return f"{part * 100 / whole:.1f} procent av det beviljade".replace(".", ",") if whole else ""


def _row(found: Application, row: PlannedReturn, link: bool) -> list[Cell]:
    made = row.settled
    address = _url("office_return", found, row.pk) if link else ""
    return [
        Cell(row.unit, url=address),
        Cell(str(row.year)),
        Cell(amount=row.expected_saving),
        Cell(f"{row.share.normalize():f}".replace(".", ",")),
        Cell(amount=row.expected_amount),
        Cell(amount=made.actual_saving if made else None),
        Cell(amount=made.amount if made else None),
        Cell(status=_look(found, row)),
    ]


def _look(found: Application, row: PlannedReturn) -> Status:
    if row.settled:
        is_whole = row.settled.amount >= row.expected_amount
        return FINISHED if is_whole else Status("Lägre än planen", "warning")
    due = due_day(found, row.year)
    if due < clock.today():
        return Status("Försenad", "danger")
    return Status(f"Senast {date_long(due)}", "neutral")


def _settle_form(request: TenantRequest, row: PlannedReturn) -> SettleForm | AnnulForm:
    """The form that was sent; on a page only looked at, the one that can be."""
    if "reason" in request.POST or (row.settled and request.method != "POST"):
        return AnnulForm(
            request.POST or None, initial={"made": row.settled.pk if row.settled else None}
        )
    return SettleForm(request.POST or None, planned=row)


def _settle_or_annul(
    request: TenantRequest,
    found: Application,
    row: PlannedReturn,
    form: SettleForm | AnnulForm,
) -> bool:
    said, actor = form.cleaned_data, request.visitor.person()
    if isinstance(form, SettleForm):
        settle(
            application=found,
            planned=row,
            actual_saving=said["actual_saving"],
            amount=said["amount"],
            explanation=said["explanation"],
            key=str(said["key"]),
            actor=actor,
        )
        messages.success(request, "Året är avstämt och parterna har fått ett mejl.")
    else:
        made = get_object_or_404(row.returns, pk=said["made"])
        annul_return(made=made, reason=said["reason"], actor=actor)
        messages.success(request, "Avstämningen är tillbakatagen.")
    return True


def _facts(found: Application, row: PlannedReturn) -> list[Fact]:
    facts = [
        Fact("Väntad besparing", amount=row.expected_saving),
        Fact("Andel som återförs", f"{row.share.normalize():f} procent".replace(".", ",")),
        Fact("Väntad återföring", amount=row.expected_amount),
        Fact("Stäms av senast", date_long(due_day(found, row.year))),
    ]
    if made := row.settled:
        facts += [
            Fact("Verklig besparing", amount=made.actual_saving),
            Fact("Återfört till fonden", amount=made.amount),
            Fact("Avstämd", f"{made.settled_by.name}, {date_long(made.settled_at)}"),
            *([Fact("Förklaring", made.explanation)] if made.explanation else []),
        ]
    return facts


def _url(name: str, found: Application, *more: int) -> str:
    return reverse(f"applications:{name}", args=[found.association.slug, found.public_id, *more])


def _returns_link(found: Application) -> Link:
    return Link("Återföring", _url("office_returns", found))
