"""Rows that many tests need: a programme with a round and template, applications at every step.

Every function takes what matters as keyword and invents the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from applications.drafting import save_section, start_application
from applications.freezing import content_hash, content_of, make_version
from applications.models import (
    Application,
    ApplicationTemplate,
    Criterion,
    IdeaMode,
    Invitation,
    PointVerdict,
    Programme,
    Question,
    Round,
    Section,
    SignatureRule,
    TemplateState,
    VersionPurpose,
)
from applications.once import new_key
from applications.parties import add_party
from applications.review import begin_review, finish_review
from applications.signing import freeze_for_signing, sign, signing_parties
from applications.submission import submit_application
from boards.agenda import add_item, plan_meeting
from boards.agreement_content import executing_parties
from boards.agreement_signing import sign_agreement
from boards.agreements import (
    edit_agreement,
    prepare_agreement,
    send_agreement,
)
from boards.attendance import arrive, ordinary_seats
from boards.attestation import attest
from boards.decisions import record_decision
from boards.dispatch import send_notice
from boards.memos import finish_memo, start_memo
from boards.minutes import close_meeting, send_to_attesters
from boards.models import (
    AgendaItem,
    Agreement,
    Body,
    BodyKind,
    Decision,
    ItemKind,
    Meeting,
    Minutes,
    Outcome,
    Seat,
    SeatFunction,
)
from boards.sitting import FORMAL_CLAUSES, elect_attesters, finish_formal_item, open_meeting
from budgets.content import BudgetContent, CostEntry, CostKind, FinancingEntry, Source, StaffEntry
from budgets.editing import freeze_budget, lock_budget, replace_content
from budgets.frames import set_frame
from budgets.ledger import equity_account
from budgets.models import Frame
from budgets.year import open_equity
from finsam import clock
from finsam.associations.models import Association, Member
from finsam.people.models import Role, RoleKind, User
from finsam.registry.register import open_case

PASSWORD = "ett långt lösenord"
LONG_AGO = date(2020, 1, 1)

# --- programmes and rounds --------------------------------------------------------------------

GOAL = {
    "key": "influence",
    "text": "Deltagarna upplever stöd och inflytande",
    "indicator": "Andel som svarar så i enkät",
    "target": 90,
    "unit": "procent",
    "answered_in_application": True,
}
DEFINITION: dict[str, Any] = {
    "slug": "individinsatser",
    "kinds": [{"key": "individual", "name": "Individinsats", "help": ""}],
    "eligibility": {
        "access": "members",
        "summary": "Minst två parter söker tillsammans.",
        "min_parties": 2,
        "parties_counted_by": "party_kind",
        "party_kinds": ["insurance_agency", "employment_service", "region", "municipality"],
        "lead_kinds": ["municipality", "region"],
        "external": "through_lead",
    },
    "budget": {"staff_division_required": False, "overhead_ceiling_percent": 5},
    "goals": [GOAL],
    "target_groups": [
        {"key": "young", "name": "Unga vuxna", "help": ""},
        {"key": "sick", "name": "Långtidssjukskrivna", "help": ""},
    ],
    "idea": {
        "name": "Idéskiss",
        "intro": "Skissen är det enklaste sättet att börja.",
        "prompts": [
            {"key": "working_title", "prompt": "Vad är arbetsnamnet?", "becomes": "title",
             "max_length": 120},
            {"key": "background", "prompt": "Vilka hinder finns i dag?", "becomes": "summary"},
            {"key": "steering", "prompt": "Hur ska den styras?", "required": False},
        ],
    },
}  # fmt: skip
SECTIONS: tuple[dict[str, Any], ...] = (
    {"key": "basics", "heading": "Grunduppgifter", "questions": (
        {"key": "title", "type": "text", "heading": "Insatsens namn", "max_length": 120},
        {"key": "summary", "type": "rich_text", "heading": "Sammanfattning", "max_length": 1200},
        {"key": "period", "type": "period", "heading": "Period"},
    )},
    {"key": "parties", "heading": "Sökande", "kind": "parties", "questions": ()},
    {"key": "target", "heading": "Målgrupp", "questions": (
        {"key": "target_groups", "type": "target_groups", "heading": "Förbundets målgrupper"},
        {"key": "people", "type": "people_count", "heading": "Antal deltagare"},
        {"key": "age_from", "type": "number", "heading": "Ålder från", "required": False},
    )},
    {"key": "goals", "heading": "Syfte och mål", "questions": (
        {"key": "purpose", "type": "rich_text", "heading": "Syfte"},
        {"key": "goals", "type": "goals", "heading": "Mål", "options": {"goals": [GOAL]}},
    )},
    {"key": "plan", "heading": "Genomförande", "questions": (
        {"key": "time_plan", "type": "table", "heading": "Tidplan", "options": {"columns": [
            {"key": "when", "heading": "Period", "type": "text", "required": True},
            {"key": "activity", "heading": "Aktivitet", "type": "text", "required": True},
            {"key": "cost", "heading": "Kostnad", "type": "amount", "required": False},
        ]}},
    )},
    {"key": "budget", "heading": "Budget", "kind": "budget", "questions": ()},
    {"key": "boundary", "heading": "Avgränsning", "questions": (
        {"key": "no_benefits", "type": "confirm", "heading": "Vad pengarna inte går till"},
    )},
    {"key": "annexes", "heading": "Bilagor", "kind": "annexes", "questions": ()},
    {"key": "signatures", "heading": "Underskrifter", "kind": "signatures", "questions": ()},
)  # fmt: skip

ANSWERS: dict[str, dict[str, Any]] = {
    "basics": {
        "title": "Vägen vidare",
        "summary": "<p>Vi hjälper <strong>unga</strong> vidare.</p>",
        "period": {"from": "2024-01-01", "to": "2024-12-31"},
    },
    "target": {"target_groups": ["young"], "people": {"women": 12, "men": 14}},
    "goals": {"purpose": "<p>Fler i arbete.</p>"},
    "plan": {"time_plan": [{"when": "Våren", "activity": "Start", "cost": 10000}]},
    "boundary": {"no_benefits": True},
}


def make_programme(association: Association, **values: Any) -> Programme:
    number = Programme.objects.filter(association=association).count() + 1
    facts: dict[str, Any] = {
        "association": association,
        "slug": f"individinsatser-{number}",
        "name": "Individinsatser",
        "purpose": "Stöd till människor som behöver mer än en myndighet.",
        "idea_mode": IdeaMode.OPTIONAL,
        "signature_rule": SignatureRule.ALL,
        "definition": DEFINITION,
    }
    return Programme.objects.create(**(facts | values))


def make_template(
    programme: Programme,
    *,
    sections: Sequence[Mapping[str, Any]] = SECTIONS,
    state: TemplateState = TemplateState.FINAL,
) -> ApplicationTemplate:
    template = ApplicationTemplate.objects.create(
        programme=programme,
        version=programme.templates.count() + 1,
        state=state,
        finalised_at=datetime(2023, 4, 21, tzinfo=UTC) if state == TemplateState.FINAL else None,
        content_hash="0" * 64,
    )
    for position, part in enumerate(sections, 1):
        section = Section.objects.create(
            template=template,
            key=part["key"],
            heading=part["heading"],
            kind=part.get("kind", "questions"),
            guidance=part.get("guidance", ""),
            position=position,
        )
        for at, question in enumerate(part["questions"], 1):
            Question.objects.create(
                section=section,
                key=question["key"],
                prompt=question.get("prompt", f"{question['heading']}?"),
                type=question["type"],
                required=question.get("required", True),
                max_length=question.get("max_length"),
                options={"heading": question["heading"], **question.get("options", {})},
                position=at,
            )
    return template


def make_round(
    association: Association,
    *,
    programme: Programme | None = None,
    template: ApplicationTemplate | None = None,
    invited: Sequence[Member] = (),
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
    is_rolling: bool = False,
    **values: Any,
) -> Round:
    """A round that is open now and for thirty days, unless said otherwise."""
    programme = programme or make_programme(association)
    number = Round.objects.filter(association=association).count() + 1
    facts: dict[str, Any] = {
        "association": association,
        "programme": programme,
        "slug": f"individinsatser-2024-{number}",
        "name": "Individinsatser 2024",
        "opens_at": opens_at or clock.now() - timedelta(days=10),
        "closes_at": None if is_rolling else closes_at or clock.now() + timedelta(days=30),
        "invited_only": bool(invited),
        "years": [2024],
        "period_from": date(2024, 1, 1),
        "period_to": date(2024, 12, 31),
        "template": template or make_template(programme),
    }
    round_ = Round.objects.create(**(facts | values))
    for member in invited:
        Invitation.objects.create(round=round_, member=member)
    return round_


# --- people -----------------------------------------------------------------------------------


def make_person(
    kind: RoleKind, association: Association, member: Member | None = None, *, name: str = ""
) -> User:
    """A new person with one role there since long ago, and the password PASSWORD."""
    number = User.objects.count() + 1
    user = User.objects.create_user(
        email=f"{kind}{number}@{association.slug}.exempel.se",
        password=PASSWORD,
        name=name or f"{RoleKind(kind).label} {number}",
    )
    give_role(user, kind, association, member)
    return user


def give_role(
    user: User, kind: RoleKind, association: Association, member: Member | None = None
) -> Role:
    return Role.objects.create(
        user=user, association=association, kind=kind, member=member, valid_from=LONG_AGO
    )


# --- applications at their steps --------------------------------------------------------------


def make_draft(
    round: Round,  # noqa: A002
    member: Member,
    actor: User,
    *,
    with_party: bool = True,
) -> Application:
    """A draft with the region as second party, nothing written."""
    application = start_application(round=round, member=member, actor=actor)
    if with_party:
        region = round.association.members.get(kind="region")
        add_party(application=application, member=region, actor=actor)
    return reread(application)


def write_answers(application: Application, actor: User) -> Application:
    """Answer every question of the usual template."""
    for section in application.template.sections.filter(key__in=ANSWERS):
        draft = application.drafts.get(section=section)
        save_section(
            application=application,
            section=section,
            values=ANSWERS[section.key],
            expected_revision=draft.revision,
            actor=actor,
        )
    return reread(application)


def budget_content(names: Sequence[str], *, sought: int = 500_000) -> BudgetContent:
    """A budget that adds up: one post, the rest premises, all of it sought here."""
    staff = StaffEntry(
        1, party=names[0], role="Coach", employer=names[0], year=2024,
        percent=_decimal(50), months=_decimal(12), salary=36_000, overhead=_decimal(40),
    )  # fmt: skip
    rest = CostEntry(
        1, kind=CostKind.PREMISES, description="Lokal", party=names[-1], year=2024,
        amount=sought - staff.cost,
    )  # fmt: skip
    money = FinancingEntry(1, source=Source.SOUGHT, party=names[0], year=2024, amount=sought)
    return BudgetContent((staff,), (rest,), (money,))


def fill_budget(application: Application, actor: User, *, sought: int = 500_000) -> Application:
    names = [party.name for party in application.parties.all()]
    application.budget.refresh_from_db()
    replace_content(
        budget=application.budget,
        content=budget_content(names, sought=sought),
        expected_version=application.budget.version,
        actor=actor,
    )
    return reread(application)


def make_complete(
    round: Round,  # noqa: A002
    member: Member,
    actor: User,
    *,
    sought: int = 500_000,
) -> Application:
    """Everything filled in, nothing signed."""
    application = write_answers(make_draft(round, member, actor), actor)
    return fill_budget(application, actor, sought=sought)


def make_signed(
    round: Round,  # noqa: A002
    member: Member,
    actor: User,
    *,
    sought: int = 500_000,
) -> Application:
    """Complete, frozen, and signed by a signatory of each party that signs."""
    return sign_all(make_complete(round, member, actor, sought=sought), actor)


def sign_all(application: Application, actor: User) -> Application:
    """Freeze what is complete and let a signatory of each party sign it."""
    freeze_for_signing(application=application, actor=actor)
    application = reread(application)
    for party in signing_parties(application):
        signatory = make_person(RoleKind.SIGNATORY, application.association, party.member)
        sign(application=application, party=party, password=PASSWORD, actor=signatory)
    return reread(application)


def make_submitted(
    round: Round,  # noqa: A002
    member: Member,
    actor: User,
    *,
    sought: int = 500_000,
) -> Application:
    """Handed in, with its register number."""
    return submit_now(make_complete(round, member, actor, sought=sought), actor)


def submit_now(application: Application, actor: User) -> Application:
    """Sign what is complete and hand it in."""
    application = sign_all(application, actor)
    submit_application(
        application=application,
        actor=actor,
        key=new_key(),
        seen_hash=content_hash(content_of(application)),
    )
    return reread(application)


def make_received(
    round: Round,  # noqa: A002
    member: Member,
    actor: User,
    *,
    sought: int = 500_000,
) -> Application:
    """What submission leaves behind, without the writing and signing before it: ten times faster.

    The questions are unanswered; for tests of what comes after.
    """
    application = fill_budget(make_draft(round, member, actor), actor, sought=sought)
    with transaction.atomic():
        make_version(application, content_of(application), VersionPurpose.SUBMISSION, actor)
        freeze_budget(budget=application.budget, actor=actor)
        lock_budget(budget=application.budget, actor=actor)
        case = open_case(
            association=application.association,
            title=f"Ansökan om medel: {application.title}",
            actor=actor,
        )
        Application.objects.filter(pk=application.pk).update(
            state="submitted", case=case, submitted_at=clock.now()
        )
    return reread(application)


def reread(application: Application) -> Application:
    """The application as the database has it, with what the capabilities look at."""
    found: Application = Application.objects.select_related(
        "association", "round__programme", "template", "budget", "case", "signing_version"
    ).get(pk=application.pk)
    return found


# --- files ------------------------------------------------------------------------------------


def png(name: str = "bild.png", *, shade: int = 0) -> SimpleUploadedFile:
    """A small picture; another shade is another file."""
    from io import BytesIO

    from PIL import Image

    data = BytesIO()
    Image.new("RGB", (8, 8), (shade, 90, 90)).save(data, "PNG")
    return SimpleUploadedFile(name, data.getvalue(), content_type="image/png")


def _decimal(value: int) -> Any:
    from decimal import Decimal

    return Decimal(value)


# --- bodies and what happens there --------------------------------------------------------------


def make_frame(
    association: Association, *, amount: int = 9_000_000, name: str = "Individinsatser 2024"
) -> Frame:
    """A frame drawn from the association's equity."""
    open_equity(association=association, amount=amount, actor=None)
    return set_frame(
        association=association,
        name=name,
        year=2024,
        sources=[(equity_account(association), amount)],
        actor=None,
    )


def make_seat(
    body: Body,
    function: SeatFunction,
    member: Member | None,
    *,
    user: User | None = None,
    order: int = 1,
) -> Seat:
    """A seat held since long ago, by a new person with the role that belongs to it."""
    kinds = {"council": RoleKind.COUNCIL, "consultation": RoleKind.CONSULTATION}
    usual = RoleKind.CHAIR if function == SeatFunction.CHAIR else RoleKind.BOARD
    kind = kinds.get(body.kind, usual)
    holder = user or make_person(kind, body.association, member)
    return Seat.objects.create(
        body=body, member=member, user=holder, function=function, order=order, valid_from=LONG_AGO
    )


def make_board(association: Association, *, substitutes: int = 1) -> Body:
    """One ordinary seat a member (the region's has the chair), with substitutes in their order."""
    board = Body.objects.create(
        association=association, kind=BodyKind.BOARD, slug="styrelsen", name="Styrelsen"
    )
    functions = {"regionen": SeatFunction.CHAIR, "fk": SeatFunction.VICE_CHAIR}
    for order, member in enumerate(association.members.order_by("position"), start=1):
        make_seat(board, functions.get(member.slug, SeatFunction.MEMBER), member, order=order)
        for number in range(1, substitutes + 1):
            make_seat(board, SeatFunction.SUBSTITUTE, member, order=number)
    return board


def make_council(association: Association, *, seats: int = 3) -> Body:
    """A council of people from the first members, led by the first."""
    council = Body.objects.create(
        association=association, kind=BodyKind.COUNCIL, slug="radet", name="Utvecklingsrådet"
    )
    for order, member in enumerate(association.members.order_by("position")[:seats], start=1):
        function = SeatFunction.CHAIR if order == 1 else SeatFunction.MEMBER
        make_seat(council, function, member, order=order)
    return council


def make_criteria(programme: Programme, texts: Sequence[str] = ("Behov", "Samverkan")) -> None:
    for position, text in enumerate(texts, start=1):
        Criterion.objects.create(
            programme=programme, key=f"criterion-{position}", text=text, position=position
        )


def make_in_review(application: Application, actor: User) -> Application:
    begin_review(application=application, actor=actor)
    return reread(application)


def make_in_preparation(application: Application, actor: User) -> Application:
    """Every point of the checklist judged as in order, and handed over to the council."""
    review = begin_review(application=application, actor=actor)
    review.points.update(verdict=PointVerdict.FINE)
    finish_review(application=application, summary="Komplett.", actor=actor)
    return reread(application)


def make_to_board(application: Application, director: User) -> Application:
    """In preparation or earlier: brought on, with a finished memo that proposes what is sought."""
    if application.state != "in_preparation":
        application = make_in_preparation(application, director)
    memo = start_memo(application=application, actor=director)
    finish_memo(memo=memo, actor=director)
    return reread(application)


def make_meeting(
    body: Body,
    actor: User,
    *,
    applications: Sequence[Application] = (),
    starts_at: datetime | None = None,
    called: bool = True,
) -> Meeting:
    """A meeting in ten days with the applications on its agenda, called unless said otherwise."""
    meeting = plan_meeting(
        body=body,
        starts_at=starts_at or clock.now() + timedelta(days=10),
        place="Stora salen",
        actor=actor,
    )
    for application in applications:
        add_item(meeting=meeting, title=application.title, application=application, actor=actor)
    if called:
        send_notice(meeting=meeting, actor=actor)
    return Meeting.objects.select_related("body", "association").get(pk=meeting.pk)


def open_with_all(meeting: Meeting, actor: User) -> Meeting:
    """All ordinary members come, and the meeting is opened."""
    for seat in ordinary_seats(meeting.body, meeting.starts_at):
        arrive(meeting=meeting, seat=seat, actor=actor)
    return open_meeting(meeting=meeting, actor=actor)


def settle_formal(meeting: Meeting, actor: User, *, closing: bool = False) -> None:
    """Take the formal items (the closing only if asked), with the vice chair as attester."""
    for item in meeting.items.exclude(state="done").order_by("position"):
        if item.kind == ItemKind.ATTESTERS:
            seat = meeting.body.seats.get(function=SeatFunction.VICE_CHAIR)
            elect_attesters(item=item, seats=[seat], actor=actor)
        elif item.kind in FORMAL_CLAUSES and (closing or item.kind != ItemKind.CLOSING):
            finish_formal_item(item=item, actor=actor)


def make_closed(
    meeting: Meeting,
    actor: User,
    *,
    decide: Callable[[AgendaItem], Any] | None = None,
) -> Minutes:
    """Hold a called meeting of the board from opening to closing; grants what the memos propose."""
    meeting = open_with_all(meeting, actor)
    settle_formal(meeting, actor)
    for item in meeting.items.filter(application__isnull=False).exclude(state="done"):
        if decide is not None:
            decide(item)
        else:
            grant_as_proposed(item, actor)
    settle_formal(meeting, actor, closing=True)
    return close_meeting(meeting=meeting, actor=actor)


def grant_as_proposed(item: AgendaItem, actor: User) -> Decision:
    application = item.treated_application
    memo = application.memos.get(state="final")
    return record_decision(
        item=item,
        outcome=Outcome(memo.proposed_outcome),
        amount=memo.proposed_amount,
        frame=application.round.frame,
        actor=actor,
    )


def make_decided_and_told(
    received: Application, director: User, *, outcome: Outcome, amount: int
) -> Application:
    """Decided by the board out of the round's frame, and told: the minutes are attested."""
    frame = received.round.frame
    meeting = make_meeting(
        make_board(received.association),
        director,
        applications=[make_to_board(received, director)],
    )
    minutes = make_closed(
        meeting,
        director,
        decide=lambda item: record_decision(
            item=item, outcome=outcome, amount=amount, frame=frame, actor=director
        ),
    )
    make_attested(minutes, director)
    return reread(received)


def make_attested(minutes: Minutes, actor: User) -> Minutes:
    """Sent to the attesters, and attested by each of them."""
    sent = send_to_attesters(minutes=minutes, actor=actor)
    for attester in sent.meeting.attesters.select_related("seat__user"):
        attest(
            minutes=sent,
            actor=attester.seat.user,
            password=PASSWORD,
            seen_hash=sent.content_hash,
        )
    return Minutes.objects.get(pk=minutes.pk)


def make_told(called: Meeting, director: User) -> Application:
    """The application of a called meeting, granted and told: the minutes are attested."""
    make_attested(make_closed(called, director), director)
    found: Application = Application.objects.get(agenda_items__meeting=called)
    return reread(found)


def make_granted(association: Association, applicant: User, director: User) -> Application:
    """An application of the municipality, sent in, taken up by the board, granted and told."""
    frame = make_frame(association, amount=1_000_000)
    member = association.members.get(slug="kommunen")
    received = make_received(
        make_round(association, frame=frame), member, applicant, sought=600_000
    )
    ready = make_to_board(received, director)
    return make_told(
        make_meeting(make_board(association), director, applications=[ready]), director
    )


def make_agreement(application: Application, director: User) -> Agreement:
    """The agreement of a granted application, sent for signature."""
    agreement = prepare_agreement(application=application, actor=director)
    texts = {"purpose": "Fler i arbete.", "roles": "Huvudmannen leder.", "reporting": "Varje år."}
    agreement = edit_agreement(
        agreement=agreement,
        texts=texts,
        expected_revision=agreement.revision,
        actor=director,
    )
    send_agreement(agreement=agreement, actor=director)
    return Agreement.objects.select_related("current", "application__association").get(
        pk=agreement.pk
    )


def make_ongoing(application: Application) -> date:
    """Let the effort's period last a year from today; gives its last day."""
    last = clock.today() + timedelta(days=365)
    Application.objects.filter(pk=application.pk).update(effort_ends_on=last)
    return last


def make_agreed(application: Application, director: User) -> Agreement:
    """Signed by the association and by every party."""
    agreement = make_agreement(application, director)
    assert agreement.current is not None
    seen = agreement.current.content_hash
    chief = make_person(RoleKind.DIRECTOR, application.association)
    sign_agreement(agreement=agreement, party=None, password=PASSWORD, seen_hash=seen, actor=chief)
    for party in executing_parties(application):
        signatory = make_person(RoleKind.SIGNATORY, application.association, party.member)
        sign_agreement(
            agreement=agreement, party=party, password=PASSWORD, seen_hash=seen, actor=signatory
        )
    agreement.refresh_from_db()
    return agreement
