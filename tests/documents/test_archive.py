"""The archive package of a case: everything in it, every checksum right, the same each time."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from defusedxml.ElementTree import fromstring
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse
from docx import Document as WordDocument
from lxml import etree

from applications.annexes import add_annex
from finsam.documents.archive_package import (
    CSIP,
    MANIFEST,
    METS,
    VERSION,
    package_faults,
    package_parts,
    write_package,
)
from finsam.documents.archiving import archive_case
from finsam.documents.models import ArchivePackage
from finsam.documents.pdf_check import A, validator_faults
from finsam.errors import NotAllowed
from finsam.jobs.work import run_waiting
from finsam.registry.models import Event
from finsam.registry.register import open_case
from tests.documents.eark_rules import TOO_WIDE, broken_rules, schema_faults
from tests.factories import make_complete, make_person, make_round, png, submit_now
from tests.kept import kept

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.anywhere]


@kept
def case(association, member, applicant):
    application = make_complete(make_round(association), member, applicant)
    add_annex(application=application, file=png(), title="Karta", actor=applicant)
    submitted = submit_now(application, applicant)
    run_waiting(20)
    return submitted.case


def test_the_package_holds_everything_and_is_the_same_each_time(case, tmp_path):
    parts = package_parts(case)
    assert parts == package_parts(case)
    root = write_package(case, tmp_path)
    assert root.name == "SFS-" + case.number.split()[1].replace("/", "-")
    assert package_faults(root) == []
    originals = [path for path in parts if path.startswith("representations/original/")]
    archival = [path for path in parts if path.startswith("representations/archival/")]
    assert [path.rpartition("/")[2] for path in originals] == ["inkommen-001.png"]
    assert len(archival) == case.documents.count() + 1
    for path in archival:
        assert validator_faults(parts[path], A) == [], path
    _manifest_keeps_the_official_schema_and_rules(parts[MANIFEST])
    register = json.loads(parts["metadata/descriptive/register.json"])
    assert register["number"] == case.number
    assert len(register["records"]) == case.records.count()
    assert len(register["events"]) == case.events.count()


def _manifest_keeps_the_official_schema_and_rules(manifest: bytes) -> None:
    root = etree.fromstring(manifest)
    assert schema_faults(root) == []
    assert broken_rules(root) == TOO_WIDE
    header = root.find(f"{{{METS}}}metsHdr")
    header.set("CREATEDATE", "i går")
    assert len(schema_faults(root)) == 1
    del header.attrib["CREATEDATE"]
    assert broken_rules(root) == TOO_WIDE | {"CSIP7"}


def test_what_is_changed_missing_or_added_in_a_package_is_named(case, tmp_path):
    root = write_package(case, tmp_path)
    register = root / "metadata/descriptive/register.json"
    register.write_bytes(register.read_bytes().replace(b"Inkommen", b"inkommen")[:-1] + b" ")
    (root / "extra.txt").write_text("x")
    (root / "representations/original/data/inkommen-001.png").unlink()
    assert sorted(package_faults(root)) == [
        "extra.txt står inte i METS.xml.",
        "metadata/descriptive/register.json har ett annat innehåll.",
        "representations/original/data/inkommen-001.png saknas.",
    ]


def test_archive_case_writes_a_folder_and_knows_its_numbers(case, tmp_path):
    out = io.StringIO()
    call_command("archive_case", case.number, "--out", str(tmp_path), stdout=out)
    assert "alla kontrollsummor stämmer" in out.getvalue()
    with pytest.raises(CommandError) as refused:
        call_command("archive_case", "SFS 1999/1", "--out", str(tmp_path))
    assert refused.value.returncode == 2


def test_the_office_gets_its_package_from_the_background(case, officer, applicant, sign_in):
    client = sign_in(officer)
    place = reverse("documents:archive", args=["sjo", case.year, case.running_number])
    assert client.get(place).status_code == 200
    for _ in range(2):  # "pressed twice, one package is made"
        assert client.post(place).status_code == 302
    assert client.get(place).status_code == 200
    run_waiting(5)
    package = ArchivePackage.objects.get()
    assert Event.objects.filter(action="case_archived", case=case).count() == 1
    page = client.get(place).content.decode()
    link = f"{place}{package.pk}.zip"
    assert link in page
    data = b"".join(client.get(link).streaming_content)
    with zipfile.ZipFile(io.BytesIO(data)) as box:
        assert any(name.endswith("/METS.xml") for name in box.namelist())
    with pytest.raises(NotAllowed):
        archive_case(case=case, actor=applicant)
    assert sign_in(applicant).get(place).status_code == 403


def test_another_associations_case_is_not_found(case, other_association, sign_in):
    stranger = make_person("officer", other_association)
    place = reverse("documents:archive", args=["berg", case.year, case.running_number])
    assert sign_in(stranger).get(place).status_code == 404


def test_a_word_annex_lies_as_it_came_and_as_pdf(association, member, applicant, tmp_path):
    from django.core.files.uploadedfile import SimpleUploadedFile

    application = make_complete(make_round(association), member, applicant)
    out = io.BytesIO()
    document = WordDocument()
    document.add_paragraph("Ett intyg")
    document.save(out)
    file = SimpleUploadedFile("intyg.docx", out.getvalue())
    add_annex(application=application, file=file, title="Intyg", actor=applicant)
    case = submit_now(application, applicant).case
    parts = package_parts(case)
    assert parts["representations/original/data/inkommen-001.docx"] == out.getvalue()
    made = parts["representations/archival/data/inkommen-001.pdf"]
    assert validator_faults(made, A) == []


def test_the_manifest_says_what_a_sip_must_of_itself(association, officer):
    association.organisation_number = "222000-1234"
    association.save(update_fields=["organisation_number"])
    case = open_case(association=association, title="Insats", actor=officer)
    manifest = fromstring(package_parts(case)[MANIFEST])
    assert manifest.get("PROFILE").endswith("/E-ARK-SIP.xml")
    assert manifest.find(f"{{{METS}}}dmdSec").get("CREATED")
    notes = manifest.iter(f"{{{METS}}}note")
    said = {note.get(f"{{{CSIP}}}NOTETYPE"): note.text for note in notes}
    assert said == {"IDENTIFICATIONCODE": "222000-1234", "SOFTWARE VERSION": VERSION}
