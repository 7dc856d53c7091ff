"""Personal identity numbers are looked for in annexes, messages and sketches before sending."""

from __future__ import annotations

import io

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from docx import Document
from openpyxl import Workbook

from applications.annexes import add_annex
from applications.conversation import write_about
from applications.ideas import save_idea, start_idea
from finsam.documents.annex_words import words_of
from finsam.forms import SaysNoPersonalNumber
from finsam.messages.models import Post
from tests import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]
NUMBER = "19811218-9876"
MASKED = "19811218-XXXX"


def docx(*, split=False) -> bytes:
    made = Document()
    paragraph = made.add_paragraph("Deltagaren ")
    for part in (NUMBER[:6], NUMBER[6:]) if split else (NUMBER,):
        paragraph.add_run(part)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def xlsx(value) -> bytes:
    book = Workbook()
    book.active["B3"] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_the_words_of_each_kind_are_read_also_split_and_as_a_number():
    assert NUMBER in words_of(docx(split=True), "docx")
    assert NUMBER in words_of(xlsx(NUMBER), "xlsx")
    assert "198112189876" in words_of(xlsx(198112189876), "xlsx")
    assert words_of(xlsx("Summa 1 850 000"), "xlsx").strip() == "Summa 1 850 000"


def test_an_annex_with_one_is_warned_of_and_not_refused(association, member, applicant, sign_in):
    draft = make.make_draft(make.make_round(association), member, applicant)
    for name, data in (("a.docx", docx()), ("b.xlsx", xlsx(198112189876)), ("c.xlsx", xlsx("x"))):
        file = SimpleUploadedFile(name, data)
        add_annex(application=draft, file=file, title=name, actor=applicant)
    found = {one.title: one.personal_numbers for one in draft.annexes.all()}
    assert found == {"a.docx": [MASKED], "b.xlsx": ["19811218XXXX"], "c.xlsx": []}
    client = sign_in(applicant)
    for view in ("annexes", "submit"):
        page = client.get(
            reverse(f"applications:{view}", args=["sjo", draft.public_id])
        ).content.decode()
        assert f"Bilagan ”a.docx”: {MASKED}" in page, view
        assert NUMBER not in page


def test_a_message_with_one_is_sent_only_when_asked_for(association, member, applicant, sign_in):
    draft = make.make_draft(make.make_round(association), member, applicant)
    client = sign_in(applicant)
    path = reverse("applications:messages", args=["sjo", draft.public_id])
    said = {"body": f"Gäller {NUMBER}.", "key": "nyckel-1"}
    answer = client.post(path, said)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert MASKED in page
    assert "Skicka ändå" in page
    assert not Post.objects.exists()
    assert client.post(path, said | {"anyway": "on"}).status_code == 302
    assert Post.objects.count() == 1
    write_about(application=draft, body="Utan nummer.", actor=applicant)


def test_a_sketch_with_one_is_sent_only_when_asked_for(association, member, applicant, sign_in):
    programme = make.make_programme(association)
    sketch = start_idea(programme=programme, member=member, actor=applicant)
    texts = {"working_title": "Väg", "background": f"Vi mötte {NUMBER}."}
    sketch = save_idea(sketch=sketch, texts=texts, expected_revision=0, actor=applicant)
    client, path = sign_in(applicant), reverse("applications:idea", args=["sjo", sketch.public_id])
    client.post(path, {"action": "send", "version": sketch.revision})
    sketch.refresh_from_db()
    assert sketch.state == "draft"
    assert MASKED in client.get(path).content.decode()
    client.post(path, {"action": "send", "version": sketch.revision, "anyway": "ja"})
    sketch.refresh_from_db()
    assert sketch.state == "sent"


def test_what_only_looks_alike_is_let_through():
    class Form(SaysNoPersonalNumber):
        body = forms.CharField()

    assert Form({"body": "Ring 08-465 004 10, org.nr 222000-1234, 1 850 000 kr"}).is_valid()
    assert not Form({"body": NUMBER}).is_valid()
