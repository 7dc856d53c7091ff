"""Where director and administrator give documents their look; and the logo, for all to see."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from finsam.documents import letterheads as capability
from finsam.documents.downloads import serve_file
from finsam.documents.filenames import content_disposition
from finsam.documents.forms import LetterheadForm
from finsam.documents.guard.purposes import PURPOSES
from finsam.documents.letterhead_preview import sample_file, trial_file, trial_preview
from finsam.documents.making import DOCX
from finsam.documents.models import Letterhead, LetterheadPart
from finsam.documents.preview_views import answer_preview
from finsam.documents.word_letterhead import CONTENT, FIELDS
from finsam.errors import DomainError
from finsam.people.access import TenantRequest, gate
from finsam.ui import Link

MEANINGS = {
    "förbund": "förbundets namn",
    "organisationsnummer": "förbundets organisationsnummer",
    "adress": "förbundets postadress",
    "e-post": "förbundets e-post",
    "telefon": "förbundets telefon",
    "slag": "slag av handling, till exempel Protokoll",
    "rubrik": "handlingens rubrik",
    "nummer": "diarienummer",
    "datum": "dagens datum när handlingen görs",
    "handling": "handlingens id, som den kan kontrolleras med",
    CONTENT: "platsen för innehållet, ensamt i ett stycke",
}


@require_http_methods(["GET", "POST"])
@gate(*capability.SETTING_UP)
def letterheads(request: TenantRequest) -> HttpResponse:
    """The versions of template and logo; POST takes in the next of either."""
    sent = request.POST.get("part", "")
    forms = {
        part: LetterheadForm(
            *((request.POST, request.FILES) if sent == part else ()),
            accept=PURPOSES[capability.PURPOSE[part]].accept,
            auto_id=f"id_{part}_%s",
        )
        for part in LetterheadPart
    }
    used = forms[LetterheadPart(sent)] if sent in LetterheadPart.values else None
    if used is not None and used.is_valid():
        try:
            made = capability.receive_letterhead(
                association=request.association,
                part=LetterheadPart(sent),
                file=used.cleaned_data["file"],
                actor=request.visitor.person(),
            )
        except DomainError as refusal:
            used.add_error("file", refusal.message)
        else:
            messages.success(request, f"{made} är mottagen. Se efter hur den blir och välj den.")
            return redirect("documents:letterheads", request.association.slug)
    status = 422 if request.method == "POST" else 200
    return render(request, "documents/letterheads.html", _page(request, forms), status=status)


def _page(request: TenantRequest, forms: dict[LetterheadPart, LetterheadForm]) -> dict[str, object]:
    rows = Letterhead.objects.filter(association=request.association)
    versions = list(rows.select_related("association", "file", "made_by")[:100])
    association = request.association
    return {
        "word_form": forms[LetterheadPart.WORD],
        "logo_form": forms[LetterheadPart.LOGO],
        "templates": [one for one in versions if one.part == LetterheadPart.WORD],
        "logos": [one for one in versions if one.part == LetterheadPart.LOGO],
        "fields": [(f"{{{{{name}}}}}", MEANINGS[name]) for name in (*FIELDS, CONTENT)],
        "crumbs": [
            Link("Inställningar", reverse("applications:settings", args=[association.slug])),
            Link("Brevmall och logotyp"),
        ],
    }


@require_POST
@gate(*capability.SETTING_UP)
def choose(request: TenantRequest) -> HttpResponse:
    """Make documents with a version from now on, or with the portal's own (no number)."""
    part, number = request.POST.get("part", ""), request.POST.get("number", "")
    if part not in LetterheadPart.values:
        raise Http404
    actor = request.visitor.person()
    if number:
        found = _version(request, part, int(number) if number.isdecimal() else 0)
        capability.use_letterhead(letterhead=found, actor=actor)
        messages.success(request, f"{found} används i handlingar från och med nu.")
    else:
        capability.use_portals_own(
            association=request.association, part=LetterheadPart(part), actor=actor
        )
        messages.success(request, "Portalens egen används i handlingar från och med nu.")
    return redirect("documents:letterheads", request.association.slug)


@require_safe
@gate(*capability.SETTING_UP)
def sample(request: TenantRequest) -> HttpResponse:
    """The portal's own template, to make one's own of."""
    return _word(sample_file(request.association), f"Mall {request.association.short_name}.docx")


@require_safe
@gate(*capability.SETTING_UP)
def trial(request: TenantRequest, number: int) -> HttpResponse:
    """A made-up document in a version of the template."""
    found = _version(request, LetterheadPart.WORD, number)
    return _word(trial_file(found), f"Prov {found}.docx")


@require_safe
@gate(*capability.SETTING_UP)
def trial_pdf_view(request: TenantRequest, number: int) -> HttpResponse:
    """The same as PDF."""
    found = _version(request, LetterheadPart.WORD, number)
    return answer_preview(trial_preview(found, request.visitor.person()), shown=True)


@require_safe
@gate(public=True)
def logo(request: TenantRequest, checksum: str) -> HttpResponseBase:
    """A logo of the association, named by its content, so that browsers may keep it."""
    rows = Letterhead.objects.filter(
        association=request.association, part=LetterheadPart.LOGO, file__sha256=checksum
    ).select_related("file")
    found: Letterhead | None = rows.first()
    if found is None:
        raise Http404
    answer = serve_file(request, found.file, shown=True)
    answer["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer


def _version(request: TenantRequest, part: str, number: int) -> Letterhead:
    rows = Letterhead.objects.select_related("association", "file")
    return get_object_or_404(rows, association=request.association, part=part, number=number)


def _word(data: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(data, content_type=DOCX)
    answer["Content-Disposition"] = content_disposition(name)
    return answer
