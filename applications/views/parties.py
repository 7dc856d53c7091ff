"""Parties and people of an application, and the way in for who was invited."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from applications.completeness import overview_of
from applications.drafting import require_writable, section_of_kind
from applications.forms import AddExternalForm, AddMemberForm, InviteForm, NewPersonForm, PartyForm
from applications.invitations import (
    accept_as_new_person,
    accept_invitation,
    invite,
    open_invitation,
    withdraw_invitation,
)
from applications.models import (
    Application,
    ApplicationParty,
    PartyInvitation,
    SectionKind,
)
from applications.parties import (
    add_party,
    change_party,
    mark_party,
    party_faults,
    remove_party,
    set_lead,
    speaks_for,
    was_removed,
)
from applications.views.getting import crumbs, keeps_text, own_application, place, refused
from applications.views.writing import section_context
from finsam import clock
from finsam.associations.models import Member, PartyKind
from finsam.errors import DomainError
from finsam.people.access import TenantRequest, gate
from finsam.people.models import User
from finsam.ui import Link


@keeps_text
@gate(account=True)
@require_http_methods(["GET", "POST"])
def parties(request: TenantRequest, application: UUID) -> HttpResponse:
    """Who applies together: the list, adding, and the section's own questions."""
    found = own_application(request, application, with_people=True)
    sent = request.POST.get("form", "")
    member_form = AddMemberForm(request.POST if sent == "member" else None, members=_others(found))
    external_form = AddExternalForm(request.POST if sent == "external" else None)
    form = {"member": member_form, "external": external_form}.get(sent)
    if form is not None and form.is_valid():
        try:
            party = add_party(application=found, actor=_actor(request), **form.cleaned_data)
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, f"{party.name} är med i ansökan.")
            return redirect(place("parties", found))
    overview = overview_of(found)
    page = section_context(request, found, overview, overview.section_of(SectionKind.PARTIES))
    context = {
        **page,
        "faults": party_faults(found),
        "rows": _rows_of(found, _actor(request), _invited(found) if page["may_write"] else {}),
        "member_form": member_form,
        "external_form": external_form,
        "may_have_external": _allows_external(found),
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "applications/applicant/parties.html", context, status=status)


@keeps_text
@gate(account=True)
@require_http_methods(["GET", "POST"])
def party(request: TenantRequest, application: UUID, party: int) -> HttpResponse:
    """One party: its contact, the people who write for it, invitations."""
    found = own_application(request, application)
    chosen = get_object_or_404(found.parties.select_related("application__association"), pk=party)
    sent = request.POST.get("form", "")
    party_form = PartyForm(
        request.POST if sent == "party" else None,
        initial={
            "unit": chosen.unit,
            "contact_name": chosen.contact_name,
            "contact_email": chosen.contact_email,
        },
    )
    invite_form = InviteForm(request.POST if sent == "invite" else None)
    if request.method == "POST":
        form = {"party": party_form, "invite": invite_form}.get(sent)
        if form is None or form.is_valid():
            try:
                return _act_on_party(request, found, chosen, sent, form)
            except DomainError as error:
                if form is None:
                    return refused(request, found, error)
                form.add_domain_error(error)
    context = {
        "application": found,
        "party": chosen,
        "party_form": party_form,
        "invite_form": invite_form,
        "people": [person.user for person in chosen.people.select_related("user")],
        "invitations": _open_invitations(chosen),
        "may_write": found.is_draft and found.signing_version_id is None,
        "is_ours": speaks_for(chosen, _actor(request)),
        "crumbs": [*crumbs(found, "")[:2], Link("Parter", place("parties", found)),
                   Link(chosen.name)],
    }  # fmt: skip
    status = 422 if party_form.errors or invite_form.errors else 200
    return render(request, "applications/applicant/party.html", context, status=status)


@gate(account=True)
@require_http_methods(["GET", "POST"])
def remove(request: TenantRequest, application: UUID, party: int) -> HttpResponse:
    """The page before a party is taken out, and the removal."""
    found = own_application(request, application)
    chosen = found.parties.select_related("application__association").filter(pk=party).first()
    if chosen is None and not was_removed(found, party):
        raise Http404
    if chosen is None:
        return redirect(place("parties", found))
    try:
        if request.method == "POST":
            remove_party(party=chosen, actor=_actor(request))
            messages.success(request, f"{chosen.name} är inte längre med i ansökan.")
            return redirect(place("parties", found))
        require_writable(found, section_of_kind(found, SectionKind.PARTIES))
    except DomainError as error:
        return refused(request, found, error)
    context = {
        "application": found,
        "party": chosen,
        "crumbs": crumbs(found, "Ta bort part"),
        "cancel_url": place("party", found, chosen.pk),
        "url": place("remove_party", found, chosen.pk),
    }
    return render(request, "applications/applicant/remove_party.html", context)


@gate(public=True)
@require_http_methods(["GET", "POST"])
def invitation(request: TenantRequest, token: str) -> HttpResponse:
    """What the mail's link opens. Opening it changes nothing; the button accepts."""
    found = open_invitation(token)
    if found is not None and found.party.application.association_id != request.association.pk:
        found = None
    person = request.visitor.user
    form = NewPersonForm(request.POST if request.method == "POST" and person is None else None)
    if request.method == "POST":
        try:
            if person is not None:
                party = accept_invitation(token=token, actor=person)
                return _welcome(request, party)
            if found is not None and form.is_valid():
                party = accept_as_new_person(token=token, **form.cleaned_data)
                user = User.objects.get(email=found.email)
                login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
                return _welcome(request, party)
        except DomainError as error:
            if error.field in form.fields:
                form.add_domain_error(error)
            else:
                gone = {"message": error.message, "invitation": None}
                return render(request, "applications/applicant/invitation.html", gone, status=409)
    context = {
        "invitation": found,
        "token": token,
        "form": form,
        "has_account": found is not None and User.objects.filter(email=found.email).exists(),
        "person": person,
        "here": request.path,
    }
    status = 404 if found is None else 422 if form.errors else 200
    return render(request, "applications/applicant/invitation.html", context, status=status)


def _act_on_party(
    request: TenantRequest,
    application: Application,
    party: ApplicationParty,
    sent: str,
    form: Any,
) -> HttpResponse:
    actor, here = _actor(request), place("party", application, party.pk)
    if sent == "party":
        change_party(party=party, actor=actor, **form.cleaned_data)
        messages.success(request, "Uppgifterna är sparade.")
    elif sent == "invite":
        invitation = invite(party=party, email=form.cleaned_data["email"], actor=actor)
        messages.success(request, f"En inbjudan är på väg till {invitation.email}.")
    elif sent in ("done", "not_done"):
        mark_party(party=party, done=sent == "done", actor=actor)
        word = "klar" if sent == "done" else "inte klar"
        messages.success(request, f"{party.name} är {word} med sin del.")
        here = place("parties", application)
    elif sent == "lead":
        set_lead(party=party, actor=actor)
        messages.success(request, f"{party.name} är nu huvudman.")
        here = place("parties", application)
    elif sent == "take_back":
        row = get_object_or_404(
            PartyInvitation, party=party, pk=_number(request.POST.get("invitation", ""))
        )
        withdraw_invitation(invitation=row, actor=actor)
        messages.success(request, "Inbjudan är återtagen.")
    return redirect(here)


def _welcome(request: TenantRequest, party: ApplicationParty) -> HttpResponse:
    messages.success(request, f"Välkommen! Du skriver nu för {party.name}.")
    return redirect(party.application)


def _invited(application: Application) -> dict[int, list[PartyInvitation]]:
    """The invitations that nobody has used, by party."""
    waiting: dict[int, list[PartyInvitation]] = {}
    rows = PartyInvitation.objects.filter(
        party__application=application, accepted_at=None, expires_at__gt=clock.now()
    )
    for invitation in rows:
        waiting.setdefault(invitation.party_id, []).append(invitation)
    return waiting


def _rows_of(
    application: Application, person: User, waiting: dict[int, list[PartyInvitation]]
) -> list[dict[str, Any]]:
    """Each party with its people and the invitations that wait."""
    return [
        {
            "party": party,
            "people": [row.user.shown_name for row in party.people.all()],
            "invitations": waiting.get(party.pk, []),
            "url": place("party", application, party.pk),
            "is_ours": any(row.user_id == person.pk for row in party.people.all()),
        }
        for party in application.parties.all()
    ]


def _open_invitations(party: ApplicationParty) -> list[PartyInvitation]:
    return list(party.invitations.filter(accepted_at=None, expires_at__gt=clock.now()))


def _others(application: Application) -> list[Member]:
    """Members that could be parties and are not."""
    eligibility = application.round.definition.get("eligibility", {})
    kinds = eligibility.get("party_kinds") or []
    there = {party.member_id for party in application.parties.all()}
    return [
        member
        for member in application.association.members.all()
        if member.is_active
        and member.pk not in there
        and member.kind != PartyKind.EXTERNAL
        and (not kinds or member.kind in kinds)
    ]


def _allows_external(application: Application) -> bool:
    definition = application.round.definition
    return bool(definition.get("eligibility", {}).get("external", "through_lead") != "none")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0


def _actor(request: TenantRequest) -> User:
    return request.visitor.person()
