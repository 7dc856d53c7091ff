"""The association's seal on a PDF (PAdES), set so that it stays PDF/UA-1 and PDF/A-3.

The seal is an addition behind the file that was made and checked: what was there before it is
still there, byte for byte, and `without_seal` gives it back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings

from finsam.documents.sandbox import Unreadable, call

# The name of the field that the seal is set in.
FIELD = "Forsegling"
log = structlog.get_logger(__name__)
_previous = re.compile(rb"/Prev (\d+)")


@dataclass(frozen=True)
class SealVerdict:
    """What the seal of a file says: `state` is none, holds, changed or strange.

    `changed`: the file is not what was sealed; `strange`: sealed by somebody else. `sealed` is how
    many of the file's first bytes the seal covers.
    """

    state: str
    by: str = ""
    at: str = ""
    sealed: int = 0

    @property
    def moment(self) -> datetime | None:
        return datetime.fromisoformat(self.at) if self.at else None


def is_sealing() -> bool:
    """Whether the set-up names a certificate to seal with."""
    return bool(settings.SEAL_CERTIFICATE)


def sealed(data: bytes, *, reason: str) -> bytes:
    """The PDF with the seal behind it; as it is where the set-up names no certificate.

    `reason` is what readers show of why it was sealed. Raises OSError and ValueError when the
    certificate cannot be read: a document without the seal it should have is not handed out.
    """
    if not is_sealing():
        return data
    from finsam.documents.seal_writing import seal

    return seal(data, field=FIELD, reason=reason, signer=_signer())


def without_seal(data: bytes) -> bytes:
    """The file as it was before it was sealed; any other file as it is."""
    if f"({FIELD})".encode() not in data[-200_000:]:
        return data
    previous = _previous.findall(data[-200_000:])
    if not previous:
        return data
    mark = b"startxref\n" + previous[-1] + b"\n%%EOF"
    end = data.find(mark)
    return data if end < 0 else data[: end + len(mark)] + b"\n"


def seal_of(data: bytes) -> SealVerdict:
    """What the seal of a file says, of whatever file somebody sends; read in the sandbox."""
    if b"/ByteRange" not in data:
        return SealVerdict("none")
    arguments = {"field": FIELD, "roots": [_root()] if is_sealing() else []}
    try:
        read = call(
            "finsam.documents.seal_reading.read_seal",
            data=data, arguments=arguments, seconds=10, megabytes=1_200,
        )  # fmt: skip
    except Unreadable:
        return SealVerdict("changed")
    return SealVerdict(**read)


@lru_cache(maxsize=1)
def _loaded(path: str, password: str, changed: float) -> Any:
    """The key and certificate; `changed` tells a renewed file from the one that was read."""
    from pyhanko.sign import signers

    typeless: Any = signers.SimpleSigner  # pyHanko's own have no types
    signer = typeless.load_pkcs12(path, passphrase=password.encode() if password else None)
    if signer is None:
        raise ValueError("SEAL_CERTIFICATE or SEAL_PASSWORD cannot be used.")
    log.info("seal_loaded", subject=signer.subject_name, changed=changed)
    return signer


def _signer() -> Any:
    path = Path(settings.SEAL_CERTIFICATE)
    return _loaded(str(path), settings.SEAL_PASSWORD, path.stat().st_mtime)


def _root() -> str:
    """The certificate itself, which is all that the check trusts."""
    dumped: bytes = _signer().signing_cert.dump()
    return dumped.hex()
