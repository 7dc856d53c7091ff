"""What is measured, and against what: one file per benchmark, each with a `BENCHMARK`.

`make benchmarks` runs them all, `.venv/bin/python -m benchmarks NAME …` some. The figures of the
last run lie in `benchmarks/results/`, one JSON file each.
"""
