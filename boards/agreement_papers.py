"""The agreement on paper and in the post: its document, and the mails about signing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse

from applications.models import SignatureMethod
from boards.agreement_content import ADDENDUM_TEXTS, TEXTS, signing_parties
from boards.document_sources import column
from boards.models import Agreement, AgreementState, AgreementVersion
from finsam import clock
from finsam.documents.documents import promise_document
from finsam.documents.word import WordDocument
from finsam.jobs.models import Job
from finsam.messages.mail import send_mail
from finsam.people.models import Role, RoleKind, User
from finsam.registry.models import Direction
from finsam.typography import kronor, number

BUDGET = "Beviljat belopp per post, kronor"
METHODS: dict[str, str] = {
    SignatureMethod.LOGGED_APPROVAL: "Undertecknat i portalen med lösenord",
    SignatureMethod.PAPER: "Undertecknat på papper, registrerat",
    SignatureMethod.EXTERNAL: "Undertecknat med e-legitimation",
}


def document_key(agreement: Agreement) -> str:
    return f"agreement:{agreement.pk}"


def promise_agreement(agreement: Agreement, version: AgreementVersion, actor: User) -> Job:
    """Promise the document: to read and sign, and registered when all have signed."""
    application = agreement.application
    is_signed = agreement.state == AgreementState.SIGNED
    return promise_document(
        association=application.association,
        kind="agreement" if agreement.change_id is None else "addendum",
        key=document_key(agreement),
        title=str(agreement)[:250],
        source=agreement_source(version, signed=is_signed),
        case=application.case,
        requested_by=actor,
        register=Direction.DRAWN_UP if is_signed else None,
    )


def agreement_source(version: AgreementVersion, *, signed: bool) -> dict[str, Any]:
    """The version as it is printed; until all have signed with lines to sign on."""
    content: Mapping[str, Any] = version.content
    rows = version.signatures.select_related("party") if signed else ()
    given = {row.party.name if row.party else "": row for row in rows}
    association = content["association"]
    return {
        **laid_out(content),
        "is_signed": signed,
        "version": version.number,
        "content_hash": version.content_hash,
        "signatures": [
            _line(given.get(key), name)
            for key, name in [
                ("", association["name"]),
                *((one["name"], one["name"]) for one in content["parties"] if one["signs"]),
            ]
        ],
    }


def laid_out(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content with its tables and headings in order, for page, PDF and Word alike."""
    if "change" in content:
        return laid_out_addendum(content)
    parties = [{**content["association"], "role": "Finansiär"}] + [
        {**one, "role": "Huvudman" if one["is_lead"] else "Medsökande"}
        for one in content["parties"]
    ]
    decision = content["decision"]
    decided = f"{decision['body']}, {decision['day']}, § {decision['number']}"
    total = sum(row["amount"] for row in content["budget"])
    returned = content.get("return_plan", [])
    return {
        **content,
        "heading": f"Avtal om {content['effort']}",
        "facts": [
            ("Insats", content["effort"]),
            ("Program", content["programme"]),
            ("Beslut", f"{decided}, dnr {content['register_number']}"),
            ("Period", content["period"]["text"]),
            ("Beviljat belopp", kronor(content["amount"])),
            ("Finansiering", content["source"]),
        ],
        **_party_table(parties),
        "budget_caption": BUDGET,
        "budget_columns": [column("Post"), column("Kronor", numeric=True)],
        "budget_rows": [[row["label"], number(row["amount"])] for row in content["budget"]],
        "budget_total": ["Summa", number(total)] if content["budget"] else None,
        "return_columns": [
            column("Enhet och år"),
            column("Besparing, kr", numeric=True),
            column("Andel, %", numeric=True),
            column("Återförs, kr", numeric=True),
        ],
        "return_rows": [
            [
                f"{row['unit']} {row['year']}",
                number(row["saving"]),
                row["share"],
                number(row["amount"]),
            ]
            for row in returned
        ],
        "return_total": ["Summa", "", "", number(sum(row["amount"] for row in returned))],
        "written": [
            {"heading": heading, "text": content["texts"][key]}
            for key, heading in TEXTS.items()
            if content["texts"][key]
        ],
    }


def laid_out_addendum(content: Mapping[str, Any]) -> dict[str, Any]:
    """The same of an addendum: what is changed, by which decision, and that the rest holds."""
    rows, parties = content["budget"], [one for one in content["parties"] if one["is_in"]]
    decision, number_ = content["decision"], content["change"]["number"]
    before, after = (sum(row[key] for row in rows) for key in ("before", "amount"))
    written = {"Det här ändras": "\n".join(content["changed"]), "Skäl": content["change"]["reason"]}
    other = {ADDENDUM_TEXTS[key]: text for key, text in content["texts"].items() if text}
    return {
        **content,
        "heading": f"Tilläggsavtal {number_} om {content['effort']}",
        "conditions": "",
        "facts": [
            ("Insats", content["effort"]),
            ("Program", content["programme"]),
            ("Avtal", f"Undertecknat av alla {content['agreed_on']}"),
            ("Beslut om ändringen", f"{decision['in_words']}, dnr {content['register_number']}"),
            ("Period", content["period"]["text"]),
            ("Bidrag efter ändringen", kronor(content["amount"])),
        ],
        **_party_table([{**content["association"], "role": "Finansiär"}, *parties]),
        "budget_caption": "Ändrade poster, kronor",
        "budget_columns": [
            column("Post"),
            column("Före", numeric=True),
            column("Efter", numeric=True),
        ],
        "budget_rows": [
            [row["label"], number(row["before"]), number(row["amount"])] for row in rows
        ],
        "budget_total": ["Summa", number(before), number(after)] if rows else None,
        "return_rows": [],
        "written": [{"heading": key, "text": text} for key, text in written.items()],
        "clauses": [
            *({"heading": key, "text": text} for key, text in other.items()),
            {"heading": "I övrigt", "text": content["rest"]},
        ],
    }


def _party_table(parties: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "party_columns": [
            column("Part"),
            column("Organisationsnummer", width=28),
            column("Roll", width=20),
        ],
        "party_rows": [
            [one["name"], one["organisation_number"] or "–", one["role"]] for one in parties
        ],
    }


def _line(row: Any, organisation: str) -> dict[str, Any]:
    if row is None:
        return {"name": "", "role": "Namn och befattning", "organisation": organisation}
    return {
        "name": row.signatory_name,
        "role": row.signatory_title or "Firmatecknare",
        "organisation": organisation,
        "at": row.signed_at.isoformat(),
        "method": METHODS[row.method],
    }


def write_agreement(source: Mapping[str, Any]) -> bytes:
    """The agreement as a Word file, in the order of its PDF."""
    word = WordDocument(source)
    word.meta(source["association"]["name"], f"Dnr {source['register_number']}")
    word.title(source["heading"])
    word.heading("Parter")
    word.table(
        caption="Avtalets parter", columns=source["party_columns"], rows=source["party_rows"]
    )
    word.heading("Bakgrund")
    word.facts([(term, value) for term, value in source["facts"] if value])
    word.decision(source["decision"]["lead"], source["decision"]["clauses"])
    if source["conditions"]:
        word.heading("Villkor i beslutet", level=2)
        word.paragraphs(source["conditions"])
    if source["budget_rows"]:
        word.heading("Budget")
        word.table(
            caption=source.get("budget_caption", BUDGET),
            columns=source["budget_columns"],
            rows=source["budget_rows"],
            total=source["budget_total"],
        )
    if source["return_rows"]:
        word.heading("Återföring")
        word.table(
            caption="Återföring till fonden per enhet och år",
            columns=source["return_columns"],
            rows=source["return_rows"],
            total=source["return_total"],
        )
    for one in [*source["written"], *source["clauses"]]:
        word.heading(one["heading"])
        word.paragraphs(one["text"])
    word.heading("Underskrifter")
    word.signatures(source["signatures"])
    word.paragraph(f"Version {source['version']}. Kontrollsumma: {source['content_hash']}")
    return word.as_bytes()


def page_of(agreement: Agreement) -> str:
    """Where the parties and the association read and sign it."""
    return address_of("agreement", agreement)


def address_of(name: str, agreement: Agreement) -> str:
    """One of the agreement's addresses; those of an addendum name its change."""
    application = agreement.application
    args: list[object] = [application.association.slug, application.public_id]
    if agreement.change is None:
        return reverse(f"boards:{name}", args=args)
    return reverse(
        f"boards:{name.replace('agreement', 'addendum')}", args=[*args, agreement.number]
    )


def ask_for_signatures(agreement: Agreement, version: AgreementVersion) -> None:
    """A mail to each who may sign: the members' signatories, and the association's director."""
    application = agreement.application
    members = {one.member_id: one.name for one in signing_parties(agreement)}
    held = Role.objects.held_on(clock.today()).filter(association=application.association)
    asked = [
        *held.filter(kind=RoleKind.SIGNATORY, member__in=list(members)),
        *held.filter(kind=RoleKind.DIRECTOR),
    ]
    for user, party in dict.fromkeys(
        (one.user, members.get(one.member_id, application.association.name)) for one in asked
    ):
        send_mail(
            association=application.association,
            to=user,
            event_key=f"agreement:{version.pk}:{party}"[:120],
            subject=f"{agreement.kind_label} att skriva under: {application.title}",
            template="mail/agreement_sign.txt",
            context={
                "what": str(agreement),
                "is_addendum": agreement.change_id is not None,
                "party": party,
                "path": page_of(agreement),
            },
            case=application.case,
        )


def tell_voided(agreement: Agreement, version: AgreementVersion, reason: str, actor: User) -> None:
    """A mail to those who had signed a version that no longer holds, and to who sent it."""
    application = agreement.application
    what = "Avtalet" if agreement.change_id is None else agreement.kind_label
    people = {row.user for row in version.signatures.select_related("user")}
    people |= {version.created_by}
    for user in sorted(people - {actor}, key=lambda one: one.pk):
        send_mail(
            association=application.association,
            to=user,
            event_key=f"agreement_void:{version.pk}",
            subject=f"{what} gäller inte längre: {application.title}",
            template="mail/agreement_void.txt",
            context={
                "what": str(agreement),
                "who": actor.get_full_name(),
                "reason": reason,
                "path": page_of(agreement),
            },
            case=application.case,
        )
