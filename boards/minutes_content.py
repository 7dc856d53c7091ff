"""What minutes say (KL 5:65–67): composed from the meeting's rows, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from applications.freezing import latest_received
from boards.attendance import ordinary_seats, took_part
from boards.models import (
    AgendaItem,
    Attendance,
    AttestationFunction,
    Decision,
    Dissent,
    ItemKind,
    Meeting,
    Minutes,
    Paragraph,
    Recusal,
    Seat,
    VoteChoice,
)
from finsam import clock
from finsam.typography import date_long, kronor


def paragraph_texts(item: AgendaItem, number: int) -> dict[str, Any]:
    """The texts of paragraph § `number`, by part; lists where there can be several."""
    decision: Decision = item.decision
    body = item.meeting.body.name
    sent_to = []
    if item.concerns:
        sent_to = [party.name for party in item.concerns.parties.all()]
    return {
        "background": item.background or _background(item),
        "recusals": [
            f"{one.seat.user.name} ({one.seat.member}) anmäler jäv och deltar inte i "
            f"handläggningen av §\u00a0{number}."
            for one in item.recusals.select_related("seat__user", "seat__member")
        ],
        "motions": "\n".join(
            f"{one.seat.user.name} ({one.seat.member}): {one.text}"
            for one in item.motions.filter(withdrawn_at=None).select_related(
                "seat__user", "seat__member"
            )
        ),
        "proposition_order": decision.proposition_order,
        "votes": _votes(item, decision),
        "decision_lead": f"{body} beslutar",
        "clauses": decision.clauses,
        "conditions": decision.conditions,
        "source": _source(decision),
        "dissents": _dissents(item),
        "note": "",
        "sent_to": ", ".join(sent_to),
        "immediate": False,
    }


def fixed_content(
    paragraph: Paragraph, attesters: Sequence[tuple[Seat, AttestationFunction]]
) -> dict[str, Any]:
    """One paragraph that is attested by itself: its text, and who decided it where and when."""
    item, meeting = paragraph.item, paragraph.item.meeting
    order = {seat.pk: n for n, seat in enumerate(ordinary_seats(meeting.body, meeting.starts_at))}
    return {
        "association": meeting.association.name,
        "body": meeting.body.name,
        "day": date_long(clock.stockholm(meeting.starts_at).date()),
        "place": meeting.place,
        "mode": meeting.get_mode_display(),
        "serving": [
            {
                "name": one.seat.user.name,
                "function": one.seat.get_function_display(),
                "member": str(one.seat.member or ""),
                "for": one.serves_for.user.name if one.serves_for else "",
                "remote": one.is_remote,
            }
            for one in sorted(
                took_part([item]).get(item.pk, []), key=lambda one: order.get(one.filled.pk, 99)
            )
        ],
        "secretary": meeting.secretary.name if meeting.secretary else "",
        "attesters": [
            {
                "name": seat.user.name,
                "function": function.label,
                "member": str(seat.member or ""),
            }
            for seat, function in attesters
        ],
        "paragraph": _paragraph_as_it_stands(paragraph),
    }


def minutes_content(minutes: Minutes) -> dict[str, Any]:
    """The whole minutes as data: what is hashed, attested and printed."""
    meeting = minutes.meeting
    paragraphs = list(
        minutes.paragraphs.select_related(
            "item__application__case",
            "item__termination__application__case",
            "item__change__application__case",
            "item__meeting",
        ).order_by("number")
    )
    return {
        "association": meeting.association.name,
        "body": meeting.body.name,
        "day": date_long(clock.stockholm(meeting.starts_at).date()),
        "from": _clock(meeting.opened_at or meeting.starts_at),
        "to": _clock(meeting.closed_at or meeting.starts_at),
        "place": meeting.place,
        "mode": meeting.get_mode_display(),
        "breaks": _breaks(meeting),
        "is_public": meeting.is_public,
        "numbers": [minutes.first_number, minutes.last_number],
        "range": paragraph_interval([one.number for one in paragraphs]),
        "serving": _attendance(meeting, paragraphs),
        "recused": _recused(paragraphs),
        "guests": [
            {"name": guest.name, "function": guest.function} for guest in meeting.guests.all()
        ],
        "secretary": meeting.secretary.name if meeting.secretary else "",
        "attesters": _attesters(meeting),
        "paragraphs": [paragraph_as_shown(one) for one in paragraphs],
    }


def paragraph_as_shown(paragraph: Paragraph) -> dict[str, Any]:
    """What the minutes say of one item: exactly what was attested, when it was attested at once."""
    if paragraph.content is not None:
        fixed: dict[str, Any] = paragraph.content["paragraph"]
        return fixed
    return _paragraph_as_it_stands(paragraph)


def _paragraph_as_it_stands(paragraph: Paragraph) -> dict[str, Any]:
    application = paragraph.item.concerns
    return {
        "number": paragraph.number,
        "heading": paragraph.heading,
        "register_number": application.case.number if application and application.case else "",
        **paragraph.texts,
    }


def _dissents(item: AgendaItem) -> list[str]:
    """The reservations on the item; at the closing also those against what was fixed before them.

    A reservation may be announced until the meeting ends (KL 4:27), also when the paragraph was
    attested at once and can say no more.
    """
    found = [_dissent(one, "beslutet") for one in item.dissents.select_related(*DISSENT_PEOPLE)]
    if item.kind == ItemKind.CLOSING:
        fixed = Paragraph.objects.filter(item__meeting=item.meeting, content__isnull=False)
        for paragraph in fixed.order_by("number"):
            said = set((paragraph.content or {})["paragraph"]["dissents"])
            found += [
                _dissent(one, f"beslutet i §\u00a0{paragraph.number}")
                for one in paragraph.item.dissents.select_related(*DISSENT_PEOPLE)
                if _dissent(one, "beslutet") not in said
            ]
    return found


DISSENT_PEOPLE = ("seat__user", "seat__member")


def _dissent(dissent: Dissent, against: str) -> str:
    said = f" {dissent.text}" if dissent.text else ""
    seat = dissent.seat
    return f"{seat.user.name} ({seat.member}) reserverar sig mot {against}.{said}"


def _background(item: AgendaItem) -> str:
    application = item.application
    if application is None:
        return ""
    version = latest_received(application)
    lead = application.parties.get(is_lead=True)
    sought = kronor(version.requested_amount) if version else ""
    text = f"{lead.name} har ansökt om {sought} för insatsen {application.title}."
    recommendation = application.recommendations.first()
    if recommendation:
        amount = f" {kronor(recommendation.amount)}" if recommendation.amount else ""
        council = application.association.council_name
        text += f" {council} {recommendation.get_kind_display().lower()}{amount}."
    return text


def _source(decision: Decision) -> str:
    if decision.frame is None:
        return ""
    name = decision.frame.name
    return name if name.lower().startswith("ram ") else f"Ram: {name}"


def _votes(item: AgendaItem, decision: Decision) -> dict[str, Any] | None:
    votes = list(item.votes.select_related("seat__user", "seat__member"))
    if not votes:
        return None
    by_choice = {
        choice.value: [
            f"{one.seat.user.name} ({one.seat.member})" for one in votes if one.choice == choice
        ]
        for choice in VoteChoice
    }
    return {**by_choice, "casting_vote": decision.casting_vote}


def _attendance(meeting: Meeting, paragraphs: list[Paragraph]) -> list[dict[str, Any]]:
    """Each person who served, with the § interval (KL 5:65), in the order of the seats."""
    numbers = {paragraph.item_id: paragraph.number for paragraph in paragraphs}
    rows = [
        (item, one)
        for item, serving in took_part([paragraph.item for paragraph in paragraphs]).items()
        for one in serving
    ]
    order = {seat.pk: n for n, seat in enumerate(ordinary_seats(meeting.body, meeting.starts_at))}
    served: dict[tuple[int, int | None], dict[str, Any]] = {}
    for item, one in sorted(rows, key=lambda row: order.get(row[1].filled.pk, 99)):
        row = served.setdefault(
            (one.seat.pk, one.serves_for.pk if one.serves_for else None),
            {
                "name": one.seat.user.name,
                "function": one.seat.get_function_display(),
                "member": str(one.seat.member or ""),
                "for": one.serves_for.user.name if one.serves_for else "",
                "remote": False,
                "numbers": [],
            },
        )
        row["numbers"].append(numbers[item])
        row["remote"] = row["remote"] or one.is_remote
    for row in served.values():
        row["interval"] = paragraph_interval(row.pop("numbers"))
    return [*served.values(), *_others(meeting, {seat for seat, _ in served})]


def _recused(paragraphs: list[Paragraph]) -> dict[str, str]:
    """The paragraphs that each one with a conflict of interest stayed out of, by name."""
    numbers = {paragraph.item_id: paragraph.number for paragraph in paragraphs}
    found: dict[str, list[int]] = {}
    rows = Recusal.objects.filter(item__in=numbers).select_related("seat__user")
    for one in rows.order_by("item__taken_order", "pk"):
        found.setdefault(one.seat.user.name, []).append(numbers[one.item_id])
    return {name: paragraph_interval(said) for name, said in found.items()}


def _others(meeting: Meeting, served: set[int]) -> list[dict[str, Any]]:
    """Substitutes in the room who did not serve."""
    seen: dict[int, Attendance] = {
        one.seat_id: one for one in meeting.attendances.select_related("seat__user", "seat__member")
    }
    return [
        {
            "name": one.seat.user.name,
            "function": f"{one.seat.get_function_display()}, tjänstgör inte",
            "member": str(one.seat.member or ""),
            "for": "",
            "remote": one.is_remote,
            "interval": "",
        }
        for seat_id, one in seen.items()
        if seat_id not in served and one.seat.is_substitute
    ]


def paragraph_interval(numbers: list[int]) -> str:
    """§§ 31–34, 36 from the numbers present."""
    runs: list[list[int]] = []
    for one in sorted(set(numbers)):
        if runs and one == runs[-1][-1] + 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    parts = [str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs]
    sign = "§" if len(numbers) == 1 else "§§"
    return f"{sign}\u00a0{', '.join(parts)}" if parts else ""


def _attesters(meeting: Meeting) -> list[dict[str, str]]:
    rows = meeting.attesters.select_related("seat__user", "seat__member")
    ranked = sorted(rows, key=lambda one: one.function != AttestationFunction.CHAIR)
    return [
        {
            "name": one.seat.user.name,
            "function": one.get_function_display(),
            "member": str(one.seat.member or ""),
        }
        for one in ranked
    ]


def _breaks(meeting: Meeting) -> list[str]:
    """When the meeting was adjourned and taken up again: "12.00–13.00 (Lunch)"."""
    return [
        f"{_clock(one.began_at)}–{_until(one.began_at, one.ended_at)}"
        f"{f' ({one.reason})' if one.reason else ''}"
        for one in meeting.adjournments.all()
        if one.ended_at
    ]


def _until(began: datetime, ended: datetime) -> str:
    """The time it was taken up again, with the day when that was another one."""
    day = clock.stockholm(ended).date()
    said = "" if day == clock.stockholm(began).date() else f"{date_long(day)} kl. "
    return f"{said}{_clock(ended)}"


def _clock(moment: Any) -> str:
    return f"{clock.stockholm(moment):%H.%M}"
