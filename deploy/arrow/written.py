"""Forecasts as record batches: a row for each series, target and step."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from ..time.timestep import MISSING_TIME
from .asking import Answers
from .plain import from_numpy, is_missing
from .reading import BatchReader, Block

Shape = tuple[int, int, int]  # series, targets, steps


def write_answers(
    reader: BatchReader, block: Block, answers: Sequence[Answers], schema: pa.Schema
) -> pa.RecordBatch:
    """Return the rows of a block: series by series, its targets, their steps.

    answers: one for each target, or a single one of joint series.
    """
    roles = reader.roles
    shape = len(block), len(roles.targets), answers[0].quantiles.shape[1]
    series, targets, horizon = shape
    repeated = from_numpy(np.repeat(np.arange(series), targets * horizon))
    columns = [block.heads.column(name).take(repeated) for name in roles.ids]
    columns.append(_times(reader, answers, shape))
    if targets > 1:
        number = np.tile(np.repeat(np.arange(targets), horizon), series)
        columns.append(pa.array(roles.targets, pa.string()).take(from_numpy(number)))
    errors = _errors(answers, shape)
    has_error = ~is_missing(errors) if errors.null_count < len(errors) else None
    for level in roles.levels:
        place = roles.manifest.quantile_levels.index(level)
        parts = [answer.quantiles[..., place] for answer in answers]  # each (series, horizon[, D])
        values = np.moveaxis(parts[0], -1, 1) if parts[0].ndim > 2 else np.stack(parts, axis=1)
        columns.append(from_numpy(values.ravel(), has_error))
    return pa.RecordBatch.from_arrays([*columns, errors], schema=schema)


def _times(reader: BatchReader, answers: Sequence[Answers], shape: Shape) -> pa.Array:
    """Return the time of each row, or without times the number of its step, from 1."""
    series, targets, horizon = shape
    ahead = np.arange(1, horizon + 1)
    lasts = [answer.last for answer in answers if answer.last is not None]
    if reader.stamps is None or not lasts:
        return from_numpy(np.tile(ahead.astype(np.int32), series * targets))
    last = np.broadcast_to(np.stack(lasts, axis=1), (series, targets))[..., None]
    missing = last == MISSING_TIME
    future = reader.roles.manifest.time_step.shift(np.where(missing, 0, last), ahead)
    return reader.stamps.write(np.where(missing, MISSING_TIME, future).ravel())


def _errors(answers: Sequence[Answers], shape: Shape) -> pa.Array:
    """Return the error of each row, null where there is none."""
    series, targets, horizon = shape
    if not any(answer.errors for answer in answers):
        return pa.nulls(series * targets * horizon, pa.string())
    texts = np.full((series, targets), None, dtype=np.object_)
    for target, answer in enumerate(answers):
        for number, text in answer.errors.items():
            texts[number, target if len(answers) > 1 else slice(None)] = text
    return pa.array(np.repeat(texts.ravel(), horizon), pa.string())
