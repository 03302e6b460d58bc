"""Time that no date says: a number that counts the rows of each id, or the order of the rows alone."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.config import Asked
from forecaster.data.complaints import Option
from forecaster.data.files.sheet import UNNAMED, columns_that_begin_whole, is_text, text_columns
from forecaster.data.notes import infer
from forecaster.data.row_times import Times
from forecaster.data.spelling.id_names import FOREIGN_IDS
from forecaster.data.table import Table

UNITS = (
    "week|day|month|hour|quarter|minute|second|time|period|round|step|cycle|tick|epoch|wave|visit|session"
    "|trial|matchday"
)
FOREIGN_UNITS = (
    "woche|tag|monat|stunde|runde|semaine|jour|mois|heure|semana|dia|día|mes|hora|settimana|giorno|mese|ora"
)
COUNT_NAME = re.compile(
    rf"(?i:(.*[\W_])?({UNITS}|{FOREIGN_UNITS}|t)s?([\W_]?(no|nr|num|number|index|idx|id))?)"
)
ID_NAME = re.compile(
    r"(?i:(.*[\W_])?(id|key|nr|nbr|no|code|store|shop|item|product|sku|series|sensor|station|site|unit|machine"
    r"|subject|patient|user|customer|device|meter|plant|branch|region|country|player|team"
    rf"|{FOREIGN_IDS}))|.*[a-z]I[dD]"
)
# Numbers that rise by one within a group and are no time.
RANK_NAME = re.compile(r"(?i:.*(rank|place|position|pos|rang|level|grade|row|line|no|nr))")
# Texts that are the same in many rows and name no series.
SPLIT_NAMES = ("split", "set", "subset", "fold", "phase", "stage", "usage")
CALENDAR_WORDS = (
    *(
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
        "sat",
        "sun",
        "jan",
        "feb",
        "mar",
        "apr",
        "may",
        "jun",
        "jul",
        "aug",
    ),
    *("sep", "oct", "nov", "dec", "q1", "q2", "q3", "q4"),
)
FEWEST_STEPS = 7  # numbers rise by one by chance in fewer
STEPS_OF_ONE = 0.8  # the others leave rows out
FEWEST_ROUNDS = 3  # of ids that recur in turn
MOST_COLUMNS = 8  # that may name series: beyond these no pairs are tried
SHORTER_HALF = 0.5  # of two runs of rows, at least this long


def find_counter(frame: pd.DataFrame, free: list[str]) -> str | None:
    """Return the column of whole numbers that rise by one, over the file or within each id; None without.

    free: columns that may be the time. A column that is called like no unit of time counts within ids alone.
    """
    whole = [name for name in columns_that_begin_whole(frame, free, FEWEST_STEPS) if _is_whole(frame[name])]
    named = [name for name in whole if COUNT_NAME.fullmatch(name)]
    for name in named:
        if _rises_by_one(frame[name].to_numpy(), np.zeros(len(frame), np.int64), share=1.0):
            return name
    others = [name for name in whole if name not in named and not RANK_NAME.fullmatch(name)]
    for name in (*named, *others):
        if name.startswith(UNNAMED) or 2 * frame[name].nunique() > len(frame):
            continue  # the numbers of rows, which never recur
        ids = [key for key in free if key != name and (name in named or _may_name(frame, key))]
        for keys, codes in _groups(frame, ids):
            if _counts(frame[name].to_numpy(), codes, is_sorted=name in others):
                if name in others:
                    of = " and ".join(f'"{key}"' for key in keys)
                    found = f'"{name}" counts the rows of each {of}: read as time ('
                    infer(found, Option("time"), alternative="names another")
                return name
    return None


def count_within_ids(table: Table, frame: pd.DataFrame, asked: Asked) -> tuple[Table, Asked]:
    """Return a table without a time with the rows of each id numbered, where ids recur, and these as series.

    They take turns or stand side by side. Of several the one that tells most series apart; it is said.
    """
    if asked.series or asked.is_complete or asked.layout not in ("auto", "long"):
        return table, asked
    words, named = set(text_columns(frame)), asked.named
    free = [name for name in map(str, frame.columns) if name in words or ID_NAME.fullmatch(name)]
    free = [name for name in free if name not in named and _may_name(frame, name)]
    free = [name for name in free if not COUNT_NAME.fullmatch(name) and not _is_calendar(frame[name])]
    groups = [(keys, codes) for keys, codes in _groups(frame, free) if _are_in_order(codes)]
    if not groups:
        _note_names(table)
        return table, asked
    ids, codes = max(groups, key=lambda group: group[1].max())
    of = " and ".join(f'"{key}"' for key in ids)
    found = f"no column is the time: the rows of each {of} are numbered in their order ("
    infer(found, Option("layout", "wide"), alternative="reads all rows as one series")
    counts = np.asarray(pd.Series(codes).groupby(codes).cumcount(), dtype=np.int64)
    return replace(table, times=Times(counts)), asked.model_copy(update={"series": ids})


def _note_names(table: Table) -> None:
    """Note that rows are numbered, each of which has a name of its own, as those of a cross section have."""
    rows = len(table.times)
    names = [name for name, texts in table.texts.items() if texts.distinct_count(missing=False) == rows]
    if names and rows > FEWEST_STEPS:
        found = f'no column is the time: the rows are numbered, though each has its own "{names[0]}" ('
        infer(found, Option("time"), alternative="names it")


def _is_whole(column: "pd.Series[int]") -> bool:
    """Return whether all cells are whole numbers."""
    return column.dtype.kind in "iuf" and len(column) > FEWEST_STEPS and bool((column % 1 == 0).all())


def _may_name(frame: pd.DataFrame, name: str) -> bool:
    """Return whether cells may name series: texts, or numbers that are called an id."""
    column = frame[name]
    return is_text(column) or bool(ID_NAME.fullmatch(name) and _is_whole(column))


def _is_calendar(column: "pd.Series[str]") -> bool:
    """Return whether all texts are names of weekdays, months or quarters."""
    texts = [str(text).casefold() for text in pd.unique(column.dropna())]
    return all(text[:3].rstrip(" -.") in CALENDAR_WORDS for text in texts)


def _groups(frame: pd.DataFrame, names: list[str]) -> Iterator[tuple[tuple[str, ...], NDArray[np.int64]]]:
    """Find the columns, alone and in pairs, whose values group rows, and the group of each row: (rows,)."""
    codes = {}
    for name in names:
        column = frame[name]
        of_rows, values = pd.factorize(column)
        if 1 < len(values) <= len(frame) / 2 and (of_rows >= 0).all():
            codes[name] = of_rows.astype(np.int64)
    pairs = combinations(codes, 2) if len(codes) <= MOST_COLUMNS else ()
    for keys in chain(((name,) for name in codes), pairs):
        first, *second = (codes[key] for key in keys)
        joint = first * (second[0].max() + 1) + second[0] if second else first
        groups = pd.factorize(joint)[0].astype(np.int64)
        if groups.max() < len(frame) / 2:
            yield keys, groups


def _counts(numbers: NDArray[np.float64], codes: NDArray[np.int64], *, is_sorted: bool) -> bool:
    """Return whether numbers count the rows of each group. is_sorted: in the order of the file."""
    if _rises_by_one(numbers, codes, share=STEPS_OF_ONE):
        return True
    order = np.lexsort((numbers, codes))
    return not is_sorted and _rises_by_one(numbers[order], codes[order], share=STEPS_OF_ONE)


def _rises_by_one(numbers: NDArray[np.float64], codes: NDArray[np.int64], *, share: float) -> bool:
    """Return whether numbers rise, or fall, within groups, and this share of steps are by one."""
    order = np.argsort(codes, kind="stable")
    steps = np.diff(numbers[order])[np.diff(codes[order]) == 0]
    one_way = (steps >= 1).all() or (steps <= -1).all()
    return bool(len(steps) >= FEWEST_STEPS and one_way and (np.abs(steps) == 1).mean() >= share)


def _are_in_order(codes: NDArray[np.int64]) -> bool:
    return _stand_together(codes) or _recur_in_turn(codes)


def _stand_together(codes: NDArray[np.int64]) -> bool:
    """Return whether the rows of each group are neighbours; two groups are of about one length."""
    lengths = np.bincount(codes)
    runs = 1 + np.count_nonzero(np.diff(codes))
    if runs != len(lengths) or lengths.min() < 2:
        return False
    return bool(len(lengths) > 2 or lengths.min() >= SHORTER_HALF * lengths.max())


def _recur_in_turn(codes: NDArray[np.int64]) -> bool:
    """Return whether groups take turns: each once in every round, in one order."""
    count = int(codes.max()) + 1
    rounds = len(codes) // count
    return rounds >= FEWEST_ROUNDS and bool((codes == np.arange(len(codes)) % count).all())
