"""The parties behind an application: who they are, which one leads, and whether they suffice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from applications.drafting import lock_for_writing, section_of_kind
from applications.models import Application, ApplicationParty, SectionKind
from applications.voiding import void_signatures
from finsam import clock, typography
from finsam.associations.models import Member, PartyKind
from finsam.errors import DomainError, NotAllowed, NotPossible
from finsam.people.access import Visitor, visitor_for
from finsam.people.models import RoleKind, User
from finsam.registry.events import record_event
from finsam.registry.models import Event

LAW = "1, 3 och 5 §§ lagen (2003:1210) om finansiell samordning"


def add_party(
    *,
    application: Application,
    actor: User,
    member: Member | None = None,
    external_name: str = "",
    contact_name: str = "",
    contact_email: str = "",
    unit: str = "",
) -> ApplicationParty:
    """Add a member, or another actor by its name, as a party; writes `party_added`.

    A member that is a party already is given back as it is. Another actor takes part through the
    lead party alone, and only where the programme allows it (FL 6–7).
    """
    with transaction.atomic():
        locked = lock_parties(application, actor)
        if member is None:
            _check_external(locked, external_name)
        elif member.association_id != locked.association_id or not member.is_active:
            raise NotPossible("unknown_member", "Medlemmen finns inte i förbundet.", "member")
        name = member.name if member else " ".join(external_name.split())[:120]
        existing = locked.parties.filter(name=name).first()
        if existing is not None:
            return existing
        party = ApplicationParty.objects.create(
            application=locked,
            member=member,
            name=name,
            kind=member.kind if member else PartyKind.EXTERNAL,
            unit=unit.strip()[:160],
            contact_name=contact_name.strip()[:120],
            contact_email=contact_email.strip().lower(),
            position=locked.parties.count(),
        )
        _changed(locked, actor, "party_added", party, f"{party.name} lades till som part.")
    return party


def remove_party(*, party: ApplicationParty, actor: User) -> None:
    """Take a party out of a draft, with its people and invitations; writes `party_removed`.

    Raises NotPossible for the lead party, and for one that has rows in the budget.
    """
    with transaction.atomic():
        locked = lock_parties(party.application, actor)
        found = locked.parties.filter(pk=party.pk).first()
        if found is None:
            return
        if found.is_lead:
            raise NotPossible(
                "lead_stays",
                "Huvudmannen kan inte tas bort. Gör först en annan part till huvudman.",
            )
        used = [row for row in locked.budget.content().entries if row.party == found.name]
        if used:
            rows = typography.plural(len(used), "rad", "rader")
            raise NotPossible(
                "party_in_budget",
                f"{found.name} har {rows} i budgeten. Ta bort eller flytta dem först.",
            )
        if found.signatures.exists():
            raise NotPossible(
                "party_has_signed",
                f"{found.name} har skrivit under en tidigare lydelse och behöver finnas kvar. "
                "Skriv till kansliet.",
            )
        found.invitations.all().delete()
        found.people.all().delete()
        _changed(locked, actor, "party_removed", found, f"{found.name} togs bort som part.")
        found.delete()


def set_lead(*, party: ApplicationParty, actor: User) -> None:
    """Hand the lead over to another party; only the lead's own people may; writes `lead_set`."""
    with transaction.atomic():
        locked = lock_parties(party.application, actor)
        lead = locked.parties.get(is_lead=True)
        if lead.pk == party.pk:
            return
        check_speaks_for(lead, actor, "lämna över huvudmannaskapet")
        wanted = locked.parties.get(pk=party.pk)
        allowed = _eligibility(locked).get("lead_kinds") or []
        if wanted.member_id is None or (allowed and wanted.kind not in allowed):
            raise NotPossible(
                "cannot_lead", f"{wanted.name} kan inte vara huvudman i det här programmet."
            )
        locked.parties.filter(pk=lead.pk).update(is_lead=False)
        locked.parties.filter(pk=wanted.pk).update(is_lead=True)
        _changed(locked, actor, "lead_set", wanted, f"{wanted.name} blev huvudman.")


def change_party(
    *, party: ApplicationParty, unit: str, contact_name: str, contact_email: str, actor: User
) -> ApplicationParty:
    """Change unit and contact of a party; writes `party_changed` when something did change."""
    with transaction.atomic():
        locked = lock_parties(party.application, actor)
        found = locked.parties.get(pk=party.pk)
        wanted = (unit.strip()[:160], contact_name.strip()[:120], contact_email.strip().lower())
        if wanted == (found.unit, found.contact_name, found.contact_email):
            return found
        found.unit, found.contact_name, found.contact_email = wanted
        found.save(update_fields=["unit", "contact_name", "contact_email"])
        _changed(locked, actor, "party_changed", found, f"Uppgifter om {found.name} ändrades.")
    return found


def mark_party(*, party: ApplicationParty, done: bool, actor: User) -> None:
    """Say whether a party is done with its part; writes `party_done` or `party_not_done`."""
    with transaction.atomic():
        locked = lock_parties(party.application, actor)
        found = locked.parties.get(pk=party.pk)
        check_speaks_for(found, actor, "säga att parten är klar")
        if done == (found.done_at is not None):
            return
        found.done_at = clock.now() if done else None
        found.save(update_fields=["done_at"])
        record_event(
            association=locked.association,
            actor=actor,
            action="party_done" if done else "party_not_done",
            obj=found,
            payload={"application": str(locked.public_id)},
        )


def party_faults(application: Application) -> list[str]:
    """What keeps these parties from applying together; each sentence names its rule."""
    parties = list(application.parties.all())
    eligibility = _eligibility(application)
    least = int(eligibility.get("min_parties") or application.round.programme.minimum_parties)
    counted = _counted(parties, str(eligibility.get("parties_counted_by") or "party_kind"))
    found = []
    if counted < least:
        found.append(_too_few(parties, least, eligibility))
    allowed = eligibility.get("party_kinds") or []
    strangers = [
        party.name
        for party in parties
        if allowed and party.kind not in allowed and party.kind != PartyKind.EXTERNAL
    ]
    if strangers:
        names = typography.enumerate_words(strangers)
        found.append(f"{names} kan inte vara part i det här programmet. Ta bort parten.")
    missing = set(eligibility.get("required_kinds") or []) - {party.kind for party in parties}
    if missing:
        names = typography.enumerate_words(sorted(PartyKind(kind).label for kind in missing))
        found.append(f"Det här programmet kräver också: {names}. Lägg till parten.")
    lead = next((party for party in parties if party.is_lead), None)
    if lead is None or lead.member_id is None:
        found.append("Ansökan saknar huvudman. Välj vilken part som leder.")
    found.extend(_responsible_fault(parties, lead, eligibility))
    return found


def speaks_for(party: ApplicationParty, user: User) -> bool:
    """Whether the person writes for the party, or has a role as applicant or signatory for it."""
    return is_spoken_for(party, visitor_for(party.application.association, user))


def is_spoken_for(party: ApplicationParty, visitor: Visitor) -> bool:
    """The same of a visitor, whose roles have been read."""
    if party.member_id in visitor.member_ids(RoleKind.APPLICANT, RoleKind.SIGNATORY):
        return True
    person = visitor.person()
    return any(row.user_id == person.pk for row in party.people.all())


def check_speaks_for(party: ApplicationParty, user: User, what: str) -> None:
    """Raises NotAllowed unless the person speaks for the party; `what` is what was to be done."""
    check_spoken_for(party, visitor_for(party.application.association, user), what)


def check_spoken_for(party: ApplicationParty, visitor: Visitor, what: str) -> None:
    """The same of a visitor, whose roles have been read."""
    if not is_spoken_for(party, visitor):
        raise NotAllowed("not_the_partys", f"Bara den som skriver för {party.name} kan {what}.")


def lock_parties(application: Application, actor: User) -> Application:
    """Lock the application, if its parties may be changed by the person now."""
    return lock_for_writing(application, actor, section_of_kind(application, SectionKind.PARTIES))


def _eligibility(application: Application) -> dict[str, Any]:
    definition = application.round.definition
    return dict(definition.get("eligibility", {}))


def _check_external(application: Application, name: str) -> None:
    if not name.strip():
        raise DomainError("party_without_name", "Skriv organisationens namn.", "external_name")
    allowed = _eligibility(application).get("external", "through_lead")
    if allowed == "none":
        raise NotPossible(
            "members_only",
            "I det här programmet kan bara medlemmar vara med (6–7 §§ lagen om finansiell "
            "samordning).",
            "external_name",
        )


def _counted(parties: Sequence[ApplicationParty], by: str) -> int:
    """How many parties there are: kinds of party (several municipalities are one), or units."""
    if by == "organisation":
        return len(parties)
    return len({party.kind for party in parties if party.kind != PartyKind.EXTERNAL})


def _too_few(parties: Sequence[ApplicationParty], least: int, eligibility: dict[str, Any]) -> str:
    if eligibility.get("parties_counted_by") == "organisation":
        return f"Minst {_count(least)} parter behövs. Lägg till en part."
    only = [party.name for party in parties if party.kind != PartyKind.EXTERNAL]
    names = typography.enumerate_words(only) or "Ingen"
    counts = "räknas som en part" if len(only) > 1 else "är en part"
    return (
        f"{names} {counts}. Minst {_count(least)} slag av parter behövs, och flera kommuner "
        f"räknas som en ({LAW}). Bjud in till exempel regionen, Arbetsförmedlingen eller "
        "Försäkringskassan."
    )


def _count(number: int) -> str:
    return {2: "två", 3: "tre", 4: "fyra"}.get(number, str(number))


def _responsible_fault(
    parties: Sequence[ApplicationParty],
    lead: ApplicationParty | None,
    eligibility: dict[str, Any],
) -> list[str]:
    """With an external party some kind of party must always lead (programme 4)."""
    kind = eligibility.get("responsible_kind")
    external = any(party.kind == PartyKind.EXTERNAL for party in parties)
    if not kind or not external or lead is None or lead.kind == kind:
        return []
    label = PartyKind(str(kind)).label.lower()
    return [f"Med en extern part ska {label}en vara ansvarig part. Byt huvudman."]


def was_removed(application: Application, pk: int) -> bool:
    """Whether a party with that id was taken out of this application earlier."""
    told = Event.objects.filter(
        association=application.association, action="party_removed", object_id=str(pk)
    )
    return told.filter(payload__application=str(application.public_id)).exists()


def _changed(
    application: Application, actor: User, action: str, party: ApplicationParty, reason: str
) -> None:
    """The application's row follows, signatures are voided, and the event is written."""
    application.revision += 1
    application.updated_at = clock.now()
    application.save(update_fields=["revision", "updated_at"])
    void_signatures(application=application, actor=actor, reason=reason)
    record_event(
        association=application.association,
        actor=actor,
        action=action,
        obj=party,
        payload={"application": str(application.public_id)},
    )
