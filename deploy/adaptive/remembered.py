"""An adaptation as fields of JSON, and back: arrays as base64 of little-endian numbers."""

import base64
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .alarm import BETS, BINS, MOST_CAPITAL, Evidence
from .quantile_levels import Levels
from .record import Record
from .said import MOST_GROUPS, Adaptation, Said, Waiting
from .surprise import FARTHEST, Surprise
from .tracker import LEAST_SPREAD, MOST_SPREAD, Tracker

ARRAYS = {"offsets": "<f8", "drift": "<f8", "counts": "<i8"}  # the columns of what a tracker has learnt
TRACKER = {"spread", "compared", "evidence", *ARRAYS}
FIELDS = TRACKER | {"steps", "said"}
WATCHED = FIELDS | {"latest", "surprise"}  # of later versions
SURPRISE = {"counts", "resting", "bets", "highest", "scored", "excesses", "p_values", "at"}
MISSING = -1.0  # in place of a p-value
RECORD = {"steps", "coverage", "loss", "surprise"}
SAID = {"origin", "anchor", "quantiles", "spread"}
MOST = 2**40  # comparisons and steps, more than a service makes in a life


def write_adaptation(adaptation: Adaptation) -> dict[str, Any]:
    """Return the fields of what was learnt and said."""
    return {
        **write_tracker(adaptation.tracker),
        "steps": adaptation.steps,
        "said": [_write_said(said) for said in adaptation.said or ()],
        "latest": None if adaptation.latest is None else _write_said(adaptation.latest),
        "surprise": _write_surprise(adaptation.surprise),
    }


def write_tracker(tracker: Tracker) -> dict[str, Any]:
    """Return the fields of a tracker."""
    return {
        "spread": tracker.spread,
        "compared": tracker.compared,
        "evidence": tracker.evidence,
        **{name: encode(getattr(tracker, name), kind) for name, kind in ARRAYS.items()},
    }


def read_tracker(content: Any, blank: Tracker) -> Tracker:
    """Return what was written of a tracker like `blank`. Raises ValueError or TypeError if it was not."""
    if not isinstance(content, dict) or set(content) != TRACKER:
        raise ValueError("offsets have other fields than they should")
    arrays = {name: _finite(decode(content[name], kind)) for name, kind in ARRAYS.items()}
    columns = [array.reshape(getattr(blank, name).shape) for name, array in arrays.items()]
    tracker = replace(
        blank,
        spread=_spread(content["spread"]),
        compared=_count(content["compared"]),
        evidence=_number(content["evidence"]),
        learnt=np.column_stack(columns),
    )
    if (tracker.counts < 0).any():
        raise ValueError("offsets have counts that cannot be")
    return tracker


def read_adaptation(content: Any, levels: Sequence[float], horizon: int, series: int) -> Adaptation:
    """Return what was written of a model with these levels. Raises ValueError or TypeError if it was not.

    Early versions have no surprise.
    """
    fresh = Adaptation.fresh(levels, horizon)
    if fresh is None or not isinstance(content, dict) or set(content) not in (FIELDS, WATCHED):
        raise ValueError("adaptation has other fields than it should")
    tracker = read_tracker({name: content[name] for name in TRACKER}, fresh.tracker)
    if not isinstance(content["said"], list) or len(content["said"]) > MOST_GROUPS:
        raise ValueError("adaptation has more forecasts than can wait")
    steps = _count(content["steps"])
    each_said = [_read_said(each, steps, series, tracker) for each in content["said"]]
    said = Waiting.of(each_said) if each_said else None
    if set(content) == FIELDS:
        return Adaptation(tracker, said, steps)
    latest = None if content["latest"] is None else _read_said(content["latest"], steps, series, tracker)
    return Adaptation(tracker, said, steps, latest, _read_surprise(content["surprise"], steps, series))


def write_record(record: Record) -> dict[str, Any]:
    """Return the fields of a record."""
    surprise = _write_surprise(record.surprise)
    coverage = list(record.coverage.values())
    return {"steps": record.steps, "coverage": coverage, "loss": record.loss, "surprise": surprise}


def read_record(content: Any, levels: Levels) -> Record:
    """Return what was written of a model with these levels. Raises ValueError or TypeError if it was not."""
    if not isinstance(content, dict) or set(content) != RECORD:
        raise ValueError("the record has other fields than it should")
    steps, loss = _count(content["steps"]), _number(content["loss"])
    shares = [_number(share) for share in content["coverage"]]
    if not all(0 <= share <= 1 for share in shares):
        raise ValueError("the record has a coverage that cannot be")
    coverage = dict(zip(levels.intervals if steps else (), shares, strict=True))
    return Record(steps, coverage, loss, _read_surprise(content["surprise"], steps, 2))


def _write_said(said: Said) -> dict[str, Any]:
    return {
        "origin": said.origin,
        "anchor": encode(said.anchor, "<f8"),
        "quantiles": encode(said.quantiles, "<f4"),
        "spread": said.spread,
    }


def _read_said(content: Any, steps: int, series: int, tracker: Tracker) -> Said:
    if not isinstance(content, dict) or set(content) != SAID:
        raise ValueError("a forecast of the adaptation has other fields than it should")
    quantiles = _finite(decode(content["quantiles"], "<f4")).reshape(-1, series, len(tracker.levels.listed))
    origin = _count(content["origin"])
    if not 0 <= steps - origin < len(quantiles) <= tracker.steps:
        raise ValueError(
            f"a forecast of the adaptation has {len(quantiles)} steps after {origin}, at {steps}"
        )
    anchor = _finite(decode(content["anchor"], "<f8")).reshape(series)
    return Said(origin, anchor, quantiles, _spread(content["spread"]))


def _write_surprise(surprise: Surprise) -> dict[str, Any]:
    evidence, p_values = surprise.evidence, surprise.p_values
    known = None if p_values is None else np.nan_to_num(p_values, nan=MISSING)
    return {
        "counts": encode(np.array([each.counts for each in evidence]), "<u4"),
        "resting": encode(np.array([each.resting for each in evidence]), "<f8"),
        "bets": encode(np.array([each.bets for each in evidence]), "<f8"),
        "highest": surprise.highest,
        "scored": surprise.scored,
        "excesses": None if surprise.excesses is None else encode(np.array(surprise.excesses), "<f8"),
        "p_values": None if known is None else encode(known, "<f8"),
        "at": surprise.at,
    }


def _read_surprise(content: Any, steps: int, series: int) -> Surprise:
    if not isinstance(content, dict) or set(content) != SURPRISE:
        raise ValueError("the surprise of an adaptation has other fields than it should")
    at, highest = _count(content["at"]), _number(content["highest"])
    counts = decode(content["counts"], "<u4").astype(np.int64).reshape(-1, BINS)
    resting, bets = (_capital(content[name]) for name in ("resting", "bets"))
    bets = bets.reshape(-1, BETS)
    if at > steps or not 1 <= highest <= MOST_CAPITAL * BETS or len(counts) not in (0, series):
        raise ValueError("the surprise of an adaptation is of other steps or series")
    excesses, p_values = (
        None if content[name] is None else _finite(decode(content[name], "<f8")).reshape(series, *shape)
        for name, shape in (("excesses", (2, 3)), ("p_values", ()))
    )
    if excesses is not None and ((excesses < 0) | (excesses > FARTHEST**2 * MOST)).any():
        raise ValueError("the surprise of an adaptation has excesses that cannot be")
    if p_values is not None:
        if ((p_values != MISSING) & ((p_values < 0) | (p_values > 1))).any():
            raise ValueError("the surprise of an adaptation has p-values beyond 0 to 1")
        p_values = np.where(p_values == MISSING, np.nan, p_values)
    evidence = tuple(Evidence(*each) for each in zip(counts, resting.tolist(), bets, strict=True))
    below_above = (
        None if excesses is None else tuple((tuple(low), tuple(high)) for low, high in excesses.tolist())
    )
    return Surprise(
        evidence,
        highest,
        _count(content["scored"]),
        below_above,
        None if p_values is None else tuple(p_values.tolist()),
        at,
    )


def _capital(text: str) -> NDArray[np.float64]:
    capital = _finite(decode(text, "<f8"))
    if ((capital < 0) | (capital > MOST_CAPITAL)).any():
        raise ValueError("the surprise of an adaptation has a capital that cannot be")
    return capital


def encode(array: NDArray[Any], kind: str) -> str:
    """Return numbers as base64."""
    return base64.b64encode(array.astype(kind).tobytes()).decode("ascii")


def decode(text: str, kind: str) -> NDArray[Any]:
    """Return the numbers of base64. Raises ValueError or TypeError."""
    stored = np.frombuffer(base64.b64decode(text, validate=True), dtype=kind)
    return stored.astype(stored.dtype.newbyteorder("="))


def _finite(array: NDArray[Any]) -> NDArray[Any]:
    if not np.isfinite(array).all():
        raise ValueError("adaptation has a number that is not finite")
    return array


def _spread(number: Any) -> float:
    if not LEAST_SPREAD <= _number(number) <= MOST_SPREAD:
        raise ValueError(f"{number!r} is no spread")
    return float(number)


def _number(number: Any) -> float:
    if type(number) is not float or not math.isfinite(number):
        raise ValueError(f"{number!r} is no number")
    return number


def _count(number: Any) -> int:
    if type(number) is not int or not 0 <= number <= MOST:
        raise ValueError(f"{number!r} is no count")
    return number
