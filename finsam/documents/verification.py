"""Telling whether a document in somebody's hand is the one that was issued."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from finsam.documents.documents import document_for
from finsam.documents.external_signing.paper import evidence_key
from finsam.documents.kinds import label_of
from finsam.documents.models import Document, SigningOrder, SigningState
from finsam.documents.seal import SealVerdict, seal_of
from finsam.documents.storage import open_file


@dataclass(frozen=True)
class Verdict:
    """What is said of one document: which it is, whether as Word file, and what replaced it."""

    document: Document
    is_word_file: bool
    newer: Document | None
    seal: SealVerdict
    is_evidence: bool = False

    @property
    def kind_label(self) -> str:
        return label_of(self.document.kind)


def verify_file(chunks: Iterable[bytes]) -> Verdict | None:
    """The document whose PDF or Word file is exactly these bytes, or None."""
    counted = hashlib.sha256()
    for chunk in chunks:
        counted.update(chunk)
    digest = counted.hexdigest()
    documents = Document.objects.with_files()
    issued = documents.filter(sha256=digest).first()
    if issued is not None:
        return _verdict(issued)
    as_word = documents.filter(docx__sha256=digest).first()
    if as_word is not None:
        unsealed = SealVerdict("none")
        return Verdict(as_word, is_word_file=True, newer=as_word.newer_version(), seal=unsealed)
    return _evidence(digest)


def verify_code(short_id: str, check_code: str) -> Verdict | None:
    """The document with this id, if the code is right; spaces, dashes and case do not matter."""
    found = Document.objects.with_files().filter(short_id=plain_code(short_id)).first()
    code = plain_code(check_code)
    expected = found.check_code if found else "-"
    if not secrets.compare_digest(code.encode(), expected.encode()) or found is None:
        return None
    return _verdict(found)


def _evidence(digest: str) -> Verdict | None:
    """The proof of a signature whose kept evidence has this checksum."""
    rows = SigningOrder.objects.filter(evidence__sha256=digest, state=SigningState.SIGNED)
    for order in rows:
        proof = document_for(evidence_key(order))
        if proof is not None:
            return Verdict(
                proof, False, proof.newer_version(), SealVerdict("none"), is_evidence=True
            )
    return None


def _verdict(document: Document) -> Verdict:
    """Of an issued document; its seal is read from the file that was stored."""
    try:
        seal = seal_of(open_file(document.pdf))
    except FileNotFoundError:
        seal = SealVerdict("changed")
    return Verdict(document, is_word_file=False, newer=document.newer_version(), seal=seal)


@dataclass(frozen=True)
class Altered:
    """A file that is no document of ours, but bears a seal, or holds a document with more added."""

    seal: SealVerdict
    document: Document | None


def look_behind(data: bytes) -> Altered | None:
    """What can be said of a file that is not as it was issued; None when it bears no seal."""
    seal = seal_of(data)
    if seal.state == "none":
        return None
    original = hashlib.sha256(data[: seal.sealed]).hexdigest()
    return Altered(seal, Document.objects.with_files().filter(sha256=original).first())


def plain_code(typed: str) -> str:
    """The code as it is stored, of what somebody typed."""
    return "".join(letter for letter in typed.upper()[:40] if letter.isalnum())
