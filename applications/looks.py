"""How the states of applications, sketches and points look: the word and its tone."""

from __future__ import annotations

from applications.models import ApplicationState as S
from applications.models import IdeaState, PointVerdict, ReportState
from finsam.ui import Status

APPLICATION: dict[str, Status] = {
    S.DRAFT: Status("Utkast", "info"),
    S.SUBMITTED: Status("Inkommen", "neutral"),
    S.IN_REVIEW: Status("Granskas", "info"),
    S.RETURNED: Status("Komplettering begärd", "warning"),
    S.IN_PREPARATION: Status("Under beredning", "info"),
    S.TO_BOARD: Status("Till styrelsen", "info"),
    S.GRANTED: Status("Beviljad", "success"),
    S.PARTLY_GRANTED: Status("Delvis beviljad", "success"),
    S.REJECTED: Status("Avslag", "danger"),
    S.TABLED: Status("Bordlagd", "warning"),
    S.AGREED: Status("Avtal tecknat", "success"),
    S.RUNNING: Status("Pågående", "success"),
    S.CLOSED: Status("Avslutad", "neutral"),
    S.WITHDRAWN: Status("Återkallad", "neutral"),
    S.DISMISSED: Status("Avskriven", "neutral"),
    S.TERMINATED: Status("Förtida avslut", "warning"),
}
IDEA: dict[str, Status] = {
    IdeaState.DRAFT: Status("Utkast", "info"),
    IdeaState.SENT: Status("Skickad", "warning"),
    IdeaState.ANSWERED: Status("Besvarad", "success"),
    IdeaState.TURNED: Status("Blev ansökan", "success"),
}
POINT: dict[str, Status] = {
    PointVerdict.OPEN: Status("Inte bedömd", "neutral"),
    PointVerdict.FINE: Status("I ordning", "success"),
    PointVerdict.REMARK: Status("Anmärkning", "warning"),
    PointVerdict.MISSING: Status("Saknas", "danger"),
}
REPORT: dict[str, Status] = {
    ReportState.OWED: Status("Inte påbörjad", "neutral"),
    ReportState.DRAFT: Status("Utkast", "info"),
    ReportState.SUBMITTED: Status("Inlämnad", "success"),
    ReportState.RETURNED: Status("Ska kompletteras", "warning"),
    ReportState.ACCEPTED: Status("Godkänd", "success"),
}
