"""A Word file taken in: compared, chosen question by question, never over others' words."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from docx import Document

from applications.drafting import SectionConflict, save_section
from applications.ideas import IdeaConflict, save_idea, send_idea, start_idea, texts_of
from applications.models import Answer, WordFile
from applications.signing import freeze_for_signing
from applications.word_form import application_docx, empty_idea_docx, idea_docx
from applications.word_import import preview_word, receive_idea_word, receive_word, take_word
from finsam.documents.storage import open_file
from finsam.documents.uploads import Refused
from finsam.errors import DomainError, NotAllowed, NotPossible
from finsam.registry.models import Event
from tests.applications import word_files as word
from tests.factories import make_complete, make_draft, make_programme, reread

pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]

OWN = word.with_headings(
    ("Om dokumentet", "Eget format."),
    ("1. GRUNDUPPGIFTER", "Namn: Bron. Period: helåret 2024."),
    ("Syfte", "Ett nytt syfte."),
)


def upload(data, name="ansokan.docx"):
    return SimpleUploadedFile(name, data)


def sent(application, data, actor):
    return receive_word(application=reread(application), file=upload(data), actor=actor)


def states(received):
    return {p.name: p.state for p in preview_word(received).proposals}


def stored(application):
    rows = Answer.objects.filter(application=application).select_related("question")
    return {row.question.key: row.value for row in rows}


def write(application, section, values, actor):
    part = application.template.sections.get(key=section)
    draft = application.drafts.get(section=part)
    return save_section(
        application=application,
        section=part,
        values=values,
        expected_revision=draft.revision,
        actor=actor,
    )


def edited(application, **paragraphs):
    """The file as it is fetched, with words replaced in it."""
    document = Document(io.BytesIO(application_docx(reread(application))))
    for old, new in paragraphs.values():
        for paragraph in document.paragraphs:
            for run in paragraph.runs:
                run.text = run.text.replace(old, new)
    return word.as_bytes(document)


# --- receiving --------------------------------------------------------------------------------


def test_the_original_is_kept_and_nothing_is_taken_yet(draft, applicant):
    before = stored(draft)
    received = sent(draft, OWN, applicant)
    assert open_file(received.upload.file) == OWN
    assert stored(draft) == before
    assert states(received) == {
        "basics.title": "new", "basics.period": "new", "goals.purpose": "new",
    }  # fmt: skip
    event = Event.objects.get(action="word_received")
    assert event.payload["sha256"] == received.upload.file.sha256


def test_U01_a_file_that_the_guard_refuses_is_refused_here_too(draft, applicant):
    with pytest.raises(Refused):
        sent(draft, b"%PDF-1.7 inte Word", applicant)
    assert not WordFile.objects.exists()


def test_only_the_applicants_side_may_send_and_only_while_it_may_write(
    draft, applicant, officer, round_, member
):
    with pytest.raises(NotAllowed):
        sent(draft, OWN, officer)
    complete = make_complete(round_, draft.association.members.get(slug="kommunen"), applicant)
    freeze_for_signing(application=complete, actor=applicant)
    with pytest.raises(NotPossible) as refused:
        sent(complete, OWN, applicant)
    assert "Underskrifter" in refused.value.message


# --- comparing and taking ---------------------------------------------------------------------


def test_chosen_answers_are_taken_and_the_rest_left(draft, applicant):
    received = sent(draft, OWN, applicant)
    preview = preview_word(received)
    taken = take_word(
        word=received,
        chosen=["basics.title", "goals.purpose", "no.such"],
        placed={0: "goals.purpose", 7: "basics.summary"},
        revisions=preview.revisions,
        actor=applicant,
    )
    assert taken == ["Insatsens namn", "Syfte"]
    found = stored(draft)
    assert found["title"] == "Bron"
    assert found["purpose"] == "<p>Ett nytt syfte.</p><p>Eget format.</p>"
    assert "period" not in found
    assert reread(draft).title == "Bron"
    received.refresh_from_db()
    assert received.taken == ["basics.title", "goals.purpose"]
    assert Event.objects.filter(action="word_taken").count() == 1


def test_text_without_a_place_comes_after_what_is_written_already(draft, applicant):
    write(draft, "goals", {"purpose": "<p>Före.</p>"}, applicant)
    received = sent(draft, OWN, applicant)
    preview = preview_word(received)
    take_word(
        word=received,
        chosen=[],
        placed={0: "goals.purpose"},
        revisions=preview.revisions,
        actor=applicant,
    )
    assert stored(draft)["purpose"] == "<p>Före.</p><p>Eget format.</p>"


def test_nothing_chosen_changes_nothing(draft, applicant):
    received = sent(draft, OWN, applicant)
    with pytest.raises(DomainError, match="Välj minst ett svar"):
        take_word(word=received, chosen=[], placed={}, revisions={}, actor=applicant)


def test_O01_a_fetched_file_tells_who_changed_what_since(round_, member, applicant):
    application = make_complete(round_, member, applicant)
    data = edited(application, syfte=("Fler i arbete.", "Fler i arbete och studier."))
    write(application, "basics", {"title": "Nytt namn i portalen"}, applicant)
    found = states(sent(application, data, applicant))
    changed = {name: state for name, state in found.items() if state != "same"}
    assert changed == {"goals.purpose": "changed", "basics.title": "kept"}
    write(application, "goals", {"purpose": "<p>Också ändrat.</p>"}, applicant)
    assert states(sent(application, data, applicant))["goals.purpose"] == "both"


def test_O01_what_another_writes_after_the_preview_is_never_overwritten(draft, applicant):
    received = sent(draft, OWN, applicant)
    shown = preview_word(received).revisions
    write(draft, "goals", {"purpose": "<p>Någon annans.</p>"}, applicant)
    with pytest.raises(SectionConflict):
        take_word(
            word=received,
            chosen=["basics.title", "goals.purpose"],
            placed={},
            revisions=shown,
            actor=applicant,
        )
    found = stored(draft)
    assert found["purpose"] == "<p>Någon annans.</p>"
    assert "title" not in found  # "nothing at all was taken"


def test_taking_voids_signatures_only_by_way_of_the_sections(draft, applicant):
    """The same answers taken again change nothing."""
    received = sent(draft, OWN, applicant)
    for _ in range(2):
        preview = preview_word(received)
        wanted = [p.name for p in preview.proposals if p.can_be_taken]
        if wanted:
            take_word(
                word=received,
                chosen=wanted,
                placed={},
                revisions=preview.revisions,
                actor=applicant,
            )
    assert set(states(received).values()) == {"same"}


# --- sketches ---------------------------------------------------------------------------------


def test_a_sketch_goes_out_and_comes_back(association, member, applicant):
    programme = make_programme(association)
    sketch = start_idea(programme=programme, member=member, actor=applicant)
    data = word.with_headings(
        ("1. Vad är arbetsnamnet?", "Gröna stegen"),
        ("VILKA HINDER FINNS I DAG", "Många väntar."),
    )
    received = receive_idea_word(sketch=sketch, file=upload(data), actor=applicant)
    preview = preview_word(received)
    assert (preview.verdict.missing, preview.verdict.unknown) == ((), ())
    take_word(
        word=received,
        chosen=["working_title.working_title", "background.background"],
        placed={},
        revisions=preview.revisions,
        actor=applicant,
    )
    sketch.refresh_from_db()
    assert sketch.title == "Gröna stegen"
    assert texts_of(sketch) == {"working_title": "Gröna stegen", "background": "Många väntar."}
    again = receive_idea_word(sketch=sketch, file=upload(idea_docx(sketch)), actor=applicant)
    assert set(states(again).values()) == {"same"}
    assert empty_idea_docx(programme)[:2] == b"PK"
    with pytest.raises(IdeaConflict):
        save_and_take(sketch, again, received, applicant)
    send_idea(sketch=reread_idea(sketch), actor=applicant)
    with pytest.raises(NotPossible):
        receive_idea_word(sketch=reread_idea(sketch), file=upload(data), actor=applicant)


def save_and_take(sketch, again, received, applicant):
    """Somebody changes the sketch between the page and the button."""
    shown = preview_word(again).revisions
    save_idea(
        sketch=sketch,
        texts={"working_title": "Annat"},
        expected_revision=sketch.revision,
        actor=applicant,
    )
    fresh = WordFile.objects.select_related("idea__programme").get(pk=received.pk)
    take_word(
        word=fresh,
        chosen=["working_title.working_title"],
        placed={},
        revisions=shown,
        actor=applicant,
    )


def reread_idea(sketch):
    return type(sketch).objects.get(pk=sketch.pk)


# --- the pages --------------------------------------------------------------------------------


def page(name, application, *more):
    return reverse(f"applications:application_{name}", args=["sjo", application.public_id, *more])


def test_X05_the_whole_way_through_the_pages(draft, applicant, sign_in):
    client = sign_in(applicant)
    assert client.get(page("word_files", draft)).status_code == 200
    answer = client.post(page("word_files", draft), {"file": upload(OWN)})
    received = WordFile.objects.get()
    place = page("word_file", draft, received.pk)
    assert answer.headers["Location"] == place
    shown = client.get(place)
    assert shown.status_code == 200
    text = shown.content.decode()
    assert "2 av 5 rubriker hittades." in text
    assert "Finns inte i blanketten" in text
    original = client.get(page("word_original", draft, received.pk))
    assert b"".join(original.streaming_content) == OWN
    seen = {f"version-{key}": n for key, n in preview_word(received).revisions.items()}
    nothing = client.post(place, {**seen, "action": "chosen", "ta-basics.title": "portal"})
    assert nothing.status_code == 422
    done = client.post(place, {**seen, "action": "all", "ta-basics.title": "portal"})
    assert done.status_code == 302
    assert stored(draft)["title"] == "Bron"
    assert client.get(page("word_files", draft)).content.decode().count("Ett svar inläst") == 1


def test_O01_the_page_answers_409_with_the_other_text(draft, applicant, sign_in):
    client = sign_in(applicant)
    received = sent(draft, OWN, applicant)
    seen = {f"version-{key}": n for key, n in preview_word(received).revisions.items()}
    write(draft, "goals", {"purpose": "<p>Någon annans text.</p>"}, applicant)
    place = page("word_file", draft, received.pk)
    answer = client.post(place, {**seen, "action": "chosen", "ta-goals.purpose": "word"})
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "Inget lästes in" in text
    assert "annans" in text
    assert stored(draft)["purpose"] == "<p>Någon annans text.</p>"


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"PK\x03\x04"])
def test_U02_a_bad_file_gets_a_sentence_on_the_page(draft, applicant, sign_in, data):
    answer = sign_in(applicant).post(page("word_files", draft), {"file": upload(data)})
    assert answer.status_code == 422
    assert "Traceback" not in answer.content.decode()


def test_P02_another_applicants_file_is_not_found(
    draft, round_, applicant, other_applicant, other_member, sign_in
):
    received = sent(draft, OWN, applicant)
    theirs = make_draft(round_, other_member, other_applicant)
    client = sign_in(other_applicant)
    for name in ("word_file", "word_original"):
        assert client.get(page(name, draft, received.pk)).status_code == 404
        assert client.get(page(name, theirs, received.pk)).status_code == 404


def test_the_number_of_queries_does_not_grow(
    draft, applicant, sign_in, django_assert_max_num_queries
):
    client = sign_in(applicant)
    for _ in range(3):
        received = sent(draft, OWN, applicant)
    for place in (page("word_files", draft), page("word_file", draft, received.pk)):
        with django_assert_max_num_queries(15):
            client.get(place)
