"""The commands that scripts rely on: what they print, and how they end (contracts/commands)."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from openpyxl import load_workbook

from applications.models import Application, Programme
from applications.programme_definition import PROGRAMMES
from applications.programmes_loading import load_programme
from boards.demo.content import efforts
from budgets.workbook_write import write_workbook
from finsam import clock
from finsam.registry.append_only import append_only_lifted
from tests.applications import word_files
from tests.factories import make_person
from tests.kept import kept

pytestmark = pytest.mark.anywhere

MAIN = "blekinge-individinsatser-2024"
ALL_FIVE = sorted(PROGRAMMES.glob("*.toml"))
PARTIES = "Olofströms kommun,Region Blekinge,Arbetsförmedlingen"


@dataclass(frozen=True)
class Ended:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found


def run(*words: str) -> Ended:
    """As `python manage.py …`, in this process."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(*words, stdout=out, stderr=err)
    except SystemExit as stopped:
        return Ended(int(stopped.code or 0), out.getvalue(), err.getvalue())
    except CommandError as refusal:
        return Ended(refusal.returncode, out.getvalue(), str(refusal))
    return Ended(0, out.getvalue(), err.getvalue())


@kept
def programme(db: None) -> Programme:
    return load_programme(PROGRAMMES / f"{MAIN}.toml").programme


# --- load_programme -----------------------------------------------------------------------------


def test_load_programme_brings_in_all_five_and_twice_changes_nothing(db: None) -> None:
    first = run("load_programme", *map(str, ALL_FIVE), "--json")
    again = run("load_programme", *map(str, ALL_FIVE), "--json")

    assert (first.code, again.code) == (0, 0)
    assert first.json()["ok"] is True
    assert [one["created"] for one in first.json()["programmes"]] == [True] * 5
    assert [one["changes"] for one in again.json()["programmes"]] == [[]] * 5
    assert Programme.objects.count() == 5


def test_load_programme_names_file_key_and_what_was_expected(db: None, tmp_path: Path) -> None:
    broken = tmp_path / "trasig.toml"
    text = (PROGRAMMES / f"{MAIN}.toml").read_text(encoding="utf-8")
    broken.write_text(text.replace('type = "rich_text"', 'type = "poem"', 1), encoding="utf-8")

    told = run("load_programme", str(broken), "--json")

    assert told.code == 1
    (problem,) = told.json()["problems"]
    assert problem["file"] == "trasig.toml"
    assert "type" in problem["key"]
    assert problem["expected"]
    assert not Programme.objects.exists()


# --- budget_template and check_budget -----------------------------------------------------------


def test_the_empty_template_is_ours_and_only_lacks_its_figures(
    programme: Programme, tmp_path: Path
) -> None:
    file = tmp_path / "mall.xlsx"
    made = run(
        "budget_template", "--round", MAIN, "--parties", PARTIES, "--years", "2024",
        "--out", str(file),
    )  # fmt: skip
    checked = run("check_budget", str(file), "--round", MAIN, "--parties", PARTIES, "--json")

    assert made.code == 0
    sheets = ["Läs mig", "Personal", "Kostnader", "Finansiering", "Sammanställning", "_mall"]
    assert load_workbook(file).sheetnames == sheets
    verdict = checked.json()
    assert (verdict["total_cost"], verdict["requested"]) == (0, 0)
    assert not {found["code"] for found in verdict["findings"]} & {
        "unreadable_workbook", "wrong_template", "wrong_version", "sheet_missing",
    }  # fmt: skip


def test_a_filled_workbook_adds_up_by_member_and_year(programme: Programme, tmp_path: Path) -> None:
    file = filled(tmp_path / "ifylld.xlsx")

    checked = run("check_budget", str(file), "--round", MAIN, "--parties", PARTIES, "--json")

    verdict = checked.json()
    assert set(verdict) == {
        "ok", "total_cost", "requested", "by_member", "by_year", "findings",
    }  # fmt: skip
    assert (checked.code, verdict["ok"]) == (0, True), verdict["findings"]
    assert (verdict["total_cost"], verdict["requested"]) == (1_010_000, 800_000)
    assert verdict["by_year"] == {"2024": 1_010_000}
    assert sum(verdict["by_member"].values()) in (1_010_000, 800_000)


def test_a_fault_is_named_with_sheet_and_cell_and_the_answer_is_no(
    programme: Programme, tmp_path: Path
) -> None:
    file = filled(tmp_path / "fel.xlsx")
    book = load_workbook(file)
    book["Kostnader"]["B5"] = "Tolk vid gruppträffar"
    book.save(file)

    checked = run("check_budget", str(file), "--round", MAIN, "--parties", PARTIES, "--json")

    assert (checked.code, checked.json()["ok"]) == (1, False)
    wrong = [one for one in checked.json()["findings"] if one["severity"] == "error"]
    assert [(one["sheet"], one["cell"]) for one in wrong] == [("Kostnader", "B5")]
    assert all(set(one) == {"code", "severity", "sheet", "cell", "message"} for one in wrong)


def filled(file: Path) -> Path:
    """Olofström's budget as an applicant would send it."""
    from applications.budgeting import round_budget_context
    from applications.management.rounds import named_round

    context = round_budget_context(named_round(MAIN), PARTIES.split(","))
    file.write_bytes(write_workbook(efforts(MAIN).effort("olofstrom").budget(), context))
    return file


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("program.xlsx", b"MZ\x90\x00" + bytes(300)),
        ("tom.xlsx", b""),
        ("text.xlsx", "Det här är ingen arbetsbok.".encode()),
        ("trasig.xlsx", b"PK\x03\x04" + bytes(200)),
    ],
)
def test_a_hostile_or_broken_file_is_unreadable_with_a_reason(
    programme: Programme, tmp_path: Path, name: str, data: bytes
) -> None:
    file = tmp_path / name
    file.write_bytes(data)

    checked = run("check_budget", str(file), "--round", MAIN, "--json")

    assert (checked.code, checked.json()["ok"]) == (1, False)
    (finding,) = checked.json()["findings"]
    assert finding["code"] == "unreadable_workbook"
    assert len(finding["message"]) > 20


def test_json_is_one_object_and_nothing_else(programme: Programme, tmp_path: Path) -> None:
    file = filled(tmp_path / "ifylld.xlsx")
    for words in (
        ("check_budget", str(file), "--round", MAIN, "--json"),
        ("load_programme", str(PROGRAMMES / f"{MAIN}.toml"), "--json"),
        ("verify_events", "--json"),
        ("verify_ledger", "--json"),
        ("verify_documents", "--json"),
    ):
        told = run(*words)
        assert told.out.count("\n") == 1, words
        assert isinstance(told.json(), dict)
        assert told.err == ""


@pytest.mark.parametrize(
    "words",
    [
        ("check_budget", "finns-inte.xlsx", "--round", MAIN),
        ("check_budget", "finns-inte.xlsx", "--round", "ingen-sadan"),
        ("budget_template", "--round", MAIN, "--years", "tjugofyra", "--out", "x.xlsx"),
        ("budget_template", "--round", MAIN, "--parties", "Atlantis kommun", "--out", "x.xlsx"),
        ("make_packet", "--meeting", "4711", "--out", "x.pdf"),
        ("verify_events", "--against", "finns-inte.json"),
    ],
)
def test_wrong_use_ends_with_two_and_says_why(programme: Programme, words: tuple[str, ...]) -> None:
    told = run(*words)

    assert told.code == 2, told
    assert told.err
    assert told.out == ""


# --- verify_* -----------------------------------------------------------------------------------


def test_an_untouched_installation_verifies_and_a_changed_event_does_not(
    programme: Programme,
) -> None:
    assert [run(name).code for name in ("verify_events", "verify_ledger", "verify_documents")] == [
        0, 0, 0,
    ]  # fmt: skip

    with append_only_lifted(connection), connection.cursor() as cursor:
        cursor.execute("UPDATE registry_event SET action = 'annat' WHERE sequence = 1")
    told = run("verify_events", "--json")

    assert (told.code, told.json()["ok"]) == (1, False)


# --- check_word and import_application ----------------------------------------------------------


def template_file(programme: Programme, path: Path, *, without: int = 0) -> Path:
    """A document with the template's headings, all but the last few."""
    sections = [s for s in programme.templates.get().sections.all() if s.questions.exists()]
    chosen = sections[: len(sections) - without]
    path.write_bytes(word_files.with_headings(*((s.heading, "Text.") for s in chosen)))
    return path


def test_check_word_says_which_headings_are_there(programme: Programme, tmp_path: Path) -> None:
    whole = run(
        "check_word", str(template_file(programme, tmp_path / "a.docx")), "--round", MAIN, "--json"
    )
    assert (whole.code, whole.json()["ok"], whole.json()["missing"]) == (0, True, [])
    file = template_file(programme, tmp_path / "b.docx", without=1)
    lacking = run("check_word", str(file), "--round", MAIN, "--json")
    assert (lacking.code, lacking.json()["ok"]) == (1, False)
    assert lacking.json()["missing"] == ["Avgränsning mot ordinarie uppdrag"]
    assert lacking.json()["unknown"] == []
    assert "Saknas: Avgränsning" in run("check_word", str(file), "--round", MAIN).out


def test_check_word_of_a_broken_file_is_one_object_with_the_reason(
    programme: Programme, tmp_path: Path
) -> None:
    file = tmp_path / "trasig.docx"
    file.write_bytes(b"PK\x03\x04trasig")
    ended = run("check_word", str(file), "--round", MAIN, "--json")
    assert (ended.code, ended.json()["ok"], ended.json()["found"]) == (1, False, [])
    assert ended.json()["findings"][0]["code"] == "unreadable_word"
    assert run("check_word", str(tmp_path / "finns-inte.docx"), "--round", MAIN).code == 2


def test_import_application_makes_a_draft_of_two_files(tmp_path: Path, db: None) -> None:
    programme = load_programme(PROGRAMMES / "vastmanland-samverkansmedel.toml").programme
    round_ = programme.rounds.get()
    round_.opens_at = clock.now() - timedelta(days=1)
    round_.save(update_fields=["opens_at"])
    lead = round_.association.members.filter(kind="municipality").first()
    region = round_.association.members.filter(kind="region").first()
    person = make_person("applicant", round_.association, lead)
    text = template_file(programme, tmp_path / "ansokan.docx", without=1)
    names = f"{lead.name},{region.name}"
    book = tmp_path / "budget.xlsx"
    years = str(round_.years[0])
    run(
        *("budget_template", "--round", round_.slug, "--parties", names),
        *("--years", years, "--out", str(book)),
    )
    opened = load_workbook(book)
    row = ("Lokaler", "Hyra", lead.name, int(years), 90_000)
    for column, value in zip("ABCDE", row, strict=True):
        opened["Kostnader"][f"{column}5"] = value
    for column, value in zip("ABCD", ("Sökt här", lead.name, int(years), 90_000), strict=True):
        opened["Finansiering"][f"{column}5"] = value
    opened.save(book)
    words = (
        *("import_application", str(text), "--budget", str(book), "--round", round_.slug),
        *("--lead", lead.name, "--parties", names, "--as", person.email),
    )
    ended = run(*words, "--json")
    said = ended.json()
    assert (ended.code, said["ok"], said["budget_taken"]) == (0, True, True), said
    application = Application.objects.get(public_id=said["application"])
    assert [party.name for party in application.parties.all()] == [lead.name, region.name]
    assert application.budget.content().entries
    assert len(said["taken"]) == len(application.word_files.get().taken) > 5
    assert said["word"]["missing"] == ["Avgränsning mot ordinarie uppdrag"]
    assert run(*words[:-1], "ingen@exempel.se").code == 2
    stranger = make_person("applicant", round_.association, region)
    assert run(*words[:-1], stranger.email).code == 1
