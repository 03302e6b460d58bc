"""Hold a series and its forecast to be drawn in whichever way."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
SAME_LEVEL = 1e-9  # 1 - 0.9 is not exactly 0.1


@dataclass(frozen=True)
class SeriesPlot:
    """A series and its forecast, as drawn. Times are as the file writes them; NaN = missing."""

    name: str
    history_times: tuple[str, ...]
    history: Array  # (time,)
    times: tuple[str, ...]  # (horizon,)
    quantiles: Array  # (horizon, quantile)
    levels: tuple[float, ...]
    median: Array  # (horizon,)
    actual: Array | None = None  # (horizon,)
    baselines: dict[str, Array] = field(default_factory=dict)  # (horizon,) each, forecasts to compare with

    def shortened(self, most: int) -> "SeriesPlot":
        """Keep the last `most` values of the history."""
        return replace(self, history_times=self.history_times[-most:], history=self.history[-most:])


def bands(levels: tuple[float, ...]) -> list[tuple[int, int, str]]:
    """Return pairs of levels from the outside in, as positions; the first has a name, others have none."""
    pairs = [(low, len(levels) - 1 - low) for low in range(len(levels) // 2)]
    names = [_name(levels[low], levels[high]) for low, high in pairs[:1]]
    if len(pairs) > 1:
        names[0] += ", inner ones darker"
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
