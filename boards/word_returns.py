"""Word files that come back: kept as they came, read, compared part by part, and then taken."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from applications.comparison import Piece, word_diff
from boards.errors import MeetingRefusal
from boards.memos import HEADINGS, choose_final_file, save_memo
from boards.minutes import edit_paragraph
from boards.models import (
    DecisionMemo,
    MemoState,
    Minutes,
    MinutesState,
    Outcome,
    WordReturn,
)
from boards.word_files import USUAL_TEXTS, fixed_parts
from finsam import clock
from finsam.documents.sandbox import call
from finsam.documents.storage import open_file
from finsam.documents.uploads import receive_upload
from finsam.people.models import User
from finsam.registry.events import record_event
from finsam.typography import kronor

READER = "finsam.documents.word_reading.read_word"
EDITED: dict[str, str] = {
    "Ärendet": "background",
    "Yrkanden": "motions",
    "Propositionsordning": "proposition_order",
    "Anteckning": "note",
    "Beslutet skickas till": "sent_to",
}
PROPOSAL, CONDITIONS = "Förslag till beslut", "Villkor"
CAPTIONS = ("Parter", "Kriterierna", "Ramen ", "Ram ", "Kostnad per part")
PARAGRAPH_SIGN = re.compile(r"^§\s*(\d+)\b")
NUMBERED = re.compile(r"^\d{1,2}\s+")


@dataclass(frozen=True)
class Difference:
    """One part whose text in the file is not the one in the portal."""

    key: str
    label: str
    portal: str
    word: str

    @property
    def pieces(self) -> list[Piece]:
        return word_diff(self.portal, self.word)


@dataclass(frozen=True)
class ParagraphComparison:
    """One § beside what the file says of it."""

    number: int
    heading: str
    revision: int
    differences: Sequence[Difference]
    fixed: Sequence[str]
    is_missing: bool
    is_locked: bool

    @property
    def can_be_taken(self) -> bool:
        return bool(self.differences) and not self.is_locked


# --- coming back -------------------------------------------------------------------------------


def return_minutes(*, minutes: Minutes, file: UploadedFile[Any], actor: User) -> WordReturn:
    """Take in the minutes as an edited Word file, to be compared; nothing is changed yet.

    The file is kept byte for byte. Raises Refused, Unreadable, and MeetingRefusal when the
    minutes are no draft or no § is found in the file.
    """
    if minutes.state != MinutesState.DRAFT:
        raise MeetingRefusal(
            "minutes_not_draft", "Protokollet är inte ett utkast och tar inte emot ändringar."
        )
    upload, blocks = _received(minutes.meeting.association, file, actor)
    texts = minutes_in_word(blocks)
    if not texts:
        raise MeetingRefusal(
            "no_paragraphs",
            "Inga paragrafer hittades i filen. Utgå från protokollets Word-fil och behåll dess "
            "rubriker (§ och nummer).",
            "file",
        )
    return _keep(actor, "minutes_returned", texts, upload=upload, minutes=minutes)


def return_memo(*, memo: DecisionMemo, file: UploadedFile[Any], actor: User) -> WordReturn:
    """Take in the memo as an edited Word file, to be compared; nothing is changed yet.

    Raises Refused, Unreadable, and MeetingRefusal when the memo is finished or the file has none
    of its headings.
    """
    if memo.state != MemoState.DRAFT:
        raise MeetingRefusal("memo_final", "Underlaget är klart och ändras inte längre.")
    upload, blocks = _received(memo.application.association, file, actor)
    texts = memo_in_word(blocks)
    if not set(texts) - {PROPOSAL}:
        raise MeetingRefusal(
            "no_headings",
            "Underlagets rubriker hittades inte i filen. Utgå från underlagets Word-fil och "
            "behåll rubrikerna.",
            "file",
        )
    return _keep(actor, "memo_returned", texts, upload=upload, memo=memo)


def _received(association: Any, file: UploadedFile[Any], actor: User) -> tuple[Any, Any]:
    upload = receive_upload(association=association, file=file, purpose="word", actor=actor)
    reading = call(READER, data=open_file(upload.file), seconds=10, code="unreadable_word")
    return upload, reading["blocks"]


def _keep(actor: User, action: str, texts: Mapping[str, Any], **about: Any) -> WordReturn:
    with transaction.atomic():
        kept = WordReturn.objects.create(
            texts=texts, created_by=actor, created_at=clock.now(), **about
        )
        association, case = _place(kept)
        record_event(
            association=association,
            actor=actor,
            action=action,
            obj=kept,
            case=case,
            payload={"file": kept.upload.file.sha256, "name": kept.upload.name},
        )
    return kept


def _place(kept: WordReturn) -> tuple[Any, Any]:
    if kept.minutes is not None:
        return kept.minutes.meeting.association, kept.minutes.meeting.case
    application = kept.memo.application if kept.memo else None
    return application and application.association, application and application.case


# --- what the file says ------------------------------------------------------------------------


def minutes_in_word(blocks: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """The texts of each § by the label of its part."""
    found: dict[str, dict[str, list[str]]] = {}
    number, label = "", ""
    for block in blocks:
        if block["kind"] == "heading":
            sign = PARAGRAPH_SIGN.match(block["plain"])
            if sign:
                number, label = sign[1], ""
                found[number] = {}
            elif number and block["level"] > 1:
                label = block["plain"]
                found[number].setdefault(label, [])
            else:
                number = ""
        elif number:
            _add(found[number].setdefault(label, []), block)
    return {
        number: {part: _joined(lines) for part, lines in parts.items() if part}
        for number, parts in found.items()
    }


def memo_in_word(blocks: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The text under each of the memo's headings, by the heading without its number."""
    known = {heading for _, heading in HEADINGS} | {PROPOSAL}
    found: dict[str, list[str]] = {}
    heading = ""
    for block, following in zip(blocks, [*blocks[1:], {"kind": ""}], strict=True):
        if block["kind"] == "heading" and block["level"] == 1:
            said = NUMBERED.sub("", block["plain"]).strip()
            heading = said if said in known else ""
            if heading:
                found.setdefault(heading, [])
        elif block["kind"] == "heading" and block["plain"] == CONDITIONS and heading == PROPOSAL:
            heading = CONDITIONS
            found.setdefault(heading, [])
        elif heading and not (following["kind"] == "table" and _is_caption(block)):
            _add(found[heading], block)
    return {heading: _joined(lines) for heading, lines in found.items()}


def _is_caption(block: Mapping[str, Any]) -> bool:
    """Whether a line above a table is one of the captions that the memo writes itself."""
    return block["kind"] == "text" and str(block["plain"]).startswith(CAPTIONS)


def _add(lines: list[str], block: Mapping[str, Any]) -> None:
    if block["kind"] == "item":
        lines.append(f"- {block['plain']}")
    elif block["kind"] == "text" and block["plain"].strip():
        lines.append(block["plain"])


def _joined(lines: Sequence[str]) -> str:
    """Paragraphs parted by a blank line, items of a list one a line."""
    text = ""
    for line in lines:
        both_items = line.startswith("- ") and text.rpartition("\n")[2].startswith("- ")
        text += ("\n" if both_items else "\n\n") + line if text else line
    return text


def plain(text: str) -> str:
    """A text as a comparison reads it: blanks and line ends do not count."""
    lines = (" ".join(line.split()) for line in text.replace("\r\n", "\n").split("\n"))
    return "\n".join(line for line in lines if line)


# --- comparing and taking ----------------------------------------------------------------------


def compare_minutes(kept: WordReturn) -> list[ParagraphComparison]:
    """Each § of the draft beside the file; parts that nobody edits are only pointed out."""
    minutes = kept.minutes
    rows = minutes.paragraphs.order_by("number") if minutes else ()
    found = []
    for paragraph in rows:
        said = kept.texts.get(str(paragraph.number))
        texts = paragraph.texts
        differences = [
            Difference(key, label, str(texts.get(key, "")), (said or {}).get(label, ""))
            for label, key in EDITED.items()
            if said is not None and plain(str(texts.get(key, ""))) != plain(said.get(label, ""))
        ]
        expected = fixed_parts(texts)
        found.append(
            ParagraphComparison(
                number=paragraph.number,
                heading=paragraph.heading,
                revision=paragraph.revision,
                differences=differences,
                fixed=[
                    label
                    for label, text in expected.items()
                    if said is not None and plain(said.get(label, "")) != plain(text)
                ],
                is_missing=said is None,
                is_locked=paragraph.is_fixed,
            )
        )
    return found


def take_minutes(*, kept: WordReturn, chosen: Mapping[int, int], actor: User) -> int:
    """Take the file's texts of the chosen §, each at the revision that was compared.

    All or nothing: raises Conflict when somebody has changed one of them in between. Gives how
    many changed.
    """
    with transaction.atomic():
        kept = WordReturn.objects.select_for_update(of=("self",)).get(pk=kept.pk)
        minutes = kept.minutes
        if minutes is None:
            return 0
        taken = 0
        for paragraph in minutes.paragraphs.filter(number__in=chosen).order_by("number"):
            said = kept.texts.get(str(paragraph.number), {})
            texts = {
                key: said.get(label, "")
                for label, key in EDITED.items()
                if plain(str(paragraph.texts.get(key, ""))) != plain(said.get(label, ""))
            }
            if not texts:
                continue
            edit_paragraph(
                paragraph=paragraph,
                texts=texts,
                expected_revision=chosen[paragraph.number],
                actor=actor,
            )
            taken += 1
        kept.taken_at = clock.now()
        kept.save(update_fields=["taken_at"])
    return taken


def compare_memo(kept: WordReturn) -> list[Difference]:
    """The headings whose text in the file is not the portal's; the proposal last."""
    memo = kept.memo
    if memo is None:
        return []
    rows = [
        (key, heading, str(memo.texts.get(key, "")) or USUAL_TEXTS.get(key, ""))
        for key, heading in HEADINGS
        if heading in kept.texts
    ]
    rows.append(("conditions", CONDITIONS, memo.conditions))
    return [
        Difference(key, heading, portal, kept.texts.get(heading, ""))
        for key, heading, portal in rows
        if plain(portal) != plain(kept.texts.get(heading, ""))
    ]


def proposal_in(kept: WordReturn) -> list[str]:
    """The att-clauses that the file proposes, without "att" and what ends them."""
    lines = str(kept.texts.get(PROPOSAL, "")).splitlines()
    found = [line.strip().removeprefix("att ") for line in lines if line.startswith("att ")]
    return [clause.removesuffix(", samt").rstrip(".,").strip() for clause in found]


def take_memo(
    *,
    kept: WordReturn,
    keys: Collection[str],
    as_final: bool,
    expected_revision: int,
    actor: User,
) -> DecisionMemo:
    """Take the file's texts under the chosen headings, or the whole file as the final version.

    As the final version all its texts are taken, and the file itself becomes the memo. Raises
    Conflict when somebody has saved the memo since it was compared, and MeetingRefusal when the
    file proposes another sum than the portal.
    """
    with transaction.atomic():
        kept = WordReturn.objects.select_for_update(of=("self",)).get(pk=kept.pk)
        memo = kept.memo
        if memo is None:
            raise MeetingRefusal("no_memo", "Filen hör inte till ett underlag.")
        if as_final and memo.final_file_id == kept.upload_id:
            return memo
        if as_final:
            _require_same_sum(kept, memo)
        wanted = [one for one in compare_memo(kept) if as_final or one.key in keys]
        texts = {one.key: one.word for one in wanted if one.key != CONDITIONS_KEY}
        said = {one.key: one.word for one in wanted if one.key == CONDITIONS_KEY}
        if memo.final_file_id is not None:
            memo = choose_final_file(memo=memo, upload=None, actor=actor)
            expected_revision = memo.revision
        memo = save_memo(
            memo=memo,
            texts=texts,
            proposed_outcome=Outcome(memo.proposed_outcome),
            proposed_amount=memo.proposed_amount,
            conditions=said.get(CONDITIONS_KEY, memo.conditions),
            expected_revision=expected_revision,
            actor=actor,
        )
        if as_final:
            memo = choose_final_file(
                memo=memo, upload=kept.upload, proposal=proposal_in(kept), actor=actor
            )
        kept.taken_at = clock.now()
        kept.save(update_fields=["taken_at"])
    return memo


CONDITIONS_KEY = "conditions"


def _require_same_sum(kept: WordReturn, memo: DecisionMemo) -> None:
    """The sum that is decided on is the portal's: money follows it."""
    said = " ".join(proposal_in(kept))
    digits = re.sub(r"\s", "", said)
    if not said:
        raise MeetingRefusal(
            "proposal_missing",
            "Filen saknar förslag till beslut. Skriv att-satserna under ”Förslag till beslut”.",
        )
    if memo.proposed_amount and str(memo.proposed_amount) not in digits:
        raise MeetingRefusal(
            "other_sum",
            "Förslaget i filen nämner inte beloppet som föreslås i portalen, "
            f"{kronor(memo.proposed_amount)}. Rätta filen, eller ändra beloppet i portalen.",
        )
