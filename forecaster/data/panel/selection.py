"""Some of the series of a panel, or what they were earlier."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forecaster.data.panel.panel import Panel


def take_series(panel: Panel, chosen: NDArray[np.int64]) -> Panel:
    """These series alone, in this order. chosen: (series,) their numbers."""
    begins, stops = panel.offsets[:-1][chosen], panel.offsets[1:][chosen]
    offsets = np.concatenate([[0], np.cumsum(stops - begins)])
    rows = np.arange(offsets[-1]) + np.repeat(begins - offsets[:-1], stops - begins)
    return replace(
        panel,
        values=panel.values[rows],
        timestamps=panel.timestamps[rows],
        known=panel.known[rows],
        past=panel.past[rows],
        static=panel.static[chosen],
        categories=panel.categories[chosen],
        offsets=offsets,
        ends=offsets[:-1] + panel.ends[chosen] - begins,
        ids=tuple(panel.ids[series] for series in chosen),
        levels=panel.levels[chosen],
    )


def steps_before(panel: Panel, steps: int) -> Panel:
    """Every series as it ended so many steps earlier; what follows is still there, behind its end.

    Each has to be longer than that.
    """
    return replace(panel, ends=panel.ends - steps)
