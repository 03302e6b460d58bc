"""Forecasts, and judged values before them, as record batches: a row for each series, target and step."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ..time.timestep import MISSING_TIME
from .asking import Answers
from .judging import Judged
from .plain import from_numpy
from .reading import BatchReader, Block
from .stamps import Stamps


def write_answers(
    reader: BatchReader,
    block: Block,
    answers: Sequence[Answers],
    judged: Sequence[Judged],
    schema: pa.Schema,
) -> pa.RecordBatch:
    """Return the rows of a block: series by series, its targets, their steps.

    answers: one for each target, or a single one of joint series; judged: the same, or none.
    """
    roles, horizon = reader.roles, answers[0].quantiles.shape[1]
    series, targets, before = len(block), len(roles.targets), roles.judged
    steps = np.arange(1 - before, horizon + 1)
    repeated = from_numpy(np.repeat(np.arange(series), targets * len(steps)))
    columns = [block.heads.column(name).take(repeated) for name in roles.ids]
    if reader.stamps is not None:
        columns.append(_times(reader.stamps, answers, targets, steps))
    if reader.stamps is None or before:
        columns.append(from_numpy(np.tile(steps.astype(np.int32), series * targets)))
    if targets > 1:
        number = np.tile(np.repeat(np.arange(targets), len(steps)), series)
        columns.append(pa.array(roles.targets, pa.string()).take(from_numpy(number)))
    if before:
        coming = np.full((series, targets, horizon), np.nan)
        columns.append(_column(_by_target([part.values for part in judged]), coming))
        columns.append(_column(_by_target([part.anomalies for part in judged]), coming))
    for level in roles.levels:
        place = roles.manifest.quantile_levels.index(level)
        both = [[part.quantiles[..., place] for part in parts] for parts in (judged, answers) if parts]
        columns.append(_column(*map(_by_target, both)))
    errors = [[part.errors for part in parts] for parts in (judged, answers)]
    columns.append(_errors(errors, (series, targets), (before, horizon)))
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _by_target(parts: Sequence[NDArray[np.floating]]) -> NDArray[np.floating]:
    """Return what parts, (series, steps) of each target or (series, steps, D), say of each target."""
    joint = parts[0].ndim > 2
    found: NDArray[np.floating] = np.moveaxis(parts[0], -1, 1) if joint else np.stack(parts, axis=1)
    return found


def _column(*parts: NDArray[np.floating]) -> pa.Array:
    """Return numbers, step after step of each target, null where NaN. parts: (series, targets, steps)."""
    values = np.concatenate(parts, axis=2).ravel()
    missing = np.isnan(values)
    return from_numpy(values, missing if missing.any() else None)


def _times(stamps: Stamps, answers: Sequence[Answers], targets: int, steps: NDArray[np.int64]) -> pa.Array:
    """Return the time of each row. steps: after the last value, from 1; before it from 0 down."""
    lasts = [answer.last for answer in answers if answer.last is not None]
    last = np.stack(lasts, axis=1)
    last = np.broadcast_to(last, (len(last), targets))[..., None]
    missing = last == MISSING_TIME
    found = stamps.manifest.time_step.shift(np.where(missing, 0, last), steps)
    return stamps.write(np.where(missing, MISSING_TIME, found).ravel())


def _errors(
    errors: Sequence[Sequence[dict[int, str]]], shape: tuple[int, int], steps: tuple[int, int]
) -> pa.Array:
    """Return the error of each row, null where there is none.

    errors: of the steps before and of those after, one for each target, or a single one of joint series.
    """
    series, targets = shape
    if not any(map(any, errors)):
        return pa.nulls(series * targets * sum(steps), pa.string())
    texts = np.full((series, targets, 2), None, dtype=np.object_)
    for place, parts in enumerate(errors):
        for target, part in enumerate(parts):
            for number, text in part.items():
                texts[number, target if len(parts) > 1 else slice(None), place] = text
    return pa.array(np.repeat(texts, steps, axis=2).ravel(), pa.string())
