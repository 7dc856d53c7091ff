"""D-01 and D-02: each form of a year's economy and its frames that is sent again is done once."""

from __future__ import annotations

import json
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from budgets.models import Allocation, BaseFinancing, Contribution, Frame, Pool, Transfer
from budgets.verification import verify_ledger
from finsam.associations.models import Association
from finsam.people.models import User
from tests.budgets.test_base_financing import YEAR
from tests.budgets.test_sent_again import Desk, everything

SignIn = Callable[[User], Client]
# Tried here; the others in tests/budgets/test_sent_again.py.
HERE = {"plan", "payment", "divide", "base", "new_frame", "rules", "try", "propose"}
BESIDE = {
    "base_claims", "base_payment", "base_payments", "batch", "batches", "payment_request",
    "payment_step",
}  # fmt: skip


@pytest.fixture
def desk(sign_in: SignIn) -> Desk:
    return Desk(sign_in)


def test_D01_every_address_of_money_that_takes_a_form_is_tried() -> None:
    table = json.loads((settings.BASE_DIR / "tests/access/table.json").read_text("utf-8"))
    taking = {
        name.removeprefix("POST budgets:")
        for name, answers in table.items()
        if name.startswith("POST budgets:") and "405" not in answers
    }
    assert taking == HERE | BESIDE


def test_D01_D02_each_form_of_a_year_and_its_frame_is_done_once(
    desk: Desk, association: Association, director: User
) -> None:
    def at(name: str, *more: object) -> str:
        return reverse(f"budgets:{name}", args=[association.slug, *more])

    members = {member.slug: member.pk for member in association.members.all()}
    planned = dict.fromkeys((f"member-{pk}" for pk in members.values()), "0") | {
        f"member-{members['fk']}": "7 000 000", f"member-{members['regionen']}": "3 500 000",
        f"member-{members['kommunen']}": "3 500 000",
    }  # fmt: skip
    desk.thrice(director, at("plan", YEAR), planned)
    for row in Contribution.objects.exclude(planned_amount=0):
        said = {"contribution": row.pk, "amount": str(row.planned_amount), "key": uuid4()}
        desk.thrice(director, at("payment", YEAR), said)
    before = everything()
    other = desk.clients[director.pk].post(at("payment", YEAR), {**said, "amount": "1"})
    assert (other.status_code, everything()) == (409, before)
    desk.thrice(
        director, at("divide", YEAR), {"base_financing": "7 000 000", "efforts": "7 000 000"}
    )
    share = {"member-0": members["fk"], "team-0": "Ekby", "amount-0": "2 000 000"}
    desk.thrice(director, at("base", YEAR), share)
    assert BaseFinancing.objects.get().shares.get().amount == 2_000_000
    raised = {**share, "amount-0": "2 500 000"}
    desk.thrice(director, at("base", YEAR), raised)
    efforts = Pool.objects.get(kind="efforts").account_id
    desk.thrice(director, at("new_frame", YEAR), {"name": "Ram", f"source-{efforts}": "5 000 000"})
    rules = {"move_percent": "10", "up_to-0": "20 000 000", "percent-0": "20"}
    desk.thrice(director, at("rules"), rules)
    frame = Frame.objects.get()
    _alternatives(desk, frame, director)

    assert BaseFinancing.objects.count() == 1
    assert Transfer.objects.filter(reason="frame_set").count() == 1
    assert verify_ledger().ok


def _alternatives(desk: Desk, frame: Frame, director: User) -> None:
    page = reverse("budgets:try", args=[frame.association.slug, frame.pk])
    tried = {"gor": "spara", "namn": "A", "motivering": "Lika"}
    desk.thrice(director, page, tried)
    kept = Allocation.objects.get()
    on_top = {**tried, "forslag": kept.pk, "version": kept.version, "motivering": "Olika"}
    desk.thrice(director, page, on_top)
    desk.thrice(director, page, {**on_top, "gor": "nytt", "namn": "B"})
    client, before = desk.clients[director.pk], everything()
    refused = client.post(page, {**tried, "motivering": "En annan"})
    assert (refused.status_code, "redan ett förslag ”A”" in refused.content.decode()) == (409, True)
    stale = client.post(page, {**on_top, "motivering": "Sent"})
    assert (stale.status_code, "i mellantiden" in stale.content.decode()) == (409, True)
    assert everything() == before
    desk.thrice(
        director, reverse("budgets:propose", args=[frame.association.slug, frame.pk, kept.pk])
    )
    assert Allocation.objects.count() == 2
