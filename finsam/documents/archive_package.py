"""A case as a package for an e-archive: METS after E-ARK CSIP, PREMIS, checksums of everything."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree as ET

from defusedxml.ElementTree import fromstring

from finsam.documents.archive_content import (
    ArchiveFile,
    archive_files,
    last_changed,
    register_data,
)
from finsam.errors import DomainError
from finsam.registry.models import Case

METS, CSIP = "http://www.loc.gov/METS/", "https://DILCIS.eu/XML/METS/CSIPExtensionMETS"
XLINK, PREMIS = "http://www.w3.org/1999/xlink", "http://www.loc.gov/premis/v3"
PROFILE = "https://earksip.dilcis.eu/profile/E-ARK-SIP.xml"
MANIFEST = "METS.xml"
# Which way of writing packages this is; raised when they come to hold something else.
VERSION = "1.1"
REGISTER = "metadata/descriptive/register.json"
PRESERVATION = "metadata/preservation/premis.xml"
GROUPS = {"original": "Original", "archival": "PDF/A"}
REPRESENTATIONS = "representations/{}/data/{}"
FIRST_DAY = (1980, 1, 1, 0, 0, 0)

for prefix, address in (("mets", METS), ("csip", CSIP), ("xlink", XLINK), ("premis", PREMIS)):
    ET.register_namespace(prefix, address)


class ArchiveFault(DomainError):
    """A package that does not hold what its manifest says."""


@dataclass(frozen=True)
class Part:
    """One file in the package, at its path from the package's root."""

    path: str
    data: bytes
    media_type: str
    created: datetime
    title: str
    format: str = ""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def package_name(case: Case) -> str:
    """The package's id, which is also the name of its folder: SFB-2023-41."""
    return re.sub(r"[^A-Za-z0-9]+", "-", case.number).strip("-")


def package_parts(case: Case) -> dict[str, bytes]:
    """All files of the package by path, the manifest among them; the same case, the same bytes."""
    moment = last_changed(case)
    files = [_placed(file) for file in archive_files(case)]
    described = json.dumps(register_data(case), ensure_ascii=False, indent=1).encode()
    register = Part(REGISTER, described, "application/json", moment, "Diarieuppgifter")
    premis = Part(PRESERVATION, _premis(files), "text/xml", moment, "Bevarandeuppgifter")
    manifest = _mets(case, moment, files, register, premis)
    parts = {part.path: part.data for part in (*files, register, premis)}
    return {MANIFEST: manifest, **parts}


def write_package(case: Case, out: Path) -> Path:
    """Write the package as a folder in `out`, and read it back. Raises ArchiveFault, OSError."""
    root = out / package_name(case)
    for path, data in package_parts(case).items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    faults = package_faults(root)
    if faults:
        raise ArchiveFault("archive_fault", faults[0])
    return root


def zipped_package(case: Case) -> bytes:
    """The same as one zip file, in which the folder lies."""
    out, name = io.BytesIO(), package_name(case)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as box:
        for path, data in package_parts(case).items():
            box.writestr(zipfile.ZipInfo(f"{name}/{path}", FIRST_DAY), data)
    return out.getvalue()


def package_faults(root: Path) -> list[str]:
    """What in a package's folder is not as its manifest says; nothing when all of it is."""
    manifest = fromstring((root / MANIFEST).read_bytes())
    told = dict(_told(manifest))
    found = []
    for path, (digest, size) in told.items():
        place = root / path
        if not place.is_file():
            found.append(f"{path} saknas.")
        elif place.stat().st_size != size:
            found.append(f"{path} har en annan storlek.")
        elif hashlib.sha256(place.read_bytes()).hexdigest() != digest:
            found.append(f"{path} har ett annat innehåll.")
    held = {str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()} - {MANIFEST}
    return found + [f"{path} står inte i {MANIFEST}." for path in sorted(held - set(told))]


def _told(manifest: ET.Element) -> Iterator[tuple[str, tuple[str, int]]]:
    for tag in ("file", "mdRef"):
        for element in manifest.iter(f"{{{METS}}}{tag}"):
            place = element if tag == "mdRef" else element.find(f"{{{METS}}}FLocat")
            href = place.get(f"{{{XLINK}}}href", "") if place is not None else ""
            yield href, (element.get("CHECKSUM", ""), int(element.get("SIZE", "0")))


def _placed(file: ArchiveFile) -> Part:
    group, _, name = file.path.partition("/")
    path = REPRESENTATIONS.format(group, name)
    return Part(path, file.data, file.media_type, file.created, file.title, file.format)


# --- the manifest ---------------------------------------------------------------------------------


def _mets(
    case: Case, moment: datetime, files: Sequence[Part], register: Part, premis: Part
) -> bytes:
    root = ET.Element(
        _m("mets"),
        {
            "OBJID": package_name(case),
            "LABEL": f"{case.number} {case.title}",
            "TYPE": "Other",
            f"{{{CSIP}}}OTHERTYPE": "Ärende",
            f"{{{CSIP}}}CONTENTINFORMATIONTYPE": "MIXED",
            "PROFILE": PROFILE,
        },
    )
    head = ET.SubElement(
        root, _m("metsHdr"),
        {"CREATEDATE": moment.isoformat(), f"{{{CSIP}}}OAISPACKAGETYPE": "SIP"},
    )  # fmt: skip
    association = case.association
    code = ("IDENTIFICATIONCODE", association.organisation_number)
    _agent(head, "ORGANIZATION", association.name, note=code)
    version = ("SOFTWARE VERSION", VERSION)
    _agent(head, "OTHER", "Finsamportalen", other="SOFTWARE", note=version)
    described = ET.SubElement(
        root, _m("dmdSec"), {"ID": "dmd-1", "STATUS": "CURRENT", "CREATED": moment.isoformat()}
    )
    _reference(described, register, "OTHER")
    kept = ET.SubElement(root, _m("amdSec"))
    digital = ET.SubElement(kept, _m("digiprovMD"), {"ID": "prov-1", "STATUS": "CURRENT"})
    _reference(digital, premis, "PREMIS")
    section = ET.SubElement(root, _m("fileSec"), {"ID": "files"})
    structure = ET.SubElement(
        root, _m("structMap"), {"ID": "structure", "TYPE": "PHYSICAL", "LABEL": "CSIP"}
    )
    top = ET.SubElement(structure, _m("div"), {"ID": "root", "LABEL": package_name(case)})
    ET.SubElement(
        top, _m("div"), {"ID": "metadata", "LABEL": "Metadata", "DMDID": "dmd-1", "ADMID": "prov-1"}
    )
    for group, label in GROUPS.items():
        _group(section, top, group, label, files)
    return _written(root)


def _group(
    section: ET.Element, top: ET.Element, group: str, label: str, files: Sequence[Part]
) -> None:
    """One representation: its files, and its place in the structure."""
    own = [file for file in files if file.path.startswith(f"representations/{group}/")]
    use = f"Representations/{group}"
    held = ET.SubElement(section, _m("fileGrp"), {"ID": f"group-{group}", "USE": use})
    div = ET.SubElement(top, _m("div"), {"ID": f"div-{group}", "LABEL": f"{use}: {label}"})
    for number, part in enumerate(own, 1):
        key = f"file-{group}-{number}"
        facts = {"ID": key, "MIMETYPE": part.media_type, **_facts(part)}
        file = ET.SubElement(held, _m("file"), facts)
        ET.SubElement(
            file, _m("FLocat"),
            {"LOCTYPE": "URL", f"{{{XLINK}}}type": "simple", f"{{{XLINK}}}href": part.path,
             f"{{{XLINK}}}title": part.title},
        )  # fmt: skip
        ET.SubElement(div, _m("fptr"), {"FILEID": key})


def _reference(parent: ET.Element, part: Part, kind: str) -> None:
    facts = {
        "LOCTYPE": "URL",
        "MDTYPE": kind,
        **({"OTHERMDTYPE": "Diarium"} if kind == "OTHER" else {}),
        "MIMETYPE": part.media_type,
        **_facts(part),
        f"{{{XLINK}}}type": "simple",
        f"{{{XLINK}}}href": part.path,
    }
    ET.SubElement(parent, _m("mdRef"), facts)


def _facts(part: Part) -> dict[str, str]:
    return {
        "SIZE": str(len(part.data)),
        "CREATED": part.created.isoformat(),
        "CHECKSUM": part.sha256,
        "CHECKSUMTYPE": "SHA-256",
    }


def _agent(
    head: ET.Element, kind: str, name: str, *, other: str = "", note: tuple[str, str]
) -> None:
    """Who made the package, with a note of one kind: its code, or of software its version."""
    facts = {"ROLE": "CREATOR", "TYPE": kind, **({"OTHERTYPE": other} if other else {})}
    agent = ET.SubElement(head, _m("agent"), facts)
    ET.SubElement(agent, _m("name")).text = name
    kind_of_note, text = note
    if text:
        ET.SubElement(agent, _m("note"), {f"{{{CSIP}}}NOTETYPE": kind_of_note}).text = text


def _premis(files: Sequence[Part]) -> bytes:
    """Each file as an object: its checksum, size, format and name."""
    root = ET.Element(f"{{{PREMIS}}}premis", {"version": "3.0"})

    def add(parent: ET.Element, name: str, text: str | None = None) -> ET.Element:
        element = ET.SubElement(parent, f"{{{PREMIS}}}{name}")
        element.text = text
        return element

    for part in files:
        thing = add(root, "object")
        identified = add(thing, "objectIdentifier")
        add(identified, "objectIdentifierType", "path")
        add(identified, "objectIdentifierValue", part.path)
        about = add(thing, "objectCharacteristics")
        fixed = add(about, "fixity")
        add(fixed, "messageDigestAlgorithm", "SHA-256")
        add(fixed, "messageDigest", part.sha256)
        add(about, "size", str(len(part.data)))
        named = add(add(about, "format"), "formatDesignation")
        add(named, "formatName", part.format or part.media_type)
        add(thing, "originalName", f"{part.title} ({PurePosixPath(part.path).name})")
    return _written(root)


def _written(root: ET.Element) -> bytes:
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _m(name: str) -> str:
    return f"{{{METS}}}{name}"
