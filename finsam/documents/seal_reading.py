"""Reading the seal of whatever PDF somebody sends; runs in the sandbox, without Django."""

from __future__ import annotations

import io
from typing import Any

from asn1crypto import x509  # type: ignore[import-untyped]
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko_certvalidator import ValidationContext


def read_seal(data: bytes, field: str, roots: list[str]) -> dict[str, Any]:
    """What the seal in the field of that name says.

    `roots` are the certificates we seal with, as hexadecimal DER.

    Nothing is fetched: neither certificates nor lists of revoked ones.
    """
    trusted = [x509.Certificate.load(bytes.fromhex(root)) for root in roots]
    context = ValidationContext(
        trust_roots=trusted, allow_fetching=False, revocation_mode="soft-fail"
    )
    try:
        reader = PdfFileReader(io.BytesIO(data), strict=False)
        found = [one for one in reader.embedded_signatures if one.field_name == field]
        if not found:
            return {"state": "none"}
        seal = found[0]
        status = validate_pdf_signature(seal, context)
    except (PdfError, SignatureValidationError, ValueError, KeyError, TypeError, AttributeError):
        return {"state": "changed"}
    _, _, start, length = map(int, seal.byte_range)
    about = {
        "by": str(seal.signer_cert.subject.native.get("common_name", "")),
        "at": status.signer_reported_dt.isoformat() if status.signer_reported_dt else "",
        "sealed": start + length,
    }
    is_ours = any(seal.signer_cert.dump() == root.dump() for root in trusted)
    if not (status.intact and status.valid) or start + length != len(data):
        return {"state": "changed", **about}
    return {"state": "holds" if is_ours else "strange", **about}
