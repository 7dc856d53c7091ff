"""I-04 and I-06 around minutes: what people write stands as written, in files, pages and mails."""

from __future__ import annotations

import io
import zipfile

import pytest
from docx import Document
from lxml import etree

from boards.attestation import hand_to_attesters, send_back
from boards.document_sources import memo_source, minutes_source
from boards.memos import save_memo, start_memo
from boards.minutes import edit_paragraph
from boards.models import AgendaItem, Outcome
from boards.word_files import write_memo, write_minutes
from finsam.documents.documents import preview_source
from finsam.messages.mail import email_for
from finsam.messages.models import Message
from tests import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]

PAYLOADS = (
    "{{ 7*7 }}", "{% for x in y %}", "{# dolt #}", "<w:p/>", "</w:t></w:r>", "]]>", "<!--", "&amp;",
    "a\x00b", "a\x0bb", "a\ufffeb", "före < efter", "<script>alert(1)</script>", "ÅÄÖ – ”citat”",
)  # fmt: skip


def shown(payload):
    return "".join(sign for sign in payload if sign not in "\x00\x0b\ufffe")


def words_of(data):
    with zipfile.ZipFile(io.BytesIO(data)) as box:
        for name in box.namelist():
            if name.endswith(".xml"):
                etree.fromstring(box.read(name))
    said = "\n".join(paragraph.text for paragraph in Document(io.BytesIO(data)).paragraphs)
    return said.replace("\u00a0", " ")  # a dash keeps to the word before it


def test_I04_minutes_in_word_say_what_was_written(called, director):
    minutes = make.make_closed(called, director)
    paragraph = minutes.paragraphs.get(item__kind="decision")
    text = "\n\n".join(f"början {payload} slut" for payload in PAYLOADS)
    edit_paragraph(paragraph=paragraph, texts={"note": text}, expected_revision=0, actor=director)
    source = preview_source(
        association=called.association, kind="minutes", title="P", source=minutes_source(minutes)
    )
    said = words_of(write_minutes(source))
    assert [p for p in PAYLOADS if f"början {shown(p)} slut" not in said] == []


def test_I04_the_memo_in_word_says_what_was_written(prepared, director):
    memo = start_memo(application=prepared, actor=director)
    memo.application = prepared
    text = "\n\n".join(f"början {shown(payload)} slut" for payload in PAYLOADS)
    saved = save_memo(
        memo=memo, texts={"matter": text}, proposed_outcome=Outcome.GRANTED,
        proposed_amount=600_000, conditions="", expected_revision=memo.revision, actor=director,
    )  # fmt: skip
    saved.application = prepared
    source = preview_source(
        association=prepared.association, kind="decision_memo", title="B",
        source=memo_source(saved),
    )  # fmt: skip
    said = words_of(write_memo(source))
    assert [p for p in PAYLOADS if f"början {shown(p)} slut" not in said] == []


def test_I06_no_header_is_smuggled_into_mails_to_attesters_and_secretary(called, director):
    AgendaItem.objects.filter(meeting=called, kind="decision").update(
        title="Rubrik\r\nBcc: alla@exempel.se"
    )
    minutes = make.make_closed(called, director)
    sent = hand_to_attesters(minutes=minutes, actor=director)
    attester = sent.meeting.attesters.first().seat.user
    send_back(
        minutes=sent, actor=attester, remark="Fel\r\nBcc: b@exempel.se\x00",
        seen_hash=sent.content_hash,
    )  # fmt: skip
    messages = Message.objects.filter(event_key__regex="^(attest|remark)-")
    assert messages.count() == 3
    for message in messages:
        mail = email_for(message).message()
        assert mail["Bcc"] is None
        assert mail["To"].count("@") == 1
        assert "\n" not in mail["Subject"]
