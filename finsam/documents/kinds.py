"""The register of document kinds: upper floors say how each is made and who may read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from finsam.associations.models import Association
from finsam.jobs.handlers import Report
from finsam.people.access import Visitor

if TYPE_CHECKING:
    from finsam.documents.models import Document


@dataclass(frozen=True)
class Rendered:
    """What a builder gives back: the PDF, and the Word file where a person edits it."""

    pdf: bytes
    docx: bytes | None = None


Source = Mapping[str, Any]
Builder = Callable[[dict[str, Any], Association], Rendered]
LongBuilder = Callable[[dict[str, Any], Association, Report], Rendered]
ReadingRule = Callable[[Visitor, "Document"], bool]


@dataclass(frozen=True)
class DocumentKind:
    name: str
    label: str
    build_telling: LongBuilder

    def build(self, source: dict[str, Any], association: Association) -> Rendered:
        """The document, when nobody waits to hear how far it is."""
        return self.build_telling(source, association, lambda percent, text: None)


_kinds: dict[str, DocumentKind] = {}
_functions: dict[str, object] = {}
_rules: dict[str, ReadingRule] = {}
_more_rules: dict[str, list[ReadingRule]] = {}


def document_kind(name: str, *, label: str) -> Callable[[Builder], Builder]:
    """Make a function the builder of a kind; `label` stands in the head of the document.

    The builder gets the frozen source alone and writes nothing: it may be run more than once,
    and must give the same bytes each time.
    """

    def register(build: Builder) -> Builder:
        def telling(source: dict[str, Any], association: Association, _report: Report) -> Rendered:
            return build(source, association)

        _register(name, label, build, telling)
        return build

    return register


def long_document_kind(name: str, *, label: str) -> Callable[[LongBuilder], LongBuilder]:
    """The same for a builder that takes long: it is given a function to tell how far it is."""

    def register(build: LongBuilder) -> LongBuilder:
        _register(name, label, build, build)
        return build

    return register


def _register(name: str, label: str, function: object, telling: LongBuilder) -> None:
    known = _functions.setdefault(name, function)
    if known is not function:
        raise ValueError(f"Two builders for documents of kind {name!r}.")
    _kinds[name] = DocumentKind(name, label, telling)


def readable_by(name: str) -> Callable[[ReadingRule], ReadingRule]:
    """Make a function answer who may read documents of a kind; without one, the office alone."""

    def register(rule: ReadingRule) -> ReadingRule:
        known = _rules.get(name)
        if known is not None and known is not rule:
            raise ValueError(f"Two reading rules for documents of kind {name!r}.")
        _rules[name] = rule
        return rule

    return register


def also_readable_by(name: str) -> Callable[[ReadingRule], ReadingRule]:
    """Let an upper floor open documents of a lower floor's kind to readers of its own."""

    def register(rule: ReadingRule) -> ReadingRule:
        rules = _more_rules.setdefault(name, [])
        if rule not in rules:
            rules.append(rule)
        return rule

    return register


def kind_of(name: str) -> DocumentKind:
    """The kind of that name. Raises LookupError when no installed app knows it."""
    try:
        return _kinds[name]
    except KeyError:
        raise LookupError(f"No builder for documents of kind {name!r}.") from None


def label_of(name: str) -> str:
    """What people call a kind, also when the app that made it is gone."""
    return _kinds[name].label if name in _kinds else "Handling"


def is_hidden_by_mark(visitor: Visitor, document: Document) -> bool:
    """Whether the record or its case is marked as secret and the visitor is one of the public."""
    marked = (document.record, document.case)
    return visitor.user is None and any(one is not None and one.secrecy_section for one in marked)


def may_read(visitor: Visitor, document: Document) -> bool:
    """Whether the visitor may read the document: own association, and the rule of its kind."""
    if document.association_id != visitor.association.pk:
        return False
    if visitor.is_office:
        return True
    if is_hidden_by_mark(visitor, document):
        return False
    rule = _rules.get(document.kind)
    if rule is not None and rule(visitor, document):
        return True
    return any(more(visitor, document) for more in _more_rules.get(document.kind, ()))
