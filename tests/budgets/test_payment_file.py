"""The payment file's build: what pain.001.001.03 asks of order, presence, lengths and patterns.

The schema itself is not among our dependencies; this is its part that the file uses, written down
by hand from the message definition, so that an element in the wrong place or too long is seen.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any
from xml.etree.ElementTree import Element, fromstring, tostring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgets.payment_file import NAMESPACE, Payer, Payment, check_payment_xml, payment_xml
from budgets.payment_settings import BIC

# Each element with what it may hold, in order: name, least and most times. A text has a pattern.
MANY = 10**6
TREE: dict[str, list[tuple[str, int, int]] | str] = {
    "Document": [("CstmrCdtTrfInitn", 1, 1)],
    "CstmrCdtTrfInitn": [("GrpHdr", 1, 1), ("PmtInf", 1, MANY)],
    "GrpHdr": [("MsgId", 1, 1), ("CreDtTm", 1, 1), ("NbOfTxs", 1, 1), ("CtrlSum", 0, 1),
               ("InitgPty", 1, 1)],
    "PmtInf": [("PmtInfId", 1, 1), ("PmtMtd", 1, 1), ("NbOfTxs", 0, 1), ("CtrlSum", 0, 1),
               ("PmtTpInf", 0, 1), ("ReqdExctnDt", 1, 1), ("Dbtr", 1, 1), ("DbtrAcct", 1, 1),
               ("DbtrAgt", 1, 1), ("ChrgBr", 0, 1), ("CdtTrfTxInf", 1, MANY)],
    "CdtTrfTxInf": [("PmtId", 1, 1), ("Amt", 1, 1), ("CdtrAgt", 0, 1), ("Cdtr", 0, 1),
                    ("CdtrAcct", 0, 1), ("RmtInf", 0, 1)],
    "PmtId": [("InstrId", 0, 1), ("EndToEndId", 1, 1)],
    "Amt": [("InstdAmt", 1, 1)],
    "InitgPty": [("Nm", 0, 1), ("Id", 0, 1)],
    "Dbtr": [("Nm", 0, 1)],
    "Cdtr": [("Nm", 0, 1)],
    "InitgPty/Id": [("OrgId", 1, 1)],
    "OrgId": [("Othr", 0, MANY)],
    "OrgId/Othr": [("Id", 1, 1)],
    "DbtrAcct": [("Id", 1, 1), ("Ccy", 0, 1)],
    "CdtrAcct": [("Id", 1, 1)],
    "DbtrAcct/Id": [("IBAN", 0, 1), ("Othr", 0, 1)],
    "CdtrAcct/Id": [("IBAN", 0, 1), ("Othr", 0, 1)],
    "Id/Othr": [("Id", 1, 1), ("SchmeNm", 0, 1)],
    "SchmeNm": [("Cd", 0, 1), ("Prtry", 0, 1)],
    "DbtrAgt": [("FinInstnId", 1, 1)],
    "CdtrAgt": [("FinInstnId", 1, 1)],
    "FinInstnId": [("BIC", 0, 1), ("ClrSysMmbId", 0, 1)],
    "ClrSysMmbId": [("ClrSysId", 0, 1), ("MmbId", 1, 1)],
    "ClrSysId": [("Cd", 1, 1)],
    "PmtTpInf": [("SvcLvl", 0, 1)],
    "SvcLvl": [("Cd", 1, 1)],
    "RmtInf": [("Ustrd", 0, MANY)],
    "MsgId": r".{1,35}", "PmtInfId": r".{1,35}", "InstrId": r".{1,35}", "EndToEndId": r".{1,35}",
    "CreDtTm": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", "ReqdExctnDt": r"\d{4}-\d\d-\d\d",
    "NbOfTxs": r"[0-9]{1,15}", "CtrlSum": r"\d{1,16}\.\d\d", "InstdAmt": r"\d{1,16}\.\d\d",
    "PmtMtd": r"TRF", "ChrgBr": r"DEBT|CRED|SHAR|SLEV", "Nm": r".{1,140}", "Ustrd": r".{1,140}",
    "IBAN": r"[A-Z]{2}[0-9]{2}[a-zA-Z0-9]{1,30}", "BIC": BIC.pattern, "Ccy": r"[A-Z]{3}",
    "OrgId/Othr/Id": r".{1,35}", "Id/Othr/Id": r".{1,34}", "SchmeNm/Cd": r".{1,4}",
    "Prtry": r".{1,35}", "MmbId": r".{1,35}", "ClrSysId/Cd": r".{1,5}", "SvcLvl/Cd": r".{1,4}",
}  # fmt: skip
PAYER = Payer("Samordningsförbundet Sjö", "222000-1234", "bankgiro", "54029681", "ESSESESS")
PAYMENT = Payment("R1-1", "Ekby kommun", "bankgiro", "54029681", 160_000, "Rekvisition 1")


def faults(text: str) -> list[str]:
    """What does not hold, as a path and a word."""
    found: list[str] = []

    def walk(place: Element, way: tuple[str, ...]) -> None:
        name = place.tag.removeprefix(f"{{{NAMESPACE}}}")
        here = (*way, name)
        names = ["/".join(here[-length:]) for length in (3, 2, 1)]
        rule = next((TREE[each] for each in names if each in TREE), None)
        if rule is None:
            found.append(f"{'/'.join(here)}: unknown")
        elif isinstance(rule, str):
            if len(place) or not re.fullmatch(rule, place.text or ""):
                found.append(f"{'/'.join(here)}: {place.text!r}")
        else:
            children = [child.tag.removeprefix(f"{{{NAMESPACE}}}") for child in place]
            order = [part for part, _, _ in rule]
            if not set(children) <= set(order) or children != sorted(children, key=order.index):
                found.append(f"{'/'.join(here)}: order {children}")
            found.extend(
                f"{'/'.join(here)}: {part} {children.count(part)} times"
                for part, least, most in rule
                if not least <= children.count(part) <= most
            )
            for child in place:
                walk(child, here)

    walk(fromstring(text), ())
    return found


def made(*payments: Payment, payer: Payer = PAYER, message_id: str = "SFS-2026-1") -> str:
    return payment_xml(
        message_id=message_id, made_at=datetime(2026, 11, 28, 8, tzinfo=UTC),
        execute_on=date(2026, 11, 30), payer=payer, payments=payments,
    )  # fmt: skip


ACCOUNTS = st.sampled_from(
    [("bankgiro", "54029681"), ("plusgiro", "1234566"), ("iban", "SE4550000000058398257466")]
)
WORDS = st.text(max_size=200).map(lambda text: f"Ekby {text}")


@st.composite
def many(draw: st.DrawFn) -> list[Payment]:
    amounts = draw(st.lists(st.integers(1, 10**9), min_size=1, max_size=5))
    return [
        Payment(f"R{at}-1", draw(WORDS), *draw(ACCOUNTS), amount, draw(WORDS))
        for at, amount in enumerate(amounts)
    ]


@settings(max_examples=40)
@given(many(), WORDS, ACCOUNTS, st.sampled_from(["222000-1234", ""]))
def test_whatever_is_paid_the_file_is_built_as_the_message_asks(
    payments: list[Payment], name: str, account: tuple[str, str], organisation: str
) -> None:
    payer = Payer(name, organisation, *account, "ESSESESS")

    text = made(*payments, payer=payer, message_id=f"{name}-2026-1".replace(" ", ""))

    assert faults(text) == []
    root = fromstring(text)
    total = f"{sum(payment.amount for payment in payments)}.00"
    assert [each.text for each in root.iter(f"{{{NAMESPACE}}}CtrlSum")] == [total] * 2
    assert [each.text for each in root.iter(f"{{{NAMESPACE}}}NbOfTxs")] == [str(len(payments))] * 2


def _swap(root: Element, path: str) -> None:
    place = root.find("/".join(f"{{{NAMESPACE}}}{step}" for step in path.split("/")))
    assert place is not None
    first = place[0]
    place.remove(first)
    place.append(first)


def _text(root: Element, name: str, text: str) -> None:
    for place in root.iter(f"{{{NAMESPACE}}}{name}"):
        place.text = text


SPOILT: dict[str, Any] = {
    "order": lambda root: _swap(root, "CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf"),
    "head": lambda root: _swap(root, "CstmrCdtTrfInitn/GrpHdr"),
    "required": lambda root: root[0][1][-1].remove(root[0][1][-1][0]),
    "reference": lambda root: _text(root, "EndToEndId", "x" * 36),
    "empty name": lambda root: _text(root, "Nm", ""),
    "BIC": lambda root: _text(root, "BIC", "ESSE"),
    "amount": lambda root: _text(root, "InstdAmt", "160 000,00"),
    "day": lambda root: _text(root, "ReqdExctnDt", "30 november"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_the_check_sees_what_is_spoilt(name: str) -> None:
    root = fromstring(made(PAYMENT))
    assert faults(tostring(root, encoding="unicode")) == []
    SPOILT[name](root)

    assert len(faults(tostring(root, encoding="unicode"))) >= 1


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("CtrlSum", "160001.00", "control sum"),
        ("NbOfTxs", "2", "count"),
        ("InstdAmt", "160001.00", "amounts"),
        ("EndToEndId", "", "references"),
    ],
)
def test_a_file_that_does_not_add_up_is_not_given_out(name: str, text: str, words: str) -> None:
    root = fromstring(made(PAYMENT))
    _text(root, name, text)

    with pytest.raises(ValueError, match=words):
        check_payment_xml(tostring(root, encoding="unicode"), [PAYMENT])


@pytest.mark.parametrize(
    ("bic", "is_one"),
    [("ESSESESS", True), ("SWEDSESSXXX", True), ("ESSE", False), ("12345678", False),
     ("ESSESES0", True), ("ESSESE0S", False)],
)  # fmt: skip
def test_a_bic_is_written_as_iso_20022_asks(bic: str, is_one: bool) -> None:
    assert bool(BIC.fullmatch(bic)) is is_one
