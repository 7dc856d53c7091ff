"""The workbook: written as the contract says, read back the same, and its faults named by cell."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl import Workbook

from budgets.check import CheckResult, check_content, check_reading, check_workbook
from budgets.content import BudgetContent, FinancingEntry, Source
from budgets.context import BudgetContext
from budgets.workbook import empty_workbook
from budgets.workbook_cells import BrokenWorkbook, Cell, read_pages
from budgets.workbook_layout import letter, normal_formula
from budgets.workbook_read import Reading, read
from finsam.errors import DomainError
from tests.budgets.samples import (
    CONTENT,
    CONTEXT,
    REGION,
    TOWN,
    cost,
    opened,
    saved,
    with_cells,
    with_rows,
    with_saved_result,
    workbook,
)

YEARS = replace(CONTEXT, years=(2024, 2025))


def check(data: bytes, context: BudgetContext = CONTEXT) -> CheckResult:
    """The check without the child process, which has tests of its own."""
    return check_reading(read(data), context)


def found(data: bytes, context: BudgetContext = CONTEXT) -> list[tuple[str, str]]:
    return [(each.code, each.place) for each in check(data, context).findings]


# --- as the contract says ---------------------------------------------------------------------


def test_the_sheets_and_headers_are_those_of_the_contract() -> None:
    book = opened(empty_workbook(CONTEXT))

    assert book.sheetnames == [
        "Läs mig",
        "Personal",
        "Kostnader",
        "Finansiering",
        "Sammanställning",
        "_mall",
    ]
    headers = {
        name: [cell.value for cell in book[name][4] if cell.value] for name in book.sheetnames[1:4]
    }
    assert headers == {
        "Personal": ["Part", "Funktion", "Arbetsgivare", "År", "Tjänstgöringsgrad %", "Månader",
                     "Månadslön", "PO-pålägg %", "Kostnad", "Anmärkning"],
        "Kostnader": ["Kostnadsslag", "Beskrivning", "Part", "År", "Belopp", "Anmärkning"],
        "Finansiering": ["Källa", "Part eller finansiär", "År", "Belopp"],
    }  # fmt: skip


def test_the_hidden_sheet_holds_the_keys() -> None:
    page = opened(empty_workbook(YEARS))["_mall"]

    assert page.sheet_state == "veryHidden"
    assert [(page.cell(row, 1).value, page.cell(row, 2).value) for row in range(1, 5)] == [
        ("template", "blekinge-individinsatser-2024"),
        ("version", 3),
        ("application", "SFB 2023/41"),
        ("years", "2024,2025"),
    ]


def test_200_rows_are_open_and_all_else_is_locked_without_password() -> None:
    book = opened(empty_workbook(CONTEXT))
    page = book["Personal"]

    assert page.protection.sheet
    assert page.protection.password is None
    for row in (5, 204):
        open_cells = [cell.column_letter for cell in page[row] if not cell.protection.locked]
        assert open_cells == list("ABCDEFGHJ")
    assert page["A4"].protection.locked
    assert page["A205"].protection.locked
    assert all(book[name].protection.sheet for name in book.sheetnames)


def test_parts_kinds_sources_and_years_are_drop_downs_of_what_holds() -> None:
    book = opened(empty_workbook(YEARS))

    def values(sheet: str, column: str) -> list[Any]:
        choices = next(
            each
            for each in book[sheet].data_validations.dataValidation
            if str(each.sqref) == f"{column}5:{column}204"
        )
        first, last = re.findall(r"\$([0-9]+)", choices.formula1)
        listed = re.search(r"\$([A-Z])", choices.formula1)
        assert listed is not None
        return [
            book["_mall"][f"{listed[1]}{row}"].value for row in range(int(first), int(last) + 1)
        ]

    parties = list(YEARS.names)
    assert values("Personal", "A") == values("Kostnader", "C") == parties
    assert values("Personal", "D") == values("Finansiering", "C") == [2024, 2025]
    assert values("Kostnader", "A")[-2:] == ["Administration/OH", "Övrigt"]
    assert values("Finansiering", "A") == [
        "Sökt här",
        "Egen finansiering",
        "Egen insats i natura",
        "Annan finansiär",
    ]


def test_a_workbook_needs_a_year() -> None:
    with pytest.raises(DomainError, match="vilka år"):
        empty_workbook(replace(CONTEXT, years=()))


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "＝", "|"])
def test_I05_text_stays_text_whatever_it_begins_with(first: str) -> None:
    text = f"{first}1+cmd|' /C calc'!A0"
    content = with_rows(costs=[cost(1, description=text, note=text)])

    page = opened(workbook(content))["Kostnader"]

    assert [page["B5"].data_type, page["F5"].data_type] == ["s", "s"]
    assert read(workbook(content)).content.costs[0].description == text.strip()


# --- there and back ---------------------------------------------------------------------------


def test_a_workbook_read_back_gives_the_same_rows_and_no_findings() -> None:
    result = check(workbook())

    assert (result.content, result.findings) == (CONTENT, ())
    assert result.can_be_taken


def test_export_after_import_gives_the_same_input_cells() -> None:
    first = workbook()
    second = workbook(read(first).content)

    cells = [{page.name: page.cells for page in read_pages(data)} for data in (first, second)]
    assert cells[0] == cells[1]


def test_the_reading_survives_its_way_through_json() -> None:
    reading = read(with_cells({"Kostnader!E5": "abc"}))

    assert Reading.from_json(reading.as_json()) == reading


def own_layout() -> bytes:
    """A budget as somebody made it on their own: titles, gaps, dates, sums, another sheet."""
    book = Workbook()
    page = book.worksheets[0]
    page.title = "Budget 2024"
    page.append(["STEGET VIDARE – budget", None, "ver 4", dt.date(2023, 8, 28)])
    page.append([])
    page.append(["Funktion", "Part", "Tjänst", "Lön/mån", "Klar", "Belopp"])
    page.append(["Projektledare", "Karlskrona kommun", 1, 65_146.5, True, 781_758])
    page.append(["Hyra, el & <städ>", None, None, "90 000 kr", False, 1e15])
    page.append(["Summa", None, None, None, None, "=SUM(F4:F5)"])
    page["H9"], page["H9"].number_format = 0.401, "0.0%"
    page["B2"].data_type = "s"
    page.merge_cells("A1:B1")
    book.create_sheet("Gammalt").sheet_state = "hidden"
    book["Gammalt"]["C3"] = "#REF!"
    return saved(book)


def test_openpyxl_and_our_reader_see_the_same_cells() -> None:
    """Values, kinds and formulas against a reader that is not ours."""
    for data in (own_layout(), workbook()):
        results = openpyxl.load_workbook(BytesIO(data), data_only=True)
        formulas = openpyxl.load_workbook(BytesIO(data))
        pages = read_pages(data)
        assert [(page.name, page.state) for page in pages] == [
            (sheet.title, sheet.sheet_state) for sheet in formulas.worksheets
        ]
        for page in pages:
            theirs = {
                cell.coordinate: cell.value
                for row in results[page.name].iter_rows()
                for cell in row
                if cell.value not in {None, ""} and not isinstance(cell.value, dt.date)
            }
            ours = {
                at: cell.value
                for at, cell in page.cells.items()
                if cell.value is not None and cell.kind != "date"
            }
            assert theirs == ours
            written = {
                cell.coordinate: cell.value
                for row in formulas[page.name].iter_rows()
                for cell in row
                if cell.data_type == "f"
            }
            assert {at: cell.formula for at, cell in page.cells.items() if cell.formula} == written
    kinds = {at: cell.kind for at, cell in read_pages(own_layout())[0].cells.items()}
    assert (kinds["D1"], kinds["E4"], kinds["H9"]) == ("date", "boolean", "number")
    assert read_pages(own_layout())[1].cells["C3"].kind == "error"


def test_shared_strings_and_inline_strings_read_alike() -> None:
    """openpyxl writes strings inline; LibreOffice and Excel share them between the sheets."""
    name = "xl/worksheets/sheet2.xml"
    with zipfile.ZipFile(BytesIO(workbook())) as package:
        parts = {part: package.read(part).decode() for part in package.namelist()}
    texts: list[str] = []

    def share(cell: re.Match[str]) -> str:
        texts.append(cell[2])
        return f'{cell[1]} t="s"><v>{len(texts) - 1}</v></c>'

    parts[name] = re.sub(
        r'(<c r="[A-Z]+[0-9]+"[^>]*?) t="inlineStr"><is>(<t[^>]*>[^<]*</t>)</is></c>',
        share,
        parts[name],
    )
    assert len(texts) > 10
    parts["xl/sharedStrings.xml"] = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        + "".join(f"<si>{text}</si>" for text in texts)
        + "</sst>"
    )
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    parts["xl/_rels/workbook.xml.rels"] = parts["xl/_rels/workbook.xml.rels"].replace(
        "</Relationships>",
        f'<Relationship Id="rShared" Type="{kind}" Target="sharedStrings.xml"/></Relationships>',
    )
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for part, text in parts.items():
            package.writestr(part, text)

    assert read(out.getvalue()).content == CONTENT


def test_formulas_shared_by_several_cells_are_moved_to_each() -> None:
    with zipfile.ZipFile(BytesIO(workbook())) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    sheet = parts["xl/worksheets/sheet2.xml"].decode()
    first = re.search(r'<c r="I5"[^>]*><f>(.*?)</f>', sheet)
    assert first is not None
    shared = sheet.replace(
        f"<f>{first[1]}</f>", f'<f t="shared" ref="I5:I204" si="0">{first[1]}</f>', 1
    )
    shared = re.sub(r'(<c r="I(?!5")[0-9]+"[^>]*>)<f>.*?</f>', r'\1<f t="shared" si="0"/>', shared)
    parts["xl/worksheets/sheet2.xml"] = shared.encode()
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, part in parts.items():
            package.writestr(name, part)

    assert check(out.getvalue()).findings == ()


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_libreoffice_computes_the_same_sums_and_saves_a_workbook_we_take(tmp_path: Path) -> None:
    content = replace(
        CONTENT,
        financing=(*CONTENT.financing, FinancingEntry(7, source=Source.OTHER, year=2025, amount=0)),
    )
    (tmp_path / "budget.xlsx").write_bytes(workbook(content, YEARS))

    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile",
         "--convert-to", "xlsx", "--outdir", f"{tmp_path}/out", f"{tmp_path}/budget.xlsx"],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip

    data = (tmp_path / "out/budget.xlsx").read_bytes()
    pages = {page.name: page for page in read_pages(data)}
    assert pages["Personal"].cells["I7"].value == 357_210
    assert [pages["Sammanställning"].cells[at].value for at in ("B7", "B8", "B9", "D9")] == [
        1_212_126,
        1_212_126,
        0,
        0,
    ]
    assert check(data, YEARS).findings == ()
    assert check(data, YEARS).content == content


# --- what is wrong, and where -----------------------------------------------------------------


@pytest.mark.parametrize("sheet", ["Läs mig", "Personal", "Kostnader", "Sammanställning"])
def test_a_missing_sheet_is_named(sheet: str) -> None:
    book = opened(workbook())
    del book[sheet]

    assert ("sheet_missing", sheet) in found(saved(book))


def test_a_renamed_sheet_is_missing() -> None:
    book = opened(workbook())
    book["Kostnader"].title = "Kostnader 2"

    assert ("sheet_missing", "Kostnader") in found(saved(book))


def test_sheets_in_another_order_are_taken() -> None:
    book = opened(workbook())
    book.move_sheet("Finansiering", -2)

    assert found(saved(book)) == []


def test_a_workbook_without_keys_is_not_ours() -> None:
    book = opened(workbook())
    del book["_mall"]

    assert found(saved(book)) == [("sheet_missing", "_mall"), ("wrong_template", "_mall!B1")]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"_mall!B1": "jamtland-insatsfinansiering-2022"}, ("wrong_template", "_mall!B1")),
        ({"_mall!B2": 2}, ("wrong_version", "_mall!B2")),
        ({"Kostnader!C4": "Medlem"}, ("column_missing", "Kostnader!C4")),
        ({"Personal!I5": 722_916}, ("formula_overwritten", "Personal!I5")),
        ({"Personal!I5": None}, ("formula_overwritten", "Personal!I5")),
        ({"Personal!I90": 50_000}, ("formula_overwritten", "Personal!I90")),
        ({"Personal!I7": "=E7*F7"}, ("formula_overwritten", "Personal!I7")),
        ({"Sammanställning!B9": 0}, ("formula_overwritten", "Sammanställning!B9")),
        ({"Sammanställning!C7": None}, ("formula_overwritten", "Sammanställning!C7")),
        ({"Kostnader!A5": "Hyror"}, ("unknown_choice", "Kostnader!A5")),
        ({"Finansiering!A5": "Sökt"}, ("unknown_choice", "Finansiering!A5")),
        ({"Kostnader!E5": "etthundra"}, ("not_a_number", "Kostnader!E5")),
        ({"Kostnader!E5": "90.000"}, ("not_a_number", "Kostnader!E5")),
        ({"Kostnader!E5": True}, ("not_a_number", "Kostnader!E5")),
        ({"Kostnader!E5": dt.date(2024, 3, 1)}, ("not_a_number", "Kostnader!E5")),
        ({"Kostnader!E5": "#REF!"}, ("not_a_number", "Kostnader!E5")),
        ({"Kostnader!E5": 1e308}, ("not_a_number", "Kostnader!E5")),
        ({"Kostnader!E5": 132_000.5}, ("not_whole_kronor", "Kostnader!E5")),
        ({"Kostnader!E5": "132 000,25"}, ("not_whole_kronor", "Kostnader!E5")),
        ({"Kostnader!E5": "=66000*2"}, ("not_a_number", "Kostnader!E5")),
        ({"Kostnader!D5": "i år"}, ("outside_period", "Kostnader!D5")),
        ({"Personal!E5": "heltid"}, ("not_a_number", "Personal!E5")),
        ({"Kostnader!B5": "x" * 501}, ("text_too_long", "Kostnader!B5")),
        ({"Kostnader!E205": 5}, ("row_outside", "Kostnader!E205")),
    ],
)
def test_a_fault_is_found_in_its_cell(cells: dict[str, Any], expected: tuple[str, str]) -> None:
    findings = found(with_cells(cells))

    assert expected in findings
    others = {code for code, _ in findings} - {expected[0], "sum_mismatch"}
    assert others == set()


@pytest.mark.parametrize(
    "written", ["132 000", "132\u00a0000 kr", "132000:-", "132 000,00", " 132000 ", 132_000.0]
)
def test_a_text_number_in_any_swedish_writing_is_read(written: object) -> None:
    assert found(with_cells({"Kostnader!E5": written})) == []


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("Kostnader!A5", " LOKALER "),
        ("Kostnader!C5", "karlshamns kommun "),
        ("Finansiering!A5", "sökt Här"),
        ("Kostnader!D5", "2024"),
        ("Personal!E5", "100 %"),
        ("Personal!H5", "40,1"),
        ("Kostnader!B6", "   "),
    ],
)
def test_case_spaces_and_text_figures_make_no_difference(cell: str, written: str) -> None:
    result = check(with_cells({cell: written}))

    assert result.findings == ()
    assert result.summary.by_member == {TOWN: 854_916, REGION: 357_210}


def test_a_deleted_column_is_named_and_the_others_are_still_read() -> None:
    book = opened(workbook())
    book["Kostnader"].delete_cols(3)

    findings = found(saved(book))

    assert ("column_missing", "Kostnader!C4") in findings
    assert check(saved(book)).summary.total_cost == 1_212_126


def test_a_formula_by_the_user_is_taken_with_its_saved_result_and_told() -> None:
    data = with_saved_result(with_cells({"Kostnader!E5": "=66000*2"}), "E5", "132000")

    result = check(data)

    assert [(each.code, each.place, each.severity) for each in result.findings] == [
        ("formula_in_input", "Kostnader!E5", "warning")
    ]
    assert result.summary.total_cost == 1_212_126


def test_saved_results_that_differ_are_told_and_never_used() -> None:
    result = check(with_saved_result(workbook(), "B7", "1", sheet=5))

    assert [(each.code, each.place) for each in result.findings] == [
        ("stale_result", "Sammanställning!B7")
    ]
    assert result.ok
    assert "visar 1 men blir 1\u00a0212\u00a0126" in result.findings[0].message


def test_rows_may_be_left_empty_and_keep_their_places() -> None:
    content = with_rows(costs=[cost(9), cost(200, description="Sista raden")])

    assert [row.position for row in read(workbook(content)).content.costs] == [9, 200]


def test_a_merged_cell_leaves_the_rows_below_without_member() -> None:
    content = with_rows(staff=[replace(CONTENT.staff[1], position=at) for at in (1, 2)])
    book = opened(workbook(content))
    book["Personal"].merge_cells("A5:A6")

    assert ("staff_without_member", "Personal!A6") in found(saved(book))


def test_the_years_of_the_workbook_count_when_the_round_sets_none() -> None:
    assert found(workbook(), replace(CONTEXT, years=())) == []


def test_an_empty_template_is_no_budget_but_breaks_nothing() -> None:
    result = check(empty_workbook(CONTEXT))

    assert result.ok
    assert result.content == BudgetContent()


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"not a zip", workbook()[:2_000]])
def test_what_is_no_workbook_breaks_as_such(data: bytes) -> None:
    with pytest.raises(BrokenWorkbook):
        read(data)


# --- through the guard and the child process --------------------------------------------------


def test_a_sent_workbook_is_checked_like_its_rows() -> None:
    assert check_workbook(workbook(), CONTEXT) == check_content(CONTENT, CONTEXT)


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"PK\x03\x04 and more", workbook()[:2_000]])
def test_U03_what_cannot_be_read_is_one_finding(data: bytes) -> None:
    shown = check_workbook(data, CONTEXT).as_json()

    assert (shown["ok"], shown["total_cost"], len(shown["findings"])) == (False, 0, 1)
    assert shown["findings"][0]["code"] == "unreadable_workbook"
    assert shown["findings"][0]["message"].endswith(".")


def test_a_budget_of_ones_own_making_is_not_the_template() -> None:
    findings = check_workbook(own_layout(), CONTEXT).findings

    assert {each.code for each in findings} == {"sheet_missing", "wrong_template"}


# --- small parts ------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "name"), [(1, "A"), (26, "Z"), (27, "AA"), (256, "IV")])
def test_columns_have_letters(number: int, name: str) -> None:
    assert letter(number) == name


def test_formulas_are_compared_without_what_programs_change() -> None:
    assert normal_formula("=SUM( 'Personal'!$I$5 ; b2 )") == normal_formula("sum(Personal!I5,B2)")


def test_a_cell_with_a_formula_but_no_result_is_kept() -> None:
    pages = {page.name: page for page in read_pages(workbook())}

    assert pages["Personal"].cells["I204"] == Cell(
        "text", None, '=IF(COUNT(E204:G204)=3,ROUND(E204*F204*G204*(100+N(H204))/10000,0),"")'
    )
