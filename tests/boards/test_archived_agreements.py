"""The pages of agreements that were signed by hand lie in the archive package, with checksums."""

from __future__ import annotations

import hashlib

import pytest
from lxml import etree

from boards.agreement_signing import sign_agreement_on_paper
from boards.agreements import take_back_agreement
from finsam.documents.archive_content import case_files
from finsam.documents.archive_package import MANIFEST, package_faults, package_parts, write_package
from finsam.documents.uploads import receive_upload
from tests import factories as make
from tests.documents.eark_rules import TOO_WIDE, broken_rules, schema_faults

pytestmark = pytest.mark.django_db


def on_paper(agreement, director, name, shade):
    scan = receive_upload(
        association=agreement.application.association,
        file=make.png(name, shade=shade),
        purpose="annex",
        actor=director,
    )
    sign_agreement_on_paper(
        agreement=agreement,
        party=None,
        signatory_name="Kim Ek",
        signatory_title="förbundschef",
        scan=scan,
        original_received=True,
        seen_hash=agreement.current.content_hash,
        actor=director,
    )
    return scan


def test_each_page_that_came_in_is_there_with_its_checksum(called, director, tmp_path):
    application = make.make_told(called, director)
    agreement = make.make_agreement(application, director)
    first = on_paper(agreement, director, "sida-1.png", 10)
    seen = agreement.current.content_hash
    take_back_agreement(agreement=agreement, seen_hash=seen, reason="Fel dag.", actor=director)
    second = on_paper(make.make_agreement(application, director), director, "sida-2.png", 20)
    case = application.case
    scans = [file for file in case_files(case) if "underskriven sida" in file.title]
    assert [(file.title, file.stored.pk) for file in scans] == [
        (f"Avtal, version {number}, underskriven sida: {case.association.name}", scan.file_id)
        for number, scan in ((1, first), (2, second))
    ]
    parts = package_parts(case)
    assert package_faults(write_package(case, tmp_path)) == []
    held = {hashlib.sha256(data).hexdigest() for data in parts.values()}
    assert {first.file.sha256, second.file.sha256} <= held
    told = parts[MANIFEST].decode()
    assert [told.count(f'CHECKSUM="{scan.file.sha256}"') for scan in (first, second)] == [1, 1]
    manifest = etree.fromstring(parts[MANIFEST])
    assert schema_faults(manifest) == []
    assert broken_rules(manifest) == TOO_WIDE
