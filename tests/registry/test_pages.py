"""The pages of the register: what is open to whom, searching, and how much it costs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from finsam import clock
from finsam.associations.models import Association
from finsam.people.models import User
from finsam.registry import wording
from finsam.registry.events import record_event
from finsam.registry.links import _linkers, link_records
from finsam.registry.models import Case, Direction, Record
from finsam.registry.register import open_case, register_record
from tests.kept import kept

SignIn = Callable[[User], Client]
DAY = datetime(2023, 9, 1, 20, 47, tzinfo=UTC)


@kept
def case(association: Association, officer: User) -> Case:
    with clock.at(DAY):
        case = open_case(association=association, title="Insats i Ekby", actor=officer)
        register_record(
            case=case,
            direction=Direction.IN,
            subject="Ansökan om medel",
            correspondent="Ekby kommun",
            actor=officer,
        )
        register_record(
            case=case,
            direction=Direction.IN,
            subject="Läkarintyg",
            correspondent="Anna Andersson",
            actor=officer,
            secrecy_section="OSL 26:1",
        )
        open_case(
            association=association,
            title="Hemligt ärende",
            actor=officer,
            secrecy_section="OSL 26:1",
        )
    return case


def text(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode().replace("\xa0", " ")


def test_anyone_may_search_number_date_and_subject(case: Case, client: Client) -> None:
    page = text(client, "/sjo/diarium/?q=ekby")

    for shown in ("SFS 2023/1", "Insats i Ekby", "1 september 2023", "1 ärende"):
        assert shown in page
    assert "Insats i Ekby" in text(client, "/sjo/diarium/?q=ans%C3%B6kan+2023/1")
    assert "Inget ärende hittades" in text(client, "/sjo/diarium/?q=finns+inte")


def test_one_year_at_a_time(case: Case, client: Client) -> None:
    with clock.at(DAY - timedelta(days=365)):
        open_case(association=case.association, title="Ett äldre", actor=None)

    assert [found.title for found in client.get("/sjo/diarium/").context["page"]] == [
        "Insats i Ekby",
        "Ett äldre",
    ]
    older = client.get("/sjo/diarium/?year=2022").context["page"]
    assert [found.number for found in older] == ["SFS 2022/1"]


def test_the_public_sees_nothing_secret_and_no_names(case: Case, client: Client) -> None:
    register, one = text(client, "/sjo/diarium/"), text(client, "/sjo/diarium/2023/1/")

    assert "Hemligt ärende" not in register
    assert "Ansökan om medel" in one
    for hidden in ("Läkarintyg", "Anna Andersson", "Ekby kommun", "OSL"):
        assert hidden not in one
    assert "Hemligt" not in text(client, "/sjo/diarium/2023/2/", status=404)


def test_secret_subjects_are_not_found_by_searching(
    case: Case, client: Client, director: User, sign_in: SignIn
) -> None:
    assert "Inget ärende hittades" in text(client, "/sjo/diarium/?q=l%C3%A4karintyg")
    assert "Insats i Ekby" in text(sign_in(director), "/sjo/diarium/?q=l%C3%A4karintyg")


@pytest.mark.parametrize("who", ["officer", "director", "auditor", "administrator"])
def test_the_office_sees_the_whole(
    case: Case, who: str, sign_in: SignIn, request: pytest.FixtureRequest
) -> None:
    client = sign_in(request.getfixturevalue(who))
    one = text(client, "/sjo/diarium/2023/1/")

    assert "Hemligt ärende" in text(client, "/sjo/diarium/")
    for shown in ("Läkarintyg", "Anna Andersson", "Ekby kommun", "Sekretess, OSL 26:1"):
        assert shown in one


@pytest.mark.parametrize("who", ["applicant", "board_member", "chair", "council_member"])
def test_others_see_what_the_public_sees(
    case: Case, who: str, sign_in: SignIn, request: pytest.FixtureRequest
) -> None:
    page = text(sign_in(request.getfixturevalue(who)), "/sjo/diarium/2023/1/")

    assert "Ansökan om medel" in page
    assert "Läkarintyg" not in page


def test_a_closed_register_says_whom_to_ask(
    case: Case, client: Client, director: User, sign_in: SignIn
) -> None:
    Association.objects.filter(slug="sjo").update(public_register=False)
    page = text(client, "/sjo/diarium/")

    assert "Insats i Ekby" not in page
    assert "kansli@sjo.exempel.se" in page
    assert client.get("/sjo/diarium/2023/1/").status_code == 404
    assert "Insats i Ekby" in text(sign_in(director), "/sjo/diarium/")


def test_P02_another_association_has_its_own_register(
    case: Case, other_association: Association, foreign_director: User, sign_in: SignIn
) -> None:
    client = sign_in(foreign_director)

    assert "Insats i Ekby" not in text(client, "/berg/diarium/")
    assert client.get("/berg/diarium/2023/1/").status_code == 404
    assert client.get("/berg/kansli/handelser/1/").status_code == 404
    assert client.get("/sjo/kansli/handelser/").status_code == 403
    assert "Läkarintyg" not in text(client, "/sjo/diarium/2023/1/")


@pytest.mark.parametrize(
    "address",
    [
        "/sjo/diarium/?sida=abc",
        "/sjo/diarium/?sida=999999",
        "/sjo/diarium/?sida=-1",
        "/sjo/diarium/?year=abc",
        "/sjo/diarium/?year=99999999999999999999",
        "/sjo/diarium/?q=%00",
        "/sjo/diarium/?q=" + "x" * 500,
        "/sjo/diarium/?q=%25%27%22%3B--",
        "/sjo/kansli/handelser/?first=0001-01-01&last=9999-12-31",
        "/sjo/kansli/handelser/?first=igår",
        "/sjo/kansli/handelser/?case=%00&actor=%00",
    ],
)
def test_I09_strange_questions_are_answered_with_a_page(
    case: Case, director: User, sign_in: SignIn, address: str
) -> None:
    assert sign_in(director).get(address).status_code == 200


@pytest.mark.parametrize(
    "address",
    ["/sjo/diarium/99999999999999999999/1/", "/sjo/kansli/handelser/99999999999999999999/"],
)
def test_I09_numbers_beyond_all_bounds_are_not_found(
    case: Case, director: User, sign_in: SignIn, address: str
) -> None:
    assert sign_in(director).get(address).status_code == 404


def test_events_are_found_by_case_person_and_day(
    case: Case, officer: User, director: User, sign_in: SignIn
) -> None:
    with clock.at(DAY + timedelta(days=3)):
        open_case(association=case.association, title="Ett annat", actor=director)
    client = sign_in(director)

    def count(**asked: str) -> str:
        page = client.get("/sjo/kansli/handelser/", asked).context
        return str(page["count"]).replace("\xa0", " ")

    assert count() == "5 händelser"
    assert count(case="sfs 2023/1") == "3 händelser"
    assert count(actor=director.name.lower()) == "1 händelse"
    assert count(last="2023-09-01") == "4 händelser"
    assert count(first="2023-09-02") == "1 händelse"
    assert count(first="2023-09-01", last="2023-09-01", actor="ingen") == "0 händelser"


def test_one_event_shows_all_that_was_written(case: Case, director: User, sign_in: SignIn) -> None:
    with transaction.atomic():
        record_event(
            association=case.association,
            actor=director,
            action="frame_set",
            obj=case,
            case=case,
            payload={"parts": [{"amount": 1_850_000, "ok": True, "note": None}], "text": "<b>"},
        )
    page = text(sign_in(director), "/sjo/kansli/handelser/5/")

    for shown in ("parts 1 Belopp", "1850000", "&lt;b&gt;", "Förbundschef", "SFS 2023/1"):
        assert shown in page


def test_events_of_a_draft_are_not_listed_until_it_has_a_case(
    case: Case, applicant: User, director: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wording, "_private_until_registered", set())
    wording.keep_private_until_registered("people.user")
    for belongs_to in (None, case):
        with transaction.atomic():
            record_event(
                association=case.association,
                actor=applicant,
                action="draft_saved",
                obj=applicant,
                case=belongs_to,
            )
    client = sign_in(director)

    assert [event.sequence for event in client.get("/sjo/kansli/handelser/").context["page"]] == [
        6, 4, 3, 2, 1,
    ]  # fmt: skip
    assert client.get("/sjo/kansli/handelser/5/").status_code == 404
    assert client.get("/sjo/kansli/handelser/6/").status_code == 200


def test_an_action_has_a_swedish_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wording, "_names", dict(wording._names))
    wording.name_actions({"frame_set": "Ram bestämd"})

    assert wording.action_name("case_opened") == "Ärende öppnat"
    assert wording.action_name("frame_set") == "Ram bestämd"
    assert wording.action_name("something_else") == "Something else"


def test_a_record_leads_to_its_document_where_one_may_read_it(
    case: Case, client: Client, director: User, sign_in: SignIn
) -> None:
    def linker(records: object, visitor: object) -> dict[int, str]:
        return {record.pk: "/handling/" for record in records if visitor.is_office}  # type: ignore[attr-defined]

    link_records(linker)
    try:
        assert 'href="/handling/"' in text(sign_in(director), "/sjo/diarium/2023/1/")
        assert 'href="/handling/"' not in text(client, "/sjo/diarium/2023/1/")
    finally:
        _linkers.remove(linker)


def fill(association: Association, count: int) -> None:
    """Cases with a record each, and events, laid in quickly."""
    first = Case.objects.filter(association=association).count() + 1
    cases = Case.objects.bulk_create(
        Case(
            association=association,
            year=2022,
            running_number=number,
            number=f"SFS 2022/{number}",
            title=f"Ärende {number}",
        )
        for number in range(first, first + count)
    )
    Record.objects.bulk_create(
        Record(case=case, sequence=1, direction="in", subject="Ansökan") for case in cases
    )
    with transaction.atomic():
        for case in cases[:200]:
            record_event(association=association, actor=None, action="x", obj=case, case=case)


def measure(client: Client, address: str) -> tuple[int, int]:
    """Number of queries and of bytes."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = client.get(address)
    assert response.status_code == 200
    return len(queries), len(response.content)


@pytest.mark.anywhere
@pytest.mark.parametrize(
    "address", ["/sjo/diarium/", "/sjo/diarium/?q=insats", "/sjo/kansli/handelser/"]
)
def test_pages_cost_the_same_with_many_rows(
    case: Case, director: User, sign_in: SignIn, address: str
) -> None:
    client = sign_in(director)
    fill(case.association, 10)
    measure(client, address)
    few, _ = measure(client, address)
    fill(case.association, 990)
    many, size = measure(client, address)

    assert few == many
    assert many <= 15
    assert size <= 60_000
