"""The agreement: written and followed by the office, read and signed by all its parties."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from applications.models import ApplicationParty
from applications.views.looks import page_tables
from boards import agreement_signing, agreements
from boards.agreement_external import KIND, order_agreement_signature
from boards.agreement_papers import address_of, document_key, laid_out, page_of
from boards.agreements_shown import (
    LOOKS,
    Standing,
    agreement_of,
    agreement_or_404,
    late_words,
    legal_force,
    standing_of,
)
from boards.changes_shown import changed_since_signing
from boards.figures import outdated_agreement
from boards.forms_agreement import (
    ASSOCIATION,
    AgreementForm,
    AgreementPaperForm,
    AgreementSignForm,
    DeclineForm,
    PartyForm,
    StartForm,
    TakeBackForm,
)
from boards.models import Agreement, AgreementEnd, AgreementState, AgreementVersion
from boards.views.acts import act, act_with_form
from boards.views.memo import application_or_404
from finsam.documents.documents import document_and_job
from finsam.documents.external_signing.service import has_signing_service
from finsam.documents.external_signing.shown import ask_about, party_orders, place_at_once
from finsam.documents.uploads import receive_upload
from finsam.people.access import OFFICE, TenantRequest, gate
from finsam.ui import Fact

Run = Callable[[dict[str, Any]], object]
SENT = "{} är låst och skickat. De som skriver under har fått ett mejl."


def office_page_of(agreement: Agreement) -> str:
    return address_of("office_agreement", agreement)


@require_GET
@gate(account=True)
def agreement(request: TenantRequest, public_id: UUID, number: int = 0) -> HttpResponse:
    """The agreement as it was sent, who has signed, and the place to sign."""
    found = agreement_or_404(request.visitor, public_id, number)
    return _page(request, found)


@require_POST
@gate(account=True)
def sign(request: TenantRequest, public_id: UUID, number: int = 0) -> HttpResponse:
    """Sign with one's password, or decline with a reason."""
    found = agreement_or_404(request.visitor, public_id, number)
    standing = standing_of(found, found.current)
    said: dict[str, Any] = {
        "seen": "",
        "what": found.in_words,
        "parties": _choices(standing, [p for p, _ in standing.rows]),
    }
    if request.POST.get("do") in ("external", "ask"):
        return _externally(request, found, PartyForm(request.POST, **said))
    declines = request.POST.get("do") == "decline"
    form: Any = DeclineForm(request.POST, **said) if declines else None
    form = form or AgreementSignForm(request.POST, **said)

    def run(data: dict[str, Any]) -> object:
        about = {
            "agreement": found,
            "party": _party(found, data["party"]),
            "seen_hash": data["seen"],
            "actor": request.visitor.person(),
        }
        if declines:
            return agreement_signing.decline_agreement(reason=data["reason"], **about)
        return agreement_signing.sign_agreement(password=data["password"], **about)

    if declines:
        done = f"Kansliet får veta att {found.in_words} inte skrivs under."
        return _act_on_page(request, found, run, done, decline=form)
    return _act_on_page(request, found, run, f"Tack, {found.in_words} är underskrivet.", sign=form)


def _externally(request: TenantRequest, found: Agreement, form: PartyForm) -> HttpResponse:
    """Order a signature at the external service, or fetch what it says of the one ordered."""
    actor = request.visitor.person()

    def run(data: dict[str, Any]) -> None:
        party = _party(found, data["party"])
        if request.POST["do"] == "ask":
            number = party.pk if party else 0
            if said := ask_about(KIND, found.current_id, number, actor):
                messages.info(request, said)
            return
        order = order_agreement_signature(
            agreement=found, party=party, seen_hash=data["seen"], actor=actor
        )
        place_at_once(order)

    return act_with_form(
        request, form, run, done="", back=f"{page_of(found)}#e-legitimation",
        again=lambda: _page(request, found, external=form),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@gate(*OFFICE)
def office(request: TenantRequest, public_id: UUID, number: int = 0) -> HttpResponse:
    """Prepare and write the agreement, send it, and follow who has signed."""
    found = agreement_of(request.visitor, public_id, number)
    if found is None and number:
        raise Http404
    if found is None:
        return _not_begun(request, application_or_404(request, public_id))
    if request.method == "GET":
        return _office_page(request, found)
    form = AgreementForm(request.POST, agreement=found)
    sends = request.POST.get("do") == "send"

    def run(data: dict[str, Any]) -> object:
        actor = request.visitor.person()
        saved = agreements.edit_agreement(
            agreement=found, texts=data, expected_revision=data["revision"], actor=actor
        )
        return agreements.send_agreement(agreement=saved, actor=actor) if sends else saved

    return _act_at_office(
        request,
        found,
        run,
        SENT.format(found.in_words.capitalize()) if sends else "Villkoren är sparade.",
        form=form,
    )


@require_POST
@gate(*OFFICE)
def prepare(request: TenantRequest, public_id: UUID) -> HttpResponse:
    application = application_or_404(request, public_id)
    return act(
        request,
        lambda: agreements.prepare_agreement(
            application=application, actor=request.visitor.person()
        ),
        done="",
        back=reverse("boards:office_agreement", args=[request.association.slug, public_id]),
    )


@require_POST
@gate(*OFFICE)
def take_back(request: TenantRequest, public_id: UUID, number: int = 0) -> HttpResponse:
    found = agreement_or_404(request.visitor, public_id, number)

    def run(data: dict[str, Any]) -> object:
        return agreements.take_back_agreement(
            agreement=found,
            seen_hash=data["seen"],
            reason=data["reason"],
            actor=request.visitor.person(),
        )

    what = found.in_words
    done = f"{what.capitalize()} är ett utkast igen. Underskrifterna på det gäller inte längre."
    form = TakeBackForm(request.POST, seen="", what=what)
    return _act_at_office(request, found, run, done, take_back=form)


@require_POST
@gate(*OFFICE)
def paper(request: TenantRequest, public_id: UUID, number: int = 0) -> HttpResponse:
    """Register a signature on paper with its scan."""
    found = agreement_or_404(request.visitor, public_id, number)
    standing = standing_of(found, found.current)
    every = [party for party, _ in standing.rows]
    form = AgreementPaperForm(
        request.POST, request.FILES, seen="", parties=_choices(standing, every)
    )

    def run(data: dict[str, Any]) -> object:
        actor = request.visitor.person()
        scan = receive_upload(
            association=request.association, file=data["file"], purpose="annex", actor=actor
        )
        return agreement_signing.sign_agreement_on_paper(
            agreement=found,
            party=_party(found, data["party"]),
            signatory_name=data["signatory_name"],
            signatory_title=data["signatory_title"],
            scan=scan,
            original_received=data["original_received"],
            seen_hash=data["seen"],
            actor=actor,
        )

    done = "Underskriften på papper är registrerad."
    return _act_at_office(request, found, run, done, paper=form)


@require_POST
@gate(*OFFICE)
def start(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Let the effort run, once all have signed."""
    found = agreement_or_404(request.visitor, public_id)

    def run(data: dict[str, Any]) -> object:
        return agreements.start_effort(
            agreement=found,
            started_on=data["started_on"],
            although_unsigned=data.get("although_unsigned", False),
            actor=request.visitor.person(),
        )

    form = StartForm(request.POST, agreement=found)
    return _act_at_office(request, found, run, "Insatsen är igång.", start=form)


def _act_on_page(
    request: TenantRequest, found: Agreement, run: Run, done: str, **named: Any
) -> HttpResponse:
    """Do what the one named form of the agreement's page asks, and show the page again."""
    (form,) = named.values()
    return act_with_form(
        request, form, run, done=done, back=page_of(found),
        again=lambda: _page(request, found, **named),
    )  # fmt: skip


def _act_at_office(
    request: TenantRequest, found: Agreement, run: Run, done: str, **named: Any
) -> HttpResponse:
    """The same for the office's page."""
    (form,) = named.values()
    return act_with_form(
        request, form, run, done=done, back=office_page_of(found),
        again=lambda: _office_page(request, found, **named),
    )  # fmt: skip


# --- what the pages show -------------------------------------------------------------------------


def _page(request: TenantRequest, found: Agreement, **forms: Any) -> HttpResponse:
    version = found.current or found.versions.first()
    standing = standing_of(found, found.current)
    mine = standing.mine(request.visitor) if found.state == AgreementState.SENT else []
    said: dict[str, Any] = {
        "seen": version.content_hash if version else "",
        "what": found.in_words,
        "parties": _choices(standing, mine),
    }
    context = {
        **_common(found, version, standing),
        "mine": mine,
        "sign_form": forms.get("sign") or AgreementSignForm(**said),
        "decline_form": forms.get("decline") or DeclineForm(auto_id="decline_%s", **said),
        "is_office": request.visitor.is_office,
        "faulty": forms.get("external"),
        "external": party_orders(
            KIND,
            version.pk,
            [(one.pk if one else 0, standing.name_of(one)) for one in mine],
            request.visitor.person(),
        )
        if version and mine and has_signing_service()
        else [],
    }
    status = 422 if forms else 200
    return render(request, "boards/agreement.html", context, status=status)


def _office_page(request: TenantRequest, found: Agreement, **forms: Any) -> HttpResponse:
    version = found.current
    standing = standing_of(found, version)
    seen = version.content_hash if version else ""
    open_ = standing.waiting if found.state == AgreementState.SENT else []
    said: dict[str, Any] = {"seen": seen, "parties": _choices(standing, open_)}
    context = {
        **_common(found, version, standing),
        "form": forms.get("form") or AgreementForm(agreement=found),
        "paper_form": forms.get("paper") or AgreementPaperForm(auto_id="paper_%s", **said),
        "is_office": True,
        "take_back_form": forms.get("take_back") or _take_back_form(found, seen),
        "start_form": forms.get("start") or StartForm(agreement=found),
        "faulty": next(iter(forms.values()), None),
        "open_form": next(iter(forms), ""),
        "mine": standing.mine(request.visitor) if version else [],
    }
    status = 422 if forms else 200
    return render(request, "boards/agreement_office.html", context, status=status)


def _take_back_form(found: Agreement, seen: str) -> TakeBackForm:
    return TakeBackForm(auto_id="back_%s", seen=seen, what=found.in_words)


def _not_begun(request: TenantRequest, application: Any) -> HttpResponse:
    if request.method == "POST" or application.state not in agreements.GRANTED:
        raise Http404
    context = {
        "application": application,
        "late": late_words(application),
        "may_begin": application.is_outcome_public,
    }
    return render(request, "boards/agreement_begin.html", context)


def _common(
    found: Agreement, version: AgreementVersion | None, standing: Standing
) -> dict[str, Any]:
    content = version.content if version else agreements.content_of(found)
    shown = laid_out(content)
    document, job = document_and_job(document_key(found))
    table = {
        "caption": shown["budget_caption"],
        "columns": [{"text": one["text"], "numeric": one["numeric"]} for one in _columns(shown)],
        "rows": shown["budget_rows"],
        "total": shown["budget_total"] or [],
    }
    latest = AgreementEnd.objects.filter(version__agreement=found).select_related("party", "user")
    return {
        "agreement": found,
        "is_addendum": found.change is not None,
        "page_url": page_of(found),
        "office_url": office_page_of(found),
        "sign_url": address_of("agreement_sign", found),
        "application": found.application,
        "status": LOOKS[found.state],
        "version": version,
        "shown": shown,
        "facts": [Fact(term, value) for term, value in shown["facts"] if value],
        "budget": page_tables([table])[0] if shown["budget_rows"] else None,
        "standing": standing,
        "signatures": standing.signatures() if version and found.current else [],
        "ended": latest.first() if found.state == AgreementState.DRAFT else None,
        "late": "" if found.change else late_words(found.application),
        "legal_force": legal_force(found),
        "changed": ""
        if found.change
        else changed_since_signing(found.application, found.signed_at),
        "outdated": outdated_agreement(version)
        if version and found.state == AgreementState.SENT
        else [],
        "document": document,
        "job": job,
    }


def _columns(shown: dict[str, Any]) -> list[dict[str, Any]]:
    columns: list[dict[str, Any]] = shown["budget_columns"]
    return columns


def _choices(standing: Standing, parties: list[ApplicationParty | None]) -> list[tuple[str, str]]:
    return [(str(one.pk) if one else ASSOCIATION, standing.name_of(one)) for one in parties]


def _party(found: Agreement, chosen: str) -> ApplicationParty | None:
    if chosen == ASSOCIATION:
        return None
    return next(one for one in found.application.parties.all() if str(one.pk) == chosen)
