"""Promising documents: the source is frozen and the id printed on the document is given at once."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from finsam import clock
from finsam.associations.models import Association
from finsam.documents.kinds import (
    Rendered,
    also_readable_by,
    document_kind,
    kind_of,
    may_read,
    readable_by,
)
from finsam.documents.look import logo_key, look_of, template_key
from finsam.documents.models import Document, DocumentSeries
from finsam.documents.models.documents import CODE_LENGTH, in_fours
from finsam.documents.pdf import render_pdf
from finsam.documents.release.html import masked_html
from finsam.documents.release.masks import Mask, without_hidden
from finsam.jobs.models import Job
from finsam.jobs.promise import promise
from finsam.people.access import Visitor
from finsam.people.models import User
from finsam.registry.canonical import canonical, digest
from finsam.registry.models import Case, Direction, Record
from finsam.registry.register import register_record

__all__ = [
    "JOB_KIND",
    "Rendered",
    "also_readable_by",
    "document_for",
    "document_kind",
    "may_follow",
    "may_read",
    "preview_source",
    "promise_document",
    "readable_by",
    "render_document",
]

JOB_KIND = "document"
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def promise_document(
    *,
    association: Association,
    kind: str,
    key: str,
    title: str,
    source: Mapping[str, Any],
    case: Case | None,
    requested_by: User | None,
    register: Direction | None = None,
    correspondent: str = "",
    record: Record | None = None,
) -> Job:
    """Promise the next version of the document `key`, made in the background of `source` alone.

    `key` names the thing across versions and associations ("memo:<uuid>"). A source that is the
    same as last time gives back that job, so that no button makes two. `register` enters the
    document in the register of `case` at once and prints its number; a `record` that exists
    already can be given instead. Raises ValueError for a key that belongs to something else.
    """
    known = kind_of(kind)
    if register is not None and case is None:
        raise ValueError("A document can be registered only in a case.")
    frozen = canonical(source)
    with transaction.atomic():
        series = _locked_series(association, kind, key)
        made_of = digest([title, frozen, case.pk if case else None])
        if series.last_digest == made_of and series.last_job is not None:
            return series.last_job
        if register is not None and case is not None:
            record = register_record(
                case=case,
                direction=register,
                subject=title,
                correspondent=correspondent,
                actor=requested_by,
            )
        version = series.last_version + 1
        identity = _identity(association, known.label, title, version, case, record)
        job = promise(
            association=association,
            kind=JOB_KIND,
            key=f"{JOB_KIND}:{series.pk}:{version}",
            arguments={
                "series": series.pk,
                "kind": kind,
                "case": case.pk if case else None,
                "record": record.pk if record else None,
                "source": {**frozen, **identity},
            },
            subject=f"{known.label}: {title}" if case else known.label,
            requested_by=requested_by,
        )
        series.last_version, series.last_digest, series.last_job = version, made_of, job
        series.save(update_fields=["last_version", "last_digest", "last_job"])
    return job


def preview_source(
    *, association: Association, kind: str, title: str, source: Mapping[str, Any], number: str = ""
) -> dict[str, Any]:
    """The source as a builder wants it, for a look at a document that is not to be kept."""
    identity = _identity(association, kind_of(kind).label, title, 1, None, None)
    identity["document"] |= {"short_id": "", "check_code": "", "number": number, "is_preview": True}
    return {**canonical(source), **identity}


def identity_on_trial(association: Association, title: str) -> dict[str, Any]:
    """What every source holds of document and association, for a document that is none."""
    identity = _identity(association, "Prov", title, 1, None, None)
    identity["document"] |= {"number": f"{association.register_prefix} 0000/0", "is_preview": True}
    return identity


def document_for(key: str, *, version: int | None = None) -> Document | None:
    """The latest version of the document `key` (or the given one), if it has been made."""
    found = Document.objects.with_files().filter(key=key)
    if version is not None:
        found = found.filter(version=version)
    latest: Document | None = found.order_by("-version").first()
    return latest


def job_for(key: str) -> Job | None:
    """The job of the last promised version of the document `key`: where it has come to."""
    series = DocumentSeries.objects.filter(key=key).select_related("last_job").first()
    return series.last_job if series else None


def document_and_job(key: str) -> tuple[Document | None, Job | None]:
    """The latest version that is made of the document `key`, and the job of the last promised.

    One query, or two while a later version than the first is in the making.
    """
    of_job = "last_job__document__"
    series = (
        DocumentSeries.objects.filter(key=key)
        .select_related("last_job", f"{of_job}pdf", f"{of_job}docx", f"{of_job}association")
        .first()
    )
    if series is None or series.last_job is None:
        return None, None
    made: Document | None = getattr(series.last_job, "document", None)
    if made is None and series.last_version > 1:
        made = document_for(key)
    return made, series.last_job


def may_follow(visitor: Visitor, job: Job) -> bool:
    """Whether the visitor may see how far a document has come: who asked, and who may read it."""
    if visitor.is_office or (visitor.user is not None and job.requested_by_id == visitor.user.pk):
        return True
    series = DocumentSeries.objects.filter(pk=job.arguments["series"]).first()
    if series is None:
        return False
    awaited = Document(
        association=job.association,
        series=series,
        kind=series.kind,
        key=series.key,
        case_id=job.arguments["case"],
        record_id=job.arguments["record"],
        job=job,
    )
    return may_read(visitor, awaited)


def render_document(template: str, source: Mapping[str, Any], **more: Any) -> bytes:
    """The PDF of a template under templates/documents/ filled with a frozen source.

    `masks` in the source are what a copy that is handed out must not say.
    """
    document = source["document"]
    masks = [Mask(**facts) for facts in source.get("masks", ())]
    html = render_to_string(template, {**source, **more})
    return render_pdf(
        masked_html(html, masks) if masks else html,
        title=without_hidden(document["title"], masks) if masks else document["title"],
        author=source["association"]["name"],
        subject=" ".join(filter(None, [document["kind_label"], document["number"]])),
        created=datetime.fromisoformat(document["made_at"]),
    )


def _locked_series(association: Association, kind: str, key: str) -> DocumentSeries:
    """The row of the series, made when there is none, locked until the transaction ends."""
    DocumentSeries.objects.bulk_create(
        [DocumentSeries(association=association, kind=kind, key=key)], ignore_conflicts=True
    )
    series = DocumentSeries.objects.select_for_update(of=("self",)).get(key=key)
    if series.association_id != association.pk or series.kind != kind:
        raise ValueError(f"The document key {key!r} belongs to something else.")
    return series


def _identity(
    association: Association,
    label: str,
    title: str,
    version: int,
    case: Case | None,
    record: Record | None,
) -> dict[str, Any]:
    """What is printed on the document of itself and of its association, frozen with the source."""
    moment = clock.now()
    short_id, check_code = _new_code(), _new_code()
    number = record.number if record else case.number if case else ""
    return {
        "document": {
            "kind_label": label,
            "title": title,
            "version": version,
            "number": number,
            "made_at": moment.isoformat(),
            "date": clock.stockholm(moment).date().isoformat(),
            "short_id": short_id,
            "shown_id": in_fours(short_id),
            "check_code": check_code,
            "shown_code": in_fours(check_code),
            "verify_address": _verify_address(),
            "is_preview": False,
        },
        "association": {
            "name": association.name,
            "short_name": association.short_name,
            "initials": association.initials,
            "organisation_number": association.organisation_number,
            "email": association.email,
            "phone": association.phone,
            "address": association.address,
        },
        "look": look_of(association.colour, logo_key(association)),
        "word_template": template_key(association),
    }


def _new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def _verify_address() -> str:
    host: str = urlsplit(settings.SITE_URL).netloc
    return host + reverse("documents:verify")
