"""The checks of Word and Excel files, in the order in which their reasons are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from finsam.documents.guard import container as zipped
from finsam.documents.guard import package as office
from finsam.documents.guard.container import Container, DamagedError
from finsam.documents.guard.findings import Findings, refused, taken
from finsam.documents.guard.markup import RefusedError
from finsam.documents.guard.package import NESTED_NAME, Package, RelationListener
from finsam.documents.guard.spreadsheet import SpreadsheetListener
from finsam.documents.guard.wording import WordListener

LISTENERS: dict[str, type[RelationListener]] = {
    "xlsx": SpreadsheetListener,
    "docx": WordListener,
}

CHECKS: tuple[tuple[str, Callable[[Package], bool]], ...] = (
    ("macro", office.has_macro),
    ("external_link", office.fetches_from_outside),
    ("external_link", lambda package: "external_link" in package.faults),
    ("embedded_object", office.has_embedded_object),
    ("dangerous_formula", lambda package: "dangerous_formula" in package.faults),
    ("dangerous_field", lambda package: "dangerous_field" in package.faults),
)


def examine(data: bytes, kind: str, *, nested: bool = False) -> Findings:
    """What is found in a packed file that should be of `kind` (xlsx or docx)."""
    box = Container(data)
    reason = first_of(zipped.CHECKS, box)
    if reason:
        return refused(reason)
    try:
        return _examine_package(box, kind, nested=nested)
    except DamagedError:
        return refused("zip_corrupt")
    except RefusedError as refusal:
        return refused(refusal.reason)


def first_of(checks: tuple[tuple[str, Callable[[Any], bool]], ...], thing: object) -> str:
    """The reason of the first check that strikes, or nothing."""
    return next((reason for reason, strikes in checks if strikes(thing)), "")


def _examine_package(box: Container, kind: str, *, nested: bool) -> Findings:
    package = office.open_package(box)
    if office.has_macro(package):
        return refused("macro")
    if package.main_kind() != kind:
        return refused("wrong_type")
    office.read_parts(package, LISTENERS[kind](package))
    reason = first_of(CHECKS, package) or _nested_fault(package, nested=nested)
    if reason:
        return refused(reason)
    office.notes_outside(package)
    return taken(warnings=package.warnings, care=package.care)


def _nested_fault(package: Package, *, nested: bool) -> str:
    """A chart's workbook inside a text is looked into; a file inside that one is too much."""
    for entry in package.container.entries:
        if entry.filename not in package.foreign_parts:
            continue
        match = NESTED_NAME.search(entry.filename)
        if nested or match is None:
            return "embedded_object"
        inner = examine(package.container.read(entry), match[1].lower(), nested=True)
        if inner["reason"]:
            return "embedded_object"
    return ""
