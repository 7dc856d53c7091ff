"""The office's quality review: checklist, comments, completion, and on to the council."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from applications.checklist import checklist_of
from applications.freezing import latest_received
from applications.models import (
    Application,
    ApplicationState,
    PointVerdict,
    QualityReview,
    ReviewPoint,
    Section,
    SectionComment,
    SupplementRequest,
)
from applications.sending import tell_people
from applications.transitions import apply_transition
from finsam import clock
from finsam.errors import NotPossible
from finsam.people.models import User
from finsam.registry.events import record_event
from finsam.registry.models import Direction
from finsam.registry.register import register_record
from finsam.typography import date_long, plural


def begin_review(*, application: Application, actor: User) -> QualityReview:
    """Start the review with a checklist filled from what the portal itself can see.

    Begun twice it is the same review.
    """
    with transaction.atomic():
        locked = _locked(application)
        existing = QualityReview.objects.filter(application=locked).first()
        if existing is not None:
            return existing
        started = apply_transition(locked, "begin_review", actor=actor)
        review = QualityReview.objects.create(
            application=started, reviewer=actor, started_at=clock.now()
        )
        ReviewPoint.objects.bulk_create(
            ReviewPoint(
                review=review,
                key=point.key,
                group=point.group,
                text=point.text,
                finding=point.finding,
                position=position,
            )
            for position, point in enumerate(checklist_of(started))
        )
    return review


def judge_point(
    *, point: ReviewPoint, verdict: PointVerdict, note: str, actor: User
) -> ReviewPoint:
    """Judge one point of the checklist."""
    with transaction.atomic():
        review = point.review
        _require_reviewing(review)
        point.verdict = verdict
        point.note = note.strip()
        point.save(update_fields=["verdict", "note"])
        _record(review.application, actor, "review_point_judged", point=point.key, verdict=verdict)
    return point


def comment_on_section(
    *, application: Application, section: Section, body: str, is_internal: bool, actor: User
) -> SectionComment:
    """Comment on a section, for the office alone or for the applicant as well."""
    text = body.strip()
    if not text:
        raise NotPossible("comment_empty", "Skriv kommentaren först.", "body")
    with transaction.atomic():
        locked = _locked(application)
        if section.template_id != locked.template_id:
            raise NotPossible("wrong_section", "Avsnittet hör inte till ansökans mall.")
        comment = SectionComment.objects.create(
            application=locked,
            section=section,
            author=actor,
            body=text,
            is_internal=is_internal,
            created_at=clock.now(),
        )
        _record(locked, actor, "section_commented", section=section.key, internal=is_internal)
    return comment


def request_supplement(
    *,
    application: Application,
    sections: Sequence[Section],
    message: str,
    last_day: date,
    actor: User,
) -> SupplementRequest:
    """Return the application for completion of some sections, until a last day.

    The applicant may then change only those. Registers the request and mails the applicant.
    """
    if not sections:
        raise NotPossible("no_sections", "Välj vilka avsnitt som ska kompletteras.", "sections")
    if not message.strip():
        raise NotPossible("no_message", "Skriv vad som behöver kompletteras.", "message")
    if last_day < clock.today():
        raise NotPossible("day_passed", "Välj en sista dag som inte har passerat.", "last_day")
    with transaction.atomic():
        locked = _locked(application)
        base = latest_received(locked)
        if base is None:
            raise NotPossible("nothing_received", "Ansökan är inte inlämnad.")
        request = SupplementRequest(
            application=locked,
            base_version=base,
            message=message.strip(),
            last_day=last_day,
            requested_by=actor,
            requested_at=clock.now(),
        )
        returned = apply_transition(
            locked,
            "request_supplement",
            actor=actor,
            payload={"sections": [one.key for one in sections], "last_day": last_day.isoformat()},
        )
        request.save()
        request.sections.set(sections)
        register_record(
            case=returned.registered_case,
            direction=Direction.OUT,
            subject=f"Begäran om komplettering: {returned.title}"[:250],
            correspondent=returned.parties.get(is_lead=True).name,
            actor=actor,
        )
        tell_people(
            returned,
            event_key=f"supplement-request:{request.pk}",
            subject=f"Komplettera ansökan {returned.title}",
            template="mail/supplement_request.txt",
            context={
                "message": request.message,
                "last_day": date_long(last_day),
                "sections": [one.heading for one in sections],
            },
        )
    return request


def resume_review(*, application: Application, actor: User) -> Application:
    """Go on without the completion that was asked for; the request is closed unanswered."""
    with transaction.atomic():
        locked = _locked(application)
        resumed = apply_transition(locked, "resume_review", actor=actor)
        locked.supplements.filter(answered_at=None).update(answered_at=clock.now())
    return resumed


def finish_review(*, application: Application, summary: str, actor: User) -> Application:
    """Finish the review and hand the application over to the council's preparation."""
    with transaction.atomic():
        locked = _locked(application)
        if locked.state == ApplicationState.IN_PREPARATION:
            return locked
        review = QualityReview.objects.select_for_update().filter(application=locked).first()
        if review is None:
            raise NotPossible("no_review", "Börja granska ansökan först.")
        left = review.points.filter(verdict=PointVerdict.OPEN).count()
        if left:
            raise NotPossible(
                "points_left",
                f"{plural(left, 'punkt', 'punkter')} i checklistan är inte bedömda. Gå igenom "
                "dem först.",
            )
        review.summary = summary.strip()
        review.finished_at = clock.now()
        review.save(update_fields=["summary", "finished_at"])
        prepared = apply_transition(locked, "prepare", actor=actor)
        tell_people(
            prepared,
            event_key=f"prepared:{prepared.pk}:{prepared.revision}",
            subject=f"{prepared.title} är under beredning",
            template="mail/in_preparation.txt",
            context={"council": prepared.association.council_name},
        )
    return prepared


def dismiss_application(*, application: Application, reason: str, actor: User) -> Application:
    """Write the application off, with a reason that the applicant gets."""
    if not reason.strip():
        raise NotPossible("reason_missing", "Skriv varför ansökan avskrivs.", "reason")
    with transaction.atomic():
        locked = _locked(application)
        if locked.state == ApplicationState.DISMISSED:
            return locked
        dismissed = apply_transition(
            locked, "dismiss", actor=actor, payload={"reason": reason.strip()}
        )
        tell_people(
            dismissed,
            event_key=f"dismissed:{dismissed.pk}",
            subject=f"{dismissed.title} är avskriven",
            template="mail/application_dismissed.txt",
            context={"reason": reason.strip()},
        )
    return dismissed


def _locked(application: Application) -> Application:
    found: Application = (
        Application.objects.select_for_update(of=("self",))
        .select_related("association", "case", "template")
        .get(pk=application.pk)
    )
    return found


def _require_reviewing(review: QualityReview) -> None:
    state = Application.objects.values_list("state", flat=True).get(pk=review.application_id)
    if state not in (ApplicationState.IN_REVIEW, ApplicationState.RETURNED):
        raise NotPossible("review_over", "Granskningen är avslutad och ändras inte längre.")


def _record(application: Application, actor: User, action: str, **payload: object) -> None:
    record_event(
        association=application.association,
        actor=actor,
        action=action,
        obj=application,
        case=application.case,
        payload=payload,
    )
