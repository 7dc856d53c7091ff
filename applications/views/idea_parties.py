"""The parties of an idea sketch: added by its side, each saying that it takes part."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from applications.idea_parties import add_idea_party, confirm_idea_party, remove_idea_party
from applications.ideas import asks_for_parties, idea_party_faults
from applications.models import IdeaParty, IdeaSketch, IdeaState
from applications.queries import APPLICANT
from applications.views.getting import own_idea
from finsam.errors import DomainError
from finsam.people.access import TenantRequest, gate

DONE = {
    "add": "Parten är tillagd. De som skriver för den har fått ett mejl.",
    "remove": "Parten är borttagen.",
    "confirm": "Det är antecknat att ni är med.",
}


@gate(*APPLICANT)
@require_POST
def parties(request: TenantRequest, idea: UUID) -> HttpResponse:
    """Add a party, take one out, or say for one's own that it takes part."""
    found = own_idea(request, idea)
    do, actor = request.POST.get("do", ""), request.visitor.person()
    try:
        if do == "add":
            _add(request, found)
        elif do == "remove":
            remove_idea_party(party=_party(request, found), actor=actor)
        elif do == "confirm":
            confirm_idea_party(party=_party(request, found), actor=actor)
        else:
            raise Http404
    except DomainError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, DONE[do])
    back = reverse("applications:idea", args=[request.association.slug, found.public_id])
    return redirect(f"{back}#parter")


def parties_of(request: TenantRequest, sketch: IdeaSketch, *, writes: bool) -> dict[str, Any]:
    """What the panel of parties shows; nothing where the programme does not ask for them."""
    if not asks_for_parties(sketch):
        return {}
    rows = list(sketch.parties.select_related("confirmed_by"))
    mine = request.visitor.member_ids(*APPLICANT)
    taken = {row.member_id for row in rows} | {sketch.member_id}
    is_draft = sketch.state == IdeaState.DRAFT
    return {
        "asks_parties": True,
        "parties": [
            (row, is_draft and row.confirmed_at is None and row.member_id in mine) for row in rows
        ],
        "may_change_parties": writes and is_draft,
        "party_faults": idea_party_faults(sketch) if is_draft else [],
        "party_choices": [
            member
            for member in sketch.association.members.filter(is_active=True)
            if member.pk not in taken
        ]
        if writes and is_draft
        else [],
        "parties_url": reverse(
            "applications:idea_parties", args=[sketch.association.slug, sketch.public_id]
        ),
    }


def _add(request: TenantRequest, sketch: IdeaSketch) -> None:
    wanted = request.POST.get("member", "")
    member = None
    if wanted.isdecimal() and len(wanted) < 12:
        member = request.association.members.filter(pk=int(wanted), is_active=True).first()
    add_idea_party(
        sketch=sketch,
        member=member,
        external_name=request.POST.get("external_name", ""),
        contact_name=request.POST.get("contact_name", ""),
        actor=request.visitor.person(),
    )


def _party(request: TenantRequest, sketch: IdeaSketch) -> IdeaParty:
    wanted = request.POST.get("party", "")
    rows = sketch.parties.select_related("sketch__association")
    known = rows.filter(pk=int(wanted)) if wanted.isdecimal() and len(wanted) < 12 else rows.none()
    found = known.first()
    if found is None:
        raise DomainError("no_party", "Parten är inte med i idén. Läs om sidan.")
    return found
