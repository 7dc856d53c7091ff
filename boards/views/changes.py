"""Changes of a granted effort: asked for by its parties, decided by the director or the board."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from applications.changing import delegation_of, set_delegation, submit_change
from applications.models import Application, ChangeKind, ChangeRequest, ChangeState
from applications.payments import claiming_parties
from applications.transitions import EFFORT
from applications.views.getting import own_application
from boards import changes
from boards.changes_shown import page_of, rows_of
from boards.effort_agenda import meetings_for_efforts
from boards.effort_decisions import wanted_in_words
from boards.forms_changes import FORMS, ChangeDecisionForm, ChangeForm, DelegationForm
from boards.forms_termination import AgendaForm
from boards.views.acts import act, act_with_form
from boards.views.memo import application_or_404
from boards.views.termination import put_on_agenda
from finsam.people.access import OFFICE, TenantRequest, gate
from finsam.people.kept_text import forget_kept, keeps_text, take_kept
from finsam.people.models import RoleKind

READERS = (*OFFICE, RoleKind.AUDITOR)
SETTERS = (RoleKind.DIRECTOR, RoleKind.ADMINISTRATOR)


@require_GET
@gate(account=True)
def own(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """What the parties have asked for, and the way to ask for more."""
    effort = _own(request, public_id)
    rows = rows_of(effort)
    waits = {row.change.kind for row in rows if row.change.state == ChangeState.SUBMITTED}
    kinds = ChangeKind.choices if _may_ask(request, effort) else []
    context = {
        "application": effort,
        "rows": rows,
        "kinds": [(kind, label) for kind, label in kinds if kind not in waits],
        "waits": bool(waits),
        "leads": _leads(request, effort),
    }
    return render(request, "boards/changes.html", context)


@keeps_text
@require_http_methods(["GET", "POST"])
@gate(account=True)
def ask(request: TenantRequest, public_id: UUID, kind: str) -> HttpResponse:
    """The form of one kind of change."""
    effort = _own(request, public_id)
    if kind not in FORMS or not _may_ask(request, effort):
        raise Http404
    actor = request.visitor.person()
    kept = take_kept(request) if request.method == "GET" else None
    typed = kept.dict() if kept else None
    form = FORMS[kind](request.POST or None, application=effort, actor=actor, initial=typed)

    def page() -> HttpResponse:
        context = {
            "application": effort,
            "form": form,
            "kind": ChangeKind(kind).label,
            "has_kept": kept is not None,
        }
        status = 422 if form.is_bound else 200
        return render(request, "boards/change_form.html", context, status=status)

    if request.method == "GET":
        return page()

    def submit(_data: dict[str, Any]) -> None:
        submit_change(application=effort, kind=ChangeKind(kind), actor=actor, **_said(form))
        forget_kept(request)

    return act_with_form(
        request,
        form,
        submit,
        done="Ändringsbegäran är inlämnad till kansliet.",
        back=page_of(effort),
        again=page,
    )


@require_http_methods(["GET", "POST"])
@gate(account=True)
def take_back(request: TenantRequest, public_id: UUID, number: int) -> HttpResponse:
    """Ask whether a change is to be withdrawn, and withdraw it before it is decided."""
    effort = _own(request, public_id)
    change = _change(effort, number)
    if request.method == "GET":
        if change.state != ChangeState.SUBMITTED or not _leads(request, effort):
            return redirect(page_of(effort))
        context = {"application": effort, "change": change, "lines": wanted_in_words(change)}
        return render(request, "boards/change_withdraw.html", context)
    return act(
        request,
        lambda: changes.take_back_change(change=change, actor=request.visitor.person()),
        done="Ändringsbegäran är återkallad.",
        back=page_of(effort),
    )


@require_GET
@gate(*READERS)
def office(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """The effort's changes, each with what can be done with it now."""
    return _office_page(request, _effort(request, public_id))


@require_POST
@gate(*OFFICE)
def decide(request: TenantRequest, public_id: UUID, number: int) -> HttpResponse:
    """The director's decision on a change that is delegated."""
    effort = _effort(request, public_id)
    change = _change(effort, number)
    form = ChangeDecisionForm(request.POST, auto_id=f"andring-{number}-%s")
    return act_with_form(
        request,
        form,
        lambda data: changes.decide_change(
            change=change,
            approves=data["outcome"] == "approve",
            decision=data["decision"],
            actor=request.visitor.person(),
        ),
        done="Beslutet är fattat. Parterna har fått ett mejl, och styrelsen får det anmält.",
        back=page_of(effort, office=True),
        again=lambda: _office_page(request, effort, number, decision=form),
    )


@require_POST
@gate(*OFFICE)
def to_agenda(request: TenantRequest, public_id: UUID, number: int) -> HttpResponse:
    """Put a change on the agenda of one of the board's meetings."""
    effort = _effort(request, public_id)
    change = _change(effort, number)
    form = AgendaForm(
        request.POST,
        auto_id=f"andring-{number}-%s",
        meetings=meetings_for_efforts(request.association),
    )

    return put_on_agenda(
        request,
        form,
        lambda meeting: changes.put_change_on_agenda(
            change=change, meeting=meeting, actor=request.visitor.person()
        ),
        done="Begäran står på dagordningen.",
        back=page_of(effort, office=True),
        again=lambda: _office_page(request, effort, number, agenda=form),
    )


@require_http_methods(["GET", "POST"])
@gate(*SETTERS)
def delegation(request: TenantRequest) -> HttpResponse:
    """Which kinds of change the director decides on the board's behalf."""
    form = DelegationForm(request.POST or None, delegation=delegation_of(request.association))

    def page() -> HttpResponse:
        status = 422 if form.is_bound else 200
        return render(request, "boards/change_delegation.html", {"form": form}, status=status)

    if request.method == "GET":
        return page()
    return act_with_form(
        request,
        form,
        lambda data: set_delegation(
            association=request.association, actor=request.visitor.person(), **data
        ),
        done="Delegationen är sparad.",
        back=reverse("boards:change_delegation", args=[request.association.slug]),
        again=page,
    )


def _office_page(
    request: TenantRequest, effort: Application, number: int = 0, **forms: Any
) -> HttpResponse:
    meetings = list(meetings_for_efforts(request.association))
    rows = []
    for row in rows_of(effort):
        mine = forms if row.change.number == number else {}
        names = f"andring-{row.change.number}-%s"
        decision = mine.get("decision") or ChangeDecisionForm(auto_id=names)
        rows.append(
            (row, decision, mine.get("agenda") or AgendaForm(auto_id=names, meetings=meetings))
        )
    context = {
        "application": effort,
        "rows": rows,
        "may_work": request.visitor.is_office,
        "decides": request.visitor.has(RoleKind.DIRECTOR),
        "has_meetings": bool(meetings),
        "faulty": next(iter(forms.values()), None),
    }
    status = 422 if forms else 200
    return render(request, "boards/changes_office.html", context, status=status)


def _said(form: ChangeForm) -> dict[str, Any]:
    return form.said()


def _own(request: TenantRequest, public_id: UUID) -> Application:
    found = own_application(request, public_id)
    if found.state not in EFFORT and not found.change_requests.exists():
        raise Http404
    return found


def _effort(request: TenantRequest, public_id: UUID) -> Application:
    found = application_or_404(request, public_id)
    if found.state not in EFFORT and not found.change_requests.exists():
        raise Http404
    return found


def _change(effort: Application, number: int) -> ChangeRequest:
    found: ChangeRequest = get_object_or_404(effort.change_requests, number=number)
    found.application = effort
    return found


def _leads(request: TenantRequest, effort: Application) -> bool:
    return any(party.is_lead for party in claiming_parties(effort, request.visitor))


def _may_ask(request: TenantRequest, effort: Application) -> bool:
    return effort.state in EFFORT and _leads(request, effort)
