"""Geometric means of scores over seasonal naive, of what is measured here and of what is published."""

from collections.abc import Sequence
from typing import Any

from benchmarks.competitions import NINE, PUBLISHED, SIX
from benchmarks.zero_shot_tasks import geometric_mean

Row = dict[str, Any]
Scores = dict[str, dict[str, Row]]  # of each method by task

NAIVE = "seasonal naive"
MEANS = {
    "six_mase": (SIX, "mase"),
    "nine_mase": (NINE, "mase"),
    "six_wql": (SIX, "wql"),
    "nine_wql": (NINE, "wql"),
}
DIGITS = 4


def rounded(row: Row) -> Row:
    """Return a row with its fractions to a few digits."""
    return {name: round(value, DIGITS) if isinstance(value, float) else value for name, value in row.items()}


def by_method(rows: Sequence[Row]) -> Scores:
    """Return rows of single tasks by method, then by task."""
    scores: Scores = {}
    for row in rows:
        scores.setdefault(row["method"], {})[row["task"]] = row
    return scores


def published() -> Scores:
    """Return what is published, by method, then by task; a method may stand in several places."""
    scores: Scores = {}
    for place in PUBLISHED:
        scores.setdefault(place["method"], {}).update(place["scores"])
    return scores


def summarise(scores: Scores) -> list[Row]:
    """Return a row a method: its means over seasonal naive, whose scores are of the same values.

    A mean is there where the method and seasonal naive have all its tasks. Seconds are the sum of all tasks.
    """
    rows = []
    for method, tasks in scores.items():
        row: Row = {"method": method}
        for title, (names, measure) in MEANS.items():
            if set(names) <= set(tasks) & set(scores[NAIVE]):
                ratios = [tasks[name][measure] / scores[NAIVE][name][measure] for name in names]
                row[title] = geometric_mean(ratios)
        seconds = [task["cpu_s"] for task in tasks.values() if "cpu_s" in task]
        if seconds:
            row["cpu_s"] = sum(seconds)
        rows.append(rounded(row))
    return rows
