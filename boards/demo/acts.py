"""The acts of a story, each by the person whose act it is, through the pages' own services."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from applications import returning, review, revising, time_plan
from applications.changing import submit_change
from applications.drafting import mark_section, save_section, start_application
from applications.freezing import content_hash, content_of
from applications.idea_parties import add_idea_party, confirm_idea_party
from applications.ideas import answer_idea, asks_for_parties, save_idea, send_idea, start_idea
from applications.models import (
    Application,
    ChangeKind,
    ChangeRequest,
    IdeaSketch,
    PartyMember,
    PointVerdict,
    Round,
    SectionKind,
)
from applications.parties import add_party, mark_party
from applications.queries import APPLICANT
from applications.signing import freeze_for_signing, sign, signing_parties
from applications.submission import submit_application
from boards import (
    agenda,
    agreement_signing,
    agreements,
    attendance,
    consultation,
    council,
    decisions,
    delegation,
    dispatch,
    immediate,
    memos,
    minutes,
    notices,
    sitting,
)
from boards.after_attestation import promise_minutes
from boards.agreement_content import executing_parties
from boards.attestation import attest
from boards.demo.content import (
    EffortContent,
    EffortsContent,
    IdeaContent,
    answer_values,
    programme_of,
)
from boards.demo.settling import DEMO_PASSWORD
from boards.models import (
    AgendaItem,
    Agreement,
    AssessmentVerdict,
    Body,
    Consultation,
    DelegatedDecision,
    DelegateFunction,
    ItemKind,
    ItemState,
    Meeting,
    Minutes,
    Outcome,
    Position,
    RecommendationKind,
)
from boards.packet import make_packet
from budgets.editing import replace_content
from budgets.returns import set_return_plan
from budgets.revised_budgets import approve_revised_budget
from finsam import clock
from finsam.associations.models import Association
from finsam.people.models import Role, RoleKind, User

FORMAL = (
    ItemKind.OPENING,
    ItemKind.AGENDA,
    ItemKind.PREVIOUS_MINUTES,
    ItemKind.INFORMATION,
    ItemKind.DELEGATION,
    ItemKind.CLOSING,
)


@dataclass
class Cast:
    """The people, the round and what has come into being so far."""

    association: Association
    round: Round
    content: EffortsContent
    people: Mapping[str, User]
    applications: dict[str, Application] = field(default_factory=dict)

    def by_role(self, kind: RoleKind) -> User:
        role = Role.objects.filter(association=self.association, kind=kind).order_by("pk").first()
        if role is None:
            raise LookupError(f"Ingen har rollen {kind.label} i {self.association}.")
        return role.user

    @property
    def director(self) -> User:
        return self.by_role(RoleKind.DIRECTOR)

    @property
    def officer(self) -> User:
        kinds = (RoleKind.OFFICER, RoleKind.DIRECTOR)
        held = Role.objects.filter(association=self.association, kind__in=kinds)
        return held.order_by("-kind", "pk")[0].user

    def body(self, kind: str) -> Body:
        return Body.objects.get(association=self.association, kind=kind)


def at_time(day: date, hour: int, minute: int = 0) -> datetime:
    return clock.from_wall_clock(day, time(hour, minute))


# --- the applicant's side ----------------------------------------------------------------------


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


def fresh(cast: Cast, key: str) -> Application:
    """The application as it stands in the database now."""
    found = Application.objects.select_related(
        "association", "round__programme", "round__frame", "template", "budget", "case"
    ).get(pk=cast.applications[key].pk)
    cast.applications[key] = found
    return found


# --- the office --------------------------------------------------------------------------------


def review_application(cast: Cast, key: str, *, finish: bool = True) -> Application:
    """Go through the checklist; with `finish` on to preparation."""
    application = fresh(cast, key)
    held = review.begin_review(application=application, actor=cast.officer)
    for point in held.points.select_related("review__application"):
        review.judge_point(point=point, verdict=PointVerdict.FINE, note="", actor=cast.officer)
    if finish:
        review.finish_review(
            application=application,
            summary="Ansökan är komplett och ligger inom parternas gemensamma ansvar.",
            actor=cast.officer,
        )
    return fresh(cast, key)


def ask_bodies(
    cast: Cast, matter: Application | IdeaSketch, slugs: Iterable[str], *, due_on: date
) -> None:
    """Ask bodies by their slugs for statements."""
    bodies = list(cast.association.bodies.filter(slug__in=list(slugs)).order_by("pk"))
    consultation.ask_for_statements(matter=matter, bodies=bodies, due_on=due_on, actor=cast.officer)


def give_statements(cast: Cast, key: str) -> None:
    """The statements of the content on an effort, each by its author."""
    for said in cast.content.statements:
        if said.effort != key:
            continue
        author = cast.people[said.author]
        asked = Consultation.objects.open().get(
            application=cast.applications[key], body__slug=said.body
        )
        consultation.give_statement(
            consultation=asked,
            seat=asked.body.seats.get(user=author),
            position=Position(said.position),
            text=said.text,
            actor=author,
        )


def end_consultation(cast: Cast, key: str) -> None:
    for one in Consultation.objects.open().filter(application=cast.applications[key]):
        consultation.close_consultation(consultation=one, actor=cast.officer)


def write_memo(cast: Cast, key: str, *, finish: bool = True) -> None:
    """Start the memo from what is known, and finish it as the director."""
    application = fresh(cast, key)
    memo = memos.start_memo(application=application, actor=cast.director)
    if finish:
        memos.finish_memo(memo=memo, actor=cast.director)


# --- meetings ----------------------------------------------------------------------------------


def plan(cast: Cast, kind: str, starts_at: datetime, place: str) -> Meeting:
    return agenda.plan_meeting(
        body=cast.body(kind),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=3),
        place=place,
        actor=cast.officer,
    )


def put_on_agenda(cast: Cast, meeting: Meeting, keys: Iterable[str]) -> None:
    for key in keys:
        application = fresh(cast, key)
        agenda.add_item(
            meeting=meeting,
            title=application.title,
            application=application,
            presenter=cast.association.director_title.capitalize(),
            actor=cast.officer,
        )


def call(cast: Cast, meeting: Meeting) -> Meeting:
    return dispatch.send_notice(meeting=meeting, actor=cast.officer)


def gather(cast: Cast, meeting: Meeting) -> Meeting:
    """All ordinary members come, and the meeting is opened."""
    for seat in attendance.ordinary_seats(meeting.body, meeting.starts_at):
        attendance.arrive(meeting=meeting, seat=seat, actor=cast.officer)
    return sitting.open_meeting(meeting=meeting, actor=cast.officer)


def treat_in_council(cast: Cast, meeting: Meeting) -> None:
    """Each item is assessed and gets its recommendation, as the content says."""
    efforts = {
        cast.applications[one.key].pk: one
        for one in cast.content.efforts
        if one.key in cast.applications
    }
    for item in meeting.items.order_by("position"):
        sitting.take_up(item=item, actor=cast.officer)
        if item.application_id is None:
            sitting.finish_formal_item(item=item, actor=cast.officer)
            continue
        wanted = efforts[item.application_id].recommendation
        if wanted is None:
            raise LookupError(f"Exemplet saknar rekommendation för {item.title}.")
        criteria = {one.key: one.pk for one in cast.round.programme.criteria.all()}
        council.record_recommendation(
            item=item,
            kind=RecommendationKind(wanted.kind),
            amount=wanted.amount,
            text=wanted.text,
            views={
                criteria[one.criterion]: council.View(AssessmentVerdict(one.verdict), one.text)
                for one in wanted.assessments
            },
            actor=cast.officer,
        )
    council.close_council_meeting(meeting=meeting, actor=cast.officer)


def send_documents(cast: Cast, meeting: Meeting) -> None:
    """Promise the packet; it is sent when the worker has made it."""
    make_packet(meeting=meeting, actor=cast.officer)


def set_plan_of_return(cast: Cast, key: str) -> None:
    """What the application says is to come back becomes the plan."""
    application = fresh(cast, key)
    if application.grant is None:
        raise LookupError(f"{application.title} har inget bidrag.")
    rows = returning.proposed_rows(application)
    set_return_plan(grant=application.grant, rows=rows, reason="", actor=cast.director)


def settle_returns(cast: Cast, key: str, year: int) -> int:
    """Every unit has saved in the year what was planned, and returns its share, in kronor."""
    application = fresh(cast, key)
    planned = [row for row in returning.plan_rows(application) if row.year == year]
    for row in planned:
        returning.settle(
            application=application,
            planned=row,
            actual_saving=row.expected_saving,
            amount=row.expected_amount,
            explanation="",
            key=f"story-{row.pk}",
            actor=cast.officer,
        )
    return sum(row.expected_amount for row in planned)


def settle_formal(cast: Cast, meeting: Meeting) -> None:
    """Take the formal items in order, up to the first that needs a decision."""
    while item := meeting.items.exclude(state=ItemState.DONE).order_by("position").first():
        if item.kind != ItemKind.ATTESTERS and item.kind not in FORMAL:
            return
        _take(cast, item)


def decide_all(cast: Cast, meeting: Meeting) -> Minutes:
    """Take every item in order: formal ones as usual, applications as the memo proposes.

    What was decided on delegation is told of, and that paragraph attested at once.
    """
    while item := meeting.items.exclude(state=ItemState.DONE).order_by("position").first():
        _take(cast, item)
        if item.kind == ItemKind.DELEGATION:
            _attest_at_once(cast, item)
    return minutes.close_meeting(meeting=meeting, actor=cast.officer)


def _take(cast: Cast, item: AgendaItem) -> None:
    sitting.take_up(item=item, actor=cast.officer)
    item.refresh_from_db()
    if item.kind == ItemKind.ATTESTERS:
        found = attendance.presence(item.meeting, item)
        chair = item.meeting.chair_id
        chosen = next(one.seat for one in found.serving if one.seat.pk != chair)
        sitting.elect_attesters(item=item, seats=[chosen], actor=cast.officer)
    elif item.kind in FORMAL:
        sitting.finish_formal_item(item=item, actor=cast.officer)
    elif item.application is not None:
        memo = item.application.memos.first()
        decisions.record_decision(
            item=item,
            outcome=Outcome(memo.proposed_outcome if memo else Outcome.TABLED),
            amount=memo.proposed_amount if memo else None,
            frame=item.application.round.frame,
            actor=cast.officer,
        )
    else:
        decisions.record_decision(
            item=item, outcome=Outcome.APPROVED, reason=item.proposal, actor=cast.officer
        )


def _attest_at_once(cast: Cast, item: AgendaItem) -> None:
    """The paragraph is fixed and read by those who attest it, before the meeting has ended."""
    item.refresh_from_db()
    paragraph = immediate.fix_paragraph(item=item, actor=cast.officer)
    for attestation in paragraph.attestations.select_related("seat__user"):
        paragraph = immediate.attest_paragraph(
            paragraph=paragraph,
            actor=attestation.seat.user,
            password=DEMO_PASSWORD,
            seen_hash=paragraph.content_hash,
        )


def decide_on_delegation(cast: Cast, day: date) -> DelegatedDecision:
    """The director decides what the board has left to her; it goes to the next agenda by itself."""
    return delegation.record_delegated_decision(
        association=cast.association,
        decided_by=cast.director,
        function=DelegateFunction.DIRECTOR,
        decided_on=day,
        subject="Lokal för parternas dag i november",
        text="hyra Folkets hus i Ronneby för 8 500 kronor",
        basis="delegationsordningen punkt 4",
        actor=cast.director,
    )


def attest_by_all(cast: Cast, record: Minutes) -> Minutes:
    sent = minutes.send_to_attesters(minutes=record, actor=cast.officer)
    promise_minutes(sent, cast.officer)
    for attester in sent.meeting.attesters.select_related("seat__user"):
        attest(
            minutes=sent,
            actor=attester.seat.user,
            password=DEMO_PASSWORD,
            seen_hash=sent.content_hash,
        )
    return Minutes.objects.get(pk=record.pk)


def post_everywhere(cast: Cast, record: Minutes) -> None:
    for notice in record.notices.all():
        notices.post_notice(notice=notice, posted_on=clock.today(), actor=cast.officer)


# --- the agreement ------------------------------------------------------------------------------


def revise_budget(cast: Cast, key: str) -> None:
    """Where less was granted than sought the parties file a revised budget, which is approved."""
    application, author = fresh(cast, key), cast.people[cast.content.effort(key).author]
    revised = revising.begin_revision(application=application, actor=author)
    filed = revising.file_revision(application=application, revised=revised, actor=author)
    approve_revised_budget(
        revised=filed, seen_hash=filed.sha256, actor=cast.officer, case=application.case
    )


def send_agreement(cast: Cast, key: str) -> Agreement:
    """The office writes the agreement of what was granted and sends it for signature."""
    agreement = agreements.prepare_agreement(application=fresh(cast, key), actor=cast.officer)
    agreements.send_agreement(agreement=agreement, actor=cast.officer)
    return Agreement.objects.select_related("current", "application__association").get(
        pk=agreement.pk
    )


def sign_agreement(cast: Cast, agreement: Agreement, *, only_first: bool = False) -> None:
    """The director signs for the association, then a signatory of each party, or of the first."""
    version = agreement.current
    if version is None:
        raise LookupError("Avtalet är inte skickat.")
    said = {"password": DEMO_PASSWORD, "seen_hash": version.content_hash}
    agreement_signing.sign_agreement(agreement=agreement, party=None, actor=cast.director, **said)
    parties = executing_parties(agreement.application)
    for party in parties[:1] if only_first else parties:
        role = Role.objects.filter(
            association=cast.association, kind=RoleKind.SIGNATORY, member=party.member
        ).first()
        if role is None:
            raise LookupError(f"Ingen firmatecknare för {party.name}.")
        agreement_signing.sign_agreement(agreement=agreement, party=party, actor=role.user, **said)


def start_effort(cast: Cast, agreement: Agreement) -> Application:
    agreements.start_effort(agreement=agreement, started_on=clock.today(), actor=cast.officer)
    found: Application = Application.objects.get(pk=agreement.application_id)
    return found


def ask_for_longer(cast: Cast, key: str, until: date) -> ChangeRequest:
    """The lead party asks for a later last day; it waits for the office."""
    return submit_change(
        application=fresh(cast, key),
        kind=ChangeKind.TIME,
        reason="Rekryteringen drar ut på tiden, så deltagarna kommer in ett kvartal senare.",
        ends_on=until,
        actor=cast.people[cast.content.effort(key).author],
    )
