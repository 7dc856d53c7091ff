"""One case of each of the other programmes from idea to closed, by the programme's own steps.

Nothing here knows a programme: what is done follows from the steps that its file switches on.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

from applications import programme_editing
from applications.freezing import latest_received
from applications.models import IdeaSketch
from applications.programme_definition import PROGRAMMES, ProgrammeDefinition, read_programme
from applications.programme_definition.values import StepUse
from applications.programmes_loading import load_programme
from applications.report_plan import effort_period
from applications.returning import lacks_return_plan
from applications.revising import needs_revision
from applications.year_setup import set_up_year
from boards.demo import acts, paying
from boards.demo.acts import Cast, at_time
from boards.demo.content import EffortContent, efforts, people
from boards.demo.running import RunningEffort, Step
from boards.demo.settling import settle_people
from budgets.year import open_equity
from finsam.associations.loading import ensure_association
from finsam.typography import kronor

OTHERS = (
    "landstinget-blekinge-sociala-investeringar",
    "blekinge-projekt-2021",
    "jamtland-insatsfinansiering-2022",
    "vastmanland-samverkansmedel",
)
EQUITY = 20_000_000
"""What a fund without a year's plan has to grant from in the story, in kronor."""


def give_frame(cast: Cast) -> None:
    """Where the file has no frame the director puts one in, out of equity, in the portal."""
    open_equity(association=cast.association, amount=EQUITY, actor=cast.director)
    programme = cast.round.programme
    seen = 0
    frame: dict[str, Any] = {"name": f"Ram {cast.round.name}", "amount": EQUITY}
    for place, values in (
        ("rounds.1.frame", frame),
        ("rounds.1.frame.sources.1", {"amount": EQUITY, "equity": True}),
    ):
        if place.endswith("sources.1"):
            _, seen = programme_editing.add_row(
                programme=programme,
                place="rounds.1.frame.sources",
                seen=seen,
                actor=cast.director,
            )
        seen = programme_editing.save_part(
            programme=programme, place=place, values=values, seen=seen, actor=cast.director
        ).revision
    programme_editing.put_in_force(programme=programme, seen=seen, actor=cast.director)
    cast.round.refresh_from_db()


class OtherCase:
    """The way of one case; `step` tells of each step."""

    def __init__(self, slug: str, step: Step) -> None:
        self.slug, self.tell = slug, step
        self.definition: ProgrammeDefinition = read_programme(PROGRAMMES / f"{slug}.toml")
        self.content = efforts(slug)
        self.effort: EffortContent = self.content.efforts[0]
        roles_from = people(self.definition.association).roles_from
        self.began = max(self.definition.rounds[0].opens, roles_from)
        self.cast = self._begin()

    def run(self) -> None:
        """Idea, plan, application, review, consultation, council, memo, board: those there are.

        Then the agreement, and the effort to its end.
        """
        sketch = self._idea()
        self._apply(sketch)
        self._prepare()
        self._agree(self._decide())
        RunningEffort(self.cast, self.effort.key, self.tell, self.definition.name).run()

    def step(self, title: str, after: int, hour: int = 9) -> AbstractContextManager[list[str]]:
        """A step so many days after the story's beginning."""
        return self.tell(f"{self.definition.name}: {title}", self._day(after), hour)

    def _day(self, after: int) -> date:
        return self.began + timedelta(days=after)

    def _used(self, name: str) -> bool:
        return bool(getattr(self.definition.steps, name).use is not StepUse.ABSENT)

    def _begin(self) -> Cast:
        with self.step("programmet läses in", 0) as notes:
            association = ensure_association(self.definition.association)
            if association is None:
                raise LookupError(self.definition.association)
            settled = settle_people(people(association.slug))
            set_up_year(self.definition, association=association)
            result = load_programme(PROGRAMMES / f"{self.slug}.toml")
            notes.extend(result.changes)
            round_ = result.programme.rounds.select_related("frame", "programme").get(
                slug=self.content.round
            )
            cast = Cast(association, round_, self.content, settled)
            if round_.frame is None:
                give_frame(cast)
        return cast

    def _idea(self) -> IdeaSketch | None:
        found = [one for one in self.content.ideas if one.becomes == self.effort.key]
        if not found or self.definition.steps.idea is StepUse.ABSENT:
            return None
        with self.step("idén skickas", 1):
            sketch = acts.send_sketch(self.cast, found[0])
        with self.step("idén besvaras", 3) as notes:
            sketch = acts.answer_sketch(self.cast, sketch, found[0])
            notes.append(sketch.get_preliminary_assessment_display())
        if self._used("time_plan"):
            with self.step("tidplanen är överenskommen och avstämd", 4):
                acts.agree_on_time_plans(self.cast, {self.effort.key: sketch}, self._day(4))
        return sketch

    def _apply(self, sketch: IdeaSketch | None) -> None:
        with self.step("ansökan skrivs och skrivs under", 14):
            acts.begin_application(self.cast, self.effort, sketch)
            acts.write_budget(self.cast, self.effort)
            acts.write_application(self.cast, self.effort)
            acts.sign_by_all(self.cast, self.effort)
        with self.step("ansökan lämnas in", 15) as notes:
            received = acts.submit(self.cast, self.effort)
            version = latest_received(received)
            amount = kronor(version.requested_amount) if version else ""
            notes.append(f"{received.case.number if received.case else ''}: {amount}")

    def _prepare(self) -> None:
        cast, key = self.cast, self.effort.key
        with self.step("kansliet granskar", 20):
            acts.review_application(cast, key)
        if self._used("consultation"):
            bodies = [said.body for said in self.content.statements if said.effort == key]
            with self.step("samråd begärs", 21):
                acts.ask_bodies(cast, acts.fresh(cast, key), bodies, due_on=self._day(30))
            with self.step("grupperna yttrar sig", 28) as notes:
                acts.give_statements(cast, key)
                notes.append(f"{len(bodies)} yttranden")
            with self.step("samrådet avslutas", 31):
                acts.end_consultation(cast, key)
        if self._used("council"):
            with self.step("det beredande organet kallas", 32):
                meeting = acts.plan(cast, "council", at_time(self._day(39), 13), "Mötesrummet")
                acts.put_on_agenda(cast, meeting, [key])
                meeting = acts.call(cast, meeting)
            with self.step("det beredande organet rekommenderar", 39, 14):
                acts.treat_in_council(cast, acts.gather(cast, meeting))
        with self.step("beslutsunderlaget skrivs", 40):
            acts.write_memo(cast, key)

    def _decide(self) -> int:
        """The day, counted from the beginning, when the decision reaches the applicant."""
        cast, key = self.cast, self.effort.key
        late = self._board_day()
        with self.step("styrelsen kallas", late - 10):
            meeting = acts.plan(cast, "board", at_time(self._day(late), 9), "Mötesrummet")
            acts.put_on_agenda(cast, meeting, [key])
            meeting = acts.call(cast, meeting)
        with self.step("styrelsen beslutar", late, 10) as notes:
            record = acts.decide_all(cast, acts.gather(cast, meeting))
            found = acts.fresh(cast, key)
            notes.append(f"{found.title}: {found.get_state_display().lower()}")
        with self.step("protokollet justeras", late + 7, 14):
            record = acts.attest_by_all(cast, record)
        with self.step("beslutet är hos sökanden", late + 8) as notes:
            acts.post_everywhere(cast, record)
            found = acts.fresh(cast, key)
            if found.outcome_public_at is None:
                raise LookupError(f"{found.title} visar inte sitt beslut.")
            notes.append(f"{found.title}: {found.get_state_display().lower()}")
        return late + 8

    def _agree(self, told: int) -> None:
        """All sign, and the effort starts with its period or the day after the last signature."""
        cast, key = self.cast, self.effort.key
        if needs_revision(acts.fresh(cast, key)):
            with self.step("den reviderade budgeten godkänns", told + 1):
                acts.revise_budget(cast, key)
        if lacks_return_plan(acts.fresh(cast, key)):
            with self.step("återföringsplanen fastställs", told + 1, 10):
                acts.set_plan_of_return(cast, key)
        with self.step("avtalet skickas för underskrift", told + 2):
            agreement = acts.send_agreement(cast, key)
        with self.step("avtalet är undertecknat av alla", told + 9):
            acts.sign_agreement(cast, agreement)
        period = effort_period(acts.fresh(cast, key))
        first = max(told + 10, (period[0] - self.began).days if period else 0)
        with self.step("insatsen startar", first) as notes:
            paying.set_rules(cast)
            found = acts.start_effort(cast, agreement)
            notes.append(f"{found.title}: {found.get_state_display().lower()}")

    def _board_day(self) -> int:
        """Fifty days in, or the day after the last day that the application came in time for."""
        days = [one.last_day for one in self.definition.rounds[0].dates]
        due = next((day for day in days if day >= self._day(15)), None)
        return max(55, (due - self.began).days + 11) if due else 55
