"""The frozen sources of the boards' documents: everything that is printed, as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from applications.freezing import latest_received
from boards.attendance import ordinary_seats
from boards.consultation import statements_of
from boards.deadlines import attestation_due, legal_force_day
from boards.effort_letters import effort_letter
from boards.memo_content import frame_named, memo_snapshot
from boards.minutes import frozen_content
from boards.models import (
    AgendaItem,
    DecisionMemo,
    ItemKind,
    Meeting,
    Minutes,
    MinutesState,
    Outcome,
    Paragraph,
)
from boards.queries import final_memo
from finsam import clock
from finsam.typography import clock_time, date_long, kronor, moment_long, number, weekday

Column = dict[str, Any]


def column(text: str, *, numeric: bool = False, width: int | None = None) -> Column:
    return {"text": text, "numeric": numeric, "width": width}


def memo_source(memo: DecisionMemo) -> dict[str, Any]:
    """The memo, from its frozen snapshot with the tables laid out."""
    content: Mapping[str, Any] = memo.snapshot or memo_snapshot(memo)
    return {
        **content,
        "proposal_intro": f"{content['to']} föreslås besluta",
        "party_columns": [column("Part"), column("Roll", width=30)],
        "party_rows": [[party["name"], party["role"]] for party in content["parties"]],
        "criteria_columns": [
            column("Kriterium", width=45),
            column("Bedömning", width=18),
            column("Skäl"),
        ],
        "criteria_rows": [
            [row["criterion"], row["verdict"], row["text"]] for row in content["criteria"]
        ],
        **_statements(content.get("statements", ())),
        "basis": basis_of(memo),
        **_frame_tables(content),
        **_distribution(content.get("distribution")),
        **_cost_table(content.get("budget", {})),
    }


def _statements(rows: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """The statements of the consultation as a table, or nothing when there was none."""
    return {
        "statement_columns": [
            column("Grupp", width=20),
            column("Ledamot", width=25),
            column("Ställning", width=17),
            column("Synpunkter"),
        ],
        "statement_rows": [[row["body"], row["who"], row["position"], row["text"]] for row in rows],
    }


def basis_of(memo: DecisionMemo) -> list[str]:
    """What the proposal rests on: the application with its version, budget, annexes, statements."""
    application = memo.application
    version = latest_received(application)
    number = application.case.number if application.case else ""
    found = [f"Ansökan {number}".strip()]
    if version is not None:
        found.append("Budget till ansökan")
        found += [f"Bilaga: {annex['title']}" for annex in version.content.get("annexes", ())]
    found += [f"Yttranden från {one['body']}" for one in statements_of(application)]
    recommendation = application.recommendations.first()
    if recommendation is not None:
        day = date_long(clock.stockholm(recommendation.recorded_at))
        found.append(f"{application.association.council_name}s rekommendation {day}")
    return found


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _frame_tables(content: Mapping[str, Any]) -> dict[str, Any]:
    frame = content["frame"]
    if frame is None:
        return {"frame": None}
    amount = content["amount"] or 0
    return {
        "frame": frame,
        "frame_caption": _first_upper(f"{frame_named(frame['name'])}, kronor"),
        "frame_columns": [
            column(""),
            column("Före", numeric=True),
            column("Detta förslag", numeric=True),
            column("Efter", numeric=True),
        ],
        "frame_rows": [
            ["Ram", number(frame["amount"]), "–", number(frame["amount"])],
            [
                "Beviljat",
                number(frame["granted"]),
                number(amount),
                number(frame["granted"] + amount),
            ],
        ],
        "frame_total": ["Kvar", number(frame["remaining"]), "", number(frame["after"])],
        "frame_parts": [
            {"text": "Beviljat före", "amount": frame["granted"], "tone": "second"},
            {"text": "Detta förslag", "amount": amount, "tone": ""},
            {"text": "Kvar", "amount": max(frame["after"], 0), "tone": "rest"},
        ],
    }


def _distribution(said: Mapping[str, Any] | None) -> dict[str, Any]:
    """The distribution that is put forward, beside plan, sought and the other alternatives."""
    if not said:
        return {"distribution": None}
    names = [one["name"] for one in said["alternatives"]]
    plan = "Plan (räkneexempel)" if said["is_example"] else "Plan"
    rows = said["rows"]
    chosen = [row["amounts"][0] for row in rows]
    sums = [sum(row["plan"] for row in rows), sum(row["sought"] for row in rows)]
    sums += [one["total"] for one in said["alternatives"]]
    tones = ("", "second", "third")
    return {
        "distribution": said,
        "distribution_columns": [
            column("Del"),
            *(column(text, numeric=True) for text in (plan, "Sökt", *names)),
        ],
        "distribution_rows": [
            [row["label"], *map(number, (row["plan"], row["sought"], *row["amounts"]))]
            for row in rows
        ],
        "distribution_total": ["Summa", *map(number, sums)],
        "distribution_parts": [
            {"text": row["label"], "amount": amount, "tone": tones[at % 3]}
            for at, (row, amount) in enumerate(zip(rows, chosen, strict=True))
        ]
        + [{"text": "Kvar", "amount": max(said["frame"] - sum(chosen), 0), "tone": "rest"}],
    }


def _cost_table(budget: Mapping[str, Any]) -> dict[str, Any]:
    """Per party: staff, all costs, and what is sought; the parties in the budget's order."""
    cost, staff = budget.get("by_member") or {}, budget.get("staff_by_member") or {}
    sought = budget.get("requested_by_member") or {}
    names = list(dict.fromkeys([*cost, *sought]))
    sums = [[column_of.get(name, 0) for column_of in (staff, cost, sought)] for name in names]
    return {
        "staff_columns": [
            column("Part"),
            column("Personal", numeric=True),
            column("All kostnad", numeric=True),
            column("Söks", numeric=True),
        ],
        "staff_rows": [[name, *map(number, row)] for name, row in zip(names, sums, strict=True)],
        "staff_total": ["Summa", *(number(sum(one)) for one in zip(*sums, strict=True))],
    }


def notice_source(meeting: Meeting) -> dict[str, Any]:
    """The notice with its agenda and the proposed decisions themselves."""
    day = clock.stockholm(meeting.starts_at)
    facts = [
        ("Tid", f"{weekday(day)} {date_long(day.date())} {clock_time(meeting.starts_at)}"),
        ("Plats", meeting.place),
        ("Form", meeting.get_mode_display()),
        ("Offentligt", "Ja, allmänheten får närvara" if meeting.is_public else "Nej"),
        ("Kallade", [str(seat) for seat in ordinary_seats(meeting.body, meeting.starts_at)]),
    ]
    sender = meeting.secretary
    return {
        "body": meeting.body.name,
        "heading": f"{meeting.body.name} {date_long(day.date())}",
        "facts": facts,
        "items": [
            _notice_item(item)
            for item in meeting.items.select_related(
                "application__case", "termination__application__case", "change__application__case"
            )
        ],
        "closing": "Anmäl förhinder till kansliet så snart som möjligt, så att en ersättare kan "
        "kallas.",
        "sender": sender.name if sender else meeting.association.name,
        "sender_title": sender.title if sender else "",
    }


def _notice_item(item: AgendaItem) -> dict[str, Any]:
    application = item.concerns
    memo = final_memo(item.application) if item.application else None
    clauses = memo.snapshot["clauses"] if memo and memo.snapshot else []
    return {
        "position": item.position,
        "title": item.title,
        "kind": "Formalia" if item.kind in FORMAL else item.get_kind_display(),
        "register_number": application.case.number if application and application.case else "",
        "presenter": item.presenter,
        "presents_at": clock_time(item.presents_at) if item.presents_at else "",
        "papers": _papers(item, has_memo=memo is not None),
        "intro": f"{item.meeting.body.name} föreslås besluta",
        "clauses": clauses,
        "proposal": item.proposal,
    }


FORMAL = (
    ItemKind.OPENING,
    ItemKind.ATTESTERS,
    ItemKind.AGENDA,
    ItemKind.PREVIOUS_MINUTES,
    ItemKind.CLOSING,
)


def _papers(item: AgendaItem, *, has_memo: bool) -> list[str]:
    """The titles of the item's documents: memo, application, annexes."""
    if item.effort is not None:
        return ["Tjänsteskrivelse"]
    version = latest_received(item.application) if item.application else None
    if version is None:
        return []
    annexes = [str(annex["title"]) for annex in version.content.get("annexes", ())]
    return [*(["Beslutsunderlag"] if has_memo else []), "Ansökan", *annexes]


def minutes_source(minutes: Minutes) -> dict[str, Any]:
    """The minutes, from the content that was frozen for the attesters once it was."""
    content = frozen_content(minutes)
    attested = minutes.state == MinutesState.ATTESTED
    serving = [row for row in content["serving"] if row["interval"]]
    others = [row for row in content["serving"] if not row["interval"]]
    return {
        **content,
        "facts": [
            ("Tid", f"{content['day']} kl. {content['from']}–{content['to']}"),
            ("Ajournerat", [f"kl. {said}" for said in content.get("breaks", [])]),
            ("Plats", f"{content['place']} ({content['mode'].lower()})"),
            ("Paragrafer", content.get("range") or "§§ {}–{}".format(*content["numbers"])),
            ("Sekreterare", content["secretary"]),
            *_attestation_facts(minutes, content),
        ],
        "serving_columns": [
            column("Namn"),
            column("Uppdrag"),
            column("Medlem"),
            column("Tjänstgjorde"),
        ],
        "serving_rows": [_serving_row(row, content.get("recused", {})) for row in serving],
        "other_columns": [column("Namn"), column("Roll")],
        "other_rows": [[row["name"], f"{row['function']}, {row['member']}"] for row in others]
        + [[guest["name"], guest["function"]] for guest in content["guests"]],
        "signatures": _signatures(minutes, content),
        "initials": _initials(minutes, content),
        "notice_columns": [
            column("Anslagstavla", width=46),
            column("Anslås senast"),
            column("Tas ned tidigast"),
        ],
        "notice_rows": _notice_rows(minutes),
        "kept_at": minutes.meeting.association.office_name,
        "is_attested": attested,
        "is_draft": minutes.state == MinutesState.DRAFT,
        "attested_at": minutes.attested_at.isoformat() if minutes.attested_at else "",
        "content_hash": minutes.content_hash,
    }


def _serving_row(row: Mapping[str, Any], recused: Mapping[str, str]) -> list[str]:
    function = f"{row['function']} för {row['for']}" if row["for"] else row["function"]
    interval = f"{row['interval']}, på distans" if row["remote"] else row["interval"]
    out_of = recused.get(row["name"], "")
    if out_of:
        interval += f" (jäv {out_of})"
    return [row["name"], function, row["member"], interval]


def _attestation_facts(minutes: Minutes, content: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Who attests, and when and where that was or has to be done (KL 5:69)."""
    people = [f"{one['name']}, {one['member']}" for one in content["attesters"]]
    if minutes.attested_at:
        when = f"Elektroniskt i portalen, klart {moment_long(minutes.attested_at)}"
    else:
        due = attestation_due(clock.stockholm(minutes.meeting.starts_at).date())
        when = f"Elektroniskt i portalen, senast {date_long(due)}"
    return [("Justeras av", people), ("Justeringens tid och plats", when)]


def _initials(minutes: Minutes, content: Mapping[str, Any]) -> str:
    """The initials of those who have attested, for the foot of every page."""
    signed = [one["name"] for one in _signatures(minutes, content) if one.get("at")]
    return ", ".join("".join(part[0] for part in name.split()) for name in signed)


def _signatures(minutes: Minutes, content: Mapping[str, Any]) -> list[dict[str, Any]]:
    done = {
        one.attester.seat.user.name: one.attested_at.isoformat()
        for one in minutes.attestations.filter(content_hash=minutes.content_hash).select_related(
            "attester__seat__user"
        )
    }
    secretary = {"role": "Sekreterare", "name": content["secretary"], "organisation": ""}
    return [
        secretary,
        *(
            {
                "role": one["function"],
                "name": one["name"],
                "organisation": one["member"],
                "at": done.get(one["name"], ""),
                "method": "Justerat elektroniskt",
            }
            for one in content["attesters"]
        ),
    ]


def _notice_rows(minutes: Minutes) -> list[list[str]]:
    """The day of each posting stands on the public notice page: attested minutes never change."""
    return [
        [
            notice.notice_board.name,
            date_long(notice.due_on),
            date_long(legal_force_day(notice.due_on)),
        ]
        for notice in minutes.notices.filter(paragraph=None).select_related("notice_board")
    ]


def paragraph_source(paragraph: Paragraph) -> dict[str, Any]:
    """One paragraph that was attested at once, with who decided and who attested."""
    content: Mapping[str, Any] = paragraph.content or {}
    signed = {
        one.seat.user.name: one.attested_at.isoformat() if one.attested_at else ""
        for one in paragraph.attestations.select_related("seat__user")
    }
    return {
        **content,
        "facts": [
            ("Tid", content["day"]),
            ("Plats", f"{content['place']} ({content['mode'].lower()})"),
            ("Sekreterare", content["secretary"]),
        ],
        "serving_columns": [column("Namn"), column("Uppdrag"), column("Medlem")],
        "serving_rows": [_taking_part(row) for row in content["serving"]],
        "signatures": [
            {
                "role": one["function"],
                "name": one["name"],
                "organisation": one["member"],
                "at": signed.get(one["name"], ""),
                "method": "Justerat elektroniskt",
            }
            for one in content["attesters"]
        ],
        "kept_at": paragraph.minutes.meeting.association.office_name,
        "attested_at": paragraph.attested_at.isoformat() if paragraph.attested_at else "",
        "content_hash": paragraph.content_hash,
    }


def _taking_part(row: Mapping[str, Any]) -> list[str]:
    function = f"{row['function']} för {row['for']}" if row["for"] else row["function"]
    return [row["name"], f"{function}, på distans" if row["remote"] else function, row["member"]]


def attested_content(paragraph: Paragraph) -> dict[str, Any]:
    """An attested paragraph with where it stands: by itself, or in its minutes."""
    by_itself = paragraph.attested_at is not None
    holder = paragraph if by_itself else paragraph.minutes
    content = (paragraph.content or {}) if by_itself else frozen_content(paragraph.minutes)
    return {
        "body": content["body"],
        "day": content["day"],
        "paragraph": content["paragraph"]
        if by_itself
        else _paragraph_of(content, paragraph.number),
        "attested_at": holder.attested_at.isoformat() if holder.attested_at else "",
        "content_hash": holder.content_hash,
    }


def extract_source(paragraph: Paragraph) -> dict[str, Any]:
    """One paragraph of attested minutes, certified."""
    return attested_content(paragraph)


def letter_source(paragraph: Paragraph) -> dict[str, Any]:
    """The decision as the applicant gets it: outcome, sum, what happens next, how to appeal."""
    content, item = attested_content(paragraph), paragraph.item
    application = item.treated_application
    association = application.association
    said = (
        _application_letter(item, content["body"])
        if item.effort is None
        else effort_letter(item, content["body"])
    )
    decided = f"{content['body']}, {content['day']}, § {paragraph.number}"
    return {
        **said,
        "recipient": application.parties.get(is_lead=True).name,
        "facts": [("Beslutande", decided), *said["facts"]],
        "paragraph": content["paragraph"],
        "appeal": APPEAL,
        "sender": association.name,
        "sender_title": association.director_title,
    }


def _application_letter(item: AgendaItem, body: str) -> dict[str, Any]:
    application, decision = item.treated_application, item.decision
    association, granted = application.association, decision.amount
    outcome = decision.get_outcome_display().lower()
    number = application.case.number if application.case else ""
    return {
        "heading": f"Beslut om {application.title}",
        "ingress": f"{body} har behandlat er ansökan. Utfallet är {outcome}"
        + (f" med {kronor(granted)}." if granted else "."),
        "facts": [
            ("Ansökan", f"{application.title}, {number}"),
            ("Beviljat belopp", kronor(granted) if granted else ""),
            ("Finansiering", decision.frame.name if decision.frame else ""),
        ],
        "next_steps": NEXT_STEPS.get(decision.outcome, NEXT_STEPS[Outcome.TABLED]).format(
            director=association.director_title.capitalize(),
            office=association.office_name.capitalize(),
        ),
    }


NEXT_STEPS: dict[str, str] = {
    Outcome.GRANTED: "{director}en tar fram en överenskommelse som parterna skriver under. "
    "Överenskommelsen ska vara klar innan insatsen börjar.",
    Outcome.PARTLY_GRANTED: "Gå igenom vad som kan göras inom det beviljade beloppet, och lämna in "
    "en reviderad budget i portalen. När den är godkänd går det att rekvirera. "
    "{director}en tar fram en överenskommelse som parterna skriver under innan insatsen börjar.",
    Outcome.REJECTED: "Ärendet är avslutat. Ni är välkomna att höra av er till kansliet för att "
    "tala om beslutet och om en ny ansökan.",
    Outcome.REFERRED_BACK: "{office} hör av sig om vad som behöver beredas vidare.",
    Outcome.TABLED: "Ärendet tas upp igen på ett kommande möte. Ni behöver inte göra något nu.",
}
APPEAL = (
    "Beslutet kan prövas genom laglighetsprövning enligt 13 kap. kommunallagen. Den som är medlem "
    "i en kommun eller region som ingår i förbundet kan överklaga.\n\n"
    "Skriv till förvaltningsrätten: vilket beslut som överklagas, varför det är olagligt och hur "
    "det ska ändras. Överklagandet ska ha kommit in till förvaltningsrätten inom tre veckor från "
    "den dag då justeringen av protokollet tillkännagavs på anslagstavlan."
)


def _paragraph_of(content: Mapping[str, Any], wanted: int) -> dict[str, Any]:
    return next(dict(one) for one in content["paragraphs"] if one["number"] == wanted)
