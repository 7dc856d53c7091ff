"""Minutes that hold a § of a case marked as secret: whole for the board, masked for everyone else.

The copy is made of a source that has never held what is masked (OSL 6:4, and 6:3 for the appeal).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from boards.document_sources import minutes_source
from boards.models import Minutes, MinutesState, Paragraph
from finsam import clock
from finsam.associations.models import Association
from finsam.documents.documents import Rendered, preview_source, render_document
from finsam.documents.models import Document, Preview
from finsam.documents.previews import ask_preview, preview_kind
from finsam.documents.release.appeals import masked_notice
from finsam.documents.release.masks import Mask
from finsam.people.access import Visitor
from finsam.people.models import RoleKind
from finsam.typography import date_long, enumerate_words

KIND = "masked_minutes"
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


def masked_copy(minutes: Minutes) -> Preview | None:
    """The masked copy, made or promised by now; None when the whole minutes are open to all.

    Of attested minutes alone. Raises ValueError of others.
    """
    if minutes.state != MinutesState.ATTESTED:
        raise ValueError("Only attested minutes are announced.")
    association = minutes.meeting.association
    hidden = hidden_paragraphs(association, minutes=minutes.pk)
    if not hidden:
        return None
    body, day = minutes.meeting.body.name, clock.stockholm(minutes.meeting.starts_at).date()
    title = f"Protokoll {body} {date_long(day)}"
    source = preview_source(
        association=association,
        kind="minutes",
        title=title,
        source=masked_source(minutes_source(minutes), hidden, association),
    )
    source["document"] |= {"kind_label": "Maskerad kopia", "is_preview": False}
    return ask_preview(
        association=association,
        kind=KIND,
        key=f"minutes:{minutes.pk}",
        name=f"{title}, maskerad kopia.pdf",
        back=reverse("boards:notice_board", args=[association.slug]),
        source=source,
        requested_by=None,
    )


def masked_source(
    source: Mapping[str, Any], hidden: Iterable[Hidden], association: Association
) -> dict[str, Any]:
    """The source of the minutes without what the hidden § say.

    The names of the cases are masked wherever else they stand. The checksum of the content is
    left out: it is that of another text.
    """
    hidden = list(hidden)
    sections = {one.number: one.section for one in hidden}
    masks = [Mask(one.section, one.title) for one in hidden if one.title]
    return {
        **source,
        "paragraphs": [
            _masked(one["number"], sections[one["number"]]) if one["number"] in sections else one
            for one in source["paragraphs"]
        ],
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


def _build(source: dict[str, Any], _association: Association) -> Rendered:
    return Rendered(render_document("documents/masked_minutes.html", source))


def _may_see(_visitor: Visitor, preview: Preview) -> bool:
    """Everyone, as long as no § has been marked since that the copy shows."""
    now = hidden_paragraphs(preview.association, **_within(preview.key))
    return {one.number for one in now} <= set(preview.source["masked"])


preview_kind(
    KIND,
    title="Protokoll, maskerad kopia",
    origin="Anslagstavla",
    build=_build,
    may_see=_may_see,
)
