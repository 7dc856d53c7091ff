"""Word both ways: the file out, a file in, and its answers taken question by question."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from applications.comparison import word_diff
from applications.models import Application, IdeaMode, IdeaSketch, IdeaState, Programme, WordFile
from applications.queries import APPLICANT
from applications.views.getting import crumbs as application_crumbs
from applications.views.getting import own_application, own_idea
from applications.views.printing import DOCX, as_file
from applications.word_form import empty_idea_docx, idea_docx
from applications.word_import import (
    BOTH,
    CHANGED,
    KEPT,
    NEW,
    Proposal,
    WordPreview,
    preview_word,
    receive_idea_word,
    receive_word,
    take_word,
    word_refusal,
)
from finsam.documents.downloads import serve_file
from finsam.documents.guard import PURPOSES
from finsam.documents.uploads import StorageFull
from finsam.errors import Conflict, DomainError
from finsam.forms import DomainForm
from finsam.people.access import TenantRequest, gate
from finsam.ui import FileItem, Link, Status

Owner = Application | IdeaSketch
LOOKS: dict[str, Status] = {
    NEW: Status("Nytt", "success"),
    CHANGED: Status("Ändrat i filen", "info"),
    KEPT: Status("Ändrat i portalen", "neutral"),
    BOTH: Status("Skiljer sig", "warning"),
}
TELLS = {
    NEW: "Frågan är inte besvarad i portalen.",
    CHANGED: "Svaret i portalen är som när filen hämtades; filen har en nyare text.",
    KEPT: "Filen har den äldre texten. Svaret har ändrats i portalen efter att filen hämtades.",
    BOTH: "Texten i portalen är en annan än i filen. Välj vilken som ska gälla.",
}
MOST_SHOWN = 20
ALIKE = 0.4
TAKE, PLACE, SEEN = "ta-", "placera-", "version-"


class WordForm(DomainForm):
    file = forms.FileField(
        label="Wordfil (.docx)",
        help_text="Blanketten härifrån, eller ert eget dokument med samma rubriker.",
        widget=forms.ClearableFileInput(attrs={"accept": PURPOSES["word"].accept}),
        error_messages={"required": "Välj en fil först.", "empty": "Filen är tom."},
    )


# --- of an application ----------------------------------------------------------------------------


@gate(account=True)
@require_http_methods(["GET", "POST"])
def application_word(request: TenantRequest, application: UUID) -> HttpResponse:
    """The file to fetch, the form to send it in, and the files that have come."""
    found = own_application(request, application)
    return _files(request, found)


@gate(account=True)
@require_http_methods(["GET", "POST"])
def application_word_file(request: TenantRequest, application: UUID, word: int) -> HttpResponse:
    """What a file says, compared with what there is; and taking it."""
    found = own_application(request, application)
    return _file(request, found, word)


@gate(account=True)
@require_safe
def application_word_original(
    request: TenantRequest, application: UUID, word: int
) -> HttpResponseBase:
    """The file as it came."""
    return serve_file(request, _word(own_application(request, application), word).upload.file)


# --- of a sketch ----------------------------------------------------------------------------------


@gate(account=True)
@require_http_methods(["GET", "POST"])
def idea_word(request: TenantRequest, idea: UUID) -> HttpResponse:
    return _files(request, own_idea(request, idea))


@gate(account=True)
@require_http_methods(["GET", "POST"])
def idea_word_file(request: TenantRequest, idea: UUID, word: int) -> HttpResponse:
    return _file(request, own_idea(request, idea), word)


@gate(account=True)
@require_safe
def idea_word_original(request: TenantRequest, idea: UUID, word: int) -> HttpResponseBase:
    return serve_file(request, _word(own_idea(request, idea), word).upload.file)


@gate(account=True)
@require_safe
def idea_form(request: TenantRequest, idea: UUID) -> HttpResponse:
    """The sketch as it stands, as a Word file."""
    found = own_idea(request, idea)
    return as_file(idea_docx(found), DOCX, f"{found.title}.docx")


@gate(*APPLICANT)
@require_safe
def empty_idea_form(request: TenantRequest, slug: str) -> HttpResponse:
    """The prompts of a programme's sketch as an empty Word file."""
    programmes = Programme.objects.exclude(idea_mode=IdeaMode.ABSENT)
    found = get_object_or_404(programmes, association=request.association, slug=slug)
    return as_file(empty_idea_docx(found), DOCX, f"Idéskiss {found.name}.docx")


# --- both -----------------------------------------------------------------------------------------


def _files(request: TenantRequest, owner: Owner) -> HttpResponse:
    refusal = _refusal(owner)
    form = WordForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            word = _receive(request, owner, form.cleaned_data["file"])
        except DomainError as error:
            form.add_domain_error(error)
            status = 507 if isinstance(error, StorageFull) else 422
        else:
            return redirect(_place(owner, "word_file", word.pk))
    elif form.errors:
        status = 422
    context = {
        **_about(owner, "Word"),
        "form": form,
        "refusal": refusal,
        "files": [_item(owner, word) for word in _words(owner)[:MOST_SHOWN]],
        "filled_url": _filled(owner),
    }
    return render(request, "applications/word/files.html", context, status=status)


def _file(request: TenantRequest, owner: Owner, pk: int) -> HttpResponse:
    word = _word(owner, pk)
    error: DomainError | None = None
    if request.method == "POST":
        try:
            taken = _take(request, word)
        except DomainError as refused:
            error = refused
        else:
            count = len(taken)
            said = "Ett svar" if count == 1 else f"{count} svar"
            messages.success(request, f"{said} hämtades ur filen. Läs igenom avsnitten.")
            return redirect(_place(owner, ""))
    preview = preview_word(word)
    chosen = request.POST if error is not None else None
    context = {
        **_about(owner, word.upload.file.name),
        "word": word,
        "preview": preview,
        "error": error,
        "refusal": _refusal(owner),
        "rows": [_row(proposal, chosen) for proposal in preview.proposals if proposal.differs],
        "same": [proposal.heading for proposal in preview.proposals if not proposal.differs],
        "left_over": [
            {"name": f"{PLACE}{number}", "left": left}
            for number, left in enumerate(preview.verdict.left_over)
        ],
        "seen": [(f"{SEEN}{key}", number) for key, number in preview.revisions.items()],
        "original_url": _place(owner, "word_original", word.pk),
        "files_url": _place(owner, "word_files"),
        "count": _count(preview),
    }
    status = 200 if error is None else 409 if isinstance(error, Conflict) else 422
    return render(request, "applications/word/file.html", context, status=status)


def _take(request: TenantRequest, word: WordFile) -> list[str]:
    posted = request.POST
    everything = posted.get("action") == "all"
    wanted = [
        name.removeprefix(TAKE)
        for name, value in posted.items()
        if name.startswith(TAKE) and (everything or value == "word")
    ]
    return take_word(
        word=word,
        chosen=wanted,
        placed={
            int(name.removeprefix(PLACE)): str(value)
            for name, value in posted.items()
            if name.startswith(PLACE) and name.removeprefix(PLACE).isdecimal() and value
        },
        revisions=_seen(posted),
        actor=request.visitor.person(),
    )


def _seen(posted: QueryDict) -> dict[str, int]:
    """The revisions that the page showed; one that is no number fits none."""
    return {
        name.removeprefix(SEEN): int(str(value)[:9])
        for name, value in posted.items()
        if name.startswith(SEEN) and str(value)[:9].isdecimal()
    }


def _receive(request: TenantRequest, owner: Owner, file: Any) -> WordFile:
    actor = request.visitor.person()
    if isinstance(owner, Application):
        return receive_word(application=owner, file=file, actor=actor)
    return receive_idea_word(sketch=owner, file=file, actor=actor)


def _refusal(owner: Owner) -> str:
    if isinstance(owner, Application):
        return word_refusal(owner)
    return "" if owner.state == IdeaState.DRAFT else "Skissen är skickad och kan inte ändras."


def _row(proposal: Proposal, posted: QueryDict | None) -> dict[str, Any]:
    name = f"{TAKE}{proposal.name}"
    suggested = "word" if proposal.is_suggested else "portal"
    return {
        "proposal": proposal,
        "name": name,
        "chosen": posted.get(name, suggested) if posted is not None else suggested,
        "status": LOOKS[proposal.state],
        "tells": TELLS[proposal.state],
        "pieces": word_diff(proposal.portal, proposal.word) if _is_alike(proposal) else [],
        "shown": proposal.shown,
    }


def _is_alike(proposal: Proposal) -> bool:
    """Whether the two texts are so near that their difference reads better than both of them."""
    matcher = SequenceMatcher(None, proposal.portal.split(), proposal.word.split(), autojunk=False)
    return bool(proposal.portal) and matcher.ratio() > ALIKE


def _count(preview: WordPreview) -> dict[str, int]:
    verdict = preview.verdict
    needed = len(verdict.missing)
    return {"found": len(verdict.found), "all": len(verdict.found) + needed}


def _about(owner: Owner, last: str) -> dict[str, Any]:
    return {
        "owner": owner,
        "is_idea": isinstance(owner, IdeaSketch),
        "back_url": _place(owner, ""),
        "crumbs": _crumbs(owner, last),
    }


def _crumbs(owner: Owner, last: str) -> list[Link]:
    if isinstance(owner, Application):
        return application_crumbs(owner, last)
    slug = owner.association.slug
    return [
        Link("Idéskisser", reverse("applications:ideas", args=[slug])),
        Link(owner.title, _place(owner, "")),
        Link(last),
    ]


def _place(owner: Owner, name: str, *more: Any) -> str:
    """The address of the owner's page, or of one of its pages about Word files."""
    what = "application" if isinstance(owner, Application) else "idea"
    full = f"applications:{what}_{name}" if name else f"applications:{what}"
    return reverse(full, args=[owner.association.slug, owner.public_id, *more])


def _filled(owner: Owner) -> str:
    name = "word" if isinstance(owner, Application) else "idea_form"
    return reverse(f"applications:{name}", args=[owner.association.slug, owner.public_id])


def _words(owner: Owner) -> Any:
    return owner.word_files.select_related("upload__file", "sent_by")


def _word(owner: Owner, pk: int) -> WordFile:
    rows = _words(owner).select_related(
        "application__association", "application__round__programme", "application__template",
        "idea__association", "idea__programme",
    )  # fmt: skip
    found: WordFile = get_object_or_404(rows, pk=pk)
    return found


def _item(owner: Owner, word: WordFile) -> FileItem:
    taken = len(word.taken)
    done = "Ett svar inläst" if taken == 1 else f"{taken} svar inlästa"
    return FileItem(
        name=word.upload.file.name,
        url=_place(owner, "word_file", word.pk),
        kind="Word",
        size=word.upload.file.size,
        added=word.sent_at,
        by=word.sent_by.name,
        status=Status(done, "success") if word.taken_at else Status("Inget inläst", "neutral"),
    )
