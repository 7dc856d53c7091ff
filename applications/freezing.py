"""The whole content of an application as one canonical snapshot, with its hash."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Max, QuerySet

from applications import answers
from applications.models import (
    Annex,
    Application,
    ApplicationVersion,
    VersionPurpose,
)
from applications.queries import sections_with_answers
from budgets.summary import summarise
from finsam import clock
from finsam.people.models import User
from finsam.registry.canonical import canonical, digest

FORMAT = 1
SHOWN = "shown"  # "how an answer is written out; made of the value, so no part of the hash"


def content_of(application: Application) -> dict[str, Any]:
    """Everything that is signed and submitted, readable without the database's other rows."""
    return content_as_read(_whole(application))


def content_as_read(application: Application) -> dict[str, Any]:
    """The same of an application that was just read with all that its pages show."""
    rows = application.budget.content()
    return canonical(  # type: ignore[no-any-return]
        {
            "format": FORMAT,
            "application": str(application.public_id),
            "title": application.title,
            "association": application.association.name,
            "programme": {
                "slug": application.round.programme.slug,
                "name": application.round.programme.name,
            },
            "round": {"slug": application.round.slug, "name": application.round.name},
            "template_version": application.template.version,
            "parties": [_party(party) for party in application.parties.all()],
            "sections": _sections(application),
            "budget": {"years": application.budget.years, "rows": rows.as_json()},
            "annexes": [_annex(annex) for annex in live_annexes(application)],
            "requested_amount": summarise(rows).requested,
        }
    )


def content_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 over the content alone, without how answers are written out."""
    return digest(_without_shown(content))


def make_version(
    application: Application, content: dict[str, Any], purpose: VersionPurpose, actor: User
) -> ApplicationVersion:
    """Keep a snapshot as the next version; inside the caller's transaction, application locked."""
    highest = application.versions.aggregate(highest=Max("number"))["highest"]
    return ApplicationVersion.objects.create(
        application=application,
        number=(highest or 0) + 1,
        purpose=purpose,
        content=content,
        content_hash=content_hash(content),
        requested_amount=content["requested_amount"],
        created_at=clock.now(),
        created_by=actor,
    )


def latest_received(application: Application) -> ApplicationVersion | None:
    """The version that the office reads: the submission, or the last completion of it.

    Read together for many applications by a prefetch of `received_versions` to `received`.
    """
    known: list[ApplicationVersion] | None = getattr(application, "received", None)
    if known is not None:
        return known[0] if known else None
    return received_versions().filter(application=application).first()


def keep_received(application: Application) -> ApplicationVersion | None:
    """The same, kept with the application for a page where several ask for it; not for acts."""
    found = latest_received(application)
    vars(application)["received"] = [found] if found else []
    return found


def received_versions() -> QuerySet[ApplicationVersion]:
    """The versions that the office has received, the latest first."""
    received = (VersionPurpose.SUBMISSION, VersionPurpose.SUPPLEMENT)
    return ApplicationVersion.objects.filter(purpose__in=received).order_by("-number")


def live_annexes(application: Application) -> list[Annex]:
    """The annexes that have not been taken away."""
    rows = application.annexes.filter(removed_at=None)
    return list(rows.select_related("upload__file", "added_by").order_by("added_at", "pk"))


def _whole(application: Application) -> Application:
    found: Application = (
        Application.objects.select_related(
            "association", "round__programme", "template", "budget", "lot", "case"
        )
        .prefetch_related("parties__member", "association__members")
        .get(pk=application.pk)
    )
    return found


def _party(party: Any) -> dict[str, Any]:
    return {
        "name": party.name,
        "kind": party.kind,
        "organisation_number": party.member.organisation_number if party.member else "",
        "is_lead": party.is_lead,
        "unit": party.unit,
        "contact_name": party.contact_name,
        "contact_email": party.contact_email,
    }


def _sections(application: Application) -> list[dict[str, Any]]:
    context = answers.context_of(application)
    sections = sections_with_answers(application)
    return [
        {
            "key": section.key,
            "heading": section.heading,
            "kind": section.kind,
            "questions": [
                {
                    "key": question.key,
                    "heading": answers.heading_of(question),
                    "prompt": question.prompt,
                    "type": question.type,
                    "value": question.answer,
                    SHOWN: answers.display(question, question.answer, context),
                }
                for question in section.questions.all()
            ],
        }
        for section in sections
    ]


def _annex(annex: Annex) -> dict[str, Any]:
    file = annex.upload.file
    return {
        "title": annex.title,
        "name": file.name,
        "size": file.size,
        "sha256": file.sha256,
        "type": file.content_type,
    }


def _without_shown(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_shown(part) for key, part in value.items() if key != SHOWN}
    if isinstance(value, list):
        return [_without_shown(part) for part in value]
    return value
