"""The memo and the minutes as Word files, of the same frozen sources as their PDFs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from finsam.documents.word import WordDocument
from finsam.typography import date_long


def write_memo(source: Mapping[str, Any]) -> bytes:
    """The decision memo, for the director to work on outside the portal."""
    word, texts = WordDocument(source), source["texts"]
    _head(word, source, f"Till {source['to']}", source["application"])
    word.heading("1 Förslag till beslut")
    word.decision(source["proposal_intro"], source["clauses"])
    if source["conditions"]:
        word.heading("Villkor", level=2)
        word.paragraphs(source["conditions"])
    word.heading("2 Sammanfattning")
    word.paragraphs(texts.get("summary", ""))
    word.heading("3 Ärendet")
    word.paragraphs(texts.get("matter", ""))
    _table(word, "Parter", source["party_columns"], source["party_rows"])
    word.heading("4 Beredning")
    word.paragraphs(texts.get("preparation") or USUAL_TEXTS["preparation"])
    _table(word, "Yttranden i samråd", source["statement_columns"], source["statement_rows"])
    word.heading("5 Bedömning mot kriterierna")
    word.paragraphs(texts.get("assessment", ""))
    _table(word, "Kriterierna", source["criteria_columns"], source["criteria_rows"])
    word.heading("6 Ekonomi")
    word.paragraphs(texts.get("economy", ""))
    _economy(word, source)
    for heading, key in REST:
        word.heading(heading)
        word.paragraphs(texts.get(key) or USUAL_TEXTS.get(key, ""))
    word.heading("11 Beslutsunderlag")
    word.bullets(source["basis"])
    word.heading("12 Beslutet skickas till")
    word.paragraphs(texts.get("sent_to", ""))
    word.signatures([{"name": source["author"], "role": source["author_title"]}])
    return word.as_bytes()


REST = (
    ("7 Mål, roller och ansvar per part", "roles"),
    ("8 Konsekvenser", "consequences"),
    ("9 Risker och alternativ", "risks"),
    ("10 Uppföljning", "follow_up"),
)
# What stands under a heading that nobody has written under.
USUAL_TEXTS = {
    "preparation": "Ärendet har beretts av kansliet.",
    "consequences": "Förslaget bedöms inte få konsekvenser utöver dem som ansökan beskriver.",
    "risks": "Alternativet är att avslå ansökan; insatsen genomförs då inte.",
}


def write_minutes(source: Mapping[str, Any]) -> bytes:
    """The minutes, for the secretary to work on outside the portal."""
    word = WordDocument(source)
    _head(word, source, source["body"], f"{source['body']}, {source['day']}")
    word.facts([(term, value) for term, value in source["facts"]])
    _table(word, "Beslutande", source["serving_columns"], source["serving_rows"])
    _table(word, "Övriga närvarande", source["other_columns"], source["other_rows"])
    word.signatures(source["signatures"])
    word.heading("Bevis om anslag")
    _table(word, "Anslag", source["notice_columns"], source["notice_rows"])
    word.paragraph(f"Protokollet förvaras hos {source['kept_at']}.")
    for number, paragraph in enumerate(source["paragraphs"]):
        _paragraph(word, paragraph, on_new_page=number == 0)
    return word.as_bytes()


def _paragraph(word: WordDocument, said: Mapping[str, Any], *, on_new_page: bool) -> None:
    """One §, in the order of the PDF."""
    number = f", dnr {said['register_number']}" if said["register_number"] else ""
    word.heading(f"§ {said['number']} {said['heading']}{number}")
    if on_new_page:
        word.document.paragraphs[-1].paragraph_format.page_break_before = True
    for heading, text in (
        ("Jäv", "\n\n".join(said["recusals"])),
        ("Ärendet", said["background"]),
        ("Yrkanden", said["motions"]),
        ("Propositionsordning", said["proposition_order"]),
        ("Omröstning", _votes(said["votes"])),
    ):
        _part(word, heading, text)
    word.heading("Beslut", level=2)
    word.decision(said["decision_lead"], said["clauses"])
    for heading, text in (
        ("Villkor", said["conditions"]),
        ("Finansiering", said["source"]),
        ("Reservation", "\n\n".join(said["dissents"])),
        ("Anteckning", said["note"]),
        ("Omedelbar justering", IMMEDIATE if said["immediate"] else ""),
        ("Beslutet skickas till", said["sent_to"]),
    ):
        _part(word, heading, text)


def fixed_parts(said: Mapping[str, Any]) -> dict[str, str]:
    """The parts of a § that follow from what happened, as the Word file writes them."""
    last = len(said["clauses"])
    ends = {last: ".", last - 1: ", samt"}
    clauses = [
        f"att {clause}{ends.get(number, ',')}" for number, clause in enumerate(said["clauses"], 1)
    ]
    return {
        "Jäv": "\n".join(said["recusals"]),
        "Omröstning": _votes(said["votes"]),
        "Beslut": "\n".join([said["decision_lead"], *clauses]),
        "Villkor": said["conditions"],
        "Finansiering": said["source"],
        "Reservation": "\n".join(said["dissents"]),
    }


IMMEDIATE = "Paragrafen förklaras omedelbart justerad."


def _votes(votes: Mapping[str, Any] | None) -> str:
    if votes is None:
        return ""
    names = (("Ja", "yes"), ("Nej", "no"), ("Avstår", "abstain"))
    lines = [f"{label}: {', '.join(votes[key]) or 'ingen'}." for label, key in names]
    if votes["casting_vote"]:
        lines.append("Rösterna var lika många. Utslagsrösten avgjorde.")
    return "\n\n".join(lines)


def _economy(word: WordDocument, source: Mapping[str, Any]) -> None:
    if source["frame"]:
        _table(
            word,
            source["frame_caption"],
            source["frame_columns"],
            source["frame_rows"],
            source["frame_total"],
        )
    if source.get("distribution"):
        _table(
            word,
            "Fördelningar sida vid sida, kronor",
            source["distribution_columns"],
            source["distribution_rows"],
            source["distribution_total"],
        )
    _table(
        word,
        "Kostnad per part, kronor",
        source["staff_columns"],
        source["staff_rows"],
        source["staff_total"],
    )


def _head(word: WordDocument, source: Mapping[str, Any], left: str, title: str) -> None:
    about = source["document"]
    day = date_long(date.fromisoformat(about["date"]))
    word.meta(left, f"Dnr {about['number']} · {day}" if about["number"] else day)
    word.title(title)


def _part(word: WordDocument, heading: str, text: str) -> None:
    if text:
        word.heading(heading, level=2)
        word.paragraphs(text)


def _table(
    word: WordDocument,
    caption: str,
    columns: list[dict[str, Any]],
    rows: list[list[Any]],
    total: list[Any] | None = None,
) -> None:
    """A table, when it has rows."""
    if rows:
        word.table(caption=caption, columns=columns, rows=rows, total=total)
