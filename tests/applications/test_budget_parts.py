"""Each party fills in its own part of the budget: whose rows one may change, and the marks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from applications.budget_imports import look_at, receive_workbook, take_differences
from applications.budget_parts import NotOwnPart, mark_budget_part, own_names
from applications.budgeting import budget_context, save_budget
from applications.models import Application, ApplicationParty
from applications.parties import add_party
from budgets.content import BudgetContent, CostEntry, CostKind
from budgets.workbook_write import write_workbook
from finsam.associations.models import Member
from finsam.errors import NotAllowed
from finsam.people.models import RoleKind, User
from finsam.registry.models import Event
from tests.applications.test_pages import place
from tests.conftest import person_with_role
from tests.factories import reread
from tests.kept import kept

LEAD, REGION = "Ekby kommun", "Region Sjö"


@kept
def both(draft: Application, applicant: User, region: Member) -> Application:
    """A draft that the municipality leads, with the region as a party of its own."""
    add_party(application=draft, member=region, actor=applicant)
    return reread(draft)


@kept
def colleague(both: Application, region: Member) -> User:
    return person_with_role(RoleKind.APPLICANT, both.association, member=region)


def cost(position: int, party: str, amount: int) -> CostEntry:
    return CostEntry(
        position, kind=CostKind.TRAVEL, description="Resor", party=party, year=2024, amount=amount
    )


def save(application: Application, actor: User, *rows: CostEntry) -> None:
    found = reread(application)
    save_budget(
        application=found,
        content=BudgetContent(costs=rows),
        expected_version=found.budget.version,
        actor=actor,
    )


def party(application: Application, name: str) -> ApplicationParty:
    return ApplicationParty.objects.select_related(
        "application__association", "application__template"
    ).get(application=application, name=name)


def test_a_party_changes_its_own_rows_and_the_lead_all(both, applicant, colleague):
    save(both, applicant, cost(1, LEAD, 100), cost(2, REGION, 200))
    save(both, colleague, cost(1, LEAD, 100), cost(2, REGION, 250), cost(3, REGION, 10))

    assert [row.amount for row in reread(both).budget.content().costs] == [100, 250, 10]
    assert own_names(reread(both), applicant) is None
    assert own_names(reread(both), colleague) == frozenset({REGION})


@pytest.mark.parametrize(
    "rows",
    [
        (cost(1, LEAD, 101), cost(2, REGION, 200)),
        (cost(2, REGION, 200),),
        (cost(1, REGION, 100), cost(2, REGION, 200)),
        (cost(1, LEAD, 100), cost(2, LEAD, 200)),
        (cost(1, LEAD, 100), cost(2, REGION, 200), cost(3, "", 5)),
    ],
)
def test_P05_another_partys_rows_are_not_changed_added_moved_or_taken(
    both, applicant, colleague, rows
):
    save(both, applicant, cost(1, LEAD, 100), cost(2, REGION, 200))

    with pytest.raises(NotOwnPart, match="Ni skriver för Region Sjö"):
        save(both, colleague, *rows)
    assert [row.amount for row in reread(both).budget.content().costs] == [100, 200]


def test_P05_neither_by_a_workbook(both, applicant, colleague):
    save(both, applicant, cost(1, LEAD, 100), cost(2, REGION, 200))
    found = reread(both)
    content = BudgetContent(costs=(cost(1, LEAD, 101), cost(2, REGION, 201)))
    data = write_workbook(content, budget_context(found))
    file = SimpleUploadedFile("budget.xlsx", data)
    sent = receive_workbook(application=found, file=file, actor=colleague)
    keys = [each.key for each in look_at(found, sent).differences]
    version = found.budget.version

    with pytest.raises(NotOwnPart):
        take_differences(
            application=found, sent=sent, keys=keys, expected_version=version, actor=colleague
        )
    take_differences(
        application=found,
        sent=sent,
        keys=["Kostnader!E6"],
        expected_version=version,
        actor=colleague,
    )

    assert [row.amount for row in reread(both).budget.content().costs] == [100, 201]


def test_a_mark_is_set_once_and_falls_when_the_partys_rows_change(both, applicant, colleague):
    save(both, applicant, cost(1, LEAD, 100), cost(2, REGION, 200))
    for name, actor in ((LEAD, applicant), (REGION, colleague), (REGION, colleague)):
        mark_budget_part(party=party(both, name), done=True, actor=actor)
    assert Event.objects.filter(action="budget_part_done").count() == 2

    save(both, applicant, cost(1, LEAD, 100), cost(2, REGION, 300))

    assert party(both, LEAD).budget_done_at is not None
    assert party(both, REGION).budget_done_at is None
    assert Event.objects.filter(action="budget_part_opened").count() == 1


def test_P05_only_the_party_or_the_lead_marks(both, applicant, colleague):
    with pytest.raises(NotAllowed):
        mark_budget_part(party=party(both, LEAD), done=True, actor=colleague)
    mark_budget_part(party=party(both, REGION), done=True, actor=applicant)

    assert party(both, REGION).budget_done_by == applicant


@pytest.mark.anywhere
def test_the_page_marks_and_the_task_list_tells(both, applicant, colleague, sign_in):
    save(both, applicant, cost(1, LEAD, 100), cost(2, REGION, 200))
    client: Client = sign_in(colleague)

    answer = client.post(
        place("budget", both), {"del": party(both, REGION).pk, "klar": "ja"}, follow=True
    )

    assert "Region Sjö är klar med sin del av budgeten" in answer.content.decode()
    tasks = client.get(both.get_absolute_url()).content.decode()
    assert "1 av 2 parter är klara med sin del" in tasks
    client.post(place("budget", both), {"del": party(both, REGION).pk, "klar": "nej"})
    assert party(both, REGION).budget_done_at is None
    assert client.post(place("budget", both), {"del": "x", "klar": "ja"}).status_code == 404


def test_the_others_rows_are_shown_as_text_and_sent_along(both, applicant, colleague, sign_in):
    save(both, applicant, cost(1, LEAD, 100), cost(2, REGION, 200))
    page = sign_in(colleague).get(place("budget", both))
    html = page.content.decode()

    assert '<input type="hidden" name="kostnader-1-amount" value="100">' in html
    assert '<span id="kostnader-1-amount">100</span>' in html
    assert 'id="kostnader-2-amount" name="kostnader-2-amount" value="200"' in html
    rows = page.context["editor"].tables[1].rows
    assert [row.can_go for row in rows[:3]] == [False, True, False]
    assert [row.cells[0].is_locked for row in rows[:3]] == [True, False, False]


def test_P07_a_locked_row_that_is_sent_otherwise_is_not_saved(both, applicant, colleague, sign_in):
    save(both, applicant, cost(1, LEAD, 100), cost(2, REGION, 200))
    page = sign_in(colleague).get(place("budget", both))
    typed = page.context["editor"].typed | {
        "gor": "spara",
        "version": str(reread(both).budget.version),
        "kostnader-rader": "3",
        "kostnader-1-amount": "1",
    }

    answer = sign_in(colleague).post(place("budget", both), typed)

    assert answer.status_code == 403
    assert "kan bara ändra de raderna" in answer.content.decode()
    assert reread(both).budget.content().costs[0].amount == 100


def test_the_leads_own_change_is_theirs_alone(both, applicant):
    save(both, applicant, cost(1, LEAD, 100), cost(2, REGION, 200))
    mark_budget_part(party=party(both, REGION), done=True, actor=applicant)
    content = reread(both).budget.content()
    changed = replace(content.costs[0], amount=150)

    save(both, applicant, changed, content.costs[1])

    assert party(both, REGION).budget_done_at is not None
