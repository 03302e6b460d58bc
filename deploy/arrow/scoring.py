"""score_batches: record batches of series in, record batches of their quantiles out."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import pyarrow as pa

from ..errors import ConfigError, InputError, UnsortedError
from ..predictor import Predictor
from .blocks import whole_series
from .choosing import Predictors
from .judging import judge
from .reading import Block, name_of
from .roles import Names, Roles
from .seen import SeenIds
from .written import write_answers

OnError = Literal["row", "raise"]


def score_batches(
    batches: Iterable[pa.RecordBatch],
    predictor: Predictor | Predictors,
    *,
    id: Names = None,
    time: str | None = None,
    target: Names = None,
    levels: Sequence[float] | None = None,
    horizon: int | None = None,
    anomalies: int = 0,
    on_error: OnError = "row",
) -> Iterator[pa.RecordBatch]:
    """Forecast every series of record batches once, in order of arrival and in bounded memory.

    predictor: one, or of a folder of segments Predictors, which choose by columns of the first row.
    batches: rows, those of a series one after another, oldest first, cut anywhere; or of lists, a row a
    series. A series ends with its last observed target; rows after it hold covariates that are known ahead.
    A step without a row is a missing value.
    id, time, target: columns, by default those of the manifest; id=() for a single series, time="" for no
    times. With lists a time is a list as well, or that of the last value. Covariates have the names of the
    manifest; what is static is read from the first row of a series.
    levels: quantiles to write, by default all; horizon: steps, by default as trained.
    anomalies: how many of the last values of each series are judged, by one forecast from before them, which
    takes as long again. They have rows before those of the forecast, with step 0 and below: their `value`,
    its p-value as `anomaly`, and the quantiles that were forecast of it.
    on_error: "row" writes a series that cannot be forecast as null quantiles and the reason in `error`;
    "raise" raises InputError.

    Yields batches of score_schema, `anomalies` + `horizon` rows a series and target. Raises UnsortedError
    where an id returns after another one or times go back, ConfigError for columns or options that do not
    fit.
    """
    if on_error not in ("row", "raise"):
        raise ConfigError(f"on_error must be 'row' or 'raise', found {on_error!r}")
    chosen = Predictors((), {(): predictor}) if isinstance(predictor, Predictor) else predictor
    roles = chosen.roles(id, time, target, tuple(levels or ()), anomalies)
    return _score(batches, chosen, roles, chosen.horizon(horizon), on_error)


def _score(
    batches: Iterable[pa.RecordBatch], predictors: Predictors, roles: Roles, horizon: int, on_error: OnError
) -> Iterator[pa.RecordBatch]:
    channels = [roles.targets] if roles.manifest.channels else [(name,) for name in roles.targets]
    seen, schema = SeenIds(), None
    for reader, block in whole_series(batches, roles, predictors.rows_to_keep(horizon, roles.judged)):
        schema = schema or roles.schema(reader.schema)
        _refuse_again(seen, roles, block)
        answers = [predictors.answer(reader, block, targets, horizon) for targets in channels]
        if on_error == "raise":
            for series, text in sorted(item for found in answers for item in found.errors.items()):
                raise InputError(f"{name_of(block.heads, roles, series)}: {text}")
        judged = [
            judge(predictors, reader, block, targets, roles.judged) for targets in channels if roles.judged
        ]
        yield write_answers(reader, block, answers, judged, schema)


def _refuse_again(seen: SeenIds, roles: Roles, block: Block) -> None:
    """Raise UnsortedError for the first series of a block that was there before."""
    again = seen.add([block.heads.column(name) for name in roles.ids])
    if again is not None:
        raise UnsortedError(
            f"{name_of(block.heads, roles, again)} returns after another one, so it would be forecast "
            "twice; sort the rows by id and time"
        )
