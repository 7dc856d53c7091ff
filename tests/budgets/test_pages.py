"""The pages of economy: who sees them, what they show, what they refuse."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from budgets import sought
from budgets.frames import reserve_grant
from budgets.ledger import balance_now, equity_account, year_account
from budgets.models import Allocation, Contribution, Frame, Transfer
from budgets.sought import provide_sought
from finsam.associations.models import Association
from finsam.people.models import User
from tests.budgets.conftest import divided_year, pay_year
from tests.budgets.test_allocations import PROPOSAL, applications

pytestmark = pytest.mark.anywhere

SignIn = Callable[[User], Client]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five applications are told of, as the floor above does."""
    monkeypatch.setattr(sought, "_providers", [])
    provide_sought(applications)


def at(name: str, *args: object) -> str:
    return reverse(f"budgets:{name}", args=["sjo", *args])


# --- the year ---------------------------------------------------------------------------------


def test_the_year_shows_contributions_pools_frames_and_equity(
    frame: Frame, director: User, sign_in: SignIn
) -> None:
    reserve_grant(frame=frame, amount=1_850_000, key="one", actor=director)

    page = sign_in(director).get(at("year")).content.decode()

    for expected in (
        "Ekonomi 2024",
        "14\u00a0000\u00a0000\u00a0kr",
        "Staten",
        "50 %",
        "Basfinansiering",
        "Individinsatser 2024",
        "500\u00a0000\u00a0kr",
        "7\u00a0150\u00a0000\u00a0kr",
        "Pengarna är fördelade",
    ):
        assert expected in page, expected


def test_a_new_association_is_told_what_to_do_first(
    association: Association, director: User, sign_in: SignIn
) -> None:
    page = sign_in(director).get(at("year")).content.decode()

    assert "Planera årets bidrag" in page
    assert "Inga ramar för året" in page


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("director", 200),
        ("officer", 200),
        ("auditor", 200),
        ("board_member", 200),
        ("chair", 200),
        ("applicant", 403),
        ("council_member", 403),
    ],
)
def test_P01_economy_is_read_by_office_board_and_auditor(
    role: str, status: int, frame: Frame, request: pytest.FixtureRequest, sign_in: SignIn
) -> None:
    client = sign_in(request.getfixturevalue(role))

    for url in (at("year"), at("frame", frame.pk), at("account", frame.account_id)):
        assert client.get(url).status_code == status, url


def test_P02_another_associations_money_is_not_found(
    frame: Frame, other_association: Association, foreign_director: User, sign_in: SignIn
) -> None:
    client = sign_in(foreign_director)
    slug = other_association.slug

    for name, pk in (("frame", frame.pk), ("try", frame.pk), ("account", frame.account_id)):
        assert client.get(reverse(f"budgets:{name}", args=[slug, pk])).status_code == 404


def test_the_account_page_leads_from_a_sum_to_its_transfers(
    frame: Frame, auditor: User, director: User, sign_in: SignIn
) -> None:
    reserve_grant(frame=frame, amount=1_850_000, key="one", actor=director, name="Hållplatsen")

    page = sign_in(auditor).get(at("account", frame.account_id)).content.decode()

    assert "7\u00a0150\u00a0000\u00a0kr" in page
    assert "Till bidraget till Hållplatsen" in page
    assert "\u22121\u00a0850\u00a0000" in page
    assert "Från eget kapital" in page


# --- setting up -------------------------------------------------------------------------------


def test_FL_5_the_plan_is_made_on_a_page_and_refused_when_it_is_not_50_25_25(
    association: Association, director: User, sign_in: SignIn
) -> None:
    client = sign_in(director)
    members = {member.slug: member.pk for member in association.members.all()}
    amounts = {
        f"member-{members['fk']}": "7 000 000",
        f"member-{members['regionen']}": "3 500 000",
        f"member-{members['kommunen']}": "3 500 001",
    }

    refused = client.post(at("plan", 2024), amounts)
    amounts[f"member-{members['kommunen']}"] = "3 500 000"
    taken = client.post(at("plan", 2024), amounts)

    assert refused.status_code == 422
    assert "(5 §)" in refused.content.decode()
    assert taken.status_code == 302
    assert Contribution.objects.get(member=members["fk"]).planned_amount == 7_000_000


def test_D01_a_payment_sent_twice_is_booked_once(
    association: Association, director: User, sign_in: SignIn
) -> None:
    pay_year(association, 2024, 400, director)
    client = sign_in(director)
    page = client.get(at("payment", 2024))
    form = {
        "contribution": Contribution.objects.earliest("pk").pk,
        "amount": "100",
        "key": str(page.context["form"]["key"].initial),
    }

    first, second = client.post(at("payment", 2024), form), client.post(at("payment", 2024), form)

    assert (first.status_code, second.status_code) == (302, 302)
    assert balance_now(year_account(association, 2024)) == 500


def test_dividing_says_when_the_year_does_not_suffice(
    association: Association, director: User, sign_in: SignIn
) -> None:
    pay_year(association, 2024, 14_000_000, director)
    client = sign_in(director)

    refused = client.post(at("divide", 2024), {"efforts": "14 000 001"})
    taken = client.post(
        at("divide", 2024), {"base_financing": "7000000", "efforts": "6000000", "to_equity": "1e"}
    )
    done = client.post(
        at("divide", 2024),
        {"base_financing": "7000000", "efforts": "6000000", "to_equity": "1000000"},
    )

    assert refused.status_code == taken.status_code == 422
    assert "14\u00a0000\u00a0000\u00a0kr kvar" in refused.content.decode()
    assert done.status_code == 302
    assert balance_now(equity_account(association)) == 1_000_000


def test_a_frame_is_set_on_a_page(
    association: Association, director: User, sign_in: SignIn
) -> None:
    pools = divided_year(association, 2024, director)
    equity = equity_account(association)
    members = {member.slug: member.pk for member in association.members.all()}
    client = sign_in(director)
    form = {
        "name": "Individinsatser 2024",
        f"source-{pools['efforts'].account_id}": "7 000 000",
        f"source-{equity.pk}": "2 000 000",
        f"lot-{members['kommunen']}": "5 000 000",
        f"lot-{members['grannkommunen']}": "4 000 000",
        "is_example_plan": "on",
    }

    refused = client.post(at("new_frame", 2024), form | {f"source-{equity.pk}": "2 500 001"})
    taken = client.post(at("new_frame", 2024), form)

    assert refused.status_code == 422
    assert "2\u00a0500\u00a0000\u00a0kr kvar" in refused.content.decode()
    assert taken.status_code == 302
    frame = Frame.objects.get()
    assert (frame.amount, frame.is_example_plan, frame.lots.count()) == (9_000_000, True, 2)


# --- the frame --------------------------------------------------------------------------------


def test_the_frame_shows_plan_sought_and_what_is_above(
    frame: Frame, told: None, director: User, sign_in: SignIn
) -> None:
    page = sign_in(director).get(at("frame", frame.pk)).content.decode()

    assert "7\u00a0000\u00a0000 ur potten för insatser 2024" in page
    assert "2\u00a0000\u00a0000 ur eget kapital" in page
    assert "räkneexempel" in page
    assert "9\u00a0450\u00a0000" in page
    assert "450\u00a0000\u00a0kr mer än ramen" in page
    assert "Insats i Karlshamn" in page


def fields(frame: Frame, amounts: list[int | str]) -> dict[str, str]:
    return {
        f"belopp-lot-{lot.pk}": str(amount)
        for lot, amount in zip(frame.lots.all(), amounts, strict=True)
    }


def test_trying_without_javascript_answers_with_the_whole_page(
    frame: Frame, told: None, director: User, sign_in: SignIn
) -> None:
    page = sign_in(director).post(
        at("try", frame.pk), fields(frame, [*PROPOSAL]) | {"gor": "prova"}
    )

    text = page.content.decode()
    assert page.status_code == 200
    assert "<h1>Prova fördelning</h1>" in text
    assert "8\u00a0960\u00a0000\u00a0kr" in text
    assert "40\u00a0000\u00a0kr" in text
    assert not Allocation.objects.exists()


def test_trying_with_htmx_answers_with_what_moves_alone(
    frame: Frame, told: None, board_member: User, sign_in: SignIn
) -> None:
    page = sign_in(board_member).post(
        at("try", frame.pk), fields(frame, [*PROPOSAL]), headers={"HX-Request": "true"}
    )

    text = page.content.decode()
    assert "<h1>" not in text
    assert text.count("hx-swap-oob") == 9
    assert "40\u00a0000\u00a0kr" in text


@pytest.mark.parametrize("amount", ["-5", "1,500", "9" * 30])
def test_an_amount_that_does_not_count_is_told_of_while_it_is_tried(
    frame: Frame, told: None, director: User, sign_in: SignIn, amount: str
) -> None:
    sent = fields(frame, [0, *PROPOSAL[1:]])
    first = next(iter(sent))

    page = sign_in(director).post(
        at("try", frame.pk), {**sent, first: amount}, headers={"HX-Request": "true"}
    )

    assert page.context["form"].trial.total == sum(PROPOSAL[1:])
    text = page.content.decode()
    assert (text.count("Räknas inte:"), f'href="#{first}"' in text) == (1, True)


@pytest.mark.parametrize("year", ["0", "1999", "9999", "99999999999999999999"])
def test_no_page_is_of_a_year_that_cannot_be(director: User, sign_in: SignIn, year: str) -> None:
    client = sign_in(director)
    paths = [at("year_of", 2024), at("plan", 2024), at("base", 2024), at("base_claims", 2024)]

    answers = {client.get(path.replace("2024", year)).status_code for path in paths}

    assert answers == {404}


@pytest.mark.parametrize(
    ("start", "total"),
    [
        ("", "9\u00a0000\u00a0000"),
        ("sokt", "9\u00a0450\u00a0000"),
        ("andel", "9\u00a0000\u00a0000"),
    ],
)
def test_a_trial_starts_from_plan_sought_or_equal_share(
    start: str, total: str, frame: Frame, told: None, director: User, sign_in: SignIn
) -> None:
    page = sign_in(director).get(at("try", frame.pk), {"utga": start}).content.decode()

    assert f'<span id="summa">{total}</span>' in page


def test_an_alternative_is_saved_changed_and_compared(
    frame: Frame, told: None, director: User, sign_in: SignIn
) -> None:
    client = sign_in(director)
    url = at("try", frame.pk)

    client.post(url, fields(frame, [*PROPOSAL]) | {"gor": "spara", "namn": "Förslag A"})
    kept = Allocation.objects.get()
    changed = fields(frame, [3_600_000, *PROPOSAL[1:]]) | {
        "forslag": str(kept.pk),
        "version": "1",
    }
    client.post(url, changed | {"gor": "nytt", "namn": "Förslag B"})
    client.post(url, changed | {"gor": "spara", "namn": "Förslag A"})
    again = client.post(url, changed | {"gor": "spara", "namn": "Förslag A"})
    late = changed | {"gor": "spara", "namn": "Förslag A", "motivering": "Sent"}
    stale = client.post(url, late)
    page = client.get(at("compare", frame.pk)).content.decode()

    totals = {each.name: each.total for each in Allocation.objects.with_rows()}
    assert totals == {"Förslag A": 8_910_000, "Förslag B": 8_910_000}
    assert (again.status_code, stale.status_code) == (302, 409)
    assert "i mellantiden" in stale.content.decode()
    assert "Förslag A" in page
    assert "Förslag B" in page
    assert "90\u00a0000\u00a0kr kvar av ramen" in page


@pytest.mark.parametrize(
    ("amounts", "words"),
    [
        (["1,500", "0", "0", "0", "0"], "kan betyda 1\u00a0500 kr eller 1,50 kr"),
        (["9 000 001", "0", "0", "0", "0"], "Sänk det med 1\u00a0kr"),
        (["-1", "0", "0", "0", "0"], "under noll"),
        (["nan", "0", "0", "0", "0"], "inget belopp"),
    ],
)
def test_what_cannot_be_saved_keeps_what_was_typed(
    amounts: list[str], words: str, frame: Frame, told: None, director: User, sign_in: SignIn
) -> None:
    page = sign_in(director).post(
        at("try", frame.pk), fields(frame, [*amounts]) | {"gor": "spara", "namn": "A"}
    )

    text = page.content.decode()
    assert page.status_code == 422
    assert words in text
    assert f'value="{amounts[0]}"' in text
    assert "ds-error-summary" in text


def test_P05_the_board_tries_but_does_not_save(
    frame: Frame, told: None, board_member: User, sign_in: SignIn
) -> None:
    client = sign_in(board_member)

    page = client.post(
        at("try", frame.pk), fields(frame, [*PROPOSAL]) | {"gor": "spara", "namn": "A"}
    )

    assert page.status_code == 200
    assert "Spara förslaget" not in page.content.decode()
    assert not Allocation.objects.exists()


def test_an_alternative_is_put_forward(
    frame: Frame, told: None, director: User, board_member: User, sign_in: SignIn
) -> None:
    sign_in(director).post(
        at("try", frame.pk), fields(frame, [*PROPOSAL]) | {"gor": "spara", "namn": "A"}
    )
    url = at("propose", frame.pk, Allocation.objects.get().pk)

    assert sign_in(board_member).post(url).status_code == 403
    assert sign_in(director).get(url).status_code == 405
    assert sign_in(director).post(url).status_code == 302
    assert "förs fram i underlaget" in sign_in(director).get(at("frame", frame.pk)).content.decode()


@pytest.mark.parametrize("asked", ["x", "9" * 30, "-1", "0", "²"])
def test_an_unknown_alternative_is_not_found(
    asked: str, frame: Frame, director: User, sign_in: SignIn
) -> None:
    client = sign_in(director)

    assert client.get(at("try", frame.pk), {"forslag": asked}).status_code == 404
    assert client.get(at("compare", frame.pk), {"forslag": asked}).status_code == 200
    assert client.get(at("account", frame.account_id), {"sida": asked}).status_code == 200


# --- how much is asked of the database --------------------------------------------------------


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


def test_the_number_of_queries_does_not_grow(
    frame: Frame, told: None, director: User, sign_in: SignIn
) -> None:
    client = sign_in(director)
    urls = [at("year"), at("frame", frame.pk), at("try", frame.pk), at("compare", frame.pk),
            at("account", frame.account_id)]  # fmt: skip

    def counted() -> list[int]:
        return [queries(client, url) for url in urls]

    reserve_grant(frame=frame, amount=1_000, key="first", actor=director)
    Allocation.objects.create(frame=frame, name="Förslag", created_by=director)
    before = counted()
    for number in range(30):
        reserve_grant(frame=frame, amount=1_000, key=str(number), actor=director)
        Allocation.objects.create(frame=frame, name=f"Förslag {number}", created_by=director)

    assert counted() == before
    assert max(before) <= 15
    assert Transfer.objects.count() > 30
