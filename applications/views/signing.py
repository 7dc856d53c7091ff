"""Signatures, submission, and the answer to a request for completion."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from applications.completeness import overview_of
from applications.declining import decline_to_sign, last_declined
from applications.documents import signature_page_preview
from applications.drafting import lock_for_writing
from applications.external_signing import KIND, offers_external_signing, order_signature
from applications.forms import DeclineForm, PaperForm, SignForm, SubmitForm, SupplementForm
from applications.freezing import live_annexes
from applications.intake import deadline_of, intake_days, intake_on
from applications.models import Application, ApplicationParty, SectionKind, SupplementRequest
from applications.models import Signature as SignatureRow
from applications.once import ReusedKey, new_key
from applications.privacy import personal_numbers_in, personal_numbers_in_annexes
from applications.signing import (
    freeze_for_signing,
    open_for_changes,
    sign,
    sign_on_paper,
    signing_state,
)
from applications.submission import exact, submit_application, what_blocks
from applications.supplementing import answer_supplement, open_request, supplement_faults
from applications.views.getting import (
    crumbs,
    keeps_text,
    own_application,
    place,
    received_whole,
    refused,
)
from applications.views.looks import task_of
from applications.views.writing import section_context
from finsam import clock
from finsam.documents.external_signing.shown import ask_about, party_orders, place_at_once
from finsam.documents.preview_views import answer_preview
from finsam.documents.uploads import receive_upload
from finsam.errors import DomainError
from finsam.people.access import TenantRequest, gate
from finsam.people.models import RoleKind, User
from finsam.ui import Signature, Status


@keeps_text
@gate(account=True)
@require_http_methods(["GET", "POST"])
def signatures(request: TenantRequest, application: UUID) -> HttpResponse:
    """Freeze, sign, decline, add a page signed by hand, or open again for changes."""
    found = own_application(request, application)
    sent = request.POST.get("form", "")
    sign_form = SignForm(request.POST if sent == "sign" else None)
    paper_form = PaperForm(
        request.POST if sent == "paper" else None, request.FILES if sent == "paper" else None
    )
    decline_form = DeclineForm(request.POST if sent == "decline" else None)
    forms = {"sign": sign_form, "paper": paper_form, "decline": decline_form}
    if request.method == "POST":
        form = forms.get(sent)
        if form is None or form.is_valid():
            try:
                return _act(request, found, sent, form)
            except DomainError as error:
                if form is None:
                    return refused(request, found, error)
                form.add_domain_error(error)
    context = _context(request, found, sign_form, paper_form, decline_form)
    status = 422 if any(form.errors for form in forms.values()) else 200
    return render(request, "applications/applicant/signatures.html", context, status=status)


@gate(account=True)
@require_safe
def signature_page(request: TenantRequest, application: UUID) -> HttpResponse:
    """The page to print and sign by hand, with the checksum of the content."""
    found = own_application(request, application)
    state = signing_state(found)
    if state.version is None:
        return redirect(place("signatures", found))
    return answer_preview(signature_page_preview(found, state, request.visitor.person()))


@keeps_text
@gate(account=True)
@require_http_methods(["GET", "POST"])
def submit(request: TenantRequest, application: UUID) -> HttpResponse:
    """The last look and the one button."""
    received_at = received_whole(request)
    found = own_application(request, application)
    if request.method == "POST":
        return _submit(request, found, received_at)
    if not found.is_draft:
        return redirect(place("receipt", found))
    return render(request, "applications/applicant/submit.html", _submit_page(request, found))


@keeps_text
@gate(account=True)
@require_http_methods(["GET", "POST"])
def supplement(request: TenantRequest, application: UUID) -> HttpResponse:
    """What the office asked for, how far it has come, and sending it."""
    received_at = received_whole(request)
    found = own_application(request, application)
    asked = open_request(found)
    form = SupplementForm(request.POST or None, initial={"key": new_key()})
    if request.method == "POST" and form.is_valid():
        try:
            answer_supplement(
                application=found,
                actor=request.visitor.person(),
                key=form.cleaned_data["key"],
                message=form.cleaned_data["message"],
                received_at=received_at,
            )
        except ReusedKey as error:
            return refused(request, found, error)
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "Kompletteringen är lämnad. Kansliet granskar den nu.")
            return redirect(found)
    if asked is None:
        return redirect(found)
    context = _supplement_page(found, asked, form)
    status = 422 if form.errors else 200
    return render(request, "applications/applicant/supplement.html", context, status=status)


def _act(request: TenantRequest, application: Application, sent: str, form: Any) -> HttpResponse:
    actor, here = request.visitor.person(), place("signatures", application)
    if sent == "freeze":
        freeze_for_signing(application=application, actor=actor)
        messages.success(request, "Innehållet är låst. Firmatecknarna har fått ett meddelande.")
    elif sent == "open":
        open_for_changes(application=application, actor=actor)
        messages.success(
            request, "Ansökan är öppen för ändringar. Underskrifter gäller inte längre."
        )
        return redirect(application)
    elif sent == "sign":
        party = _party(application, request)
        sign(
            application=application,
            party=party,
            password=form.cleaned_data["password"],
            actor=actor,
        )
        messages.success(request, f"Du har skrivit under för {party.name}.")
    elif sent == "decline":
        party = _party(application, request)
        decline_to_sign(application=application, party=party, actor=actor, **form.cleaned_data)
        messages.success(
            request, "Du har avböjt. Ansökan är öppen för ändringar, och de som skriver i den vet."
        )
    elif sent == "external":
        order = order_signature(
            application=application, party=_party(application, request), actor=actor
        )
        place_at_once(order)
        return redirect(f"{here}#e-legitimation")
    elif sent == "ask":
        party = _party(application, request)
        if said := ask_about(KIND, application.signing_version_id, party.pk, actor):
            messages.info(request, said)
    elif sent == "paper":
        party = _party(application, request)
        # What can be refused is refused before the file is taken in.
        lock_check(application, actor)
        scan = receive_upload(
            association=application.association,
            file=form.cleaned_data["file"],
            purpose="annex",
            actor=actor,
        )
        sign_on_paper(
            application=application,
            party=party,
            signatory_name=form.cleaned_data["signatory_name"],
            signatory_title=form.cleaned_data["signatory_title"],
            scan=scan,
            actor=actor,
        )
        messages.success(request, f"Underskriften för {party.name} är mottagen på papper.")
    return redirect(here)


def lock_check(application: Application, actor: User) -> None:
    """Raises what keeps the person from adding a signature now."""
    from django.db import transaction

    section = application.template.sections.filter(kind=SectionKind.SIGNATURES).first()
    with transaction.atomic():
        lock_for_writing(application, actor, section)


def _context(
    request: TenantRequest,
    application: Application,
    sign_form: SignForm,
    paper_form: PaperForm,
    decline_form: DeclineForm,
) -> dict[str, Any]:
    state = signing_state(application)
    overview = overview_of(application)
    part = overview.section_of(SectionKind.SIGNATURES)
    context = section_context(request, application, overview, part)
    signs_for = request.visitor.member_ids(RoleKind.SIGNATORY)
    mine = [party for party in state.waiting if party.member_id in signs_for]
    return {
        **context,
        "state": state,
        "faults": overview.faults,
        "signatures": [_shown(party, row) for party, row in state.parties],
        "mine": mine,
        "paper_for": state.waiting,
        "external": party_orders(
            KIND,
            state.version.pk,
            [(party.pk, party.name) for party in mine],
            request.visitor.person(),
        )
        if state.version and offers_external_signing(application)
        else [],
        "sign_form": sign_form,
        "paper_form": paper_form,
        "decline_form": decline_form,
        "declined": last_declined(application),
        "is_open": application.is_draft or context["may_write"],
    }


def _shown(party: ApplicationParty, row: SignatureRow | None) -> Signature:
    if row is None:
        return Signature(party.name, status=Status("Väntar", "warning"))
    method = {
        "logged_approval": "Med lösenord i portalen",
        "paper": "På papper, sidan är uppladdad",
        "external": "Med e-legitimation",
    }[row.method]
    return Signature(
        party.name,
        row.signatory_name,
        row.signatory_title,
        row.signed_at,
        Status("Underskriven", "success"),
        method,
    )


def _party(application: Application, request: TenantRequest) -> ApplicationParty:
    text = request.POST.get("party", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0
    return get_object_or_404(
        ApplicationParty.objects.select_related("application__association", "member"),
        application=application,
        pk=number,
    )


def _submit_page(
    request: TenantRequest, application: Application, form: SubmitForm | None = None
) -> dict[str, Any]:
    overview = overview_of(application)
    blocks = what_blocks(application, request.visitor, clock.now())
    # What is handed in is what was signed; until then there is nothing to confirm.
    version = application.signing_version
    mark = version.content_hash if version else ""
    return {
        "application": application,
        "form": form or SubmitForm(initial={"seen": mark, "key": new_key()}),
        "tasks": [task_of(status) for status in overview.statuses],
        "faults": overview.faults,
        "blocks": blocks,
        "may_submit": not blocks and not overview.faults,
        "requested": overview.budget.summary.requested,
        "parties": application.parties.all(),
        "personal_numbers": [
            *personal_numbers_in([status.section for status in overview.statuses], overview.values),
            *personal_numbers_in_annexes(live_annexes(application)),
        ],
        "closes": exact(closes) if (closes := deadline_of(application)) else "",
        "intake": intake_on(application.round, clock.now()),
        "is_past_intake": bool(intake_days(application.round)),
        "crumbs": crumbs(application, "Lämna in"),
    }


def _submit(request: TenantRequest, application: Application, received_at: Any) -> HttpResponse:
    form = SubmitForm(request.POST)
    if form.is_valid():
        try:
            submit_application(
                application=application,
                actor=request.visitor.person(),
                key=form.cleaned_data["key"],
                seen_hash=form.cleaned_data["seen"],
                received_at=received_at,
            )
        except DomainError as error:
            return refused(request, application, error)
        return redirect(place("receipt", application))
    if not application.is_draft:
        return redirect(place("receipt", application))
    page = _submit_page(request, application, form)
    return render(request, "applications/applicant/submit.html", page, status=422)


def _supplement_page(
    application: Application, asked: SupplementRequest, form: SupplementForm
) -> dict[str, Any]:
    overview = overview_of(application)
    return {
        "application": application,
        "asked": asked,
        "form": form,
        "tasks": [task_of(status) for status in overview.statuses if status.is_asked_for],
        "faults": supplement_faults(application, asked, overview),
        "comments": list(
            application.comments.filter(
                is_internal=False, section__in=list(asked.sections.all())
            ).select_related("author", "section")
        ),
        "is_late": asked.last_day < clock.today(),
        "crumbs": crumbs(application, "Komplettering"),
    }
