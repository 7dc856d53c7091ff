"""The parties of an idea sketch, where all are to take part before it is sent."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse

from applications.ideas import asks_for_parties, lock_idea
from applications.models import IdeaParty, IdeaSketch
from applications.queries import APPLICANT
from finsam import clock
from finsam.associations.models import Member
from finsam.errors import DomainError, NotAllowed, NotPossible
from finsam.messages.mail import send_mail
from finsam.people.access import visitor_for
from finsam.people.models import Role, User
from finsam.registry.events import record_event


def add_idea_party(
    *,
    sketch: IdeaSketch,
    member: Member | None,
    external_name: str = "",
    contact_name: str = "",
    actor: User,
) -> IdeaParty:
    """Add an organisation to a draft; there already, it is given back. Writes `idea_party_added`.

    Whoever writes for the member gets a mail and may read, write and confirm. An external actor
    has nobody in the portal: its contact is named, and who adds it answers for that it takes part.
    """
    with transaction.atomic():
        locked = _locked(sketch, actor)
        if member is not None and member.association_id != locked.association_id:
            raise NotPossible("unknown_member", "Medlemmen finns inte i förbundet.", "member")
        name = member.name if member else " ".join(external_name.split())[:120]
        contact = " ".join(contact_name.split())[:120]
        if not name:
            raise DomainError("no_name", "Välj en medlem eller skriv namnet på parten.", "member")
        if member is None and not contact:
            raise DomainError(
                "no_contact", f"Skriv vem hos {name} som har varit med.", "contact_name"
            )
        if name == locked.member.name:
            raise NotPossible("own_part", f"{name} är redan med: det är ni som skriver.", "member")
        held = locked.parties.filter(name=name).first()
        if held is not None:
            return held
        party = IdeaParty.objects.create(
            sketch=locked,
            member=member,
            name=name,
            contact_name=contact,
            confirmed_at=None if member else clock.now(),
            confirmed_by=None if member else actor,
        )
        _event(locked, actor, "idea_party_added", party)
        if member is not None:
            _ask(locked, member, actor)
    return party


def remove_idea_party(*, party: IdeaParty, actor: User) -> None:
    """Take an organisation out of a draft; gone already, nothing. Writes `idea_party_removed`."""
    with transaction.atomic():
        locked = _locked(party.sketch, actor)
        found = locked.parties.filter(pk=party.pk).first()
        if found is not None:
            _event(locked, actor, "idea_party_removed", found)
            found.delete()


def confirm_idea_party(*, party: IdeaParty, actor: User) -> IdeaParty:
    """Say for a member that it takes part in the idea, once; writes `idea_party_confirmed`.

    Raises NotAllowed for whoever has no role as applicant or signatory for the member.
    """
    with transaction.atomic():
        locked = _locked(party.sketch, actor)
        found = locked.parties.filter(pk=party.pk).first()
        if found is None:
            raise NotPossible("no_party", "Parten är inte längre med i idén.")
        if found.confirmed_at is not None:
            return found
        if found.member_id not in visitor_for(locked.association, actor).member_ids(*APPLICANT):
            raise NotAllowed(
                "not_the_partys",
                f"Bara den som har en roll för {found.name} kan säga att de är med.",
            )
        found.confirmed_at, found.confirmed_by = clock.now(), actor
        found.save(update_fields=["confirmed_at", "confirmed_by"])
        _event(locked, actor, "idea_party_confirmed", found)
    return found


def _locked(sketch: IdeaSketch, actor: User) -> IdeaSketch:
    locked = lock_idea(sketch, actor)
    if not asks_for_parties(locked):
        raise NotPossible("no_parties", "I det här programmet skrivs idén av en organisation.")
    return locked


def _ask(sketch: IdeaSketch, member: Member, actor: User) -> None:
    held = Role.objects.held_on(clock.today()).filter(
        association=sketch.association, member=member, kind__in=APPLICANT
    )
    people = User.objects.filter(pk__in=held.values("user"), is_active=True).exclude(pk=actor.pk)
    for person in people.order_by("pk"):
        send_mail(
            association=sketch.association,
            to=person,
            event_key=f"idea_party:{sketch.pk}:{member.pk}",
            subject=f"Ni är tillagda i en idé: {sketch.title}",
            template="mail/idea_party.txt",
            context={
                "title": sketch.title,
                "who": actor.get_full_name(),
                "member": member.name,
                "path": reverse(
                    "applications:idea", args=[sketch.association.slug, sketch.public_id]
                ),
            },
        )


def _event(sketch: IdeaSketch, actor: User, action: str, party: IdeaParty) -> None:
    record_event(
        association=sketch.association,
        actor=actor,
        action=action,
        obj=sketch,
        payload={"party": party.name},
    )
