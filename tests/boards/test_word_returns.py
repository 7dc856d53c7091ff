"""Word files that come back: compared part by part, taken by choice, and kept as they came."""

from __future__ import annotations

import io
import shutil
import subprocess

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from docx import Document

from boards.document_sources import memo_source, minutes_source
from boards.documents import build_memo
from boards.errors import MeetingRefusal
from boards.memos import finish_memo, save_memo, start_memo
from boards.minutes import edit_paragraph, send_to_attesters
from boards.models import Outcome, WordReturn
from boards.word_files import write_memo, write_minutes
from boards.word_returns import (
    compare_memo,
    compare_minutes,
    memo_in_word,
    minutes_in_word,
    proposal_in,
    return_memo,
    return_minutes,
    take_memo,
    take_minutes,
)
from finsam.documents.documents import document_for, preview_source
from finsam.documents.storage import open_file
from finsam.documents.word_reading import read_word
from finsam.errors import Conflict
from finsam.jobs.work import run_waiting
from tests import factories as make
from tests.kept import kept

pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]


@kept
def minutes(called, director):
    return make.make_closed(called, director)


@kept
def memo(prepared, director):
    found = start_memo(application=prepared, actor=director)
    found.application = prepared
    return found


def minutes_file(minutes):
    association = minutes.meeting.association
    return write_minutes(
        preview_source(
            association=association, kind="minutes", title="P", source=minutes_source(minutes)
        )
    )


def memo_docx(memo):
    return write_memo(
        preview_source(
            association=memo.application.association,
            kind="decision_memo",
            title="B",
            source=memo_source(memo),
        )
    )


def edited(data, changes):
    """The file with whole paragraphs exchanged, as somebody does in Word."""
    document = Document(io.BytesIO(data))
    for paragraph in document.paragraphs:
        for old, new in changes.items():
            if old in paragraph.text:
                for run in paragraph.runs[1:]:
                    run.text = ""
                paragraph.runs[0].text = new
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def upload(data):
    return SimpleUploadedFile("fil.docx", data)


# --- minutes ----------------------------------------------------------------------------------


def test_an_untouched_file_differs_in_nothing(minutes, director):
    paragraph = minutes.paragraphs.get(item__kind="decision")
    texts = {
        "background": "Ett stycke.\n\nEtt till:\n- punkt ett\n- punkt två",
        "note": "N < 5 & {{ x }}",
    }
    edit_paragraph(paragraph=paragraph, texts=texts, expected_revision=0, actor=director)
    kept = return_minutes(minutes=minutes, file=upload(minutes_file(minutes)), actor=director)
    rows = compare_minutes(kept)
    assert [(row.differences, row.fixed, row.is_missing) for row in rows] == [([], [], False)] * 6


def test_changed_texts_are_shown_and_only_the_chosen_are_taken(minutes, director):
    decision = minutes.paragraphs.get(item__kind="decision")
    opening = minutes.paragraphs.get(item__kind="opening")
    for one, note in ((decision, "Gammal not ett"), (opening, "Gammal not två")):
        edit_paragraph(paragraph=one, texts={"note": note}, expected_revision=0, actor=director)
    data = edited(
        minutes_file(minutes), {"Gammal not ett": "Ny not ett", "Gammal not två": "Ny not två"}
    )
    kept = return_minutes(minutes=minutes, file=upload(data), actor=director)
    assert open_file(kept.upload.file) == data
    rows = {row.number: row for row in compare_minutes(kept) if row.differences}
    assert set(rows) == {opening.number, decision.number}
    (one,) = rows[decision.number].differences
    assert (one.label, one.portal, one.word) == ("Anteckning", "Gammal not ett", "Ny not ett")

    chosen = {decision.number: rows[decision.number].revision}
    assert take_minutes(kept=kept, chosen=chosen, actor=director) == 1

    decision.refresh_from_db()
    opening.refresh_from_db()
    assert decision.texts["note"] == "Ny not ett"
    assert opening.texts["note"] == "Gammal not två"


def test_a_changed_decision_is_pointed_out_and_never_taken(minutes, director):
    decision = minutes.paragraphs.get(item__kind="decision")
    before = decision.texts["clauses"]
    data = edited(minutes_file(minutes), {"bevilja": "att bevilja 999 999 kronor"})
    kept = return_minutes(minutes=minutes, file=upload(data), actor=director)
    row = next(one for one in compare_minutes(kept) if one.number == decision.number)
    assert (list(row.fixed), list(row.differences)) == (["Beslut"], [])
    take_minutes(kept=kept, chosen={decision.number: row.revision}, actor=director)
    decision.refresh_from_db()
    assert decision.texts["clauses"] == before


def test_O01_taken_after_somebody_else_saved_is_a_conflict_and_takes_nothing(
    minutes, director, officer
):
    rows = list(minutes.paragraphs.all()[:2])
    for one in rows:
        edit_paragraph(
            paragraph=one, texts={"note": "Gammalt"}, expected_revision=0, actor=director
        )
    data = edited(minutes_file(minutes), {"Gammalt": "Nytt"})
    kept = return_minutes(minutes=minutes, file=upload(data), actor=director)
    chosen = {row.number: row.revision for row in compare_minutes(kept) if row.differences}
    edit_paragraph(paragraph=rows[1], texts={"note": "Mitt"}, expected_revision=1, actor=officer)
    with pytest.raises(Conflict):
        take_minutes(kept=kept, chosen=chosen, actor=director)
    assert [one.texts["note"] for one in minutes.paragraphs.all()[:2]] == ["Gammalt", "Mitt"]


def test_a_file_without_paragraphs_and_minutes_that_are_sent_are_refused(minutes, director):
    document = Document()
    document.add_paragraph("Något annat")
    out = io.BytesIO()
    document.save(out)
    with pytest.raises(MeetingRefusal) as refusal:
        return_minutes(minutes=minutes, file=upload(out.getvalue()), actor=director)
    assert refusal.value.code == "no_paragraphs"
    data = minutes_file(minutes)
    sent = send_to_attesters(minutes=minutes, actor=director)
    with pytest.raises(MeetingRefusal) as refusal:
        return_minutes(minutes=sent, file=upload(data), actor=director)
    assert refusal.value.code == "minutes_not_draft"
    assert WordReturn.objects.count() == 0


def test_the_minutes_go_out_and_come_back_on_their_pages(minutes, director, sign_in):
    paragraph = minutes.paragraphs.first()
    edit_paragraph(
        paragraph=paragraph, texts={"note": "Gammalt"}, expected_revision=0, actor=director
    )
    data = edited(minutes_file(minutes), {"Gammalt": "Nytt"})
    client = sign_in(director)
    base = f"/{minutes.meeting.association.slug}/moten/{minutes.meeting_id}/protokoll/"
    answer = client.post(f"{base}word/", {"file": upload(data)})
    page = client.get(answer.headers["Location"])
    assert "<ins>" in page.content.decode()
    said = {"take": str(paragraph.number), f"revision-{paragraph.number}": "1"}
    client.post(answer.headers["Location"], said)
    paragraph.refresh_from_db()
    assert paragraph.texts["note"] == "Nytt"


@pytest.mark.nightly
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_X09_minutes_and_memo_come_back_from_libreoffice_word_for_word(minutes, director, tmp_path):
    """Opened and saved by LibreOffice each § and heading says what it said."""
    memo = minutes.paragraphs.get(item__kind="decision").item.treated_application.memos.get()
    written = {"protokoll": minutes_file(minutes), "underlag": memo_docx(memo)}
    for name, data in written.items():
        (tmp_path / f"{name}.docx").write_bytes(data)
    out = tmp_path / "ut"
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profil", "--headless"]
    command += ["--convert-to", "docx:MS Word 2007 XML", "--outdir", str(out)]
    command += [str(tmp_path / f"{name}.docx") for name in written]
    subprocess.run(command, check=True, timeout=300, capture_output=True)
    for name, read in (("protokoll", minutes_in_word), ("underlag", memo_in_word)):
        before = read(read_word(written[name])["blocks"])
        after = read(read_word((out / f"{name}.docx").read_bytes())["blocks"])
        assert after == before
        assert before


# --- memos ------------------------------------------------------------------------------------


def test_an_untouched_memo_differs_in_nothing(memo, director):
    kept = return_memo(memo=memo, file=upload(memo_docx(memo)), actor=director)
    assert compare_memo(kept) == []
    assert len(proposal_in(kept)) == 3


def test_the_file_becomes_the_final_version_and_is_kept_byte_for_byte(
    memo, director, prepared, monkeypatch
):
    data = edited(memo_docx(memo), {"Kansliet kvalitetsgranskade": "Omskrivet i Word."})
    kept = return_memo(memo=memo, file=upload(data), actor=director)
    (one,) = compare_memo(kept)
    assert (one.key, one.word) == ("preparation", "Omskrivet i Word.")
    final = take_memo(
        kept=kept, keys=(), as_final=True, expected_revision=memo.revision, actor=director
    )
    assert final.texts["preparation"] == "Omskrivet i Word."
    with pytest.raises(MeetingRefusal) as refusal:
        save_memo(
            memo=final, texts={"summary": "Annat"}, proposed_outcome=Outcome.GRANTED,
            proposed_amount=600_000, conditions="", expected_revision=final.revision,
            actor=director,
        )  # fmt: skip
    assert refusal.value.code == "final_file"

    finish_memo(memo=final, actor=director)
    run_waiting()
    document = document_for(f"memo:{memo.pk}")
    assert open_file(document.docx) == data
    assert open_file(document.pdf).startswith(b"%PDF")


def test_the_pdf_says_so_when_the_file_cannot_be_shown(memo, director, monkeypatch):
    data = memo_docx(memo)
    kept = return_memo(memo=memo, file=upload(data), actor=director)
    final = take_memo(kept=kept, keys=(), as_final=True, expected_revision=0, actor=director)
    monkeypatch.setenv("PATH", "/nonexistent")
    source = preview_source(
        association=memo.application.association, kind="decision_memo", title="B",
        source=memo_source(final),
    )  # fmt: skip
    rendered = build_memo(source, memo.application.association)
    assert rendered.docx == data
    from tests.documents.test_pdf import text_of

    assert "kunde inte visas som PDF" in " ".join(text_of(rendered.pdf).split())


def test_a_file_that_proposes_another_sum_is_refused(memo, director):
    data = edited(memo_docx(memo), {"bevilja": "att bevilja 1 krona"})
    kept = return_memo(memo=memo, file=upload(data), actor=director)
    with pytest.raises(MeetingRefusal) as refusal:
        take_memo(kept=kept, keys=(), as_final=True, expected_revision=0, actor=director)
    assert refusal.value.code == "other_sum"
    memo.refresh_from_db()
    assert memo.final_file is None


def test_single_texts_are_taken_and_the_rest_left(memo, director):
    data = edited(
        memo_docx(memo), {"Kansliet kvalitetsgranskade": "Nytt A", "Alternativet": "Nytt B"}
    )
    kept = return_memo(memo=memo, file=upload(data), actor=director)
    risks = memo.texts["risks"]
    saved = take_memo(
        kept=kept, keys=["preparation"], as_final=False, expected_revision=0, actor=director
    )
    assert saved.texts["preparation"] == "Nytt A"
    assert saved.texts["risks"] == risks


def test_the_memo_goes_out_and_comes_back_on_its_pages(memo, director, sign_in):
    client = sign_in(director)
    base = f"/{memo.application.association.slug}/kansli/underlag/{memo.application.public_id}/"
    out = client.get(f"{base}word/")
    data = edited(out.content, {"Alternativet": "Nytt ord"})
    answer = client.post(f"{base}word/", {"file": upload(data)})
    place = answer.headers["Location"]
    assert "</span>Nytt" in client.get(place).content.decode()
    client.post(place, {"do": "final", "version": "0"})
    page = client.get(base).content.decode()
    assert "Word-filen är den slutliga versionen" in page
    client.post(f"{base}word/valj-bort/")
    assert "Word-filen är den slutliga versionen" not in client.get(base).content.decode()
