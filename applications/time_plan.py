"""The time plan of an application: agreed with the preparing group, and ticked off by both."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse

from applications.models import Application, Checkpoint, IdeaSketch, IdeaState, PlanSide, TimePlan
from applications.queries import APPLICANT
from finsam import clock
from finsam.associations.models import Association
from finsam.errors import Conflict, DomainError, NotAllowed, NotPossible
from finsam.messages.mail import send_mail
from finsam.people.access import OFFICE, visitor_for
from finsam.people.models import Role, User
from finsam.registry.events import record_event

WEEKS_BETWEEN = 3


def checkpoints_of(idea: IdeaSketch) -> list[str]:
    """What the programme wants checked along the way; empty where it has no time plan."""
    steps = (idea.programme.definition or {}).get("steps") or {}
    rule = steps.get("time_plan") or {}
    return list(rule.get("checkpoints") or ()) if rule.get("use", "absent") != "absent" else []


def suggested_days(idea: IdeaSketch) -> list[date]:
    """The days that stand there, or a first suggestion: one check-point every third week."""
    plan = plan_of(idea)
    if plan is not None:
        return [one.due_on for one in plan.checkpoints.all()]
    weeks = timedelta(weeks=WEEKS_BETWEEN)
    return [clock.today() + weeks * at for at, _ in enumerate(checkpoints_of(idea), start=1)]


def plan_of(idea: IdeaSketch) -> TimePlan | None:
    return (
        TimePlan.objects.filter(idea=idea)
        .prefetch_related("checkpoints__applicant_by", "checkpoints__group_by")
        .first()
    )


def propose_time_plan(*, idea: IdeaSketch, days: Sequence[date], actor: User) -> TimePlan:
    """Put days on the programme's check-points; the other side is asked to agree.

    A plan proposed anew has to be agreed on anew, and what both have ticked stays ticked. The
    same days again change nothing. Raises NotPossible, NotAllowed and DomainError.
    """
    with transaction.atomic():
        locked, side = _locked(idea, actor)
        texts = checkpoints_of(locked)
        if not texts:
            raise NotPossible("no_time_plan", "Programmet har ingen tidplan att komma överens om.")
        if len(days) != len(texts) or list(days) != sorted(days):
            raise DomainError("days_in_order", "Sätt en dag på varje avstämning, i tidsordning.")
        plan = plan_of(locked)
        if plan is not None and [one.due_on for one in plan.checkpoints.all()] == list(days):
            return plan
        if plan is not None and all(one.is_done for one in plan.checkpoints.all()):
            raise NotPossible("plan_done", "Allt i tidplanen är avstämt; dagarna ändras inte mer.")
        if plan is None:
            plan = TimePlan.objects.create(idea=locked, proposed_side=side, proposed_at=clock.now())
            Checkpoint.objects.bulk_create(
                Checkpoint(plan=plan, position=at, text=text[:200], due_on=day)
                for at, (text, day) in enumerate(zip(texts, days, strict=True), start=1)
            )
        else:
            for one, day in zip(plan.checkpoints.all(), days, strict=True):
                Checkpoint.objects.filter(pk=one.pk).update(due_on=day)
            plan.proposed_side, plan.proposed_at, plan.agreed_at = side, clock.now(), None
            plan.revision += 1
            plan.save(update_fields=["proposed_side", "proposed_at", "agreed_at", "revision"])
        _record(plan, actor, "time_plan_proposed", days=[day.isoformat() for day in days])
        _tell(plan, side, f"proposed-{plan.revision}", "Förslag till tidplan")
    return plan


def agree_time_plan(*, idea: IdeaSketch, seen: int, actor: User) -> TimePlan:
    """The other side agrees to the days that it has seen (`seen` is the plan's revision)."""
    with transaction.atomic():
        locked, side = _locked(idea, actor)
        plan = _required(locked)
        if plan.agreed_at is not None:
            return plan
        if plan.revision != seen:
            raise Conflict(
                "plan_changed", "Tidplanen har ändrats sedan du öppnade sidan. Läs den igen."
            )
        if plan.proposed_side == side:
            raise NotPossible("own_proposal", "Den andra sidan ska säga ja till ert förslag.")
        plan.agreed_at = clock.now()
        plan.save(update_fields=["agreed_at"])
        _record(plan, actor, "time_plan_agreed", revision=plan.revision)
        _tell(plan, side, f"agreed-{plan.revision}", "Tidplanen är överenskommen")
    return plan


def tick_checkpoint(*, idea: IdeaSketch, position: int, actor: User) -> Checkpoint:
    """Tick a check-point for one's own side; it is done when both have. Twice is once."""
    with transaction.atomic():
        locked, side = _locked(idea, actor)
        plan = _required(locked)
        if plan.agreed_at is None:
            raise NotPossible("plan_not_agreed", "Kom först överens om tidplanen.")
        found = plan.checkpoints.select_for_update(of=("self",)).filter(position=position).first()
        if found is None:
            raise NotPossible("no_checkpoint", "Avstämningen finns inte i tidplanen.")
        if getattr(found, f"{side}_at") is not None:
            return found
        setattr(found, f"{side}_at", clock.now())
        setattr(found, f"{side}_by", actor)
        found.save(update_fields=[f"{side}_at", f"{side}_by"])
        _record(plan, actor, "checkpoint_ticked", position=position, side=side)
    return found


def what_plan_blocks(application: Application) -> str:
    """Why the time plan keeps the application from being handed in; empty when it does not."""
    if application.round.setting("steps", "time_plan", "use", default="absent") != "mandatory":
        return ""
    plan = plan_of(application.idea) if application.idea else None
    if plan is None or plan.agreed_at is None:
        return "Kom först överens med beredningen om tidplanen, på idéns sida."
    left = [one.text for one in plan.checkpoints.all() if not one.is_done]
    if left:
        return f"Båda sidor ska ha stämt av: {left[0]}. Det görs på idéns sida."
    return ""


def require_agreed(idea: IdeaSketch) -> None:
    """Refuse to begin the application before a mandatory time plan has been agreed on."""
    steps = (idea.programme.definition or {}).get("steps") or {}
    if (steps.get("time_plan") or {}).get("use") != "mandatory":
        return
    plan = plan_of(idea)
    if plan is None or plan.agreed_at is None:
        raise NotPossible(
            "time_plan_first",
            "Kom först överens med beredningen om en tidplan för ansökan. Det görs på idéns sida.",
        )


def _required(idea: IdeaSketch) -> TimePlan:
    plan = plan_of(idea)
    if plan is None:
        raise NotPossible("no_plan_yet", "Ingen har föreslagit någon tidplan än.")
    return plan


def _locked(idea: IdeaSketch, actor: User) -> tuple[IdeaSketch, PlanSide]:
    locked: IdeaSketch = (
        IdeaSketch.objects.select_for_update(of=("self",))
        .select_related("association", "programme", "member", "author", "case")
        .get(pk=idea.pk)
    )
    visitor = visitor_for(locked.association, actor)
    mine = locked.author_id == actor.pk or locked.member_id in visitor.member_ids(*APPLICANT)
    if not mine and not visitor.has(*OFFICE):
        raise NotAllowed("not_yours", "Bara sökanden och kansliet arbetar med tidplanen.")
    if locked.state not in (IdeaState.ANSWERED, IdeaState.TURNED):
        raise NotPossible("idea_not_answered", "Idén ska vara besvarad innan tidplanen görs.")
    return locked, PlanSide.APPLICANT if mine else PlanSide.GROUP


def _tell(plan: TimePlan, side: PlanSide, event: str, subject: str) -> None:
    """Tell the other side."""
    idea = plan.idea
    to_office = side == PlanSide.APPLICANT
    view = "office_idea" if to_office else "idea"
    for person in _office(idea.association) if to_office else [idea.author]:
        send_mail(
            association=idea.association,
            to=person,
            event_key=f"time-plan-{plan.pk}-{event}",
            subject=f"{subject}: {idea.title}",
            template="mail/time_plan.txt",
            context={
                "title": idea.title,
                "agreed": plan.agreed_at is not None,
                "checkpoints": list(plan.checkpoints.order_by("position")),
                "path": reverse(
                    f"applications:{view}", args=[idea.association.slug, idea.public_id]
                ),
            },
            case=idea.case,
        )


def _office(association: Association) -> list[User]:
    held = Role.objects.held_on(clock.today()).filter(association=association, kind__in=OFFICE)
    return list(User.objects.filter(pk__in=held.values("user"), is_active=True).order_by("pk"))


def _record(plan: TimePlan, actor: User, action: str, **payload: Any) -> None:
    record_event(
        association=plan.idea.association,
        actor=actor,
        action=action,
        obj=plan,
        case=plan.idea.case,
        payload=payload,
    )
