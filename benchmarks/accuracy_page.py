"""Write docs/accuracy.md from results of benchmarks.accuracy and benchmarks.intervals, then compare.md.

usage: python -m benchmarks.accuracy_page RESULTS.jsonl

RESULTS.jsonl: a line a run, each the last line of its output: `... --json | tail -n 1 >> RESULTS.jsonl`.
"""

from __future__ import annotations

import argparse
import json
import statistics
from pathlib import Path
from typing import Any

from benchmarks import compare_page
from benchmarks.markdown import table

PAGE = Path(__file__).parent.parent / "docs" / "accuracy.md"
INTRODUCTION = """# Accuracy

Written by `python -m benchmarks.accuracy_page`. What a fit with the defaults gets on two public data sets, by
their protocols, through the exported bundle: mean ± deviation over seeds. How to run, on one core:

    export OMP_NUM_THREADS=1
    taskset -c 0 python -m benchmarks.accuracy m4-hourly --data FOLDER --seeds 3 --json
    taskset -c 0 python -m benchmarks.accuracy etth1 --data ETTh1.csv --horizon 96 --seeds 3 --json
    taskset -c 0 python -m benchmarks.intervals --json

- [M4 Hourly](https://github.com/Mcompetitions/M4-methods): 414 series, 48 values to forecast
  ([m4.py](../benchmarks/m4.py)).
- [ETTh1](https://github.com/zhouhaoyi/ETDataset): 7 columns, every window of the test rows
  ([etth1.py](../benchmarks/etth1.py)).
- Simulated series, whose true intervals are known ([intervals.py](../benchmarks/intervals.py)).

`coverage` is of the nominal 80 % interval, over everything, and at the step where it is furthest from that;
`width` is its mean width, on M4 Hourly in the unit of MASE, on ETTh1 in deviations of the training rows,
of simulated series in units of the true width. `twin_mse` and `twin_mae`: of the same fit without the rows
that validate, as the published figures are; what is served has been refitted on them, too.

Published figures on ETTh1: DLinear (Zeng et al., 2023, arXiv:2205.13504, 336 values of history), PatchTST
(the one of 64 patches: Nie et al., 2023, arXiv:2211.14730, 512 values; its code leaves out the last,
incomplete batch of test windows) and SegRNN (Lin et al., 2023, arXiv:2308.11200, 720 values) by their papers,
DUET (Qiu et al., 2025, arXiv:2412.10859, 512 values) by a run that its repository records,
decisionintelligence/DUET."""
SHOWN = (
    "smape",
    "mase",
    "owa",
    "mse",
    "mae",
    "twin_mse",
    "twin_mae",
    "coverage",
    "worst_coverage",
    "width",
    "fit_s",
    "forecast_s",
)
TITLES = {"m4-hourly": "M4 Hourly", "etth1": "ETTh1, horizon {horizon}"}


def simulated(result: dict[str, Any]) -> str:
    """What was found of simulated series."""
    about = (
        "`shape_gap`: how far the width of any step is from growing as the true one does; `error`: of the "
        "median,\nin units of the error of one who knows the process."
    )
    return f"## Simulated series\n\n{about}\n\n{table(result['rows'])}"


def section(result: dict[str, Any]) -> str:
    """What one run found, published figures in the same table."""
    if result["benchmark"] == "intervals":
        return simulated(result)
    rows = [{"method": "forecaster", **averaged(result["rows"])}]
    rows += [{**row, "method": f"{row['method']} (published)"} for row in result["published"]]
    given = {name: result[name] for name in ("max_time", "members") if name in result}
    said = [f"{len(result['rows'])} seed(s)", *(f"{name} {value:g}" for name, value in given.items())]
    about = f"{', '.join(said)}. Trained: {result['trained']}; validated: {result['validated']}."
    return f"## {TITLES[result['dataset']].format(**result)}\n\n{about}\n\n{table(rows)}"


def averaged(rows: list[dict[str, Any]]) -> dict[str, object]:
    """The mean of each figure over seeds, with the deviation where there are several."""
    means = {name: statistics.mean(row[name] for row in rows) for name in SHOWN if name in rows[0]}
    if len(rows) == 1:
        return {name: f"{value:.4g}" for name, value in means.items()}
    spread = {name: statistics.stdev([row[name] for row in rows]) for name in means}
    return {name: f"{value:.4g} ± {spread[name]:.1g}" for name, value in means.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("results", type=Path)
    lines = parser.parse_args().results.read_text().splitlines()
    sections = [section(json.loads(line)) for line in lines if line.strip()]
    PAGE.write_text("\n\n".join([INTRODUCTION, *sections]) + "\n")
    compare_page.main()  # it has these figures of ETTh1, too
    print(f"wrote {PAGE.name}")


if __name__ == "__main__":
    main()
