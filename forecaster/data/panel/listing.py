"""Warnings of many things at once: one line with the first few and how many there are."""

import logging
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from forecaster.data.panel.panel import Panel

logger = logging.getLogger("forecaster")

SHOWN = 3


def first_few(names: Sequence[str]) -> str:
    """Return the first names between commas: "a, b, c, ... (12 in all)"."""
    shown = ", ".join(names[:SHOWN])
    return shown if len(names) <= SHOWN else f"{shown}, ... ({len(names)} in all)"


def report_new_categories(column: str, known: Sequence[str], found: Sequence[str]) -> None:
    """Say which texts of a static column a model has not seen, and so takes for unknown."""
    new = [text for text in found if text not in set(known)]
    if new:
        are, count = ("are", "count") if len(new) > 1 else ("is", "counts")
        logger.warning(
            "%s %s new in column %s and %s as unknown; the model knows %s",
            *(first_few(new), are, column, count, first_few(known)),
        )


def report_below(panel: Panel, lower: float | None) -> None:
    """Say which series hold values that a model never forecasts: those below its bound."""
    if lower is None:
        return
    lowest = np.fmin.reduceat(panel.values.reshape(len(panel.values), -1).min(axis=1), panel.offsets[:-1])
    below = np.flatnonzero(lowest < min(lower, float(np.float32(lower))))
    if below.size:
        names = first_few(["/".join(panel.ids[series]) or "of the file" for series in below])
        logger.warning(
            "series %s: values go down to %g, and the model forecasts nothing below %g, its bound; "
            "a fit with lower=none has no bound",
            *(names, lowest[below].min(), lower),
        )


def report_flat(panel: Panel, quantiles: NDArray[np.float64]) -> None:
    """Say which series have one value alone, of which all quantiles are equal.

    quantiles: (series, steps, levels).
    """
    if not (quantiles[:, 0, 0] == quantiles[:, 0, -1]).any():  # the usual case needs no look at every row
        return
    observed = np.add.reduceat(np.isfinite(panel.values), panel.offsets[:-1], axis=0, dtype=int)
    is_single = observed.reshape(panel.series_count, -1).max(axis=1) == 1
    flat = np.flatnonzero(is_single & (np.ptp(quantiles, axis=(1, 2)) == 0))
    if flat.size:
        names = first_few(["/".join(panel.ids[series]) or "of the file" for series in flat])
        logger.warning(
            "series %s: one value does not tell how a series varies, so all quantiles are equal; "
            "they are no intervals",
            names,
        )
