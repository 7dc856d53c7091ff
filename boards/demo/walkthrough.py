"""Programme 1 from template to started efforts, living through the dates of 2023.

One of the five goes on until it is closed and followed up; so does one case of each of the other
programmes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.db.models import Q

from applications import review
from applications.models import Application, ApplicationTemplate, TemplateState
from applications.programme_definition import PROGRAMMES, read_programme
from applications.programmes_loading import load_programme
from applications.revising import needs_revision
from applications.supplementing import answer_supplement
from applications.template_dialogue import (
    answer_comment,
    comment_on_question,
    finalise_template,
    propose_template,
)
from applications.year_setup import set_up_year
from boards import decisions, dispatch, recusals, sitting
from boards.agreements import GRANTED
from boards.demo import acts, paying
from boards.demo.acts import Cast, at_time
from boards.demo.content import efforts, people
from boards.demo.others import OTHERS, OtherCase
from boards.demo.running import RunningEffort
from boards.demo.settling import settle_people
from boards.models import Meeting, Minutes, Outcome
from boards.notices import legal_force_date
from budgets.ledger import InsufficientFunds
from budgets.models import Frame
from finsam import clock
from finsam.associations.loading import ensure_association
from finsam.documents.models import Document
from finsam.jobs.models import Job, JobState
from finsam.typography import date_long, kronor, moment_long

PROGRAMME = "blekinge-individinsatser-2024"
LONGEST_WAIT = 600


class StoryBroken(Exception):
    """Something in the walkthrough did not turn out as it must."""


@dataclass
class Told:
    """One step: what was done, on which day of the story, how long it took, what came of it."""

    title: str
    day: str
    seconds: float
    notes: list[str] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)


class Walkthrough:
    """Tells the story step by step; each step is done by the person whose act it is."""

    def __init__(self, tell: Callable[[Told], None]) -> None:
        self.tell = tell
        self.seen: set[int] = set()
        self.cast: Cast | None = None

    @contextmanager
    def step(self, title: str, day: date, hour: int = 9, minute: int = 0) -> Iterator[list[str]]:
        """Do something on a day of the story; tell it with the documents made since the last."""
        notes: list[str] = []
        began = time.monotonic()
        with clock.at(at_time(day, hour, minute)):
            yield notes
            moment = moment_long(clock.now())
        made = [one for one in Document.objects.order_by("pk") if one.pk not in self.seen]
        self.seen |= {one.pk for one in made}
        names = [f"{one.title} ({one.shown_id})" for one in made]
        self.tell(Told(title, moment, round(time.monotonic() - began, 2), notes, names))

    def run(self) -> None:
        """The whole way of the five applications, and of one in each of the other programmes."""
        self.template()
        self.idea()
        self.apply()
        self.review()
        self.council()
        self.memos()
        self.board()
        self.attest()
        self.run_one(self.agree())
        self.others()
        with self.step("Arbetaren har gjort alla handlingar", clock.today()):
            self.wait_for_worker()

    @property
    def story(self) -> Cast:
        if self.cast is None:
            raise StoryBroken("Berättelsen har inte börjat.")
        return self.cast

    def template(self) -> None:
        path = PROGRAMMES / f"{PROGRAMME}.toml"
        with self.step("Programmet läses in och årets pengar fördelas", date(2023, 3, 29)) as notes:
            definition = read_programme(path)
            association = ensure_association(definition.association)
            if association is None:
                raise StoryBroken(f"Förbundet {definition.association} kunde inte läggas upp.")
            settled = settle_people(people(association.slug))
            set_up_year(definition, association=association)
            result = load_programme(path)
            round_ = result.programme.rounds.select_related("frame").get()
            self.cast = Cast(association, round_, efforts(PROGRAMME), settled)
            notes += [
                *result.changes,
                f"Ram: {kronor(round_.frame.amount)}" if round_.frame else "",
            ]
        with self.step("Mallen föreslås de fem projektägarna", date(2023, 3, 30)):
            propose_template(template=self._template(), actor=self.story.director)
        with self.step("Ägarna kommenterar fråga för fråga", date(2023, 4, 4)) as notes:
            self._discuss(notes)
        with self.step("Mallen fastställs", date(2023, 4, 21)) as notes:
            finalise_template(template=self._template(), actor=self.story.director)
            load_programme(path)
            self.story.round.refresh_from_db()
            final = self._template()
            if final.state != TemplateState.FINAL:
                raise StoryBroken("Mallen blev inte fastställd.")
            notes.append(f"Mall version {final.version}")

    def _template(self) -> ApplicationTemplate:
        return self.story.round.programme.templates.order_by("-version")[0]

    def _discuss(self, notes: list[str]) -> None:
        cast = self.story
        questions = {
            question.key: question
            for section in self._template().sections.prefetch_related("questions")
            for question in section.questions.all()
        }
        for said in cast.content.template_comments:
            comment = comment_on_question(
                question=questions[said.question], body=said.body, actor=cast.people[said.author]
            )
            answer_comment(comment=comment, answer=said.answer, actor=cast.director)
        notes.append(f"{len(cast.content.template_comments)} kommentarer, alla besvarade")

    def idea(self) -> None:
        cast = self.story
        wanted = next(idea for idea in cast.content.ideas if idea.becomes)
        with self.step("En idéskiss skrivs och skickas", date(2023, 5, 8)):
            sketch = acts.send_sketch(cast, wanted)
        with self.step("Kansliet svarar", date(2023, 5, 12)):
            sketch = acts.answer_sketch(cast, sketch, wanted)
        with self.step("Skissen blir en ansökan", date(2023, 5, 22)) as notes:
            application = acts.begin_application(
                cast, cast.content.effort(str(wanted.becomes)), sketch
            )
            notes.append(application.title)

    def apply(self) -> None:
        cast = self.story
        with self.step("De andra börjar sina ansökningar", date(2023, 6, 5)):
            for effort in cast.content.efforts:
                if effort.key not in cast.applications:
                    acts.begin_application(cast, effort)
        with self.step("Ansökningarna skrivs, med budget", date(2023, 8, 21)) as notes:
            for effort in cast.content.efforts:
                acts.write_budget(cast, effort)
                acts.write_application(cast, effort)
                notes.append(acts.fresh(cast, effort.key).title)
        with self.step("Parterna skriver under", date(2023, 8, 30)):
            for effort in cast.content.efforts:
                acts.sign_by_all(cast, effort)
        for number, effort in enumerate(cast.content.efforts):
            day, hour, minute = (
                (date(2023, 9, 1), 22, 47) if number == 4 else (date(2023, 8, 31), 10 + number, 0)
            )
            with self.step(f"{effort.title} lämnas in", day, hour, minute) as notes:
                received = acts.submit(cast, effort)
                self.wait_for_worker()
                number_ = received.case.number if received.case else ""
                notes.append(
                    f"{number_}, sökt {kronor(received.versions.all()[0].requested_amount)}"
                )

    def review(self) -> None:
        cast = self.story
        supplemented = (
            "ronneby" if "ronneby" in cast.applications else next(iter(cast.applications))
        )
        with self.step("Kansliet granskar", date(2023, 9, 4)) as notes:
            for key in cast.applications:
                acts.review_application(cast, key, finish=key != supplemented)
            notes.append(f"{len(cast.applications) - 1} till beredning")
        application = acts.fresh(cast, supplemented)
        with self.step("En ansökan återsänds för komplettering", date(2023, 9, 4), 15) as notes:
            section = next(
                one for one in application.template.sections.all() if one.kind == "questions"
            )
            review.request_supplement(
                application=application,
                sections=[section],
                message="Förtydliga uppgifterna i avsnittet.",
                last_day=date(2023, 9, 11),
                actor=cast.officer,
            )
            notes.append(f"{application.title}: {section.heading}")
        with self.step("Kompletteringen lämnas", date(2023, 9, 6)):
            answer_supplement(
                application=acts.fresh(cast, supplemented),
                actor=cast.people[cast.content.effort(supplemented).author],
                key="story-supplement",
                message="Uppgifterna stämmer.",
            )
            self.wait_for_worker()
        with self.step("Granskningen avslutas", date(2023, 9, 7)):
            review.finish_review(
                application=acts.fresh(cast, supplemented),
                summary="Kompletterad och klar.",
                actor=cast.officer,
            )

    def council(self) -> None:
        cast = self.story
        with self.step("Utvecklingsrådet kallas", date(2023, 9, 7), 13):
            meeting = acts.plan(cast, "council", at_time(date(2023, 9, 13), 13), "Karlskrona")
            acts.put_on_agenda(cast, meeting, cast.applications)
            meeting = acts.call(cast, meeting)
        with self.step(
            "Utvecklingsrådet bedömer och rekommenderar", date(2023, 9, 13), 13, 5
        ) as notes:
            self._recuse_signatory(meeting)
            acts.gather(cast, meeting)
            acts.treat_in_council(cast, meeting)
            for key in cast.applications:
                found = acts.fresh(cast, key).recommendations.all()[0]
                said = found.get_kind_display().lower()
                notes.append(f"{found.application.title}: {said} {kronor(found.amount or 0)}")

    def _recuse_signatory(self, meeting: Meeting) -> None:
        """A council member who works in one of the efforts leaves that item."""
        item = meeting.items.filter(application__isnull=False)[0]
        lead = item.application.parties.get(is_lead=True) if item.application else None
        seat = meeting.body.seats.filter(member=lead.member if lead else None).first()
        if seat is not None:
            recusals.declare_recusal(
                item=item, seat=seat, actor=self.story.officer, reason="Leder enheten som söker"
            )

    def memos(self) -> None:
        cast = self.story
        with self.step("Förbundschefen skriver beslutsunderlagen", date(2023, 9, 14)):
            for key in cast.applications:
                acts.write_memo(cast, key)
            self.wait_for_worker()

    def board(self) -> None:
        cast = self.story
        with self.step("Styrelsen kallas", date(2023, 9, 15)):
            meeting = acts.plan(cast, "board", at_time(date(2023, 9, 25), 9), "Karlskrona")
            acts.put_on_agenda(cast, meeting, cast.applications)
            meeting = acts.call(cast, meeting)
            self.wait_for_worker()
        with self.step("Chefen beslutar på delegation", date(2023, 9, 16)) as notes:
            decided = acts.decide_on_delegation(cast, clock.today())
            notes.append(f"{decided.subject}: anmäls till styrelsen {decided.item or ''}".rstrip())
        with self.step("Beslutspaketet görs och skickas", date(2023, 9, 18)) as notes:
            acts.send_documents(cast, meeting)
            self.wait_for_worker()
            packet = meeting.packets.all()[0]
            dispatch.send_packet(packet=packet, actor=cast.officer)
            notes.append(f"Paket version {packet.version}")
        with self.step("Styrelsen sammanträder", date(2023, 9, 25), 9, 2) as notes:
            meeting = acts.gather(cast, meeting)
            notes.append(self._try_too_much(meeting))
            record = acts.decide_all(cast, meeting)
            frame = Frame.objects.select_related("account").get(rounds=cast.round)
            if frame.granted > frame.amount:
                raise StoryBroken("Mer än ramen är beviljat.")
            notes += [
                f"Paragrafer §§ {record.first_number}–{record.last_number}",
                f"Beviljat {kronor(frame.granted)} av {kronor(frame.amount)}",
                f"Kvar i ramen {kronor(frame.remaining)}",
            ]
            hidden = Application.objects.filter(
                pk__in=[one.pk for one in cast.applications.values()]
            )
            if hidden.filter(outcome_public_at__isnull=False).exists():
                raise StoryBroken("Ett beslut visades före justeringen.")

    def _try_too_much(self, meeting: Meeting) -> str:
        """Granting all that is sought must be refused, with what is left; nothing of it stays."""
        with transaction.atomic():
            refusal = self._grant_all(meeting)
            transaction.set_rollback(True)
        if not refusal:
            raise StoryBroken("Allt som söktes kunde beviljas, fast ramen inte räcker.")
        return f"Att bevilja allt vägras: {refusal}"

    def _grant_all(self, meeting: Meeting) -> str:
        """The refusal met on the way, or nothing."""
        for item in meeting.items.filter(application__isnull=False).order_by("position"):
            sitting.take_up(item=item, actor=self.story.officer)
            version = item.application.versions.all()[0] if item.application else None
            try:
                decisions.record_decision(
                    item=item,
                    outcome=Outcome.GRANTED,
                    amount=version.requested_amount if version else None,
                    frame=self.story.round.frame,
                    actor=self.story.officer,
                )
            except InsufficientFunds as error:
                return error.message
        return ""

    def attest(self) -> None:
        cast = self.story
        record = Minutes.objects.get(
            meeting__body__kind="board", meeting__association=cast.association
        )
        with self.step(
            "Protokollet justeras av ordförande och justerare", date(2023, 10, 2)
        ) as notes:
            record = acts.attest_by_all(cast, record)
            self.wait_for_worker()
            notes.append(f"Kontrollsumma {record.content_hash[:16]}")
        with self.step("Justeringen anslås på alla anslagstavlor", date(2023, 10, 3)) as notes:
            acts.post_everywhere(cast, record)
            self.wait_for_worker()
            day = legal_force_date(record)
            notes.append(f"Laga kraft {date_long(day)}" if day else "")
        with self.step("De sökande har fått sina beslut", date(2023, 10, 4)) as notes:
            for key in cast.applications:
                found = acts.fresh(cast, key)
                if found.outcome_public_at is None:
                    raise StoryBroken(f"{found.title} visar inte sitt beslut.")
                notes.append(f"{found.title}: {found.get_state_display().lower()}")

    def agree(self) -> str:
        """The agreements of the five are signed by all and the efforts start; gives one's key."""
        cast = self.story
        granted = [key for key in cast.applications if acts.fresh(cast, key).state in GRANTED]
        with self.step("De reviderade budgetarna godkänns", date(2023, 10, 6)) as notes:
            for key in granted:
                if needs_revision(acts.fresh(cast, key)):
                    acts.revise_budget(cast, key)
                    notes.append(acts.fresh(cast, key).title)
        with self.step("Avtalen skickas för underskrift", date(2023, 10, 9)) as notes:
            sent = {key: acts.send_agreement(cast, key) for key in granted}
            notes.append(f"{len(sent)} avtal")
        with self.step("Avtalen är undertecknade av alla", date(2023, 10, 20)) as notes:
            for key, agreement in sent.items():
                acts.sign_agreement(cast, agreement)
                found = acts.fresh(cast, key)
                notes.append(f"{found.title}: {found.get_state_display().lower()}")
        with self.step("Insatserna startar", date(2024, 1, 8)) as notes:
            for agreement in sent.values():
                found = acts.start_effort(cast, agreement)
                notes.append(f"{found.title}: {found.get_state_display().lower()}")
            paying.set_rules(cast)
        with self.step("En huvudman begär längre tid", date(2024, 2, 5)) as notes:
            change = acts.ask_for_longer(cast, granted[-1], date(2025, 3, 31))
            notes.append(str(change))
        with self.step("Chefen ger längre tid på delegation", date(2024, 2, 12)) as notes:
            addendum = acts.grant_longer(cast, change)
            notes.append(f"{addendum}: {addendum.get_state_display().lower()}")
        return granted[0]

    def run_one(self, key: str) -> None:
        """One of the five efforts to its end."""
        RunningEffort(self.story, key, self.step, acts.fresh(self.story, key).title).run()

    def others(self) -> None:
        """One case of each of the other four programmes, while the worker makes what it can."""
        for slug in OTHERS:
            OtherCase(slug, self.step).run()

    def wait_for_worker(self) -> None:
        """Let the real worker finish what has been promised."""
        until = time.monotonic() + LONGEST_WAIT
        waiting = Q(state__in=[JobState.WAITING, JobState.RUNNING])
        due = Q(not_before=None) | Q(not_before__lte=clock.now())
        while Job.objects.filter(waiting & due).exists():
            if time.monotonic() > until:
                raise StoryBroken("Arbetaren blev inte klar i tid.")
            time.sleep(0.2)
        failed = Job.objects.filter(state=JobState.FAILED).first()
        if failed is not None:
            what = f"{failed.kind} {failed.key}: {failed.error}"
            raise StoryBroken(f"Ett arbete misslyckades: {what}")


def as_told(told: Told) -> dict[str, object]:
    return {
        "step": told.title,
        "when": told.day,
        "seconds": told.seconds,
        "notes": told.notes,
        "documents": told.documents,
    }
