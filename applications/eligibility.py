"""Whether some organisations may apply together: the rule of a programme, answered in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from applications.models import Round
from finsam.associations.models import Association, AssociationKind, Member, PartyKind
from finsam.typography import enumerate_words

LAW = "lagen om finansiell samordning"


@dataclass(frozen=True)
class Verdict:
    """The answer, and the reasons behind it: each a sentence that says what to do."""

    may: bool
    reasons: tuple[str, ...]


def may_apply_together(
    *,
    round: Round,  # noqa: A002
    lead: Member | None,
    others: Sequence[Member],
    beyond_ordinary: bool,
) -> Verdict:
    """Whether `lead` may apply in the round together with `others` (FL 1, 3, 5, 7 §§).

    No `lead` stands for an organisation that is no member.
    """
    rule = round.definition.get("eligibility", {})
    if lead is None:
        return Verdict(False, (_outsider(rule.get("external", "")),))
    reasons = [
        *_invited(round, lead),
        *_lead(lead, rule.get("lead_kinds", [])),
        *_enough(lead, others, rule),
        *_required(lead, others, rule.get("required_kinds", [])),
    ]
    if not beyond_ordinary:
        reasons.append(_beyond(round.association))
    return Verdict(not reasons, tuple(reasons))


def _beyond(association: Association) -> str:
    """A fund of another kind has the same rule, but not from the Act."""
    by_law = "" if association.kind == AssociationKind.FUND else f" (7\u00a0§ {LAW})"
    return (
        f"Pengarna får inte ersätta det som en part redan ska göra{by_law}. "
        "Beskriv vad som tillkommer."
    )


def _outsider(external: str) -> str:
    if external == "as_party":
        return "Ni kan vara med som part, men landstinget är alltid ansvarig part. Hör av er dit."
    return "Bara medlemmar kan söka. Ni kan vara med genom huvudmannen: hör av er till en medlem."


def _invited(round: Round, lead: Member) -> list[str]:  # noqa: A002
    if not round.invited_only or round.invitations.filter(member=lead).exists():
        return []
    return [f"Omgången är stängd, och {lead.name} är inte inbjuden. Hör av er till kansliet."]


def _lead(lead: Member, kinds: Sequence[str]) -> list[str]:
    if not kinds or lead.kind in kinds:
        return []
    return [f"{lead.name} kan inte vara huvudman här, men kan vara med som part."]


def _enough(lead: Member, others: Sequence[Member], rule: dict[str, object]) -> list[str]:
    parties = {member.pk: member for member in (lead, *others)}.values()
    by_organisation = rule.get("parties_counted_by") == "organisation"
    counted = len(parties) if by_organisation else len({member.kind for member in parties})
    least = int(str(rule.get("min_parties", 2)))
    if counted >= least:
        return []
    if by_organisation or len(parties) == 1:
        return [f"Minst {_count(least)} parter behövs. Fråga en part till."]
    names = enumerate_words([member.short_name for member in parties])
    needed = f"Minst {_count(least)} slag av parter behövs (1\u00a0och\u00a03\u00a0§§ {LAW})"
    ask = "fråga till exempel regionen, Arbetsförmedlingen eller Försäkringskassan"
    return [f"{names} räknas som en part. {needed}: {ask}."]


def _required(lead: Member, others: Sequence[Member], kinds: Sequence[str]) -> list[str]:
    missing = set(kinds) - {member.kind for member in (lead, *others)}
    return [f"{PartyKind(kind).label} måste vara med som part." for kind in sorted(missing)]


def _count(number: int) -> str:
    return {1: "en", 2: "två", 3: "tre", 4: "fyra"}.get(number, str(number))
