"""Writing a section: one page, saved as one types, a conflict shown with both texts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from applications import answers
from applications.completeness import SPECIAL, Overview, overview_of, section_url
from applications.drafting import SectionConflict, mark_section, save_section
from applications.fields import error_links, fields_of
from applications.models import Answer, Application, Section, SectionDraft, SectionKind
from applications.privacy import personal_numbers_in
from applications.views.both_texts import conflict_page, keep_name
from applications.views.getting import (
    crumbs,
    forget_kept,
    is_autosave,
    keeps_text,
    own_application,
    refused,
    take_kept,
)
from applications.views.looks import section_links
from finsam import clock, typography
from finsam.errors import DomainError
from finsam.people.access import TenantRequest, gate
from finsam.people.models import User


@keeps_text
@gate(account=True)
@require_http_methods(["GET", "POST"])
def section(request: TenantRequest, application: UUID, section: str) -> HttpResponse:
    """A section's questions; sections of another kind have a page of their own."""
    found = own_application(request, application)
    if request.method == "POST":
        rows = Section.objects.prefetch_related("questions")
        return _save(
            request, found, get_object_or_404(rows, template=found.template_id, key=section)
        )
    overview = overview_of(found)
    part = next((s.section for s in overview.statuses if s.section.key == section), None)
    if part is None:
        raise Http404
    if part.kind in SPECIAL:
        return redirect(section_url(found, part))
    context = section_context(request, found, overview, part)
    return render(request, "applications/applicant/section.html", context)


def section_context(
    request: TenantRequest, application: Application, overview: Overview, part: Section
) -> dict[str, Any]:
    """What the page of a section shows: its questions, its faults, the way on."""
    status = overview.of(part.key)
    context = answers.context_of(application)
    values = _values(part, overview.values)
    kept = take_kept(request)
    if kept is not None:
        values |= read_values(part, kept, context)
    is_marked = status.draft is not None and status.draft.done_at is not None
    wanted = "visa" in request.GET or is_marked
    fields = fields_of(part, values, context, show_missing=wanted)
    before, after = _neighbours(overview, part)
    return {
        "application": application,
        "section": part,
        "status": status,
        "overview": overview,
        "draft": status.draft,
        "fields": fields,
        "errors": error_links(fields),
        "has_long": any(field.type == "rich_text" for field in fields),
        "has_kept": kept is not None,
        "before": before,
        "after": after,
        "links": section_links(overview, part.key),
        "is_frozen": application.signing_version_id is not None and application.is_draft,
        "may_write": may_write(application, status.is_asked_for),
        "comments": comments_on(application, part),
        "other_writer": _other_writer(status.draft, request.visitor.person()),
        "personal_numbers": personal_numbers_in([part], overview.values),
        "crumbs": crumbs(application, part.heading),
        "autosave_key": f"user-{request.user.pk}:{application.public_id}:{part.key}",
    }


def may_write(application: Application, is_asked_for: bool) -> bool:
    """Whether the section's fields are open: in a draft that is not frozen, or asked for."""
    if application.is_draft:
        return application.signing_version_id is None
    return is_asked_for


def comments_on(application: Application, part: Section) -> list[Any]:
    """What the office has written to the applicant about a section."""
    if application.is_draft:
        return []
    rows = application.comments.filter(section=part, is_internal=False)
    return list(rows.select_related("author"))


def read_values(
    part: Section, posted: QueryDict, context: answers.AnswerContext
) -> dict[str, answers.Value]:
    """The answers that a form held, by the keys of their questions."""
    return {
        question.key: answers.read(question, posted, context)
        for question in part.questions.all()
        if answers.was_sent(question, posted)
    }


def _save(request: TenantRequest, application: Application, part: Section) -> HttpResponse:
    context = answers.context_of(application)
    values = _chosen(part, request.POST, read_values(part, request.POST, context), application)
    try:
        draft = save_section(
            application=application,
            section=part,
            values=values,
            expected_revision=_number(request.POST.get("version", "")),
            actor=request.visitor.person(),
        )
    except SectionConflict as conflict:
        return _conflict(request, application, part, conflict, context)
    except DomainError as error:
        if is_autosave(request):
            return JsonResponse({"message": error.message}, status=422)
        return refused(request, application, error)
    forget_kept(request)
    if is_autosave(request):
        saved = f"{clock.stockholm(draft.updated_at or clock.now()):%H.%M}"
        return JsonResponse({"saved": saved, "version": draft.revision, "message": ""})
    return _go_on(request, application, part, draft)


def _go_on(
    request: TenantRequest, application: Application, part: Section, draft: SectionDraft
) -> HttpResponse:
    """Where the pressed button leads after the answers have been saved."""
    action = request.POST.get("action", "save")
    here = section_url(application, part)
    if action == "undone":
        mark_section(application=application, section=part, done=False, actor=_actor(request))
        messages.success(request, f"{part.heading} är inte längre markerat som klart.")
        return redirect(here)
    if action == "done":
        status = overview_of(own_application(request, application.public_id)).of(part.key)
        if status.faults:
            messages.warning(request, "Sparat, men något saknas innan avsnittet är klart.")
            return redirect(f"{here}?visa=fel#felsammanfattning")
        mark_section(application=application, section=part, done=True, actor=_actor(request))
        messages.success(request, f"{part.heading} är klart.")
        return redirect(here)
    if action == "next":
        overview = overview_of(own_application(request, application.public_id))
        if overview.of(part.key).is_complete:
            mark_section(application=application, section=part, done=True, actor=_actor(request))
        _, after = _neighbours(overview, part)
        return redirect(after.url if after is not None else application)
    if action == "row":
        return redirect(f"{here}#{request.POST.get('row_of', '')[:80]}")
    messages.success(request, f"Sparat {typography.clock_time(draft.updated_at or clock.now())}.")
    return redirect(here)


def _conflict(
    request: TenantRequest,
    application: Application,
    part: Section,
    conflict: SectionConflict,
    context: answers.AnswerContext,
) -> HttpResponse:
    """Both texts of each question that two have changed."""
    shown = [
        {
            "question": clash.question,
            "heading": answers.heading_of(clash.question),
            "mine": answers.words(clash.question, clash.mine, context),
            "theirs": answers.words(clash.question, clash.theirs, context),
            "name": keep_name(clash.question.key),
            "may_join": clash.question.type in ("text", "rich_text"),
        }
        for clash in conflict.clashes
    ]
    return conflict_page(
        request,
        message=conflict.message,
        clashes=shown,
        version=conflict.draft.revision,
        application=application,
        section=part,
        crumbs=crumbs(application, part.heading, "Två texter"),
    )


def _chosen(
    part: Section,
    posted: QueryDict,
    values: dict[str, answers.Value],
    application: Application,
) -> dict[str, answers.Value]:
    """After a conflict: keep mine, leave theirs, or put the two after each other."""
    chosen = dict(values)
    for question in part.questions.all():
        choice = posted.get(keep_name(question.key), "")
        if choice == "theirs":
            chosen.pop(question.key, None)
        elif choice == "both":
            answer = Answer.objects.filter(application=application, question=question).first()
            theirs = answer.value if answer is not None else None
            chosen[question.key] = _joined(theirs, chosen.get(question.key))
    return chosen


def _joined(theirs: answers.Value, mine: answers.Value) -> answers.Value:
    if isinstance(theirs, str) and isinstance(mine, str):
        return f"{theirs}{mine}" if theirs.startswith("<") else f"{theirs} {mine}"
    return mine


def _values(part: Section, stored: Any) -> dict[str, answers.Value]:
    return {question.key: stored.get(question.pk) for question in part.questions.all()}


def _neighbours(overview: Any, part: Section) -> tuple[Any, Any]:
    statuses = list(overview.statuses)
    at = next(i for i, status in enumerate(statuses) if status.section.pk == part.pk)
    before = statuses[at - 1] if at else None
    after = statuses[at + 1] if at + 1 < len(statuses) else None
    return before, after


def _other_writer(draft: SectionDraft | None, person: User) -> str:
    """Who else saved here within five minutes."""
    if draft is None or draft.updated_by is None or draft.updated_at is None:
        return ""
    if draft.updated_by == person or (clock.now() - draft.updated_at).total_seconds() > 300:
        return ""
    return draft.updated_by.get_full_name()


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1


def _actor(request: TenantRequest) -> User:
    return request.visitor.person()


__all__ = ["SectionKind", "section", "section_context"]
