"""The content of the example installation: whole, lawful, and to the krona."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from applications.programme_definition.values import QuestionType
from applications.rich_text import plain
from boards.demo.content import (
    EffortContent,
    EffortsContent,
    PeopleContent,
    answer_values,
    efforts,
    efforts_of_all,
    people,
    people_of_all,
    programme_of,
)
from boards.models import BodyKind, RecommendationKind, SeatFunction
from boards.models.preparation import AssessmentVerdict
from budgets.context import BudgetContext, IneligibleWords, Party
from budgets.rules import apply_rules
from budgets.summary import summarise
from finsam.associations.loading import DEFINITIONS, AssociationDefinition, read_association
from finsam.people.models import RoleKind

INDIVIDUAL = "blekinge-individinsatser-2024"
SOUGHT = {
    "karlskrona": 3_900_000,
    "ronneby": 1_700_000,
    "karlshamn": 1_950_000,
    "solvesborg": 1_100_000,
    "olofstrom": 800_000,
}
# From the sample applications' answer key: total cost, own financing, cost per member.
KNOWN = {
    "karlskrona": (4_337_722, 437_722, [2_829_783, 945_081, 225_136, 337_722]),
    "ronneby": (1_941_555, 241_555, [1_356_504, 439_496, 145_555]),
    "karlshamn": (2_175_000, 225_000, [1_627_000, 383_000, 165_000]),
    "solvesborg": (1_293_644, 193_644, [1_020_644, 139_356, 133_644]),
    "olofstrom": (1_010_000, 210_000, [854_000, 92_000, 64_000]),
}
ALL = [
    pytest.param(content, effort, id=f"{content.programme}:{effort.key}")
    for content in efforts_of_all()
    for effort in content.efforts
]


def association(slug: str) -> AssociationDefinition:
    return read_association(DEFINITIONS / f"{slug}.toml")


def kinds_of_members(slug: str) -> dict[str, str]:
    return {member.name: member.kind for member in association(slug).members}


def test_the_five_seek_what_they_are_known_to_seek():
    content = efforts(INDIVIDUAL)
    sought = {effort.key: summarise(effort.budget()).requested for effort in content.efforts}
    assert sought == SOUGHT
    assert sum(sought.values()) == 9_450_000


@pytest.mark.parametrize("key", list(KNOWN))
def test_cost_own_financing_and_cost_per_member_are_exact(key):
    summary = summarise(efforts(INDIVIDUAL).effort(key).budget())
    total, own, by_member = KNOWN[key]
    assert summary.total_cost == total
    assert summary.total_cost - summary.requested == own
    assert list(summary.by_member.values()) == by_member


@pytest.mark.parametrize(
    ("programme", "key", "sought"),
    [
        ("blekinge-projekt-2021", "hel-vag", 2_250_000),
        ("vastmanland-samverkansmedel", "bron", 3_160_000),
        ("landstinget-blekinge-sociala-investeringar", "tidigt-ute", 3_600_000),
        ("jamtland-insatsfinansiering-2022", "samlad-vag", 3_924_000),
    ],
)
def test_the_others_seek_what_their_applications_say(programme, key, sought):
    assert summarise(efforts(programme).effort(key).budget()).requested == sought


@pytest.mark.parametrize(("content", "effort"), ALL)
def test_every_budget_passes_its_programmes_rules(content: EffortsContent, effort: EffortContent):
    definition = programme_of(content)
    kinds = kinds_of_members(definition.association)
    counted = definition.eligibility.parties_counted_by == "organisation"
    rules = definition.budget
    context = BudgetContext(
        template=definition.slug,
        version=1,
        parties=tuple(Party(name, kinds[name], name if counted else "") for name in effort.parties),
        years=definition.rounds[0].years,
        salary_bounds=(rules.salary_lowest, rules.salary_highest),
        asks_division=rules.staff_division_required,
        ineligible=tuple(IneligibleWords(row.words, row.reason) for row in rules.ineligible),
    )
    findings = apply_rules(effort.budget(), context)
    assert [(finding.code, finding.place, finding.message) for finding in findings] == []


@pytest.mark.parametrize(("content", "effort"), ALL)
def test_no_answer_is_longer_than_its_question_allows(content, effort):
    definition = programme_of(content)
    limits = {q.key: q.max_length for q in definition.questions if q.max_length}
    values = answer_values(effort.all_answers, definition)
    long = {key: len(plain(values[key])) for key in limits if key in values}
    assert {key: size for key, size in long.items() if size > (limits[key] or 0)} == {}


@pytest.mark.parametrize(("content", "effort"), ALL)
def test_choices_tables_and_goals_fit_their_questions(content, effort):
    definition = programme_of(content)
    lists = {
        "kinds": {kind.key for kind in definition.kinds},
        "municipalities": set(kinds_of_members(definition.association)),
    }
    groups = {group.key for group in definition.target_groups}
    for question in definition.questions:
        value = effort.all_answers.get(question.key)
        if value is None:
            continue
        if question.type is QuestionType.TABLE:
            columns = {column.key for column in question.columns}
            required = {column.key for column in question.columns if column.required}
            assert all(required <= set(row) <= columns for row in value), question.key
        if question.type is QuestionType.TARGET_GROUPS:
            assert set(value) <= groups
        if question.type in {QuestionType.CHOICE, QuestionType.CHOICES}:
            known = lists.get(str(question.choices_from), {c.key for c in question.choices})
            assert set([value] if isinstance(value, str) else value) <= known
        if question.type is QuestionType.GOALS:
            own = {goal.key for goal in definition.goals}
            assert own <= {row["goal"] for row in value}
            assert all(row["text"] and row["indicator"] and row["target"] for row in value)


@pytest.mark.parametrize(("content", "effort"), ALL)
def test_writers_work_for_a_party_of_the_application(content, effort):
    known = people(programme_of(content).association)
    for key in effort.writers:
        members = {role.member for role in known.person(key).roles if role.kind == "applicant"}
        assert members & set(effort.parties), key
    assert effort.author == effort.writers[0]


def test_olofstrom_lacks_two_sections_that_come_later():
    effort = efforts(INDIVIDUAL).effort("olofstrom")
    assert set(effort.later_answers or {}) == {"evaluation", "ordinary_operations", "takeover"}
    assert not set(effort.later_answers or {}) & set(effort.answers)


def test_the_councils_amounts_fit_the_frame_and_answer_every_criterion():
    content = efforts(INDIVIDUAL)
    criteria = [criterion.key for criterion in programme_of(content).criteria]
    amounts = []
    for effort in content.efforts:
        assert effort.recommendation is not None
        amounts.append(effort.recommendation.amount)
        assert effort.recommendation.kind in RecommendationKind.values
        assert [row.criterion for row in effort.recommendation.assessments] == criteria
        assert {row.verdict for row in effort.recommendation.assessments} <= set(
            AssessmentVerdict.values
        )
    assert amounts == [3_650_000, 1_650_000, 1_850_000, 1_050_000, 760_000]
    assert sum(amounts) < 9_000_000


@pytest.mark.parametrize("content", efforts_of_all(), ids=lambda content: content.programme)
def test_ideas_answer_the_prompts_of_their_programme(content):
    idea = programme_of(content).idea
    prompts = {prompt.key: prompt for prompt in idea.prompts} if idea else {}
    for sketch in content.ideas:
        assert set(sketch.answers) <= set(prompts)
        assert {key for key, prompt in prompts.items() if prompt.required} <= set(sketch.answers)
        assert all(len(sketch.answers[key]) <= prompts[key].max_length for key in sketch.answers)
        if sketch.becomes:
            assert content.effort(sketch.becomes).title


def test_template_comments_are_on_questions_that_are_asked():
    content = efforts(INDIVIDUAL)
    asked = {question.key for question in programme_of(content).questions}
    assert {comment.question for comment in content.template_comments} <= asked
    owners = {effort.author for effort in content.efforts}
    assert {comment.author for comment in content.template_comments} == owners


# People and bodies


@pytest.mark.parametrize("content", people_of_all(), ids=lambda content: content.association)
def test_roles_and_seats_are_held_by_known_people_for_known_members(content: PeopleContent):
    members = kinds_of_members(content.association)
    keys = {person.key for person in content.people}
    assert len(keys) == len(content.people)
    for person in content.people:
        assert person.email.endswith(".exempel.se")
        for role in person.roles:
            assert role.kind in RoleKind.values
            assert role.member is None or role.member in members
            assert role.kind not in {"applicant", "signatory"} or role.member
    for body in content.bodies:
        assert body.kind in BodyKind.values
        assert {seat.person for seat in body.seats} <= keys
        assert {seat.function for seat in body.seats} <= set(SeatFunction.values)
        assert {seat.member for seat in body.seats} <= {*members, None}


@pytest.mark.parametrize("slug", ["blekinge", "vastmanland", "jamtland"])
def test_FL10_each_member_has_one_board_member_and_one_substitute(slug):
    board = next(body for body in people(slug).bodies if body.kind == "board")
    members = list(kinds_of_members(slug))
    ordinary = [seat.member for seat in board.seats if seat.function != "substitute"]
    substitutes = [seat.member for seat in board.seats if seat.function == "substitute"]
    assert sorted(map(str, ordinary)) == sorted(members)
    assert sorted(map(str, substitutes)) == sorted(members)
    assert [seat.function for seat in board.seats].count("chair") == 1


def test_blekinge_has_people_in_every_role_but_consultation():
    kinds = {role.kind for person in people("blekinge").people for role in person.roles}
    assert kinds == set(RoleKind.values) - {"consultation"}


def test_one_person_has_roles_in_two_associations():
    names = [(person.email, c.association) for c in people_of_all() for person in c.people]
    twice = {email for email, _ in names if len([1 for other, _ in names if other == email]) > 1}
    assert "tobias.wikander@karlshamn.exempel.se" in twice


def test_no_personal_identity_number_is_in_the_content():
    folder = Path(__file__).resolve().parents[2] / "boards" / "demo" / "content"
    text = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*.toml"))
    assert "personnummer" not in text.lower()
    assert not [
        word
        for word in json.dumps(text).split()
        if word.replace("-", "").isdigit() and len(word) > 9
    ]
