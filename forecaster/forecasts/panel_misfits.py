"""Series of a panel that a model was not fitted for, refused by their names and times."""

import numpy as np
from numpy.typing import NDArray

from deploy import Manifest, TimeStep
from deploy.errors import DataError
from deploy.request.misfits import (
    MOST_DIFFERENCES,
    allowed,
    expects_gaps,
    is_below,
    may_have_other_step,
    steps_between,
)
from deploy.time.timestep import MONTH_UNITS
from forecaster.data import Panel
from forecaster.data.panel.targets_apart import channels_apart, refuse_unobserved
from forecaster.data.times.steps import infer_step
from forecaster.data.times.timestamps import write_timestamps


def refuse_misfits(panel: Panel, manifest: Manifest) -> None:
    """Raise DataError for a series that the model cannot forecast from its context: of another step, with a
    value below the model's bound, or with a channel without a value.
    """
    _refuse_other_step(panel, manifest)
    _refuse_below(channels_apart(panel), manifest)
    refuse_unobserved(panel, manifest.context_length)


def _refuse_other_step(panel: Panel, manifest: Manifest) -> None:
    """Raise DataError where values come every few steps of the model, with none between."""
    cells: NDArray[np.bool_] = np.isnan(panel.values).reshape(len(panel.values), -1)
    if not cells.any() or expects_gaps(manifest):
        return
    found, is_observed = {}, ~np.logical_and.reduce(cells, axis=1)
    recent = np.maximum(panel.offsets[:-1], panel.ends - manifest.context_length)
    running = np.concatenate([[0], np.cumsum(is_observed)])
    few = may_have_other_step(running[panel.ends] - running[recent], panel.ends - recent)
    for series in np.flatnonzero(few).tolist():
        begin, end = int(panel.offsets[series]), int(panel.ends[series])
        every = steps_between(is_observed[begin:end], manifest.context_length)
        if every is not None:
            found[series] = begin + np.flatnonzero(is_observed[begin:end])[-MOST_DIFFERENCES - 1 :], every
    if not found:
        return
    first = next(iter(found))
    rows, every = found[first]
    name, more = "/".join(panel.ids[first]), f" ({len(found)} such series)" if len(found) > 1 else ""
    step = _describe(panel, first, rows, every)
    raise DataError(
        f"{f'series {name}: ' if name else ''}values come every {step}, with none between, and this "
        f"model's steps are {panel.step}{more}; forecast them with a model that was fitted on their step, "
        f"or give a value every {panel.step}"
    )


def _describe(panel: Panel, series: int, rows: NDArray[np.int64], every: int) -> TimeStep:
    """Return the step of rows of one series: in months where they show these, else in the panel's unit."""
    offsets = np.array([0, len(rows)])
    shown = infer_step(panel.times(np.array(series), rows), offsets, has_calendar=panel.step.has_calendar)
    return shown if shown.unit in MONTH_UNITS else TimeStep(every * panel.step.count, panel.step.unit)


def _refuse_below(panel: Panel, manifest: Manifest) -> None:
    """Raise DataError for the first value of a context that is below the model's bound.

    panel: of one target.
    """
    lowest = np.fmin.reduce(panel.values, keepdims=True)
    if not is_below(manifest, lowest, np.zeros(1)).any():  # nor is any other, by however little
        return
    recent = np.maximum(panel.offsets[:-1], panel.ends - manifest.context_length)
    series = np.repeat(np.arange(panel.series_count), panel.ends - recent)  # (values of contexts,)
    starts = np.cumsum(panel.ends - recent) - (panel.ends - recent)
    rows = np.arange(len(series)) + np.repeat(recent - starts, panel.ends - recent)
    values = panel.values[rows]
    bad = np.flatnonzero(is_below(manifest, values))
    if not len(bad):
        return
    row, first = rows[bad[:1]], int(series[bad[0]])
    name = "/".join(panel.ids[first])
    when = write_timestamps(panel.times(np.array([first]), row), panel.columns.time_format, panel.clock)[0]
    remedy = "; a model that was fitted with normalization=last-difference takes any value"
    raise DataError(
        f"value {values[bad[0]]:g}{' of series ' + name if name else ''} at {when}: expected "
        f"{allowed(manifest)} ({len(bad)} such values){remedy if manifest.positive else ''}"
    )
