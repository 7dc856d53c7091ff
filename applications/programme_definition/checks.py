"""What must hold between the parts of a definition, beyond each value being of its type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePath
from string import Formatter

from applications.programme_definition.report_checks import reports
from applications.programme_definition.shape import (
    FrameDefinition,
    IntakeDate,
    Item,
    ProgrammeDefinition,
    Question,
    RoundDefinition,
)
from applications.programme_definition.values import (
    RETURN_COLUMNS,
    Access,
    ConsultationForm,
    ExternalParties,
    IntakeKind,
    MilestoneKind,
    PartyKindName,
    QuestionType,
    SectionRole,
    StepUse,
)
from finsam.definitions import Problem
from finsam.typography import enumerate_words

Fault = tuple[str, str]  # key path, what was expected
PLACEHOLDERS = frozenset(
    {
        "lead_party",
        "amount",
        "effort",
        "period",
        "frame",
        "sources",
        "reason",
        "meeting",
        "conditions",
    }
)


def check(definition: ProgrammeDefinition, file: str) -> list[Problem]:
    """Every fault between the parts, in the order of the file."""
    faults: list[Fault] = []
    if PurePath(file).stem != definition.slug:
        faults.append(("slug", f"”{PurePath(file).stem}”, samma namn som filen"))
    for rule in RULES:
        faults.extend(rule(definition))
    return [Problem(file, key, expected) for key, expected in faults]


def _doubles(path: str, keys: Iterable[str]) -> Iterator[Fault]:
    seen: set[str] = set()
    for number, key in enumerate(keys, start=1):
        if key in seen:
            yield f"{path}[{number}]", f"en egen nyckel, men ”{key}” finns redan"
        seen.add(key)


def unique_keys(definition: ProgrammeDefinition) -> Iterator[Fault]:
    lists: dict[str, tuple[Item, ...]] = {
        "kinds": definition.kinds,
        "target_groups": definition.target_groups,
        "priorities": definition.priorities,
    }
    for name, items in lists.items():
        yield from _doubles(name, (item.key for item in items))
    yield from _doubles("criteria", (criterion.key for criterion in definition.criteria))
    yield from _doubles("goals", (goal.key for goal in definition.goals))
    yield from _doubles("rounds", (round_.slug for round_ in definition.rounds))
    yield from _doubles(
        "template.sections", (section.key for section in definition.template.sections)
    )
    yield from _doubles("template (frågor)", (question.key for question in definition.questions))
    yield from _doubles(
        "budget.cost_kinds", (kind.name.casefold() for kind in definition.budget.cost_kinds)
    )


def nothing_empty(definition: ProgrammeDefinition) -> Iterator[Fault]:
    for name, items in {
        "kinds": definition.kinds,
        "criteria": definition.criteria,
        "rounds": definition.rounds,
        "template.sections": definition.template.sections,
        "budget.cost_kinds": definition.budget.cost_kinds,
        "signatures.methods": definition.signatures.methods,
        "eligibility.party_kinds": definition.eligibility.party_kinds,
        "eligibility.lead_kinds": definition.eligibility.lead_kinds,
    }.items():
        if not items:
            yield name, "minst en post"


def parties(definition: ProgrammeDefinition) -> Iterator[Fault]:
    rule = definition.eligibility
    allowed = set(rule.party_kinds)
    if not set(rule.lead_kinds) <= allowed:
        yield "eligibility.lead_kinds", "bara slag som också står i party_kinds"
    if not set(rule.required_kinds) <= allowed:
        yield "eligibility.required_kinds", "bara slag som också står i party_kinds"
    if rule.responsible_kind is not None and rule.responsible_kind not in rule.lead_kinds:
        yield "eligibility.responsible_kind", "ett av slagen i lead_kinds"
    as_party = rule.external is ExternalParties.AS_PARTY
    if as_party != (PartyKindName.EXTERNAL in allowed):
        yield "eligibility.external", "as_party precis när external står i party_kinds"
    if rule.age_from is not None and rule.age_to is not None and rule.age_from > rule.age_to:
        yield "eligibility.age_to", f"en ålder som är minst {rule.age_from}"


def idea_sketch(definition: ProgrammeDefinition) -> Iterator[Fault]:
    absent = definition.steps.idea is StepUse.ABSENT
    if absent and definition.idea is not None:
        yield "idea", "ingen idéskiss, eftersom steps.idea är absent"
    if not absent and definition.idea is None:
        yield "idea", f"en tabell med frågor, eftersom steps.idea är {definition.steps.idea}"
    if definition.idea is None:
        return
    prompts = definition.idea.prompts
    if not prompts:
        yield "idea.prompts", "minst en fråga"
    yield from _doubles("idea.prompts", (prompt.key for prompt in prompts))
    writable = {q.key for q in definition.questions if q.type in TEXT_TYPES}
    for number, prompt in enumerate(prompts, start=1):
        if prompt.becomes is not None and prompt.becomes not in writable:
            yield f"idea.prompts[{number}].becomes", "nyckeln till en textfråga i mallen"


def steps(definition: ProgrammeDefinition) -> Iterator[Fault]:
    rule = definition.steps
    if rule.consultation.use is not StepUse.ABSENT:
        forms = {rule.consultation.local, rule.consultation.county_wide}
        if forms == {ConsultationForm.NONE}:
            yield "steps.consultation.local", "hur samråd sker, eftersom steget används"
        if ConsultationForm.GROUP_PER_MUNICIPALITY in forms and not rule.consultation.group_name:
            yield "steps.consultation.group_name", "vad gruppen heter"
    if rule.council.use is not StepUse.ABSENT and not rule.council.name:
        yield "steps.council.name", "vad det beredande organet heter"
    if rule.agreement.use is not StepUse.ABSENT and not rule.agreement.name:
        yield "steps.agreement.name", "vad avtalet kallas"
    if rule.time_plan.use is not StepUse.ABSENT and not rule.time_plan.checkpoints:
        yield "steps.time_plan.checkpoints", "minst en avstämning, eftersom steget används"


TEXT_TYPES = frozenset({QuestionType.TEXT, QuestionType.RICH_TEXT})
CHOICE_TYPES = frozenset({QuestionType.CHOICE, QuestionType.CHOICES})


def template(definition: ProgrammeDefinition) -> Iterator[Fault]:
    roles = [section.role for section in definition.template.sections]
    for role in (
        SectionRole.PARTIES,
        SectionRole.BUDGET,
        SectionRole.SIGNATURES,
        SectionRole.ANNEXES,
    ):
        if roles.count(role) != 1:
            yield "template.sections", f"precis ett avsnitt med role = ”{role}”"
    for at, section in enumerate(definition.template.sections, start=1):
        path = f"template.sections[{at}]"
        if section.role is SectionRole.QUESTIONS and not section.questions:
            yield f"{path}.questions", "minst en fråga"
        for number, question in enumerate(section.questions, start=1):
            yield from _question(f"{path}.questions[{number}]", question, definition)


def _question(path: str, question: Question, definition: ProgrammeDefinition) -> Iterator[Fault]:
    has_choices = bool(question.choices) or question.choices_from is not None
    if (question.type in CHOICE_TYPES) != has_choices:
        yield f"{path}.choices", "val precis när frågan är av typen choice eller choices"
    if question.choices and question.choices_from is not None:
        yield f"{path}.choices_from", "antingen choices eller choices_from, inte båda"
    if (question.type is QuestionType.TABLE) != bool(question.columns):
        yield f"{path}.columns", "kolumner precis när frågan är av typen table"
    if (question.type in TEXT_TYPES) != (question.max_length is not None):
        yield f"{path}.max_length", "ett högsta antal tecken precis när frågan är en textfråga"
    if question.type is QuestionType.TARGET_GROUPS and not definition.target_groups:
        yield f"{path}.type", "en annan typ, eftersom programmet inte har några target_groups"
    yield from _doubles(f"{path}.choices", (choice.key for choice in question.choices))
    yield from _doubles(f"{path}.columns", (column.key for column in question.columns))


def goals_and_priorities(definition: ProgrammeDefinition) -> Iterator[Fault]:
    """Every goal and every priority of the programme has a question that answers to it."""
    types = {question.type for question in definition.questions}
    must_answer = any(goal.answered_in_application for goal in definition.goals)
    if must_answer and QuestionType.GOALS not in types:
        yield "goals", "en fråga av typen goals i mallen, så att målen kan besvaras"
    answered = {question.answers_priority for question in definition.questions} - {None}
    known = {priority.key for priority in definition.priorities}
    for number, priority in enumerate(definition.priorities, start=1):
        if priority.key not in answered:
            yield f"priorities[{number}]", f"en fråga med answers_priority = ”{priority.key}”"
    for key in sorted(str(key) for key in answered - known):
        yield "template (frågor)", f"en känd prioritering i answers_priority, inte ”{key}”"


def budget(definition: ProgrammeDefinition) -> Iterator[Fault]:
    rule = definition.budget
    if rule.salary_lowest > rule.salary_highest:
        yield "budget.salary_highest", f"minst {rule.salary_lowest}"
    if rule.payroll_overhead_lowest_percent > rule.payroll_overhead_highest_percent:
        yield (
            "budget.payroll_overhead_highest_percent",
            f"minst {rule.payroll_overhead_lowest_percent}",
        )


def return_model(definition: ProgrammeDefinition) -> Iterator[Fault]:
    if definition.return_model is None:
        return
    tables = {q.key for q in definition.questions if q.type is QuestionType.TABLE and q.required}
    for name in ("plan_question", "outcome_question"):
        if getattr(definition.return_model, name) not in tables:
            yield f"return_model.{name}", "nyckeln till en obligatorisk fråga av typen table"
    for question in definition.questions:
        if question.key == definition.return_model.plan_question:
            columns = {column.key for column in question.columns}
            if not columns.issuperset(RETURN_COLUMNS):
                yield (
                    "return_model.plan_question",
                    f"en fråga med kolumnerna {enumerate_words(list(RETURN_COLUMNS))}",
                )


def economy(definition: ProgrammeDefinition) -> Iterator[Fault]:
    money = definition.economy
    if money is None:
        return
    shares = money.shares
    if shares.state_percent + shares.region_percent + shares.municipalities_percent != 100:
        yield "economy.shares", "andelar som tillsammans är 100 procent (FL 5 §)"
    yield from _doubles("economy.pools", (pool.key for pool in money.pools))
    if sum(pool.amount for pool in money.pools) > money.income + money.equity_assigned:
        yield "economy.pools", "potter som ryms i årets intäkter och tilldelat eget kapital"


def rounds(definition: ProgrammeDefinition) -> Iterator[Fault]:
    for number, round_ in enumerate(definition.rounds, start=1):
        path = f"rounds[{number}]"
        yield from _intake(path, round_, definition.intake)
        yield from _invited(path, round_, definition)
        yield from _milestones(path, round_)
        if not round_.years:
            yield f"{path}.years", "minst ett år"
        if len(round_.years) > definition.budget.max_years:
            yield (
                f"{path}.years",
                f"högst {definition.budget.max_years} år, som budget.max_years säger",
            )
        if round_.frame is not None:
            yield from _frame(f"{path}.frame", round_.frame, round_, definition)


def _intake(path: str, round_: RoundDefinition, intake: IntakeKind) -> Iterator[Fault]:
    if intake is IntakeKind.ONE_DATE and round_.last_day is None:
        yield f"{path}.last_day", "ett datum, eftersom intake är one_date"
    if intake is not IntakeKind.ONE_DATE and round_.last_day is not None:
        yield f"{path}.last_day", f"inget datum, eftersom intake är {intake}"
    if (intake is IntakeKind.MEETING_DATES) != bool(round_.dates):
        yield f"{path}.dates", "sista dagar precis när intake är meeting_dates"
    if not _ascending(round_.dates):
        yield f"{path}.dates", "sista dagar i tidsordning"
    if round_.last_day and round_.opens > round_.last_day:
        yield f"{path}.last_day", f"en dag efter öppningen {round_.opens}"
    if round_.effort_from and round_.effort_to and round_.effort_from > round_.effort_to:
        yield f"{path}.effort_to", f"en dag efter {round_.effort_from}"


def _ascending(dates: tuple[IntakeDate, ...]) -> bool:
    days = [date.last_day for date in dates]
    return days == sorted(set(days))


def _invited(
    path: str, round_: RoundDefinition, definition: ProgrammeDefinition
) -> Iterator[Fault]:
    if (definition.eligibility.access is Access.INVITED) != bool(round_.invited):
        yield f"{path}.invited", "inbjudna precis när eligibility.access är invited"
    yield from _doubles(f"{path}.invited", round_.invited)


def _milestones(path: str, round_: RoundDefinition) -> Iterator[Fault]:
    yield from _doubles(f"{path}.milestones", (milestone.key for milestone in round_.milestones))
    days = [milestone.day for milestone in round_.milestones]
    if days != sorted(days):
        yield f"{path}.milestones", "hållpunkter i tidsordning"
    last_days = {m.day for m in round_.milestones if m.kind is MilestoneKind.LAST_DAY}
    promised = {round_.last_day} if round_.last_day else {date.last_day for date in round_.dates}
    if round_.milestones and promised and last_days != promised:
        yield f"{path}.milestones", "en hållpunkt av slaget last_day för varje sista dag"


def _frame(
    path: str, frame: FrameDefinition, round_: RoundDefinition, definition: ProgrammeDefinition
) -> Iterator[Fault]:
    if sum(source.amount for source in frame.sources) != frame.amount:
        yield f"{path}.sources", f"källor som tillsammans är {frame.amount}"
    pools = {pool.key for pool in definition.economy.pools} if definition.economy else set()
    for number, source in enumerate(frame.sources, start=1):
        if (source.pool is None) != source.equity:
            yield f"{path}.sources[{number}]", "antingen pool eller equity = true"
        if source.pool is not None and source.pool not in pools:
            yield f"{path}.sources[{number}].pool", "nyckeln till en pott i economy.pools"
    yield from _doubles(f"{path}.lots", (lot.key for lot in frame.lots))
    if frame.lots and not frame.lots_key:
        yield f"{path}.lots_key", "vad fördelningsnyckeln är"
    if round_.invited and frame.lots and {lot.member for lot in frame.lots} != set(round_.invited):
        yield f"{path}.lots", "en andel för var och en av de inbjudna"


def document_texts(definition: ProgrammeDefinition) -> Iterator[Fault]:
    for outcome in ("granted", "partly_granted", "rejected", "referred_back", "tabled", "noted"):
        clauses: tuple[str, ...] = getattr(definition.documents, outcome)
        if not clauses:
            yield f"documents.{outcome}", "minst en att-sats"
        for number, clause in enumerate(clauses, start=1):
            path = f"documents.{outcome}[{number}]"
            if not clause.startswith("att "):
                yield path, "en att-sats, som börjar med ”att ”"
            yield from _placeholders(path, clause)
    for number, clause in enumerate(definition.documents.conditions, start=1):
        yield from _placeholders(f"documents.conditions[{number}]", clause)


def _placeholders(path: str, clause: str) -> Iterator[Fault]:
    known = ", ".join(f"{{{name}}}" for name in sorted(PLACEHOLDERS))
    try:
        parts = [part for part in Formatter().parse(clause) if part[1] is not None]
    except ValueError:
        yield path, f"klamrar i par, runt ett av fälten {known}"
        return
    for _, name, form, conversion in parts:
        if name not in PLACEHOLDERS or form or conversion:
            yield path, f"bara fälten {known}"


RULES: tuple[Callable[[ProgrammeDefinition], Iterator[Fault]], ...] = (
    unique_keys,
    nothing_empty,
    parties,
    idea_sketch,
    steps,
    template,
    goals_and_priorities,
    budget,
    return_model,
    economy,
    rounds,
    document_texts,
    reports,
)
