"""The closed lists and the bounds that a programme definition's values keep to."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from finsam.definitions import Between, Length


class StepUse(StrEnum):
    """Whether a step of the process is part of a programme."""

    ABSENT = "absent"
    OPTIONAL = "optional"
    MANDATORY = "mandatory"


class Access(StrEnum):
    """Who may start an application in a round."""

    INVITED = "invited"
    MEMBERS = "members"


class PartyKindName(StrEnum):
    """The kinds of party, by the names that `associations.PartyKind` has."""

    INSURANCE_AGENCY = "insurance_agency"
    EMPLOYMENT_SERVICE = "employment_service"
    REGION = "region"
    MUNICIPALITY = "municipality"
    EXTERNAL = "external"


class PartyCount(StrEnum):
    """How "at least two parties" is counted: kinds of party (FL 1 §), or organisations."""

    PARTY_KIND = "party_kind"
    ORGANISATION = "organisation"


class ExternalParties(StrEnum):
    """What somebody who is no member may be in an application."""

    NONE = "none"
    THROUGH_LEAD = "through_lead"
    AS_PARTY = "as_party"


class ConsultationForm(StrEnum):
    NONE = "none"
    GROUP_PER_MUNICIPALITY = "group_per_municipality"
    CASE_BY_CASE = "case_by_case"


class IdeaReader(StrEnum):
    """Who gives the first word on an idea sketch."""

    OFFICE = "office"
    COUNCIL = "council"


class IntakeKind(StrEnum):
    """One last day, several last days tied to meetings, or none at all."""

    ONE_DATE = "one_date"
    MEETING_DATES = "meeting_dates"
    ROLLING = "rolling"


class Audience(StrEnum):
    """Who is shown a milestone and reminded of it."""

    EVERYONE = "everyone"
    INVITED = "invited"
    OFFICE = "office"


class SignatureRule(StrEnum):
    LEAD = "lead"
    ALL = "all"


class SignatureMethod(StrEnum):
    LOGGED_APPROVAL = "logged_approval"
    PAPER = "paper"
    EXTERNAL = "external"


class SectionRole(StrEnum):
    """What fills a section: questions, or a part of the portal that every application has."""

    QUESTIONS = "questions"
    PARTIES = "parties"
    BUDGET = "budget"
    ANNEXES = "annexes"
    SIGNATURES = "signatures"


class QuestionType(StrEnum):
    """The type of an answer, with the JSON value that an answer of it has."""

    TEXT = "text"  # "one line"
    RICH_TEXT = "rich_text"  # "<p>HTML of few tags</p>"
    NUMBER = "number"  # 70
    AMOUNT = "amount"  # 310000, whole kronor
    DATE = "date"  # "2024-01-01"
    PERIOD = "period"  # {"from": "2024-01-01", "to": "2024-12-31"}
    CHOICE = "choice"  # "key"
    CHOICES = "choices"  # ["key", "key"]
    GOALS = "goals"  # [{"goal": "key" or "", "text": "…", "indicator": "…", "target": "90 %"}]
    TARGET_GROUPS = "target_groups"  # ["key", "key"]
    PEOPLE_COUNT = "people_count"  # {"women": 33, "men": 37}
    TABLE = "table"  # [{"column key": value of the column's type}]
    CONFIRM = "confirm"  # true


class ColumnType(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    AMOUNT = "amount"
    PERCENT = "percent"
    DATE = "date"
    YEAR = "year"
    MEMBER = "member"


class ChoiceSource(StrEnum):
    """Lists of the programme that a choice question may take its choices from."""

    KINDS = "kinds"
    MEMBERS = "members"
    MUNICIPALITIES = "municipalities"


class ReportKind(StrEnum):
    """What a report of a granted effort is for."""

    INTERIM = "interim"
    FINAL = "final"
    FOLLOW_UP = "follow_up"


class ReportAnswer(StrEnum):
    """The type of an answer in a report, with the JSON value that an answer of it has."""

    TEXT = "text"  # "several lines"
    NUMBER = "number"  # 12
    CONFIRM = "confirm"  # true


class CountedFrom(StrEnum):
    """The day of the effort that a report's last day is counted from."""

    START = "start"
    END = "end"


class MilestoneKind(StrEnum):
    TEMPLATE_PROPOSED = "template_proposed"
    TEMPLATE_DIALOGUE = "template_dialogue"
    TEMPLATE_FINAL = "template_final"
    MEETING = "meeting"
    LAST_DAY = "last_day"
    DOCUMENTS_TO_BOARD = "documents_to_board"
    BOARD_DECISION = "board_decision"
    START = "start"


Heading = Annotated[str, Length(120)]
Kronor = Annotated[int, Between(1, 10_000_000_000)]
Percent = Annotated[int, Between(0, 100)]
Year = Annotated[int, Between(2000, 2100)]
Days = Annotated[int, Between(0, 400)]

# The columns of a return plan, by which it is read: unit, year, saving, and per cent returned.
RETURN_COLUMNS = ("unit", "year", "expected_saving", "share_returned")
