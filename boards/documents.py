"""The boards' documents: how each is made from its frozen source, and who may read it."""

from __future__ import annotations

from typing import Any

from applications.models import Application
from boards.agreement_papers import write_agreement
from boards.effort_memos import write_effort_memo
from boards.masked_minutes import BOARD_ROLES, may_read_minutes
from boards.models import MeetingPacket
from boards.packet_building import build_packet_pdf
from boards.packet_extracts import cases_of
from boards.queries import is_recused_from, is_recused_from_any, may_read_at_meeting
from boards.word_files import write_memo, write_minutes
from finsam.associations.models import Association
from finsam.documents.documents import (
    Rendered,
    also_readable_by,
    document_kind,
    readable_by,
    render_document,
)
from finsam.documents.kinds import long_document_kind
from finsam.documents.models import Document, StoredFile
from finsam.documents.office import pdf_of_office_file
from finsam.documents.storage import open_file
from finsam.jobs.handlers import Report
from finsam.people.access import Visitor
from finsam.people.models import RoleKind


@document_kind("decision_memo", label="Beslutsunderlag")
def build_memo(source: dict[str, Any], _association: Association) -> Rendered:
    """The memo as written in the portal, or the Word file that was chosen as its final version.

    That file is kept as it came. It is shown as PDF by LibreOffice where that is at hand, else
    the PDF says so and gives the text that was read from it.
    """
    final = source.get("final_file")
    if final is None:
        return Rendered(pdf=render_document("documents/memo.html", source), docx=write_memo(source))
    original = open_file(StoredFile.objects.get(pk=final["pk"], sha256=final["sha256"]))
    pdf = pdf_of_office_file(original, "docx")
    return Rendered(pdf=pdf or render_document("documents/memo.html", source), docx=original)


@document_kind("agreement", label="Avtal")
@document_kind("addendum", label="Tilläggsavtal")
def build_agreement(source: dict[str, Any], _association: Association) -> Rendered:
    pdf = render_document("documents/agreement.html", source)
    return Rendered(pdf=pdf, docx=write_agreement(source))


@document_kind("effort_memo", label="Tjänsteskrivelse")
def build_effort_memo(source: dict[str, Any], _association: Association) -> Rendered:
    pdf = render_document("documents/effort_memo.html", source)
    return Rendered(pdf=pdf, docx=write_effort_memo(source))


@document_kind("statements", label="Yttranden")
def build_statements(source: dict[str, Any], _association: Association) -> Rendered:
    return Rendered(pdf=render_document("documents/statements.html", source))


@readable_by("statements")
def statement_readers(visitor: Visitor, document: Document) -> bool:
    """The board, and those who prepare the case; nobody with a conflict of interest in it."""
    if visitor.has(*BOARD_ROLES):
        return not is_recused_from(visitor, document.case_id)
    return may_read_at_meeting(visitor, document.case_id)


@document_kind("meeting_notice", label="Kallelse")
def build_notice(source: dict[str, Any], _association: Association) -> Rendered:
    return Rendered(pdf=render_document("documents/meeting_notice.html", source))


@document_kind("minutes", label="Protokoll")
def build_minutes(source: dict[str, Any], _association: Association) -> Rendered:
    pdf = render_document("documents/minutes.html", source)
    return Rendered(pdf=pdf, docx=write_minutes(source))


@document_kind("attested_paragraph", label="Omedelbart justerad paragraf")
def build_paragraph(source: dict[str, Any], _association: Association) -> Rendered:
    return Rendered(pdf=render_document("documents/attested_paragraph.html", source))


@readable_by("attested_paragraph")
def paragraph_readers(visitor: Visitor, document: Document) -> bool:
    """Attested and announced: for everyone, but of a case marked as secret for the board alone."""
    return may_read_minutes(visitor, document)


@readable_by("notice_proof")
def proof_readers(_visitor: Visitor, _document: Document) -> bool:
    """It says which § were announced when, and nothing of what they say: for everyone."""
    return True


@document_kind("notice_proof", label="Bevis om anslag")
def build_proof(source: dict[str, Any], _association: Association) -> Rendered:
    return Rendered(pdf=render_document("documents/notice_proof.html", source))


@document_kind("minutes_extract", label="Protokollsutdrag")
def build_extract(source: dict[str, Any], _association: Association) -> Rendered:
    return Rendered(pdf=render_document("documents/minutes_extract.html", source))


@document_kind("decision_letter", label="Beslut")
def build_letter(source: dict[str, Any], _association: Association) -> Rendered:
    return Rendered(pdf=render_document("documents/decision_letter.html", source))


@long_document_kind("meeting_packet", label="Beslutspaket")
@long_document_kind("packet_extract", label="Ur beslutspaketet")
def build_packet(source: dict[str, Any], association: Association, report: Report) -> Rendered:
    return Rendered(pdf=build_packet_pdf(source, association, report))


@readable_by("decision_memo")
@readable_by("effort_memo")
def memo_readers(visitor: Visitor, document: Document) -> bool:
    """The board, but nobody who has declared a conflict of interest in the case."""
    return visitor.has(*BOARD_ROLES) and not is_recused_from(visitor, document.case_id)


@readable_by("meeting_notice")
def notice_readers(visitor: Visitor, _document: Document) -> bool:
    return visitor.has(*BOARD_ROLES, RoleKind.COUNCIL)


@readable_by("meeting_packet")
def packet_readers(visitor: Visitor, document: Document) -> bool:
    """The board once it has been sent, but nobody with a conflict of interest in what it holds."""
    sent = MeetingPacket.objects.filter(job=document.job_id).exclude(sent_at=None)
    return _may_read_cases(visitor, document) and sent.exists()


@readable_by("packet_extract")
def extract_readers(visitor: Visitor, document: Document) -> bool:
    """Those who may read all that it holds, once the packet it is taken from has been sent."""
    packet = document.job.arguments["source"]["packet"]
    sent = MeetingPacket.objects.filter(pk=packet).exclude(sent_at=None)
    return _may_read_cases(visitor, document) and sent.exists()


def _may_read_cases(visitor: Visitor, document: Document) -> bool:
    cases = cases_of(document.job.arguments["source"])
    return visitor.has(*BOARD_ROLES) and not is_recused_from_any(visitor, cases)


@also_readable_by("application")
def application_readers(visitor: Visitor, document: Document) -> bool:
    """Those who prepare or decide the case at a meeting where they sit."""
    return may_read_at_meeting(visitor, document.case_id)


@readable_by("minutes")
def minutes_readers(visitor: Visitor, document: Document) -> bool:
    """Attested minutes are announced and public, unless they hold a § that is secret; the board
    reads them whole, and what is with the attesters.
    """
    source = document.job.arguments["source"]
    if source["is_attested"]:
        return may_read_minutes(visitor, document)
    return visitor.has(*BOARD_ROLES) and not source["is_draft"]


@readable_by("minutes_extract")
@readable_by("decision_letter")
@readable_by("agreement")
@readable_by("addendum")
def decision_readers(visitor: Visitor, document: Document) -> bool:
    """The board, and the applicant's side of the case; made only after attestation."""
    if visitor.has(*BOARD_ROLES):
        return True
    mine = Application.objects.visible_to(visitor)
    return document.case_id is not None and mine.filter(case=document.case_id).exists()
