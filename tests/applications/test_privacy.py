"""Personal identity numbers are pointed out before anything is sent in."""

from __future__ import annotations

import pytest
from django.urls import reverse

from applications.answers import context_for
from applications.completeness import overview_of
from applications.drafting import save_section
from applications.privacy import personal_numbers_in
from applications.word_outline import outline_of
from applications.word_verdict import verdict_of
from finsam.documents.word_reading import read_word
from finsam.personal_numbers import personal_numbers
from tests.applications import word_files as word
from tests.factories import reread
from tests.kept import kept

pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]

# Made up: a day of birth with whichever digits make the form valid.
NUMBER = next(f"811218-987{n}" for n in range(10) if personal_numbers(f"811218-987{n}"))


@kept
def written(draft, applicant):
    part = draft.template.sections.get(key="goals")
    save_section(
        application=draft,
        section=part,
        values={"purpose": f"<p>Deltagaren {NUMBER} kom i maj.</p>"},
        expected_revision=0,
        actor=applicant,
    )
    return reread(draft)


def test_the_question_is_named_and_the_number_masked(written):
    overview = overview_of(written)
    sections = [status.section for status in overview.statuses]
    lines = personal_numbers_in(sections, overview.values)
    assert lines == ["Syfte och mål, Syfte: 811218-XXXX"]


def test_the_writer_is_warned_where_it_stands_and_before_sending(written, applicant, sign_in):
    client = sign_in(applicant)
    for name, more in (("section", ["goals"]), ("submit", [])):
        page = client.get(reverse(f"applications:{name}", args=["sjo", written.public_id, *more]))
        assert "Det ser ut att stå ett personnummer i texten" in page.content.decode()
    other = reverse("applications:section", args=["sjo", written.public_id, "basics"])
    assert "ett personnummer i texten" not in client.get(other).content.decode()


def test_a_word_file_with_one_is_pointed_out_before_it_is_taken(draft):
    outline = outline_of(draft.template, context_for(draft.association, draft.round))
    data = word.with_headings(("Syfte", f"Deltagaren {NUMBER} kom."))
    assert verdict_of(read_word(data), outline).notes == (
        "Det ser ut att stå personnummer i filen. Ta bort dem före inlämning: 811218-XXXX.",
    )
