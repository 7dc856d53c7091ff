"""Writing a PDF down: the claims in its metadata, and bytes that every reader counts alike."""

from __future__ import annotations

import io
import re
import zlib
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

import pikepdf
from pikepdf import Array, Dictionary, Name

CARRIAGE_RETURN = 0x0D
WRITERS_OWN = (Name.ObjStm, Name.XRef)
_ends_unclearly = re.compile(rb"\r\nendstream")
_is_table = re.compile(rb" obj\n<< ?/Type /(?:ObjStm|XRef)")
_object_table = re.compile(
    rb" obj\n<< /Type /ObjStm /Length (\d+) /Filter /FlateDecode /N \d+ /First (\d+) >>\nstream\n"
)
_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
{descriptions}
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""
_ABOUT = """<rdf:Description rdf:about=""
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
{more}</rdf:Description>"""
_CLAIMS_A = """<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"
 pdfaid:part="3" pdfaid:conformance="{conformance}"/>"""
_CLAIMS_UA = """<rdf:Description rdf:about=""
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>"""
_UA_SCHEMA = """<rdf:Description rdf:about=""
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>The part of ISO 14289 that is followed</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"""


def describe(
    pdf: pikepdf.Pdf,
    *,
    title: str,
    language: str,
    author: str = "",
    subject: str = "",
    created: datetime | None = None,
    claims_a: str = "A",
    claims_ua: bool = True,
) -> None:
    """Write title, language, dates and claims alike into the catalog, the info and the XMP.

    `claims_a` is the conformance of PDF/A-3 ("A", "U", "B"), empty for no claim.
    """
    producer = "finsam"
    more = [f"<pdf:Producer>{producer}</pdf:Producer>"]
    info = {"/Title": title, "/Producer": producer}
    if author:
        more.append(
            f"<dc:creator><rdf:Seq><rdf:li>{escape(author)}</rdf:li></rdf:Seq></dc:creator>"
        )
        info["/Author"] = author
    if subject:
        more.append(
            "<dc:description><rdf:Alt>"
            f'<rdf:li xml:lang="x-default">{escape(subject)}</rdf:li></rdf:Alt></dc:description>'
        )
        info["/Subject"] = subject
    if created is not None:
        moment = created.astimezone(UTC)
        stamp = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        more.append(f"<xmp:CreateDate>{stamp}</xmp:CreateDate>")
        more.append(f"<xmp:ModifyDate>{stamp}</xmp:ModifyDate>")
        info["/CreationDate"] = info["/ModDate"] = f"D:{moment:%Y%m%d%H%M%S}Z"
    descriptions = [
        _ABOUT.format(title=escape(title), language=escape(language), more="".join(more))
    ]
    if claims_a:
        descriptions.append(_CLAIMS_A.format(conformance=claims_a))
    if claims_ua:
        descriptions.append(_CLAIMS_UA)
        if claims_a:
            descriptions.append(_UA_SCHEMA)
    xmp = pikepdf.Stream(pdf, _XMP.format(descriptions="\n".join(descriptions)).encode())
    xmp.Type, xmp.Subtype = Name.Metadata, Name.XML
    root = pdf.Root
    root.Metadata = pdf.make_indirect(xmp)
    root.Lang = pikepdf.String(language)
    root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    pdf.trailer.Info = pdf.make_indirect(
        Dictionary({key: pikepdf.String(text) for key, text in info.items()})
    )


def data_of(stream: Any) -> bytes:
    """The stream's decoded data, also where `written` has wrapped it in runs.

    pikepdf takes runs for a specialty and leaves them on unless asked to go further.
    """
    return bytes(stream.read_bytes(decode_level=pikepdf.StreamDecodeLevel.specialized))


def written(pdf: pikepdf.Pdf) -> bytes:
    """The file's bytes; the same content gives the same bytes.

    A stream whose data happen to end in a carriage return cannot be told from one that is a byte
    shorter, and validators refuse it. Such a stream is wrapped once more; the writer's
    own tables are moved by a filler until they end otherwise.
    """
    made = _with_clear_tables(pdf)
    for _ in range(40):
        if not _ends_unclearly.search(made):
            return made
        with pikepdf.open(io.BytesIO(made)) as again:
            for stream in _unclear_streams(again):
                _rewrap(stream)
            made = _with_clear_tables(again)
    raise RuntimeError("No writing of this PDF was found that every reader counts alike.")


def packed(pdf: pikepdf.Pdf, drawing: bytes) -> pikepdf.Stream:
    """A stream of drawing, compressed so that it ends clearly and need not be written again."""
    data = zlib.compress(drawing)
    while data[-1] == CARRIAGE_RETURN:
        drawing += b" "
        data = zlib.compress(drawing)
    stream = pikepdf.Stream(pdf, b"")
    stream.write(data, filter=Name.FlateDecode)
    return stream


def _with_clear_tables(pdf: pikepdf.Pdf) -> bytes:
    """The file, written until none of the writer's own tables ends unclearly."""
    made = _with_clear_object_tables(_saved(pdf))
    for attempt in range(1, 40):
        if not _has_unclear_table(made):
            break
        # Numbers all that follow anew, and so changes the tables.
        empty = [pdf.make_indirect(Dictionary()) for _ in range(attempt)]
        pdf.Root["/FINSAM_Filler"] = Array(empty)
        made = _with_clear_object_tables(_saved(pdf))
    if "/FINSAM_Filler" in pdf.Root:
        del pdf.Root["/FINSAM_Filler"]
    return made


def _with_clear_object_tables(made: bytes) -> bytes:
    """The file with tables of objects that end unclearly packed otherwise, in the same place.

    Writing a long file anew would let others of its tables end so.
    """
    changed = bytearray(made)
    for found in _ends_unclearly.finditer(made):
        table = _object_table.match(made, made.rfind(b" obj\n", 0, found.start()))
        if table is None:
            continue
        length, head = int(table.group(1)), int(table.group(2))
        place = slice(table.end(), table.end() + length)
        anew = _packed_otherwise(zlib.decompress(made[place]), head, length)
        if anew is not None:
            changed[place] = anew
    return bytes(changed)


def _packed_otherwise(data: bytes, head: int, length: int) -> bytes | None:
    """The table with another blank between two of its head's numbers, as long as before."""
    for at in range(head):
        if data[at : at + 1] == b" ":
            packed_anew = zlib.compress(data[:at] + b"\n" + data[at + 1 :])
            if len(packed_anew) == length and packed_anew[-1] != CARRIAGE_RETURN:
                return packed_anew
    return None


def _has_unclear_table(made: bytes) -> bool:
    return any(
        _is_table.match(made, made.rfind(b" obj\n", 0, found.start()))
        for found in _ends_unclearly.finditer(made)
    )


def _saved(pdf: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(
        out,
        min_version="1.7",
        deterministic_id=True,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
        fix_metadata_version=False,
    )
    return out.getvalue()


def _unclear_streams(pdf: pikepdf.Pdf) -> list[pikepdf.Stream]:
    return [
        found
        for found in pdf.objects
        if isinstance(found, pikepdf.Stream)
        and found.get("/Type") not in WRITERS_OWN
        and (raw := found.read_raw_bytes())
        and raw[-1] == CARRIAGE_RETURN
    ]


def _rewrap(stream: pikepdf.Stream) -> None:
    """Wrap the stream's data in runs, which always end in the byte 128.

    The writer leaves run lengths alone, where it would take other wrappings off again.
    """
    raw = stream.read_raw_bytes()
    runs = (raw[at : at + 128] for at in range(0, len(raw), 128))
    filters, parameters = stream.get("/Filter"), stream.get("/DecodeParms")
    before = [] if filters is None else list(filters) if isinstance(filters, Array) else [filters]
    data = b"".join(bytes([len(run) - 1]) + run for run in runs) + b"\x80"
    stream.write(data, filter=Array([Name.RunLengthDecode, *before]))
    if parameters is not None:
        rest = list(parameters) if isinstance(parameters, Array) else [parameters]
        stream.DecodeParms = Array([None, *rest])
