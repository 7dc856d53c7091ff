"""The national follow-up: what is missing, registered once and locked, and the sheet of it all."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.freezing import make_version
from applications.models import Application, NationalEntry, VersionPurpose
from applications.national_follow_up import (
    COLUMNS,
    WARNING,
    efforts_to_register,
    mark_registered,
    national_sheet,
    rows_of,
    save_national,
)
from applications.reporting import accept_report
from finsam import clock
from finsam.errors import NotAllowed, NotPossible
from finsam.people.models import RoleKind, User
from finsam.registry.models import Event
from tests import factories as make
from tests.applications.test_reporting import application, handed_in, report
from tests.kept import kept

__all__ = ["application", "report"]
pytestmark = pytest.mark.django_db
BOTH = {"individual": ("Arbete", "IPS"), "structural": ("Samverkan", "Utbildning")}


@kept
def effort(application: Application, applicant: User) -> Application:
    """With its target group and its contact known."""
    content = application.versions.all()[0].content
    for section in content["sections"]:
        for question in section["questions"]:
            if question["type"] == "target_groups":
                question |= {"value": ["young"], "shown": {"form": "list", "items": ["Unga"]}}
    make_version(application, content, VersionPurpose.SUPPLEMENT, applicant)
    application.parties.filter(is_lead=True).update(contact_name="Kim", contact_email="kim@ekby.se")
    return application


def missing(effort: Application) -> list[list[str]]:
    found = efforts_to_register(effort.association).get(pk=effort.pk)
    return [row.missing for row in rows_of(found)]


def cells(effort: Application) -> list[dict[str, Any]]:
    book = openpyxl.load_workbook(io.BytesIO(national_sheet(effort.association)))
    first, headings, *rows = book.worksheets[0].iter_rows(values_only=True)
    assert first[0] == WARNING
    assert headings[: len(COLUMNS)] == COLUMNS
    return [dict(zip(COLUMNS, row, strict=False)) for row in rows]


def test_what_is_missing_is_named_until_it_is_whole(effort: Application, officer: User) -> None:
    (before,) = missing(effort)
    assert before[:3] == ["typ av insats", "inriktning", "metod"]
    with pytest.raises(NotPossible, match="metod"):
        mark_registered(application=effort, on=clock.today(), actor=officer)
    save_national(application=effort, said={"individual": ("Arbete", "")}, actor=officer)
    assert missing(effort)[0][0] == "metod"


def test_a_mixed_effort_is_two_and_registered_once(effort: Application, officer: User) -> None:
    for _ in range(2):
        save_national(application=effort, said=BOTH, actor=officer)
    assert Event.objects.filter(action="national_saved").count() == 1
    assert [row["Typ av insats"] for row in cells(effort)] == ["Individinsats", "Strukturinsats"]
    assert missing(effort) == [[], []]
    with pytest.raises(NotPossible, match="framtiden"):
        mark_registered(application=effort, on=clock.today() + timedelta(days=1), actor=officer)
    for _ in range(2):
        mark_registered(application=effort, on=clock.today(), actor=officer)
    assert Event.objects.filter(action="national_registered").count() == 1
    assert save_national(application=effort, said=BOTH, actor=officer)
    for changed in ({"individual": ("Arbete", "Annat")}, {**BOTH, "individual": ("Ny", "IPS")}):
        with pytest.raises(NotPossible, match="kan inte ändras"):
            save_national(application=effort, said=changed, actor=officer)
    assert {row.direction for row in NationalEntry.objects.all()} == {"Arbete", "Samverkan"}


def test_the_database_refuses_a_registration_with_holes(effort: Application, officer: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        NationalEntry.objects.create(
            application=effort, type="individual", registered_on=clock.today()
        )


def test_only_the_office_writes(effort: Application, applicant: User) -> None:
    with pytest.raises(NotAllowed):
        save_national(application=effort, said=BOTH, actor=applicant)
    with pytest.raises(NotAllowed):
        mark_registered(application=effort, on=clock.today(), actor=applicant)


def test_the_sheet_has_days_kronor_and_counts_and_texts_that_stay_texts(
    effort: Application, report: Any, applicant: User, officer: User
) -> None:
    sent = handed_in(report, applicant)
    accept_report(report=sent, seen_hash=sent.sha256, actor=officer)
    save_national(application=effort, said={"individual": ("=1+1", "@SUM(A1)")}, actor=officer)
    Application.objects.filter(pk=effort.pk).update(title="=HYPERLINK(0)")
    book = openpyxl.load_workbook(io.BytesIO(national_sheet(effort.association)))
    (row,) = cells(effort)
    assert (row["Beviljat belopp, kr"], row["Kvinnor"], row["Män"]) == (500_000, 33, 37)
    assert row["Annat eller vill inte uppge"] == "färre än 5"
    assert (row["Kontakt"], row["Huvudman"]) == ("Kim", "Ekby kommun")
    assert (row["Målgrupp"], row["Saknas"]) == ("Unga", None)
    assert (row["Startdatum"].year, row["Slutdatum"].month) == (2024, 12)
    dangerous = [cell for cell in book.worksheets[0][3] if str(cell.value).startswith(("=", "@"))]
    assert [(cell.data_type, cell.quotePrefix) for cell in dangerous] == [("s", True)] * 3


@pytest.mark.anywhere
def test_the_pages_save_refuse_register_and_are_not_for_others(
    client: Client, effort: Application, applicant: User, officer: User
) -> None:
    names = [effort.association.slug]
    every = reverse("applications:national", args=names)
    page = reverse("applications:national_effort", args=[*names, effort.public_id])
    client.force_login(officer)
    text = client.get(every).content.decode()
    assert "registreras som två" in text
    assert page in text
    said = {"gor": "spara", "ar-individual": "on", "direction-individual": "Arbete"}
    assert client.post(page, {**said, "method-individual": "IPS"}).status_code == 302
    refused = client.post(page, {"gor": "registrera", "on": "i går"})
    assert refused.status_code == 422
    sheet = client.get(reverse("applications:national_sheet", args=names))
    assert sheet.headers["Content-Type"].endswith("spreadsheetml.sheet")
    auditor = make.make_person(RoleKind.AUDITOR, effort.association)
    for who, expected in ((auditor, (200, 403)), (applicant, (403, 403))):
        client.force_login(who)
        assert (client.get(every).status_code, client.get(page).status_code) == expected


@pytest.mark.anywhere
def test_as_many_questions_however_many_registrations(
    client: Client, effort: Application, officer: User
) -> None:
    client.force_login(officer)
    every = reverse("applications:national", args=[effort.association.slug])
    counts = []
    for said in ({"individual": ("a", "b")}, BOTH):
        save_national(application=effort, said=said, actor=officer)
        with CaptureQueriesContext(connection) as captured:
            client.get(every)
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 15
