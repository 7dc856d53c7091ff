"""Less granted than sought: the parties revise their budget within it, and claim against that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from openpyxl import load_workbook

from applications.models import Application
from applications.payments import start_payment_request
from applications.revising import (
    begin_revision,
    file_revision,
    needs_revision,
    read_revision,
    revision_workbook,
    save_revision,
    writable_lines,
)
from boards.models import Outcome
from budgets.figures import OutdatedFigures, documents_showing
from budgets.frames import change_grant
from budgets.models import Grant, GrantLine, PaymentRequest, RevisedBudget
from budgets.payment_lines import claim_of
from budgets.revised_budgets import (
    approve_revised_budget,
    document_key,
    return_revised_budget,
)
from budgets.workbook_cells import UNSAVED_FORMULA, own_formula_words
from finsam.associations.models import Association, Member
from finsam.documents.documents import document_for, job_for
from finsam.documents.models import Upload
from finsam.documents.pdf_check import UA, A, own_faults, validator_faults
from finsam.documents.storage import open_file
from finsam.errors import Conflict, DomainError, NotAllowed, NotPossible
from finsam.jobs.work import run_job
from finsam.people.models import RoleKind, User
from finsam.registry.models import Event, Record
from finsam.typography import kronor, number
from tests import factories as make
from tests.budgets.samples import with_saved_result
from tests.kept import kept

GRANTED = 400_000


@kept
def application(
    association: Association, member: Member, applicant: User, director: User
) -> Application:
    """500 000 kr sought, 400 000 kr granted, and told."""
    frame = make.make_frame(association, amount=1_000_000)
    received = make.make_received(make.make_round(association, frame=frame), member, applicant)
    return make.make_decided_and_told(
        received, director, outcome=Outcome.PARTLY_GRANTED, amount=GRANTED
    )


@kept
def co_applicant(application: Application) -> User:
    """Somebody at a party that does not lead."""
    party = application.parties.select_related("member").get(is_lead=False)
    return make.make_person(RoleKind.APPLICANT, application.association, party.member)


@kept
def revised(application: Application, applicant: User) -> RevisedBudget:
    return begin_revision(application=application, actor=applicant)


def moved(revised: RevisedBudget, amount: int) -> dict[str, int]:
    """`amount` kronor from the first line to the second."""
    first, second = revised.rows[:2]
    return {first["key"]: first["amount"] - amount, second["key"]: second["amount"] + amount}


def save(application: Application, revised: RevisedBudget, actor: User, **changes) -> RevisedBudget:
    said = {"amounts": {}, "note": "", "expected_revision": revised.revision, **changes}
    return save_revision(application=application, revised=revised, actor=actor, **said)


def filed(application: Application, revised: RevisedBudget, actor: User) -> RevisedBudget:
    saved = save(application, revised, actor, amounts=moved(revised, 1_000), note="Mindre lokaler.")
    return file_revision(application=application, revised=saved, actor=actor)


def start(application: Application, actor: User) -> PaymentRequest:
    return start_payment_request(
        application=application, party=application.parties.get(is_lead=True),
        period_from=date(2024, 1, 1), period_to=date(2024, 4, 30), is_final=False, key="first",
        actor=actor,
    )  # fmt: skip


def test_claims_go_against_the_revised_lines(
    application: Application, revised: RevisedBudget, applicant: User, officer: User
) -> None:
    assert needs_revision(application)
    assert (revised.total, revised.cost > GRANTED) == (GRANTED, True)
    with pytest.raises(NotPossible, match="reviderad budget"):
        start(application, applicant)
    sent = filed(application, revised, applicant)
    with pytest.raises(NotPossible, match="reviderad budget"):
        start(application, applicant)

    done = approve_revised_budget(
        revised=sent, seen_hash=sent.sha256, actor=officer, case=application.case
    )

    assert not needs_revision(application)
    with pytest.raises(NotPossible, match="undertecknat av alla"):
        start(application, applicant)
    make.make_agreed(application, officer)
    claim = claim_of(start(make.reread(application), applicant))
    assert [row.budget for row in claim.rows] == [100 * row["amount"] for row in done.rows]
    assert claim.budget == 100 * GRANTED
    assert Record.objects.filter(subject__startswith=str(done)).count() == 2


def test_D01_and_L02_each_step_is_once_with_one_event(
    application: Application, revised: RevisedBudget, applicant: User, officer: User
) -> None:
    assert begin_revision(application=application, actor=applicant) == revised
    amounts = moved(revised, 1_000)
    for _ in range(2):
        saved = save(
            application, revised, applicant, amounts=amounts, note="Mindre.", expected_revision=1
        )
    for _ in range(2):
        sent = file_revision(application=application, revised=saved, actor=applicant)
    for _ in range(2):
        approve_revised_budget(revised=sent, seen_hash=sent.sha256, actor=officer)

    found = Event.objects.filter(action__startswith="revised_budget").order_by("sequence")
    assert [event.action.removeprefix("revised_budget_") for event in found] == [
        "begun", "saved", "filed", "approved",
    ]  # fmt: skip
    assert sum(GrantLine.objects.values_list("amount", flat=True)) == GRANTED


def test_the_lines_are_the_granted_sum_to_the_krona(
    application: Application, revised: RevisedBudget, applicant: User
) -> None:
    first = revised.rows[0]
    saved = save(application, revised, applicant, amounts={first["key"]: first["amount"] - 1})
    with pytest.raises(NotPossible, match="1\u00a0kr återstår att fördela"):
        file_revision(application=application, revised=saved, actor=applicant)
    saved = save(application, saved, applicant, amounts={first["key"]: first["amount"] + 2})
    with pytest.raises(NotPossible, match="2\u00a0kr är för mycket"):
        file_revision(application=application, revised=saved, actor=applicant)
    with pytest.raises(DomainError, match="under noll"):
        save(application, saved, applicant, amounts={first["key"]: -1})


def test_a_line_above_the_application_is_explained(
    application: Application, revised: RevisedBudget, applicant: User
) -> None:
    larger = revised.rows[1]
    amounts = moved(revised, larger["cost"] + 1 - larger["amount"])
    saved = save(application, revised, applicant, amounts=amounts)
    with pytest.raises(NotPossible, match="högre än i ansökan"):
        file_revision(application=application, revised=saved, actor=applicant)
    saved = save(application, saved, applicant, note="En annan part gör mer.")

    assert file_revision(application=application, revised=saved, actor=applicant).state == "filed"


def test_each_party_writes_on_its_own_lines_and_the_lead_files(
    application: Application, revised: RevisedBudget, applicant: User, co_applicant: User
) -> None:
    lead = application.parties.get(is_lead=True).name
    own = writable_lines(application, revised, co_applicant)
    theirs = next(row["key"] for row in revised.rows if row["party"] == lead)

    assert own == {row["key"] for row in revised.rows if row["party"] != lead} != set()
    with pytest.raises(NotAllowed, match="egna poster"):
        save(application, revised, co_applicant, amounts={theirs: 1})
    with pytest.raises(NotAllowed, match="samordnande"):
        file_revision(application=application, revised=revised, actor=co_applicant)


def test_O01_two_who_save_do_not_overwrite_each_other(
    application: Application, revised: RevisedBudget, applicant: User, co_applicant: User
) -> None:
    mine = next(iter(writable_lines(application, revised, co_applicant)))
    save(application, revised, co_applicant, amounts={mine: 1})
    with pytest.raises(Conflict):
        save(application, revised, applicant, note="Mitt.", expected_revision=revised.revision)


def test_a_changed_grant_outdates_what_was_filed_and_what_was_approved(
    application: Application, revised: RevisedBudget, applicant: User, officer: User,
    director: User,
) -> None:  # fmt: skip
    """The granted sum is a reference: nothing is approved or claimed on an old one."""
    sent = filed(application, revised, applicant)
    grant = Grant.objects.get(application=application)
    shown = documents_showing(application.association, [f"grant:{grant.pk}:amount"])
    assert shown == {f"revised:{sent.pk}": str(sent)}
    change_grant(grant=grant, amount=390_000, key="lowered", actor=director)
    with pytest.raises((OutdatedFigures, Conflict)):
        approve_revised_budget(revised=sent, seen_hash=sent.sha256, actor=officer)
    change_grant(grant=grant, amount=GRANTED, key="raised", actor=director)
    approve_revised_budget(revised=sent, seen_hash=sent.sha256, actor=officer)

    change_grant(grant=grant, amount=390_000, key="again", actor=director)

    application.grant.refresh_from_db()
    assert needs_revision(application)
    with pytest.raises(NotPossible, match="reviderad budget"):
        start(application, applicant)
    assert sum(GrantLine.objects.values_list("amount", flat=True)) == 390_000
    second = begin_revision(application=application, actor=applicant)
    assert (second.number, second.total) == (2, 390_000)


def test_X06_what_is_filed_and_approved_becomes_a_document_of_the_case(
    application: Application, revised: RevisedBudget, applicant: User, officer: User,
    co_applicant: User, other_applicant: User, sign_in: Callable[[User], Client],
) -> None:  # fmt: skip
    sent = filed(application, revised, applicant)
    run_job(job_for(document_key(sent)).pk)
    approve_revised_budget(
        revised=sent, seen_hash=sent.sha256, actor=officer, case=application.case
    )
    run_job(job_for(document_key(sent)).pk)

    first, second = (document_for(document_key(sent), version=number) for number in (1, 2))
    assert (first.title, first.case, second.case) == (str(sent), application.case, application.case)
    assert (first.record.direction, second.record.direction) == ("in", "drawn_up")
    pdf = open_file(second.pdf)
    assert (validator_faults(pdf, UA), validator_faults(pdf, A), own_faults(pdf)) == ([], [], [])
    page = reverse(
        "applications:revised_budget", args=[application.association.slug, application.public_id]
    )
    url = second.get_absolute_url()
    assert url in sign_in(applicant).get(page).content.decode()
    for person, may in ((co_applicant, True), (officer, True), (other_applicant, False)):
        assert (sign_in(person).get(url).status_code == 200) is may, person


def test_the_office_sends_back_and_another_person_approves(
    application: Application, revised: RevisedBudget, applicant: User, officer: User
) -> None:
    sent = filed(application, revised, applicant)
    back = return_revised_budget(revised=sent, message="Lokalerna saknas.", actor=officer)
    assert (back.state, back.returned_message) == ("returned", "Lokalerna saknas.")
    again = file_revision(application=application, revised=back, actor=applicant)
    with pytest.raises(NotAllowed):
        approve_revised_budget(revised=again, seen_hash=again.sha256, actor=applicant)
    with pytest.raises(Conflict):
        approve_revised_budget(revised=again, seen_hash="x", actor=officer)
    with pytest.raises(IntegrityError), transaction.atomic():
        RevisedBudget.objects.update(state="approved")

    approve_revised_budget(revised=again, seen_hash=again.sha256, actor=officer)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE budgets_revisedbudget SET rows = '[]'")


@pytest.mark.anywhere
def test_the_pages_from_the_first_line_to_the_approval(
    application: Application, applicant: User, officer: User, other_applicant: User,
    sign_in: Callable[[User], Client], django_assert_max_num_queries,
) -> None:  # fmt: skip
    slug, pk = application.association.slug, application.public_id
    own = reverse("applications:revised_budget", args=[slug, pk])
    office = reverse("applications:office_revised_budget", args=[slug, pk])
    client, other = sign_in(applicant), sign_in(officer)
    assert own in client.get(reverse("applications:payments", args=[slug, pk])).content.decode()
    assert sign_in(other_applicant).get(own).status_code == 404
    assert [client.post(own, {"gor": "borja"}).status_code for _ in range(2)] == [302, 302]
    assert "Ingen reviderad budget är inlämnad" in other.get(office).content.decode()
    with django_assert_max_num_queries(15):
        form = client.get(own).context["form"]
    said = {name: form[name].value() or "" for name in form.fields}
    first = next(iter(form.places.values()))
    refused = client.post(own, {**said, first: "1", "gor": "lamna"})
    assert (refused.status_code, "återstår att fördela" in refused.content.decode()) == (422, True)
    again = refused.context["form"]["revision"].value()
    sent = {**said, "revision": again, "gor": "lamna"}
    assert [client.post(own, sent).status_code for _ in range(2)] == [302, 302]
    with django_assert_max_num_queries(15):
        shown = other.get(office)
    assert f"Godkänn {kronor(GRANTED)}" in shown.content.decode()
    assert other.post(office, {"gor": "ater", "message": ""}).status_code == 422
    answer = {"gor": "godkann", "sett": shown.context["revised"].sha256}
    assert [other.post(office, answer).status_code for _ in range(2)] == [302, 302]
    assert client.get(own).context["form"] is None
    assert not needs_revision(application)


def filled(data: bytes, *amounts: Any) -> SimpleUploadedFile:
    """The workbook with other amounts on its first lines; None leaves a line as it is."""
    book = load_workbook(BytesIO(data))
    for row, amount in enumerate(amounts, start=5):
        if amount is not None:
            book["Reviderad budget"].cell(row, 3).value = amount
    out = BytesIO()
    book.save(out)
    return SimpleUploadedFile("Reviderad.xlsx", out.getvalue())


def test_a_workbook_changes_only_what_was_edited_and_when_it_is_saved(
    application: Application, revised: RevisedBudget, applicant: User, co_applicant: User,
    sign_in: Callable[[User], Client],
) -> None:  # fmt: skip
    where = [application.association.slug, application.public_id]
    own = reverse("applications:revised_budget", args=where)
    client = sign_in(applicant)
    fetched = client.get(reverse("applications:revised_workbook", args=where)).content
    first, second = revised.rows[:2]
    # Somebody writes on the second line in the portal in the meantime.
    save(application, revised, applicant, amounts={second["key"]: second["amount"] - 5_000})

    same = client.post(own, {"gor": "las", "file": filled(fetched)})
    assert (same.status_code, same.context["form"].read) == (200, {})
    edited = filled(fetched, f"{first['amount'] - 1_000} kr")
    shown = client.post(own, {"gor": "las", "file": edited})

    form = shown.context["form"]
    assert form.read == {first["key"]: first["amount"] - 1_000}
    assert f"blir {kronor(first['amount'] - 1_000)}" in shown.content.decode()
    assert RevisedBudget.objects.get().rows[0]["amount"] == first["amount"], "nothing is saved yet"
    said = {name: form[name].value() or "" for name in form.fields}
    assert client.post(own, {**said, "gor": "spara"}).status_code == 302
    kept = [row["amount"] for row in RevisedBudget.objects.get().rows]
    assert kept[:2] == [first["amount"] - 1_000, second["amount"] - 5_000]
    assert kept[2:] == [row["amount"] for row in revised.rows[2:]]
    lead = next(row for row in revised.rows if row["key"] not in
                writable_lines(application, revised, co_applicant))  # fmt: skip
    place = [row["key"] for row in revised.rows].index(lead["key"])
    others = filled(fetched, *[None] * place, 1)
    refused = sign_in(co_applicant).post(own, {"gor": "las", "file": others})
    assert (refused.status_code, "egna poster" in refused.content.decode()) == (422, True)


def test_amounts_that_cannot_be_read_are_named_by_their_cells(
    application: Application, revised: RevisedBudget, applicant: User
) -> None:
    data = revision_workbook(application=application, revised=revised, actor=applicant)
    wrong = ["tusen", -1, 1.5, "1,500", True, "=C6"]
    for amount in wrong:
        with pytest.raises(DomainError, match=r"C5.*Filens id"):
            read_revision(
                application=application, revised=revised, file=filled(data, amount),
                actor=applicant,
            )  # fmt: skip
    assert Upload.objects.filter(purpose="budget").count() == len(wrong), "each file is kept"


def test_a_formula_is_taken_with_its_saved_result_and_told_in_the_workbooks_words(
    application: Application, revised: RevisedBudget, applicant: User,
    sign_in: Callable[[User], Client],
) -> None:  # fmt: skip
    data = revision_workbook(application=application, revised=revised, actor=applicant)
    first, second = revised.rows[:2]
    file = with_saved_result(
        filled(data, "=100*7", f"={second['amount']}*1").read(), "C5", "700", sheet=1
    )
    file = with_saved_result(file, "C6", str(second["amount"]), sheet=1)
    own = reverse(
        "applications:revised_budget", args=[application.association.slug, application.public_id]
    )
    sent = {"gor": "las", "file": SimpleUploadedFile("Reviderad.xlsx", file)}

    shown = sign_in(applicant).post(own, sent)

    assert shown.context["form"].read == {first["key"]: 700}
    told = [
        f"C5, {first['label']}: {own_formula_words('700')}",
        f"C6, {second['label']}: {own_formula_words(number(second['amount']))}",
    ]
    assert shown.context["file_form"].formulas == " ".join(told)
    assert escape(told[0]) in shown.content.decode()


def test_a_formula_without_a_saved_result_says_what_to_do(
    application: Application, revised: RevisedBudget, applicant: User
) -> None:
    data = revision_workbook(application=application, revised=revised, actor=applicant)

    with pytest.raises(DomainError) as refused:
        read_revision(
            application=application, revised=revised, file=filled(data, "=100*7"), actor=applicant
        )

    assert UNSAVED_FORMULA in refused.value.message


def test_another_workbook_is_refused(
    application: Application, revised: RevisedBudget, applicant: User
) -> None:
    data = revision_workbook(application=application, revised=revised, actor=applicant)
    book = load_workbook(BytesIO(data))
    book["portalen"]["A1"].value = "revised:0"
    out = BytesIO()
    book.save(out)
    with pytest.raises(DomainError, match="hör inte till"):
        read_revision(
            application=application, revised=revised, actor=applicant,
            file=SimpleUploadedFile("Annan.xlsx", out.getvalue()),
        )  # fmt: skip
