"""The memo of a change or an early termination that goes to the board, made of its agenda item.

Sums and days are looked up, and so is the text under each heading until somebody writes there
(effort_memo_texts.py). It is made when the item is put up, and again of what holds when the packet
is made; what was written by hand stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction

from applications.models import Application
from boards.document_sources import column
from boards.effort_decisions import effort_clauses, outcomes_of, wanted_in_words
from boards.effort_memo_texts import require_writable, require_writer, texts_of
from boards.locking import lock_meeting
from boards.models import AgendaItem, EffortMemo, Meeting, MeetingPacket
from finsam import clock
from finsam.documents.documents import promise_document
from finsam.documents.models import DocumentSeries
from finsam.documents.word import WordDocument
from finsam.jobs.models import Job
from finsam.people.models import Role, RoleKind, User
from finsam.registry.canonical import canonical
from finsam.typography import date_long, kronor, number

TITLE = "Tjänsteskrivelse"


def effort_items(meeting: Meeting) -> list[AgendaItem]:
    """The meeting's items about granted efforts: each gets its memo."""
    items = meeting.items.select_related(
        "meeting__body",
        "meeting__association",
        "termination__application__case",
        "termination__application__grant__frame",
        "change__application__case",
        "change__application__grant__frame",
    )
    return [item for item in items if item.effort is not None]


def memo_key(item: AgendaItem) -> str:
    return f"effort_memo:{item.pk}"


def promise_effort_memos(items: Iterable[AgendaItem], actor: User) -> list[Job]:
    """Promise the memo of each item about an effort; unchanged, the one that is there stays."""
    return [_promise(item, item.effort, actor) for item in items if item.effort is not None]


def make_effort_memo(*, item: AgendaItem, actor: User) -> None:
    """Make the PDF and the Word file of what is saved; unchanged, the one that is there stays.

    Raises NotAllowed, and MeetingRefusal when the meeting has begun.
    """
    with transaction.atomic():
        item.meeting = lock_meeting(item.meeting)
        require_writer(item.meeting, actor)
        require_writable(item)
        promise_effort_memos([item], actor)


def changed_since_packet(packet: MeetingPacket, items: Iterable[AgendaItem]) -> list[AgendaItem]:
    """The items about efforts whose memo now says other than the packet; two queries, or none.

    Made anew since, written in since, or put up since.
    """
    efforts = {memo_key(item): item for item in items if item.is_about_effort}
    if not efforts:
        return []
    listed = [paper for item in packet.source["items"] for paper in item.get("documents", ())]
    inside = {paper["key"]: paper["version"] for paper in listed}
    series = DocumentSeries.objects.filter(key__in=efforts).select_related("last_job")
    made = {one.key: one for one in series if one.last_version == inside.get(one.key)}
    memos = EffortMemo.objects.filter(item__in=efforts.values()).values_list("item", "texts")
    written = dict(memos)
    return [
        item
        for key, item in efforts.items()
        if key not in made or not _says(made[key], texts_of(item, written.get(item.pk, {})))
    ]


def _says(series: DocumentSeries, texts: Mapping[str, str]) -> bool:
    """Whether what was last made of it has these texts."""
    source = series.last_job.arguments["source"] if series.last_job else {}
    return all(source.get(key) == text for key, text in canonical(texts).items())


def effort_memo_documents(item: AgendaItem) -> list[dict[str, Any]]:
    """The memo as the packet lists it, in the version last promised."""
    found = DocumentSeries.objects.filter(key=memo_key(item)).values_list("key", "last_version")
    return [{"title": TITLE, "key": key, "version": version} for key, version in found]


def effort_memo_source(
    item: AgendaItem, written: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """What the memo says, as plain data: proposal, matter, economy, parties, what follows.

    `written` is what is written in it by hand, from one who has read it already.
    """
    application = item.treated_application
    association = item.meeting.association
    author = _director(application)
    texts = texts_of(item, written)
    return {
        "to": item.meeting.body.name,
        "heading": item.title,
        "register_number": application.registered_case.number,
        "intro": f"{item.meeting.body.name} föreslås besluta",
        "clauses": _clauses(item),
        "matter": texts["matter"],
        "assessment": texts["assessment"],
        "economy": texts["economy"],
        "facts": _facts(item, application),
        "lines": _lines(item),
        "parties": [
            [one.name, "Huvudman" if one.is_lead else "Medsökande"]
            for one in application.parties.all()
            if one.left_on is None
        ],
        "party_columns": [column("Part"), column("Roll", width=30)],
        "line_columns": [
            column("Post"),
            column("Före, kr", numeric=True),
            column("Efter, kr", numeric=True),
        ],
        "follow_up": texts["follow_up"],
        "basis": _basis(item, application),
        "sent_to": texts["sent_to"],
        "author": author.get_full_name() if author else association.name,
        "author_title": (author.title if author else "") or association.director_title,
    }


def write_effort_memo(source: Mapping[str, Any]) -> bytes:
    """The memo as a Word file, in the order of its PDF."""
    word = WordDocument(source)
    word.meta(f"Till {source['to']}", f"Dnr {source['register_number']}")
    word.title(source["heading"])
    word.heading("1 Förslag till beslut")
    word.decision(source["intro"], source["clauses"])
    word.heading("2 Ärendet")
    word.paragraphs(source["matter"])
    if source.get("assessment"):
        word.heading("Bedömning", level=2)
        word.paragraphs(source["assessment"])
    word.heading("3 Ekonomi och tid")
    word.paragraphs(source.get("economy", ""))
    word.facts([(term, value) for term, value in source["facts"] if value])
    if source["lines"]:
        word.table(
            caption="Poster som ändras", columns=source["line_columns"], rows=source["lines"]
        )
    word.heading("4 Parter")
    word.table(caption="Parter", columns=source["party_columns"], rows=source["parties"])
    word.heading("5 Uppföljning")
    word.paragraphs(source["follow_up"])
    word.heading("6 Beslutsunderlag")
    word.bullets(source["basis"])
    word.heading("7 Beslutet skickas till")
    word.paragraphs(source["sent_to"])
    word.signatures([{"name": source["author"], "role": source["author_title"]}])
    return word.as_bytes()


def _promise(item: AgendaItem, application: Application, actor: User) -> Job:
    return promise_document(
        association=item.meeting.association,
        kind="effort_memo",
        key=memo_key(item),
        title=f"{TITLE}: {item.title}"[:250],
        source=effort_memo_source(item),
        case=application.registered_case,
        requested_by=actor,
    )


def _clauses(item: AgendaItem) -> list[str]:
    """The proposal as it stands on the item; the usual wording where nothing does."""
    said = [line.strip().removeprefix("att ").rstrip(".") for line in item.proposal.splitlines()]
    return [line for line in said if line] or effort_clauses(item, outcomes_of(item)[0])


def _facts(item: AgendaItem, application: Application) -> list[tuple[str, str]]:
    grant, end, change = application.grant, item.termination, item.change
    facts = [("Insats", application.title)]
    if grant is not None:
        facts += [
            ("Beviljat", kronor(grant.amount)),
            ("Utbetalt", kronor(grant.paid)),
            ("Återstår", kronor(grant.unpaid)),
        ]
    if end is not None:
        facts += [
            ("Grund", end.get_ground_display()),
            ("Upphör från och med", date_long(end.stops_on)),
            ("Slutrekvisition senast", date_long(end.claims_until)),
        ]
    if change is not None:
        day: date = clock.stockholm(change.submitted_at).date()
        facts += [
            ("Begärt", f"{change}, {date_long(day)}"),
            ("Ändringen", "; ".join(wanted_in_words(change))),
        ]
    return facts


def _lines(item: AgendaItem) -> list[list[str]]:
    rows = item.change.wanted.get("rows", ()) if item.change is not None else ()
    return [
        [row["label"], number(row["before"]), number(row["amount"])]
        for row in rows
        if row["before"] != row["amount"]
    ]


def _basis(item: AgendaItem, application: Application) -> list[str]:
    what = f"{item.change}" if item.change is not None else "Kansliets förslag om förtida avslut"
    return [what, f"Avtalet om {application.title}", "Insatsens rekvisitioner och rapporter"]


def _director(application: Application) -> User | None:
    held = Role.objects.held_on(clock.today()).filter(
        association=application.association_id, kind=RoleKind.DIRECTOR
    )
    first = held.select_related("user").order_by("pk").first()
    return first.user if first else None
