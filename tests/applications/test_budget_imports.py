"""Workbooks sent in for a budget: kept, shown cell by cell, taken or left; sheets of one's own."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from applications.budget_imports import look_at, receive_workbook, take_differences
from applications.budgeting import budget_context, save_budget
from applications.models import Application
from budgets.models import ImportKind, ImportState, WorkbookImport
from budgets.summary import summarise
from budgets.workbook import export_workbook
from budgets.workbook_write import write_workbook
from finsam.documents.models import Upload
from finsam.people.models import User
from finsam.registry.models import Event
from tests.applications.test_pages import place
from tests.budgets.own_samples import workbook_of
from tests.budgets.samples import opened, saved
from tests.factories import png, reread
from tests.kept import kept

pytestmark = pytest.mark.anywhere


def exported(application: Application) -> bytes:
    found = reread(application)
    return export_workbook(found.budget, budget_context(found))


def with_cells(data: bytes, cells: dict[str, Any]) -> bytes:
    book = opened(data)
    for where, value in cells.items():
        sheet, _, cell = where.partition("!")
        book[sheet][cell] = value
    return saved(book)


def sent(application: Application, data: bytes, actor: User) -> WorkbookImport:
    file = SimpleUploadedFile("budget.xlsx", data)
    return receive_workbook(application=reread(application), file=file, actor=actor)


def upload(client: Client, application: Application, data: bytes, name: str = "b.xlsx") -> Any:
    return client.post(place("budget", application), {"file": SimpleUploadedFile(name, data)})


# --- the portal's own workbook ----------------------------------------------------------------


def test_an_export_sent_back_unchanged_has_no_differences(complete, applicant, sign_in):
    client = sign_in(applicant)
    before = reread(complete).budget.content()

    answer = upload(client, complete, client.get(place("budget_workbook", complete)).content)
    page = client.get(answer.url)

    kept = WorkbookImport.objects.get()
    assert (kept.kind, kept.state) == (ImportKind.TEMPLATE, ImportState.OPEN)
    assert kept.base_version == reread(complete).budget.version
    assert page.context["differences"] == []
    assert "samma innehåll" in page.content.decode()
    assert reread(complete).budget.content() == before


def test_only_the_edited_cell_is_a_difference_and_it_is_taken(complete, applicant, sign_in):
    client = sign_in(applicant)
    before = reread(complete).budget.content()
    data = with_cells(exported(complete), {"Kostnader!B5": "Ny lokal"})

    answer = upload(client, complete, data)
    page = client.get(answer.url)
    (difference,) = page.context["differences"]

    assert (difference.key, difference.edited, difference.clash) == ("Kostnader!B5", True, False)
    assert reread(complete).budget.content() == before
    taken = client.post(
        answer.url, {"gor": "ta", "andring": "Kostnader!B5", "version": page.context["version"]}
    )
    assert taken.url == place("budget", complete)
    first = replace(before.costs[0], description="Ny lokal")
    assert reread(complete).budget.content() == replace(before, costs=(first, *before.costs[1:]))
    kept = WorkbookImport.objects.get()
    assert (kept.state, kept.taken_count) == (ImportState.TAKEN, 1)
    assert Event.objects.filter(action="budget_import_taken").count() == 1


def test_a_difference_that_is_left_stays_as_it_is(complete, applicant):
    before = reread(complete).budget.content()
    data = with_cells(exported(complete), {"Kostnader!B5": "Ny", "Kostnader!F5": "En not"})
    kept = sent(complete, data, applicant)

    count = take_differences(
        application=reread(complete),
        sent=kept,
        keys=["Kostnader!F5"],
        expected_version=reread(complete).budget.version,
        actor=applicant,
    )

    first = reread(complete).budget.content().costs[0]
    assert (count, first) == (1, replace(before.costs[0], note="En not"))


def test_what_was_changed_in_the_portal_since_the_export_is_not_undone(complete, applicant):
    """Three ways: the export, the workbook, and the budget as it is now."""
    data = with_cells(exported(complete), {"Kostnader!B5": "I arbetsboken"})
    content = reread(complete).budget.content()
    moved = replace(content.costs[0], note="I portalen", description="Också i portalen")
    save_budget(
        application=reread(complete),
        content=replace(content, costs=(moved, *content.costs[1:])),
        expected_version=reread(complete).budget.version,
        actor=applicant,
    )

    look = look_at(reread(complete), sent(complete, data, applicant))

    assert [(each.key, each.edited, each.clash, each.is_proposed) for each in look.differences] == [
        ("Kostnader!B5", True, True, False),
        ("Kostnader!F5", False, False, False),
    ]


def test_a_row_added_and_a_row_removed_are_one_difference_each(complete, applicant):
    empty = dict.fromkeys([f"Kostnader!{column}5" for column in "ABCDEF"])
    new = {"Kostnader!A9": "Resor", "Kostnader!B9": "Tåg", "Kostnader!E9": 900}
    data = with_cells(exported(complete), empty | new)

    look = look_at(reread(complete), sent(complete, data, applicant))

    assert [(each.key, str(each.kind)) for each in look.differences] == [
        ("Kostnader!5", "removed"),
        ("Kostnader!9", "added"),
    ]
    assert look.differences[1].after == "Resor · Tåg · 900\xa0kr"


def test_a_workbook_that_cannot_be_read_through_changes_nothing_and_is_marked(
    complete, applicant, sign_in
):
    client = sign_in(applicant)
    before = reread(complete).budget.content()
    data = with_cells(exported(complete), {"Kostnader!E5": "90.000", "Kostnader!B5": "Busskort"})

    answer = upload(client, complete, data)
    page = client.get(answer.url)
    assert "kan inte läsas in som den är" in page.content.decode()
    refused = client.post(answer.url, {"gor": "ta", "andring": "Kostnader!B5", "version": "2"})
    assert refused.status_code == 409
    assert reread(complete).budget.content() == before

    kept = WorkbookImport.objects.get()
    copy = client.get(place("marked_workbook", complete, kept.pk))
    book = openpyxl.load_workbook(BytesIO(copy.content))
    assert book.sheetnames[0] == "Fynd"
    assert "90 000 kr eller 90 kr" in book["Kostnader"]["E5"].comment.text.replace("\xa0", " ")
    assert book["Kostnader"]["E5"].fill.fgColor.rgb == "00F6C7C3"
    rows = [[cell.value for cell in row] for row in book["Fynd"].iter_rows(min_row=4)]
    assert ["Kostnader", "E5", "Måste rättas"] in [row[:3] for row in rows]
    listed = book["Fynd"]
    assert kept.upload.reference in listed["A1"].value
    assert (listed.page_setup.fitToWidth, listed.sheet_properties.pageSetUpPr.fitToPage) == (
        1,
        True,
    )
    for row, (*_, message) in enumerate(rows, start=4):
        assert listed.row_dimensions[row].height >= 15 * -(-len(message) // 90), message


def test_U10_the_original_is_kept_byte_for_byte(complete, applicant, sign_in):
    data = with_cells(exported(complete), {"Kostnader!E5": "90.000"})
    kept = sent(complete, data, applicant)

    answer = sign_in(applicant).get(place("original_workbook", complete, kept.pk))

    assert b"".join(answer.streaming_content) == data
    assert answer["Content-Disposition"].startswith("attachment")


def test_a_file_that_is_refused_is_kept_and_its_id_is_shown(complete, applicant, sign_in):
    client = sign_in(applicant)
    before = reread(complete).budget.content()

    answer = upload(client, complete, png("budget.xlsx").read())

    kept = WorkbookImport.objects.get()
    assert answer.status_code == 422
    assert kept.state == ImportState.REFUSED
    assert kept.upload.reference in answer.content.decode()
    assert kept.upload.reference in client.get(place("budget", complete)).content.decode()
    assert kept.upload.message in client.get(
        place("sent_workbook", complete, kept.pk)
    ).content.decode().replace("&#x27;", "'")
    assert client.get(place("original_workbook", complete, kept.pk)).status_code == 404
    assert reread(complete).budget.content() == before


def test_O01_a_budget_changed_meanwhile_is_not_overwritten(complete, applicant, sign_in):
    client = sign_in(applicant)
    data = with_cells(exported(complete), {"Kostnader!B5": "Ny lokal"})
    answer = upload(client, complete, data)
    content = reread(complete).budget.content()
    save_budget(
        application=reread(complete),
        content=replace(content, costs=(replace(content.costs[0], note="x"), *content.costs[1:])),
        expected_version=reread(complete).budget.version,
        actor=applicant,
    )

    stale = client.post(
        answer.url,
        {"gor": "ta", "andring": "Kostnader!B5", "version": reread(complete).budget.version - 1},
    )

    assert stale.status_code == 409
    assert "Nedan står skillnaderna" in stale.content.decode()
    assert reread(complete).budget.content().costs[0].description != "Ny lokal"


def test_a_workbook_that_is_left_stays_in_the_list(complete, applicant, sign_in):
    client = sign_in(applicant)
    answer = upload(client, complete, exported(complete))

    client.post(answer.url, {"gor": "lamna"})

    assert WorkbookImport.objects.get().state == ImportState.LEFT
    assert "Inte inläst" in client.get(place("budget", complete)).content.decode()
    assert Upload.objects.filter(purpose="budget").count() == 1


def test_another_budgets_stamp_says_nothing_here(complete, applicant):
    found = reread(complete)
    data = write_workbook(found.budget.content(), budget_context(found), "999999.1")

    assert sent(complete, data, applicant).base_version is None


# --- a sheet of the applicants' own -----------------------------------------------------------


@kept
def own(complete: Application, applicant: User) -> WorkbookImport:
    return sent(complete, workbook_of("2024-03"), applicant)


def test_a_sheet_of_ones_own_is_shown_as_it_is_understood(own, complete, applicant, sign_in):
    page = sign_in(applicant).get(place("sent_workbook", complete, own.pk)).content.decode()

    assert own.kind == ImportKind.OWN
    assert "Så tolkar vi ert kalkylark" in page
    assert "Arkets summa är fel" in page
    assert "är text och räknas inte av SUMMA" in page
    assert "”Kommunen” tolkas som Ekby kommun" in page


def test_what_is_open_must_be_chosen_before_it_is_confirmed(own, complete, applicant, sign_in):
    """The sheet's own municipality is no party here: its cash is nobody's until one says whose."""
    client = sign_in(applicant)
    url = place("sent_workbook", complete, own.pk)

    refused = client.post(url, {"gor": "bekrafta"})
    assert refused.status_code == 422
    assert "Välj först det som står öppet" in refused.content.decode()

    open_cells = [item.cell for item in look_at(reread(complete), own).own.open_items]
    parties = {f"part-1-{cell}": "Ekby kommun" for cell in open_cells}
    client.post(url, {"gor": "bekrafta"} | parties)
    own.refresh_from_db()
    assert own.confirmed_at is not None
    page = client.get(url)
    taken = client.post(
        url,
        {
            "gor": "ta",
            "andring": [each.key for each in page.context["differences"]],
            "version": page.context["version"],
        },
    )

    assert taken.status_code == 302
    summary = summarise(reread(complete).budget.content())
    assert (summary.total_cost, summary.requested) == (2_175_000, 1_950_000)


def test_choices_are_kept_and_reckoned_with(own, complete, applicant, sign_in):
    client = sign_in(applicant)
    url = place("sent_workbook", complete, own.pk)

    client.post(url, {"gor": "spara-val", "vad-1-D16": "skip", "belopp-1-D6": "165"})

    own.refresh_from_db()
    assert own.choices["uses"] == {"Blad1!D16": "skip"}
    assert own.choices["amounts"] == {"Blad1!D6": 165}
    look = look_at(reread(complete), own)
    # The employment service is no party of this application: its row stays open.
    assert [item.amount for item in look.own.open_items if item.cell == "D6"] == [165]
    assert look.check.summary.total_cost == 2_175_000 - 24_500 - 165_000


def test_the_marked_copy_of_ones_own_sheet_shows_the_wrong_sum(own, complete, applicant, sign_in):
    copy = sign_in(applicant).get(place("marked_workbook", complete, own.pk))

    book = openpyxl.load_workbook(BytesIO(copy.content))
    assert "90 000 kr för låg" in book["Blad1"]["D19"].comment.text.replace("\xa0", " ")


def test_the_understanding_is_opened_again(own, complete, applicant, sign_in):
    client = sign_in(applicant)
    url = place("sent_workbook", complete, own.pk)
    cells = [item.cell for item in look_at(reread(complete), own).own.open_items]
    client.post(url, {"gor": "bekrafta"} | {f"part-1-{cell}": "Ekby kommun" for cell in cells})

    client.post(url, {"gor": "andra-tolkning"})

    assert "Så tolkar vi" in client.get(url).content.decode()
    assert WorkbookImport.objects.get().choices["parties"]
