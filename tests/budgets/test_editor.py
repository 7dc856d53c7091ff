"""The budget in the browser: typed, summed up by the server, saved or said why not."""

from __future__ import annotations

import re

import pytest
from django.http import QueryDict
from django.test import Client

from budgets.content import Sheet
from budgets.editing import new_budget, replace_content
from budgets.editor import ACTION, Editor
from budgets.models import Budget
from finsam.associations.models import Association
from tests.budgets.samples import CONTENT, CONTEXT, TOWN, cost
from tests.kept import kept

pytestmark = [pytest.mark.urls("tests.budgets.editor_page"), pytest.mark.anywhere]


@kept
def budget(association: Association) -> Budget:
    made = new_budget(association=association, years=[2024], actor=None)
    return replace_content(budget=made, content=CONTENT, expected_version=1, actor=None)


def posted(editor: Editor, **changes: str) -> dict[str, str]:
    """What a browser sends back of the editor's inputs."""
    sent = {"version": str(editor.version)}
    for table in editor.tables:
        sent[f"{table.prefix}-rader"] = str(table.count)
        sent |= {
            cell.name: cell.text for row in table.rows for cell in row.cells if not cell.is_computed
        }
    return sent | {name.replace("__", "-"): value for name, value in changes.items()}


def test_what_is_shown_and_sent_back_unchanged_is_the_same_budget(budget: Budget) -> None:
    shown = Editor.of(budget, CONTEXT)
    query = QueryDict(mutable=True)
    query.update(posted(shown))

    sent = Editor.sent(query, CONTEXT)

    assert sent.content == CONTENT
    assert sent.is_readable
    assert sent.check.ok
    assert [table.count for table in shown.tables] == [6, 4, 5]


def test_signs_that_no_workbook_holds_are_left_out(budget: Budget) -> None:
    query = QueryDict(mutable=True)
    query.update(posted(Editor.of(budget, CONTEXT), kostnader__1__note="Hy\ufffera\x07\uffff"))

    assert Editor.sent(query, CONTEXT).content.costs[0].note == "Hyra"


def test_a_changed_amount_is_saved(budget: Budget, client: Client) -> None:
    form = posted(Editor.of(budget, CONTEXT), kostnader__1__amount="140 000 kr", gor="spara")

    answer = client.post(f"/prov/budget/{budget.pk}/", form)

    assert answer.status_code == 302
    assert Budget.objects.get(pk=budget.pk).content().costs == (cost(1, amount=140_000),)


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("kostnader__1__amount", "1,500", "kan betyda"),
        ("kostnader__1__amount", "12,50", "ören"),
        ("personal__1__percent", "halv", "inget tal"),
        ("personal__1__year", "i år", "inget årtal"),
        ("kostnader__1__kind", "Hyror", "finns inte i listan"),
        ("kostnader__1__description", "x" * 501, "501 tecken"),
    ],
)
def test_what_cannot_be_read_is_kept_as_typed_and_nothing_is_saved(
    field: str, typed: str, message: str, budget: Budget, client: Client
) -> None:
    form = posted(Editor.of(budget, CONTEXT), **{field: typed}, gor="spara")

    answer = client.post(f"/prov/budget/{budget.pk}/", form)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert message in page
    assert typed in page
    assert f'href="#{field.replace("__", "-")}"' in page
    assert Budget.objects.get(pk=budget.pk).version == 2


def test_O01_a_stale_page_is_told(budget: Budget, client: Client) -> None:
    form = posted(Editor.of(budget, CONTEXT), kostnader__1__amount="1", gor="spara")
    replace_content(budget=budget, content=CONTENT, expected_version=2, actor=None)

    answer = client.post(f"/prov/budget/{budget.pk}/", form)

    assert answer.status_code == 409
    assert Budget.objects.get(pk=budget.pk).content() == CONTENT


def test_more_rows_are_given_and_nothing_typed_is_lost(budget: Budget, client: Client) -> None:
    form = posted(
        Editor.of(budget, CONTEXT), kostnader__3__description="Halvskriven", gor="fler-kostnader"
    )

    page = client.post(f"/prov/budget/{budget.pk}/", form).content.decode()

    assert 'name="kostnader-rader" value="9"' in page
    assert "Halvskriven" in page
    assert 'id="kostnader-9-amount"' in page


def test_sums_and_findings_move_by_htmx(budget: Budget, client: Client) -> None:
    form = posted(Editor.of(budget, CONTEXT), kostnader__1__amount="132 001", gor="prova")

    page = client.post(
        f"/prov/budget/{budget.pk}/", form, headers={"HX-Request": "true"}
    ).content.decode()

    assert "<table" not in page
    assert "1\u00a0212\u00a0127\u00a0kr" in page
    assert "alltså 1\u00a0kr mindre än kostnaderna" in page
    assert re.search(r'id="personal-1-cost" hx-swap-oob="true">722\u00a0916<', page)


def test_an_amount_that_cannot_be_read_is_told_of_while_it_is_typed(
    budget: Budget, client: Client
) -> None:
    form = posted(Editor.of(budget, CONTEXT), kostnader__1__amount="1,500", gor="prova")

    page = client.post(
        f"/prov/budget/{budget.pk}/", form, headers={"HX-Request": "true"}
    ).content.decode()

    assert "1 ruta gick inte att läsa" in page.replace("\u00a0", " ")
    assert '<a class="ds-link" href="#kostnader-1-amount">Kostnader, rad 1, Belopp:' in page


def test_findings_lead_to_their_inputs(budget: Budget) -> None:
    form = posted(Editor.of(budget, CONTEXT), kostnader__1__description="Busskort")

    editor = Editor.sent(form, CONTEXT)

    assert [(each.code, place, address) for each, place, address in editor.findings] == [
        ("ineligible_cost", "Kostnader, rad 1", "#kostnader-1-description")
    ]


def test_parties_are_chosen_among_and_a_foreign_one_stays_visible(budget: Budget) -> None:
    form = posted(Editor.of(budget, CONTEXT), kostnader__1__party="Ronneby kommun")

    editor = Editor.sent(form, CONTEXT)

    first = {cell.column.field: cell for cell in editor.tables[1].rows[0].cells}
    assert first["party"].choices == (*CONTEXT.names, "Ronneby kommun")
    assert first["year"].choices == ("2024",)
    assert TOWN in first["party"].choices


@pytest.mark.parametrize("count", ["-5", "x", "99999999999", "201", "²"])
def test_P07_the_number_of_rows_is_never_more_than_the_table_holds(count: str) -> None:
    editor = Editor.sent({"kostnader-rader": count, "version": count}, CONTEXT)

    assert 0 <= editor.counts[Sheet.COSTS] <= 200


def test_I01_what_is_typed_is_shown_as_text(budget: Budget, client: Client) -> None:
    form = posted(
        Editor.of(budget, CONTEXT),
        kostnader__1__description="<script>alert(1)</script>",
        kostnader__1__party='"><img src=x>',
        gor="prova",
    )

    page = client.post(f"/prov/budget/{budget.pk}/", form).content.decode()

    assert "<script>alert(1)" not in page
    assert "<img src=x>" not in page
    assert "&lt;script&gt;" in page


def test_a_row_is_taken_away_without_moving_the_others_and_put_back(
    budget: Budget, client: Client
) -> None:
    sent = posted(Editor.of(budget, CONTEXT))
    page = client.post(f"/prov/budget/{budget.pk}/", sent | {ACTION: "bort-personal-1"})

    editor = page.context["editor"]
    assert editor.removed_in_words == "Personal, rad 1"
    assert editor.typed["personal-1-role"] == ""
    assert editor.typed["personal-3-role"] == "Kurator"
    assert "Personal, rad 1 togs bort" in page.content.decode()
    assert Budget.objects.get(pk=budget.pk).version == budget.version

    back = {f"angra-{name}": text for name, text in editor.removed.items()}
    again = client.post(
        f"/prov/budget/{budget.pk}/", editor.typed | counts_of(sent) | back | {ACTION: "angra"}
    )
    assert again.context["editor"].typed["personal-1-role"] == "Samordnare"
    assert not again.context["editor"].removed


def test_a_row_taken_away_is_gone_when_the_budget_is_saved(budget: Budget, client: Client) -> None:
    sent = posted(Editor.of(budget, CONTEXT))
    page = client.post(f"/prov/budget/{budget.pk}/", sent | {ACTION: "bort-kostnader-1"})

    typed = page.context["editor"].typed | counts_of(sent)
    client.post(f"/prov/budget/{budget.pk}/", typed | {ACTION: "spara"})

    content = Budget.objects.get(pk=budget.pk).content()
    assert (content.costs, content.staff) == ((), CONTENT.staff)


def test_enter_in_a_cell_saves_without_script(budget: Budget, client: Client) -> None:
    """The first button of a form is what Enter presses."""
    html = client.get(f"/prov/budget/{budget.pk}/").content.decode()

    form = html[html.index('name="version"') - 400 :]
    assert form.index('value="spara"') < form.index('value="bort-')


def counts_of(sent: dict[str, str]) -> dict[str, str]:
    kept = ("version", "personal-rader", "kostnader-rader", "finansiering-rader")
    return {name: sent[name] for name in kept}
