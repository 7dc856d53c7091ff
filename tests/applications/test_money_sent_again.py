"""D-01 and D-02: the forms of a budget, its workbook, its revision and its round, sent again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from applications.models import Application
from applications.round_frames import year_of
from boards.models import Outcome
from budgets.models import Frame, GrantLine, Pool, RevisedBudget, WorkbookImport
from finsam.associations.models import Association, Member
from finsam.people.models import User
from tests import factories as make
from tests.applications.test_budget_imports import exported, upload
from tests.applications.test_pages import place
from tests.budgets.conftest import divided_year
from tests.budgets.samples import with_cells
from tests.budgets.test_sent_again import Desk, answer_of, everything

SignIn = Callable[[User], Client]


@pytest.fixture
def desk(sign_in: SignIn) -> Desk:
    return Desk(sign_in)


def test_D01_D02_each_act_on_a_revised_budget_is_done_once(
    desk: Desk, association: Association, member: Member, applicant: User, officer: User,
    director: User,
) -> None:  # fmt: skip
    frame = make.make_frame(association, amount=1_000_000)
    received = make.make_received(make.make_round(association, frame=frame), member, applicant)
    application = make.make_decided_and_told(
        received, director, outcome=Outcome.PARTLY_GRANTED, amount=400_000
    )
    where = [association.slug, application.public_id]
    own = reverse("applications:revised_budget", args=where)
    office = reverse("applications:office_revised_budget", args=where)
    desk.thrice(applicant, own, {"gor": "borja"})
    begun = RevisedBudget.objects.get()
    said = {f"post-{at}": str(row["amount"]) for at, row in enumerate(begun.rows)}
    said |= {
        "post-0": str(begun.rows[0]["amount"] - 1_000),
        "post-1": str(begun.rows[1]["amount"] + 1_000),
        "note": "Mindre lokaler.", "revision": str(begun.revision),
    }  # fmt: skip
    desk.thrice(applicant, own, {**said, "gor": "spara"})
    desk.thrice(applicant, own, {**said, "gor": "lamna"})

    before = everything()
    for other in ({"post-0": "1"}, {"note": "Annat."}):
        refused = desk.clients[applicant.pk].post(own, {**said, **other, "gor": "spara"})
        assert refused.status_code == 409
        assert "är inlämnad och ändras inte längre" in refused.content.decode()
    assert everything() == before

    desk.thrice(officer, office, {"gor": "ater", "message": "Vad gör resorna?"})
    said["revision"] = str(RevisedBudget.objects.get().revision)
    desk.thrice(applicant, own, {**said, "note": "Färre resor.", "gor": "lamna"})
    filed = RevisedBudget.objects.get()
    desk.thrice(officer, office, {"gor": "godkann", "sett": filed.sha256})
    assert sum(GrantLine.objects.values_list("amount", flat=True)) == 400_000
    late = desk.clients[applicant.pk].post(own, {**said, "note": "Färre resor.", "gor": "lamna"})
    assert answer_of(late) == (302, own), "the answer to a late retry is that of the first"


def test_D01_a_workbook_is_sent_and_taken_or_left_once(
    desk: Desk, complete: Application, applicant: User
) -> None:
    page = place("budget", complete)
    party = complete.parties.get(is_lead=True)
    desk.thrice(applicant, page, {"del": party.pk, "klar": "ja"})
    client = desk.clients[applicant.pk]
    data = with_cells({"Kostnader!B5": "Ny lokal", "Kostnader!F5": "Trång"}, exported(complete))
    there = {upload(client, complete, data).url for _ in range(3)}
    assert (len(there), WorkbookImport.objects.count()) == (1, 1)
    [address] = there
    complete.budget.refresh_from_db()
    taken = {"gor": "ta", "andring": ["Kostnader!B5"], "version": complete.budget.version}
    desk.thrice(applicant, address, taken)
    assert WorkbookImport.objects.get().taken_count == 1
    other = client.post(address, {**taken, "andring": ["Kostnader!B5", "Kostnader!F5"]})
    assert (other.status_code, "redan avslutad" in other.content.decode()) == (409, True)
    left = upload(client, complete, data).url
    assert left != address, "what has been taken does not wait"
    desk.thrice(applicant, left, {"gor": "lamna"})


def test_D01_D02_a_round_gets_its_frame_once(
    desk: Desk, association: Association, director: User
) -> None:
    round_ = make.make_round(association)
    year = year_of(round_)
    pool: Pool = divided_year(association, year, director)["efforts"]
    page = reverse("applications:round_frame", args=[association.slug, round_.slug])
    new = {"gor": "ny", "name": "Ny ram", f"source-{pool.account_id}": "900 000"}
    desk.thrice(director, page, new)
    frame = Frame.objects.get(name="Ny ram")
    round_.refresh_from_db()
    assert (round_.frame_id, frame.amount) == (frame.pk, 900_000)
    before, client = everything(), desk.clients[director.pk]
    assert answer_of(client.post(page, {"ram": frame.pk})) == (302, page)
    refused = client.post(page, {"ram": frame.pk + 1})
    assert "Omgången har redan en ram" in refused.content.decode()
    assert (refused.status_code, everything()) == (422, before)
