"""The pages that anyone may read: what can be applied for, by whom, when, and how it goes."""

from __future__ import annotations

from typing import Any, cast

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_safe

from applications import public_information as information
from applications.drafting import may_begin
from applications.eligibility import may_apply_together
from applications.forms_public import EligibilityForm
from applications.models import Programme, TemplateState
from applications.queries import APPLICANT
from applications.rounds import (
    LANDING_STEPS,
    Phase,
    RoundFacts,
    round_facts,
    rounds_of,
    sections_to_show,
    shown_template,
    way_of_working,
)
from applications.template_dialogue import may_discuss
from finsam import clock
from finsam.associations.models import Member
from finsam.people.access import TenantRequest, gate
from finsam.people.models import Role, RoleKind
from finsam.typography import date_long, kronor, plural
from finsam.ui import Cell, Column, Fact, Link, share_bar

ON_LANDING = 4


@gate(public=True)
@require_safe
def landing(request: TenantRequest) -> HttpResponse:
    """The association's first page."""
    rounds = rounds_of(request.association)
    current = [facts for facts in rounds if facts.phase is not Phase.OVER]
    ahead = [facts for facts in current if facts.phase is not Phase.DECIDING]
    shown = ahead or current or rounds[:1]
    context = {
        "current": [_card(facts) for facts in current],
        "past": [_card(facts) for facts in rounds if facts.phase is Phase.OVER],
        "ways": _ways(shown),
        "ideas": _ideas(shown),
        "ideas_url": _ideas_url(request),
        "who": _who(shown),
        "files": _files(shown),
        "decisions": information.published_decisions(request.association)[:ON_LANDING],
        "meetings": information.coming_meetings(request.association, ON_LANDING),
        "process_url": reverse("applications:process", args=[request.association.slug]),
    }
    return render(request, "applications/public/landing.html", context)


@gate(public=True)
@require_safe
def round_page(request: TenantRequest, slug: str) -> HttpResponse:
    """One round, whole: days, money, who, criteria, questions, files and whom to ask."""
    facts = _round(request, slug)
    template = shown_template(facts)
    definition = facts.definition
    context = {
        "facts": facts,
        "round": facts.round,
        "steps": facts.described_steps(),
        "way": way_of_working(definition),
        "definition": definition,
        "sections": sections_to_show(template) if template else [],
        "criteria": definition.get("criteria", []),
        "criteria_count": plural(len(definition.get("criteria", [])), "kriterium", "kriterier"),
        "questions_url": _url("round_questions", facts) if template else "",
        "frame": _frame(facts),
        "begin": _begin(request, facts),
        "dialogue": _dialogue(request, facts),
        "terms": _terms(definition),
        "files": _files([facts]),
        "directors": _directors(request),
        "may_ask": request.visitor.has(*APPLICANT),
        "meetings": information.coming_meetings(request.association, ON_LANDING),
        "crumbs": [_home(request), Link(facts.round.name)],
    }
    return render(request, "applications/public/round.html", context)


@gate(public=True)
@require_safe
def questions(request: TenantRequest, slug: str) -> HttpResponse:
    """Every question and criterion on one page, made to be printed."""
    facts = _round(request, slug)
    template = shown_template(facts)
    context = {
        "facts": facts,
        "round": facts.round,
        "template": template,
        "sections": sections_to_show(template) if template else [],
        "criteria": facts.definition.get("criteria", []),
        "definition": facts.definition,
        "meta": f"{facts.round.name}, mall version {template.version}" if template else "",
        "crumbs": [_home(request), _to(facts), Link("Alla frågor och kriterier")],
    }
    return render(request, "applications/public/questions.html", context)


@gate(public=True)
@require_safe
def eligibility(request: TenantRequest, slug: str) -> HttpResponse:
    """Kan vi söka? Three questions and an answer with its reasons."""
    facts = _round(request, slug)
    members = list(request.association.members.filter(is_active=True))
    form = EligibilityForm(request.GET or None, members=members)
    verdict = None
    if form.is_bound and form.is_valid():
        verdict = may_apply_together(
            round=facts.round,
            lead=form.lead(),
            others=form.others(),
            beyond_ordinary=form.is_beyond_ordinary(),
        )
    context = {
        "facts": facts,
        "form": form,
        "verdict": verdict,
        "summary": facts.definition.get("eligibility", {}).get("summary", ""),
        "crumbs": [_home(request), _to(facts), Link("Kan vi söka?")],
    }
    return render(request, "applications/public/eligibility.html", context)


@gate(public=True)
@require_safe
def process(request: TenantRequest) -> HttpResponse:
    """How it goes, programme by programme."""
    programmes = _programmes(rounds_of(request.association))
    context = {
        "programmes": [
            {"programme": p, "way": way_of_working(p.definition), **_stages(p.definition)}
            for p in programmes
        ],
        "meetings": information.coming_meetings(request.association, ON_LANDING),
    }
    return render(request, "applications/public/process.html", context)


@gate(public=True)
@require_safe
def decisions(request: TenantRequest) -> HttpResponse:
    """The published decisions, newest first."""
    found = information.published_decisions(request.association)
    page = Paginator(cast(Any, found), 50).get_page(request.GET.get("sida"))
    columns = [
        Column("Datum"), Column("Beslut"), Column("Till"), Column("Utfall"),
        Column("Belopp, kr", numeric=True),
    ]  # fmt: skip
    rows = [
        [
            Cell(text=date_long(one.decided_on)),
            Cell(text=f"{one.number} {one.heading}", url=one.url),
            Cell(text=one.recipient or "–"),
            Cell(text=one.outcome),
            Cell(amount=one.amount) if one.amount else Cell(text="–"),
        ]
        for one in page
    ]
    context = {"columns": columns, "rows": rows, "page": page, "board_url": _board_url(request)}
    return render(request, "applications/public/decisions.html", context)


@gate(public=True)
@require_safe
def about(request: TenantRequest) -> HttpResponse:
    """Who the association is: its members, its office, where decisions are announced."""
    members = list(request.association.members.filter(is_active=True).select_related("parent"))
    context = {
        "members": [member for member in members if member.parent_id is None],
        "units": [member for member in members if member.parent_id is not None],
        "boards": request.association.notice_boards.order_by("name"),
        "directors": _directors(request),
        "contact": [
            Fact("E-post", request.association.email, url=f"mailto:{request.association.email}"),
            Fact("Telefon", request.association.phone),
            Fact("Adress", request.association.address),
        ],
    }
    return render(request, "applications/public/about.html", context)


# --- parts ----------------------------------------------------------------------------------------


def _round(request: TenantRequest, slug: str) -> RoundFacts:
    found = round_facts(request.association, slug)
    if found is None:
        raise Http404
    return found


def _home(request: TenantRequest) -> Link:
    return Link("Sök finansiering", request.association.get_absolute_url())


def _url(name: str, facts: RoundFacts) -> str:
    return reverse(f"applications:{name}", args=[facts.round.association.slug, facts.round.slug])


def _to(facts: RoundFacts) -> Link:
    return Link(facts.round.name, _url("round", facts))


def _ideas_url(request: TenantRequest) -> str:
    return _known("applications:ideas", request)


def _ideas(rounds: list[RoundFacts]) -> list[dict[str, Any]]:
    """The idea sketch of each programme that has one; said to come first where it must."""
    programmes = _programmes(rounds)
    return [
        {
            "idea": programme.definition["idea"],
            "idea_heading": (
                "Börja här: prata med oss om idén"
                if programme.definition.get("steps", {}).get("idea") == "mandatory"
                else "Har du en idé?"
            ),
            "aside": programme.name if len(programmes) > 1 else "",
            "anchor": f"ide-{programme.slug}",
        }
        for programme in programmes
        if programme.definition.get("idea")
    ]


def _board_url(request: TenantRequest) -> str:
    return _known("boards:notice_board", request)


def _known(name: str, request: TenantRequest) -> str:
    """An address of another room, empty where that room has no such page."""
    try:
        return reverse(name, args=[request.association.slug])
    except NoReverseMatch:
        return ""


def _who(rounds: list[RoundFacts]) -> list[dict[str, Any]]:
    """Who may apply, programme by programme, with the way to the three questions."""
    firsts = {facts.round.programme_id: facts for facts in reversed(rounds)}
    return [
        {
            "programme": facts.round.programme,
            "text": facts.definition.get("eligibility", {}).get("summary", ""),
            "url": _url("round_eligibility", facts),
        }
        for facts in reversed(firsts.values())
    ]


def _card(facts: RoundFacts) -> dict[str, Any]:
    return {
        "facts": facts,
        "url": _url("round", facts),
        "steps": facts.steps(LANDING_STEPS),
        "questions_url": _url("round_questions", facts) if shown_template(facts) else "",
        "lead": facts.definition.get("lead", facts.round.summary),
    }


def _programmes(rounds: list[RoundFacts]) -> list[Programme]:
    return list({facts.round.programme_id: facts.round.programme for facts in rounds}.values())


def _ways(rounds: list[RoundFacts]) -> list[dict[str, Any]]:
    """How it goes; once for the programmes that go the same way."""
    found: list[dict[str, Any]] = []
    for programme in _programmes(rounds):
        steps = way_of_working(programme.definition)
        same = next((way for way in found if way["steps"] == steps), None)
        if same:
            same["names"].append(programme.name)
        else:
            found.append({"names": [programme.name], "steps": steps})
    return found


def _files(rounds: list[RoundFacts]) -> list[dict[str, Any]]:
    """What can be taken along, round by round."""
    return [
        {
            "name": facts.round.name,
            "links": [
                Link("Alla frågor och kriterier", _url("round_questions", facts)),
                Link("Ansökan att fylla i (Word)", _url("empty_form_word", facts)),
                Link("Blankett att skriva ut (PDF)", _url("empty_form", facts)),
                Link("Budget (Excel)", _url("empty_budget", facts)),
            ],
        }
        for facts in rounds
        if shown_template(facts)
    ]


def _frame(facts: RoundFacts) -> dict[str, Any] | None:
    """The frame and its planned distribution: as set, or else as defined."""
    defined = facts.frame
    if defined is None:
        return None
    pools = {p["key"]: p["name"] for p in (facts.definition.get("economy") or {}).get("pools", [])}
    return {
        "amount": defined["amount"],
        "sources": [
            Fact(pools.get(source["pool"], "Eget kapital"), amount=source["amount"])
            for source in defined["sources"]
        ],
        "lots": [
            _lot(invitation.member.short_name, invitation.lot.planned_amount, defined["amount"])
            for invitation in facts.round.invitations.all()
            if invitation.lot
        ],
        "note": defined.get("lots_note", ""),
        "key": defined.get("lots_key", ""),
        "may_redistribute": defined.get("may_redistribute", False),
    }


def _lot(name: str, amount: int, whole: int) -> dict[str, Any]:
    drawn = share_bar(amount, whole, label=f"{name}: {kronor(amount)} av {kronor(whole)}")
    return {"name": name, "amount": amount, "bar": drawn}


def _terms(definition: dict[str, Any]) -> list[Fact]:
    """The rules of the programme that a reader asks for first."""
    rule, signed = definition.get("eligibility", {}), definition.get("signatures", {})
    budget = definition.get("budget", {})
    who = {"lead": "Huvudmannen", "all": "Alla parter"}.get(signed.get("rule", ""), "")
    facts = [
        Fact("Parter", {1: "Minst en", 2: "Minst två"}.get(rule.get("min_parties", 2), "Flera")),
        Fact("Skriver under", who),
        Fact("Söks för", "Ett år i taget" if budget.get("max_years") == 1 else "Upp till "
             f"{budget.get('max_years', 1)} år"),
    ]  # fmt: skip
    if rule.get("age_from"):
        facts.append(Fact("Deltagarnas ålder", f"{rule['age_from']}–{rule['age_to']} år"))
    if definition.get("return_model"):
        facts.append(Fact("Återföring", "Ja, enligt plan"))
    return facts


def _begin(request: TenantRequest, facts: RoundFacts) -> dict[str, Any]:
    """Whether the visitor may begin here, and else why not."""
    visitor = request.visitor
    members = visitor.members(*APPLICANT)
    if visitor.user is None or not members:
        return {"signed_in": visitor.user is not None, "url": "", "reasons": []}
    invited = {invitation.member_id for invitation in facts.round.invitations.all()}
    reasons = {member: may_begin(facts.round, member, member.pk in invited) for member in members}
    able: list[Member] = [member for member, reason in reasons.items() if not reason]
    return {
        "signed_in": True,
        "members": able,
        "url": _url("begin", facts) if able else "",
        "reasons": list(dict.fromkeys(reason for reason in reasons.values() if reason)),
    }


def _dialogue(request: TenantRequest, facts: RoundFacts) -> dict[str, Any]:
    """The way to the template's dialogue, for those who take part in it."""
    newest = facts.round.programme.templates.order_by("-version").first()
    if newest is None or not may_discuss(request.visitor, newest):
        return {}
    if newest.state == TemplateState.DRAFT and not request.visitor.is_office:
        return {}
    place = [request.association.slug, facts.round.programme.slug, newest.version]
    return {
        "template": newest,
        "is_office": request.visitor.is_office,
        "url": reverse("applications:template", args=place),
    }


def _directors(request: TenantRequest) -> list[Role]:
    held = Role.objects.held_on(clock.today()).filter(
        association=request.association, kind=RoleKind.DIRECTOR
    )
    return list(held.select_related("user"))


def _stages(definition: dict[str, Any]) -> dict[str, Any]:
    """What is said of each step on the page about how it goes."""
    steps = definition.get("steps", {})
    return {
        "idea": definition.get("idea"),
        "steps": steps,
        "eligibility": definition.get("eligibility", {}),
        "signatures": definition.get("signatures", {}),
        "criteria": definition.get("criteria", []),
        "return_model": definition.get("return_model"),
    }
