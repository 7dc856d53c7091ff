"""Sets the seal on a PDF. pyHanko takes a second to load: only who seals imports this."""

from __future__ import annotations

import io
from typing import Any

from pyhanko.pdf_utils import generic as untyped
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.general import SigningError

# pyHanko's own have no types.
generic: Any = untyped
PRINT, LOCKED = 4, 128


class _Writer(IncrementalPdfFileWriter):
    """Leaves the metadata as they are: written anew they would no longer be an archive's."""

    def _update_meta(self) -> None:
        pass


def seal(data: bytes, *, field: str, reason: str, signer: Any) -> bytes:
    """The PDF with the seal of `signer` behind it, in a signature field of that name.

    `reason` is what readers show of why it was sealed. Raises ValueError when it cannot be sealed.
    """
    writer = _Writer(io.BytesIO(data))
    _add_field(writer, field)
    about = signers.PdfSignatureMetadata(
        field_name=field,
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


def _add_field(writer: Any, field: str) -> None:
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
            pdf_name("/T"): pdf_string(field),
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
