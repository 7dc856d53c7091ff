"""The harness of the benchmarks: what it measures, what it says of it, what it keeps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import harness
from benchmarks.harness import Benchmark, Outcome, Pair, all_benchmarks, keep, run


def test_measured_and_floor_are_run_in_turn_and_the_first_round_is_not_kept() -> None:
    order: list[str] = []
    pair = Pair(lambda: order.append("measured"), lambda: order.append("floor"))

    outcome = run(Benchmark("order", "", lambda: pair, rounds=2))

    assert order == ["floor", "measured"] * 3
    assert (len(outcome.measured), len(outcome.floor)) == (2, 2)


@pytest.mark.parametrize(
    ("measured", "broken"),
    [
        ((1.0, 1.2, 1.1), []),
        ((1.4, 1.4, 9.0), ["1.40 times the floor, more than 1.3"]),
        ((2.1, 2.1, 2.1), ["2.100 s is more than 2.0 s", "2.10 times the floor, more than 1.3"]),
    ],
)
def test_what_does_not_hold_is_said(measured: tuple[float, ...], broken: list[str]) -> None:
    benchmark = Benchmark("x", "", lambda: Pair(int, int), most_seconds=2.0, most_ratio=1.3)

    assert Outcome(benchmark, measured, (1.0, 1.0, 1.0)).broken == broken


def test_the_figures_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harness, "RESULTS", tmp_path)
    benchmark = Benchmark("x", "what it is", lambda: Pair(int, int), most_ratio=1.3)

    told = json.loads(keep(Outcome(benchmark, (0.5, 0.5), (0.5, 1.0))).read_text())

    assert (told["seconds"], told["floor_seconds"], told["ratio"]) == (0.5, 0.75, 0.75)
    assert told["holds"]


def test_every_benchmark_has_a_name_of_its_own() -> None:
    names = [benchmark.name for benchmark in all_benchmarks()]

    assert names == sorted(set(names))
    assert {"workbook_check", "workbook_reading"} <= set(names)
