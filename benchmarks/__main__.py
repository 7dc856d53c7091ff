"""Run benchmarks, print their figures, keep them as JSON; exit 1 when something does not hold."""

from __future__ import annotations

import argparse
import os
import sys

import django

from benchmarks.harness import Outcome, all_benchmarks, keep, run


def main(names: list[str]) -> int:
    known = {benchmark.name: benchmark for benchmark in all_benchmarks()}
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.stderr.write(f"No benchmark is called {', '.join(unknown)}: {', '.join(known)}\n")
        return 2
    broken = 0
    for name in names or known:
        outcome = run(known[name])
        keep(outcome)
        sys.stdout.write(f"{in_words(outcome)}\n")
        broken += bool(outcome.broken)
    return 1 if broken else 0


def in_words(outcome: Outcome) -> str:
    """workbook_check  0.241 s, 0.98 times the floor  holds"""
    verdict = "; ".join(outcome.broken) or "holds"
    name, seconds, ratio = outcome.benchmark.name, outcome.seconds, outcome.ratio
    return f"{name:<28} {seconds:7.3f} s  {ratio:5.2f} × floor  {verdict}"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    sys.exit(main(parser.parse_args().names))
