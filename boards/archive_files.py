"""The agreement's and its addenda's pages signed by hand, for the archive package of the case."""

from __future__ import annotations

from collections.abc import Iterator

from boards.models import AgreementSignature
from finsam.documents.archive_content import CaseFile, provide_case_files
from finsam.registry.models import Case


@provide_case_files
def files_of_agreements(case: Case) -> Iterator[CaseFile]:
    """Every scan that has come in, those on versions taken back too: they are records."""
    signed = AgreementSignature.objects.filter(
        version__agreement__application__case=case, scan__isnull=False
    )
    rows = signed.select_related(
        "scan__file", "party", "version__agreement__change", "version__agreement__application"
    )
    for one in rows.order_by("pk"):
        if one.scan is not None:
            signer = one.party.name if one.party else case.association.name
            agreement = one.version.agreement.kind_label
            yield CaseFile(
                f"{agreement}, version {one.version.number}, underskriven sida: {signer}",
                one.scan.file,
            )
