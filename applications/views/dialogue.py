"""Talking before writing: the dialogue about a proposed template, and questions about a round."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.forms_public import AnswerForm, AskForm, CommentForm, RewordForm
from applications.models import ApplicationTemplate, Question, Round, TemplateComment, TemplateState
from applications.queries import APPLICANT
from applications.round_threads import threads_about, write_about_round
from applications.rounds import sections_to_show
from applications.template_dialogue import (
    answer_comment,
    comment_on_question,
    comments_of,
    finalise_template,
    invited_members,
    may_discuss,
    propose_template,
    reword_question,
)
from finsam.errors import DomainError
from finsam.people.access import OFFICE, TenantRequest, gate
from finsam.ui import Comment, Link, Status

STATES = {
    TemplateState.DRAFT: Status("Utkast", "neutral"),
    TemplateState.PROPOSED: Status("Förslag, tyck till", "info"),
    TemplateState.FINAL: Status("Fastställd", "success"),
}


@gate(*OFFICE, *APPLICANT)
@require_safe
def template(request: TenantRequest, programme: str, version: int) -> HttpResponse:
    """A version of a template, question by question, with what has been said of it."""
    found = _template(request, programme, version)
    comments: dict[int, list[TemplateComment]] = {}
    for comment in comments_of(found).select_related("author", "member", "answered_by"):
        comments.setdefault(comment.question_id, []).append(comment)
    sections = [
        {
            "section": section,
            "questions": [
                {
                    "question": question,
                    "comments": len(comments.get(question.pk, [])),
                    "unanswered": sum(not c.answer for c in comments.get(question.pk, [])),
                    "url": _url(found, "template_question", question.key),
                }
                for question in section.questions.all()
            ],
        }
        for section in sections_to_show(found)
    ]
    every = [comment for listed in comments.values() for comment in listed]
    context = {
        **_frame(request, found),
        "sections": sections,
        "comment_count": len(every),
        "unanswered": sum(not comment.answer for comment in every),
        "owners": invited_members(found),
        "propose_url": _url(found, "template_propose"),
        "final_url": _url(found, "template_final"),
    }
    return render(request, "applications/dialogue/template.html", context)


@gate(*OFFICE, *APPLICANT)
@require_http_methods(["GET", "POST"])
def question(request: TenantRequest, programme: str, version: int, question: str) -> HttpResponse:
    """One question of a template: its words, the comments, and the place to write."""
    found = _template(request, programme, version)
    asked = get_object_or_404(
        Question.objects.select_related("section__template"),
        section__template=found,
        key=question,
    )
    rewording = request.visitor.is_office and "prompt" in request.POST
    comment_form = CommentForm(request.POST if request.method == "POST" and not rewording else None)
    reword_form = RewordForm(
        request.POST if rewording else None, initial={"prompt": asked.prompt, "help": asked.help}
    )
    form = reword_form if rewording else comment_form
    if request.method == "POST" and form.is_valid():
        try:
            _write(request, asked, form, rewording=rewording)
        except DomainError as error:
            _add_error(form, error)
        else:
            return redirect(_url(found, "template_question", asked.key))
    context = {
        **_frame(request, found, asked),
        "question": asked,
        "heading": (asked.options or {}).get("heading") or asked.prompt,
        "rows": [_row(request, found, one) for one in _comments(asked)],
        "form": comment_form,
        "reword_form": reword_form,
        "is_open": found.state == TemplateState.PROPOSED,
    }
    status = 422 if form.errors else 200
    return render(request, "applications/dialogue/question.html", context, status=status)


@gate(*OFFICE)
@require_POST
def answer(request: TenantRequest, programme: str, version: int, comment: int) -> HttpResponse:
    """Answer a comment."""
    found = _template(request, programme, version)
    said = get_object_or_404(
        comments_of(found).select_related("question__section__template"), pk=comment
    )
    form = AnswerForm(request.POST)
    try:
        answer_comment(
            comment=said, answer=form.data.get("answer", ""), actor=request.visitor.person()
        )
    except DomainError as error:
        messages.error(request, error.message)
    return redirect(_url(found, "template_question", said.question.key))


@gate(*OFFICE)
@require_POST
def propose(request: TenantRequest, programme: str, version: int) -> HttpResponse:
    """Share the draft with the invited owners."""
    return _change(request, programme, version, propose_template, "Förslaget är skickat.")


@gate(*OFFICE)
@require_POST
def finalise(request: TenantRequest, programme: str, version: int) -> HttpResponse:
    """Make the template final."""
    return _change(request, programme, version, finalise_template, "Mallen är fastställd.")


@gate(*APPLICANT)
@require_http_methods(["GET", "POST"])
def ask(request: TenantRequest, slug: str) -> HttpResponse:
    """Ask the office about a round, on behalf of one's organisation."""
    rounds = Round.objects.select_related("association", "programme")
    found = get_object_or_404(rounds, association=request.association, slug=slug)
    members = request.visitor.members(*APPLICANT)
    form = AskForm(request.POST or None, members=members)
    if request.method == "POST" and form.is_valid():
        try:
            post = write_about_round(
                round=found,
                member=form.cleaned_data["member"],
                body=form.cleaned_data["body"],
                actor=request.visitor.person(),
            )
        except DomainError as error:
            _add_error(form, error)
        else:
            messages.success(request, "Frågan är skickad. Du får ett mejl när någon svarar.")
            return redirect(_thread_url(request, found, post.thread_id))
    address = reverse("applications:round", args=[request.association.slug, found.slug])
    context = {
        "round": found,
        "form": form,
        "threads": [
            Link(about.member.name, _thread_url(request, found, about.thread_id))
            for about in threads_about(found, members)
        ],
        "crumbs": [Link(found.name, address), Link("Fråga kansliet")],
    }
    status = 422 if form.errors else 200
    return render(request, "applications/dialogue/ask.html", context, status=status)


# --- parts ----------------------------------------------------------------------------------------


def _template(request: TenantRequest, programme: str, version: int) -> ApplicationTemplate:
    """The version, if the person may see it: a final one the invited and the office, no others."""
    rows = ApplicationTemplate.objects.select_related("programme__association")
    found: ApplicationTemplate = get_object_or_404(
        rows,
        programme__association=request.association,
        programme__slug=programme,
        version=version,
    )
    if not may_discuss(request.visitor, found):
        raise PermissionDenied("role")
    if found.state == TemplateState.DRAFT and not request.visitor.is_office:
        raise Http404
    return found


def _url(template: ApplicationTemplate, name: str, *more: Any) -> str:
    programme = template.programme
    place = [programme.association.slug, programme.slug, template.version]
    return reverse(f"applications:{name}", args=[*place, *more])


def _frame(
    request: TenantRequest, template: ApplicationTemplate, question: Question | None = None
) -> dict[str, Any]:
    """What both pages show: which version, its state, and the way back."""
    title = f"{template.programme.name}, mall version {template.version}"
    crumbs = [
        Link("Sök finansiering", request.association.get_absolute_url()),
        Link(title, _url(template, "template") if question else ""),
    ]
    if question is not None:
        crumbs.append(Link((question.options or {}).get("heading") or question.prompt))
    return {
        "template": template,
        "title": title,
        "status": STATES[TemplateState(template.state)],
        "is_office": request.visitor.is_office,
        "crumbs": crumbs,
    }


def _comments(question: Question) -> list[TemplateComment]:
    return list(question.comments.select_related("author", "member", "answered_by"))


def _row(
    request: TenantRequest, template: ApplicationTemplate, comment: TemplateComment
) -> dict[str, Any]:
    organisation = comment.member.name if comment.member else request.association.office_name
    said = [Comment(comment.author.shown_name, comment.body, comment.created_at, organisation)]
    if comment.answered_by and comment.answered_at:
        office = request.association.office_name
        said.append(
            Comment(comment.answered_by.shown_name, comment.answer, comment.answered_at, office)
        )
    return {
        "comments": said,
        "pk": comment.pk,
        "answered": bool(comment.answer),
        "answer_url": _url(template, "template_answer", comment.pk),
    }


def _write(
    request: TenantRequest, asked: Question, form: CommentForm | RewordForm, *, rewording: bool
) -> None:
    actor = request.visitor.person()
    if rewording:
        reword_question(question=asked, actor=actor, **form.cleaned_data)
        messages.success(request, "Frågan är ändrad.")
    else:
        comment_on_question(question=asked, actor=actor, **form.cleaned_data)
        messages.success(request, "Kommentaren är sparad.")


def _add_error(form: Any, error: DomainError) -> None:
    form.add_error(error.field if error.field in form.fields else None, error.message)


def _change(
    request: TenantRequest, programme: str, version: int, act: Any, said: str
) -> HttpResponse:
    found = _template(request, programme, version)
    try:
        act(template=found, actor=request.visitor.person())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, said)
    return redirect(_url(found, "template"))


def _thread_url(request: TenantRequest, round_: Round, thread_id: int) -> str:
    """The conversation's own page, or the round's while there is none."""
    try:
        return reverse("messages:thread", args=[request.association.slug, thread_id])
    except NoReverseMatch:
        return reverse("applications:round_ask", args=[request.association.slug, round_.slug])
