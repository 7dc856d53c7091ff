"""Early termination of an effort: proposed to the board, followed, and the rest released."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from applications.models import Application, Termination, TerminationState
from applications.terminating import release_unused, termination_of
from applications.transitions import EFFORT
from boards import terminations
from boards.effort_agenda import meetings_for_efforts
from boards.effort_decisions import termination_clauses
from boards.forms_termination import AgendaForm, TerminationForm
from boards.models import Meeting
from boards.queries import whole_number
from boards.terminations_shown import LOOKS, Remaining, items_of, remaining_of
from boards.views.acts import act, act_with_form
from boards.views.memo import application_or_404
from budgets.wording import frame_in_words
from finsam.people.access import OFFICE, TenantRequest, gate
from finsam.people.models import RoleKind
from finsam.typography import date_long, kronor
from finsam.ui import Fact

READERS = (*OFFICE, RoleKind.AUDITOR)


@require_GET
@gate(*READERS)
def termination(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Where it stands: the form of a proposal, its item, the decision, and what is left."""
    return _page(request, _effort(request, public_id))


@require_POST
@gate(*OFFICE)
def propose(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Propose it to the board, or change the proposal while it is not decided."""
    effort = _effort(request, public_id)
    there = termination_of(effort)
    form = TerminationForm(
        request.POST, meetings=None if there else meetings_for_efforts(
            request.association)
    )  # fmt: skip

    def run(data: dict[str, Any]) -> object:
        said = {name: data[name] for name in ("ground", "reason", "stops_on", "claims_until")}
        actor = request.visitor.person()
        if there is not None and data["revision"] is not None:
            return terminations.change_proposal(
                termination=there, expected_revision=data["revision"], actor=actor, **said
            )
        return terminations.propose_to_board(
            application=effort,
            meeting=chosen_meeting(request, data.get("meeting")),
            actor=actor,
            **said,
        )

    return act_with_form(
        request,
        form,
        run,
        done="Förslaget är sparat.",
        back=_url(effort),
        again=lambda: _page(request, effort, form=form),
    )


@require_POST
@gate(*OFFICE)
def to_agenda(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Put the proposal on the agenda of one of the board's meetings."""
    effort = _effort(request, public_id)
    found = _proposal(effort)
    form = AgendaForm(request.POST, meetings=meetings_for_efforts(request.association))

    return put_on_agenda(
        request,
        form,
        lambda meeting: terminations.put_on_agenda(
            termination=found, meeting=meeting, actor=request.visitor.person()
        ),
        done="Förslaget står på dagordningen.",
        back=_url(effort),
        again=lambda: _page(request, effort, agenda=form),
    )


@require_POST
@gate(*OFFICE)
def drop(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Take the proposal back before the board has decided."""
    effort = _effort(request, public_id)
    found = effort.terminations.first()
    if found is None:
        raise Http404
    return act(
        request,
        lambda: terminations.drop_proposal(termination=found, actor=request.visitor.person()),
        done="Förslaget är återtaget. Insatsen fortsätter.",
        back=_url(effort),
    )


@require_http_methods(["GET", "POST"])
@gate(*OFFICE)
def release(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Show what was not claimed, and give back what was read there."""
    effort = _effort(request, public_id)
    found = _proposal(effort)
    if request.method == "GET":
        remaining = remaining_of(found)
        if remaining is None or not remaining.may_be_released:
            return redirect(_url(effort))
        context = {
            "application": effort,
            "remaining": remaining,
            "facts": _facts(found, remaining),
            "goes_to": _goes_to(remaining),
            "back": _url(effort),
            "fields": [("amount", remaining.grant.unpaid)],
        }
        return render(request, "boards/termination_release.html", context)
    seen = whole_number(request.POST.get("amount"))
    return act(
        request,
        lambda: release_unused(
            termination=found,
            seen_amount=-1 if seen is None else seen,
            actor=request.visitor.person(),
        ),
        done="Det som inte har rekvirerats är återfört.",
        back=_url(effort),
    )


def _effort(request: TenantRequest, public_id: UUID) -> Application:
    """A granted effort, or one that a termination has been proposed for."""
    found = application_or_404(request, public_id)
    if found.state not in EFFORT and not found.terminations.exists():
        raise Http404
    return found


def _proposal(effort: Application) -> Termination:
    found = termination_of(effort)
    if found is None:
        raise Http404
    found.application = effort
    return found


def chosen_meeting(request: TenantRequest, pk: object) -> Meeting | None:
    """The board's meeting that was chosen, of those that take items."""
    meetings = meetings_for_efforts(request.association)
    return meetings.filter(pk=whole_number(pk) or 0).first()


def put_on_agenda(
    request: TenantRequest,
    form: AgendaForm,
    put: Callable[[Meeting], object],
    *,
    done: str,
    back: str,
    again: Callable[[], HttpResponse],
) -> HttpResponse:
    """Put a matter of an effort on the agenda of the meeting that the form names."""

    def run(data: dict[str, Any]) -> object:
        meeting = chosen_meeting(request, data["meeting"])
        if meeting is None:
            raise Http404
        return put(meeting)

    return act_with_form(request, form, run, done=done, back=back, again=again)


def _url(effort: Application) -> str:
    return reverse("boards:office_termination", args=[effort.association.slug, effort.public_id])


# --- what the page shows --------------------------------------------------------------------------


def _page(request: TenantRequest, effort: Application, **forms: Any) -> HttpResponse:
    found = termination_of(effort)
    meetings = list(meetings_for_efforts(request.association))
    items = items_of(effort)
    context: dict[str, Any] = {
        "application": effort,
        "termination": found,
        "items": items,
        "may_work": request.visitor.is_office,
        "faulty": next(iter(forms.values()), None),
    }
    if found is None:
        context["form"] = forms.get("form") or TerminationForm(meetings=meetings)
        context["past"] = effort.terminations.exclude(state=TerminationState.DECIDED)
    else:
        found.application = effort
        context |= _standing(found, forms, meetings, items)
    status = 422 if forms else 200
    return render(request, "boards/termination.html", context, status=status)


def _standing(
    found: Termination, forms: dict[str, Any], meetings: list[Meeting], items: list[Any]
) -> dict[str, Any]:
    remaining = remaining_of(found)
    is_proposed = found.state == TerminationState.PROPOSED
    waits = any(one.waits for one in items)
    return {
        "status": LOOKS[found.state],
        "clauses": termination_clauses(found),
        "facts": _facts(found, remaining),
        "remaining": remaining,
        "is_proposed": is_proposed,
        "waits": waits,
        "goes_to": _goes_to(remaining),
        "form": (forms.get("form") or TerminationForm(termination=found)) if is_proposed else None,
        "agenda_form": (forms.get("agenda") or AgendaForm(meetings=meetings))
        if is_proposed and meetings and not waits
        else None,
    }


def _goes_to(remaining: Remaining | None) -> str:
    """Where what is not claimed is given back."""
    if remaining is None or remaining.grant.frame.closed_at is not None:
        return "förbundets eget kapital"
    return frame_in_words(remaining.grant.frame.name)


def _facts(found: Termination, remaining: Remaining | None) -> list[Fact]:
    facts = [
        Fact("Grund", found.get_ground_display()),
        Fact("Upphör från och med", date_long(found.stops_on)),
        Fact("Slutrekvisition senast", date_long(found.claims_until)),
    ]
    if remaining is not None:
        facts += [
            Fact("Beviljat", kronor(remaining.grant.amount)),
            Fact("Utbetalt", kronor(remaining.grant.paid)),
            Fact("Återstår", kronor(remaining.grant.unpaid)),
        ]
    return facts
