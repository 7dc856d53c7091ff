"""Published grants as open data in the 360Giving standard, once a decision has legal force."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Prefetch

from applications.freezing import received_versions
from applications.models import ApplicationParty
from applications.report_plan import effort_period
from boards.announcements import legal_force_of
from boards.models import BodyKind, Notice, Outcome, Paragraph
from boards.open_data_schema import faults_of
from finsam import clock
from finsam.associations.models import Association

LICENCE = "https://creativecommons.org/publicdomain/zero/1.0/"
GRANTED = (Outcome.GRANTED, Outcome.PARTLY_GRANTED)
COLUMNS = (
    "Identifier", "Title", "Description", "Currency", "Amount Awarded", "Award Date",
    "Recipient Org:Identifier", "Recipient Org:Name", "Funding Org:Identifier",
    "Funding Org:Name", "Planned Dates:Start Date", "Planned Dates:End Date",
    "Grant Programme:Title", "Last modified",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝")


def open_grants(association: Association) -> list[dict[str, Any]]:
    """Every grant whose decision has legal force today (KL 13:5), oldest first.

    Only organisations are named, never persons, and no case that is marked as secret. A constant
    number of queries.
    """
    today = clock.today()
    grants = []
    for paragraph in _paragraphs(association):
        day = legal_force_of(_notices_of(paragraph))
        if day is not None and day <= today:
            grants.append(_grant(association, paragraph, day))
    return grants


def open_data(association: Association) -> dict[str, Any]:
    """The whole package, valid by its schema. Raises ValueError if it were not."""
    package = {
        "license": LICENCE,
        "publisher": {"name": association.name, "org_id": _organisation_id(association)},
        "grants": open_grants(association),
    }
    faults = faults_of(package)
    if faults:
        raise ValueError(f"Open data against their schema: {faults[0]}")
    return package


def as_json(association: Association) -> bytes:
    return json.dumps(open_data(association), ensure_ascii=False, indent=1).encode() + b"\n"


def as_csv(association: Association) -> bytes:
    """The same as a table in UTF-8; no cell can be taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for grant in open_data(association)["grants"]:
        writer.writerow([_safe(value) for value in _row(grant)])
    return out.getvalue().encode("utf-8-sig")


def _paragraphs(association: Association) -> Iterator[Paragraph]:
    parties = ApplicationParty.objects.select_related("member")
    rows = (
        Paragraph.objects.filter(
            minutes__meeting__association=association,
            minutes__meeting__body__kind=BodyKind.BOARD,
            is_frozen=True,
            item__decision__outcome__in=GRANTED,
            item__application__isnull=False,
            item__application__case__secrecy_section="",
        )
        .select_related(
            "minutes__meeting", "item__decision__grant", "item__application__case",
            "item__application__round__programme",
        )
        .prefetch_related(
            Prefetch("item__application__parties", queryset=parties),
            Prefetch("item__application__versions", received_versions(), to_attr="received"),
            Prefetch("minutes__notices", queryset=Notice.objects.order_by("pk")),
        )
        .order_by("minutes__meeting__starts_at", "number")
    )  # fmt: skip
    yield from rows


def _notices_of(paragraph: Paragraph) -> list[Notice]:
    """The postings of the paragraph itself, or of the minutes that it stands in."""
    own = paragraph.pk if paragraph.attested_at else None
    return [notice for notice in paragraph.minutes.notices.all() if notice.paragraph_id == own]


def _grant(association: Association, paragraph: Paragraph, force: date) -> dict[str, Any]:
    application, decision = paragraph.item.treated_application, paragraph.item.decision
    parties = list(application.parties.all())
    lead = next(party for party in parties if party.is_lead)
    others = [party.name for party in parties if not party.is_lead]
    together = f" tillsammans med {', '.join(others)}" if others else ""
    round_ = application.round
    grant: dict[str, Any] = {
        "id": f"360G-{association.slug}-{application.registered_case.number}".replace(
            " ", "-"
        ).replace("/", "-"),
        "title": application.title,
        "description": f"{application.title}. {lead.name}{together}. "
        f"Beslut § {paragraph.number}, diarienummer {application.registered_case.number}.",
        "currency": "SEK",
        "amountAwarded": decision.amount,
        "awardDate": clock.stockholm(paragraph.minutes.meeting.starts_at).date().isoformat(),
        "recipientOrganization": [_organisation(association, lead)],
        "fundingOrganization": [{"id": _organisation_id(association), "name": association.name}],
        "grantProgramme": [{"title": round_.programme.name, "code": round_.programme.slug}],
        "dateModified": force.isoformat(),
        "dataSource": f"{settings.SITE_URL}/{association.slug}/oppna-data/",
    }
    if period := effort_period(application):
        first, last = (day.isoformat() for day in period)
        grant["plannedDates"] = [{"startDate": first, "endDate": last}]
    return grant


def _organisation(association: Association, party: ApplicationParty) -> dict[str, str]:
    number = party.member.organisation_number if party.member else ""
    known = f"SE-ON-{number.replace('-', '')}" if number else ""
    own = party.member.slug if party.member else "extern"
    return {"id": known or f"360G-{association.slug}-{own}", "name": party.name}


def _organisation_id(association: Association) -> str:
    number = association.organisation_number.replace("-", "")
    return f"SE-ON-{number}" if number else f"360G-{association.slug}"


def _row(grant: dict[str, Any]) -> list[Any]:
    recipient, funder = grant["recipientOrganization"][0], grant["fundingOrganization"][0]
    planned = (grant.get("plannedDates") or [{}])[0]
    return [
        grant["id"], grant["title"], grant["description"], grant["currency"],
        grant["amountAwarded"], grant["awardDate"], recipient["id"], recipient["name"],
        funder["id"], funder["name"], planned.get("startDate", ""), planned.get("endDate", ""),
        grant["grantProgramme"][0]["title"], grant["dateModified"],
    ]  # fmt: skip


def _safe(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
