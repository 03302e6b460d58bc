"""Order figures of compare: where others are better than our fit, means over sets, the worst sets first.

A row is {"task", "method", "time", "mase", "wql", "coverage", "cpu_s", ...}; a figure that is not known is
not there. Published rows have no time.
"""

from collections.abc import Sequence

from benchmarks.compare_methods import FIT
from benchmarks.statistical_peers import STATISTICAL
from benchmarks.zero_shot import OURS
from benchmarks.zero_shot_means import NAIVE, Row, published, rounded
from benchmarks.zero_shot_tasks import geometric_mean

MEASURES = ("mase", "wql")
LONGER = "longer"


def scored(rows: Sequence[Row]) -> list[Row]:
    """Return the rows that have scores, and after them what is published of other networks for their sets."""
    made = [{**row, "label": label(row)} for row in rows if "mase" in row]
    sets = list(dict.fromkeys(row["task"] for row in made))
    return made + [
        {"task": task, "method": method, "label": f"{method} (published)", **figures[task]}
        for method, figures in published().items()
        for task in sets
        if method not in (NAIVE, *STATISTICAL) and task in figures
    ]


def label(row: Row) -> str:
    """Return a method as tables name it: one that had more time than ours is told apart."""
    longer = row.get("time") == LONGER
    return f"{row['method']}, {LONGER}" if longer else str(row["method"])


def ours_of(rows: Sequence[Row], task: str) -> Row:
    """Return the row of our default fit on a set."""
    return next(row for row in rows if (row["method"], row["task"]) == (FIT, task))


def compared(rows: Sequence[Row]) -> list[Row]:
    """Return a row a figure of another's method: theirs, ours and their ratio, the best of theirs first."""
    found = []
    for row in rows:
        ours = ours_of(rows, row["task"])
        for measure in MEASURES if row["method"] not in (FIT, OURS) else ():
            if measure in row:
                pair = {"theirs": row[measure], "ours": ours[measure], "ratio": row[measure] / ours[measure]}
                seconds = {"their_s": row["cpu_s"]} if "cpu_s" in row else {}
                known = {"task": row["task"], "measure": measure, "method": row["label"]}
                found.append(rounded({**known, **pair, **seconds, "our_s": ours["cpu_s"]}))
    return sorted(found, key=lambda row: row["ratio"])


def better(rows: Sequence[Row]) -> list[Row]:
    """Return those of `compared` in which the other is better."""
    return [row for row in compared(rows) if row["theirs"] < row["ours"]]


def sets_by_worst(rows: Sequence[Row]) -> list[str]:
    """Return the sets, that first on which another's method has the most over our fit."""
    return list(dict.fromkeys(row["task"] for row in compared(rows)))


def means(rows: Sequence[Row], sets: Sequence[str]) -> list[Row]:
    """Return a row a method that has a MASE on all the sets: its means over seasonal naive, the best first.

    A mean of WQL is there where all sets have one; seconds are the sum.
    """
    by = {name: {row["task"]: row for row in rows if row["label"] == name} for name in labels(rows)}
    found = []
    for name, tasks in by.items():
        if not set(sets) <= set(tasks):
            continue
        row: Row = {"method": name}
        for measure in (*MEASURES, "cpu_s"):
            figures = [tasks[task][measure] for task in sets if measure in tasks[task]]
            if len(figures) < len(sets):
                continue
            if measure == "cpu_s":
                row[measure] = sum(figures)
            else:
                units = [by[NAIVE][task][measure] for task in sets]
                row[measure] = geometric_mean([one / unit for one, unit in zip(figures, units, strict=True)])
        found.append(rounded(row))
    return sorted(found, key=lambda row: row["mase"])


def labels(rows: Sequence[Row]) -> list[str]:
    """Return every method once."""
    return list(dict.fromkeys(row["label"] for row in rows))
