"""Measuring a thing beside a bare floor in the same run, so that a busy machine slows both.

A benchmark is a module in this package with a `BENCHMARK`. Add yours as one new file: say what is
measured, what the floor does in its place, and what must hold.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import benchmarks

RESULTS = Path(__file__).with_name("results")
OWN = {"harness", "__main__"}
Work = Callable[[], object]


@dataclass(frozen=True)
class Pair:
    """What is measured, and the least that could be done in its place. Both can be run again."""

    measured: Work
    floor: Work


@dataclass(frozen=True)
class Benchmark:
    """What is measured and what must hold: seconds at most, and at most so many times the floor.

    `prepare` makes what is needed and is not measured. With `needs_database` it runs within a
    test database of its own (SQLite, or PostgreSQL where DATABASE_URL names one).
    """

    name: str
    what: str
    prepare: Callable[[], Pair]
    most_seconds: float | None = None
    most_ratio: float | None = None
    rounds: int = 9
    needs_database: bool = False


@dataclass(frozen=True)
class Outcome:
    """The seconds of each round, the two taken in turn."""

    benchmark: Benchmark
    measured: tuple[float, ...]
    floor: tuple[float, ...]

    @property
    def seconds(self) -> float:
        return statistics.median(self.measured)

    @property
    def ratio(self) -> float:
        """The median of the rounds' own ratios: what disturbed a round disturbed both."""
        pairs = zip(self.measured, self.floor, strict=True)
        return statistics.median(one / other for one, other in pairs)

    @property
    def broken(self) -> list[str]:
        """What did not hold, in words; empty when all did."""
        found = []
        if self.benchmark.most_seconds and self.seconds > self.benchmark.most_seconds:
            found.append(f"{self.seconds:.3f} s is more than {self.benchmark.most_seconds} s")
        if self.benchmark.most_ratio and self.ratio > self.benchmark.most_ratio:
            found.append(f"{self.ratio:.2f} times the floor, more than {self.benchmark.most_ratio}")
        return found

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.benchmark.name,
            "what": self.benchmark.what,
            "seconds": round(self.seconds, 4),
            "floor_seconds": round(statistics.median(self.floor), 4),
            "ratio": round(self.ratio, 3),
            "most_seconds": self.benchmark.most_seconds,
            "most_ratio": self.benchmark.most_ratio,
            "holds": not self.broken,
            "measured": [round(each, 4) for each in self.measured],
            "floor": [round(each, 4) for each in self.floor],
            "load": round(os.getloadavg()[0], 2),
        }


def all_benchmarks() -> list[Benchmark]:
    """Every benchmark of this package, by name."""
    found: list[Benchmark] = []
    for module in pkgutil.iter_modules(benchmarks.__path__):
        if module.name not in OWN:
            loaded = importlib.import_module(f"benchmarks.{module.name}")
            declared = loaded.BENCHMARK
            found.extend(declared if isinstance(declared, tuple) else (declared,))
    return sorted(found, key=lambda each: each.name)


def run(benchmark: Benchmark) -> Outcome:
    """Measure one benchmark, in turn with its floor; the first round warms up and is not kept."""
    with _database() if benchmark.needs_database else _nothing():
        pair = benchmark.prepare()
        rounds = [(_seconds(pair.floor), _seconds(pair.measured)) for _ in _times(benchmark)]
    floor, measured = zip(*rounds[1:], strict=True)
    return Outcome(benchmark, measured, floor)


def keep(outcome: Outcome) -> Path:
    """Write the outcome beside the earlier ones of its name."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{outcome.benchmark.name}.json"
    path.write_text(json.dumps(outcome.as_json(), indent=1, ensure_ascii=False) + "\n")
    return path


def _times(benchmark: Benchmark) -> range:
    return range(benchmark.rounds + 1)


def _seconds(work: Work) -> float:
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@contextmanager
def _nothing() -> Iterator[None]:
    yield


@contextmanager
def _database() -> Iterator[None]:
    """An empty database that is gone afterwards."""
    from django.test.utils import setup_databases, teardown_databases

    made = setup_databases(verbosity=0, interactive=False)
    try:
        yield
    finally:
        teardown_databases(made, verbosity=0)
