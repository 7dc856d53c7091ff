"""Programmes, rounds, templates, idea sketches, applications and the office's review."""

from applications.models.acts import CompletedAct
from applications.models.application import (
    Annex,
    Answer,
    Application,
    ApplicationParty,
    ApplicationState,
    ApplicationVersion,
    DeclinedSignature,
    PartyInvitation,
    PartyMember,
    SectionDraft,
    SectionRevision,
    Signature,
    SignatureMethod,
    VersionPurpose,
)
from applications.models.changes import (
    ChangeDelegation,
    ChangeKind,
    ChangeRequest,
    ChangeState,
)
from applications.models.ideas import (
    IdeaAnswer,
    IdeaParty,
    IdeaSketch,
    IdeaState,
    PreliminaryAssessment,
)
from applications.models.intake import Extension
from applications.models.national import EffortType, NationalEntry
from applications.models.programme import (
    Criterion,
    IdeaMode,
    Intake,
    Invitation,
    Milestone,
    Programme,
    Round,
    RoundThread,
    SignatureRule,
)
from applications.models.reports import Report, ReportState, ReportVersion
from applications.models.review import (
    PointVerdict,
    QualityReview,
    ReviewPoint,
    SectionComment,
    SupplementRequest,
)
from applications.models.setting_up import ProgrammeDraft, ProgrammeRevision
from applications.models.template import (
    ApplicationTemplate,
    Question,
    QuestionType,
    Section,
    SectionKind,
    TemplateComment,
    TemplateState,
)
from applications.models.termination import Termination, TerminationGround, TerminationState
from applications.models.time_plan import Checkpoint, PlanSide, TimePlan
from applications.models.word import WordFile

__all__ = [
    "Annex",
    "Answer",
    "Application",
    "ApplicationParty",
    "ApplicationState",
    "ApplicationTemplate",
    "ApplicationVersion",
    "ChangeDelegation",
    "ChangeKind",
    "ChangeRequest",
    "ChangeState",
    "Checkpoint",
    "CompletedAct",
    "Criterion",
    "DeclinedSignature",
    "EffortType",
    "Extension",
    "IdeaAnswer",
    "IdeaMode",
    "IdeaParty",
    "IdeaSketch",
    "IdeaState",
    "Intake",
    "Invitation",
    "Milestone",
    "NationalEntry",
    "PartyInvitation",
    "PartyMember",
    "PlanSide",
    "PointVerdict",
    "PreliminaryAssessment",
    "Programme",
    "ProgrammeDraft",
    "ProgrammeRevision",
    "QualityReview",
    "Question",
    "QuestionType",
    "Report",
    "ReportState",
    "ReportVersion",
    "ReviewPoint",
    "Round",
    "RoundThread",
    "Section",
    "SectionComment",
    "SectionDraft",
    "SectionKind",
    "SectionRevision",
    "Signature",
    "SignatureMethod",
    "SignatureRule",
    "SupplementRequest",
    "TemplateComment",
    "TemplateState",
    "Termination",
    "TerminationGround",
    "TerminationState",
    "TimePlan",
    "VersionPurpose",
    "WordFile",
]
