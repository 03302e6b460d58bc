"""An adaptation as fields of JSON, and back: arrays as base64 of little-endian numbers."""

import base64
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .said import MOST_GROUPS, Adaptation, Said
from .tracker import LEAST_SPREAD, MOST_SPREAD, Tracker

ARRAYS = {"offsets": "<f8", "drift": "<f8", "counts": "<i8"}
FIELDS = {"spread", "compared", "evidence", *ARRAYS, "steps", "said"}
SAID = {"origin", "anchor", "quantiles", "spread"}
MOST = 2**40  # comparisons and steps, more than a service makes in a life


def write_adaptation(adaptation: Adaptation) -> dict[str, Any]:
    """Return the fields of what was learnt and said."""
    tracker = adaptation.tracker
    return {
        "spread": tracker.spread,
        "compared": tracker.compared,
        "evidence": tracker.evidence,
        **{name: encode(getattr(tracker, name), kind) for name, kind in ARRAYS.items()},
        "steps": adaptation.steps,
        "said": [_write_said(said) for said in adaptation.said],
    }


def read_adaptation(content: Any, levels: Sequence[float], horizon: int, series: int) -> Adaptation:
    """Return what was written of a model with these levels. Raises ValueError or TypeError if it was not."""
    fresh = Adaptation.fresh(levels, horizon)
    if fresh is None or not isinstance(content, dict) or set(content) != FIELDS:
        raise ValueError("adaptation has other fields than it should")
    blank = fresh.tracker
    arrays = {name: _finite(decode(content[name], kind)) for name, kind in ARRAYS.items()}
    tracker = Tracker(
        blank.levels,
        blank.steps,
        blank.each,
        spread=_spread(content["spread"]),
        compared=_count(content["compared"]),
        evidence=_number(content["evidence"]),
        **{name: array.reshape(getattr(blank, name).shape) for name, array in arrays.items()},
    )
    if (
        (tracker.counts < 0).any()
        or not isinstance(content["said"], list)
        or len(content["said"]) > MOST_GROUPS
    ):
        raise ValueError("adaptation has counts that cannot be")
    steps = _count(content["steps"])
    return Adaptation(
        tracker, tuple(_read_said(each, steps, series, tracker) for each in content["said"]), steps
    )


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
    quantiles = _finite(decode(content["quantiles"], "<f4")).reshape(-1, series, len(tracker.levels))
    origin = _count(content["origin"])
    if not 0 <= steps - origin < len(quantiles) <= tracker.steps:
        raise ValueError(
            f"a forecast of the adaptation has {len(quantiles)} steps after {origin}, at {steps}"
        )
    anchor = _finite(decode(content["anchor"], "<f8")).reshape(series)
    return Said(origin, anchor, quantiles, _spread(content["spread"]))


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
