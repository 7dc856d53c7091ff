"""The words by which sheets of the applicants' own give away what their rows and columns are."""

from __future__ import annotations

import re
from collections.abc import Mapping

from budgets.content import CostKind

# Columns, by the words of their headers. The order is the order in which they are tried.
TEXT_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "party": ("part", "parter", "vem", "huvudman", "medlem", "organisation", "aktör",
              "arbetsgivare", "myndighet", "ansvarig"),
    "note": ("anm", "anm.", "anmärkning", "kommentar", "notering", "not"),
}  # fmt: skip
FIGURE_COLUMNS: Mapping[str, re.Pattern[str]] = {
    "share": re.compile(r"heltid|omfattning|årsarb|grad\b|tjg|sysselsättning"),
    "yearly_salary": re.compile(r"årslön|lön per år|lön/år"),
    "salary": re.compile(r"lön"),
    "overhead": re.compile(r"\bpo\b|pålägg|sociala avg|lkp"),
    "months": re.compile(r"^mån(\b|ader)|antal mån"),
}
OTHER_TIME = re.compile(r"utfall|plan\b|prognos|föregående")
AMOUNT = re.compile(r"belopp|\bkr\b|kronor|summa|total|kostnad|budget|\btkr\b")
MONTHS = ("jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
YEAR = re.compile(r"\b(?:19|20)[0-9]{2}\b")
THOUSANDS = re.compile(r"\btkr\b|tusental kronor|tusen kronor", re.IGNORECASE)
SET_ASIDE = re.compile(r"gäller ej|gäller inte|gammal|gammalt|inaktuell|\bold\b", re.IGNORECASE)
HEADERS = re.compile(
    r"^(post|poster|funktion|befattning|benämning|kostnad|kostnader|kostnadsslag|källa|aktivitet|"
    r"beskrivning|roll|tjänst|yrke)\b|^personal\b"
)

# Rows, by the words of their labels.
TOTAL = re.compile(r"^(del|del-)?(summa|summor)\b|^total|\btotal\b|^tot\b|^sum\b")
PART_OF_TOTAL = re.compile(r"^del")
SOUGHT = re.compile(r"\b(söks|sökes|sökt|söker|att söka|sökta)\b")
OWN = re.compile(r"^avgår|\beg(en|et|na)\b|medfinansiering|kontant|natura")
IN_KIND = re.compile(r"natura|egen (tid|personal|insats)|egna insatser")
STAFF = re.compile(r"\blön\b|\binkl\.? po\b|[0-9]+ ?%")
SHARE = re.compile(r"([0-9]{1,3}(?:,[0-9]+)?) ?%")
SECTIONS: Mapping[str, re.Pattern[str]] = {
    "other": re.compile(r"övrig"),
    "staff": re.compile(r"personal|lönekostnad|löner"),
    "financing": re.compile(r"finansiering"),
}
KINDS: Mapping[CostKind, re.Pattern[str]] = {
    CostKind.PREMISES: re.compile(r"hyra|lokal(?!t)"),
    CostKind.EQUIPMENT: re.compile(
        r"dator|telefon|material|läromedel|utrustning|skyddskläder|verkstad|möbler|licens"
    ),
    CostKind.TRAVEL: re.compile(r"resor|resa\b|busskort|biljett|traktamente|milersättning"),
    CostKind.TRAINING: re.compile(r"utbildning|handledning|kurs|fortbildning"),
    CostKind.INFORMATION: re.compile(r"information|konferens|seminari|träff|trycksak|annons"),
    CostKind.EVALUATION: re.compile(r"utvärdering"),
    CostKind.SERVICES: re.compile(r"tolk|barnpassning|förening|konsult|köpt|inhyrd|tjänster\b"),
    CostKind.ADMINISTRATION: re.compile(r"administra|\boh\b|overhead|ekonomiadm"),
}


def kind_of(label: str) -> tuple[CostKind, str] | None:
    """The kind of cost that the first telling word of a label names, and that word."""
    found = [
        (match.start(), kind, match[0])
        for kind, words in KINDS.items()
        if (match := words.search(label.casefold()))
    ]
    return min(found)[1:] if found else None
