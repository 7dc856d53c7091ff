"""What a programme is made of: the frozen shape that every definition file is read into.

The names and types here are the definition's grammar: the reader takes its keys from the fields,
so a key that is not a field is refused, and a field without a default must be in the file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from applications.programme_definition.values import (
    Access,
    Audience,
    ChoiceSource,
    ColumnType,
    ConsultationForm,
    CountedFrom,
    Days,
    ExternalParties,
    Heading,
    IdeaReader,
    IntakeKind,
    Kronor,
    MilestoneKind,
    PartyCount,
    PartyKindName,
    Percent,
    QuestionType,
    ReportAnswer,
    ReportKind,
    SectionRole,
    SignatureMethod,
    SignatureRule,
    StepUse,
    Year,
)
from finsam.definitions import Between, Key, Length, Slug


@dataclass(frozen=True, kw_only=True)
class Item:
    """A named thing of a list: a kind of effort, a target group, a priority, a choice."""

    key: Key
    name: Annotated[str, Length(300)]
    help: str = ""


@dataclass(frozen=True, kw_only=True)
class Eligibility:
    """Who may apply, and together with whom."""

    access: Access
    summary: str
    min_parties: Annotated[int, Between(1, 10)]
    parties_counted_by: PartyCount
    party_kinds: tuple[PartyKindName, ...]
    lead_kinds: tuple[PartyKindName, ...]
    external: ExternalParties
    required_kinds: tuple[PartyKindName, ...] = ()
    responsible_kind: PartyKindName | None = None
    age_from: Annotated[int, Between(0, 120)] | None = None
    age_to: Annotated[int, Between(0, 120)] | None = None


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """A question of the idea sketch; `becomes` is the template question that starts from it."""

    key: Key
    prompt: str
    help: str = ""
    required: bool = True
    max_length: Annotated[int, Between(20, 20_000)] = 3000
    becomes: Key | None = None


@dataclass(frozen=True, kw_only=True)
class Idea:
    """The idea sketch (idéskiss, idéprövning)."""

    name: Heading
    intro: str
    prompts: tuple[Prompt, ...]
    read_by: IdeaReader = IdeaReader.OFFICE
    preliminary_assessment: bool = True
    every_party_takes_part: bool = False
    answered_within_working_days: Annotated[int, Between(1, 90)] = 10


@dataclass(frozen=True, kw_only=True)
class TimePlan:
    """A time plan for the application, agreed with the preparing group."""

    use: StepUse
    checkpoints: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Consultation:
    use: StepUse
    group_name: str = ""
    local: ConsultationForm = ConsultationForm.NONE
    county_wide: ConsultationForm = ConsultationForm.NONE
    about: str = ""


@dataclass(frozen=True, kw_only=True)
class Council:
    """The preparing body; it recommends and decides nothing (KL 3:5)."""

    use: StepUse
    name: str = ""
    project_leader_may_be_invited: bool = False
    follows_application: bool = False
    material_days: Days = 0


@dataclass(frozen=True, kw_only=True)
class Board:
    name: Heading
    material_days: Days = 0


@dataclass(frozen=True, kw_only=True)
class Memo:
    """The decision memo, written by the director."""

    use: StepUse
    name: Heading


@dataclass(frozen=True, kw_only=True)
class AgreementStep:
    use: StepUse
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    use: StepUse
    reports: tuple[str, ...] = ()
    implementation_after_months: Annotated[int, Between(0, 60)] = 12
    may_end_early_when: str = ""


@dataclass(frozen=True, kw_only=True)
class Steps:
    """The steps of the one process, on or off."""

    idea: StepUse
    time_plan: TimePlan
    quality_review: StepUse
    consultation: Consultation
    council: Council
    memo: Memo
    board: Board
    agreement: AgreementStep
    follow_up: FollowUp


@dataclass(frozen=True, kw_only=True)
class Column:
    key: Key
    heading: Heading
    type: ColumnType = ColumnType.TEXT
    required: bool = True


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question; `heading` is what Word files and documents call it, `prompt` what is asked."""

    key: Key
    heading: Heading
    prompt: str
    type: QuestionType
    help: str = ""
    required: bool = True
    max_length: Annotated[int, Between(10, 20_000)] | None = None
    choices: tuple[Item, ...] = ()
    choices_from: ChoiceSource | None = None
    columns: tuple[Column, ...] = ()
    answers_priority: Key | None = None


@dataclass(frozen=True, kw_only=True)
class Section:
    """A page of the application; `also_called` are headings that people's own files use for it."""

    key: Key
    heading: Heading
    intro: str = ""
    role: SectionRole = SectionRole.QUESTIONS
    also_called: tuple[Heading, ...] = ()
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Template:
    """The questions of the application."""

    name: Heading
    intro: str
    sections: tuple[Section, ...]
    discussed_with_invited: bool = False
    own_document: bool = False


@dataclass(frozen=True, kw_only=True)
class CriterionDefinition:
    key: Key
    name: Annotated[str, Length(300)]
    guidance: str


@dataclass(frozen=True, kw_only=True)
class GoalDefinition:
    """A goal of the association's own, with its indicator and target."""

    key: Key
    text: str
    indicator: str
    target: Annotated[int, Between(0, 1_000_000)]
    unit: Annotated[str, Length(30)]
    answered_in_application: bool = True
    measured_in_reports: bool = True


@dataclass(frozen=True, kw_only=True)
class CostKind:
    key: Key
    name: Heading
    is_overhead: bool = False


@dataclass(frozen=True, kw_only=True)
class IneligibleCost:
    """Words that give away a cost that cannot be sought, and why; `*` stands for any letters.

    Parts joined by `+` must all be in the description.
    """

    words: tuple[str, ...]
    reason: str


@dataclass(frozen=True, kw_only=True)
class BudgetRules:
    """What the budget of an application must keep to."""

    max_years: Annotated[int, Between(1, 10)]
    staff_division_required: bool
    cost_kinds: tuple[CostKind, ...]
    overhead_ceiling_percent: Percent
    salary_lowest: Kronor
    salary_highest: Kronor
    payroll_overhead_lowest_percent: Percent
    payroll_overhead_highest_percent: Percent
    ineligible: tuple[IneligibleCost, ...]
    about: str = ""


@dataclass(frozen=True, kw_only=True)
class Signatures:
    rule: SignatureRule
    methods: tuple[SignatureMethod, ...]
    paper_original_received_by_office: bool = False


@dataclass(frozen=True, kw_only=True)
class ContributionShares:
    """How the members share the contribution (FL 5 §); they sum to 100."""

    state_percent: Percent
    region_percent: Percent
    municipalities_percent: Percent


@dataclass(frozen=True, kw_only=True)
class PoolDefinition:
    key: Key
    name: Heading
    amount: Kronor
    is_base_financing: bool = False
    secured_only_while_contributions_unchanged: bool = False
    about: str = ""


@dataclass(frozen=True, kw_only=True)
class Economy:
    """A year's money of the association, as far as the programme says it."""

    year: Year
    income: Kronor
    shares: ContributionShares
    pools: tuple[PoolDefinition, ...]
    equity_assigned: Annotated[int, Between(0, 10_000_000_000)] = 0
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class FrameSource:
    """Where money of a frame comes from: a pool by its key, or equity."""

    amount: Kronor
    pool: Key | None = None
    equity: bool = False


@dataclass(frozen=True, kw_only=True)
class LotDefinition:
    """A part of the planned distribution, by its share of the key."""

    key: Key
    name: Heading
    member: str
    share: Annotated[int, Between(1, 100_000_000)]


@dataclass(frozen=True, kw_only=True)
class FrameDefinition:
    name: Heading
    amount: Kronor
    sources: tuple[FrameSource, ...]
    lots: tuple[LotDefinition, ...] = ()
    lots_key: str = ""
    lots_key_date: date | None = None
    lots_note: str = ""
    may_redistribute: bool = True


@dataclass(frozen=True, kw_only=True)
class MilestoneDefinition:
    """A day of the round's timeline, with a reminder so many days before it."""

    key: Key
    day: date
    name: Heading
    kind: MilestoneKind
    about: str = ""
    remind_days_before: Annotated[int, Between(1, 120)]
    audience: Audience = Audience.EVERYONE


@dataclass(frozen=True, kw_only=True)
class IntakeDate:
    """A last day that is tied to a board meeting."""

    last_day: date
    decided: str
    board_meeting: date | None = None


@dataclass(frozen=True, kw_only=True)
class RoundDefinition:
    """A call for applications; without a last day it stays open."""

    slug: Slug
    name: Heading
    about: str
    opens: date
    years: tuple[Year, ...]
    effort_from: date | None = None
    effort_to: date | None = None
    last_day: date | None = None
    dates: tuple[IntakeDate, ...] = ()
    invited: tuple[str, ...] = ()
    frame: FrameDefinition | None = None
    milestones: tuple[MilestoneDefinition, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReportQuestion:
    """A question of a report; the answer is typed."""

    key: Key
    prompt: str
    help: str = ""
    answer: ReportAnswer = ReportAnswer.TEXT
    required: bool = True


@dataclass(frozen=True, kw_only=True)
class ReportDefinition:
    """A report that a granted effort owes: what it asks, and its last day.

    The last day is so many months or days after the effort's start or end. An interim report
    with `repeat_months` comes again with that interval for as long as the effort lasts.
    """

    key: Key
    kind: ReportKind
    name: Heading
    intro: str = ""
    counted_from: CountedFrom
    due_months: Annotated[int, Between(0, 60)] = 0
    due_days: Days = 0
    repeat_months: Annotated[int, Between(0, 24)] = 0
    asks_indicators: bool = True
    asks_participants: bool = True
    asks_money: bool = True
    questions: tuple[ReportQuestion, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReturnModel:
    """Granted money comes back from the units whose costs fall; absent, it is switched off."""

    plan_question: Key
    outcome_question: Key
    about: str
    settled_by_month: Annotated[int, Between(1, 12)] = 3
    shares_set_per_effort: bool = True
    horizon_set_per_effort: bool = True


@dataclass(frozen=True, kw_only=True)
class DocumentTexts:
    """Wordings of the decisions, as att-clauses, and of what follows on them."""

    granted: tuple[str, ...]
    partly_granted: tuple[str, ...]
    rejected: tuple[str, ...]
    referred_back: tuple[str, ...]
    tabled: tuple[str, ...]
    noted: tuple[str, ...]
    conditions: tuple[str, ...] = ()
    sent_to: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Guidance:
    """A short text for those who think of applying."""

    heading: Heading
    text: str


@dataclass(frozen=True, kw_only=True)
class ProgrammeDefinition:
    """One funding programme, whole."""

    slug: Slug
    association: Slug
    name: Heading
    lead: Annotated[str, Length(400)]
    purpose: str
    kinds_question: Heading = "Typ av insats"
    kinds: tuple[Item, ...]
    eligibility: Eligibility
    intake: IntakeKind
    steps: Steps
    template: Template
    criteria: tuple[CriterionDefinition, ...]
    budget: BudgetRules
    signatures: Signatures
    rounds: tuple[RoundDefinition, ...]
    documents: DocumentTexts
    idea: Idea | None = None
    goals: tuple[GoalDefinition, ...] = ()
    target_groups: tuple[Item, ...] = ()
    priorities: tuple[Item, ...] = ()
    economy: Economy | None = None
    return_model: ReturnModel | None = None
    reports: tuple[ReportDefinition, ...] = ()
    guidance: tuple[Guidance, ...] = field(default=())

    @property
    def questions(self) -> tuple[Question, ...]:
        return tuple(
            question for section in self.template.sections for question in section.questions
        )
