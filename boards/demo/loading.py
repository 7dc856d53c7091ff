"""The example installation: four associations, five programmes around today, many cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction

from applications import review
from applications.annexes import attach_upload
from applications.conversation import write_about
from applications.ideas import answer_idea
from applications.models import Application, PreliminaryAssessment
from applications.programme_definition import (
    PROGRAMMES,
    ProgrammeDefinition,
    moved,
    read_programme,
)
from applications.programmes_loading import load_definition
from applications.template_dialogue import (
    answer_comment,
    comment_on_question,
    finalise_template,
    propose_template,
)
from applications.year_setup import set_up_year
from boards import agenda
from boards.demo import acts, annexes, granting, own_sheet, paying
from boards.demo.acts import Cast, at_time
from boards.demo.annexes import ReceivedAnnex
from boards.demo.content import EffortsContent, efforts_of_all, people_of_all
from boards.demo.present import Projects, ahead
from boards.demo.settling import passwords_tried_once, settle_people
from boards.demo.towns import with_towns
from boards.models import ItemKind
from finsam import clock
from finsam.associations.loading import ensure_association
from finsam.associations.models import Association
from finsam.documents.models import Upload
from finsam.messages.threads import write_post
from finsam.people.models import User

MAIN = "blekinge-individinsatser-2024"
AGREEING = "vastmanland-samverkansmedel"
DAYS_LEFT = 13
THURSDAY = 3
LEFT_OPEN = "olofstrom"
WELCOME = "Tack för skissen. Den passar väl in. Välkomna att gå vidare till en ansökan."


@dataclass(frozen=True)
class Calendar:
    """The story's days of 2023, moved so that its last day lies a little ahead of today.

    Moved by whole weeks: a meeting that was on a weekday is on one.
    """

    days: int

    @classmethod
    def before(cls, last_day: date) -> Calendar:
        """So that the last day is at most DAYS_LEFT days ahead."""
        return cls((clock.today() + timedelta(days=DAYS_LEFT) - last_day).days // 7 * 7)

    def on(self, month: int, day: int) -> date:
        return date(2023, month, day) + timedelta(days=self.days)


def is_loaded() -> bool:
    return Application.objects.filter(association__is_demo=True).exists()


def load_demo() -> None:
    """Load everything, the stories in one transaction; loaded already, nothing happens.

    Stopped before the stories are told, it begins where it was.
    """
    if is_loaded():
        return
    settled = _settle()
    files = annexes.receive(settled)
    extracts = paying.receive_extracts(settled["blekinge"][paying.author_of_claims()])
    with transaction.atomic(), passwords_tried_once():
        for content in efforts_of_all():
            definition = read_programme(PROGRAMMES / f"{content.programme}.toml")
            people = settled[definition.association]
            if content.programme == MAIN:
                tell_main(definition, content, people, files)
            elif content.programme == paying.PROGRAMME:
                tell_projects(definition, content, people, extracts)
            else:
                began = thursday(clock.today() - timedelta(days=40))
                if content.programme == AGREEING:
                    cast = tell_other(*ahead(definition, content), people, began)
                    granting.tell_waiting_agreement(cast, began)
                else:
                    tell_other(definition, content, people, began)
    own_sheet.send(settled["blekinge"])


def _settle() -> dict[str, dict[str, User]]:
    """The associations and their people, by association and key."""
    with transaction.atomic():
        settled: dict[str, dict[str, User]] = {}
        for persons in people_of_all():
            if ensure_association(persons.association) is None:
                raise LookupError(f"Förbundet {persons.association} saknar definition.")
            settled[persons.association] = settle_people(persons)
        Association.objects.update(is_demo=True)
    return settled


def _begin(
    definition: ProgrammeDefinition, content: EffortsContent, people: dict[str, User], days: int
) -> Cast:
    association = Association.objects.get(slug=definition.association)
    set_up_year(definition, association=association)
    result = load_definition(moved(definition, days))
    round_ = result.programme.rounds.select_related("frame", "programme").get(slug=content.round)
    return Cast(association, round_, content, people)


# --- the five efforts of Blekinge ---------------------------------------------------------------


def tell_main(
    definition: ProgrammeDefinition,
    content: EffortsContent,
    people: dict[str, User],
    files: list[ReceivedAnnex],
) -> None:
    """The five at different steps; one is left open for a newcomer."""
    last_day = definition.rounds[0].last_day
    if last_day is None:
        raise LookupError("Omgången saknar sista dag.")
    calendar = Calendar.before(last_day)
    with clock.at(at_time(calendar.on(3, 29), 9)):
        cast = _begin(definition, content, people, calendar.days)
    _template(cast, calendar)
    _earlier_meeting(cast, calendar)
    _ideas_and_applications(cast, calendar)
    with clock.at(at_time(calendar.on(8, 7), 9)):
        for file in files:
            attach_upload(
                application=acts.fresh(cast, file.effort),
                upload=file.upload,
                title=file.title,
                actor=people[content.effort(file.effort).author],
            )
    _four_on_their_way(cast, calendar)
    _conversation(cast, calendar)
    with clock.at(at_time(calendar.on(8, 18), 13)):
        paying.set_base(cast, definition.rounds[0].years[0])
        paying.pay_base(cast, definition.rounds[0].years[0])
        paying.try_two_distributions(cast)
    _coming_meetings(cast, calendar)


def _template(cast: Cast, calendar: Calendar) -> None:
    template = cast.round.programme.templates.order_by("-version")[0]
    with clock.at(at_time(calendar.on(3, 30), 9)):
        propose_template(template=template, actor=cast.director)
    questions = {
        question.key: question
        for section in template.sections.prefetch_related("questions")
        for question in section.questions.all()
    }
    with clock.at(at_time(calendar.on(4, 4), 10)):
        for said in cast.content.template_comments:
            comment = comment_on_question(
                question=questions[said.question], body=said.body, actor=cast.people[said.author]
            )
            answer_comment(comment=comment, answer=said.answer, actor=cast.director)
    with clock.at(at_time(calendar.on(4, 21), 9)):
        finalise_template(template=template, actor=cast.director)
    cast.round.refresh_from_db()


def _earlier_meeting(cast: Cast, calendar: Calendar) -> None:
    """The board that set the frame: its minutes are attested and announced.

    It was told of a decision on delegation; that paragraph was attested at once, and has its
    own notices.
    """
    name = cast.round.frame.name if cast.round.frame else cast.round.name
    with clock.at(at_time(calendar.on(5, 29), 9)):
        meeting = acts.plan(cast, "board", at_time(calendar.on(6, 12), 9), "Ronneby, Kallingesalen")
        agenda.add_item(
            meeting=meeting,
            title=name,
            kind=ItemKind.DECISION,
            presenter=cast.association.director_title.capitalize(),
            background="Fem geografiskt inriktade individinsatser täcker tillsammans Blekinge.",
            proposal="fastställa ramen till 9 000 000 kronor, 7 000 000 ur potten för insatser och "
            "2 000 000 ur eget kapital",
            actor=cast.officer,
        )
        meeting = acts.call(cast, meeting)
    with clock.at(at_time(calendar.on(6, 2), 10)):
        acts.decide_on_delegation(cast, clock.today())
    with clock.at(at_time(calendar.on(6, 12), 9, 2)):
        meeting = acts.gather(cast, meeting)
        record = acts.decide_all(cast, meeting)
    with clock.at(at_time(calendar.on(6, 13), 9)):
        acts.post_everywhere(cast, record)
    with clock.at(at_time(calendar.on(6, 19), 14)):
        record = acts.attest_by_all(cast, record)
    with clock.at(at_time(calendar.on(6, 20), 9)):
        acts.post_everywhere(cast, record)
    with clock.at(at_time(calendar.on(7, 5), 9)):
        acts.take_down_everywhere(cast, record)


def _ideas_and_applications(cast: Cast, calendar: Calendar) -> None:
    becoming = next(idea for idea in cast.content.ideas if idea.becomes == LEFT_OPEN)
    others = [idea for idea in cast.content.ideas if not idea.becomes]
    with clock.at(at_time(calendar.on(5, 8), 10)):
        sketch = acts.send_sketch(cast, becoming)
    with clock.at(at_time(calendar.on(5, 12), 15)):
        sketch = acts.answer_sketch(cast, sketch, becoming)
    with clock.at(at_time(calendar.on(8, 18), 11)):
        unanswered = [acts.send_sketch(cast, idea) for idea in others]
    with clock.at(at_time(calendar.on(8, 18), 11, 30)):
        acts.ask_bodies(cast, unanswered[0], ["utvecklingsradet"], due_on=calendar.on(8, 30))
    with clock.at(at_time(calendar.on(6, 26), 9)):
        for effort in cast.content.efforts:
            source = sketch if effort.key == LEFT_OPEN else None
            acts.begin_application(cast, effort, source)
    with clock.at(at_time(calendar.on(8, 17), 14, 3)):
        open_one = cast.content.effort(LEFT_OPEN)
        keys = (
            [one.key for one in cast.round.template.sections.all()[:3]]
            if cast.round.template
            else []
        )
        acts.write_application(cast, open_one, only=keys)


def _four_on_their_way(cast: Cast, calendar: Calendar) -> None:
    """Received, returned, recommended, and with the board."""
    for number, effort in enumerate(one for one in cast.content.efforts if one.key != LEFT_OPEN):
        with clock.at(at_time(calendar.on(8, 7 + number), 10 + number, 20)):
            acts.write_budget(cast, effort)
            acts.write_application(cast, effort)
            acts.sign_by_all(cast, effort)
            acts.submit(cast, effort)
    with clock.at(at_time(calendar.on(8, 11), 9)):
        for key in ("karlshamn", "solvesborg"):
            acts.review_application(cast, key)
        meeting = acts.plan(cast, "council", at_time(calendar.on(8, 16), 13), "Karlshamn, Rådhuset")
        acts.put_on_agenda(cast, meeting, ("karlshamn", "solvesborg"))
        meeting = acts.call(cast, meeting)
    with clock.at(at_time(calendar.on(8, 14), 11)):
        application = acts.review_application(cast, "ronneby", finish=False)
        asked = [
            one for one in application.template.sections.all() if one.key in ("follow_up", "goals")
        ]
        review.request_supplement(
            application=application,
            sections=asked or [application.template.sections.all()[4]],
            message="Målet om arbete eller studier ligger lägre än förbundets. Skriv kort varför, "
            "och hur utfallet mäts sex månader efter avslut.",
            last_day=calendar.on(8, 28),
            actor=cast.officer,
        )
    with clock.at(at_time(calendar.on(8, 16), 13, 5)):
        meeting = acts.gather(cast, meeting)
        acts.treat_in_council(cast, meeting)
    with clock.at(at_time(calendar.on(8, 18), 9)):
        acts.write_memo(cast, "karlshamn")


def _conversation(cast: Cast, calendar: Calendar) -> None:
    """An applicant asks, and the office answers, in the application's own thread."""
    asked = "Vi får besked om lokalen i september. Räcker det att vi skickar hyresavtalet då?"
    told = "Ja, det räcker. Skriv här när ni har det, så läggs det till ärendet."
    for key, day in (("karlskrona", 10), ("olofstrom", 18)):
        author = cast.people[cast.content.effort(key).author]
        with clock.at(at_time(calendar.on(8, day), 13, 10)):
            post = write_about(application=acts.fresh(cast, key), body=asked, actor=author)
        with clock.at(at_time(calendar.on(8, day), 15, 40)):
            write_post(thread=post.thread, author=cast.officer, body=told)


def _coming_meetings(cast: Cast, calendar: Calendar) -> None:
    """What lies ahead: a council meeting to fill, a board meeting with its first item."""
    with clock.at(at_time(calendar.on(8, 18), 15)):
        acts.plan(cast, "council", at_time(calendar.on(9, 13), 13), "Karlskrona, Landstingssalen")
        board = acts.plan(
            cast, "board", at_time(calendar.on(9, 25), 9), "Karlskrona, Blekingesalen"
        )
        acts.put_on_agenda(cast, board, ("karlshamn",))
        acts.call(cast, board)


# --- the other programmes -----------------------------------------------------------------------


def tell_projects(
    definition: ProgrammeDefinition,
    content: EffortsContent,
    people: dict[str, User],
    extracts: list[Upload],
) -> None:
    """The projects of Blekinge, sought last year and at different steps of their own periods."""
    projects = Projects.around_today()
    told, sought = projects.tell(definition, with_towns(content))
    cast = tell_other(told, sought, people, projects.began)
    with clock.at(at_time(projects.began + timedelta(days=26), 13)):
        paying.set_rules(cast)
        paying.set_base(cast, projects.year)
    granting.tell_efforts(cast, projects, extracts)


def tell_other(
    definition: ProgrammeDefinition,
    content: EffortsContent,
    people: dict[str, User],
    began: date,
) -> Cast:
    """A programme from a day on with its round open, an idea sent and a case received."""
    days = _days_to_open(definition) if began > clock.today() - timedelta(days=60) else 0
    with clock.at(at_time(began, 9)):
        cast = _begin(definition, content, people, days)
    sketches = {}
    with clock.at(at_time(began + timedelta(days=10), 10)):
        for idea in content.ideas:
            sketches[idea.becomes] = acts.send_sketch(cast, idea)
    with clock.at(at_time(began + timedelta(days=14), 10)):
        for idea in content.ideas:
            if idea.becomes or idea.reply:
                sketches[idea.becomes] = answer_idea(
                    sketch=sketches[idea.becomes],
                    assessment=idea.preliminary_assessment or PreliminaryAssessment.SUITABLE,
                    text=idea.reply or WELCOME,
                    actor=cast.officer,
                )
    acts.agree_on_time_plans(cast, sketches, began + timedelta(days=15))
    with clock.at(at_time(began + timedelta(days=25), 9)):
        for effort in content.efforts:
            acts.begin_application(cast, effort, sketches.get(effort.key))
            acts.write_budget(cast, effort)
            acts.write_application(cast, effort)
            acts.sign_by_all(cast, effort)
            acts.submit(cast, effort)
    if content.statements:
        _consult(cast, began + timedelta(days=30))
    return cast


def _consult(cast: Cast, day: date) -> None:
    """The groups of the municipalities are asked, and some of their members have answered."""
    for key in dict.fromkeys(said.effort for said in cast.content.statements):
        with clock.at(at_time(day, 9)):
            application = acts.review_application(cast, key, finish=False)
            bodies = [said.body for said in cast.content.statements if said.effort == key]
            acts.ask_bodies(cast, application, bodies, due_on=day + timedelta(days=21))
        with clock.at(at_time(day + timedelta(days=4), 13)):
            acts.give_statements(cast, key)


def thursday(day: date) -> date:
    """The latest Thursday until the day: counted from one, the board's meeting is on a Monday."""
    return day - timedelta(days=(day.weekday() - THURSDAY) % 7)


def _days_to_open(definition: ProgrammeDefinition) -> int:
    """How far to move a programme's calendar so that its round is open around today."""
    round_ = definition.rounds[0]
    long_ago = (clock.today() - timedelta(days=60) - round_.opens).days
    if round_.last_day is None:
        return long_ago
    return min(long_ago, (clock.today() + timedelta(days=30) - round_.last_day).days)
