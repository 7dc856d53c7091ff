"""The director's decision memo: written with all that is known beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from applications.freezing import latest_received
from applications.models import Application, ApplicationState
from boards import memos
from boards.consultation import statements_of
from boards.figures import figures_read, memo_holder, outdated_memo
from boards.forms import MemoForm, TextsForm
from boards.memo_content import criteria_table
from boards.models import DecisionMemo, MemoState
from boards.queries import whole_number
from boards.renewing import renew_memo
from boards.views.acts import act
from finsam.documents.documents import document_and_job
from finsam.errors import Conflict, DomainError
from finsam.people.access import OFFICE, TenantRequest, gate
from finsam.people.models import RoleKind
from finsam.typography import clock_time


def memo_url(application: Application) -> str:
    return reverse("boards:memo", args=[application.association.slug, application.public_id])


def application_or_404(request: TenantRequest, public_id: UUID) -> Application:
    found = (
        Application.objects.filter(association=request.association, public_id=public_id)
        .exclude(state=ApplicationState.DRAFT)
        .select_related("association", "case", "round__frame__account", "round__programme")
        .first()
    )
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "POST"])
@gate(*OFFICE)
def memo(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Write the memo; saved as one types, frozen when it is finished."""
    application = application_or_404(request, public_id)
    if request.method == "POST":
        return _save(request, application)
    latest = application.memos.first()
    if latest is None and application.state != ApplicationState.IN_PREPARATION:
        raise Http404
    if latest is None or (
        latest.state == MemoState.FINAL and application.state == ApplicationState.IN_PREPARATION
    ):
        latest = None
    return _page(request, application, latest, MemoForm(memo=latest) if latest else None)


@require_POST
@gate(*OFFICE)
def start(request: TenantRequest, public_id: UUID) -> HttpResponse:
    application = application_or_404(request, public_id)
    return act(
        request,
        lambda: memos.start_memo(application=application, actor=request.visitor.person()),
        done="",
        back=memo_url(application),
    )


@require_POST
@gate(RoleKind.DIRECTOR)
def finish(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Freeze the memo and send the application to the board."""
    application = application_or_404(request, public_id)

    def run() -> None:
        latest = application.memos.first()
        if latest is None:
            raise DomainError("no_memo", "Börja skriva underlaget först.")
        memos.finish_memo(memo=latest, actor=request.visitor.person())

    return act(
        request,
        run,
        done="Underlaget är klart och ansökan har gått till styrelsen.",
        back=memo_url(application),
    )


@require_POST
@gate(*OFFICE)
def renew(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Make the memo anew with the figures of now."""
    application = application_or_404(request, public_id)

    def run() -> None:
        latest = application.memos.first()
        if latest is None:
            raise DomainError("no_memo", "Börja skriva underlaget först.")
        renew_memo(memo=latest, actor=request.visitor.person())

    return act(
        request,
        run,
        done="Underlaget är omgjort med de belopp som gäller nu. Läs igenom det.",
        back=memo_url(application),
    )


def _save(request: TenantRequest, application: Application) -> HttpResponse:
    latest = application.memos.filter(state=MemoState.DRAFT).first()
    if latest is None:
        raise Http404
    form = MemoForm(request.POST)

    def save(expected_revision: int) -> tuple[datetime, int]:
        data = form.cleaned_data
        saved = memos.save_memo(
            memo=latest,
            texts=form.texts(),
            proposed_outcome=data["proposed_outcome"],
            proposed_amount=data["proposed_amount"],
            conditions=data["conditions"],
            expected_revision=expected_revision,
            actor=request.visitor.person(),
        )
        return saved.updated_at, saved.revision

    def stands() -> tuple[int, Mapping[str, str]]:
        latest.refresh_from_db()
        return latest.revision, latest.texts

    return save_typed(
        request,
        form,
        save,
        stands,
        again=lambda: _page(request, application, latest, form, status=422),
        done="Underlaget är sparat.",
        back=memo_url(application),
    )


def save_typed(
    request: TenantRequest,
    form: TextsForm,
    save: Callable[[int], tuple[datetime, int]],
    stands: Callable[[], tuple[int, Mapping[str, str]]],
    *,
    again: Callable[[], HttpResponse],
    done: str,
    back: str,
) -> HttpResponse:
    """Save a memo as one types, or by its button. `save` gets the revision that was read.

    When somebody else has saved in between, `stands` gives the revision and the texts of now.
    """
    autosave = request.headers.get("X-Autosave") == "1"
    if not form.is_valid():
        if autosave:
            errors = [str(error) for one in form.errors.values() for error in one]
            return JsonResponse({"message": errors[0]}, status=422)
        return again()
    # After a conflict the writer has seen both texts and chosen the own one over that revision.
    kept = whole_number(request.POST.get("keep"))
    try:
        moment, version = save(form.cleaned_data["version"] if kept is None else kept)
    except Conflict as refusal:
        revision, saved = stands()
        return _conflict(request, form, refusal, revision=revision, saved=saved, back=back)
    if autosave:
        return JsonResponse({"saved": clock_time(moment), "version": version})
    messages.success(request, done)
    return redirect(back)


def _conflict(
    request: TenantRequest,
    form: TextsForm,
    refusal: Conflict,
    *,
    revision: int,
    saved: Mapping[str, str],
    back: str,
) -> HttpResponse:
    """Both texts side by side under each heading that differs, and the choice between them."""
    autosave = request.headers.get("X-Autosave") == "1"
    mine = form.texts()
    context = {
        "refusal": refusal,
        "revision": revision,
        "texts": [
            (heading, saved.get(key, ""), mine[key])
            for key, heading in form.HEADINGS
            if saved.get(key, "") != mine[key]
        ],
        "fields": [] if autosave else [(name, request.POST.get(name, "")) for name in form.fields],
        "back": back,
    }
    template = "boards/memo_conflict_panel.html" if autosave else "boards/memo_conflict.html"
    return render(request, template, context, status=409)


def _page(
    request: TenantRequest,
    application: Application,
    latest: DecisionMemo | None,
    form: MemoForm | None,
    status: int = 200,
) -> HttpResponse:
    version = latest_received(application)
    frame = application.round.frame
    recommendation = application.recommendations.first()
    made = latest is not None and latest.state == MemoState.FINAL
    document, job = document_and_job(memo_holder(latest)) if latest and made else (None, None)
    context = {
        "application": application,
        "memo": latest,
        "form": form if latest and latest.state == MemoState.DRAFT else None,
        "headings": memos.HEADINGS,
        "requested": version.requested_amount if version else None,
        "frame": frame,
        "recommendation": recommendation,
        "criteria": criteria_table(recommendation),
        "statements": statements_of(application),
        "parties": application.parties.all(),
        "document": document,
        "job": job,
        "may_finish": request.visitor.has(RoleKind.DIRECTOR),
        "outdated": outdated_memo(latest, figures_read(application, version, recommendation))
        if latest
        else [],
        "renew_url": reverse(
            "boards:memo_renew", args=[application.association.slug, application.public_id]
        ),
    }
    return render(request, "boards/memo.html", context, status=status)
