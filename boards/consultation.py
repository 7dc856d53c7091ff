"""Consultation (samråd): asking bodies, their members' statements, and what the board is shown.

A consultation group speaks on ideas and applications; the council can give its early view of an
idea, long before it prepares the application at its meeting.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.urls import reverse

from applications.models import Application, ApplicationState, IdeaSketch, IdeaState
from boards.errors import MeetingRefusal
from boards.models import Body, BodyKind, Consultation, Position, Seat, Statement
from boards.queries import is_recused_from
from finsam import clock
from finsam.documents.documents import promise_document
from finsam.documents.models import DocumentSeries
from finsam.messages.mail import send_mail
from finsam.people.access import OFFICE, visitor_for
from finsam.people.models import Role, User
from finsam.registry.events import record_event
from finsam.registry.models import Direction
from finsam.registry.register import register_record
from finsam.typography import date_long, enumerate_words, storable

LONGEST = 8000
ASKED_IN = (ApplicationState.IN_REVIEW, ApplicationState.RETURNED, ApplicationState.IN_PREPARATION)
TITLE = "Yttranden från samråd"

Matter = Application | IdeaSketch


def ask_for_statements(
    *, matter: Matter, bodies: Sequence[Body], due_on: date, question: str = "", actor: User
) -> list[Consultation]:
    """Ask bodies for statements on an idea or an application, until a last day.

    Each body is asked in a record of its own in the register, and its members by mail. A body
    that is asked already is left as it is. Raises MeetingRefusal with what is wrong.
    """
    if not bodies:
        raise MeetingRefusal("no_body", "Välj minst en grupp som ska yttra sig.", "bodies")
    if due_on < clock.today():
        raise MeetingRefusal("day_past", "Välj en sista dag som inte har varit.", "due_on")
    with transaction.atomic():
        matter = _locked(matter)
        _require_askable(matter)
        return [_ask(matter, body, due_on, question, actor) for body in bodies]


def move_last_day(*, consultation: Consultation, due_on: date, actor: User) -> Consultation:
    """Give the members another last day, and tell those who have not answered."""
    with transaction.atomic():
        found = _locked_consultation(consultation)
        _require_open(found)
        if found.due_on == due_on:
            return found
        if due_on < clock.today():
            raise MeetingRefusal("day_past", "Välj en sista dag som inte har varit.", "due_on")
        before, found.due_on = found.due_on, due_on
        found.save(update_fields=["due_on"])
        _record(found, found, actor, "consultation_moved", before=before, due_on=due_on)
        for seat in found.silent:
            _mail(found, seat.user, f"moved-{due_on:%Y%m%d}", "Ny sista dag")
    return found


def give_statement(
    *, consultation: Consultation, seat: Seat, position: Position, text: str, actor: User
) -> Statement:
    """A member's statement, registered in the case; another one later replaces it and is kept too.

    The same again changes nothing. The office is told when the last member has answered.
    """
    words = storable(text).replace("\r\n", "\n").strip()[:LONGEST]
    if position != Position.SUPPORT and not words:
        raise MeetingRefusal(
            "reasons_missing", "Skriv vilka synpunkter du har, så att de kan tas om hand.", "text"
        )
    with transaction.atomic():
        found = _locked_consultation(consultation)
        _require_open(found)
        _require_own(found, seat, actor)
        before = found.statements.filter(seat=seat, replaced_at=None).first()
        if before is not None and (before.position, before.text) == (position, words):
            return before
        if before is not None:
            before.replaced_at = clock.now()
            before.save(update_fields=["replaced_at"])
        made = Statement.objects.create(
            consultation=found, seat=seat, position=position, text=words, given_at=clock.now()
        )
        if found.case is not None:
            changed = "Ändrat yttrande" if before else "Yttrande"
            register_record(
                case=found.case,
                direction=Direction.IN,
                subject=f"{changed} i samråd: {found.matter.title}",
                correspondent=_sender(seat),
                actor=actor,
            )
        _record(
            found, made, actor, "statement_given", position=position, replaces=before is not None
        )
        if before is None:
            _tell_when_all(_locked_consultation(found))
    return made


def close_consultation(*, consultation: Consultation, actor: User) -> Consultation:
    """End the consultation, whoever has answered; the statements become a document of the case."""
    with transaction.atomic():
        found = _locked_consultation(consultation)
        if found.closed_at is not None:
            return found
        found.closed_at = clock.now()
        found.save(update_fields=["closed_at"])
        silent = [seat.user.name for seat in found.silent]
        _record(
            found, found, actor, "consultation_closed", answers=len(found.standing), silent=silent
        )
        if found.application is not None:
            promise_statements(application=found.application, actor=actor)
    return found


def statements_key(application: Application) -> str:
    """The document key of the statements on an application."""
    return f"statements:{application.public_id}"


def promise_statements(*, application: Application, actor: User) -> None:
    """Promise the document of all statements on the application and on the idea it came from."""
    rows = statements_of(application)
    if not any(row["answers"] for row in rows):
        return
    promise_document(
        association=application.association,
        kind="statements",
        key=statements_key(application),
        title=f"{TITLE}: {application.title}",
        source={"application": application.title, "consultations": rows},
        case=application.case,
        requested_by=actor,
    )


def statements_document(application: Application) -> list[dict[str, Any]]:
    """The packet's row for the statements in their last version; none when nobody answered."""
    key = statements_key(application)
    series = DocumentSeries.objects.filter(key=key).first()
    return [{"title": TITLE, "key": key, "version": series.last_version}] if series else []


def statements_of(application: Application) -> list[dict[str, Any]]:
    """The closed consultations on an application, as plain data for memo and packet."""
    found = Consultation.objects.about(application).exclude(closed_at=None).with_rows()
    return [plain(one) for one in found.order_by("asked_at", "pk")]


def plain(one: Consultation) -> dict[str, Any]:
    """A consultation with its statements as it is printed; of rows read with `with_rows`."""
    return {
        "body": one.body.name,
        "about": "idén" if one.idea_id else "ansökan",
        "question": one.question,
        "due_on": date_long(one.due_on),
        "summary": summary(one),
        "answers": [
            {
                "name": said.seat.user.name,
                "member": said.seat.member.name if said.seat.member else "",
                "position": said.get_position_display(),
                "key": said.position,
                "text": said.text,
                "day": date_long(clock.stockholm(said.given_at)),
                "is_late": clock.stockholm(said.given_at).date() > one.due_on,
            }
            for said in one.standing
        ],
        "silent": [
            f"{seat.user.name}, {seat.member}" if seat.member else seat.user.name
            for seat in one.silent
        ],
    }


def summary(one: Consultation) -> str:
    """How many hold which position: "2 stöder, 1 stöder med synpunkter"."""
    counted = [
        (sum(said.position == position for said in one.standing), position.label.lower())
        for position in Position
    ]
    said = [f"{count} {label}" for count, label in counted if count]
    if one.silent:
        said.append(f"{len(one.silent)} har inte svarat")
    return enumerate_words(said) or "Inga svar"


def require_consulted(application: Application) -> None:
    """Refuse what comes after the consultation while one is open, or was required and not held."""
    every = Consultation.objects.about(application).select_related("body")
    for one in every.open()[:1]:
        raise MeetingRefusal(
            "consultation_open",
            f"{one.body.name} kan yttra sig till och med {date_long(one.due_on)}. Avsluta samrådet "
            "först.",
        )
    use = application.round.setting("steps", "consultation", "use", default="absent")
    if use == "mandatory" and not every.exclude(closed_at=None).exists():
        raise MeetingRefusal(
            "consultation_missing",
            "Parterna ska få yttra sig innan ansökan går till styrelsen. Begär yttranden i samråd "
            "först.",
        )


def bodies_to_ask(matter: Matter) -> list[Body]:
    """The bodies that can be asked: consultation groups, and of an idea the council too."""
    kinds = [BodyKind.CONSULTATION]
    if isinstance(matter, IdeaSketch):
        kinds.append(BodyKind.COUNCIL)
    found = matter.association.bodies.filter(kind__in=kinds).select_related("municipality")
    return list(found.order_by("kind", "name"))


def concerned(matter: Matter, bodies: Iterable[Body]) -> list[Body]:
    """Those of the bodies that the programme asks by itself: the municipalities' concerned.

    An effort of the whole area is consulted on case by case, so no group is chosen beforehand. Of
    an idea that the council reads, the council.
    """
    if isinstance(matter, IdeaSketch):
        idea = (matter.programme.definition or {}).get("idea") or {}
        read_by_council = idea.get("read_by") == "council"
        members = {matter.member_id}
        return [
            body
            for body in bodies
            if (read_by_council and body.kind == BodyKind.COUNCIL)
            or (body.municipality_id in members)
        ]
    members = {party.member_id for party in matter.parties.all() if party.member_id}
    return [body for body in bodies if body.municipality_id in members]


def _ask(matter: Matter, body: Body, due_on: date, question: str, actor: User) -> Consultation:
    if body.association_id != matter.association_id:
        raise MeetingRefusal("other_association", "Gruppen finns inte i förbundet.", "bodies")
    if body.kind == BodyKind.BOARD or (
        body.kind == BodyKind.COUNCIL and isinstance(matter, Application)
    ):
        raise MeetingRefusal(
            "meets", f"{body.name} behandlar ansökan på sitt möte. Sätt upp den där.", "bodies"
        )
    about: dict[str, Any] = (
        {"application": matter} if isinstance(matter, Application) else {"idea": matter}
    )
    earlier = Consultation.objects.open().filter(body=body, **about).first()
    if earlier is not None:
        return earlier
    people = list(body.seats.held_on(clock.today()).select_related("user"))
    if not people:
        raise MeetingRefusal(
            "body_empty", f"{body.name} har inga ledamöter. Tillsätt platserna först.", "bodies"
        )
    made = Consultation.objects.create(
        association=matter.association,
        body=body,
        question=storable(question).strip()[:LONGEST],
        due_on=due_on,
        asked_at=clock.now(),
        asked_by=actor,
        **about,
    )
    if made.case is not None:
        register_record(
            case=made.case,
            direction=Direction.OUT,
            subject=f"Begäran om yttrande: {matter.title}",
            correspondent=body.name,
            actor=actor,
        )
    _record(made, made, actor, "consultation_asked", body=body.name, due_on=due_on)
    for user in dict.fromkeys(seat.user for seat in people):
        _mail(made, user, "asked", "Yttra dig")
    return made


def _require_askable(matter: Matter) -> None:
    if isinstance(matter, IdeaSketch):
        if matter.state in (IdeaState.SENT, IdeaState.ANSWERED):
            return
        raise MeetingRefusal(
            "idea_not_open", "Yttranden begärs medan idén ligger hos kansliet, innan den blir en "
            "ansökan."
        )  # fmt: skip
    if matter.state not in ASKED_IN:
        raise MeetingRefusal(
            "not_in_preparation",
            f"”{matter.title}” har läget ”{matter.get_state_display()}”. Yttranden begärs medan "
            "ansökan granskas eller bereds.",
        )


def _require_open(consultation: Consultation) -> None:
    if consultation.closed_at is not None:
        day = date_long(clock.stockholm(consultation.closed_at))
        raise MeetingRefusal(
            "consultation_closed",
            f"Samrådet avslutades {day}. Hör av dig till kansliet om du vill tillägga något.",
        )


def _require_own(consultation: Consultation, seat: Seat, actor: User) -> None:
    mine = consultation.body.seats.held_on(clock.today()).filter(user=actor, pk=seat.pk)
    if not mine.exists():
        raise MeetingRefusal("not_your_seat", "Du yttrar dig bara på din egen plats i gruppen.")
    case = consultation.case
    if is_recused_from(visitor_for(consultation.association, actor), case.pk if case else None):
        raise MeetingRefusal("recused", "Du har anmält jäv i ärendet och kan inte yttra dig.")


def _locked(matter: Matter) -> Matter:
    if isinstance(matter, IdeaSketch):
        idea: IdeaSketch = (
            IdeaSketch.objects.select_for_update(of=("self",))
            .select_related("association", "case", "programme")
            .get(pk=matter.pk)
        )
        return idea
    application: Application = (
        Application.objects.select_for_update(of=("self",))
        .select_related("association", "case", "round__programme")
        .get(pk=matter.pk)
    )
    return application


def _locked_consultation(consultation: Consultation) -> Consultation:
    Consultation.objects.select_for_update(of=("self",)).get(pk=consultation.pk)
    found: Consultation = Consultation.objects.with_rows().get(pk=consultation.pk)
    return found


def _sender(seat: Seat) -> str:
    return f"{seat.user.name}, {seat.member.name if seat.member else seat.body.name}"


def _tell_when_all(consultation: Consultation) -> None:
    """Tell the office, once, when nobody is left to answer."""
    if consultation.silent:
        return
    held = Role.objects.held_on(clock.today()).filter(
        association=consultation.association, kind__in=OFFICE
    )
    for person in User.objects.filter(pk__in=held.values("user"), is_active=True).order_by("pk"):
        _mail(
            consultation,
            person,
            "all",
            "Alla har yttrat sig",
            path=office_path(consultation.matter),
        )


def office_path(matter: Matter) -> str:
    """The office's page about the consultation on a matter."""
    view = "idea_consultations" if isinstance(matter, IdeaSketch) else "consultations"
    return reverse(f"boards:{view}", args=[matter.association.slug, matter.public_id])


def _mail(
    consultation: Consultation, to: User, event: str, subject: str, *, path: str = ""
) -> None:
    slug = consultation.association.slug
    send_mail(
        association=consultation.association,
        to=to,
        event_key=f"consultation-{consultation.pk}-{event}",
        subject=f"{subject}: {consultation.matter.title}",
        template="mail/consultation.txt",
        context={
            "event": event.partition("-")[0],
            "title": consultation.matter.title,
            "body": consultation.body.name,
            "question": consultation.question,
            "due_on": date_long(consultation.due_on),
            "path": path or reverse("boards:state", args=[slug, consultation.pk]),
        },
        case=consultation.case,
    )


def _record(
    consultation: Consultation,
    obj: Consultation | Statement,
    actor: User,
    action: str,
    **payload: Any,
) -> None:
    facts = {
        key: value.isoformat() if isinstance(value, date) else value
        for key, value in payload.items()
    }
    record_event(
        association=consultation.association,
        actor=actor,
        action=action,
        obj=obj,
        case=consultation.case,
        payload={"consultation": consultation.pk, **facts},
    )
