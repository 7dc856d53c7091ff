"""Hostile workbooks through the budget check: one finding with a reason, in time, and no crash."""

from __future__ import annotations

import time

import pytest

from budgets.check import check_workbook
from tests.budgets.samples import CONTEXT
from tests.hostile.conftest import Corpus

# Only the virus scanner can tell this one; to the budget it is a workbook that is not ours.
FOR_THE_SCANNER = "xlsx_eicar_inside"


@pytest.mark.slow
def test_U01_every_workbook_of_the_corpus_gets_a_verdict_in_time(corpus: Corpus) -> None:
    wrong: list[str] = []
    workbooks = [file for file in corpus.files if file["upload_name"].endswith(".xlsx")]
    assert len(workbooks) >= 25
    for file in workbooks:
        began = time.monotonic()
        result = check_workbook(corpus.data(file), CONTEXT, file["upload_name"])
        took = time.monotonic() - began
        refused = file["verdict"] == "reject" and file["id"] != FOR_THE_SCANNER
        expected = {"unreadable_workbook"} if refused else {"sheet_missing", "wrong_template"}
        codes = {found.code for found in result.findings}
        if codes != expected or result.ok or took > 5:
            wrong.append(f"{file['id']}: {sorted(codes)} in {took:.1f} s")
    assert wrong == []
