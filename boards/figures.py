"""Which figures the boards' documents show, and what may not go out while one is outdated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from applications.figures import application_figures
from applications.freezing import latest_received
from applications.models import Application, ApplicationVersion
from boards.models import (
    AgendaItem,
    AgreementVersion,
    Decision,
    DecisionMemo,
    Meeting,
    MeetingPacket,
    MemoState,
    Minutes,
    Paragraph,
    Recommendation,
)
from boards.queries import decision_items, final_memos_of
from budgets.figures import (
    Figure,
    Outdated,
    frame_figures,
    note_figures,
    outdated,
    provide_figures,
    require_current,
)
from budgets.models import Allocation, Frame, ShownFigure
from budgets.returns import return_figures
from budgets.revised_budgets import granted_figure
from finsam.associations.models import Association
from finsam.typography import date_long


def memo_holder(memo: DecisionMemo) -> str:
    return f"memo:{memo.pk}"


def packet_holder(packet: MeetingPacket) -> str:
    return f"packet:{packet.pk}"


def notice_holder(meeting: Meeting) -> str:
    return f"notice:{meeting.pk}"


def paragraph_holder(paragraph: Paragraph) -> str:
    return f"paragraph:{paragraph.pk}"


def agreement_holder(version: AgreementVersion) -> str:
    return f"agreement:{version.pk}"


# --- what is noted when a document is written ---------------------------------------------------


def note_memo(memo: DecisionMemo) -> None:
    """The memo shows what is sought, the frame, and the recommendation."""
    application = memo.application
    frame = application.round.frame
    figures = figures_read(
        application, latest_received(application), application.recommendations.first()
    )
    if frame is not None:
        figures += _distribution(frame)
    note_figures(
        association=application.association,
        holder=memo_holder(memo),
        title=f"Beslutsunderlag {application.title}",
        figures=figures,
    )


def note_notice(meeting: Meeting) -> None:
    """The notice shows each item's proposed decision."""
    note_figures(
        association=meeting.association,
        holder=notice_holder(meeting),
        title=f"Kallelse {meeting.body.name} {date_long(meeting.starts_at)}",
        figures=_proposals(meeting),
    )


def note_packet(packet: MeetingPacket) -> None:
    """The packet shows the memos, and with them all that they show."""
    meeting = packet.meeting
    figures = _proposals(meeting)
    for application in _applications(meeting):
        frame = application.round.frame
        figures += _of_application(application) + (frame_figures(frame) if frame else [])
    efforts = meeting.items.select_related("termination__application__grant").select_related(
        "change__application__grant"
    )
    for item in efforts:
        if item.effort is not None and item.effort.grant is not None:
            figures.append(granted_figure(item.effort.grant))
    note_figures(
        association=meeting.association,
        holder=packet_holder(packet),
        title=f"Beslutspaket {meeting.body.name} {date_long(meeting.starts_at)}",
        figures=figures,
    )


def note_paragraph(paragraph: Paragraph) -> None:
    """The paragraph shows what is sought and recommended, and the decision's own sum."""
    note_figures(
        association=paragraph.item.meeting.association,
        holder=paragraph_holder(paragraph),
        title=f"Protokoll § {paragraph.number} {paragraph.heading}",
        figures=_of_paragraph(paragraph),
    )


def note_extract(paragraph: Paragraph) -> None:
    """The certified extract shows what its attested paragraph showed; asked for again it is one."""
    association, holder = paragraph.item.meeting.association, f"extract:{paragraph.pk}"
    if ShownFigure.objects.filter(association=association, holder=holder).exists():
        return
    note_figures(
        association=association,
        holder=holder,
        title=f"Protokollsutdrag § {paragraph.number} {paragraph.heading}",
        figures=_of_paragraph(paragraph),
    )


def note_letter(paragraph: Paragraph) -> None:
    """The decision letter shows the decision's sum."""
    application = paragraph.item.treated_application
    note_figures(
        association=application.association,
        holder=f"letter:{paragraph.pk}",
        title=f"Beslut om {application.title}",
        figures=_decided(paragraph.item),
    )


def note_agreement(version: AgreementVersion) -> None:
    """The agreement shows the granted sum that its parties sign for, and what is to come back."""
    agreement, application = version.agreement, version.agreement.application
    if application.grant is None:
        return
    returns = return_figures(application.grant) if agreement.change_id is None else []
    note_figures(
        association=application.association,
        holder=agreement_holder(version),
        title=str(agreement),
        figures=[granted_figure(application.grant), *returns],
    )


# --- what is asked before a document goes out ---------------------------------------------------


def outdated_memo(memo: DecisionMemo, read: Sequence[Figure] = ()) -> list[Outdated]:
    """What the memo shows that has changed; `read` are the figures of now that its page has."""
    return outdated(memo.application.association, [memo_holder(memo)], read)


def figures_read(
    application: Application,
    version: ApplicationVersion | None,
    recommendation: Recommendation | None,
) -> list[Figure]:
    """What is sought, recommended and left, from what has been read already."""
    frame = application.round.frame
    return (
        (application_figures(application, version) if version else [])
        + _recommended(application, recommendation)
        + (frame_figures(frame) if frame else [])
    )


def require_memo_current(memo: DecisionMemo) -> None:
    """Raises OutdatedFigures when what the memo says has changed since it was begun or made."""
    require_current(memo.application.association, [memo_holder(memo)])


def outdated_of(association: Association, memos: Iterable[DecisionMemo]) -> list[Outdated]:
    """What the memos of a meeting's items show that has changed; before they are decided."""
    return outdated(association, [memo_holder(memo) for memo in memos])


def require_meeting_current(meeting: Meeting) -> None:
    """Raises OutdatedFigures before a notice or a packet goes out with an old memo."""
    memos = final_memos_of(decision_items(meeting)).values()
    require_current(meeting.association, [memo_holder(memo) for memo in memos])


def require_packet_current(packet: MeetingPacket) -> None:
    """Raises OutdatedFigures when the packet was made of what has changed since."""
    require_current(packet.meeting.association, [packet_holder(packet)])


def outdated_minutes(minutes: Minutes) -> list[Outdated]:
    return outdated(minutes.meeting.association, _paragraph_holders(minutes))


def require_paragraph_current(paragraph: Paragraph) -> None:
    """Raises OutdatedFigures before a paragraph is fixed as it was written, or attested at once."""
    require_current(paragraph.minutes.meeting.association, [paragraph_holder(paragraph)])


def require_minutes_current(minutes: Minutes) -> None:
    """Raises OutdatedFigures before minutes are sent to the attesters or attested."""
    require_current(minutes.meeting.association, _paragraph_holders(minutes))


def outdated_agreement(version: AgreementVersion) -> list[Outdated]:
    association = version.agreement.application.association
    return outdated(association, [agreement_holder(version)])


def require_agreement_current(version: AgreementVersion) -> None:
    """Raises OutdatedFigures when the grant has been changed since the agreement was sent."""
    association = version.agreement.application.association
    require_current(association, [agreement_holder(version)])


def outdated_memos(
    association: Association, frames: Iterable[Frame] = ()
) -> dict[DecisionMemo, Outdated]:
    """The memos not decided on that show what has changed, each with one of its figures.

    `frames` are those that have been read already, with their accounts.
    """
    states = ("in_preparation", "to_board", "tabled")
    memos = DecisionMemo.objects.filter(
        application__association=association, application__state__in=states
    ).select_related("application")
    rows = memos.defer("texts", "snapshot").order_by("application", "number")
    latest = {memo.application_id: memo for memo in rows}
    by_holder = {memo_holder(memo): memo for memo in latest.values()}
    read = [figure for frame in frames for figure in frame_figures(frame)]
    found = outdated(association, list(by_holder), read)
    return {by_holder[one.holder]: one for one in found}


# --- what the figures are now -------------------------------------------------------------------


@provide_figures("recommendation")
def _recommendations_now(association: Association, pks: frozenset[int]) -> Mapping[str, int]:
    rows = Recommendation.objects.filter(
        application__association=association, application__in=pks
    ).order_by("application", "recorded_at", "pk")
    latest = {row.application_id: row.amount for row in rows}
    return {f"recommendation:{pk}:amount": amount for pk, amount in latest.items() if amount}


@provide_figures("proposal")
def _proposals_now(association: Association, pks: frozenset[int]) -> Mapping[str, int]:
    rows = DecisionMemo.objects.filter(
        application__association=association, application__in=pks, state=MemoState.FINAL
    ).order_by("application", "number")
    latest = {row.application_id: row.proposed_amount for row in rows.defer("texts", "snapshot")}
    return {f"proposal:{pk}:amount": amount for pk, amount in latest.items() if amount}


@provide_figures("decision")
def _decisions_now(association: Association, pks: frozenset[int]) -> Mapping[str, int]:
    rows = Decision.objects.filter(item__meeting__association=association, item__in=pks)
    found = rows.values_list("item", "amount")
    return {f"decision:{pk}:amount": amount for pk, amount in found if amount is not None}


def _of_paragraph(paragraph: Paragraph) -> list[Figure]:
    application = paragraph.item.application
    figures = _of_application(application)[:1] if application else []
    if application is not None:
        figures += _recommended(application, application.recommendations.first())
    return figures + _decided(paragraph.item)


def _decided(item: AgendaItem) -> list[Figure]:
    decision = Decision.objects.filter(item=item).first()
    if decision is None or not decision.amount:
        return []
    return [Figure(f"decision:{item.pk}:amount", f"Beviljat, {item.title}", decision.amount)]


def _of_application(application: Application) -> list[Figure]:
    version = latest_received(application)
    figures = application_figures(application, version) if version else []
    return figures + _recommended(application, application.recommendations.first())


def _recommended(application: Application, latest: Recommendation | None) -> list[Figure]:
    if latest is None or not latest.amount:
        return []
    key = f"recommendation:{application.pk}:amount"
    return [Figure(key, f"Tillstyrkt belopp, {application.title}", latest.amount)]


def _distribution(frame: Frame) -> list[Figure]:
    """The distribution that the memo carries: another put forward, or another sum, outdates it."""
    chosen = Allocation.objects.with_rows().filter(frame=frame, is_proposed=True).first()
    if chosen is None:
        return []
    key = f"allocation:{chosen.pk}:total"
    return [Figure(key, f"Fördelningen {chosen.name}", chosen.total)]


def _proposals(meeting: Meeting) -> list[Figure]:
    items = list(decision_items(meeting).select_related("application"))
    sums = {pk: memo.proposed_amount for pk, memo in final_memos_of(items).items()}
    return [
        Figure(f"proposal:{one.pk}:amount", f"Föreslaget belopp, {one.title}", amount)
        for one in [item.treated_application for item in items]
        if (amount := sums.get(one.pk))
    ]


def _applications(meeting: Meeting) -> list[Application]:
    items = decision_items(meeting).select_related(
        "application__association", "application__round__frame__account"
    )
    return [item.treated_application for item in items]


def _paragraph_holders(minutes: Minutes) -> Sequence[str]:
    return [paragraph_holder(paragraph) for paragraph in minutes.paragraphs.all()]
