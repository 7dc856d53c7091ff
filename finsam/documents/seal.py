"""The association's seal on a PDF (PAdES), set so that it stays PDF/UA-1 and PDF/A-3.

The seal is an addition behind the file that was made and checked: what was there before it is
still there, byte for byte, and `without_seal` gives it back.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from pyhanko.pdf_utils import generic as untyped
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.general import SigningError

from finsam.documents.sandbox import Unreadable, call
from finsam.documents.seal_reading import FIELD

# pyHanko's own have no types.
generic: Any = untyped
SimpleSigner: Any = signers.SimpleSigner
log = structlog.get_logger(__name__)
PRINT, LOCKED = 4, 128
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


class _Writer(IncrementalPdfFileWriter):
    """Leaves the metadata as they are: written anew they would no longer be an archive's."""

    def _update_meta(self) -> None:
        pass


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
    writer = _Writer(io.BytesIO(data))
    _add_field(writer)
    signer = _signer()
    about = signers.PdfSignatureMetadata(
        field_name=FIELD,
        subfilter=fields.SigSeedSubFilter.PADES,
        reason=reason,
        name=signer.subject_name,
        md_algorithm="sha256",
    )
    out = io.BytesIO()
    try:
        signers.sign_pdf(writer, about, signer=signer, existing_fields_only=True, output=out)
    except SigningError as fault:
        raise ValueError(f"The document could not be sealed: {fault}") from fault
    return out.getvalue()


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
    arguments = {"roots": [_root()] if is_sealing() else []}
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
    signer = SimpleSigner.load_pkcs12(path, passphrase=password.encode() if password else None)
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


def _add_field(writer: Any) -> None:
    """An empty signature field that the structure tree knows, on the last page, without a look."""
    root = writer.root
    page_ref, _ = writer.find_page_for_modification(-1)[:2]
    page = page_ref.get_object()
    tree = root["/StructTreeRoot"]
    key = int(tree["/ParentTreeNextKey"]) if "/ParentTreeNextKey" in tree else _next_key(tree)
    look = generic.StreamObject(
        {
            pdf_name("/Type"): pdf_name("/XObject"),
            pdf_name("/Subtype"): pdf_name("/Form"),
            pdf_name("/BBox"): _numbers(0, 0, 0, 0),
        },
        stream_data=b"",
    )
    said = pdf_string("Förbundets elektroniska försegling av handlingen")
    widget = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/Widget"),
            pdf_name("/FT"): pdf_name("/Sig"),
            pdf_name("/T"): pdf_string(FIELD),
            pdf_name("/TU"): said,
            pdf_name("/Rect"): _numbers(0, 0, 0, 0),
            pdf_name("/F"): generic.NumberObject(PRINT | LOCKED),
            pdf_name("/P"): page_ref,
            pdf_name("/StructParent"): generic.NumberObject(key),
            pdf_name("/AP"): generic.DictionaryObject({pdf_name("/N"): writer.add_object(look)}),
        }
    )
    widget_ref = writer.add_object(widget)
    _hang_in_tree(writer, tree, key, page_ref, widget_ref, said)
    notes = page.get("/Annots")
    page[pdf_name("/Annots")] = generic.ArrayObject([*(notes or ()), widget_ref])
    page[pdf_name("/Tabs")] = pdf_name("/S")
    writer.update_container(page)
    form = generic.DictionaryObject({pdf_name("/Fields"): generic.ArrayObject([widget_ref])})
    root[pdf_name("/AcroForm")] = writer.add_object(form)
    writer.update_root()


def _hang_in_tree(
    writer: Any, tree: Any, key: int, page_ref: Any, widget_ref: Any, said: Any
) -> None:
    """The field as an element under the document, and in the parent tree under its key."""
    top_ref = tree.raw_get("/K")
    if isinstance(top_ref, generic.ArrayObject):
        top_ref = top_ref.raw_get(0)
    top = top_ref.get_object()
    element = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/StructElem"),
            pdf_name("/S"): pdf_name("/Form"),
            pdf_name("/P"): top_ref,
            pdf_name("/Pg"): page_ref,
            pdf_name("/Alt"): said,
            pdf_name("/K"): generic.DictionaryObject(
                {
                    pdf_name("/Type"): pdf_name("/OBJR"),
                    pdf_name("/Obj"): widget_ref,
                    pdf_name("/Pg"): page_ref,
                }
            ),
        }
    )
    element_ref = writer.add_object(element)
    below = top["/K"]
    kids = list(below) if isinstance(below, generic.ArrayObject) else [top.raw_get("/K")]
    top[pdf_name("/K")] = generic.ArrayObject([*kids, element_ref])
    writer.update_container(top)
    parents = tree["/ParentTree"]
    rows = [generic.NumberObject(key), element_ref]
    parents[pdf_name("/Nums")] = generic.ArrayObject([*parents["/Nums"], *rows])
    writer.update_container(parents)
    tree[pdf_name("/ParentTreeNextKey")] = generic.NumberObject(key + 1)
    writer.update_container(tree)


def _next_key(tree: Any) -> int:
    keys = [int(key) for key in list(tree["/ParentTree"]["/Nums"])[::2]]
    return max(keys, default=-1) + 1


def _numbers(*numbers: int) -> Any:
    return generic.ArrayObject(generic.NumberObject(number) for number in numbers)
