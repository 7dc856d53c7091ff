"""Bodies, meetings, preparation, decisions and minutes."""

from __future__ import annotations

from boards.models.bodies import (
    Body,
    BodyKind,
    Seat,
    SeatFunction,
)
from boards.models.decisions import (
    Decision,
    Dissent,
    Motion,
    Outcome,
    Vote,
    VoteChoice,
)
from boards.models.meetings import (
    AgendaItem,
    Attendance,
    Guest,
    ItemKind,
    ItemState,
    Meeting,
    MeetingMode,
    MeetingState,
    Recusal,
)
from boards.models.minutes import (
    Attestation,
    AttestationFunction,
    Attester,
    MeetingPacket,
    Minutes,
    MinutesState,
    Notice,
    PacketDownload,
    Paragraph,
    ParagraphCounter,
    PrivateNote,
)
from boards.models.preparation import (
    Assessment,
    AssessmentVerdict,
    DecisionMemo,
    MemoState,
    Recommendation,
    RecommendationKind,
)

__all__ = [
    "AgendaItem",
    "Assessment",
    "AssessmentVerdict",
    "Attendance",
    "Attestation",
    "AttestationFunction",
    "Attester",
    "Body",
    "BodyKind",
    "Decision",
    "DecisionMemo",
    "Dissent",
    "Guest",
    "ItemKind",
    "ItemState",
    "Meeting",
    "MeetingMode",
    "MeetingPacket",
    "MeetingState",
    "MemoState",
    "Minutes",
    "MinutesState",
    "Motion",
    "Notice",
    "Outcome",
    "PacketDownload",
    "Paragraph",
    "ParagraphCounter",
    "PrivateNote",
    "Recommendation",
    "RecommendationKind",
    "Recusal",
    "Seat",
    "SeatFunction",
    "Vote",
    "VoteChoice",
]
