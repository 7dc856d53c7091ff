"""Idea sketches: the author's pages and the office's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from applications import time_plan as plans
from applications.discarding import kept_since
from applications.forms import AnswerIdeaForm, BeginForm, MessageForm
from applications.ideas import (
    IdeaConflict,
    answer_idea,
    idea_faults,
    idea_party_faults,
    personal_numbers_in_idea,
    prompts_of,
    save_idea,
    send_idea,
    start_idea,
    texts_of,
    write_to_idea,
)
from applications.models import IdeaMode, IdeaSketch, IdeaState, Programme, Round, TemplateState
from applications.once import new_key, once
from applications.queries import APPLICANT
from applications.views.both_texts import conflict_page, keep_name
from applications.views.discarding import discarded_idea_page
from applications.views.getting import forget_kept, is_autosave, keeps_text, own_idea, take_kept
from applications.views.idea_parties import parties_of
from finsam import clock
from finsam.errors import DomainError
from finsam.messages.models import Thread
from finsam.people.access import OFFICE, TenantRequest, gate
from finsam.ui import Comment, Link, Status

LOOKS: dict[str, Status] = {
    IdeaState.DRAFT: Status("Utkast", "info"),
    IdeaState.SENT: Status("Väntar på svar", "warning"),
    IdeaState.ANSWERED: Status("Besvarad", "success"),
    IdeaState.TURNED: Status("Blev ansökan", "neutral"),
}
ASSESSMENTS: dict[str, Status] = {
    "suitable": Status("Lämplig för medlen", "success"),
    "unclear": Status("Oklar", "warning"),
    "unsuitable": Status("Inte lämplig för medlen", "danger"),
}


@gate(*APPLICANT)
@require_GET
def ideas(request: TenantRequest) -> HttpResponse:
    """The person's sketches, and where one can begin."""
    every = IdeaSketch.objects.of_author(request.visitor)
    rows = every.kept().select_related("programme", "member", "case")
    context = {
        "discarded": every.filter(discarded_at__gt=kept_since()).select_related("association")[:20],
        "page": Paginator(rows, 50).get_page(request.GET.get("sida")),
        "looks": LOOKS,
        "programmes": _programmes(request),
    }
    return render(request, "applications/ideas/list.html", context)


@keeps_text
@gate(*APPLICANT)
@require_http_methods(["GET", "POST"])
def new(request: TenantRequest, slug: str) -> HttpResponse:
    """Begin a sketch in a programme."""
    programme = get_object_or_404(
        Programme.objects.exclude(idea_mode=IdeaMode.ABSENT),
        association=request.association,
        slug=slug,
    )
    members = request.visitor.members(*APPLICANT)
    form = BeginForm(request.POST or None, members=members, initial={"key": new_key()})
    form.fields["member"].label = "Vem skriver du för?"
    if request.method == "POST" and form.is_valid():
        try:
            sketch = start_idea(
                programme=programme,
                member=form.cleaned_data["member"],
                actor=request.visitor.person(),
                key=form.cleaned_data["key"],
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            return redirect(_place(sketch, "idea"))
    written = (programme.definition or {}).get("idea") or {}
    context = {
        "programme": programme,
        "form": form,
        "intro": written.get("intro", ""),
        "prompts": prompts_of(programme),
        "crumbs": [Link("Idéskisser", _list(request)), Link("Ny idéskiss")],
    }
    status = 200 if not form.errors else 422
    return render(request, "applications/ideas/new.html", context, status=status)


@keeps_text
@gate(*APPLICANT)
@require_http_methods(["GET", "POST"])
def idea(request: TenantRequest, idea: UUID) -> HttpResponse:
    """A sketch: written while it is a draft, read with its thread when it has been sent."""
    found = own_idea(request, idea)
    if found.state != IdeaState.DRAFT:
        return _sent_idea(request, found)
    if request.method == "POST":
        return _save(request, found)
    if found.discarded_at is not None:
        return discarded_idea_page(request, found)
    kept = take_kept(request)
    texts = texts_of(found)
    prompts = prompts_of(found.programme)
    if kept is not None:
        texts |= {p.key: kept.get(f"q-{p.key}", "") for p in prompts if f"q-{p.key}" in kept}
    shows = "visa" in request.GET
    faults = dict(idea_faults(found)) if shows else {}
    missing = idea_party_faults(found) if shows else []
    context = {
        "idea": found,
        "fields": [_field(prompt, texts, faults) for prompt in prompts],
        "errors": [
            *((text, f"#q-{key}") for key, text in faults.items()),
            *((text, "#parter") for text in missing),
        ],
        **parties_of(request, found, writes=True),
        "has_kept": kept is not None,
        "personal_numbers": personal_numbers_in_idea(found),
        "autosave_key": f"user-{request.user.pk}:idea:{found.public_id}",
        "status": LOOKS[found.state],
        "crumbs": [Link("Idéskisser", _list(request)), Link(found.title)],
    }
    return render(request, "applications/ideas/write.html", context)


@gate(*OFFICE)
@require_GET
def office_ideas(request: TenantRequest) -> HttpResponse:
    """The sketches that have been sent, those that wait first."""
    rows = (
        IdeaSketch.objects.filter(association=request.association)
        .sent()
        .select_related("programme", "member", "case", "author")
        .order_by("answered_at", "sent_at")
    )
    waiting = rows.filter(state=IdeaState.SENT)
    context = {
        "waiting": list(waiting[:50]),
        "page": Paginator(rows.exclude(state=IdeaState.SENT).order_by("-sent_at"), 50).get_page(
            request.GET.get("sida")
        ),
        "looks": LOOKS,
        "assessments": ASSESSMENTS,
    }
    return render(request, "applications/ideas/office_list.html", context)


@keeps_text
@gate(*OFFICE)
@require_http_methods(["GET", "POST"])
def office_idea(request: TenantRequest, idea: UUID) -> HttpResponse:
    """A sketch on one side, the answer on the other."""
    rows = IdeaSketch.objects.filter(association=request.association).sent()
    found = get_object_or_404(
        rows.select_related("association", "programme", "member", "author", "case", "thread"),
        public_id=idea,
    )
    form = AnswerIdeaForm(
        request.POST or None,
        initial={"assessment": found.preliminary_assessment, "text": found.assessment_text},
    )
    if request.method == "POST" and form.is_valid():
        try:
            answer_idea(sketch=found, actor=request.visitor.person(), **form.cleaned_data)
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "Svaret är skickat.")
            return redirect(_place(found, "office_idea"))
    context = {
        **_shown(found),
        **_plan(found, "group"),
        **parties_of(request, found, writes=False),
        "form": form,
        "may_answer": found.state in (IdeaState.SENT, IdeaState.ANSWERED),
        "crumbs": [
            Link(
                "Idéskisser", reverse("applications:office_ideas", args=[request.association.slug])
            ),
            Link(found.title),
        ],
    }
    status = 200 if not form.errors else 422
    return render(request, "applications/ideas/office.html", context, status=status)


@require_POST
@gate(*APPLICANT)
def time_plan(request: TenantRequest, idea: UUID) -> HttpResponse:
    """The applicant's side of the time plan: propose, agree, tick."""
    found = own_idea(request, idea)
    return _plan_act(request, found, _place(found, "idea"))


@require_POST
@gate(*OFFICE)
def office_time_plan(request: TenantRequest, idea: UUID) -> HttpResponse:
    """The preparing group's side of it, kept by the office."""
    rows = IdeaSketch.objects.filter(association=request.association).sent()
    found = get_object_or_404(rows.select_related("association", "programme"), public_id=idea)
    return _plan_act(request, found, _place(found, "office_idea"))


def _plan_act(request: TenantRequest, found: IdeaSketch, back: str) -> HttpResponse:
    do, actor = request.POST.get("do"), request.visitor.person()
    try:
        if do == "tick":
            position = _number(request.POST.get("position"))
            plans.tick_checkpoint(idea=found, position=position, actor=actor)
        elif do == "agree":
            seen = _number(request.POST.get("seen"))
            plans.agree_time_plan(idea=found, seen=seen, actor=actor)
        else:
            days = [parse_date(day) for day in request.POST.getlist("day")]
            wanted = [day for day in days if day is not None]
            plans.propose_time_plan(idea=found, days=wanted, actor=actor)
    except (DomainError, ValueError) as refusal:
        messages.error(request, getattr(refusal, "message", "Skriv dagarna som år-månad-dag."))
    else:
        said = {"tick": "Avstämt.", "agree": "Tidplanen är överenskommen."}
        messages.success(request, said.get(do or "", "Förslaget är skickat."))
    return redirect(f"{back}#tidplan")


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 9 else -1


def _plan(sketch: IdeaSketch, side: str) -> dict[str, Any]:
    """The time plan as a side sees it, where the programme has one and the idea is answered."""
    texts = plans.checkpoints_of(sketch)
    if not texts or sketch.state not in (IdeaState.ANSWERED, IdeaState.TURNED):
        return {}
    plan = plans.plan_of(sketch)
    view = "time_plan" if side == "applicant" else "office_time_plan"
    return {
        "has_plan": True,
        "plan": plan,
        "may_propose": plan is None or not all(one.is_done for one in plan.checkpoints.all()),
        "days": list(zip(texts, plans.suggested_days(sketch), strict=False)),
        "side": side,
        "plan_url": _place(sketch, view),
    }


def _save(request: TenantRequest, sketch: IdeaSketch) -> HttpResponse:
    """Save what was typed; with the button, send it as well."""
    prompts = prompts_of(sketch.programme)
    texts = {p.key: request.POST[f"q-{p.key}"] for p in prompts if f"q-{p.key}" in request.POST}
    texts = {
        key: text for key, text in texts.items() if request.POST.get(keep_name(key)) != "theirs"
    }
    actor = request.visitor.person()
    version = request.POST.get("version", "")
    try:
        saved = save_idea(
            sketch=sketch,
            texts=texts,
            expected_revision=int(version) if version.isdigit() and len(version) < 9 else -1,
            actor=actor,
        )
    except IdeaConflict as conflict:
        return _conflict(request, sketch, conflict)
    except DomainError as error:
        if is_autosave(request):
            return JsonResponse({"message": error.message}, status=422)
        messages.error(request, error.message)
        return redirect(_place(sketch, "idea"))
    forget_kept(request)
    if is_autosave(request):
        when = f"{clock.stockholm(saved.updated_at):%H.%M}"
        return JsonResponse({"saved": when, "version": saved.revision, "message": ""})
    if request.POST.get("action") == "send":
        if personal_numbers_in_idea(saved) and not request.POST.get("anyway"):
            return redirect(f"{_place(sketch, 'idea')}#personnummer")
        try:
            send_idea(sketch=saved, actor=actor)
        except DomainError:
            return redirect(f"{_place(sketch, 'idea')}?visa=fel#felsammanfattning")
        messages.success(request, "Idéskissen är skickad. Du får ett meddelande när svaret finns.")
        return redirect(_place(sketch, "idea"))
    messages.success(request, "Sparat. Bara ni ser skissen tills du skickar den.")
    return redirect(_place(sketch, "idea"))


def _conflict(request: TenantRequest, sketch: IdeaSketch, conflict: IdeaConflict) -> HttpResponse:
    return conflict_page(
        request,
        message=conflict.message,
        clashes=[
            {
                "heading": clash.prompt.text,
                "mine": clash.mine,
                "theirs": clash.theirs,
                "name": keep_name(clash.prompt.key),
            }
            for clash in conflict.clashes
        ],
        version=conflict.sketch.revision,
        is_text=lambda name: name.startswith("q-"),
        idea=sketch,
        url=_place(sketch, "idea"),
        crumbs=[Link("Idéskisser", _list(request)), Link("Två texter")],
    )


def _sent_idea(request: TenantRequest, sketch: IdeaSketch) -> HttpResponse:
    form = MessageForm(request.POST or None, initial={"key": new_key()})
    if request.method == "POST" and form.is_valid():
        person, body = request.visitor.person(), form.cleaned_data["body"]

        def write() -> Thread:
            write_to_idea(sketch=sketch, body=body, actor=person)
            return Thread.objects.get(pk=sketch.thread_id or 0)

        try:
            once(
                Thread,
                association=sketch.association,
                action="write_to_idea",
                key=form.cleaned_data["key"],
                actor=person,
                content={"idea": sketch.pk, "body": body},
                act=write,
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "Meddelandet är skickat.")
            return redirect(_place(sketch, "idea"))
    context = {
        **_shown(sketch),
        **_plan(sketch, "applicant"),
        **parties_of(request, sketch, writes=False),
        "form": form,
        "rounds": _rounds_for(sketch),
        "crumbs": [Link("Idéskisser", _list(request)), Link(sketch.title)],
    }
    status = 200 if not form.errors else 422
    return render(request, "applications/ideas/sent.html", context, status=status)


def _shown(sketch: IdeaSketch) -> dict[str, Any]:
    """A sent sketch with its answer and thread, for either side."""
    texts = texts_of(sketch)
    posts = sketch.thread.posts.select_related("author") if sketch.thread else []
    return {
        "idea": sketch,
        "texts": [
            (prompt.text, texts.get(prompt.key, "")) for prompt in prompts_of(sketch.programme)
        ],
        "comments": [Comment(post.author.name, post.body, post.written_at) for post in posts],
        "status": LOOKS[sketch.state],
        "assessment": ASSESSMENTS.get(sketch.preliminary_assessment),
    }


def _rounds_for(sketch: IdeaSketch) -> list[Round]:
    """Open rounds of the programme in which the sketch can become an application."""
    if sketch.state not in (IdeaState.SENT, IdeaState.ANSWERED):
        return []
    rounds = Round.objects.filter(
        programme=sketch.programme, template__state=TemplateState.FINAL
    ).select_related("programme")
    return [round_ for round_ in rounds if round_.is_open()]


def _programmes(request: TenantRequest) -> list[Programme]:
    return list(
        Programme.objects.filter(association=request.association)
        .exclude(idea_mode=IdeaMode.ABSENT)
        .order_by("position", "name")
    )


def _field(prompt: Any, texts: dict[str, str], faults: dict[str, str]) -> dict[str, Any]:
    return {
        "prompt": prompt,
        "name": f"q-{prompt.key}",
        "value": texts.get(prompt.key, ""),
        "error": faults.get(prompt.key, ""),
        "is_short": prompt.max_length <= 200,
    }


def _place(sketch: IdeaSketch, name: str) -> str:
    return reverse(f"applications:{name}", args=[sketch.association.slug, sketch.public_id])


def _list(request: TenantRequest) -> str:
    return reverse("applications:ideas", args=[request.association.slug])
