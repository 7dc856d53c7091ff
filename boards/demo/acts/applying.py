"""What the applicants of a story do: sketch, write, sign and send in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from applications import time_plan
from applications.drafting import mark_section, save_section, start_application
from applications.freezing import content_hash, content_of
from applications.idea_parties import add_idea_party, confirm_idea_party
from applications.ideas import answer_idea, asks_for_parties, save_idea, send_idea, start_idea
from applications.models import (
    Application,
    IdeaSketch,
    PartyMember,
    SectionKind,
)
from applications.parties import add_party, mark_party
from applications.queries import APPLICANT
from applications.signing import freeze_for_signing, sign, signing_parties
from applications.submission import submit_application
from boards.demo.acts.cast import Cast, at_time, fresh
from boards.demo.content import (
    EffortContent,
    IdeaContent,
    answer_values,
    programme_of,
)
from boards.demo.settling import DEMO_PASSWORD
from budgets.editing import replace_content
from finsam import clock
from finsam.people.models import Role, RoleKind, User


def send_sketch(cast: Cast, idea: IdeaContent) -> IdeaSketch:
    """Write an idea sketch and send it to the office."""
    author = cast.people[idea.author]
    member = cast.association.members.get(name=idea.member)
    sketch = start_idea(programme=cast.round.programme, member=member, actor=author)
    texts = {key: str(text) for key, text in idea.answers.items()}
    sketch = save_idea(sketch=sketch, texts=texts, expected_revision=sketch.revision, actor=author)
    if asks_for_parties(sketch):
        _take_part(cast, sketch, idea)
    return send_idea(sketch=sketch, actor=author)


def _take_part(cast: Cast, sketch: IdeaSketch, idea: IdeaContent) -> None:
    """The parties of the effort that the idea becomes are added, and say that they take part."""
    wanted = next((one for one in cast.content.efforts if one.key == idea.becomes), None)
    for name in wanted.parties if wanted else ():
        if name == idea.member:
            continue
        member = cast.association.members.get(name=name)
        party = add_idea_party(sketch=sketch, member=member, actor=cast.people[idea.author])
        role = Role.objects.filter(
            association=cast.association, member=member, kind__in=APPLICANT
        ).first()
        if role is None:
            raise LookupError(f"Ingen som kan säga att {name} är med.")
        confirm_idea_party(party=party, actor=role.user)


def answer_sketch(cast: Cast, sketch: IdeaSketch, idea: IdeaContent) -> IdeaSketch:
    return answer_idea(
        sketch=sketch,
        assessment=idea.preliminary_assessment,
        text=idea.reply,
        actor=cast.officer,
    )


def agree_on_time_plans(cast: Cast, sketches: Mapping[str | None, IdeaSketch], day: date) -> None:
    """Where the programme has a time plan: the office proposes, the author agrees, both tick."""
    for key, sketch in sketches.items():
        texts = time_plan.checkpoints_of(sketch)
        if not key or not texts:
            continue
        days = [day + timedelta(days=2 * at) for at, _ in enumerate(texts, start=1)]
        with clock.at(at_time(day, 9)):
            plan = time_plan.propose_time_plan(idea=sketch, days=days, actor=cast.officer)
            time_plan.agree_time_plan(idea=sketch, seen=plan.revision, actor=sketch.author)
        for at, due in enumerate(days, start=1):
            with clock.at(at_time(due, 13)):
                for person in (sketch.author, cast.officer):
                    time_plan.tick_checkpoint(idea=sketch, position=at, actor=person)


def begin_application(
    cast: Cast, effort: EffortContent, idea: IdeaSketch | None = None
) -> Application:
    """Start the draft and invite the other parties' people into it."""
    author = cast.people[effort.author]
    lead = cast.association.members.get(name=effort.lead)
    application = start_application(round=cast.round, member=lead, actor=author, idea=idea)
    for name in effort.parties:
        member = cast.association.members.get(name=name)
        if member != lead:
            add_party(application=application, member=member, actor=author)
    for writer in effort.writers:
        _let_write(application, cast.people[writer])
    cast.applications[effort.key] = application
    return application


def _let_write(application: Application, user: User) -> None:
    """Everyone writes for the party whose member they belong to."""
    roles = user.roles.filter(association=application.association, member__isnull=False)
    for party in application.parties.filter(member__in=roles.values("member")):
        PartyMember.objects.get_or_create(party=party, user=user)


def write_application(
    cast: Cast, effort: EffortContent, *, only: Iterable[str] | None = None
) -> Application:
    """Write the sections (all, or those named by key) and mark them as done."""
    application = cast.applications[effort.key]
    author = cast.people[effort.author]
    answers = answer_values(effort.all_answers, programme_of(cast.content))
    for section in application.template.sections.prefetch_related("questions"):
        if only is not None and section.key not in only:
            continue
        questions = {question.key for question in section.questions.all()}
        values = {key: value for key, value in answers.items() if key in questions}
        if values:
            draft = application.drafts.filter(section=section).first()
            save_section(
                application=application,
                section=section,
                values=values,
                expected_revision=draft.revision if draft else 0,
                actor=author,
            )
        if section.kind != SectionKind.SIGNATURES:
            mark_section(application=application, section=section, done=True, actor=author)
    return application


def write_budget(cast: Cast, effort: EffortContent) -> None:
    application = cast.applications[effort.key]
    application.budget.refresh_from_db()
    replace_content(
        budget=application.budget,
        content=effort.budget(),
        expected_version=application.budget.version,
        actor=cast.people[effort.author],
    )
    for party in application.parties.prefetch_related("people__user"):
        for writer in party.people.all()[:1]:
            mark_party(party=party, done=True, actor=writer.user)


def sign_by_all(cast: Cast, effort: EffortContent) -> None:
    """Freeze the content, and let each party's signatory sign it."""
    application = fresh(cast, effort.key)
    freeze_for_signing(application=application, actor=cast.people[effort.author])
    application = fresh(cast, effort.key)
    for party in signing_parties(application):
        role = Role.objects.filter(
            association=cast.association, kind=RoleKind.SIGNATORY, member=party.member
        ).first()
        if role is None:
            raise LookupError(f"Ingen firmatecknare för {party.name}.")
        sign(application=application, party=party, password=DEMO_PASSWORD, actor=role.user)


def submit(cast: Cast, effort: EffortContent) -> Application:
    application = fresh(cast, effort.key)
    submit_application(
        application=application,
        actor=cast.people[effort.author],
        key=f"story-{application.public_id}",
        seen_hash=content_hash(content_of(application)),
    )
    return fresh(cast, effort.key)
