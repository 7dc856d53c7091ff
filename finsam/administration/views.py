"""People and roles, members and notice boards, as the administrator sees them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from finsam import clock, typography
from finsam.administration.forms import (
    EndRoleForm,
    MemberForm,
    NoticeBoardForm,
    RoleFilterForm,
    RoleForm,
)
from finsam.administration.members import save_member, save_notice_board
from finsam.administration.roles import end_role, give_role, roles_of
from finsam.associations.models import Member, NoticeBoard, PartyKind
from finsam.errors import DomainError
from finsam.forms import add_domain_error
from finsam.people.access import TenantRequest, gate
from finsam.people.models import Role, RoleKind
from finsam.ui import Fact, Link, Status

ANNOUNCING = (PartyKind.MUNICIPALITY, PartyKind.REGION)  # KL 8:12


@require_GET
@gate(RoleKind.ADMINISTRATOR, RoleKind.DIRECTOR)
def people(request: TenantRequest) -> HttpResponse:
    """Who holds which role, from which day to which day; narrowed by text and kind."""
    form = RoleFilterForm(request.GET or None)
    rows = form.narrow(roles_of(request.association))
    page = Paginator(rows, 50).get_page(request.GET.get("sida"))
    context = {
        "page": page,
        "rows": [{"role": role, "status": _status(role)} for role in page],
        "filter": form,
        "count": typography.plural(page.paginator.count, "roll", "roller"),
        "may_change": request.visitor.has(RoleKind.ADMINISTRATOR),
        "is_narrowed": form.is_bound,
    }
    return render(request, "administration/people.html", context)


@require_http_methods(["GET", "POST"])
@gate(RoleKind.ADMINISTRATOR)
def new_role(request: TenantRequest) -> HttpResponse:
    """Give a role to somebody who has an account, or invite who has none."""
    form = RoleForm(request.POST or None, association=request.association)
    if request.method == "POST" and form.is_valid():
        try:
            role = give_role(
                association=request.association,
                actor=request.visitor.person(),
                **form.cleaned_data,
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(
                request,
                f"{role.user.name} är {role.get_kind_display().lower()} och får ett meddelande "
                "om det.",
            )
            return redirect(_place(request, "people"))
    context = {
        "form": form,
        "crumbs": [Link("Personer och roller", _place(request, "people")), Link("Ge en roll")],
    }
    status = 422 if form.errors else 200
    return render(request, "administration/new_role.html", context, status=status)


@require_http_methods(["GET", "POST"])
@gate(RoleKind.ADMINISTRATOR)
def end(request: TenantRequest, role: int) -> HttpResponse:
    """What ending a role means, and when it ends."""
    found = Role.objects.filter(association=request.association, pk=role)
    held = found.select_related("user", "association", "member").first()
    if held is None:
        messages.info(request, "Rollen finns inte längre.")
        return redirect(_place(request, "people"))
    form = EndRoleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = form.cleaned_data["when"] == "now"
        last = clock.today() - timedelta(days=1) if now else form.cleaned_data["last_day"]
        try:
            end_role(role=held, last_day=last, actor=request.visitor.person())
        except DomainError as error:
            form.add_domain_error(error)
        else:
            when = "har upphört" if now else f"gäller till och med {typography.date_long(last)}"
            messages.success(request, f"{held.user.name}: rollen {when}.")
            return redirect(_place(request, "people"))
    context = {
        "form": form,
        "role": held,
        "facts": _facts(held),
        "is_own": held.user_id == request.user.pk,
        "crumbs": [Link("Personer och roller", _place(request, "people")), Link("Avsluta roll")],
    }
    status = 422 if form.errors else 200
    return render(request, "administration/end_role.html", context, status=status)


@require_GET
@gate(RoleKind.ADMINISTRATOR, RoleKind.DIRECTOR)
def members(request: TenantRequest) -> HttpResponse:
    """The members in their order, each with its notice board."""
    rows = request.association.members.select_related("notice_board", "parent")
    page = Paginator(rows, 50).get_page(request.GET.get("sida"))
    context = {"page": page, "may_change": request.visitor.has(RoleKind.ADMINISTRATOR)}
    return render(request, "administration/members.html", context)


@require_http_methods(["GET", "POST"])
@gate(RoleKind.ADMINISTRATOR)
def new_member(request: TenantRequest) -> HttpResponse:
    """Add a member."""
    return _member_page(request, None)


@require_http_methods(["GET", "POST"])
@gate(RoleKind.ADMINISTRATOR)
def member(request: TenantRequest, member: int) -> HttpResponse:
    """Change a member's facts, and where its notices are posted."""
    rows = Member.objects.select_related("association")
    return _member_page(
        request, get_object_or_404(rows, association=request.association, pk=member)
    )


def _member_page(request: TenantRequest, found: Member | None) -> HttpResponse:
    sent = request.POST.get("form", "")
    board = NoticeBoard.objects.filter(member=found).first() if found else None
    form = MemberForm(request.POST if sent == "member" else None, instance=found)
    board_form = NoticeBoardForm(
        request.POST if sent == "board" else None, instance=board, prefix="board"
    )
    used = {"member": form, "board": board_form if found else None}.get(sent)
    if used is not None and used.is_valid():
        try:
            _save(request, found, sent, used.cleaned_data)
        except DomainError as error:
            add_domain_error(used, error)
        else:
            messages.success(request, "Uppgifterna är sparade.")
            return redirect(_place(request, "members"))
    context: dict[str, Any] = {
        "member": found,
        "form": form,
        "board_form": board_form if found and found.kind in ANNOUNCING else None,
        "crumbs": [
            Link("Medlemmar", _place(request, "members")),
            Link(found.name if found else "Ny medlem"),
        ],
    }
    status = 422 if form.errors or board_form.errors else 200
    return render(request, "administration/member.html", context, status=status)


def _save(request: TenantRequest, found: Member | None, sent: str, facts: dict[str, Any]) -> None:
    actor = request.visitor.person()
    if sent == "member":
        save_member(association=request.association, member=found, actor=actor, **facts)
    elif found is not None:
        save_notice_board(member=found, actor=actor, **facts)


def _status(role: Role) -> Status:
    today = clock.today()
    if role.valid_from > today:
        return Status("Kommande", "info")
    if role.valid_to is not None and role.valid_to < today:
        return Status("Upphörd", "neutral")
    return Status("Gäller", "success")


def _facts(role: Role) -> list[Fact]:
    person = role.user
    who = person.shown_name if person.is_erased else f"{person.name}, {person.email}"
    facts = [Fact("Person", who), Fact("Roll", role.get_kind_display())]
    if role.member is not None:
        facts.append(Fact("Medlem", role.member.name))
    facts.append(Fact("Gäller från och med", typography.date_long(role.valid_from)))
    if role.valid_to is not None:
        facts.append(Fact("Gäller till och med", typography.date_long(role.valid_to)))
    return facts


def _place(request: TenantRequest, name: str) -> str:
    return reverse(f"administration:{name}", args=[request.association.slug])
