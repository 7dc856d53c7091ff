"""Writing an application: starting it, saving its sections, marking them as done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from applications import answers
from applications.answers import Value
from applications.models import (
    Answer,
    Application,
    ApplicationParty,
    ApplicationState,
    ApplicationTemplate,
    IdeaParty,
    IdeaSketch,
    IdeaState,
    Invitation,
    PartyMember,
    Question,
    QuestionType,
    Round,
    Section,
    SectionDraft,
    SectionKind,
    SectionRevision,
    TemplateState,
)
from applications.once import once
from applications.queries import is_on_applicants_side
from applications.rich_text import html_from_text
from applications.time_plan import require_agreed
from applications.voiding import void_signatures
from budgets.editing import new_budget
from budgets.models import Lot
from finsam import clock, typography
from finsam.associations.models import Member, PartyKind
from finsam.errors import Conflict, NotAllowed, NotPossible
from finsam.people.access import visitor_for
from finsam.people.models import RoleKind, User
from finsam.registry.canonical import canonical
from finsam.registry.events import record_event

WRITERS = (RoleKind.APPLICANT, RoleKind.SIGNATORY)
REVISIONS_KEPT = 30
OVER = (ApplicationState.WITHDRAWN, ApplicationState.DISMISSED)


@dataclass(frozen=True)
class Clash:
    """One question that two people changed at the same time: what each of them wrote."""

    question: Question
    mine: Value
    theirs: Value


class SectionConflict(Conflict):
    """Somebody else saved the same answers in between: nothing is written until one chooses."""

    def __init__(self, draft: SectionDraft, clashes: list[Clash]) -> None:
        who = draft.updated_by.get_full_name() if draft.updated_by else "Någon annan"
        when = typography.clock_time(draft.updated_at) if draft.updated_at else "nyss"
        super().__init__(
            "section_changed",
            f"{who} sparade samma avsnitt {when}. Välj vilken text som ska gälla. "
            "Inget har skrivits över.",
        )
        self.draft = draft
        self.clashes = clashes


def may_begin(round: Round, member: Member, invited: bool) -> str:  # noqa: A002
    """Why a member cannot begin an application in a round now; empty when it can."""
    moment = clock.now()
    eligibility = round.definition.get("eligibility", {})
    lead_kinds = eligibility.get("lead_kinds") or []
    if round.opens_at > moment:
        return f"Omgången öppnar {typography.moment_long(round.opens_at)}. Välkommen åter då."
    if round.closes_at and round.has_closed(moment):
        return f"Sista dag var {typography.moment_long(round.closes_at)}. Omgången är stängd."
    if round.template is None or round.template.state != TemplateState.FINAL:
        return "Ansökningsmallen är inte fastställd än. Du kan börja när den är det."
    if round.invited_only and not invited:
        return (
            f"{round.name} är öppen bara för inbjudna, och {member.name} är inte inbjuden. "
            "Skriv till kansliet om det ska ändras."
        )
    if lead_kinds and member.kind not in lead_kinds:
        return (
            f"{member.name} kan inte vara huvudman i {round.programme.name}. "
            "Be en part som kan vara huvudman att börja, så kan ni vara med som part."
        )
    return ""


def begun_by(round: Round, member: Member | None) -> QuerySet[Application]:  # noqa: A002
    """What the member leads in the round, and has neither withdrawn nor thrown away."""
    led = Application.objects.filter(round=round, parties__is_lead=True, parties__member=member)
    kept: QuerySet[Application] = led.kept().exclude(state__in=OVER)
    return kept


def start_application(
    *,
    round: Round,  # noqa: A002
    member: Member,
    actor: User,
    idea: IdeaSketch | None = None,
    carried_from: Application | None = None,
    key: str = "",
) -> Application:
    """Start a draft with `member` as lead party; writes the event `application_started`.

    Answers start from an idea sketch or from an earlier application where the questions are the
    same. With `key`, a second call gives back the first draft. Raises NotAllowed, NotPossible.
    """
    if key:
        return once(
            Application,
            association=round.association,
            action="start_application",
            key=key,
            actor=actor,
            content={"round": round.pk, "member": member.pk, "idea": idea.pk if idea else None},
            act=lambda: _start(round, member, actor, idea, carried_from),
        )
    with transaction.atomic():
        return _start(round, member, actor, idea, carried_from)


def save_section(
    *,
    application: Application,
    section: Section,
    values: Mapping[str, Value],
    expected_revision: int,
    actor: User,
) -> SectionDraft:
    """Save answers of a section, by the keys of their questions; questions left out stay.

    What others saved since `expected_revision` is kept where the writer did not touch it. Where
    both changed the same answer nothing is written and SectionConflict carries both texts.
    Signatures over the earlier text are voided. Raises NotAllowed, NotPossible.
    """
    with transaction.atomic():
        locked = lock_for_writing(application, actor, section)
        draft = _locked_draft(locked, section)
        questions = {question.key: question for question in section.questions.all()}
        stored = _stored_answers(locked, section)
        wanted = {key: canonical(value) for key, value in values.items() if key in questions}
        changes = _merged(draft, questions, stored, wanted, expected_revision)
        if not changes:
            return draft
        _write_answers(locked, questions, changes)
        _next_revision(draft, {**stored, **changes}, actor)
        _touch(locked, questions, changes)
        void_signatures(application=locked, actor=actor, reason=f"”{section.heading}” ändrades.")
    return draft


def mark_section(
    *, application: Application, section: Section, done: bool, actor: User
) -> SectionDraft:
    """Mark a section as done or as not done; the mark changes no answer and voids nothing."""
    with transaction.atomic():
        locked = lock_for_writing(application, actor, section)
        draft = _locked_draft(locked, section)
        if done != (draft.done_at is not None):
            draft.done_at = clock.now() if done else None
            draft.save(update_fields=["done_at"])
    return draft


def lock_for_writing(
    application: Application,
    actor: User,
    section: Section | None = None,
    *,
    even_discarded: bool = False,
) -> Application:
    """Lock the application, and check that the person may change it, and that section, now."""
    locked: Application = (
        Application.objects.select_for_update(of=("self",))
        .select_related("association", "round__programme", "template")
        .prefetch_related("parties__people")
        .get(pk=application.pk)
    )
    if not is_on_applicants_side(visitor_for(locked.association, actor), locked):
        raise NotAllowed(
            "not_a_party",
            "Bara den som skriver för en av parterna kan ändra i ansökan. Be huvudmannen om en "
            "inbjudan.",
        )
    if locked.discarded_at is not None and not even_discarded:
        raise NotPossible(
            "discarded",
            "Utkastet är slängt. Ta tillbaka det under Mina ansökningar om du vill skriva vidare.",
        )
    require_writable(locked, section)
    return locked


def section_of_kind(application: Application, kind: SectionKind) -> Section | None:
    """The section of a kind in the application's template, if it has one."""
    found: Section | None = application.template.sections.filter(kind=kind).first()
    return found


def require_writable(application: Application, section: Section | None = None) -> None:
    """Raises NotPossible once the application has been received and nothing is asked for there."""
    if application.state == ApplicationState.DRAFT:
        return
    if application.state == ApplicationState.RETURNED and section is not None:
        _check_asked_for(application, section)
        return
    state = application.get_state_display().lower()
    raise NotPossible(
        "not_writable",
        f"Ansökan är inlämnad och kan inte ändras (läge: {state}). "
        "Skriv till kansliet om något behöver rättas.",
    )


def new_draft_parties(application: Application, member: Member, actor: User) -> ApplicationParty:
    """The lead party of a new application, with the one who starts it as contact."""
    party = ApplicationParty.objects.create(
        application=application,
        member=member,
        name=member.name,
        kind=member.kind,
        is_lead=True,
        contact_name=actor.name,
        contact_email=actor.email,
    )
    PartyMember.objects.create(party=party, user=actor)
    return party


def _parties_of_idea(application: Application, idea: IdeaSketch) -> None:
    """Those who took part in the idea come with it; they can be taken out again."""
    taken = set(application.parties.values_list("name", flat=True))
    others = [party for party in idea.parties.select_related("member") if party.name not in taken]
    if others and idea.member.name not in taken:
        others.insert(0, IdeaParty(member=idea.member, name=idea.member.name))
    ApplicationParty.objects.bulk_create(
        ApplicationParty(
            application=application,
            member=party.member,
            name=party.name,
            kind=party.member.kind if party.member else PartyKind.EXTERNAL,
            contact_name=party.contact_name,
            position=position,
        )
        for position, party in enumerate(others, start=len(taken))
    )


def _start(
    round: Round,  # noqa: A002
    member: Member,
    actor: User,
    idea: IdeaSketch | None,
    carried_from: Application | None,
) -> Application:
    invitation, template = _check_start(round, member, actor, idea)
    budget = new_budget(association=round.association, years=round.years, actor=actor)
    application = Application.objects.create(
        association=round.association,
        round=round,
        template=template,
        title=idea.title if idea else f"{round.name}, {member.short_name}"[:160],
        budget=budget,
        lot=_lot_of(round, member, invitation),
        idea=idea,
        created_by=actor,
    )
    new_draft_parties(application, member, actor)
    if idea is not None:
        _parties_of_idea(application, idea)
    sections = list(template.sections.prefetch_related("questions"))
    _first_answers(application, sections, idea, carried_from)
    if idea is not None:
        idea.state = IdeaState.TURNED
        idea.save(update_fields=["state"])
    record_event(
        association=round.association,
        actor=actor,
        action="application_started",
        obj=application,
        payload={
            "round": round.slug,
            "template_version": template.version,
            "idea": str(idea.public_id) if idea else "",
        },
    )
    return application


def _check_start(
    round: Round,  # noqa: A002
    member: Member,
    actor: User,
    idea: IdeaSketch | None,
) -> tuple[Invitation | None, ApplicationTemplate]:
    """Everything that may keep a draft from being started; gives the invitation and template."""
    # The round's row is the lock: two of the same member cannot both begin in a closed round.
    Round.objects.select_for_update().filter(pk=round.pk).first()
    visitor = visitor_for(round.association, actor)
    if member.pk not in visitor.member_ids(*WRITERS):
        raise NotAllowed(
            "no_role_for_member",
            f"Du har ingen roll som sökande för {member.name}. Be administratören om rollen.",
        )
    invitation = Invitation.objects.filter(round=round, member=member).first()
    reason = may_begin(round, member, invitation is not None)
    if reason or round.template is None:
        raise NotPossible("cannot_begin", reason)
    if round.invited_only and begun_by(round, member).exists():
        raise NotPossible(
            "already_begun",
            f"{member.name} har redan en ansökan i {round.name}. Fortsätt på den under "
            "Mina ansökningar.",
        )
    _check_idea(round, member, idea)
    return invitation, round.template


def _check_idea(round: Round, member: Member, idea: IdeaSketch | None) -> None:  # noqa: A002
    if idea is None:
        if round.programme.begins_with_idea:
            raise NotPossible(
                "idea_first",
                f"I {round.programme.name} börjar ansökan med {round.programme.idea_name.lower()}. "
                "Skicka den, så får ni svar och kan gå vidare från den till ansökan.",
            )
        return
    own = {idea.member_id, idea.member.parent_id}  # a unit's sketch, its organisation's application
    if idea.programme_id != round.programme_id or member.pk not in own:
        raise NotPossible(
            "other_idea", "Idéskissen hör till ett annat program eller en annan part."
        )
    if idea.state not in (IdeaState.SENT, IdeaState.ANSWERED):
        raise NotPossible(
            "idea_not_sent", "Idéskissen har inte skickats, eller har redan blivit en ansökan."
        )
    if round.programme.begins_with_idea and idea.state != IdeaState.ANSWERED:
        raise NotPossible(
            "idea_not_answered", "Kansliet har inte svarat på idéskissen än. Vänta på svaret."
        )
    require_agreed(idea)


def _lot_of(round: Round, member: Member, invitation: Invitation | None) -> Lot | None:  # noqa: A002
    if invitation is not None and invitation.lot is not None:
        return invitation.lot
    if round.frame_id is None:
        return None
    return Lot.objects.filter(frame_id=round.frame_id, member=member).first()


def _first_answers(
    application: Application,
    sections: list[Section],
    idea: IdeaSketch | None,
    carried_from: Application | None,
) -> None:
    """Begin with what is known: the association's goals, the sketch, the earlier application."""
    context = answers.context_of(application)
    sketched = _from_idea(application, idea) if idea else {}
    carried = _from_earlier(carried_from) if carried_from else {}
    for section in sections:
        first: dict[str, Value] = {}
        for question in section.questions.all():
            text = sketched.get(question.key)
            value: Value = carried.get((section.key, question.key, question.type))
            if text is not None and question.type == QuestionType.RICH_TEXT:
                value = html_from_text(text)
            elif text is not None and question.type == QuestionType.TEXT:
                value = " ".join(text.split())[: question.max_length or answers.LONGEST_LINE]
            if value is None and question.type == QuestionType.GOALS:
                value = context.goals(question) or None
            if not answers.is_empty(value):
                first[question.key] = canonical(value)
                Answer.objects.create(application=application, question=question, value=value)
        draft = SectionDraft.objects.create(application=application, section=section)
        SectionRevision.objects.create(draft=draft, number=0, values=first, saved_by=None)


def _from_idea(application: Application, idea: IdeaSketch) -> dict[str, str]:
    """Texts of the sketch by the key of the template question that starts from them."""
    prompts = application.round.definition.get("idea", {}).get("prompts", [])
    becomes = {prompt["key"]: prompt.get("becomes") for prompt in prompts}
    return {
        becomes[answer.prompt_key]: answer.text
        for answer in idea.answers.all()
        if becomes.get(answer.prompt_key) and answer.text.strip()
    }


def _from_earlier(earlier: Application) -> dict[tuple[str, str, str], Value]:
    found = Answer.objects.filter(application=earlier).select_related("question__section")
    return {
        (answer.question.section.key, answer.question.key, answer.question.type): answer.value
        for answer in found
    }


def _check_asked_for(application: Application, section: Section) -> None:
    open_request = application.supplements.filter(answered_at=None).first()
    if open_request is None or not open_request.sections.filter(pk=section.pk).exists():
        raise NotPossible(
            "not_asked_for",
            f"”{section.heading}” ingår inte i det som kansliet har bett er komplettera, och kan "
            "inte ändras nu.",
        )


def _locked_draft(application: Application, section: Section) -> SectionDraft:
    draft, _ = (
        SectionDraft.objects.select_for_update(of=("self",))
        .select_related("updated_by")
        .get_or_create(application=application, section=section)
    )
    return draft


def _stored_answers(application: Application, section: Section) -> dict[str, Value]:
    rows = Answer.objects.filter(application=application, question__section=section)
    return {answer.question.key: answer.value for answer in rows.select_related("question")}


def _merged(
    draft: SectionDraft,
    questions: Mapping[str, Question],
    stored: Mapping[str, Value],
    wanted: Mapping[str, Value],
    expected_revision: int,
) -> dict[str, Value]:
    """What to write: the writer's changes, set beside what others saved since the writer read."""
    changes = {key: value for key, value in wanted.items() if stored.get(key) != value}
    if draft.revision == expected_revision or not changes:
        return changes
    seen = _values_at(draft, expected_revision)
    clashes, kept = [], {}
    for key, value in changes.items():
        if seen is not None and seen.get(key) == value:
            continue  # the writer did not touch it, the other did: the other's stands
        if seen is not None and seen.get(key) == stored.get(key):
            kept[key] = value
            continue
        clashes.append(Clash(questions[key], value, stored.get(key)))
    if clashes:
        raise SectionConflict(draft, clashes)
    return kept


def _values_at(draft: SectionDraft, number: int) -> dict[str, Value] | None:
    """The section's answers at a revision; None when it is no longer kept."""
    revision = draft.revisions.filter(number=number).first()
    return revision.values if revision else None


def _write_answers(
    application: Application, questions: Mapping[str, Question], changes: Mapping[str, Value]
) -> None:
    moment = clock.now()
    for key, value in changes.items():
        Answer.objects.update_or_create(
            application=application,
            question=questions[key],
            defaults={"value": value, "updated_at": moment},
        )


def _next_revision(draft: SectionDraft, values: dict[str, Any], actor: User) -> None:
    """Count the revision up and keep its values, and drop the oldest that are kept."""
    moment = clock.now()
    unchanged = SectionDraft.objects.filter(pk=draft.pk, revision=draft.revision)
    if not unchanged.update(revision=draft.revision + 1, updated_at=moment, updated_by=actor):
        raise SectionConflict(draft, [])
    draft.revision += 1
    draft.updated_at, draft.updated_by = moment, actor
    SectionRevision.objects.create(
        draft=draft,
        number=draft.revision,
        values=values,
        saved_by=actor,
        saved_at=draft.updated_at,
    )
    draft.revisions.filter(number__lte=draft.revision - REVISIONS_KEPT).delete()


def _touch(
    application: Application, questions: Mapping[str, Question], changes: Mapping[str, Value]
) -> None:
    """The application's own row follows: when it was saved, and its name."""
    application.revision += 1
    application.updated_at = clock.now()
    changed = ["revision", "updated_at"]
    title = changes.get("title") if "title" in questions else None
    if isinstance(title, str) and title.strip():
        application.title = title[:160]
        changed.append("title")
    application.save(update_fields=changed)
