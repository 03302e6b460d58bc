"""Find what a fit saw of each series of a file, so that nothing of it is scored as if it were new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deploy.errors import RunError
from forecaster.data.panel.panel import Panel
from forecaster.data.times.timestamps import read_timestamps
from forecaster.run.run import Run


@dataclass(frozen=True)
class Seen:
    """The rows of each series that a fit saw: (series,) each; its own first row if the fit never saw it."""

    trained: NDArray[np.int64]  # the panel's row after the last value that trained
    used: NDArray[np.int64]  # the row after the last that trained or validated
    is_new: NDArray[np.bool_]


def find_seen(run: Run, panel: Panel) -> Seen:
    """Match the series by their ids. Raises RunError if the run does not say when its series ended."""
    record = run.data
    # An early run says only when the last of its series ended.
    last = record.last_timestamps or (record.last,) * len(record.ids)
    number = {id_: position for position, id_ in enumerate(record.ids)}
    matched = np.array([number.get(id_, -1) for id_ in panel.ids], dtype=np.int64)
    return Seen(
        trained=_rows_after(panel, matched, _timestamps(run, panel, record.training_cutoff)),
        used=_rows_after(panel, matched, _timestamps(run, panel, last)),
        is_new=matched < 0,
    )


def _timestamps(run: Run, panel: Panel, texts: Sequence[str]) -> NDArray[np.int64]:
    try:
        return read_timestamps(texts, run.data.columns.time_format, panel.clock)
    except ValueError as error:
        raise RunError(f"the run at {run.path} is damaged: data.json: {error}") from None


def _rows_after(panel: Panel, matched: NDArray[np.int64], timestamps: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the row after the last one up to a timestamp: (series,). matched: (series,), -1 = none."""
    rows = panel.offsets[:-1].copy()
    for series, position in enumerate(matched.tolist()):
        if position >= 0:
            own = panel.timestamps[panel.offsets[series] : panel.offsets[series + 1]]
            rows[series] += np.searchsorted(own, timestamps[position], side="right")
    return rows
