"""What the upper floors tell the register of their events: names to read, and what is private."""

from __future__ import annotations

from collections.abc import Mapping

_names: dict[str, str] = {
    "case_opened": "Ärende öppnat",
    "record_registered": "Handling registrerad",
    "secrecy_lifted": "Sekretessmarkering hävd",
    "secrecy_marked": "Sekretessmarkering satt",
}
_facts: dict[str, str] = {
    "amount": "Belopp",
    "case": "Ärende",
    "content_hash": "Innehållets kontrollsumma",
    "correspondent": "Avsändare eller mottagare",
    "direction": "Riktning",
    "error": "Fel",
    "from": "Från",
    "key": "Nyckel",
    "kind": "Slag",
    "number": "Nummer",
    "place": "Plats",
    "reason": "Skäl",
    "role": "Roll",
    "secrecy_section": "Sekretess enligt",
    "sha256": "Kontrollsumma",
    "short_id": "Handlingens id",
    "slug": "Adressnamn",
    "starts_at": "Börjar",
    "subject": "Innehåll",
    "title": "Rubrik",
    "to": "Till",
    "version": "Version",
}
_private_until_registered: set[str] = set()


def name_actions(names: Mapping[str, str]) -> None:
    """Say in Swedish what actions are called in the list of events; called at start-up."""
    _names.update(names)


def action_name(action: str) -> str:
    """The Swedish name of an action, or the action in plain letters."""
    return _names.get(action, action.replace("_", " ").capitalize())


def action_is_named(action: str) -> bool:
    return action in _names


def fact_name(key: str) -> str:
    """The Swedish name of a fact in an event; parts of parts keep their numbers."""
    return " ".join(_facts.get(part, part) for part in key.split("."))


def keep_private_until_registered(*object_types: str) -> None:
    """Keep events about such objects out of the office's list as long as they have no case.

    A draft is the applicant's own space: nobody else sees that it is being written.
    """
    _private_until_registered.update(object_types)


def private_until_registered() -> frozenset[str]:
    return frozenset(_private_until_registered)
