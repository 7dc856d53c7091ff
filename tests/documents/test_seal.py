"""The seal: files stay readable for all and fit to be kept, and any change to them is told."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID
from django.template.loader import render_to_string
from django.urls import reverse

from finsam.documents import render_cache
from finsam.documents.consistency import all_findings
from finsam.documents.documents import document_for, promise_document
from finsam.documents.models import Document
from finsam.documents.packet import PacketDocument, PacketPart, assemble_packet
from finsam.documents.pdf import render_pdf
from finsam.documents.pdf_check import UA, A, own_faults, validator_faults
from finsam.documents.pdf_claims import Claims, claims_of
from finsam.documents.seal import seal_of, sealed, without_seal
from finsam.documents.storage import open_file, store_bytes
from finsam.jobs.models import Job
from finsam.jobs.work import run_waiting
from finsam.registry.append_only import append_only_lifted
from tests.documents.kinds import SOURCE
from tests.documents.test_pdf import ABOUT
from tests.documents.test_pdf_packet import PACKET
from tests.documents.test_verify import as_upload

PASSWORD = "ett ord för provet"


def certificate(folder: Path, name: str) -> str:
    """A certificate that signed itself, with its key, as a set-up would name it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=900))
        .add_extension(
            x509.KeyUsage(
                digital_signature=True, content_commitment=True, key_encipherment=False,
                data_encipherment=False, key_agreement=False, key_cert_sign=False,
                crl_sign=False, encipher_only=False, decipher_only=False,
            ),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    locked = BestAvailableEncryption(PASSWORD.encode())
    path = folder / f"{name}.p12"
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"", key, made, None, locked))
    return str(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("seal")


@pytest.fixture(scope="module")
def ours(folder: Path) -> str:
    return certificate(folder, "Samordningsförbundet Sjö")


@pytest.fixture
def sealing(settings, ours):
    settings.SEAL_CERTIFICATE, settings.SEAL_PASSWORD = ours, PASSWORD
    return settings


@pytest.fixture(scope="module")
def memo() -> bytes:
    return render_pdf(
        render_to_string("documents/plain.html", {**SOURCE, **ABOUT}), title="Beslutsunderlag"
    )


def test_X06_a_sealed_file_is_still_ua_and_archive_in_one(sealing, memo):
    made = sealed(memo, reason="Upprättad")
    assert made.startswith(memo)
    assert validator_faults(made, UA) == []
    assert validator_faults(made, A) == []
    assert claims_of(made) == Claims(ua=True, archive="A")
    assert own_faults(made) == []
    assert without_seal(made) == memo
    assert without_seal(memo) == memo


def test_the_seal_tells_who_when_and_whether_it_holds(sealing, memo, folder):
    made = sealed(memo, reason="Upprättad")
    found = seal_of(made)
    assert (found.state, found.by, found.sealed) == ("holds", "Samordningsförbundet Sjö", len(made))
    assert abs(found.moment - datetime.now(UTC)) < timedelta(hours=1)
    assert seal_of(memo).state == "none"
    changed = bytearray(made)
    changed[2_000] ^= 1
    assert seal_of(bytes(changed)).state == "changed"
    added = seal_of(made + b"\n% mer\n")
    assert (added.state, added.sealed) == ("changed", len(made))
    sealing.SEAL_CERTIFICATE = certificate(folder, "Någon annan")
    assert seal_of(made).state == "strange"
    assert seal_of(b"%PDF-1.7 /ByteRange nonsense").state in ("none", "changed")


def test_without_a_certificate_nothing_is_sealed(memo):
    assert sealed(memo, reason="Upprättad") == memo


def test_X06_a_packet_of_sealed_memos_joins_them_without_their_seals(
    sealing, memo, monkeypatch, tmp_path
):
    monkeypatch.setattr(render_cache, "_folder", lambda: tmp_path)
    bare = without_seal(sealed(memo, reason="Upprättad"))
    part = PacketPart("1", "Ett", documents=[PacketDocument("Underlag", bare, is_tagged=True)])
    made = sealed(assemble_packet([part], source=PACKET), reason="Upprättad")
    assert claims_of(made) == Claims(ua=True, archive="A")
    assert validator_faults(made, UA) == []
    assert validator_faults(made, A) == []
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert len(pdf.Root.AcroForm.Fields) == 1


# --- documents -----------------------------------------------------------------------------------


def issue(association, officer) -> Document | None:
    promise_document(
        association=association, kind="test_memo", key="memo:1", title="Hållplatsen 2024",
        source=SOURCE, case=None, requested_by=officer,
    )  # fmt: skip
    run_waiting()
    return document_for("memo:1")


@pytest.mark.anywhere
@pytest.mark.django_db(transaction=True)
def test_the_public_page_says_whether_the_seal_holds(sealing, client, association, officer):
    document = issue(association, officer)
    data = open_file(document.pdf)
    url = reverse("documents:verify")

    def answer(**fields):
        return client.post(url, fields).content.decode()

    page = answer(file=as_upload(data))
    assert "Filen är äkta" in page
    assert "Förseglingen håller. Förseglad av Samordningsförbundet Sjö" in page
    by_code = answer(short_id=document.short_id, check_code=document.check_code)
    assert "Förseglingen håller." in by_code
    added = answer(file=as_upload(data + b"\n% mer\n"))
    assert "Filen har ändrats" in added
    assert "Hållplatsen 2024" in added
    changed = bytearray(data)
    changed[2_000] ^= 1
    broken = answer(file=as_upload(bytes(changed)))
    assert "den håller inte" in broken
    assert "Hållplatsen 2024" not in broken


@pytest.mark.anywhere
@pytest.mark.django_db(transaction=True)
def test_a_document_that_cannot_be_sealed_as_it_should_is_not_handed_out(
    sealing, association, officer
):
    sealing.SEAL_PASSWORD = "fel"
    assert issue(association, officer) is None
    job = Job.objects.get()
    assert (job.state, job.attempts) == ("waiting", 1)


@pytest.mark.anywhere
@pytest.mark.django_db(transaction=True)
def test_S05_a_document_whose_seal_is_broken_is_named_when_asked(sealing, association, officer):
    document = issue(association, officer)
    assert list(all_findings(claims=True)) == []
    changed = open_file(document.pdf).replace(b"/Tabs /S", b"/Tabs /R", 1) + b"\n% mer\n"
    false = store_bytes(
        association=association, data=changed, name="a.pdf", content_type="application/pdf"
    )
    from django.db import connection

    with append_only_lifted(connection):
        Document.objects.update(pdf=false, sha256=false.sha256)
    assert "broken_seal" in {finding.code for finding in all_findings(claims=True)}
