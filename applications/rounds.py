"""Reading rounds for those who think of applying: where they are, their days, their questions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db.models import Prefetch, QuerySet

from applications.models import (
    ApplicationTemplate,
    Milestone,
    Question,
    Round,
    Section,
    TemplateState,
)
from finsam import clock, typography
from finsam.associations.models import Association
from finsam.ui import Status, Step

SHOWN_TO_ALL = ("everyone", "invited")
LANDING_STEPS = 5


class Phase(StrEnum):
    """Where a round is, as a visitor sees it."""

    COMING = "coming"
    OPEN = "open"
    DECIDING = "deciding"
    OVER = "over"


@dataclass(frozen=True)
class RoundFacts:
    """A round with what its definition says, read once for a page."""

    round: Round
    phase: Phase
    milestones: tuple[Milestone, ...]
    definition: dict[str, Any]

    @property
    def entry(self) -> dict[str, Any]:
        """The round's own part of the programme's definition."""
        rounds = self.definition.get("rounds", [])
        return next((r for r in rounds if r.get("slug") == self.round.slug), {})

    @property
    def is_rolling(self) -> bool:
        return self.round.closes_at is None and self.round.programme.intake != "one_date"

    @property
    def status(self) -> Status:
        if self.phase is Phase.COMING:
            opens = clock.stockholm(self.round.opens_at)
            return Status(f"Öppnar {typography.date_long(opens)}", "neutral")
        if self.phase is Phase.OPEN:
            return Status("Öppen för inbjudna" if self.round.invited_only else "Öppen", "success")
        if self.phase is Phase.DECIDING:
            return Status("Stängd, ansökningarna bereds", "info")
        return Status("Avslutad", "neutral")

    @property
    def last_day(self) -> date | None:
        """The next last day to send, while there is one."""
        if self.round.closes_at is not None:
            return clock.stockholm(self.round.closes_at).date()
        days = [m.on for m in self.milestones if m.key.startswith("last_day")]
        return min((day for day in days if day >= clock.today()), default=None)

    @property
    def frame(self) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self.entry.get("frame")
        return found

    def steps(self, limit: int | None = None) -> list[Step]:
        """The milestones as a timeline; with a limit, those for everyone come first."""
        chosen = list(self.milestones)
        if limit is not None and len(chosen) > limit:
            chosen = [m for m in chosen if m.audience == "everyone"][:limit]
        return timeline(chosen, clock.today())

    def described_steps(self) -> list[Step]:
        """Every milestone, with what happens on the day."""
        steps = timeline(list(self.milestones), clock.today())
        return [
            replace(
                step, note=" ".join(filter(None, (_sentence(step.note), milestone.description)))
            )
            for step, milestone in zip(steps, self.milestones, strict=True)
        ]


def rounds_of(association: Association) -> list[RoundFacts]:
    """The association's rounds: open first, then coming, being decided, over."""
    order = [Phase.OPEN, Phase.COMING, Phase.DECIDING, Phase.OVER]
    found = [facts_of(round_) for round_ in _with_all(association)]
    return sorted(found, key=lambda facts: (order.index(facts.phase), -_when(facts.round)))


def round_facts(association: Association, slug: str) -> RoundFacts | None:
    found = _with_all(association).filter(slug=slug).first()
    return facts_of(found) if found else None


def find_round(slug: str) -> Round | None:
    """A round by its slug, or by its programme's when that has one round only."""
    rounds = Round.objects.select_related("programme", "template", "association", "frame__account")
    found = list(rounds.filter(slug=slug)[:2]) or list(rounds.filter(programme__slug=slug)[:2])
    return found[0] if len(found) == 1 else None


def facts_of(round_: Round) -> RoundFacts:
    milestones = tuple(m for m in round_.milestones.all() if m.audience in SHOWN_TO_ALL)
    return RoundFacts(
        round_, phase_of(round_, milestones, clock.now()), milestones, round_.definition
    )


def phase_of(round_: Round, milestones: tuple[Milestone, ...], moment: datetime) -> Phase:
    """A closed round is over the day after its last milestone."""
    if moment < round_.opens_at:
        return Phase.COMING
    if round_.is_open(moment):
        return Phase.OPEN
    last = max((milestone.on for milestone in milestones), default=None)
    today = clock.stockholm(moment).date()
    return Phase.DECIDING if last is not None and today <= last else Phase.OVER


def timeline(milestones: list[Milestone], today: date) -> list[Step]:
    """Days that have been are done; the next one is now, and says how far off it is."""
    steps: list[Step] = []
    coming = next((m for m in milestones if m.on >= today), None)
    for milestone in milestones:
        is_next = milestone is coming
        steps.append(
            Step(
                milestone.title,
                milestone.on,
                "now" if is_next else "done" if milestone.on < today else "coming",
                in_days(milestone.on, today) if is_next else "",
            )
        )
    return steps


def in_days(day: date, today: date) -> str:
    """i dag, i morgon, om 12 dagar"""
    days = (day - today).days
    if days in (0, 1):
        return ("i dag", "i morgon")[days]
    return f"om {typography.plural(days, 'dag', 'dagar')}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def way_of_working(definition: dict[str, Any]) -> list[Step]:
    """The steps of the process that the programme has, as a numbered way."""
    steps = definition.get("steps", {})
    idea, parties = definition.get("idea") or {}, definition.get("eligibility", {})
    least = {1: "En part", 2: "Minst två parter", 3: "Minst tre parter"}
    found: list[Step] = []
    if steps.get("idea") != "absent":
        must = "Krävs först" if steps.get("idea") == "mandatory" else "Frivillig, prata med oss"
        found.append(Step(idea.get("name", "Idé"), note=must))
    if _used(steps, "time_plan"):
        found.append(Step("Tidplan", note="Bestäms tillsammans"))
    found.append(Step("Ansökan", note=least.get(parties.get("min_parties", 2), "Flera parter")))
    found.append(Step("Granskning", note="Kansliet läser"))
    if _used(steps, "consultation"):
        found.append(Step("Samråd", note=steps["consultation"].get("group_name") or "Parterna"))
    if _used(steps, "council"):
        found.append(Step("Beredning", note=steps["council"]["name"]))
    found.append(Step("Beslut", note=steps.get("board", {}).get("name", "Styrelsen")))
    agreement = steps.get("agreement", {}).get("name") if _used(steps, "agreement") else ""
    found.append(
        Step("Insats", note=f"{agreement.capitalize() if agreement else 'Start'} och uppföljning")
    )
    return found


def _used(steps: dict[str, Any], name: str) -> bool:
    return bool(steps.get(name, {}).get("use", "absent") != "absent")


def sections_to_show(template: ApplicationTemplate) -> list[Section]:
    """The template's sections with their questions, in two queries."""
    questions = Prefetch("questions", Question.objects.order_by("position"))
    return list(template.sections.prefetch_related(questions).order_by("position"))


def shown_template(facts: RoundFacts) -> ApplicationTemplate | None:
    """The version to write on: what the public may read of the questions."""
    template = facts.round.template
    return template if template and template.state == TemplateState.FINAL else None


def _with_all(association: Association) -> QuerySet[Round]:
    return (
        Round.objects.filter(association=association)
        .select_related("association", "programme", "template", "frame")
        .prefetch_related("milestones", "invitations__member", "invitations__lot")
    )


def _when(round_: Round) -> float:
    return (round_.closes_at or round_.opens_at).timestamp()
