"""The payment file for the bank (ISO 20022 pain.001.001.03), and the same as a list.

Written with the standard library: the libraries there are take IBAN accounts alone, and Swedish
payees have bankgiro.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from defusedxml.ElementTree import fromstring

from budgets.models import AccountType
from budgets.payment_accounts import written

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"
# Bankgirot and Plusgirot as members of the Swedish clearing.
CLEARING = {AccountType.BANKGIRO: "9900", AccountType.PLUSGIRO: "9960"}
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "|")


@dataclass(frozen=True)
class Payer:
    name: str
    organisation_number: str
    account_type: str
    account: str
    bic: str


@dataclass(frozen=True)
class Payment:
    """One payee's payment in whole kronor; `reference` is unique in the file."""

    reference: str
    payee: str
    account_type: str
    account: str
    amount: int
    message: str


def payment_xml(
    *,
    message_id: str,
    made_at: datetime,
    execute_on: date,
    payer: Payer,
    payments: Sequence[Payment],
) -> str:
    """The file as text, checked before it is given: counts, sums, lengths, unique references.

    Raises ValueError when it does not hold.
    """
    register_namespace("", NAMESPACE)
    root = Element(_name("Document"))
    message = SubElement(root, _name("CstmrCdtTrfInitn"))
    head = _add(message, "GrpHdr")
    _add(head, "MsgId", _plain(message_id, 35))
    _add(head, "CreDtTm", made_at.strftime("%Y-%m-%dT%H:%M:%S"))
    _totals(head, payments)
    party = _add(head, "InitgPty")
    _add(party, "Nm", _plain(payer.name, 70))
    if payer.organisation_number:
        _add(party, "Id/OrgId/Othr/Id", payer.organisation_number.replace("-", ""))
    group = _add(message, "PmtInf")
    _add(group, "PmtInfId", _plain(message_id, 33) + "-1")
    _add(group, "PmtMtd", "TRF")
    _totals(group, payments)
    _add(group, "PmtTpInf/SvcLvl/Cd", "NURG")
    _add(group, "ReqdExctnDt", execute_on.isoformat())
    _add(group, "Dbtr/Nm", _plain(payer.name, 70))
    account = _add(group, "DbtrAcct")
    _account(account, payer.account_type, payer.account)
    _add(account, "Ccy", "SEK")
    _add(group, "DbtrAgt/FinInstnId/BIC", payer.bic)
    _add(group, "ChrgBr", "SLEV")
    for payment in payments:
        _transaction(group, payment)
    text = '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode")
    check_payment_xml(text, payments)
    return text


def check_payment_xml(text: str, payments: Sequence[Payment]) -> None:
    """Read the file again and compare. Raises ValueError, naming what does not hold."""
    root = fromstring(text)
    found = root.findall(f".//{_name('CdtTrfTxInf')}")
    written = [each.findtext(f".//{_name('InstdAmt')}", "") for each in found]
    amounts = [int(text.removesuffix(".00") or 0) for text in written]
    ends = [each.findtext(f".//{_name('EndToEndId')}", "") for each in found]
    if amounts != [payment.amount for payment in payments] or min(amounts, default=0) <= 0:
        raise ValueError("The amounts of the file are not those of the payments.")
    if len(set(ends)) != len(ends) or any(not end or len(end) > 35 for end in ends):
        raise ValueError("The references of the file are not unique.")
    for total in root.iter(_name("CtrlSum")):
        if total.text != f"{sum(amounts)}.00":
            raise ValueError("The control sum of the file is wrong.")
    for count in root.iter(_name("NbOfTxs")):
        if count.text != str(len(amounts)):
            raise ValueError("The count of the file is wrong.")
    if any(len(line.text or "") > 140 for line in root.iter(_name("Ustrd"))):
        raise ValueError("A message of the file is too long.")


def payment_csv(execute_on: date, payments: Sequence[Payment]) -> str:
    """The same payments as a list for the finance system: semicolons, no formulas."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(
        ["Betalningsdag", "Referens", "Mottagare", "Kontoslag", "Konto", "Belopp", "Text"]
    )
    for payment in payments:
        row = [
            execute_on.isoformat(),
            payment.reference,
            payment.payee,
            AccountType(payment.account_type).label,
            written(payment.account_type, payment.account),
            str(payment.amount),
            payment.message,
        ]
        writer.writerow([_harmless(cell) for cell in row])
    return out.getvalue()


def _harmless(cell: str) -> str:
    """A text that a spreadsheet does not take for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _transaction(group: Element, payment: Payment) -> None:
    made = _add(group, "CdtTrfTxInf")
    names = _add(made, "PmtId")
    _add(names, "InstrId", payment.reference[:35])
    _add(names, "EndToEndId", payment.reference[:35])
    amount = _add(made, "Amt/InstdAmt", f"{payment.amount}.00")
    amount.set("Ccy", "SEK")
    clearing = CLEARING.get(AccountType(payment.account_type))
    if clearing:
        member = _add(made, "CdtrAgt/FinInstnId/ClrSysMmbId")
        _add(member, "ClrSysId/Cd", "SESBA")
        _add(member, "MmbId", clearing)
    _add(made, "Cdtr/Nm", _plain(payment.payee, 70))
    _account(_add(made, "CdtrAcct"), payment.account_type, payment.account)
    _add(made, "RmtInf/Ustrd", _plain(payment.message, 140))


def _account(place: Element, kind: str, number: str) -> None:
    held = _add(place, "Id")
    if kind == AccountType.IBAN:
        _add(held, "IBAN", number)
        return
    other = _add(held, "Othr")
    _add(other, "Id", number)
    if kind == AccountType.BANKGIRO:
        _add(other, "SchmeNm/Prtry", "BGNR")
    else:
        _add(other, "SchmeNm/Cd", "BBAN")


def _plain(text: str, most: int) -> str:
    """One line of at most so many characters, without what XML or a bank cannot read."""
    readable = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(readable.split())[:most].strip()


def _totals(place: Element, payments: Sequence[Payment]) -> None:
    _add(place, "NbOfTxs", str(len(payments)))
    _add(place, "CtrlSum", f"{sum(payment.amount for payment in payments)}.00")


def _add(place: Element, path: str, text: str | None = None) -> Element:
    """A new element under `place`; the steps of a path become elements inside each other."""
    for step in path.split("/"):
        place = SubElement(place, _name(step))
    place.text = text
    return place


def _name(tag: str) -> str:
    return f"{{{NAMESPACE}}}{tag}"
