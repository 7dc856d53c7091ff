"""The files that came in with an application, for its archive package."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q

from applications.models import Application, Signature
from budgets.models import WorkbookImport
from finsam.documents.archive_content import CaseFile, provide_case_files
from finsam.documents.models import Upload
from finsam.registry.models import Case


@provide_case_files
def files_of_application(case: Case) -> Iterator[CaseFile]:
    """Annexes (also those taken away), Word files, workbooks and signed pages."""
    application = Application.objects.filter(case=case).select_related("budget").first()
    if application is None:
        return
    for annex in application.annexes.select_related("upload__file"):
        gone = " (borttagen)" if annex.removed_at else ""
        yield CaseFile(f"Bilaga: {annex.title}{gone}", annex.upload.file)
    for word in application.word_files.select_related("upload__file"):
        yield _file("Wordfil", word.upload)
    for sent in WorkbookImport.objects.filter(budget=application.budget).select_related(
        "upload__file"
    ):
        yield _file("Budget", sent.upload)
    signed = Signature.objects.filter(version__application=application).filter(
        Q(scan__isnull=False) | Q(order__evidence__isnull=False)
    )
    for signature in signed.select_related("scan__file", "order__evidence", "party"):
        if signature.scan is not None:
            yield _file("Underskriven sida", signature.scan)
        if signature.order is not None and signature.order.evidence is not None:
            yield CaseFile(
                f"Underskriftstjänstens bevis: {signature.party.name}", signature.order.evidence
            )


def _file(what: str, upload: Upload) -> CaseFile:
    return CaseFile(f"{what}: {upload.file.name}", upload.file)
