"""The five programmes as data: what must hold of each, and how a faulty file is refused."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applications.programme_definition import (
    PROGRAMMES,
    DefinitionError,
    Problem,
    ProgrammeDefinition,
    as_json,
    parse_programme,
    read_programme,
)
from applications.programme_definition.values import (
    Access,
    ConsultationForm,
    ExternalParties,
    IdeaReader,
    IntakeKind,
    MilestoneKind,
    PartyCount,
    PartyKindName,
    QuestionType,
    SectionRole,
    SignatureMethod,
    SignatureRule,
    StepUse,
)
from budgets.content import COST_KINDS, CostKind
from budgets.context import IneligibleWords
from budgets.ineligible import ineligible_reason
from finsam.associations.models import PartyKind

FILES = {path.stem: path for path in sorted(PROGRAMMES.glob("*.toml"))}
INDIVIDUAL = "blekinge-individinsatser-2024"
PROJECT = "blekinge-projekt-2021"
COOPERATION = "vastmanland-samverkansmedel"
INVESTMENT = "landstinget-blekinge-sociala-investeringar"
EFFORTS = "jamtland-insatsfinansiering-2022"


def programme(slug: str) -> ProgrammeDefinition:
    return read_programme(FILES[slug])


def refused(text: str, file: str = f"{INDIVIDUAL}.toml") -> str:
    with pytest.raises(DefinitionError) as caught:
        parse_programme(text, file=file)
    return str(caught.value)


def altered(old: str, new: str, slug: str = INDIVIDUAL) -> str:
    """The file's text with one thing changed; the thing must be there."""
    text = FILES[slug].read_text(encoding="utf-8")
    assert old in text
    return text.replace(old, new, 1)


def headings(slug: str) -> list[str]:
    return [section.heading for section in programme(slug).template.sections]


def largest_remainder(total: int, shares: list[int]) -> list[int]:
    whole = sum(shares)
    parts = [total * share // whole for share in shares]
    order = sorted(range(len(shares)), key=lambda i: (-(total * shares[i] % whole), i))
    for index in order[: total - sum(parts)]:
        parts[index] += 1
    return parts


# The files


def test_there_are_five_programmes_each_named_by_its_slug():
    assert set(FILES) == {INDIVIDUAL, PROJECT, COOPERATION, INVESTMENT, EFFORTS}
    assert [programme(slug).slug for slug in FILES] == list(FILES)


def test_the_five_belong_to_four_associations():
    owners = {slug: programme(slug).association for slug in FILES}
    assert owners == {
        INDIVIDUAL: "blekinge",
        PROJECT: "blekinge",
        COOPERATION: "vastmanland",
        INVESTMENT: "landstinget-blekinge",
        EFFORTS: "jamtland",
    }


def test_round_slugs_are_unique_over_all_programmes():
    slugs = [round_.slug for slug in FILES for round_ in programme(slug).rounds]
    assert sorted(slugs) == sorted(set(slugs))


@pytest.mark.parametrize("slug", list(FILES))
def test_every_question_has_help_and_a_prompt_that_asks_or_tells(slug):
    questions = programme(slug).questions
    assert [q.key for q in questions if not q.help] == []
    assert [q.prompt for q in questions if q.prompt[-1] not in "?."] == []


@pytest.mark.parametrize("slug", list(FILES))
def test_no_text_ends_without_a_stop_or_holds_a_double_space(slug):
    plain = re.compile(r"[^ ]  +[^ ]")
    texts = [section.intro for section in programme(slug).template.sections if section.intro]
    texts += [item.text for item in programme(slug).guidance]
    assert [text for text in texts if plain.search(text) or text[-1] not in ".?"] == []


@pytest.mark.parametrize("slug", list(FILES))
def test_the_definition_is_kept_as_plain_json(slug):
    kept = as_json(programme(slug))
    assert kept["slug"] == slug
    assert kept["rounds"][0]["opens"] == programme(slug).rounds[0].opens.isoformat()
    assert kept["steps"]["idea"] in {"absent", "optional", "mandatory"}


def test_kinds_of_party_are_those_of_the_associations():
    assert {kind.value for kind in PartyKindName} == set(PartyKind.values)


# 1 Blekinge, individual efforts


def test_individual_efforts_are_one_year_in_a_closed_round_of_five():
    definition = programme(INDIVIDUAL)
    (round_,) = definition.rounds
    assert definition.eligibility.access is Access.INVITED
    assert definition.budget.max_years == 1
    assert round_.years == (2024,)
    assert set(round_.invited) == {
        "Karlskrona kommun",
        "Ronneby kommun",
        "Karlshamns kommun",
        "Sölvesborgs kommun",
        "Olofströms kommun",
    }


def test_individual_efforts_frame_is_nine_million_with_its_sources_said():
    frame = programme(INDIVIDUAL).rounds[0].frame
    assert frame is not None
    assert frame.amount == 9_000_000
    assert [(source.pool, source.equity, source.amount) for source in frame.sources] == [
        ("efforts", False, 7_000_000),
        (None, True, 2_000_000),
    ]
    assert frame.may_redistribute is True


def test_individual_efforts_plan_follows_the_population_and_says_it_is_an_example():
    frame = programme(INDIVIDUAL).rounds[0].frame
    assert frame is not None
    planned = largest_remainder(frame.amount, [lot.share for lot in frame.lots])
    assert dict(zip([lot.name for lot in frame.lots], planned, strict=True)) == {
        "Karlskrona": 3_784_064,
        "Karlshamn": 1_822_868,
        "Ronneby": 1_653_378,
        "Sölvesborg": 995_582,
        "Olofström": 744_108,
    }
    assert frame.lots_note == "räkneexempel"
    assert frame.lots_key_date == date(2023, 12, 31)


def test_individual_efforts_milestones_are_those_of_2023_each_with_a_reminder():
    milestones = programme(INDIVIDUAL).rounds[0].milestones
    assert [(m.day.isoformat(), m.kind) for m in milestones] == [
        ("2023-03-30", MilestoneKind.TEMPLATE_PROPOSED),
        ("2023-04-04", MilestoneKind.TEMPLATE_DIALOGUE),
        ("2023-04-21", MilestoneKind.TEMPLATE_FINAL),
        ("2023-04-27", MilestoneKind.MEETING),
        ("2023-09-01", MilestoneKind.LAST_DAY),
        ("2023-09-18", MilestoneKind.DOCUMENTS_TO_BOARD),
        ("2023-09-25", MilestoneKind.BOARD_DECISION),
    ]
    assert all(m.remind_days_before >= 1 for m in milestones)
    assert programme(INDIVIDUAL).rounds[0].last_day == date(2023, 9, 1)


def test_individual_efforts_template_asks_for_system_results_and_joint_ideas():
    asked = {q.key: q for q in programme(INDIVIDUAL).questions}
    assert asked["system_results"].heading == "System- och strukturförändrande resultat"
    assert asked["system_results"].required is True
    assert asked["joint_ideas"].required is True
    assert programme(INDIVIDUAL).template.discussed_with_invited is True


def test_individual_efforts_have_eight_idea_prompts_and_a_council():
    definition = programme(INDIVIDUAL)
    assert definition.idea is not None
    assert len(definition.idea.prompts) == 8
    assert definition.steps.council.name == "Utvecklingsrådet"


# 2 Blekinge, projects


def test_projects_income_is_shared_by_law_and_divided_in_two_pools():
    money = programme(PROJECT).economy
    assert money is not None
    assert money.income == 14_000_000
    assert (
        money.shares.state_percent,
        money.shares.region_percent,
        money.shares.municipalities_percent,
    ) == (50, 25, 25)
    assert {pool.key: pool.amount for pool in money.pools} == {
        "base_financing": 7_000_000,
        "efforts": 7_000_000,
    }


def test_projects_base_financing_holds_only_while_contributions_are_unchanged():
    money = programme(PROJECT).economy
    assert money is not None
    base = next(pool for pool in money.pools if pool.is_base_financing)
    assert base.secured_only_while_contributions_unchanged is True


def test_projects_are_of_four_kinds():
    assert [kind.name for kind in programme(PROJECT).kinds] == [
        "Riktade insatser på individnivå",
        "Kompetens- och metodutveckling",
        "Kartläggningar och analyser",
        "Regionala utvecklingsprojekt",
    ]


def test_projects_must_divide_staff_costs_between_members():
    assert programme(PROJECT).budget.staff_division_required is True


def test_projects_goals_are_answered_and_measured():
    definition = programme(PROJECT)
    assert [(goal.target, goal.unit) for goal in definition.goals] == [
        (90, "procent"),
        (75, "procent"),
        (60, "procent"),
    ]
    assert all(goal.answered_in_application for goal in definition.goals)
    assert all(goal.measured_in_reports for goal in definition.goals)
    assert [q.key for q in definition.questions if q.type is QuestionType.GOALS] == ["goals"]


def test_projects_target_groups_are_six():
    assert [group.name for group in programme(PROJECT).target_groups] == [
        "Unga vuxna utanför arbetsmarknaden",
        "Långtidssjukskrivna",
        "Personer med psykisk ohälsa",
        "Personer med aktivitetsersättning",
        "Personer utanför sjukförsäkringen",
        "Personer som av funktionsnedsättning eller andra orsaker har svårt att etablera sig",
    ]


def test_projects_answer_to_every_priority_and_say_which_competence_they_hold():
    definition = programme(PROJECT)
    answered = {q.answers_priority for q in definition.questions if q.answers_priority}
    assert answered == {priority.key for priority in definition.priorities}
    assert len(definition.priorities) == 5
    competence = next(q for q in definition.questions if q.key == "competence")
    assert (competence.required, competence.answers_priority) == (True, "knowledge")


def test_projects_dates():
    (round_,) = programme(PROJECT).rounds
    assert round_.last_day == date(2020, 10, 2)
    assert [(m.kind, m.day) for m in round_.milestones] == [
        (MilestoneKind.LAST_DAY, date(2020, 10, 2)),
        (MilestoneKind.BOARD_DECISION, date(2020, 11, 2)),
        (MilestoneKind.START, date(2021, 1, 1)),
    ]


def test_projects_may_be_signed_on_paper_and_the_original_is_received():
    signatures = programme(PROJECT).signatures
    assert SignatureMethod.PAPER in signatures.methods
    assert signatures.paper_original_received_by_office is True


# 3 Västmanland


def test_cooperation_money_has_two_kinds_and_the_ages_of_practice():
    definition = programme(COOPERATION)
    assert [kind.key for kind in definition.kinds] == ["individual", "structural"]
    assert (definition.eligibility.age_from, definition.eligibility.age_to) == (16, 64)


def test_cooperation_money_needs_two_parties_where_municipalities_are_one():
    rule = programme(COOPERATION).eligibility
    assert rule.access is Access.MEMBERS
    assert rule.min_parties == 2
    assert rule.parties_counted_by is PartyCount.PARTY_KIND
    assert rule.external is ExternalParties.THROUGH_LEAD


def test_cooperation_money_is_rolling_with_last_days_for_material():
    definition = programme(COOPERATION)
    assert definition.intake is IntakeKind.ROLLING
    assert definition.rounds[0].last_day is None
    assert definition.steps.council.material_days > 0
    assert definition.steps.board.material_days > 0


def test_cooperation_money_idea_has_eight_prompts_that_the_application_starts_from():
    definition = programme(COOPERATION)
    assert definition.idea is not None
    assert len(definition.idea.prompts) == 8
    becomes = [prompt.becomes for prompt in definition.idea.prompts if prompt.becomes]
    assert becomes == [
        "title",
        "background",
        "method",
        "target_group_description",
        "evaluation",
        "steering",
    ]


def test_cooperation_money_may_be_sought_with_an_own_word_document():
    assert programme(COOPERATION).template.own_document is True


def test_cooperation_money_has_six_criteria():
    assert [criterion.key for criterion in programme(COOPERATION).criteria] == [
        "members_experience",
        "need",
        "own_strength",
        "new_cooperation",
        "evaluation",
        "lasting",
    ]


def test_cooperation_money_steps():
    steps = programme(COOPERATION).steps
    assert steps.quality_review is StepUse.MANDATORY
    assert steps.council.name == "Utvecklingsrådet"
    assert steps.council.project_leader_may_be_invited is True
    assert steps.memo.use is StepUse.MANDATORY
    assert "förtid" in steps.follow_up.may_end_early_when


# 4 Landstinget Blekinge


def test_investments_count_units_and_make_the_region_responsible():
    rule = programme(INVESTMENT).eligibility
    assert rule.parties_counted_by is PartyCount.ORGANISATION
    assert rule.min_parties == 2
    assert rule.external is ExternalParties.AS_PARTY
    assert rule.responsible_kind is PartyKindName.REGION
    assert rule.required_kinds == (PartyKindName.REGION,)


def test_investments_begin_with_an_idea_test_that_every_party_takes_part_in():
    definition = programme(INVESTMENT)
    assert definition.steps.idea is StepUse.MANDATORY
    assert definition.idea is not None
    assert definition.idea.every_party_takes_part is True
    assert definition.idea.read_by is IdeaReader.COUNCIL


def test_investments_have_a_time_plan_and_a_group_that_follows():
    steps = programme(INVESTMENT).steps
    assert steps.time_plan.use is StepUse.MANDATORY
    assert len(steps.time_plan.checkpoints) == 3
    assert steps.council.name == "Beredningsgruppen"
    assert steps.council.follows_application is True
    assert steps.board.name == "Landstingsstyrelsen"


def test_investments_must_state_way_of_working_effect_outcome_and_evaluation():
    asked = {q.key: q for q in programme(INVESTMENT).questions}
    for key in ("way_of_working", "expected_effect", "economic_outcome", "evaluation"):
        assert asked[key].required is True
    columns = [column.key for column in asked["economic_outcome"].columns]
    assert columns == ["unit", "year", "cost", "saved_cost"]


def test_investments_have_the_return_model_switched_on_with_a_plan():
    definition = programme(INVESTMENT)
    assert definition.return_model is not None
    assert definition.return_model.shares_set_per_effort is True
    assert definition.return_model.horizon_set_per_effort is True
    plan = next(q for q in definition.questions if q.key == "return_plan")
    assert plan.required is True
    assert [column.key for column in plan.columns] == [
        "unit",
        "year",
        "expected_saving",
        "share_returned",
    ]


def test_only_investments_have_the_return_model():
    switched_on = [slug for slug in FILES if programme(slug).return_model is not None]
    assert switched_on == [INVESTMENT]


# 5 Jämtland


def test_efforts_begin_with_an_idea_for_preliminary_assessment():
    definition = programme(EFFORTS)
    assert definition.steps.idea is StepUse.MANDATORY
    assert definition.idea is not None
    assert definition.idea.preliminary_assessment is True


def test_efforts_are_consulted_per_municipality_or_case_by_case():
    consultation = programme(EFFORTS).steps.consultation
    assert consultation.use is StepUse.MANDATORY
    assert consultation.group_name == "LOKSAM"
    assert consultation.local is ConsultationForm.GROUP_PER_MUNICIPALITY
    assert consultation.county_wide is ConsultationForm.CASE_BY_CASE


def test_efforts_have_four_last_days_tied_to_board_meetings():
    definition = programme(EFFORTS)
    assert definition.intake is IntakeKind.MEETING_DATES
    assert [d.last_day.isoformat() for d in definition.rounds[0].dates] == [
        "2022-02-04",
        "2022-05-06",
        "2022-08-26",
        "2022-10-21",
    ]
    assert all("tyrelsens" in d.decided for d in definition.rounds[0].dates)


def test_efforts_are_signed_by_all_and_end_in_an_agreement():
    definition = programme(EFFORTS)
    assert definition.signatures.rule is SignatureRule.ALL
    assert definition.steps.agreement.use is StepUse.MANDATORY
    assert definition.eligibility.external is ExternalParties.THROUGH_LEAD


def test_efforts_are_assessed_against_act_purpose_direction_and_finance_policy():
    assert [criterion.key for criterion in programme(EFFORTS).criteria] == [
        "act",
        "purpose",
        "direction",
        "finance_policy",
    ]


# Budget rules in the words of the budget


@pytest.mark.parametrize("slug", list(FILES))
def test_cost_kinds_are_those_of_the_workbook(slug):
    named = {kind.key: kind.name for kind in programme(slug).budget.cost_kinds}
    assert named == {str(kind): label for kind, label in COST_KINDS.items()}
    assert [kind.key for kind in programme(slug).budget.cost_kinds if kind.is_overhead] == [
        CostKind.ADMINISTRATION
    ]


@pytest.mark.parametrize("slug", list(FILES))
@pytest.mark.parametrize(
    ("description", "refused_cost"),
    [
        ("Busskort till deltagare", True),
        ("Tolk vid gruppträffar", True),
        ("Milersättning", True),
        ("Ersättning till deltagare", True),
        ("Resor personal, uppsökande arbete", False),
        ("Gemensam tolkningsdag om läkarintyg", False),
        ("Brukarmedverkan, fika öppen verksamhet", False),
    ],
)
def test_ineligible_costs_are_told_from_eligible_ones(slug, description, refused_cost):
    kinds = [IneligibleWords(row.words, row.reason) for row in programme(slug).budget.ineligible]
    assert bool(ineligible_reason(description, kinds)) is refused_cost


# The default sections of the process

DEFAULT_SECTIONS = [
    "Grunduppgifter",
    "Sökande",
    "Bakgrund och behovsanalys",
    "Målgrupp",
    "Syfte och mål",
    "Genomförande",
    "Organisation och styrning",
    "Delaktighet, jämställdhet och tillgänglighet",
    "Uppföljning och utvärdering",
    "Implementering i ordinarie verksamhet",
    "Budget",
    "Avgränsning mot ordinarie uppdrag",
    "Bilagor",
    "Underskrifter",
]


@pytest.mark.parametrize(
    ("slug", "own"),
    [
        (INDIVIDUAL, ["System- och strukturförändrande resultat"]),
        (PROJECT, ["Förbundets prioriteringar"]),
        (COOPERATION, ["System- och strukturförändrande resultat"]),
        (EFFORTS, ["System- och strukturförändrande resultat"]),
    ],
)
def test_the_template_has_the_default_sections_and_its_own(slug, own):
    assert [heading for heading in headings(slug) if heading not in own] == DEFAULT_SECTIONS
    assert [heading for heading in headings(slug) if heading in own] == own


def test_the_investment_template_replaces_some_default_sections():
    own = [heading for heading in headings(INVESTMENT) if heading not in DEFAULT_SECTIONS]
    assert own == [
        "Arbetssätt",
        "Förväntad effekt för målgruppen",
        "Ekonomiskt utfall per år och enhet",
        "Återföringsplan",
    ]


@pytest.mark.parametrize("slug", list(FILES))
def test_budget_annexes_and_signatures_have_their_place(slug):
    roles = [section.role for section in programme(slug).template.sections]
    assert [roles.count(role) for role in SectionRole if role is not SectionRole.QUESTIONS] == [
        1,
        1,
        1,
        1,
    ]


# Faulty files: each error names file, key and what was expected

FAULTS = [
    ('name = "Individinsatser 2024"', "", "name: väntade en text på högst 120 tecken, men nyckeln"),
    ('intake = "one_date"', 'intake = "sometimes"', "intake: väntade ett av orden one_date,"),
    ('intake = "one_date"', 'intake = "rolling"', "rounds[1].last_day: väntade inget datum"),
    ("min_parties = 2", 'min_parties = "två"', "eligibility.min_parties: väntade ett heltal"),
    ("min_parties = 2", "min_parties = true", "eligibility.min_parties: väntade ett heltal"),
    ("min_parties = 2", "min_parties = 0", "ett heltal från 1 till 10, men där står 0"),
    ("min_parties = 2", "min_partys = 2", "eligibility.min_partys: väntade en känd nyckel"),
    ("last_day = 2023-09-01", 'last_day = "1 september"', "rounds[1].last_day: väntade ett datum"),
    ("last_day = 2023-09-01", "last_day = 2023-09-02", "rounds[1].milestones: väntade"),
    ("last_day = 2023-09-01", "last_day = 2023-01-02", "rounds[1].last_day: väntade en dag efter"),
    ("day = 2023-09-18", "day = 2023-01-18", "rounds[1].milestones: väntade hållpunkter i tids"),
    ("remind_days_before = 14", "remind_days_before = 0", "remind_days_before: väntade ett heltal"),
    ("amount = 9000000", "amount = 9000001", "rounds[1].frame.sources: väntade källor som till"),
    ("amount = 9000000", "amount = -1", "rounds[1].frame.amount: väntade ett heltal från 1"),
    ('pool = "efforts"', 'pool = "reserve"', "rounds[1].frame.sources[1].pool: väntade nyckeln"),
    ("equity = true", "equity = false", "rounds[1].frame.sources[2]: väntade antingen pool eller"),
    ("share = 66420", "share = 66420.5", "rounds[1].frame.lots[1].share: väntade ett heltal"),
    ("lots = [", "lots = 5 # [", "(filen): väntade giltig TOML"),
    ('invited = ["Karlskrona kommun", ', "invited = [", "rounds[1].frame.lots: väntade en andel"),
    ("state_percent = 50", "state_percent = 51", "economy.shares: väntade andelar som tillsammans"),
    ("income = 14000000", "income = 9000000", "economy.pools: väntade potter som ryms"),
    ('type = "people_count"', 'type = "people"', "väntade ett av orden text, rich_text, number"),
    ('type = "period"', 'type = "table"', "questions[4].columns: väntade kolumner precis när"),
    ('choices_from = "kinds"\n', "", "questions[2].choices: väntade val precis när frågan"),
    ('key = "joint_ideas"', 'key = "system_results"', "en egen nyckel, men ”system_results” finns"),
    ('key = "joint_ideas"', 'key = "Joint ideas"', "väntade en nyckel av små bokstäver a–z"),
    ('becomes = "title"', 'becomes = "people"', "idea.prompts[1].becomes: väntade nyckeln till"),
    ('idea = "optional"', 'idea = "absent"', "idea: väntade ingen idéskiss, eftersom steps.idea"),
    ('name = "Utvecklingsrådet"\n', "", "steps.council.name: väntade vad det beredande organet"),
    (
        'external = "through_lead"',
        'external = "as_party"',
        "eligibility.external: väntade as_party",
    ),
    ('access = "invited"', 'access = "members"', "rounds[1].invited: väntade inbjudna precis när"),
    (
        "för {effort} under",
        "för {insats} under",
        "documents.granted[1]: väntade bara fälten {amount",
    ),
    (
        "för {effort} under",
        "för {effort.__class__} under",
        "documents.granted[1]: väntade bara fält",
    ),
    ("för {effort} under", "för {effort under", "documents.granted[1]: väntade klamrar i par"),
    ('"att bordlägga ärendet"', '"Ärendet bordläggs"', "documents.tabled[1]: väntade en att-sats"),
    ('rule = "all"', 'rule = "all"\nrule = "lead"', "(filen): väntade giltig TOML"),
    ('role = "budget"', 'role = "annexes"', "precis ett avsnitt med role = ”budget”"),
    ("max_years = 1", "max_years = 0", "budget.max_years: väntade ett heltal från 1 till 10"),
    ("years = [2024]", "years = [2024, 2025]", "rounds[1].years: väntade högst 1 år"),
    ("years = [2024]", "years = 2024", "rounds[1].years: väntade en lista där varje värde är"),
    ('slug = "blekinge-individinsatser-2024"', 'slug = "annat"', "slug: väntade ”blekinge-individ"),
]


@pytest.mark.parametrize(("old", "new", "said"), FAULTS)
def test_a_fault_names_file_key_and_what_was_expected(old, new, said):
    message = refused(altered(old, new))
    assert message.startswith("blekinge-individinsatser-2024.toml: ")
    assert said in message


def test_an_unanswered_priority_is_refused():
    text = altered('answers_priority = "surveys"\n', "", slug=PROJECT)
    assert "priorities[3]: väntade en fråga med" in refused(text, f"{PROJECT}.toml")


def test_a_return_model_without_its_plan_is_refused():
    text = altered('plan_question = "return_plan"', 'plan_question = "evaluation"', slug=INVESTMENT)
    assert "return_model.plan_question: väntade nyckeln till en obligatorisk fråga" in refused(
        text, f"{INVESTMENT}.toml"
    )


def test_consultation_without_a_form_is_refused():
    text = altered('local = "group_per_municipality"\n', "", slug=EFFORTS)
    text = text.replace('county_wide = "case_by_case"\n', "")
    assert "steps.consultation.local: väntade hur samråd sker" in refused(text, f"{EFFORTS}.toml")


def test_every_fault_of_a_file_is_named_at_once():
    text = altered("min_parties = 2", "min_parties = 0").replace("max_years = 1", 'max_years = "1"')
    with pytest.raises(DefinitionError) as caught:
        parse_programme(text, file=f"{INDIVIDUAL}.toml")
    assert [problem.key for problem in caught.value.problems] == [
        "eligibility.min_parties",
        "budget.max_years",
    ]


def test_a_missing_file_and_a_file_that_is_no_text_are_refused(tmp_path: Path):
    with pytest.raises(DefinitionError, match=r"saknas.toml: \(filen\): väntade en fil som finns"):
        read_programme(tmp_path / "saknas.toml")
    (tmp_path / "bild.toml").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(DefinitionError, match=r"bild.toml: \(filen\): väntade en läsbar fil"):
        read_programme(tmp_path / "bild.toml")


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused_with_the_file_named(text):
    assert refused(text, "annan.toml").startswith("annan.toml: ")


TEXTS = {slug: path.read_text(encoding="utf-8").splitlines() for slug, path in FILES.items()}


@given(slug=st.sampled_from(sorted(FILES)), data=st.data())
def test_a_file_with_a_line_taken_away_is_read_or_refused_with_a_sentence(slug, data):
    lines = list(TEXTS[slug])
    del lines[data.draw(st.integers(0, len(lines) - 1))]
    problems, definition = outcome("\n".join(lines), f"{slug}.toml")
    assert (definition is None) == bool(problems)
    assert {problem.file for problem in problems} <= {f"{slug}.toml"}
    assert all(problem.key and problem.expected for problem in problems)


def outcome(text: str, file: str) -> tuple[tuple[Problem, ...], ProgrammeDefinition | None]:
    try:
        return (), parse_programme(text, file=file)
    except DefinitionError as error:
        return error.problems, None
