"""What is new in a packet since an earlier version of it, item by item and document by document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypedDict

from finsam.registry.canonical import digest

Source = Mapping[str, Any]


class Change(TypedDict):
    """One item that is new, gone or changed; without item it is the notice itself."""

    item: int | None
    number: str
    title: str
    text: str


AGENDA_FIELDS = ("position", "title", "kind", "background", "proposal")


def packet_changes(old: Source, new: Source) -> list[Change]:
    """Every difference in the order of the new agenda, what has gone last."""
    before, after = _by_item(old), _by_item(new)
    changes = [
        _change(item, _what(before.get(pk), item, _called(old, before.get(pk)), _called(new, item)))
        for pk, item in after.items()
        if _differs(before.get(pk), item, old, new)
    ]
    changes += [
        _change(item, "Ärendet har utgått.") for pk, item in before.items() if pk not in after
    ]
    if _of_meeting(old) != _of_meeting(new):
        changes.append(
            Change(item=None, number="", title="Kallelsen", text="Tid, plats eller form är ändrad.")
        )
    return changes


def sentence(change: Change) -> str:
    """The change in one line, for a mail or a page."""
    return f"{change['number']} {change['title']}: {change['text']}".strip()


def new_documents(old: Source, new: Source) -> dict[int, list[str]]:
    """Per item that is new or has new documents: which of its documents the reader has not."""
    before, found = _by_item(old), {}
    for pk, item in _by_item(new).items():
        known = set(document_ids(before[pk])) if pk in before else set()
        fresh = [one for one in document_ids(item) if one not in known]
        if pk not in before or fresh or _called(old, before[pk]) != _called(new, item):
            found[pk] = fresh
    return found


def document_ids(item: Mapping[str, Any]) -> Iterator[str]:
    """What tells each document of an item from any other, the version included."""
    for row in item.get("documents", ()):
        yield f"{row['key']}@{row['version']}"
    for row in item.get("annexes", ()):
        yield row["sha256"]


def _by_item(source: Source) -> dict[int, Mapping[str, Any]]:
    return {item["pk"]: item for item in source["items"]}


def _called(source: Source, item: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """How the notice calls an item: presenter and proposed decision."""
    if item is None:
        return {}
    rows = source["notice"]["items"]
    return next((row for row in rows if row["position"] == item["position"]), {})


def _of_meeting(source: Source) -> str:
    """What the notice says of the meeting itself: who is called may change with every seat."""
    facts = [list(fact) for fact in source["notice"]["facts"] if fact[0] != "Kallade"]
    return digest([source["notice"]["heading"], facts])


def _differs(
    before: Mapping[str, Any] | None, item: Mapping[str, Any], old: Source, new: Source
) -> bool:
    if before is None:
        return True
    return digest(before) != digest(item) or digest(_called(old, before)) != digest(
        _called(new, item)
    )


def _change(item: Mapping[str, Any], text: str) -> Change:
    return Change(item=item["pk"], number=str(item["position"]), title=item["title"], text=text)


def _what(
    before: Mapping[str, Any] | None,
    item: Mapping[str, Any],
    was_called: Mapping[str, Any],
    called: Mapping[str, Any],
) -> str:
    if before is None:
        return "Nytt ärende."
    sentences = [*_documents(before, item), *_annexes(before, item)]
    fields = [field for field in AGENDA_FIELDS if before.get(field) != item.get(field)]
    if fields == ["position"]:
        sentences.append(f"Ärendet har flyttats från nummer {before['position']}.")
    elif fields:
        sentences.append("Texten i dagordningen är ändrad.")
    elif not sentences and digest(was_called) != digest(called):
        sentences.append("Föredragande eller förslag till beslut är ändrat.")
    return " ".join(sentences) or "Uppgifterna om ärendet är ändrade."


def _documents(before: Mapping[str, Any], item: Mapping[str, Any]) -> Iterator[str]:
    had = {row["title"]: row for row in before.get("documents", ())}
    for row in item.get("documents", ()):
        if row["title"] not in had:
            yield f"Ny handling: {row['title']}."
        elif had[row["title"]] != row:
            yield f"Ny version: {row['title']}."


def _annexes(before: Mapping[str, Any], item: Mapping[str, Any]) -> Iterator[str]:
    had = {row["sha256"]: row["title"] for row in before.get("annexes", ())}
    has = {row["sha256"]: row["title"] for row in item.get("annexes", ())}
    for checksum, title in has.items():
        if checksum not in had:
            yield f"Ny bilaga: {title}."
    for checksum, title in had.items():
        if checksum not in has:
            yield f"Bilagan {title} har tagits bort."
