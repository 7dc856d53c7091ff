"""What every Office file has in common: types of parts, relationships, parts without markup."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from finsam.documents.guard.container import Container
from finsam.documents.guard.kinds import OLD_OFFICE
from finsam.documents.guard.markup import Attributes, Listener, read_markup

CONTENT_TYPES = "[Content_Types].xml"
MAIN_TYPES = {
    "xlsx": "spreadsheetml.sheet.main+xml",
    "docx": "wordprocessingml.document.main+xml",
}
MACRO_TYPE = re.compile(r"vbaProject|macroEnabled|macrosheet|dialogsheet", re.IGNORECASE)
MACRO_NAME = re.compile(r"vbaProject|vbaData|/macrosheets/|/dialogsheets/", re.IGNORECASE)
MACRO_RELATIONS = frozenset(
    {"vbaproject", "wordvbadata", "xlmacrosheet", "xlintlmacrosheet", "dialogsheet"}
)
EMBEDDING_NAME = re.compile(r"(^|/)(embeddings|activeX)/", re.IGNORECASE)
EMBEDDING_RELATIONS = frozenset({"oleobject", "afchunk", "control", "activexcontrolbinary"})
# A chart in Word brings its figures as a workbook of its own: looked into, not refused outright.
NESTED_NAME = re.compile(r"\.(xlsx|docx)$", re.IGNORECASE)
FOREIGN_STARTS = (OLD_OFFICE, b"MZ", b"\x7fELF", b"%PDF-", b"PK\x03\x04", b"#!", b"{\\rtf")

SAFE_SCHEMES = frozenset({"http", "https", "mailto", "tel", "sip", "ftp"})
ACTIVE_SCHEME = re.compile(
    r"(javascript|vbscript|data|mhtml|search(-ms)?|ms-[a-z-]*)$", re.IGNORECASE
)
LOCAL_DRIVE = re.compile(r"(file:/*)?[A-Za-z]:", re.IGNORECASE)


@dataclass(frozen=True)
class Relation:
    """A link from one part to another, or out of the file."""

    source: str
    type: str
    target: str
    external: bool

    @property
    def scheme(self) -> str:
        before, colon, _ = self.target.strip().partition(":")
        return before.lower() if colon else ""


@dataclass
class Package:
    """An Office file's parts and what has been heard of them."""

    container: Container
    defaults: dict[str, str] = field(default_factory=dict)
    overrides: dict[str, str] = field(default_factory=dict)
    relations: list[Relation] = field(default_factory=list)
    foreign_parts: list[str] = field(default_factory=list)
    warnings: set[str] = field(default_factory=set)
    care: set[str] = field(default_factory=set)
    faults: set[str] = field(default_factory=set)

    @cached_property
    def types(self) -> frozenset[str]:
        return frozenset(self.defaults.values()) | frozenset(self.overrides.values())

    def type_of(self, name: str) -> str:
        extension = name.rpartition(".")[2].lower()
        return self.overrides.get(f"/{name}".lower(), self.defaults.get(extension, ""))

    def is_markup(self, name: str) -> bool:
        """Whether a reader would take the part for XML: by its type, or by its name."""
        kind = self.type_of(name)
        return kind.endswith(("+xml", "/xml")) or name.lower().endswith((".xml", ".rels"))

    def main_kind(self) -> str:
        """`xlsx`, `docx`, or nothing when the package is something else."""
        return next(
            (
                kind
                for kind, ending in MAIN_TYPES.items()
                for part, declared in self.overrides.items()
                if declared.endswith(ending) and part[1:] in self._lower_names
            ),
            "",
        )

    @cached_property
    def _lower_names(self) -> frozenset[str]:
        return frozenset(name.lower() for name in self.container.names)


class _ContentTypes(Listener):
    def __init__(self, package: Package) -> None:
        super().__init__()
        self.package = package
        self.starts = {"Override": self.override, "Default": self.default}

    def override(self, given: Attributes) -> None:
        self.package.overrides[given.get("PartName", "").lower()] = given.get("ContentType", "")

    def default(self, given: Attributes) -> None:
        self.package.defaults[given.get("Extension", "").lower()] = given.get("ContentType", "")


class RelationListener(Listener):
    """Notes the relationships; the listeners of Word and Excel stand on this one."""

    def __init__(self, package: Package) -> None:
        super().__init__()
        self.package = package
        self.part = ""
        self.starts = {"Relationship": self.relation}

    def relation(self, given: Attributes) -> None:
        self.package.relations.append(
            Relation(
                source=self.part,
                type=given.get("Type", "").rpartition("/")[2].lower(),
                target=given.get("Target", ""),
                external=given.get("TargetMode", "").lower() == "external",
            )
        )


def open_package(container: Container) -> Package:
    """The package with its table of types read. Raises RefusedError."""
    package = Package(container)
    for entry in container.entries:
        if entry.filename == CONTENT_TYPES:
            read_markup(container.pieces(entry), _ContentTypes(package))
    return package


def read_parts(package: Package, listener: RelationListener) -> None:
    """Read every part once: markup is heard, the rest is looked at by its first bytes."""
    for entry in package.container.entries:
        listener.part = entry.filename
        pieces = package.container.pieces(entry)
        if package.is_markup(entry.filename):
            read_markup(pieces, listener)
            continue
        first = next(pieces, b"")
        for _ in pieces:
            pass
        if first.startswith(FOREIGN_STARTS) or EMBEDDING_NAME.search(entry.filename):
            package.foreign_parts.append(entry.filename)


def has_macro(package: Package) -> bool:
    return (
        any(MACRO_TYPE.search(declared) for declared in package.types)
        or any(MACRO_NAME.search(name) for name in package.container.names)
        or any(relation.type in MACRO_RELATIONS for relation in package.relations)
    )


def has_embedded_object(package: Package) -> bool:
    """Nested Word and Excel files are judged by `office`, which looks into them."""
    return any(not NESTED_NAME.search(name) for name in package.foreign_parts) or any(
        relation.type in EMBEDDING_RELATIONS and not relation.external
        for relation in package.relations
    )


def fetches_from_outside(package: Package) -> bool:
    return any(outside(relation) == "refuse" for relation in package.relations)


def notes_outside(package: Package) -> None:
    """Add a warning when the file points at other files without fetching anything by itself."""
    if any(outside(relation) == "warn" for relation in package.relations):
        package.warnings.add("external_link")


def outside(relation: Relation) -> str:
    """`refuse`, `warn` or nothing: what a link out of the file means for whoever opens it."""
    if not relation.external:
        return ""
    judge = _OUTSIDE.get(relation.type)
    return judge(relation) if judge else "refuse"


def _hyperlink(relation: Relation) -> str:
    """Followed only by who clicks it; a scheme that runs something is refused."""
    if ACTIVE_SCHEME.match(relation.scheme):
        return "refuse"
    return "" if relation.scheme in SAFE_SCHEMES or not relation.scheme else "warn"


def _template(relation: Relation) -> str:
    """Word notes the template a text was begun in; on the writer's own disk that is honest."""
    return "warn" if LOCAL_DRIVE.match(relation.target) else "refuse"


def _other_workbook(_: Relation) -> str:
    return "warn"


_OUTSIDE: dict[str, Callable[[Relation], str]] = {
    "hyperlink": _hyperlink,
    "attachedtemplate": _template,
    "externallinkpath": _other_workbook,
    "externallinklongpath": _other_workbook,
    "xlpathmissing": _other_workbook,
}
