"""Minutes that hold a § of a case marked as secret: whole for the board, masked for everyone else.

The copy is a document of its own, made of a source that has never held what is masked (TF 2:15,
OSL 6:4, and 6:3 for the appeal). It is promised where what it copies is attested, posted or
marked, never by one who reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from boards.document_sources import minutes_source, paragraph_source
from boards.models import Meeting, Minutes, MinutesState, Paragraph
from finsam import clock
from finsam.associations.models import Association
from finsam.documents.documents import (
    Rendered,
    document_and_job,
    document_kind,
    may_read,
    promise_document,
    readable_by,
    render_document,
)
from finsam.documents.models import Document
from finsam.documents.release.appeals import masked_notice
from finsam.documents.release.masks import Mask
from finsam.jobs.models import Job, JobState
from finsam.people.access import Visitor
from finsam.people.models import RoleKind, User
from finsam.registry.models import Case
from finsam.registry.secrecy import when_marked
from finsam.typography import date_long, enumerate_words

KIND = "masked_minutes"
# Before the key of what is copied: masked:minutes:7, masked:paragraph:12.
COPY_OF = "masked:"
BOARD_ROLES = (RoleKind.BOARD, RoleKind.CHAIR, RoleKind.AUDITOR)
# The ways from a paragraph to the cases that it tells of.
CASES = (
    "item__application__case",
    "item__termination__application__case",
    "item__change__application__case",
    "item__delegated_decisions__case",
    "item__correction__paragraph__item__application__case",
    "item__correction__paragraph__item__termination__application__case",
    "item__correction__paragraph__item__change__application__case",
)


@dataclass(frozen=True)
class Hidden:
    """A § that tells of a case marked as secret: by which section, and what the case is called."""

    paragraph: int
    minutes: int
    number: int
    section: str
    title: str


def hidden_paragraphs(association: Association, **within: Any) -> list[Hidden]:
    """The paragraphs of an association that the public may not read, in the order of their §.

    `within` narrows it down: `minutes=…` or `pk=…`. One query.
    """
    marked = Q()
    fields: list[str] = []
    for way in CASES:
        marked |= Q(**{f"{way}__secrecy_section__gt": ""})
        fields += [f"{way}__secrecy_section", f"{way}__title"]
    rows: QuerySet[Paragraph] = Paragraph.objects.filter(
        marked, minutes__meeting__association=association, **within
    )
    found = []
    for pk, minutes, number, *said in (
        rows.order_by("number").values_list("pk", "minutes_id", "number", *fields).distinct()
    ):
        for section, title in zip(said[::2], said[1::2], strict=True):
            if section:
                found.append(Hidden(pk, minutes, number, section, title))
    return found


def sees_whole(visitor: Visitor) -> bool:
    """Whether the visitor reads minutes as they are: the office, the board and the auditor."""
    return visitor.is_office or visitor.has(*BOARD_ROLES)


def may_read_minutes(visitor: Visitor, document: Document) -> bool:
    """Whether attested minutes, or a § attested alone, are open as a whole to the visitor."""
    if sees_whole(visitor):
        return True
    return not hidden_paragraphs(document.association, **_within(document.key))


def copy_key(key: str) -> str:
    """The key of the masked copy of a document."""
    return COPY_OF + key


def masked_copy(visitor: Visitor, key: str) -> tuple[Document | None, Job | None]:
    """The masked copy of a document if it is made and shows nothing marked since, and else the
    job that makes it: None when nobody has promised it.
    """
    made, job = document_and_job(copy_key(key))
    if made is not None and may_read(visitor, made):
        return made, job
    return None, None if job is None or job.state == JobState.DONE else job


def covers(copy: Document, numbers: set[int]) -> bool:
    """Whether all of those § are masked in the copy."""
    return numbers <= set(copy.job.arguments["source"]["masked"])


def promise_masked_copies(minutes: Minutes, actor: User | None) -> None:
    """Promise what the public reads instead of attested minutes, and of each § attested alone.

    Nothing is promised while nothing is hidden, and the same copy only once.
    """
    meeting = minutes.meeting
    hidden = hidden_paragraphs(meeting.association, minutes=minutes.pk)
    if not hidden:
        return
    day = date_long(clock.stockholm(meeting.starts_at).date())
    if minutes.state == MinutesState.ATTESTED:
        title, source = f"Protokoll {meeting.body.name} {day}", minutes_source(minutes)
        _promise(meeting, f"minutes:{minutes.pk}", title, source, hidden, actor)
    alone = minutes.paragraphs.filter(pk__in={one.paragraph for one in hidden})
    for one in alone.exclude(attested_at=None).select_related("minutes__meeting__association"):
        title = f"Omedelbart justerad § {one.number} {meeting.body.name} {day}"
        of_this = [row for row in hidden if row.paragraph == one.pk]
        _promise(meeting, f"paragraph:{one.pk}", title, paragraph_source(one), of_this, actor)


def promise_missing_copies() -> None:
    """Promise each masked copy that nobody has promised yet: of what was marked or attested before
    this was done by itself.
    """
    for association in Association.objects.all():
        _promise_for(association, hidden_paragraphs(association), None)


@when_marked
def _copies_of_marked(case: Case, actor: User) -> None:
    """The minutes that tell of a case get other copies when it is marked, or the mark is lifted."""
    tells = Q()
    for way in CASES:
        tells |= Q(**{way: case})
    told = set(Paragraph.objects.filter(tells).values_list("minutes", flat=True))
    hidden = hidden_paragraphs(case.association, minutes__in=told)
    _promise_for(case.association, hidden, actor)


def _promise_for(association: Association, hidden: list[Hidden], actor: User | None) -> None:
    rows = Minutes.objects.filter(pk__in={one.minutes for one in hidden}).select_related(
        "meeting__association", "meeting__body", "meeting__case"
    )
    for minutes in rows.order_by("pk"):
        minutes.meeting.association = association
        promise_masked_copies(minutes, actor)


def _promise(
    meeting: Meeting,
    key: str,
    title: str,
    source: Mapping[str, Any],
    hidden: Iterable[Hidden],
    actor: User | None,
) -> None:
    promise_document(
        association=meeting.association,
        kind=KIND,
        key=copy_key(key),
        title=f"{title}, maskerad kopia",
        source=masked_source(source, hidden, meeting.association),
        case=meeting.case,
        requested_by=actor,
    )


def masked_source(
    source: Mapping[str, Any], hidden: Iterable[Hidden], association: Association
) -> dict[str, Any]:
    """The source of minutes, or of a § attested alone, without what the hidden § say.

    The names of the cases are masked wherever else they stand. The checksum of the content is
    left out: it is that of another text.
    """
    hidden = list(hidden)
    sections = {one.number: one.section for one in hidden}
    masks = [Mask(one.section, one.title) for one in hidden if one.title]

    def shown(one: dict[str, Any]) -> dict[str, Any]:
        number = one["number"]
        return _masked(number, sections[number]) if number in sections else one

    told = (
        {"paragraphs": [shown(one) for one in source["paragraphs"]]}
        if "paragraphs" in source
        else {"paragraph": shown(source["paragraph"])}
    )
    return {
        **source,
        **told,
        "content_hash": "",
        "masked": sorted(sections),
        "masks": [mask.as_source() for mask in masks],
        "notice": f"{which_are_masked(sections)} {masked_notice(association)}",
    }


def which_are_masked(numbers: Iterable[int]) -> str:
    """§ 5 är maskerad. / §§ 5 och 7 är maskerade."""
    said = [str(number) for number in sorted(set(numbers))]
    if len(said) == 1:
        return f"§\u00a0{said[0]} hör till ett sekretessmarkerat ärende och är maskerad."
    return f"§§\u00a0{enumerate_words(said)} hör till sekretessmarkerade ärenden och är maskerade."


def _masked(number: int, section: str) -> dict[str, Any]:
    return {"number": number, "masked": Mask(section).label}


def _within(key: str) -> dict[str, Any]:
    """What a document of that key tells: all paragraphs of minutes, or one."""
    what, _, pk = key.partition(":")
    return {"pk": int(pk)} if what == "paragraph" else {"minutes": int(pk)}


@document_kind(KIND, label="Maskerad kopia")
def build_masked(source: dict[str, Any], _association: Association) -> Rendered:
    """Of whole minutes, or of one §."""
    name = "masked_minutes" if "paragraphs" in source else "masked_paragraph"
    return Rendered(render_document(f"documents/{name}.html", source))


@readable_by(KIND)
def readers(_visitor: Visitor, document: Document) -> bool:
    """Everyone, as long as no § has been marked since that the copy shows."""
    now = hidden_paragraphs(document.association, **_within(document.key.removeprefix(COPY_OF)))
    return covers(document, {one.number for one in now})
