"""The example installation as a world to try doors in: people, addresses, what is behind them."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from applications.budgeting import budget_context
from applications.changing import submit_change
from applications.documents import draft_preview
from applications.freezing import content_as_read
from applications.models import (
    Application,
    ApplicationState,
    ChangeKind,
    IdeaSketch,
    IdeaState,
    TemplateComment,
)
from applications.transitions import EFFORT
from boards.changes import put_change_on_agenda
from boards.effort_agenda import meetings_for_efforts
from boards.models import AgendaItem, Consultation, Meeting, MeetingState, Notice, Seat
from budgets.models import Account, Allocation, BasePayment, Frame, PaymentRequest, WorkbookImport
from budgets.workbook import export_workbook
from finsam.associations.models import Association
from finsam.documents.letterhead_preview import sample_file
from finsam.documents.letterheads import receive_letterhead
from finsam.documents.models import Document, LetterheadPart
from finsam.documents.uploads import receive_upload
from finsam.jobs.models import Job
from finsam.messages.models import Message, Thread
from finsam.people.models import Role, RoleKind, User
from tests.documents.pictures import png

TABLE = Path(__file__).with_name("table.json")
# Third-party addresses and the style guide of development are not the tenants'.
OUTSIDE = re.compile(r"^(konto/|drift/|stil/|halsa/|$)")


@dataclass(frozen=True)
class Door:
    """An address of the portal with the names in it."""

    name: str
    route: str
    names: tuple[str, ...]
    pattern: URLPattern


def doors() -> list[Door]:
    """Every address that is not in OUTSIDE, in the order of the map."""
    return [
        door for door in _walk(get_resolver().url_patterns, "", "") if not OUTSIDE.match(door.route)
    ]


def _walk(patterns: list[Any], route: str, namespace: str) -> Iterator[Door]:
    for pattern in patterns:
        here = route + str(pattern.pattern).lstrip("^")
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, here, inner)
        else:
            names = tuple(re.findall(r"<(?:\w+:)?(\w+)>", here))
            yield Door(f"{namespace}{pattern.name}", here, names, pattern)


def who_meets(outcome: str, method: str) -> dict[str, list[str]]:
    """By door: those to whom it does this in some state, read off the declared table."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for name, row in json.loads(TABLE.read_text()).items():
        asked, door = name.split()[:2]
        if asked == method:
            found[door].update(dict.fromkeys(row.get(outcome, [])))
    return {door: list(people) for door, people in found.items()}


@dataclass
class World:
    """Two associations of the example, and persons by what they are to its applications."""

    here: Association
    elsewhere: Association
    people: dict[str, User | None]
    known: dict[tuple[int, str], dict[str, str]] = field(default_factory=dict)

    def client(self, who: str) -> Client:
        client = Client(raise_request_exception=False)
        person = self.people[who]
        if person is not None:
            client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
        return client

    def behind(self, association: Association, state: str) -> dict[str, str]:
        """What to put for each name in an address, from one association; `state` of the case.

        Looked up once: whoever tries doors takes back what they changed.
        """
        key = association.pk, state
        if key not in self.known:
            self.known[key] = self._look_behind(association, state)
        return self.known[key]

    def _look_behind(self, association: Association, state: str) -> dict[str, str]:
        cases = Application.objects.filter(association=association)
        case = cases.filter(state=state).order_by("pk").first() or cases.order_by("pk").first()
        meetings = Meeting.objects.filter(association=association, body__kind="board")
        meeting = meetings.filter(state=MeetingState.CALLED).first() or meetings.first()
        items = AgendaItem.objects.filter(meeting__association=association)
        item = items.filter(meeting=meeting, kind="decision").first() or items.first()
        if state == "effort":
            item = _about_effort(association)
            meeting = item.meeting if item else None
        comment = TemplateComment.objects.filter(
            question__section__template__programme__association=association
        ).first()
        template = comment.question.section.template if comment else None
        ideas = IdeaSketch.objects.filter(association=association)
        found: dict[str, Any] = {
            "association": association.slug,
            **_of_the_case(case),
            "meeting": meeting.pk if meeting else None,
            "item": item.pk if item else None,
            "body": "styrelsen",
            "consultation": _first(Consultation.objects.filter(association=association)),
            "seat": _first(Seat.objects.filter(body__association=association, body__kind="board")),
            "notice": _first(Notice.objects.filter(minutes__meeting__association=association)),
            "number": 1,
            "returned": 1,
            "planned": 1,
            "idea": (
                ideas.exclude(state=IdeaState.DRAFT).first() or ideas.first() or _NoIdea
            ).public_id,
            "frame": _first(Frame.objects.filter(association=association)),
            "account": _first(Account.objects.filter(association=association)),
            "allocation": _first(Allocation.objects.filter(frame__association=association)),
            "year": 2024,
            "programme": template.programme.slug
            if template
            else case.round.programme.slug
            if case
            else "x",
            "version": template.version if template else 1,
            "question": comment.question.key if comment else "x",
            "comment": comment.pk if comment else None,
            "payment": _payment(association),
            "base_payment": _first(BasePayment.objects.filter(association=association)),
            "step": "kontrollera",
            "kind": "xml",
            "place": "frame",
            "job_id": _document_job(association),
            "preview": _preview(association),
            "job": _first(Job.objects.filter(association=association)),
            "message": _first(Message.objects.filter(association=association)),
            "role": _first(Role.objects.filter(association=association)),
            "member": _first(association.members.all()),
            "thread": _first(Thread.objects.filter(association=association)),
            "short_id": _short_id(association),
            "package": None,
            "original": "okand",
            "token": "okand",
            "part": "criteria",
            "piece": "fragor",
            "running_number": 1,
            "sequence": 1,
            "code": "404",
            "checksum": _letterheads(association),
        }
        return {name: str(value if value is not None else 0) for name, value in found.items()}


def _of_the_case(case: Application | None) -> dict[str, Any]:
    """What is found through the application; nothing of an association that has none."""
    if case is None:
        return {}
    return {
        "application": case.public_id,
        "public_id": case.public_id,
        "section": case.template.sections.all()[0].key,
        "party": case.parties.all()[0].pk,
        "annex": _first(case.annexes.all()),
        "workbook": _sent_workbook(case),
        "word": _first(case.word_files.all()),
        "report": _first_report(case),
        "slug": case.round.slug,
    }


def _about_effort(association: Association) -> AgendaItem | None:
    """An item about a granted effort: a change that its lead party asks for, put to the board."""
    efforts = Application.objects.filter(association=association, state__in=EFFORT)
    effort, meeting = efforts.order_by("pk").first(), meetings_for_efforts(association).first()
    if effort is None or meeting is None:
        return None
    roles = Role.objects.filter(association=association).order_by("pk")
    lead = effort.parties.get(is_lead=True).member
    change = submit_change(
        application=effort,
        kind=ChangeKind.GOALS,
        reason="Målgruppen är större än väntat.",
        goals="40 deltagare i arbete eller studier.",
        actor=roles.filter(kind=RoleKind.APPLICANT, member=lead)[0].user,
    )
    director = roles.filter(kind=RoleKind.DIRECTOR)[0].user
    return put_change_on_agenda(change=change, meeting=meeting, actor=director)


def _sent_workbook(case: Application) -> int:
    """A workbook that was sent in for the budget, with a file that can be fetched."""
    sent = _first(WorkbookImport.objects.filter(budget=case.budget))
    if sent is not None:
        return sent
    person = User.objects.order_by("pk")[0]
    file = SimpleUploadedFile("budget.xlsx", export_workbook(case.budget, budget_context(case)))
    upload = receive_upload(association=case.association, file=file, purpose="budget", actor=person)
    sent = WorkbookImport.objects.create(budget=case.budget, upload=upload, created_by=person)
    return int(sent.pk)


def _letterheads(association: Association) -> str:
    """A Word template that was sent in, and the checksum of a logo."""
    director = Role.objects.filter(association=association, kind=RoleKind.DIRECTOR)[0].user
    files = {
        LetterheadPart.WORD: SimpleUploadedFile("mall.docx", sample_file(association)),
        LetterheadPart.LOGO: SimpleUploadedFile("logotyp.png", png(120, 80)),
    }
    for part, file in files.items():
        receive_letterhead(association=association, part=part, file=file, actor=director)
    logo = association.letterheads.filter(part=LetterheadPart.LOGO)[0]
    return str(logo.file.sha256)


def _first_report(case: Application) -> str:
    report = case.reports.first()
    return report.key if report else "final"


class _NoIdea:
    public_id = "00000000-0000-0000-0000-000000000000"


def _first(found: Any) -> int | None:
    row = found.order_by("pk").first()
    return row.pk if row is not None else None


def _payment(association: Association) -> str:
    sent = PaymentRequest.objects.filter(association=association, state="submitted").first()
    return str(sent.public_id) if sent else _NoIdea.public_id


def _document_job(association: Association) -> int | None:
    """The work that made an application's document: its parties may follow it."""
    made = Document.objects.filter(association=association, kind="application")
    first = made.order_by("pk").first()
    return first.job_id if first else None


def _preview(association: Association) -> str:
    """A draft that its applicant waits for as PDF."""
    drafts = Application.objects.filter(association=association, state=ApplicationState.DRAFT)
    draft = drafts.order_by("pk").first()
    if draft is None:
        return _NoIdea.public_id
    person = User.objects.order_by("pk")[0]
    return str(draft_preview(draft, content_as_read(draft), person).public_id)


def _short_id(association: Association) -> str:
    document = Document.objects.filter(association=association).order_by("pk").first()
    return document.short_id if document else "22222222"


def world() -> World:
    """The example association with the five efforts, beside another."""
    here = Association.objects.get(slug="blekinge")
    elsewhere = Association.objects.get(slug="jamtland")

    def holder(kind: RoleKind, member: str = "", association: Association = here) -> User:
        held = Role.objects.filter(association=association, kind=kind)
        if member:
            held = held.filter(member__name=member)
        return held.order_by("pk")[0].user

    return World(
        here,
        elsewhere,
        {
            "anonymous": None,
            "applicant": holder(RoleKind.APPLICANT, "Olofströms kommun"),
            "co_applicant": holder(RoleKind.APPLICANT, "Region Blekinge"),
            "other_applicant": holder(RoleKind.APPLICANT, "Karlskrona kommun"),
            "signatory": holder(RoleKind.SIGNATORY, "Olofströms kommun"),
            "officer": holder(RoleKind.OFFICER),
            "director": holder(RoleKind.DIRECTOR),
            "council": holder(RoleKind.COUNCIL),
            "board": holder(RoleKind.BOARD),
            "chair": holder(RoleKind.CHAIR),
            "auditor": holder(RoleKind.AUDITOR),
            "administrator": holder(RoleKind.ADMINISTRATOR),
            "foreign_director": holder(RoleKind.DIRECTOR, association=elsewhere),
            "foreign_applicant": holder(RoleKind.APPLICANT, association=elsewhere),
        },
    )


def address(door: Door, values: dict[str, str]) -> str:
    """The address with the values in the place of its names."""
    path = re.sub(r"\(\?P<(\w+)>[^)]*\)", lambda match: values[match[1]], door.route)
    path = re.sub(r"<(?:\w+:)?(\w+)>", lambda match: values[match[1]], path)
    return "/" + path.rstrip("$").replace("\\.", ".")


def outcome(response: HttpResponse) -> str:
    """What a door did: let in (ok), asked who is there (login), or shut with a number."""
    status = response.status_code
    if status in (301, 302, 303) and "/konto/login/" in response["Location"]:
        return "login"
    if status in (403, 404, 405):
        return str(status)
    if status >= 500:
        return "fault"
    return "ok"


STATES = {
    "draft": ApplicationState.DRAFT,
    "received": ApplicationState.TO_BOARD,
    "granted": ApplicationState.GRANTED,
    "agreed": ApplicationState.AGREED,
    "running": ApplicationState.RUNNING,
    "closed": ApplicationState.CLOSED,
    "effort": "effort",
}
OF_A_CASE = {"application", "public_id", "party", "annex", "section", "workbook", "word"}
# Where an item of a meeting has to be about a granted effort.
OF_AN_EFFORT = re.compile(r"^boards:effort_memo")
# What comes after the decision is tried there too, in the states that make a difference.
AFTER = (
    (re.compile(r"^boards:(office_)?agreement"), ("granted", "agreed")),
    (re.compile(r"^applications:((office_)?revised_|payments|national_)"), ("granted",)),
    (re.compile(r"^applications:(office_)?reports?|^applications:close"), ("running", "closed")),
)


def states_of(door: Door) -> list[str]:
    """The states of the case in which the door is tried; "-" where no case stands behind it."""
    if OF_AN_EFFORT.search(door.name):
        return ["effort"]
    if not OF_A_CASE & set(door.names):
        return ["-"]
    after = [state for where, states in AFTER if where.search(door.name) for state in states]
    return ["draft", "received", *after]
