"""The payment file's build: what the schema of pain.001.001.03 asks, whatever is paid to whom."""

from __future__ import annotations

import csv
import dataclasses
import functools
import importlib.resources
import io
from datetime import UTC, date, datetime
from typing import Any
from xml.etree.ElementTree import Element, fromstring, tostring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from budgets.payment_file import (
    NAMESPACE,
    Payer,
    Payment,
    check_payment_xml,
    payment_csv,
    payment_xml,
)
from budgets.payment_settings import BIC

PAYER = Payer("Samordningsförbundet Sjö", "222000-1234", "bankgiro", "54029681", "ESSESESS")
PAYMENT = Payment("R1-1", "Ekby kommun", "bankgiro", "54029681", 160_000, "Rekvisition 1")


@functools.cache
def schema() -> etree.XMLSchema:
    """The message's schema as ISO 20022 gives it out, out of a library of the tests."""
    place = importlib.resources.files("sepaxml") / "schemas" / "pain.001.001.03.xsd"
    return etree.XMLSchema(etree.fromstring(place.read_bytes()))


def faults(text: str) -> list[str]:
    """What the schema finds, as a place and a sentence."""
    found = schema()
    found.validate(etree.fromstring(text.encode()))
    return [f"{fault.path}: {fault.message}" for fault in found.error_log]


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
    "begins", ["=", "+", "-", "@", "\t", "\r", "\uff1d", "|", "=+", "@SUM("]
)  # fmt: skip
def test_I05_nothing_in_the_list_begins_a_formula(begins: str) -> None:
    text = f"{begins}cmd|' /C calc'!A0"
    spoilt = dataclasses.replace(PAYMENT, payee=text, message=text, reference=text)

    written = io.StringIO(payment_csv(date(2026, 11, 30), [spoilt]), newline="")
    _, row = csv.reader(written, delimiter=";")

    assert [row[1], row[2], row[6]] == [f"'{text}"] * 3
    assert row[5] == "160000"


@pytest.mark.parametrize(
    ("bic", "is_one"),
    [("ESSESESS", True), ("SWEDSESSXXX", True), ("ESSE", False), ("12345678", False),
     ("ESSESES0", True), ("ESSESE0S", False)],
)  # fmt: skip
def test_a_bic_is_written_as_iso_20022_asks(bic: str, is_one: bool) -> None:
    assert bool(BIC.fullmatch(bic)) is is_one
