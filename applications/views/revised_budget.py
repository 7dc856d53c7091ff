"""The revised budget of a grant: written by the parties, approved or sent back by the office."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from applications.models import Application
from applications.payments import has_payments
from applications.revising import (
    begin_revision,
    file_revision,
    needs_revision,
    read_revision,
    revision_workbook,
    save_revision,
    writable_lines,
)
from applications.views.getting import crumbs, own_application, place
from applications.views.office import READERS, application_or_404, application_url
from budgets.figures import outdated
from budgets.forms import RefusableForm
from budgets.models import RevisedBudget, RevisedState
from budgets.revised_budgets import (
    WRITABLE,
    approve_revised_budget,
    document_key,
    holder_of,
    return_revised_budget,
)
from budgets.revised_workbook import Written
from budgets.views.getting import status_of_refusal
from finsam.documents.documents import document_for
from finsam.documents.filenames import content_disposition
from finsam.documents.guard.kinds import KINDS
from finsam.documents.uploads import StorageFull
from finsam.errors import DomainError, NotAllowed
from finsam.fields import LongTextField, MoneyField
from finsam.forms import DomainForm
from finsam.people.access import TenantRequest, gate
from finsam.typography import kronor, moment_long, number
from finsam.ui import Fact, Link, Stat, Status

READ = "las"
SENT = (RevisedState.FILED, RevisedState.APPROVED)
LOOKS = {
    RevisedState.DRAFT: Status("Utkast", "info"),
    RevisedState.FILED: Status("Väntar på kansliet", "warning"),
    RevisedState.RETURNED: Status("Åter till parterna", "warning"),
    RevisedState.APPROVED: Status("Godkänd", "success"),
}


class WorkbookForm(DomainForm):
    """The workbook of the revised budget, filled in; `told` is what it would change.

    `formulas` is what there is to say of cells with a formula instead of an amount.
    """

    file = forms.FileField(
        label="Ifylld arbetsbok (.xlsx)",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
        error_messages={"required": "Välj arbetsboken först.", "empty": "Filen är tom."},
    )
    told = formulas = ""


class RevisedForm(RefusableForm):
    """An amount for each line that the person may write on, and what changes in the effort."""

    note = LongTextField(
        label="Vad som ändras i insatsen",
        required=False,
        max_length=2000,
        help_text="Behövs när en post blir högre än i ansökan.",
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)
    hide_optional = False

    def __init__(
        self,
        *args: Any,
        revised: RevisedBudget,
        writable: Collection[str],
        read: Mapping[str, int] = MappingProxyType({}),
        **kwargs: Any,
    ) -> None:
        initial = {"note": revised.note, "revision": revised.revision}
        super().__init__(*args, **{"initial": initial, **kwargs})
        self.revised, self.places, self.read = revised, {}, dict(read)
        for at, row in enumerate(revised.rows):
            if row["key"] in writable:
                self.places[row["key"]] = f"post-{at}"
                self.fields[f"post-{at}"] = MoneyField(
                    label=row["label"],
                    initial=number(self.read.get(row["key"], row["amount"])),
                )

    @property
    def amounts(self) -> dict[str, int]:
        return {key: self.cleaned_data[name] for key, name in self.places.items()}

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Each row of the table with its field, where the person may write."""
        return [
            {
                "row": row,
                "field": self[self.places[row["key"]]] if row["key"] in self.places else None,
            }
            for row in self.revised.rows
        ]


@gate(account=True)
@require_http_methods(["GET", "POST"])
def own(request: TenantRequest, application: UUID) -> HttpResponse:
    """The parties' form; once it is filed, what it says."""
    found = own_application(request, application)
    if not has_payments(found) or found.grant is None:
        raise Http404
    revised = _latest(found)
    if request.method == "POST" and request.POST.get("gor") == "borja":
        return _begin(request, found)
    form, sent, status = None, None, 200
    # What is filed is written no more, but what was sent once more is answered as the first time.
    is_sent = request.method == "POST" and revised is not None and revised.state in SENT
    if revised is not None and (is_sent or revised.state in WRITABLE):
        form = _form(request, found, revised)
    is_reading = request.POST.get("gor") == READ
    if is_sent and is_reading:
        messages.error(request, "Den reviderade budgeten är inlämnad och ändras inte längre.")
        return redirect(place("revised_budget", found))
    if form is not None and revised is not None and is_reading:
        form, sent, status = _read(request, found, revised)
    elif request.method == "POST":
        if form is None or revised is None:
            raise PermissionDenied("role")
        status = _keep(request, found, revised, form)
        if status == 200:
            return redirect(place("revised_budget", found))
    context = {
        **_context(found, revised),
        "form": form,
        "file_form": sent or WorkbookForm(),
        "needs": needs_revision(found),
        "crumbs": crumbs(found, "Reviderad budget"),
    }
    return render(request, "applications/applicant/revised_budget.html", context, status=status)


@gate(account=True)
@require_safe
def workbook(request: TenantRequest, application: UUID) -> HttpResponse:
    """The revised budget as it stands, as a workbook to write in."""
    found = own_application(request, application)
    revised = _latest(found) if has_payments(found) else None
    if revised is None or revised.state not in WRITABLE:
        raise Http404
    try:
        data = revision_workbook(application=found, revised=revised, actor=request.visitor.person())
    except NotAllowed as refusal:
        raise PermissionDenied(refusal.message) from refusal
    response = HttpResponse(data, content_type=KINDS["xlsx"].media_type)
    response["Content-Disposition"] = content_disposition(f"{revised}.xlsx")
    return response


@gate(*READERS)
@require_http_methods(["GET", "POST"])
def for_office(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """What the parties have filed, and the office's word on it."""
    found = application_or_404(request, public_id)
    if not has_payments(found):
        raise Http404
    revised = _latest(found)
    if revised is not None and revised.state == RevisedState.DRAFT:
        others = RevisedBudget.objects.filter(grant=found.grant_id)
        revised = others.exclude(state=RevisedState.DRAFT).last()
    refusal = None
    if request.method == "POST":
        if not request.visitor.is_office or revised is None:
            raise Http404
        try:
            done = _judge(request, found, revised)
        except DomainError as error:
            refusal, revised = error, RevisedBudget.objects.get(pk=revised.pk)
        else:
            messages.success(request, done)
            return redirect(request.path)
    context = {
        **_context(found, revised),
        "may_judge": request.visitor.is_office
        and revised is not None
        and revised.state == RevisedState.FILED,
        "refused": [(refusal.message, "")] if refusal else [],
        "message": request.POST.get("message", ""),
        "crumbs": [
            Link(
                "Ansökningar", reverse("applications:office_list", args=[request.association.slug])
            ),
            Link(found.title, application_url(found, request.association.slug)),
            Link("Reviderad budget"),
        ],
    }
    status = status_of_refusal(refusal) if refusal else 200
    return render(request, "applications/office/revised_budget.html", context, status=status)


def _begin(request: TenantRequest, found: Application) -> HttpResponse:
    try:
        begin_revision(application=found, actor=request.visitor.person())
    except NotAllowed as refusal:
        raise PermissionDenied(refusal.message) from refusal
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return redirect(place("revised_budget", found))


def _form(request: TenantRequest, found: Application, revised: RevisedBudget) -> RevisedForm | None:
    """The form; None for who has no role for a party."""
    try:
        lines = writable_lines(found, revised, request.visitor.person())
    except NotAllowed:
        return None
    said = request.POST if request.POST.get("gor") != READ else None
    return RevisedForm(said or None, revised=revised, writable=lines)


def _read(
    request: TenantRequest, found: Application, revised: RevisedBudget
) -> tuple[RevisedForm, WorkbookForm, int]:
    """The form with what was edited in a workbook, not saved; or why it could not be read."""
    actor, read = request.visitor.person(), None
    sent, status = WorkbookForm(request.POST, request.FILES), 422
    if sent.is_valid():
        try:
            read = read_revision(
                application=found, revised=revised, file=sent.cleaned_data["file"], actor=actor
            )
            status = 200
        except DomainError as error:
            sent.add_domain_error(error)
            status = 507 if isinstance(error, StorageFull) else 422
    lines = writable_lines(found, revised, actor)
    form = RevisedForm(revised=revised, writable=lines, read=read.amounts if read else {})
    if read is not None:
        sent.told, sent.formulas = _told(revised, read), " ".join(read.formulas)
    return form, sent, status


def _told(revised: RevisedBudget, read: Written) -> str:
    """What a workbook would change, line by line, in words."""
    changes = [
        f"{row['label']}: {kronor(row['amount'])} blir {kronor(read.amounts[row['key']])}."
        for row in revised.rows
        if row["key"] in read.amounts
    ]
    if not changes:
        return "Arbetsboken har samma belopp som portalen."
    others = [
        f"{label} har någon annan ändrat i portalen sedan arbetsboken hämtades."
        for label in read.others
    ]
    return " ".join([*changes, *others, "Inget är sparat än. Spara, eller ändra först i tabellen."])


def _keep(
    request: TenantRequest, found: Application, revised: RevisedBudget, form: RevisedForm
) -> int:
    """Save, and file where that was asked; the status to answer with, 200 when it is done."""
    if not form.is_valid():
        return 422
    actor, filing = request.visitor.person(), request.POST.get("gor") == "lamna"
    try:
        form.revised = save_revision(
            application=found,
            revised=revised,
            amounts=form.amounts,
            note=form.cleaned_data["note"],
            expected_revision=form.cleaned_data["revision"],
            actor=actor,
        )
        if filing:
            file_revision(application=found, revised=form.revised, actor=actor)
    except DomainError as refusal:
        form.add_refusal(refusal)
        if form.revised is not revised:
            # Saved, though not filed: the next saving goes on from there.
            form.data = {**request.POST.dict(), "revision": str(form.revised.revision)}
        return status_of_refusal(refusal)
    done = "Den reviderade budgeten är inlämnad till kansliet." if filing else "Budgeten är sparad."
    messages.success(request, done)
    return 200


def _judge(request: TenantRequest, found: Application, revised: RevisedBudget) -> str:
    actor = request.visitor.person()
    if request.POST.get("gor") == "godkann":
        approve_revised_budget(
            revised=revised, seen_hash=request.POST.get("sett", ""), actor=actor, case=found.case
        )
        return "Den reviderade budgeten är godkänd. Nu går det att rekvirera mot den."
    message = request.POST.get("message", "")[:2000]
    return_revised_budget(revised=revised, message=message, actor=actor, case=found.case)
    return "Den reviderade budgeten är skickad åter."


def _latest(found: Application) -> RevisedBudget | None:
    revised: RevisedBudget | None = (
        RevisedBudget.objects.filter(grant=found.grant_id)
        .select_related("grant", "association", "filed_by", "approved_by")
        .order_by("-number")
        .first()
    )
    return revised


def _context(found: Application, revised: RevisedBudget | None) -> dict[str, Any]:
    grant = found.grant
    granted = grant.amount if grant else 0
    stats = [Stat("Beviljat", kronor(granted))]
    facts: list[Fact] = []
    if revised is not None:
        stats += [
            Stat("På posterna", kronor(revised.total)),
            Stat("Återstår att fördela", kronor(granted - revised.total)),
        ]
        if revised.filed_by and revised.filed_at:
            facts.append(
                Fact("Inlämnad", f"{revised.filed_by.name}, {moment_long(revised.filed_at)}")
            )
        if revised.approved_by and revised.approved_at:
            who = f"{revised.approved_by.name}, {moment_long(revised.approved_at)}"
            facts.append(Fact("Godkänd", who))
        if revised.sha256:
            facts.append(Fact("Kontrollsumma (SHA-256)", revised.sha256))
    old = outdated(found.association, [holder_of(revised)]) if revised else []
    return {
        "application": found,
        "revised": revised,
        "status": LOOKS[RevisedState(revised.state)] if revised else None,
        "stats": stats,
        "facts": facts,
        "outdated": "; ".join(one.in_words for one in old),
        "document": document_for(document_key(revised)) if revised and revised.sha256 else None,
    }
