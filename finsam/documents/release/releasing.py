"""Deciding on a request for a document: hand it out, hand out a masked copy, or refuse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.urls import reverse

from finsam import typography
from finsam.associations.models import Association
from finsam.documents.archive_content import case_files
from finsam.documents.documents import Rendered, document_kind, promise_document, render_document
from finsam.documents.models import Document, Outcome, Preview, Release, StoredFile
from finsam.documents.previews import ask_preview, is_made
from finsam.documents.release.appeals import how_to_appeal, masked_notice
from finsam.documents.release.copy import KIND, look_source
from finsam.documents.release.masks import Mask, shows
from finsam.documents.release.pages import texts_of
from finsam.documents.storage import open_file
from finsam.errors import DomainError, NotAllowed, NotPossible
from finsam.jobs.models import Job
from finsam.people.access import visitor_for
from finsam.people.models import User
from finsam.registry.events import record_event
from finsam.registry.models import Case, Direction, Record
from finsam.registry.register import register_record

REFUSAL_KIND = "release_refusal"


@dataclass(frozen=True)
class Original:
    """A file of a case that may be asked for: one of the portal's documents, or what came in."""

    case: Case
    file: StoredFile
    title: str
    document: Document | None = None

    @property
    def reference(self) -> str:
        """What stands for it in addresses."""
        return self.document.short_id if self.document else f"fil-{self.file.pk}"

    @property
    def number(self) -> str:
        """Its number in the register, or the case's."""
        record = self.document.record if self.document else None
        return record.number if record else self.case.number

    @property
    def secrecy_section(self) -> str:
        """The section by which the record or the whole case is marked as secret, if it is."""
        record = self.document.record if self.document else None
        return (record.secrecy_section if record else "") or self.case.secrecy_section


@document_kind(REFUSAL_KIND, label="Beslut")
def build_refusal(source: dict[str, Any], association: Association) -> Rendered:
    return Rendered(render_document("documents/plain.html", source))


def originals_of(case: Case) -> list[Original]:
    """What a case holds that can be asked for, the oldest first; copies once released are not."""
    documents = (
        Document.objects.of_case(case)
        .with_files()
        .exclude(kind__in=(KIND, REFUSAL_KIND))
        .order_by("created_at", "pk")
    )
    own = [Original(case, found.pdf, str(found), found) for found in documents]
    return own + [Original(case, file.stored, file.title) for file in case_files(case)]


def mask_hits(original: Original, masks: Sequence[Mask]) -> list[tuple[Mask, list[int]]]:
    """On which pages the words of each mask stand. Raises NotReleasable."""
    texts = texts_of(open_file(original.file), original.file.name)
    return [
        (mask, [number for number, text in enumerate(texts, 1) if shows(text, mask)])
        for mask in masks
        if mask.words
    ]


def ask_look(original: Original, masks: Sequence[Mask], actor: User) -> Preview:
    """The masked copy to look at before it is issued: made in the background, or made by now."""
    case = original.case
    title = f"Maskerad kopia ur {original.number}"
    return ask_preview(
        association=case.association,
        kind=KIND,
        key=f"release:{case.pk}:{original.file.pk}",
        name=f"{title.replace('/', '-')}.pdf",
        back=reverse(
            "documents:release",
            args=[case.association.slug, case.year, case.running_number, original.reference],
        ),
        source=look_source(
            original=original.file, masks=masks, facts=_facts(original, masks), title=title
        ),
        requested_by=actor,
    )


def release_copy(
    *, case: Case, original: Original, masks: Sequence[Mask], key: str, actor: User
) -> Release:
    """Hand out a file: whole, or as a masked copy that is promised as a new document.

    Registers the decision (OSL 5:1) and writes the event `copy_released`; the same key gives the
    same decision. A masked copy must have been made to be looked at before (`ask_look`). Raises
    NotAllowed, NotReleasable, and NotPossible when it has not, when nothing of the masks' words is
    there or what is marked as secret would go out whole.
    """
    if masks:
        _check_something_is_hidden(original, masks)
        _check_can_be_looked_at(ask_look(original, masks, actor))
    elif original.secrecy_section:
        raise NotPossible(
            "marked_secret",
            f"Handlingen är sekretessmarkerad ({original.secrecy_section}). Maskera det som är "
            "hemligt, avslå begäran eller häv markeringen först.",
        )
    sections = _sections(masks)
    whole = f"Kopia av {original.number} lämnades ut"
    subject = f"{whole}, delvis maskerad ({sections})" if masks else whole
    with transaction.atomic():
        known = _known(case, key, actor)
        if known is not None:
            return known
        record = _registered(case, subject, actor)
        job = _copy_promised(case, original, masks, key, record, actor) if masks else None
        outcome = Outcome.MASKED if masks else Outcome.WHOLE
        return _decided(original, outcome, sections, "", key, record, job, actor)


def refuse_release(
    *, case: Case, original: Original, section: str, reason: str, key: str, actor: User
) -> Release:
    """Decide not to hand out a file, with a decision in writing that says how to appeal.

    Registers it and writes the event `release_refused`; the same key gives the same decision.
    Raises NotAllowed, DomainError without section or reason.
    """
    if not section.strip():
        raise DomainError("section_missing", "Skriv vilken sekretessregel det gäller.", "section")
    if not reason.strip():
        raise DomainError("reason_missing", "Skriv varför handlingen inte lämnas ut.", "reason")
    with transaction.atomic():
        known = _known(case, key, actor)
        if known is not None:
            return known
        subject = f"Beslut att inte lämna ut {original.number} ({section})"
        record = _registered(case, subject, actor)
        job = promise_document(
            association=case.association,
            kind=REFUSAL_KIND,
            key=f"release:{case.pk}:{key}",
            title=f"Beslut att inte lämna ut en handling i {original.number}",
            source={
                "ingress": f"{case.association.name} lämnar inte ut handlingen.",
                "facts": [("Handling", original.number), ("Sekretess enligt", section)],
                "sections": [
                    {"heading": "Skäl för beslutet", "text": reason},
                    {"heading": "Om du vill överklaga", "text": how_to_appeal(case.association)},
                ],
                "signatures": [{"name": actor.name, "role": actor.title}],
            },
            case=case,
            record=record,
            requested_by=actor,
        )
        return _decided(original, Outcome.REFUSED, section, reason, key, record, job, actor)


def _check_something_is_hidden(original: Original, masks: Sequence[Mask]) -> None:
    if any(mask.page for mask in masks) or any(pages for _, pages in mask_hits(original, masks)):
        return
    raise NotPossible(
        "nothing_masked",
        "Inget av det som ska maskeras finns i den text som går att läsa. Maskera hela sidor om "
        "det står i en bild, eller lämna fälten tomma om hela handlingen ska lämnas ut.",
    )


def _check_can_be_looked_at(look: Preview) -> None:
    """Nothing is handed out that could not be made, or that nobody could have seen."""
    if is_made(look):
        return
    if look.has_failed and look.job is not None:
        raise NotPossible("copy_failed", look.job.error)
    raise NotPossible(
        "copy_not_made",
        "Kopian görs fortfarande. Titta igenom den när den är klar, och lämna ut den sedan.",
    )


def _known(case: Case, key: str, actor: User) -> Release | None:
    """The decision that this form has led to already; locks the case. Raises NotAllowed."""
    if not visitor_for(case.association, actor).is_office:
        raise NotAllowed("role_missing", "Bara kansliet lämnar ut handlingar.")
    Case.objects.select_for_update().get(pk=case.pk)
    found: Release | None = Release.objects.filter(case=case, key=key).first()
    return found


def _registered(case: Case, subject: str, actor: User) -> Record:
    return register_record(case=case, direction=Direction.OUT, subject=subject, actor=actor)


def _copy_promised(
    case: Case, original: Original, masks: Sequence[Mask], key: str, record: Record, actor: User
) -> Job:
    return promise_document(
        association=case.association,
        kind=KIND,
        key=f"release:{case.pk}:{key}",
        title=f"Maskerad kopia ur {original.number}",
        source={
            "file": original.file.pk,
            "masks": [mask.as_source() for mask in masks],
            **_facts(original, masks),
        },
        case=case,
        record=record,
        requested_by=actor,
    )


def _decided(
    original: Original,
    outcome: Outcome,
    sections: str,
    reason: str,
    key: str,
    record: Record,
    job: Job | None,
    actor: User,
) -> Release:
    release = Release.objects.create(
        case=original.case,
        file=original.file,
        document=original.document,
        key=key,
        outcome=outcome,
        sections=sections[:250],
        reason=reason,
        record=record,
        job=job,
        decided_by=actor,
    )
    record_event(
        association=original.case.association,
        actor=actor,
        action="release_refused" if outcome == Outcome.REFUSED else "copy_released",
        obj=release,
        case=original.case,
        payload={
            "number": original.number,
            "sha256": original.file.sha256,
            "outcome": str(outcome),
            "secrecy_section": sections,
        },
    )
    return release


def _facts(original: Original, masks: Sequence[Mask]) -> dict[str, Any]:
    """What the copy says of itself: nothing of the original's title, which may be secret too."""
    return {
        "facts": [("Original", original.number), ("Maskerat enligt", _sections(masks))],
        "notice": masked_notice(original.case.association),
    }


def _sections(masks: Sequence[Mask]) -> str:
    """Each section once: OSL 26:1 och OSL 21:1."""
    return typography.enumerate_words(list(dict.fromkeys(mask.section for mask in masks)))
