"""What follows by itself when minutes are attested: outcomes shown, letters and mails promised."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Q

from applications.models import Application
from applications.report_plan import plan_reports
from applications.sending import people_of
from applications.terminating import let_termination_be_known
from boards.changes import carry_out_change
from boards.deadlines import notice_due
from boards.document_sources import (
    extract_source,
    letter_source,
    minutes_source,
    paragraph_source,
)
from boards.errors import MeetingRefusal
from boards.figures import note_extract, note_letter
from boards.masked_minutes import promise_masked_copies
from boards.models import AttestationRemark, Decision, Meeting, Minutes, Notice, Paragraph
from finsam import clock
from finsam.documents.documents import promise_document
from finsam.jobs.models import Job
from finsam.messages.mail import send_mail
from finsam.people.models import User
from finsam.registry.events import record_event
from finsam.registry.models import Direction
from finsam.typography import date_long


def set_in_motion(minutes: Minutes, actor: User) -> None:
    """Make outcomes visible and promise what is due, in the caller's transaction."""
    promise_minutes(minutes, actor)
    promise_masked_copies(minutes, actor)
    for paragraph in decided_paragraphs(minutes):
        outcome_becomes_public(paragraph, actor)


def announce(minutes: Minutes, paragraph: Paragraph | None = None) -> None:
    """Ask every notice board to announce the attestation (KL 8:12), of all or of one paragraph."""
    due = notice_due(clock.today())
    Notice.objects.bulk_create(
        Notice(minutes=minutes, paragraph=paragraph, notice_board=board, due_on=due)
        for board in minutes.meeting.association.notice_boards.all()
    )


def outcome_becomes_public(paragraph: Paragraph, actor: User) -> None:
    """Show the applicant the outcome of an attested paragraph, and promise extract and letter."""
    if paragraph.item.effort is not None:
        decision_on_effort_becomes_public(paragraph, actor)
        return
    application = paragraph.item.treated_application
    application.outcome_public_at = clock.now()
    application.save(update_fields=["outcome_public_at"])
    plan_reports(application)
    record_event(
        association=application.association,
        actor=actor,
        action="outcome_published",
        obj=application,
        case=application.case,
        payload={"paragraph": paragraph.number, "outcome": outcome_of(paragraph).outcome},
    )
    promise_letter(paragraph, actor)


def decision_on_effort_becomes_public(paragraph: Paragraph, actor: User) -> None:
    """Let an end or a change of an effort hold from now, and promise extract and letter."""
    if paragraph.item.termination is not None:
        let_termination_be_known(termination=paragraph.item.termination, actor=actor)
    elif paragraph.item.change is not None:
        carry_out_change(paragraph, actor)
    promise_letter(paragraph, actor)


def decided_paragraphs(minutes: Minutes) -> list[Paragraph]:
    """The paragraphs that decided on an application or an effort, and were not attested alone."""
    concerns = (
        Q(item__application__isnull=False)
        | Q(item__termination__isnull=False)
        | Q(item__change__isnull=False)
    )
    return list(
        minutes.paragraphs.filter(concerns, item__decision__isnull=False, attested_at=None)
        .select_related(
            "item__application__association",
            "item__application__case",
            "item__termination__application__association",
            "item__termination__application__case",
            "item__change__application__association",
            "item__change__application__case",
            "item__decision",
            "minutes__meeting__body",
        )
        .order_by("number")
    )


def outcome_of(paragraph: Paragraph) -> Decision:
    return paragraph.item.decision


def promise_minutes(minutes: Minutes, actor: User) -> None:
    """Promise the minutes as a document, in the state that they are in."""
    meeting = minutes.meeting
    day = date_long(clock.stockholm(meeting.starts_at).date())
    promise_document(
        association=meeting.association,
        kind="minutes",
        key=f"minutes:{minutes.pk}",
        title=f"Protokoll {meeting.body.name} {day}",
        source=minutes_source(minutes),
        case=meeting.case,
        requested_by=actor,
    )


def promise_paragraph(paragraph: Paragraph, actor: User) -> None:
    """Promise the document of a paragraph that was attested at once."""
    meeting = paragraph.minutes.meeting
    day = date_long(clock.stockholm(meeting.starts_at).date())
    promise_document(
        association=meeting.association,
        kind="attested_paragraph",
        key=f"paragraph:{paragraph.pk}",
        title=f"Omedelbart justerad § {paragraph.number} {meeting.body.name} {day}",
        source=paragraph_source(paragraph),
        case=meeting.case,
        requested_by=actor,
    )


def ask_to_attest(*, meeting: Meeting, user: User, event_key: str, what: str, path: str) -> None:
    """A mail to one who attests, with the way to the page; one for each content."""
    send_mail(
        association=meeting.association,
        to=user,
        event_key=event_key,
        subject=f"Att justera: {what}, {meeting.body.name}",
        template="mail/attest.txt",
        context={
            "what": what,
            "body": meeting.body.name,
            "day": date_long(clock.stockholm(meeting.starts_at).date()),
            "path": path,
        },
        case=meeting.case,
    )


def tell_secretary(minutes: Minutes, remark: AttestationRemark) -> None:
    """A mail to the secretary: an attester wants something mended."""
    meeting = minutes.meeting
    if meeting.secretary is None:
        return
    send_mail(
        association=meeting.association,
        to=meeting.secretary,
        event_key=f"remark-{remark.pk}",
        subject=f"Protokollet skickades tillbaka: {meeting.body.name}",
        template="mail/sent_back.txt",
        context={
            "who": remark.user.name,
            "remark": remark.text,
            "body": meeting.body.name,
            "day": date_long(clock.stockholm(meeting.starts_at).date()),
            "path": f"/{meeting.association.slug}/moten/{meeting.pk}/protokoll/",
        },
        case=meeting.case,
    )


def promise_extract(paragraph: Paragraph, actor: User) -> Job:
    """Promise the certified extract of one attested paragraph; asked again it is the same.

    Raises MeetingRefusal before the paragraph is attested.
    """
    meeting, application = paragraph.minutes.meeting, paragraph.item.concerns
    if not paragraph.is_frozen:
        raise MeetingRefusal(
            "not_attested", "Utdrag görs ur justerade protokoll. Paragrafen är inte justerad än."
        )
    note_extract(paragraph)
    return promise_document(
        association=meeting.association,
        kind="minutes_extract",
        key=f"extract:{paragraph.pk}",
        title=f"Protokollsutdrag § {paragraph.number} {paragraph.heading}",
        source=extract_source(paragraph),
        case=application.case if application else meeting.case,
        requested_by=actor,
        register=Direction.DRAWN_UP,
    )


def promise_letter(paragraph: Paragraph, actor: User) -> None:
    """Promise the extract and the decision letter, and the mail that tells of it."""
    application = paragraph.item.treated_application
    promise_extract(paragraph, actor)
    note_letter(paragraph)
    lead = application.parties.get(is_lead=True)
    promise_document(
        association=application.association,
        kind="decision_letter",
        key=f"letter:{paragraph.pk}",
        title=f"Beslut om {application.title}",
        source=letter_source(paragraph),
        case=application.case,
        requested_by=actor,
        register=Direction.OUT,
        correspondent=lead.name,
    )
    tell_applicant(paragraph)


def tell_applicant(paragraph: Paragraph) -> None:
    """A mail to everyone who writes in the application or is named as a contact, each once."""
    application = paragraph.item.treated_application
    people: list[User | str] = [*people_of(application)]
    known = {user.email.lower() for user in people if isinstance(user, User)}
    people += sorted(contact_addresses(application) - known)
    for recipient in people:
        send_mail(
            association=application.association,
            to=recipient,
            event_key=f"decision-{paragraph.pk}",
            subject=f"Beslut om {application.title}",
            template="mail/decision.txt",
            context={
                "title": application.title,
                "board": application.association.board_name,
                "number": application.registered_case.number,
                "path": application.get_absolute_url(),
            },
            case=application.case,
        )


def contact_addresses(application: Application) -> set[str]:
    """The contacts' addresses; one that cannot be an address must not stop an attestation."""
    found = set()
    for email in application.parties.values_list("contact_email", flat=True):
        try:
            validate_email(email)
        except ValidationError:
            continue
        found.add(email.lower())
    return found
