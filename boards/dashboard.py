"""What waits for the office, and how each round stands against its frame."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from applications.looks import APPLICATION
from applications.models import (
    Application,
    ApplicationState,
    ApplicationVersion,
    IdeaSketch,
    IdeaState,
    Milestone,
    Report,
    ReportState,
    Round,
    VersionPurpose,
)
from applications.queries import without_step
from applications.returning import unsettled_of
from boards.consultation import office_path, summary
from boards.deadlines import attestation_due
from boards.effort_tasks import effort_tasks
from boards.figures import outdated_memos
from boards.models import (
    BodyKind,
    Consultation,
    DecisionMemo,
    Meeting,
    MeetingState,
    MemoState,
    MinutesState,
    Notice,
    Recommendation,
    RecommendationKind,
)
from boards.timetable import deadlines_of, next_deadline
from budgets.base_payments import WAITING
from budgets.models import BasePayment, BasePaymentState, Frame, PaymentRequest
from budgets.models.frames import granted_of
from finsam import clock
from finsam.associations.models import Association
from finsam.jobs.models import Job, JobState
from finsam.typography import kronor, moment_long, plural
from finsam.ui import Bar, BarPart, Status, Task, bar

IDEA_DAYS = 14
REVIEW_DAYS = 5
PAYMENT_DAYS = 10
REPORT_DAYS = 10
WAITS = {
    "freeze": "Få underlagen klara till",
    "notice": "Skicka kallelse till",
    "dispatch": "Skicka handlingar till",
}
TO_REVIEW = (ApplicationState.SUBMITTED, ApplicationState.IN_REVIEW)
NOT_HELD = (
    MeetingState.PLANNED,
    MeetingState.CALLED,
    MeetingState.ONGOING,
    MeetingState.ADJOURNED,
)
DECIDED = (ApplicationState.GRANTED, ApplicationState.PARTLY_GRANTED)
FINISHED = (ApplicationState.WITHDRAWN, ApplicationState.DISMISSED, ApplicationState.CLOSED)
WHOSE_TURN: dict[str, str] = {
    ApplicationState.SUBMITTED: "Kansliet",
    ApplicationState.IN_REVIEW: "Kansliet",
    ApplicationState.RETURNED: "Sökande",
    ApplicationState.IN_PREPARATION: "Beredande organ",
    ApplicationState.TO_BOARD: "Styrelsen",
    ApplicationState.TABLED: "Styrelsen",
    ApplicationState.GRANTED: "Justering och avtal",
    ApplicationState.PARTLY_GRANTED: "Justering och avtal",
    ApplicationState.AGREED: "Kansliet",
    ApplicationState.RUNNING: "Parterna",
    ApplicationState.TERMINATED: "Parterna",
}


@dataclass(frozen=True)
class RoundRow:
    application: Application
    requested: int
    status: Status
    whose_turn: str
    url: str


@dataclass(frozen=True)
class RoundView:
    """A round with its applications and, when it has one, its frame."""

    round: Round
    rows: list[RoundRow]
    requested: int
    frame: Frame | None
    drawn: Bar | None

    @property
    def over(self) -> int:
        return max(self.requested - (self.frame.amount if self.frame else self.requested), 0)


def dashboard(association: Association) -> dict[str, Any]:
    """Everything on the overview, in a fixed number of queries."""
    meetings = _meetings_under_way(association)
    tasks = sorted(
        [
            *_applications(association),
            *_consultations(association),
            *_outdated(association),
            *effort_tasks(association),
            *_payments(association),
            *_base_payments(association),
            *_reports(association),
            *_ideas(association),
            *_meetings(association, meetings),
            *_minutes(association, meetings),
            *_notices(association),
            *_counted(association),
        ],
        key=lambda task: task.when or date.max,
    )
    return {
        "tasks": tasks,
        "rounds": _rounds(association),
        "dates": _coming_dates(association, meetings),
        "now": clock.now(),
    }


def _applications(association: Association) -> list[Task]:
    """Those to review, and those prepared whose memo is the office's to write."""
    latest = Recommendation.objects.filter(application=OuterRef("pk"))
    finished = DecisionMemo.objects.filter(application=OuterRef("pk"), state=MemoState.FINAL)
    prepared = Q(recommended__isnull=False) | without_step("council")
    to_write = Q(state=ApplicationState.IN_PREPARATION) & prepared & ~Exists(finished)
    found = (
        Application.objects.filter(association=association)
        .annotate(
            recommended=Subquery(latest.values("kind")[:1]),
            recommended_amount=Subquery(latest.values("amount")[:1]),
        )
        .filter(Q(state__in=TO_REVIEW) | to_write)
        .select_related("case")
        .order_by("submitted_at")
    )
    return [
        _review(association, one) if one.state in TO_REVIEW else _memo(association, one)
        for one in found[:40]
    ]


def _review(association: Association, application: Application) -> Task:
    number = application.case.number if application.case else ""
    return Task(
        f"Granska {application.title}",
        office_url(association, application),
        None,
        f"Inkom {_when(application.submitted_at)} · {number}",
        _day(application.submitted_at) + timedelta(days=REVIEW_DAYS),
    )


def _memo(association: Association, application: Any) -> Task:
    url = reverse("boards:memo", args=[association.slug, application.public_id])
    text = f"Skriv beslutsunderlag för {application.title}"
    if application.recommended is None:
        return Task(text, url, None, "Bereds av kansliet", clock.today())
    sum_ = application.recommended_amount
    amount = f" {kronor(sum_)}" if sum_ else ""
    note = f"Rekommendation: {RecommendationKind(application.recommended).label.lower()}{amount}"
    return Task(text, url, None, note, clock.today())


def _consultations(association: Association) -> list[Task]:
    """Consultations under way: to be closed when all have answered or the last day has passed."""
    found = Consultation.objects.open().filter(association=association).with_rows()
    return [
        Task(
            f"{'Vänta på yttranden' if one.silent else 'Avsluta samrådet'}: {one.matter.title}",
            office_path(one.matter),
            None,
            f"{one.body.name} · {summary(one)}",
            one.due_on if one.silent else min(one.due_on, clock.today()),
        )
        for one in found.order_by("due_on", "pk")[:20]
    ]


def _outdated(association: Association) -> list[Task]:
    """Memos that show sums which have changed since they were written."""
    found = outdated_memos(association)
    titles = {one.holder.partition(":")[2]: one for one in found}
    memos = DecisionMemo.objects.filter(pk__in=titles).select_related("application")
    return [
        Task(
            f"Gör om {titles[str(memo.pk)].title}",
            reverse("boards:memo", args=[association.slug, memo.application.public_id]),
            None,
            titles[str(memo.pk)].in_words,
            clock.today(),
        )
        for memo in memos.defer("texts", "snapshot")
    ]


def _payments(association: Association) -> list[Task]:
    """Payment requests to check, to approve and to pay."""
    words = {"submitted": "Kontrollera", "checked": "Godkänn", "approved": "Betala"}
    found = PaymentRequest.objects.with_rows().filter(
        association=association, state__in=list(words), batch=None
    )
    return [
        Task(
            f"{words[one.state]} {one.title.lower()}, {one.grant.name}",
            reverse("budgets:payment_request", args=[association.slug, one.public_id]),
            None,
            f"{kronor(one.amount)} till {one.member.name}",
            _day(one.attested_at) + timedelta(days=PAYMENT_DAYS),
        )
        for one in found.defer("content").order_by("attested_at")[:20]
    ]


def _base_payments(association: Association) -> list[Task]:
    """Base financing that members have claimed, to check, and what is checked, to approve."""
    found = BasePayment.objects.with_share().filter(association=association, state__in=WAITING)
    return [
        Task(
            f"{'Kontrollera' if one.state == BasePaymentState.CLAIMED else 'Godkänn'} "
            f"{one.title[:1].lower()}{one.title[1:]}, {one.share.team}",
            one.get_absolute_url(),
            None,
            f"{kronor(one.amount)} till {one.share.member.name}",
            _day(one.created_at) + timedelta(days=PAYMENT_DAYS),
        )
        for one in found.order_by("created_at")[:20]
    ]


def _reports(association: Association) -> list[Task]:
    """Reports that have been handed in, to be read and accepted."""
    found = Report.objects.filter(application__association=association, state=ReportState.SUBMITTED)
    return [
        Task(
            f"Läs rapporten om {one.application.title}",
            reverse(
                "applications:office_report",
                args=[association.slug, one.application.public_id, one.key, one.occurrence],
            ),
            None,
            f"Inlämnad {_when(one.submitted_at)}",
            _day(one.submitted_at) + timedelta(days=REPORT_DAYS),
        )
        for one in found.select_related("application").order_by("submitted_at")[:20]
    ]


def _ideas(association: Association) -> list[Task]:
    found = IdeaSketch.objects.filter(association=association, state=IdeaState.SENT)
    return [
        Task(
            f"Besvara idéskissen {one.title}",
            reverse("applications:office_idea", args=[association.slug, one.public_id]),
            None,
            one.member.name,
            _day(one.sent_at) + timedelta(days=IDEA_DAYS),
        )
        for one in found.select_related("member").order_by("sent_at")[:20]
    ]


def _meetings_under_way(association: Association) -> list[Meeting]:
    """The meetings to come or going on, and those held whose minutes are not attested."""
    open_minutes = [MinutesState.DRAFT, MinutesState.WITH_ATTESTERS]
    held = Q(state=MeetingState.CLOSED, minutes__state__in=open_minutes)
    found = Meeting.objects.filter(Q(state__in=NOT_HELD) | held, association=association)
    return list(
        found.select_related("body", "association", "minutes")
        .prefetch_related("packets")
        .order_by("starts_at")[:40]
    )


def _meetings(association: Association, meetings: list[Meeting]) -> list[Task]:
    """Each coming meeting with the first of its deadlines that is not met."""
    tasks = []
    for one in [one for one in meetings if one.state in NOT_HELD][:10]:
        due = next_deadline(deadlines_of(one))
        text, when = WAITS.get(due.key if due else "", "Förbered mötet i"), due.on if due else None
        if one.state in (MeetingState.ONGOING, MeetingState.ADJOURNED):
            text, when = "Mötet pågår:", _day(one.starts_at)
        url = reverse("boards:meeting", args=[association.slug, one.pk])
        tasks.append(Task(f"{text} {one.body.name}", url, None, moment_long(one.starts_at), when))
    return tasks


def _minutes(association: Association, meetings: list[Meeting]) -> list[Task]:
    tasks = []
    for one in [one for one in meetings if one.state == MeetingState.CLOSED][:10]:
        url = reverse("boards:minutes", args=[association.slug, one.pk])
        at_attesters = one.minutes.state == MinutesState.WITH_ATTESTERS
        note = "Hos justerarna" if at_attesters else "Utkast"
        text = f"Få protokollet justerat: {one.body.name}"
        tasks.append(Task(text, url, None, note, attestation_due(_day(one.starts_at))))
    return tasks


def _notices(association: Association) -> list[Task]:
    """To be posted by the second day, and to be taken down when the time for appeal is over.

    What is to be done with one announcement is one line, however many the notice boards are.
    """
    open_ones = Notice.objects.filter(minutes__meeting__association=association, removed_on=None)
    due = Q(posted_on=None) | Q(remove_after__lt=clock.today())
    together: dict[tuple[int, int | None, bool], list[Notice]] = defaultdict(list)
    for one in open_ones.filter(due).select_related("notice_board", "minutes")[:100]:
        is_over = one.remove_after is not None
        together[one.minutes.meeting_id, one.paragraph_id, is_over].append(one)
    return [
        _notice(association, meeting, is_over, ones)
        for (meeting, _, is_over), ones in together.items()
    ][:10]


def _notice(association: Association, meeting: int, is_over: bool, ones: list[Notice]) -> Task:
    url = reverse("boards:minutes", args=[association.slug, meeting])
    where = f" hos {ones[0].notice_board.name}"
    if len(ones) > 1:
        where = f" på {plural(len(ones), 'anslagstavla', 'anslagstavlor')}"
    if is_over:
        when = min(one.remove_after for one in ones if one.remove_after) + timedelta(days=1)
        return Task(f"Ta ned anslaget{where}", url, None, "Överklagandetiden är slut", when)
    note = "Justeringen ska tillkännages senast andra dagen efter"
    return Task(f"Anteckna anslag{where}", url, None, note, min(one.due_on for one in ones))


def _counted(association: Association) -> list[Task]:
    """What is told by its number alone: failed work, and efforts with a return to settle."""
    year = clock.today().year
    failed = Job.objects.filter(association=OuterRef("pk"), state=JobState.FAILED).order_by()
    returns = unsettled_of(association, year).order_by()
    jobs, efforts = (
        Association.objects.filter(pk=association.pk)
        .values_list(
            _number(failed.values("association").annotate(number=Count("pk"))),
            _number(
                returns.values("grant__association").annotate(number=Count("grant", distinct=True))
            ),
        )
        .get()
    )
    tasks = []
    if jobs:
        url, note = reverse("jobs:jobs", args=[association.slug]), f"{jobs} arbeten"
        text = "Försök igen med det som inte blev klart"
        tasks.append(Task(text, url, None, note, clock.today()))
    if efforts:
        url = reverse("applications:all_returns", args=[association.slug])
        note = f"{plural(efforts, 'insats', 'insatser')}, till och med {year}"
        tasks.append(Task("Stäm av återföringen", url, None, note, clock.today()))
    return tasks


def _number(counted: QuerySet[Any, Any]) -> Coalesce:
    return Coalesce(Subquery(counted.values("number")), 0)


def _rounds(association: Association) -> list[RoundView]:
    """The rounds that have applications under way, the nearest closing first."""
    received = Application.objects.exclude(state=ApplicationState.DRAFT).exclude(state__in=FINISHED)
    versions = ApplicationVersion.objects.filter(
        purpose__in=[VersionPurpose.SUBMISSION, VersionPurpose.SUPPLEMENT]
    ).defer("content")
    handed_in = Report.objects.filter(application=OuterRef("pk"), state=ReportState.SUBMITTED)
    shown = (
        received.select_related("lot", "grant", "case")
        .annotate(has_report_to_read=Exists(handed_in))
        .prefetch_related(Prefetch("versions", versions.order_by("-number"), to_attr="received"))
        .order_by("title")[:50]
    )
    rounds = (
        Round.objects.filter(association=association)
        .filter(Exists(received.filter(round=OuterRef("pk"))))
        .select_related("frame__account", "frame__association", "programme")
        .annotate(granted=granted_of("frame"))
        .prefetch_related(Prefetch("applications", shown, to_attr="under_way"))
        .order_by("-closes_at")[:3]
    )
    return [_round_view(association, one) for one in rounds]


def _round_view(association: Association, round_: Any) -> RoundView:
    rows = [
        RoundRow(
            one,
            one.received[0].requested_amount if one.received else 0,
            APPLICATION[one.state],
            "Kansliet" if one.has_report_to_read else WHOSE_TURN.get(one.state, ""),
            office_url(association, one),
        )
        for one in round_.under_way
    ]
    requested = sum(row.requested for row in rows)
    frame = round_.frame
    drawn = _bar(requested, frame, round_.granted) if frame else None
    return RoundView(round_, rows, requested, frame, drawn)


def _bar(requested: int, frame: Frame, granted: int) -> Bar:
    parts = [BarPart("Beviljat", granted)] if granted else []
    open_sum = max(min(requested, frame.amount) - granted, 0)
    parts.append(BarPart("Sökt inom ramen", open_sum, "second" if granted else "association"))
    if requested > frame.amount:
        parts.append(BarPart("Sökt över ramen", requested - frame.amount, "over"))
    label = f"Sökt {kronor(requested)} av ramen {kronor(frame.amount)}, beviljat {kronor(granted)}."
    return bar(parts, label=label, total=frame.amount)


def _coming_dates(association: Association, meetings: list[Meeting]) -> list[Task]:
    """Milestones and meetings of the coming weeks, in order."""
    today = clock.today()
    milestones = Milestone.objects.filter(
        round__association=association, on__gte=today, on__lte=today + timedelta(days=120)
    ).select_related("round")
    coming = [
        one
        for one in meetings
        if one.starts_at >= clock.now() and one.body.kind in (BodyKind.BOARD, BodyKind.COUNCIL)
    ]
    rows = [
        Task(one.title, "", None, one.round.name, one.on) for one in milestones.order_by("on")[:8]
    ]
    rows += [
        Task(
            one.body.name,
            reverse("boards:meeting", args=[association.slug, one.pk]),
            None,
            "",
            _day(one.starts_at),
        )
        for one in coming[:5]
    ]
    return sorted(rows, key=lambda row: row.when or date.max)[:9]


def office_url(association: Association, application: Application) -> str:
    return reverse(
        "applications:office_application", args=[association.slug, application.public_id]
    )


def _when(moment: datetime | None) -> str:
    return moment_long(moment) if moment else ""


def _day(moment: datetime | None) -> date:
    return clock.stockholm(moment).date() if moment else clock.today()
