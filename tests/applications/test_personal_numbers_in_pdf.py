"""Personal identity numbers in PDF annexes: found where they are read, and no file holds us up."""

from __future__ import annotations

import io
import time

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pikepdf import Array, Dictionary, Name, String

from applications.annexes import add_annex
from finsam.documents import sandbox
from finsam.documents.annex_words import MOST_PAGES, words_of
from finsam.personal_numbers import personal_numbers
from tests import factories as make

NUMBER = "19811218-9876"
READER = "finsam.documents.annex_words.words_of"
SHOWN = f"BT /F 12 Tf 72 700 Td ({NUMBER}) Tj ET"


def pdf_of(*contents: str | bytes, **forms: str) -> bytes:
    """A PDF with a page for each content; `forms` can be drawn on all of them by name."""
    pdf = pikepdf.new()
    font = pdf.make_indirect(
        Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    )
    resources = pdf.make_indirect(Dictionary(Font=Dictionary(F=font), XObject=Dictionary()))
    for name, drawn in forms.items():
        form = pdf.make_stream(drawn.encode())
        form.Type, form.Subtype, form.BBox = Name.XObject, Name.Form, Array([0, 0, 595, 842])
        form.Resources = resources
        resources.XObject[f"/{name}"] = form
    for content in contents:
        page = pdf.add_blank_page(page_size=(595, 842))
        data = content if isinstance(content, bytes) else content.encode()
        page.obj.Contents = pdf.make_stream(data)
        page.obj.Resources = resources
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def filled_in() -> bytes:
    """The number only as the value of a form's field."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf_of(""))) as pdf:
        field = pdf.make_indirect(
            Dictionary(
                Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("nr"), F=4,
                V=String(NUMBER), Rect=Array([72, 400, 300, 420]), DA=String("/F 12 Tf 0 g"),
            )
        )  # fmt: skip
        pdf.pages[0].obj.Annots = Array([field])
        fonts = pdf.pages[0].obj.Resources.Font
        pdf.Root.AcroForm = Dictionary(
            Fields=Array([field]), NeedAppearances=True, DA=String("/F 12 Tf 0 g"),
            DR=Dictionary(Font=fonts),
        )  # fmt: skip
        pdf.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        pdf_of(SHOWN),
        pdf_of(f"BT /F 12 Tf 72 700 Td [({NUMBER[:6]}) -20 ({NUMBER[6:]})] TJ ET"),
        pdf_of("", "/A Do", A=SHOWN),
        pdf_of(b"BT /F 12 Tf <broken", SHOWN),
        pdf_of("BT /F Tf Td Tj ET", SHOWN),
    ],
    ids=["plain", "in pieces", "in a form", "after a broken page", "after a senseless page"],
)
def test_the_number_is_read_wherever_it_stands(data):
    assert personal_numbers(words_of(data, "pdf")) == [NUMBER]


def test_what_is_filled_into_a_form_is_read():
    assert personal_numbers(words_of(filled_in(), "pdf")) == [NUMBER]


def test_reading_ends_with_the_page_it_says():
    data = pdf_of(*[""] * (MOST_PAGES - 1), SHOWN, SHOWN.replace("9876", "9877"))
    assert personal_numbers(words_of(data, "pdf")) == [NUMBER]


@pytest.mark.parametrize(
    "data",
    [
        pdf_of("/A Do " * 20, A="/A Do " * 20),
        pdf_of("BT /F 12 Tf " + "(1) Tj 0 0 Td " * 500_000),
    ],
    ids=["a form that draws itself", "a page without end"],
)
def test_a_hostile_file_is_left_within_the_time_that_its_child_was_given(data):
    begun = time.monotonic()
    with pytest.raises(sandbox.Unreadable) as raised:
        sandbox.call(READER, data=data, arguments={"kind": "pdf"}, seconds=1)
    assert raised.value.reason in {"timeout", "memory"}  # whichever bound is met first
    assert time.monotonic() - begun < 4


@pytest.mark.django_db
@pytest.mark.anywhere
def test_a_pdf_annex_is_warned_of_and_one_that_cannot_be_read_is_taken_all_the_same(
    association, member, applicant
):
    draft = make.make_draft(make.make_round(association), member, applicant)
    for name, data in (("med.pdf", pdf_of(SHOWN)), ("trasig.pdf", pdf_of(b"BT <"))):
        file = SimpleUploadedFile(name, data)
        add_annex(application=draft, file=file, title=name, actor=applicant)
    found = {annex.title: annex.personal_numbers for annex in draft.annexes.all()}
    assert found == {"med.pdf": ["19811218-XXXX"], "trasig.pdf": []}
