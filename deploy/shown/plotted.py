"""Hold a series and its forecast to be drawn in whichever way."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .ticks import DAY, Moments, Tick, time_ticks

Array = NDArray[np.float64]
Steps = NDArray[np.int64]
SAME_LEVEL = 1e-9  # 1 - 0.9 is not exactly 0.1


@dataclass(frozen=True)
class SeriesPlot:
    """A series and its forecast, as drawn. Times are as the file writes them; NaN = missing.

    Steps count from the last value of the history, which is step 0.
    """

    name: str
    history_times: tuple[str, ...]
    history: Array  # (time,)
    times: tuple[str, ...]  # (horizon,)
    quantiles: Array  # (horizon, quantile)
    levels: tuple[float, ...]
    median: Array  # (horizon,)
    moments: Moments  # (≤ time + horizon,) of the last steps, as time_ticks takes them
    has_calendar: bool = True  # moments are seconds, not counts
    actual: Array | None = None  # (horizon,)
    baselines: dict[str, Array] = field(default_factory=dict)  # (horizon,) each, forecasts to compare with

    def shortened(self, most: int) -> "SeriesPlot":
        """Keep the last `most` values of the history."""
        return replace(self, history_times=self.history_times[-most:], history=self.history[-most:])

    def ticks(self, room: float) -> list[Tick]:
        """Return ticks of its times at their steps. room: characters from the first value to the last."""
        length = len(self.history) + len(self.median)
        moments = self.moments[-length:]
        ticks = time_ticks(moments, room * len(moments) / max(length, 1), has_calendar=self.has_calendar)
        first = len(self.median) - len(moments) + 1
        return [replace(tick, at=first + tick.at) for tick in ticks]

    def ahead(self, values: Array) -> tuple[Steps, Array]:
        """Return the steps and values of the horizon, from the last value of the history on if it is known.

        values: (horizon,) or (horizon, quantile). Nothing that is unknown at first is joined to the history.
        """
        steps = np.arange(1, len(values) + 1)
        last = self.history[-1:]
        if not np.isfinite(last).any() or not np.isfinite(values[:1]).all():
            return steps, values
        joined = np.full((1, *values.shape[1:]), last[0])
        return np.concatenate([[0], steps]), np.concatenate([joined, values])


def texts_of(times: NDArray[Any] | None, horizon: int) -> tuple[str, ...]:
    """Return the times of a forecast as texts, or the numbers of its steps, from 1. times: (horizon,)."""
    if times is None or times.dtype.kind != "M":
        return tuple(map(str, moments_of(times, horizon).tolist()))
    has_dates = not (moments_of(times, horizon) % DAY).any()
    written = np.datetime_as_string(times, unit="D" if has_dates else "s")
    return tuple(np.char.replace(written, "T", " ").tolist())


def moments_of(times: NDArray[Any] | None, horizon: int) -> Moments:
    """Return the times of a forecast as seconds or counts, or the numbers of its steps, from 1."""
    if times is None:
        return np.arange(1, horizon + 1)
    return (times.astype("datetime64[s]") if times.dtype.kind == "M" else times).astype(np.int64)


def bands(levels: tuple[float, ...]) -> list[tuple[int, int, str]]:
    """Return pairs of levels from the outside in, as positions; the first has a name, others have none."""
    pairs = [(low, len(levels) - 1 - low) for low in range(len(levels) // 2)]
    names = [_name(levels[low], levels[high]) for low, high in pairs[:1]]
    if len(pairs) > 1:
        names[0] += ", inner ones stronger"
    return [
        (low, high, names[0] if not low else "_nolegend_")
        for low, high in pairs
        if levels[low] < levels[high]
    ]


def _name(lower: float, upper: float) -> str:
    if abs(lower + upper - 1) < SAME_LEVEL:
        return f"{100 * (upper - lower):.3g} % interval"
    return f"quantiles {lower:g} to {upper:g}"


def legible(text: str) -> str:
    """Replace characters that no picture can show and that a terminal would obey."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
