"""The applicant's own pages: what waits, the task list, reading, messages, receipt, withdrawal."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.contrib import messages as flash
from django.core.paginator import Paginator
from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET, require_http_methods

from applications import reading
from applications.completeness import overview_of
from applications.conversation import write_about
from applications.discarding import kept_since
from applications.drafting import may_begin, start_application
from applications.forms import BeginForm, MessageForm, WithdrawForm
from applications.freezing import content_as_read, keep_received, latest_received
from applications.intake import deadline_of, intake_on
from applications.models import (
    Application,
    ApplicationParty,
    ApplicationState,
    IdeaSketch,
    IdeaState,
    Invitation,
    PartyMember,
    Round,
)
from applications.next_step import next_step
from applications.once import new_key, once
from applications.parties import is_spoken_for
from applications.payments import has_payments
from applications.progress import Journey, journey_of, journeys_of, steps_of
from applications.queries import APPLICANT
from applications.report_plan import owes_reports
from applications.returning import returns_money
from applications.sending import application_key, receipt_key
from applications.signing import signing_state
from applications.transitions import require_possible
from applications.views.discarding import discarded_page
from applications.views.getting import (
    crumbs,
    keeps_text,
    own_application,
    place,
    refused,
)
from applications.views.looks import page_tables, task_of
from applications.withdrawal import withdraw_application
from budgets.base_claims import claimable_year
from budgets.models.payments import MEMBER_ROLES
from finsam import clock
from finsam.associations.models import Member
from finsam.documents.documents import document_and_job
from finsam.documents.models.documents import Document
from finsam.errors import DomainError, NotPossible
from finsam.messages.models import Post
from finsam.people.access import TenantRequest, Visitor, gate
from finsam.people.models import RoleKind as R
from finsam.ui import Comment, Fact, Link, share_bar

FIRST_PAGES: tuple[tuple[tuple[R, ...], str], ...] = (
    ((R.OFFICER, R.DIRECTOR), "boards:dashboard"),
    ((R.BOARD, R.CHAIR), "boards:board_home"),
    ((R.COUNCIL,), "boards:council_home"),
    ((R.CONSULTATION,), "boards:consultation_home"),
    ((R.APPLICANT, R.SIGNATORY), "applications:mine"),
    ((R.AUDITOR,), "budgets:year"),
    ((R.ADMINISTRATOR,), "administration:people"),
)
BEFORE_DECISION = ("submitted", "in_review", "returned", "in_preparation", "to_board", "tabled")


@gate(account=True)
@require_GET
def start(request: TenantRequest) -> HttpResponse:
    """From the sign-in to the first page of the person's role."""
    for kinds, name in FIRST_PAGES:
        if request.visitor.has(*kinds):
            try:
                return redirect(reverse(name, args=[request.association.slug]))
            except NoReverseMatch:
                continue
    if Application.objects.of_applicant(request.visitor).kept().exists():
        return redirect("applications:mine", association=request.association.slug)
    return redirect(request.association.get_absolute_url())


@gate(account=True)
@require_GET
def mine(request: TenantRequest) -> HttpResponse:
    """The person's applications, what waits for them, and the rounds where one can begin."""
    visitor = request.visitor
    found = (
        Application.objects.of_applicant(visitor)
        .kept()
        .waiting_first(clock.now())
        .select_related("round__programme", "association", "case")
        .prefetch_related("parties", "round__extensions")
    )
    page = Paginator(found, 50).get_page(request.GET.get("sida"))
    applications: list[Any] = list(page)
    journeys = journeys_of(applications)
    context = {
        "page": page,
        "waiting": [_row(a, journeys[a.pk]) for a in applications if a.waits],
        "rows": [_row(a, journeys[a.pk]) for a in applications if not a.waits],
        "open_rounds": _rounds_to_begin(visitor),
        "discarded": Application.objects.of_applicant(visitor)
        .filter(discarded_at__gt=kept_since())
        .select_related("association", "round")[:20],
        "base_year": claimable_year(request.association, visitor.member_ids(*MEMBER_ROLES)),
        "ideas": IdeaSketch.objects.of_author(visitor)
        .kept()
        .filter(state__in=[IdeaState.DRAFT, IdeaState.ANSWERED])
        .select_related("programme")[:5],
    }
    return render(request, "applications/applicant/mine.html", context)


@keeps_text
@gate(*APPLICANT)
@require_http_methods(["GET", "POST"])
def begin(request: TenantRequest, slug: str) -> HttpResponse:
    """Begin an application in a round: for which member, from which sketch."""
    rounds = Round.objects.select_related("programme", "template", "association", "frame__account")
    found = get_object_or_404(rounds, association=request.association, slug=slug)
    members = request.visitor.members(*APPLICANT)
    able, reasons = _able_members(found, members)
    begun = _begun_in(found, able) if request.method == "GET" else None
    if begun is not None:
        flash.info(request, "Ni har redan börjat. Här fortsätter ni på samma ansökan.")
        return redirect(begun)
    idea = _idea_of(request, found)
    form = BeginForm(request.POST or None, members=able, initial={"key": new_key()})
    if request.method == "POST" and form.is_valid():
        try:
            application = start_application(
                round=found,
                member=form.cleaned_data["member"],
                actor=request.visitor.person(),
                idea=idea,
                key=form.cleaned_data["key"],
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            return redirect(application)
    context = {
        "round": found, "form": form, "able": able, "reasons": reasons, "idea": idea,
        "idea_first": idea is None and found.programme.begins_with_idea,
        "crumbs": [Link("Mina ansökningar", reverse("applications:mine", args=[
            request.association.slug])), Link(found.name)],
    }  # fmt: skip
    status = 200 if not form.errors else 422
    return render(request, "applications/applicant/begin.html", context, status=status)


@gate(account=True)
@require_GET
def application(request: TenantRequest, application: UUID) -> HttpResponse:
    """The application as a task list while it is written, as a timeline when it has been sent."""
    found = own_application(request, application, even_discarded=True)
    if found.discarded_at is not None:
        return discarded_page(request, found)
    journey = journey_of(found)
    request_open = cast(Any, found).open_request if found.state == "returned" else None
    writing = found.is_draft or request_open is not None
    overview = overview_of(found) if writing else None
    signing = signing_state(found) if found.is_draft else None
    received = None if writing else keep_received(found)
    if not found.is_draft:
        prefetch_related_objects([found.round], "milestones")
    context: dict[str, Any] = {
        "application": found,
        "status": journey.status,
        "next": next_step(found, overview, signing, journey, request_open),
        "overview": overview,
        "tasks": [task_of(status) for status in overview.statuses] if overview else [],
        "progress_text": f"{overview.done} av {len(overview.statuses)} klara" if overview else "",
        "steps": [] if found.is_draft else steps_of(journey),
        "journey": journey,
        "money": _money(found, overview.budget.summary.requested if overview
                        else received.requested_amount if received else 0),
        "crumbs": crumbs(found),
        "people": _parties(found),
        "documents": _documents(found, journey),
        "facts": _facts(found),
        "comments": [] if writing else _last_posts(found),
        "has_payments": has_payments(found),
        "owes_reports": owes_reports(found),
        "returns_money": returns_money(found),
        "may_discard": found.is_draft and _leads(request, found),
        "may_withdraw": found.state in BEFORE_DECISION and _leads(request, found),
    }  # fmt: skip
    return render(request, "applications/applicant/application.html", context)


@gate(account=True)
@require_GET
def read(request: TenantRequest, application: UUID) -> HttpResponse:
    """The whole application as running text, as it stands or as it was received."""
    found = own_application(request, application)
    received = None if found.is_draft else latest_received(found)
    content = received.content if received and found.state != "returned" else content_as_read(found)
    shown = reading.readable(content)
    context = {
        "application": found,
        "content": shown,
        "tables": page_tables(shown["budget_tables"]),
        "version": received,
        "crumbs": crumbs(found, "Läs hela ansökan"),
    }
    return render(request, "applications/applicant/read.html", context)


@keeps_text
@gate(account=True)
@require_http_methods(["GET", "POST"])
def conversation(request: TenantRequest, application: UUID) -> HttpResponse:
    """The thread with the office."""
    found = own_application(request, application)
    form = MessageForm(request.POST or None, initial={"key": new_key()})
    if request.method == "POST" and form.is_valid():
        person = request.visitor.person()
        body = form.cleaned_data["body"]
        try:
            once(
                Post,
                association=found.association,
                action="write_about",
                key=form.cleaned_data["key"],
                actor=person,
                content={"application": found.pk, "body": body},
                act=lambda: write_about(application=found, body=body, actor=person),
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            flash.success(request, "Meddelandet är skickat.")
            return redirect(place("messages", found))
    posts = found.thread.posts.select_related("author") if found.thread else []
    context = {
        "application": found,
        "form": form,
        "comments": [Comment(post.author.name, post.body, post.written_at) for post in posts],
        "crumbs": crumbs(found, "Meddelanden"),
    }
    status = 200 if not form.errors else 422
    return render(request, "applications/applicant/messages.html", context, status=status)


@gate(account=True)
@require_GET
def receipt(request: TenantRequest, application: UUID) -> HttpResponse:
    """What the applicant is left with after submission: number, moment, documents."""
    found = own_application(request, application)
    if found.is_draft:
        return redirect(found)
    version = latest_received(found)
    receipt, receipt_job = document_and_job(receipt_key(found))
    document, document_job = document_and_job(application_key(found))
    context = {
        "application": found,
        "version": version,
        "receipt": receipt,
        "receipt_job": receipt_job,
        "document": document,
        "document_job": document_job,
        "facts": _receipt_facts(found, version),
        "steps": steps_of(journey_of(found)),
        "crumbs": crumbs(found, "Kvittens"),
    }
    return render(request, "applications/applicant/receipt.html", context)


@keeps_text
@gate(account=True)
@require_http_methods(["GET", "POST"])
def withdraw(request: TenantRequest, application: UUID) -> HttpResponse:
    """The page before an application is withdrawn, and the withdrawal."""
    found = own_application(request, application)
    if found.state == "withdrawn":
        return redirect(found)
    if found.is_draft:
        return redirect(place("discard", found))
    try:
        require_possible(found, "withdraw")
    except NotPossible as error:
        return refused(request, found, error)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_application(
                application=found,
                reason=form.cleaned_data["reason"],
                actor=request.visitor.person(),
            )
        except DomainError as error:
            return refused(request, found, error)
        flash.success(request, "Ansökan är återkallad.")
        return redirect(found)
    context = {"application": found, "form": form, "crumbs": crumbs(found, "Återkalla")}
    return render(request, "applications/applicant/withdraw.html", context)


def _row(application: Application, journey: Journey) -> dict[str, Any]:
    lead = next((party for party in application.parties.all() if party.is_lead), None)
    closes = deadline_of(application) if application.is_draft else None
    return {
        "application": application,
        "status": journey.status,
        "lead": lead,
        "closes": closes,
        "is_late": closes is not None and closes < clock.now() and application.round.has_closed(),
    }


def _rounds_to_begin(visitor: Visitor) -> list[dict[str, Any]]:
    """Open rounds where one of the person's members may begin, and has not."""
    members = visitor.members(*APPLICANT)
    if not members:
        return []
    begun = set(
        Application.objects.filter(association=visitor.association, parties__is_lead=True)
        .kept()
        .exclude(state__in=["withdrawn", "dismissed"])
        .filter(parties__member__in=members)
        .values_list("round_id", "parties__member_id")
    )
    invited = set(
        Invitation.objects.filter(
            round__association=visitor.association, member__in=members
        ).values_list("round_id", "member_id")
    )
    found = []
    rounds = Round.objects.filter(association=visitor.association, opens_at__lte=clock.now())
    for round_ in rounds.select_related("programme", "template"):
        able = [
            member
            for member in members
            if not may_begin(round_, member, (round_.pk, member.pk) in invited)
            and not (round_.invited_only and (round_.pk, member.pk) in begun)
        ]
        if able:
            found.append(
                {"round": round_, "members": able, "intake": intake_on(round_, clock.now())}
            )
    return found


def _begun_in(round_: Round, members: list[Member]) -> Application | None:
    """In a closed round each has one application: the one that all of these have begun."""
    if not round_.invited_only or len(members) != 1:
        return None
    found: Application | None = (
        Application.objects.filter(round=round_, parties__is_lead=True, parties__member__in=members)
        .kept()
        .exclude(state__in=["withdrawn", "dismissed"])
        .first()
    )
    return found


def _able_members(round_: Round, members: list[Member]) -> tuple[list[Member], list[str]]:
    """Those of the person's members that may begin, and why the others may not."""
    invited = set(
        Invitation.objects.filter(round=round_, member__in=members).values_list(
            "member_id", flat=True
        )
    )
    able, reasons = [], []
    for member in members:
        reason = may_begin(round_, member, member.pk in invited)
        if reason:
            reasons.append(reason)
        else:
            able.append(member)
    return able, list(dict.fromkeys(reasons))


def _idea_of(request: TenantRequest, round_: Round) -> IdeaSketch | None:
    """The sketch that the page was opened from, if it is the person's and of this programme."""
    asked = request.POST.get("idea") or request.GET.get("ide", "")
    try:
        public_id = UUID(asked)
    except ValueError:
        return None
    found: IdeaSketch | None = (
        IdeaSketch.objects.of_author(request.visitor)
        .filter(programme=round_.programme, public_id=public_id)
        .first()
    )
    return found


def _money(application: Application, sought: int) -> dict[str, Any]:
    """What is sought, beside what was planned for this lot."""
    lot = application.lot
    if lot is None:
        return {"sought": sought, "plan": None, "bar": None, "over": 0, "left": 0}
    difference = sought - lot.planned_amount
    return {
        "sought": sought,
        "plan": lot.planned_amount,
        "lot": lot,
        "is_example": bool(application.round.frame and application.round.frame.is_example_plan),
        "over": max(difference, 0),
        "left": max(-difference, 0),
        "bar": share_bar(sought, lot.planned_amount, label="Sökt belopp mot planerad fördelning"),
    }


def _parties(application: Application) -> list[dict[str, Any]]:
    """Each party with where it stands, and who writes for it while it is written."""
    writers: dict[int, list[str]] = {party.pk: [] for party in application.parties.all()}
    if application.is_draft:
        rows = PartyMember.objects.filter(party__application=application).order_by("pk")
        for row in rows.select_related("user"):
            writers[row.party_id].append(row.user.shown_name)
    return [
        {
            "party": party,
            "people": writers[party.pk],
            "state": _state_of(application, party, bool(writers[party.pk])),
        }
        for party in application.parties.all()
    ]


def _state_of(application: Application, party: ApplicationParty, has_writers: bool) -> str:
    """Where a party stands, in a few words."""
    if party.member_id is None:
        return "deltar genom huvudmannen"
    if not application.is_draft:
        return party.unit or party.contact_name or "part"
    if party.done_at:
        return "klar med sin del"
    return "skriver" if has_writers else "ingen skriver än"


def _documents(application: Application, journey: Journey) -> list[Any]:
    """The documents of the case that the applicant may read."""
    if application.is_draft or application.case is None:
        return []
    wanted = ["application", "receipt"]
    # The letter of an early termination is not made before it is told; the agreement is theirs.
    if not journey.is_hidden or application.state == ApplicationState.TERMINATED:
        wanted += ["decision_letter", "minutes_extract", "agreement"]
    rows = Document.objects.filter(case=application.case, kind__in=wanted).newest().with_files()
    return list(rows.order_by("created_at"))


def _last_posts(application: Application) -> list[Comment]:
    """The newest of the conversation with the office."""
    if application.thread is None:
        return []
    posts = application.thread.posts.select_related("author").order_by("-pk")[:3]
    return [Comment(post.author.name, post.body, post.written_at) for post in reversed(posts)]


def _facts(application: Application) -> list[Fact]:
    facts = [
        Fact("Omgång", application.round.name),
        Fact("Mall", f"version {application.template.version}"),
    ]
    if application.case is not None:
        facts.insert(0, Fact("Diarienummer", application.case.number))
    return facts


def _receipt_facts(application: Application, version: Any) -> list[Fact]:
    from applications.submission import exact

    lead = next(party for party in application.parties.all() if party.is_lead)
    number = application.case.number if application.case else ""
    facts = [
        Fact("Diarienummer", number),
        Fact("Inkommen", exact(application.submitted_at or clock.now())),
        Fact("Huvudman", lead.name),
    ]
    if version is not None:
        facts += [
            Fact("Sökt belopp", amount=version.requested_amount),
            Fact("Version", str(version.number)),
            Fact("Inlämnad av", version.created_by.name),
            Fact("Innehållets kontrollsumma", version.content_hash),
        ]
    return facts


def _leads(request: TenantRequest, application: Application) -> bool:
    lead = next((party for party in application.parties.all() if party.is_lead), None)
    return lead is not None and is_spoken_for(lead, request.visitor)
