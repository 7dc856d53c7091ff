"""Idea sketches: written in private, sent, answered by the office, turned into an application."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.urls import reverse

from applications.models import (
    IdeaAnswer,
    IdeaMode,
    IdeaSketch,
    IdeaState,
    PreliminaryAssessment,
    Programme,
)
from applications.once import once
from applications.queries import APPLICANT, is_on_ideas_side, may_read_idea
from finsam import clock, typography
from finsam.associations.models import Association, Member
from finsam.errors import Conflict, DomainError, NotAllowed, NotPossible
from finsam.messages.mail import send_mail
from finsam.messages.threads import add_participants, open_thread, write_post
from finsam.people.access import OFFICE, visitor_for
from finsam.people.models import Role, User
from finsam.personal_numbers import masked, personal_numbers
from finsam.registry.events import record_event
from finsam.registry.models import Direction
from finsam.registry.register import open_case, register_record

LONGEST = 20_000
PROMPT_LIMIT = 3_000


@dataclass(frozen=True)
class Prompt:
    """A question of the sketch; `becomes` is the template question that starts from it."""

    key: str
    text: str
    help: str = ""
    required: bool = True
    max_length: int = PROMPT_LIMIT
    becomes: str = ""

    @property
    def is_title(self) -> bool:
        return self.becomes == "title" or self.key == "working_title"


@dataclass(frozen=True)
class IdeaClash:
    prompt: Prompt
    mine: str
    theirs: str


class IdeaConflict(Conflict):
    """Somebody else saved other texts in between; nothing is written until one chooses."""

    def __init__(self, sketch: IdeaSketch, clashes: list[IdeaClash]) -> None:
        super().__init__(
            "idea_changed",
            f"Skissen sparades från ett annat fönster {typography.clock_time(sketch.updated_at)}. "
            "Välj vilken text som ska gälla. Inget har skrivits över.",
        )
        self.sketch = sketch
        self.clashes = clashes


def prompts_of(programme: Programme) -> list[Prompt]:
    """The questions of the programme's sketch, in their order."""
    listed = ((programme.definition or {}).get("idea") or {}).get("prompts", [])
    return [
        Prompt(
            prompt["key"],
            prompt["prompt"],
            prompt.get("help", ""),
            prompt.get("required", True),
            prompt.get("max_length") or PROMPT_LIMIT,
            prompt.get("becomes") or "",
        )
        for prompt in listed
    ]


def personal_numbers_in_idea(sketch: IdeaSketch) -> list[str]:
    """A line for each prompt in whose answer a personal identity number seems to stand, masked."""
    texts = texts_of(sketch)
    found = []
    for prompt in prompts_of(sketch.programme):
        numbers = personal_numbers(texts.get(prompt.key, ""))
        if numbers:
            shown = ", ".join(masked(number) for number in dict.fromkeys(numbers))
            found.append(f"{prompt.text} {shown}")
    return found


def texts_of(sketch: IdeaSketch) -> dict[str, str]:
    return {answer.prompt_key: answer.text for answer in sketch.answers.all()}


def start_idea(*, programme: Programme, member: Member, actor: User, key: str = "") -> IdeaSketch:
    """Start a private sketch; writes `idea_started`. With `key`, twice gives the same one."""
    if not key:
        with transaction.atomic():
            return _start(programme, member, actor)
    return once(
        IdeaSketch,
        association=programme.association,
        action="start_idea",
        key=key,
        actor=actor,
        content={"programme": programme.pk, "member": member.pk},
        act=lambda: _start(programme, member, actor),
    )


def save_idea(
    *, sketch: IdeaSketch, texts: Mapping[str, str], expected_revision: int, actor: User
) -> IdeaSketch:
    """Save texts under their prompts; prompts left out stay. Raises IdeaConflict, NotPossible."""
    with transaction.atomic():
        locked = lock_idea(sketch, actor)
        prompts = {prompt.key: prompt for prompt in prompts_of(locked.programme)}
        stored = texts_of(locked)
        wanted = {key: _clean(text) for key, text in texts.items() if key in prompts}
        changes = {key: text for key, text in wanted.items() if stored.get(key, "") != text}
        if not changes:
            return locked
        if locked.revision != expected_revision:
            raise IdeaConflict(
                locked,
                [
                    IdeaClash(prompts[key], text, stored.get(key, ""))
                    for key, text in changes.items()
                ],
            )
        for key, text in changes.items():
            IdeaAnswer.objects.update_or_create(
                sketch=locked, prompt_key=key, defaults={"text": text}
            )
            if prompts[key].is_title and text.strip():
                locked.title = " ".join(text.split())[:160]
        locked.revision += 1
        locked.updated_at = clock.now()
        locked.save(update_fields=["title", "revision", "updated_at"])
    return locked


def idea_faults(sketch: IdeaSketch) -> list[tuple[str, str]]:
    """What keeps the sketch from being sent: prompt key and sentence."""
    texts = texts_of(sketch)
    found = []
    for prompt in prompts_of(sketch.programme):
        text = texts.get(prompt.key, "").strip()
        if prompt.required and not text:
            found.append((prompt.key, f"Svara på: {prompt.text}"))
        elif len(text) > prompt.max_length:
            over = typography.number(len(text) - prompt.max_length)
            found.append((prompt.key, f"Korta svaret med {over} tecken: {prompt.text}"))
    return found


def asks_for_parties(sketch: IdeaSketch) -> bool:
    """Whether the programme wants every party to take part already in the idea."""
    idea = (sketch.programme.definition or {}).get("idea") or {}
    return bool(idea.get("every_party_takes_part"))


def idea_party_faults(sketch: IdeaSketch) -> list[str]:
    """What keeps the parties' part of the sketch from being sent, in words."""
    if not asks_for_parties(sketch):
        return []
    parties = list(sketch.parties.all())
    eligibility = sketch.programme.definition.get("eligibility", {})
    least = int(eligibility.get("min_parties") or sketch.programme.minimum_parties)
    found = []
    if len(parties) + 1 < least:
        found.append(f"Lägg till de andra parterna: idén ska ha minst {least} parter.")
    found.extend(
        f"{party.name} har inte sagt att de är med än."
        for party in parties
        if party.confirmed_at is None
    )
    return found


def lock_idea(sketch: IdeaSketch, actor: User, *, even_discarded: bool = False) -> IdeaSketch:
    """The sketch, locked, if the person may change it now."""
    locked = _locked(sketch, actor)
    if locked.state != IdeaState.DRAFT:
        raise NotPossible(
            "idea_sent", "Skissen är skickad och kan inte ändras. Skriv till kansliet i tråden."
        )
    if locked.discarded_at is not None and not even_discarded:
        raise NotPossible(
            "discarded", "Skissen är slängd. Ta tillbaka den bland idéskisserna först."
        )
    return locked


def send_idea(*, sketch: IdeaSketch, actor: User) -> IdeaSketch:
    """Send the sketch to the office: case, record, thread, mails; writes `idea_sent`.

    Sent twice, it happens once. Raises NotPossible as long as something required is missing.
    """
    with transaction.atomic():
        locked = _locked(sketch, actor)
        if locked.state != IdeaState.DRAFT:
            return locked
        lock_idea(locked, actor)
        if faults := idea_faults(locked):
            raise NotPossible("idea_incomplete", faults[0][1], f"q-{faults[0][0]}")
        if said := idea_party_faults(locked):
            raise NotPossible("parties_missing", said[0], "parter")
        case = open_case(
            association=locked.association, title=f"Idéskiss: {locked.title}", actor=actor
        )
        register_record(
            case=case,
            direction=Direction.IN,
            subject=f"Idéskiss: {locked.title}",
            correspondent=locked.member.name,
            actor=actor,
        )
        office = _office(locked.association)
        thread = open_thread(
            association=locked.association,
            subject=f"Idéskiss: {locked.title}",
            actor=actor,
            participants=[locked.author, actor, *office],
            case=case,
        )
        locked.state, locked.sent_at = IdeaState.SENT, clock.now()
        locked.case, locked.thread = case, thread
        locked.save(update_fields=["state", "sent_at", "case", "thread"])
        _event(locked, actor, "idea_sent", {"number": case.number})
        path = reverse("applications:office_idea", args=[locked.association.slug, locked.public_id])
        for person in office:
            _mail(locked, person, "idea_sent", "Ny idéskiss", "mail/idea_sent.txt", path)
    return locked


def answer_idea(*, sketch: IdeaSketch, assessment: str, text: str, actor: User) -> IdeaSketch:
    """The office's answer with its preliminary assessment; writes `idea_answered`.

    The text becomes a post in the thread and a record in the register; the author gets a mail.
    Answered anew with the same words, nothing happens.
    """
    words = text.replace("\r\n", "\n").strip()
    if not words:
        raise DomainError(
            "answer_empty", "Skriv ett svar till den som har skickat skissen.", "text"
        )
    if assessment and assessment not in PreliminaryAssessment.values:
        raise DomainError("unknown_assessment", "Välj en av bedömningarna.", "assessment")
    with transaction.atomic():
        locked = _row(sketch)
        if not visitor_for(locked.association, actor).has(*OFFICE):
            raise NotAllowed("role_missing", "Bara kansliet svarar på idéskisser.")
        if locked.state not in (IdeaState.SENT, IdeaState.ANSWERED):
            raise NotPossible("idea_not_waiting", "Skissen väntar inte på något svar.")
        if (locked.preliminary_assessment, locked.assessment_text) == (assessment, words):
            return locked
        if locked.thread is not None:
            add_participants(thread=locked.thread, users=[actor])
            write_post(thread=locked.thread, author=actor, body=words)
        locked.state, locked.answered_at = IdeaState.ANSWERED, clock.now()
        locked.preliminary_assessment, locked.assessment_text = assessment, words
        locked.save(
            update_fields=["state", "answered_at", "preliminary_assessment", "assessment_text"]
        )
        if locked.case is not None:
            register_record(
                case=locked.case,
                direction=Direction.OUT,
                subject=f"Svar på idéskiss: {locked.title}",
                correspondent=locked.member.name,
                actor=actor,
            )
        _event(locked, actor, "idea_answered", {"assessment": assessment})
        path = reverse("applications:idea", args=[locked.association.slug, locked.public_id])
        event = f"idea_answered:{locked.answered_at.timestamp():.0f}"
        _mail(locked, locked.author, event, "Svar på idéskissen", "mail/idea_answered.txt", path)
    return locked


def write_to_idea(*, sketch: IdeaSketch, body: str, actor: User) -> None:
    """Write in the sketch's thread; who may read the sketch may write there."""
    with transaction.atomic():
        locked = _row(sketch)
        if not may_read_idea(visitor_for(locked.association, actor), locked):
            raise NotAllowed("not_yours", "Du kan inte skriva om den här skissen.")
        if locked.thread is None:
            raise NotPossible(
                "idea_not_sent", "Skicka skissen först, så kan ni skriva till kansliet."
            )
        add_participants(thread=locked.thread, users=[actor])
        write_post(thread=locked.thread, author=actor, body=body)


def _start(programme: Programme, member: Member, actor: User) -> IdeaSketch:
    association = programme.association
    if programme.idea_mode == IdeaMode.ABSENT:
        raise NotPossible("no_ideas", f"{programme.name} tar inte emot idéskisser.")
    if member.pk not in visitor_for(association, actor).member_ids(*APPLICANT):
        raise NotAllowed(
            "no_role_for_member",
            f"Du har ingen roll som sökande för {member.name}. Be administratören om rollen.",
        )
    sketch = IdeaSketch.objects.create(
        association=association,
        programme=programme,
        member=member,
        author=actor,
        title="Ny idéskiss",
    )
    _event(sketch, actor, "idea_started", {})
    return sketch


def _row(sketch: IdeaSketch) -> IdeaSketch:
    locked: IdeaSketch = (
        IdeaSketch.objects.select_for_update(of=("self",))
        .select_related("association", "programme", "member", "author", "case", "thread")
        .get(pk=sketch.pk)
    )
    return locked


def _locked(sketch: IdeaSketch, actor: User) -> IdeaSketch:
    """The sketch, locked, if the person is on its side."""
    locked = _row(sketch)
    if not is_on_ideas_side(visitor_for(locked.association, actor), locked):
        raise NotAllowed("not_yours", "Bara den som skriver för organisationen kan ändra skissen.")
    return locked


def _clean(text: str) -> str:
    written = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    kept = (sign for sign in written if sign in "\n\t" or unicodedata.category(sign)[0] != "C")
    return "".join(kept).strip()[:LONGEST]


def _office(association: Association) -> list[User]:
    held = Role.objects.held_on(clock.today()).filter(association=association, kind__in=OFFICE)
    return list(User.objects.filter(pk__in=held.values("user"), is_active=True).order_by("pk"))


def _event(sketch: IdeaSketch, actor: User, action: str, payload: dict[str, Any]) -> None:
    record_event(
        association=sketch.association,
        actor=actor,
        action=action,
        obj=sketch,
        case=sketch.case,
        payload=payload,
    )


def _mail(sketch: IdeaSketch, to: User, event: str, subject: str, template: str, path: str) -> None:
    send_mail(
        association=sketch.association,
        to=to,
        event_key=f"{event}:{sketch.pk}",
        subject=f"{subject}: {sketch.title}",
        template=template,
        context={
            "title": sketch.title,
            "member": sketch.member.name,
            "number": sketch.case.number if sketch.case else "",
            "assessment": sketch.get_preliminary_assessment_display(),
            "path": path,
        },
        case=sketch.case,
    )
