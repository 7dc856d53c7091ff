"""Writing the budget workbook: drop-downs, locked cells, formulas, print set-up, instructions."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from decimal import Decimal
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.formatting.rule import Rule
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from budgets.content import (
    COST_KINDS,
    FIRST_ROW,
    SOURCES,
    BudgetContent,
    CostEntry,
    Entry,
    FinancingEntry,
    Sheet,
)
from budgets.context import BudgetContext
from budgets.workbook_layout import (
    COLUMNS,
    GUIDE,
    HEADER_ROW,
    LAST_ROW,
    LIST_COLUMNS,
    SHEETS,
    STAMP,
    SUMMARY,
    TEMPLATE,
    Block,
    Column,
    letter,
    staff_formula,
    summary_blocks,
)
from finsam.errors import DomainError

KRONOR = '[$-41D]#,##0\\ "kr"'
NUMBER = "[$-41D]#,##0"
DECIMAL = "[$-41D]0.##"
INK = "1F2D3D"
BAND = "E7EFEE"
RULE = "B9C4C3"
OPEN = PatternFill("solid", fgColor="FFFDF2")
COMPUTED = PatternFill("solid", fgColor="F1F3F4")
HEAD = PatternFill("solid", fgColor=BAND)
EDGE = Side("thin", color=RULE)
LINES = Border(left=EDGE, right=EDGE, top=EDGE, bottom=EDGE)
UNLOCKED = Protection(locked=False)
PLAIN = Font(name="Calibri", size=11, color=INK)
STRONG = Font(name="Calibri", size=11, color=INK, bold=True)
TITLE = Font(name="Calibri", size=16, color=INK, bold=True)
WIDTH_OF_GUIDE = 100
NOTES = {
    Sheet.STAFF: "En rad per person eller tjänst och år. Kostnaden räknas ut: tjänstgöringsgrad × "
    "månader × månadslön × (1 + PO-pålägg), avrundad till hela kronor per rad.",
    Sheet.COSTS: "Alla kostnader utom personal. Belopp i hela kronor.",
    Sheet.FINANCING: "Vad ni söker här och vad ni och andra betalar själva. Finansieringen ska bli "
    "lika stor som kostnaderna varje år.",
}
GUIDANCE = (
    "Så fyller du i budgeten",
    "1. Fyll i bladen Personal, Kostnader och Finansiering. Gula celler är öppna, övriga är låsta.",
    "2. Välj part, år, kostnadsslag och källa i listorna. Parterna skrivs med hela namnet.",
    "3. Skriv belopp i hela kronor, utan ören. Skriv procent som tal: 100 är heltid, inte 1.",
    "4. Personal tas upp till självkostnad, med månadslön och arbetsgivarens PO-pålägg.",
    "5. På bladet Sammanställning ska skillnaden vara 0 för varje år.",
    "6. Spara som .xlsx och lämna in filen i portalen. Den räknar om allt och visar alla fel.",
    (
        "Medlen får inte gå till deltagares förmåner, resekort, milersättning eller annan "
        "ersättning, till tolk eller till tjänster utanför parternas ansvar (7 § lagen 2003:1210)."
    ),
    "Skriv inga namn på deltagare. En inlämnad ansökan är en allmän handling.",
    "Lägg inte till, ta inte bort och byt inte namn på blad eller kolumner. Rader får vara tomma.",
)


def write_workbook(content: BudgetContent, context: BudgetContext, stamp: str = "") -> bytes:
    """The workbook of an application with the given rows, or empty for an empty content.

    `stamp` says which budget at which version the rows are from; programs keep it with the file.
    Raises DomainError when the application has no year to budget for.
    """
    if not context.years:
        raise DomainError("years_missing", "Välj vilka år budgeten gäller innan du hämtar den.")
    book = Workbook()
    if book.active is not None:
        book.remove(book.active)
    pages = {name: book.create_sheet(str(name)) for name in SHEETS}
    _write_guide(pages[GUIDE], context)
    for sheet, rows in (
        (Sheet.STAFF, content.staff),
        (Sheet.COSTS, content.costs),
        (Sheet.FINANCING, content.financing),
    ):
        _write_input(pages[sheet], sheet, rows, context)
    _write_summary(pages[SUMMARY], summary_blocks(context.names, context.years), context)
    _write_keys(pages[TEMPLATE], context)
    book.active = 1
    book.properties.creator = ""
    book.properties.title = "Budget"
    book.properties.language = "sv-SE"
    if stamp:
        kept: Any = book  # the types do not know the properties of one's own
        kept.custom_doc_props.append(StringProperty(name=STAMP, value=stamp))
    book.calculation.fullCalcOnLoad = True
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def put_text(cell: Any, text: str) -> None:
    """Write text that stays text, whatever sign it begins with."""
    cell.value = text
    if text:
        cell.data_type = "s"
        cell.quotePrefix = text[0] in "=+-@\t\r|＝"


def _write_guide(page: Worksheet, context: BudgetContext) -> None:
    page.column_dimensions["A"].width = WIDTH_OF_GUIDE
    whose = f"Parter: {', '.join(context.names)}. År: {_years(context)}."
    for row, text in enumerate((GUIDANCE[0], whose, *GUIDANCE[1:]), start=1):
        cell = page.cell(row, 1)
        put_text(cell, text)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.font = TITLE if row == 1 else PLAIN
        page.row_dimensions[row].height = 18 * (1 + len(text) // WIDTH_OF_GUIDE) + 4
    set_up_print(page, landscape=False)
    page.protection.sheet = True


def _write_input(
    page: Worksheet, sheet: Sheet, rows: Sequence[Entry], context: BudgetContext
) -> None:
    columns = COLUMNS[sheet]
    write_title(page, str(sheet), NOTES[sheet], len(columns))
    for number, column in enumerate(columns, start=1):
        page.column_dimensions[letter(number)].width = column.width
        head(page.cell(HEADER_ROW, number), column.header)
        _dress(page, number, column)
        _add_choices(page, column, letter(number), context)
    for entry in rows:
        _write_row(page, columns, entry)
    page.freeze_panes = f"A{FIRST_ROW}"
    page.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"
    set_up_print(page, landscape=True)
    page.protection.sheet = True
    page.protection.formatColumns = False
    page.protection.formatRows = False
    page.protection.sort = False


def write_title(page: Worksheet, title: str, note: str, width: int) -> None:
    """What the sheet is, and how it is filled in, above its table."""
    put_text(page["A1"], title)
    page["A1"].font, page["A2"].font = TITLE, PLAIN
    page.row_dimensions[1].height = 24
    page.row_dimensions[HEADER_ROW].height = 32
    put_text(page["A2"], note)
    page["A2"].alignment = Alignment(wrap_text=True, vertical="top")
    page.merge_cells(start_row=2, end_row=2, start_column=1, end_column=max(width, 4))
    page.row_dimensions[2].height = 34


def head(cell: Any, text: str) -> None:
    """A heading of a column."""
    put_text(cell, text)
    cell.font = STRONG
    cell.fill = HEAD
    cell.border = LINES
    cell.alignment = Alignment(wrap_text=True, vertical="center")


def _dress(page: Worksheet, number: int, column: Column) -> None:
    """A column's input cells open and tinted; the computed cost locked, with its formula."""
    is_computed = column.reads == "formula"
    first: Any = page.cell(FIRST_ROW, number)
    first.border = LINES
    if is_computed:
        first.fill, first.number_format = COMPUTED, NUMBER
    else:
        first.fill, first.protection = OPEN, UNLOCKED
        first.number_format = {"kronor": NUMBER, "decimal": DECIMAL, "year": "0"}.get(
            column.reads, "General"
        )
        first.alignment = Alignment(
            wrap_text=column.reads == "text" and column.longest > 120, vertical="top"
        )
    for row in range(FIRST_ROW, LAST_ROW + 1):
        cell: Any = page.cell(row, number)
        # Style by style, each cell is looked up anew: that takes most of the time of a workbook.
        cell._style = copy(first._style)
        if is_computed:
            cell.value = staff_formula(row)


def _write_row(page: Worksheet, columns: Sequence[Column], entry: Entry) -> None:
    for number, column in enumerate(columns, start=1):
        if column.reads == "formula":
            continue
        cell: Any = page.cell(entry.row, number)
        value = _shown(entry, column.field)
        if isinstance(value, str):
            put_text(cell, value)
        elif isinstance(value, Decimal):
            cell.value = int(value) if value == int(value) else float(value)
        else:
            cell.value = value


def _shown(entry: Entry, field: str) -> str | int | Decimal | None:
    """A field as it stands in its cell: choices by their Swedish names, blanks as nothing."""
    if field == "kind" and isinstance(entry, CostEntry):
        return COST_KINDS[entry.kind] if entry.kind else None
    if field == "source" and isinstance(entry, FinancingEntry):
        return SOURCES[entry.source] if entry.source else None
    value: str | int | Decimal | None = getattr(entry, field)
    return None if value == "" else value


def _add_choices(page: Worksheet, column: Column, name: str, context: BudgetContext) -> None:
    """A drop-down that takes its values from the hidden sheet."""
    length = len(_lists(context).get(column.choices, ()))
    if not length:
        return
    where = LIST_COLUMNS[column.choices]
    choices = DataValidation(
        type="list",
        formula1=f"{TEMPLATE}!${where}$2:${where}${length + 1}",
        allow_blank=True,
        showErrorMessage=column.header != "Part eller finansiär",
        errorTitle=column.header,
        error="Välj ett av värdena i listan.",
        promptTitle=column.header,
    )
    choices.add(f"{name}{FIRST_ROW}:{name}{LAST_ROW}")
    page.add_data_validation(choices)


def _write_summary(page: Worksheet, blocks: Sequence[Block], context: BudgetContext) -> None:
    width = len(context.years) + 2
    write_title(page, SUMMARY, "Allt på det här bladet räknas ut. Belopp i kronor.", width)
    page.column_dimensions["A"].width = 40
    for number in range(2, width + 1):
        page.column_dimensions[letter(number)].width = 18
    for block in blocks:
        head(page.cell(block.row, 1), block.heading)
        for number, year in enumerate(context.years, start=2):
            head(page.cell(block.row, number), "")
            page[f"{letter(number)}{block.row}"].value = year
        head(page.cell(block.row, width), "Summa")
        page.cell(block.row, width).alignment = Alignment(horizontal="right", vertical="center")
        for line in block.lines:
            put_text(page.cell(line.row, 1), line.label)
            page.cell(line.row, 1).border = LINES
            page.cell(line.row, 1).font = STRONG if line.bold else PLAIN
            for figure in line.figures:
                cell: Any = page[figure.cell]
                cell.value, cell.number_format = figure.formula, KRONOR
                cell.border, cell.font = LINES, STRONG if line.bold else PLAIN
    difference = blocks[0].lines[-1].figures
    page.conditional_formatting.add(
        f"{difference[0].cell}:{difference[-1].cell}",
        Rule(
            type="cellIs",
            operator="notEqual",
            formula=["0"],
            dxf=DifferentialStyle(font=Font(bold=True, color="B3261E")),
        ),
    )
    page.freeze_panes = f"B{HEADER_ROW + 1}"
    set_up_print(page, landscape=len(context.years) > 2)
    page.protection.sheet = True


def _write_keys(page: Worksheet, context: BudgetContext) -> None:
    """What the portal recognises its own workbook by, and the values of the drop-downs."""
    for row, (key, value) in enumerate(
        (
            ("template", context.template),
            ("version", ""),
            ("application", context.application),
            ("years", ",".join(map(str, context.years))),
        ),
        start=1,
    ):
        put_text(page.cell(row, 1), key)
        put_text(page.cell(row, 2), value)
    page["B2"].value = context.version
    for name, values in _lists(context).items():
        put_text(page[f"{LIST_COLUMNS[name]}1"], name)
        for row, choice in enumerate(values, start=2):
            cell = page[f"{LIST_COLUMNS[name]}{row}"]
            if isinstance(choice, str):
                put_text(cell, choice)
            else:
                cell.value = choice
    page.sheet_state = "veryHidden"
    page.protection.sheet = True


def _lists(context: BudgetContext) -> dict[str, Sequence[str | int]]:
    return {
        "parties": context.names,
        "kinds": list(COST_KINDS.values()),
        "sources": list(SOURCES.values()),
        "years": context.years,
    }


def _years(context: BudgetContext) -> str:
    return ", ".join(map(str, context.years))


def set_up_print(page: Worksheet, *, landscape: bool) -> None:
    """A4, fitted to its width, with page numbers."""
    page.page_setup.paperSize = 9
    page.page_setup.orientation = "landscape" if landscape else "portrait"
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.page_margins.left = page.page_margins.right = 0.5
    footer = page.oddFooter or HeaderFooterItem()
    if footer.left is not None and footer.right is not None:
        footer.left.text, footer.right.text = "&A", "Sida &P (&N)"
    page.sheet_view.showGridLines = False
