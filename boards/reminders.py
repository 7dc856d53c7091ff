"""Reminders of deadlines by mail to whoever has the ball: each once, and never a burst (Q-10)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta

from django.db import transaction
from django.urls import reverse

from applications.models import (
    Application,
    ApplicationState,
    Checkpoint,
    Milestone,
    Report,
)
from applications.payments import last_claimers
from applications.report_plan import plan_all_reports
from applications.returning import due_day, unsettled_of, with_returns_to_settle
from applications.sending import people_of
from boards.consultation import office_path
from boards.deadlines import stage
from boards.dispatch import missing_memos
from boards.models import (
    BodyKind,
    Consultation,
    Meeting,
    MeetingState,
    Minutes,
    MinutesState,
    Notice,
)
from boards.timetable import ATTESTERS, Deadline, deadlines_of, next_deadline, with_deadlines
from finsam import clock
from finsam.associations.models import Association
from finsam.messages.mail import send_mail
from finsam.people.access import OFFICE
from finsam.people.models import Role, RoleKind, User
from finsam.typography import date_long, enumerate_words

LEAD_DAYS = 3
REPORT_DAYS = (30, 7)
RETURN_DAYS = 30
FROM_HOUR = time(7)
SAYS = {"before": "Snart: ", "today": "I dag: ", "late": "Försenat: "}


@dataclass(frozen=True)
class Reminder:
    """One deadline's reminder to some people; `stage` is before, today or late."""

    key: str
    stage: str
    text: str
    on: date
    to: tuple[User, ...]
    path: str
    note: str = ""

    @property
    def event_key(self) -> str:
        """The same deadline on another day is another reminder."""
        return f"deadline-{self.key}-{self.on:%Y%m%d}-{self.stage}"


def remind_everyone() -> int:
    """Promise what is due today in every association; run again it promises nothing new.

    Nothing before seven in the morning. Gives how many reminders are due, sent before or not.
    """
    if clock.stockholm(clock.now()).time() < FROM_HOUR:
        return 0
    return sum(remind(association) for association in Association.objects.order_by("pk"))


def remind(association: Association) -> int:
    """Promise the reminders of one association: one mail per person, deadline and stage."""
    plan_all_reports(association)
    found = list(due_reminders(association, clock.today()))
    with transaction.atomic():
        for one in found:
            for person in one.to:
                send_mail(
                    association=association,
                    to=person,
                    event_key=one.event_key,
                    subject=f"{SAYS[one.stage]}{one.text}",
                    template="mail/deadline.txt",
                    context={
                        "text": one.text,
                        "stage": one.stage,
                        "on": date_long(one.on),
                        "note": one.note,
                        "path": one.path,
                    },
                )
    return len(found)


def due_reminders(association: Association, today: date) -> Iterator[Reminder]:
    """What is due to be reminded of on a day, and whom; only the stage that holds now."""
    office = _holders(association, *OFFICE)
    yield from _of_meetings(association, today, office)
    yield from _of_notices(association, today, office)
    yield from _of_rounds(association, today, office)
    yield from _of_consultations(association, today, office)
    yield from _of_time_plans(association, today, office)
    yield from _of_reports(association, today, office)
    yield from _of_returns(association, today, office)
    yield from _of_last_claims(association, today)


def _of_meetings(
    association: Association, today: date, office: tuple[User, ...]
) -> Iterator[Reminder]:
    meetings = Meeting.objects.filter(association=association, body__kind=BodyKind.BOARD).exclude(
        state=MeetingState.CANCELLED
    )
    open_ones = meetings.exclude(minutes__state=MinutesState.ATTESTED)
    for meeting in with_deadlines(open_ones).order_by("starts_at"):
        one = next_deadline(deadlines_of(meeting))
        if one is None or one.key == "meeting" or not stage(one.on, today, LEAD_DAYS):
            continue
        yield Reminder(
            f"{one.key}-{meeting.pk}",
            stage(one.on, today, LEAD_DAYS),
            f"{one.text.lower().capitalize()}, {meeting.body.name} "
            f"{date_long(clock.stockholm(meeting.starts_at).date())}",
            one.on,
            _whose(association, meeting, one, office),
            _meeting_path(meeting, one),
            _what_is_missing(meeting, one),
        )


def _whose(
    association: Association, meeting: Meeting, one: Deadline, office: tuple[User, ...]
) -> tuple[User, ...]:
    if one.whose == ATTESTERS:
        minutes: Minutes = meeting.minutes
        done = minutes.attestations.filter(content_hash=minutes.content_hash)
        left = meeting.attesters.exclude(pk__in=done.values("attester")).select_related(
            "seat__user"
        )
        return tuple(attester.seat.user for attester in left)
    if one.key == "freeze":
        return _holders(association, RoleKind.DIRECTOR)
    return office


def _what_is_missing(meeting: Meeting, one: Deadline) -> str:
    missing = missing_memos(meeting) if one.key in ("freeze", "dispatch") else []
    return f"Beslutsunderlag saknas för {enumerate_words(missing)}." if missing else ""


def _meeting_path(meeting: Meeting, one: Deadline) -> str:
    view = "boards:minutes" if one.key == "attestation" and hasattr(meeting, "minutes") else ""
    return reverse(view or "boards:meeting", args=[meeting.association.slug, meeting.pk])


def _of_notices(
    association: Association, today: date, office: tuple[User, ...]
) -> Iterator[Reminder]:
    """A notice to post by the second day, and one to take down after the time for appeal."""
    rows = Notice.objects.filter(minutes__meeting__association=association, removed_on=None)
    for one in rows.select_related("notice_board", "minutes__meeting").order_by("pk"):
        board = one.notice_board.name
        text, on, lead = f"Anteckna anslag, {board}", one.due_on, 1
        if one.posted_on is not None and one.remove_after is not None:
            text, on, lead = f"Ta ned anslaget, {board}", one.remove_after + timedelta(days=1), 0
        now = stage(on, today, lead)
        if now:
            kind = "removal" if one.posted_on else "posting"
            path = reverse("boards:minutes", args=[association.slug, one.minutes.meeting_id])
            yield Reminder(f"{kind}-{one.pk}", now, text, on, office, path)


def _of_consultations(
    association: Association, today: date, office: tuple[User, ...]
) -> Iterator[Reminder]:
    """The last day of a consultation: to those who have not answered, and late to the office."""
    rows = Consultation.objects.open().filter(association=association).with_rows()
    for one in rows.order_by("due_on", "pk"):
        now, silent = stage(one.due_on, today, LEAD_DAYS), one.silent
        if not now or not silent:
            continue
        text = f"Yttrande om {one.matter.title}, {one.body.name}"
        to = tuple(dict.fromkeys(seat.user for seat in silent))
        path = reverse("boards:state", args=[association.slug, one.pk])
        yield Reminder(f"statement-{one.pk}", now, text, one.due_on, to, path)
        if now == "late":
            note = f"Har inte svarat: {enumerate_words([seat.user.name for seat in silent])}."
            path = office_path(one.matter)
            yield Reminder(f"consultation-{one.pk}", now, text, one.due_on, office, path, note)


def _of_time_plans(
    association: Association, today: date, office: tuple[User, ...]
) -> Iterator[Reminder]:
    """An agreed check-point: to the side that has not ticked it."""
    rows = Checkpoint.objects.filter(plan__idea__association=association).exclude(
        plan__agreed_at=None
    )
    for one in rows.select_related("plan__idea__author").order_by("due_on", "pk"):
        now, idea = stage(one.due_on, today, LEAD_DAYS), one.plan.idea
        if not now:
            continue
        text = f"Avstämning av {idea.title}: {one.text}"
        args = [association.slug, idea.public_id]
        if one.applicant_at is None:
            path = reverse("applications:idea", args=args)
            yield Reminder(f"checkpoint-{one.pk}", now, text, one.due_on, (idea.author,), path)
        if one.group_at is None:
            path = reverse("applications:office_idea", args=args)
            yield Reminder(f"checkpoint-office-{one.pk}", now, text, one.due_on, office, path)


def _of_reports(
    association: Association, today: date, office: tuple[User, ...]
) -> Iterator[Reminder]:
    """A report not handed in: to the parties' people a month and a week before; late to all."""
    rows = Report.objects.of_told_grants(clock.now()).open()
    near = today + timedelta(days=REPORT_DAYS[0])
    found = rows.filter(application__association=association, due_on__lte=near)
    for one in found.select_related("application__association").order_by("application", "due_on"):
        now, effort = stage(one.due_on, today, REPORT_DAYS[0]), one.application
        if not now:
            continue
        key = f"report-{effort.pk}-{one.key}-{one.occurrence}"
        text = f"{one.name}, {effort.title}"
        args = [association.slug, effort.public_id]
        path = reverse("applications:report", args=[*args, one.key, one.occurrence])
        nearer = now == "before" and (one.due_on - today).days <= REPORT_DAYS[1]
        people = tuple(people_of(effort))
        yield Reminder(f"{key}-near" if nearer else key, now, text, one.due_on, people, path)
        if now == "late":
            path = reverse("applications:office_reports", args=args)
            yield Reminder(f"{key}-office", now, text, one.due_on, office, path)


def _of_returns(
    association: Association, today: date, office: tuple[User, ...]
) -> Iterator[Reminder]:
    """A year of a return plan not settled: to the office, and to the parties, a month before."""
    waiting = list(unsettled_of(association, today.year))
    efforts = with_returns_to_settle(association, today.year)
    for one in efforts.select_related("association", "round__programme"):
        args = [association.slug, one.public_id]
        for year in sorted({row.year for row in waiting if row.grant_id == one.grant_id}):
            due = due_day(one, year)
            now = stage(due, today, RETURN_DAYS)
            if not now:
                continue
            key, text = f"return-{one.pk}-{year}", f"Återföring {year}, {one.title}"
            path = reverse("applications:office_returns", args=args)
            yield Reminder(f"{key}-office", now, text, due, office, path)
            if now == "before":
                path = reverse("applications:returns", args=args)
                yield Reminder(key, now, text, due, tuple(people_of(one)), path)


def _of_last_claims(association: Association, today: date) -> Iterator[Reminder]:
    """The last day to claim: a month and a week before, to those who claim and have not ended."""
    near = today + timedelta(days=REPORT_DAYS[0])
    efforts = Application.objects.filter(
        association=association,
        grant__closed_at=None,
        grant__claims_until__range=(today, near),
    )
    for effort in efforts.select_related("association", "grant").order_by("pk"):
        on = effort.grant.claims_until if effort.grant else None
        to = tuple(last_claimers(effort))
        if on is None or not to:
            continue
        now = stage(on, today, REPORT_DAYS[0])
        nearer = now == "before" and (on - today).days <= REPORT_DAYS[1]
        key, path = (
            f"last-claim-{effort.pk}",
            reverse("applications:payments", args=[association.slug, effort.public_id]),
        )
        yield Reminder(
            f"{key}-near" if nearer else key,
            now,
            f"Sista dag att rekvirera, {effort.title}",
            on,
            to,
            path,
            "Lämna slutrekvisitionen. Det som inte har rekvirerats då återförs till förbundet.",
        )


def _of_rounds(
    association: Association, today: date, office: tuple[User, ...]
) -> Iterator[Reminder]:
    """The round's milestones: to the office, and the last day to those with a draft."""
    rows = Milestone.objects.filter(round__association=association, on__gte=today)
    for one in rows.select_related("round").order_by("on", "pk"):
        now = stage(one.on, today, one.remind_days_before)
        if not now:
            continue
        text = f"{one.title}, {one.round.name}"
        path = reverse("boards:dashboard", args=[association.slug])
        yield Reminder(f"milestone-{one.pk}", now, text, one.on, office, path)
        if one.key.startswith("last_day"):
            yield from _of_drafts(one, now, text)


def _of_drafts(milestone: Milestone, now: str, text: str) -> Iterator[Reminder]:
    drafts = Application.objects.filter(round=milestone.round, state=ApplicationState.DRAFT)
    for draft in drafts.order_by("pk"):
        yield Reminder(
            f"draft-{milestone.pk}-{draft.pk}",
            now,
            text,
            milestone.on,
            tuple(people_of(draft)),
            draft.get_absolute_url(),
            f"”{draft.title}” är inte inlämnad.",
        )


def _holders(association: Association, *kinds: RoleKind) -> tuple[User, ...]:
    held = Role.objects.held_on(clock.today()).filter(association=association, kind__in=kinds)
    people = User.objects.filter(pk__in=held.values("user"), is_active=True)
    return tuple(people.order_by("pk"))
