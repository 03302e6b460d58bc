"""One table through a predictor, in parts of so many series; those that are there are not made again."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ...bundle.bundle import sha256
from ...errors import UnsortedError
from ..choosing import Predictors
from ..reading import begins_of
from ..roles import Roles
from ..scoring import score_batches
from .parts import Found, PartRecord, PartWriter
from .tables import Opened, Table

SERIES = 100_000  # of a part: what is lost at most where a process is killed
Advance = Callable[
    [float, int], None
]  # is told the share of a table, and how many series, since the last call


@dataclass(frozen=True)
class Scoring:
    """How tables are scored."""

    ids: tuple[str, ...] | None = None  # columns; None: those of the manifest
    time: str | None = None
    targets: tuple[str, ...] | None = None
    levels: tuple[float, ...] = ()
    horizon: int | None = None
    anomalies: int = 0  # last values that are judged
    series: int = SERIES  # of a part

    def roles(self, predictors: Predictors) -> Roles:
        """Return the columns. Raises ConfigError."""
        return predictors.roles(self.ids, self.time, self.targets, self.levels, self.anomalies)

    def stamp(self, predictors: Predictors) -> str:
        """Return what parts of the same bundle and options share."""
        return sha256({"bundle": predictors.digest, **_plain(asdict(self))})

    def rows_of_an_id(self, predictors: Predictors) -> int:
        """Return how many rows are written of each id."""
        return (self.anomalies + predictors.horizon(self.horizon)) * len(self.roles(predictors).targets)


def _plain(options: dict[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in options.items()}


def score_table(
    scoring: Scoring, predictors: Predictors, table: Table, output: Path, done: list[Found], advance: Advance
) -> None:
    """Write the parts of a table that are not done. done: those that are, the first ones, in order.

    Raises UnsortedError, ConfigError, DataError, InputError.
    """
    if done and done[-1].record.is_last:
        advance(1.0, 0)
        return
    roles = scoring.roles(predictors)
    opened = table.open(roles)
    skipped = sum(found.record.ids for found in done)
    batches = _skip_series(_telling(opened, advance), roles, skipped)
    forecasts = score_batches(
        batches,
        predictors,
        id=roles.ids,
        time=roles.time or "",
        target=roles.targets,
        levels=roles.levels,
        horizon=scoring.horizon,
        anomalies=scoring.anomalies,
    )
    base = PartRecord(scoring.stamp(predictors), table.record(), scoring.rows_of_an_id(predictors))
    schema, part = roles.schema(opened.schema), None
    try:
        for number, rows in _cut(forecasts, base.rows_of_an_id * scoring.series, len(done)):
            if part is None or part.number != number:
                if part is not None:
                    part.finish(is_last=False)
                part = PartWriter(output, number, base, schema, roles)
            part.write(rows)
            advance(0.0, rows.num_rows // base.rows_of_an_id)
        part = part or PartWriter(output, 0, base, schema, roles)
        part.finish(is_last=True)
    except UnsortedError as error:
        raise UnsortedError(f"{table.name}: {error}, or let --sort do it") from None
    finally:
        if part is not None:
            part.leave()


def _telling(opened: Opened, advance: Advance) -> Iterator[pa.RecordBatch]:
    before = 0.0
    for batch, share in opened.batches:
        yield batch
        advance(share - before, 0)
        before = share


def _skip_series(batches: Iterator[pa.RecordBatch], roles: Roles, count: int) -> Iterator[pa.RecordBatch]:
    """Yield what follows the first `count` series."""
    before: pa.RecordBatch | None = None
    for batch in batches:
        if not batch.num_rows:
            continue
        starts = np.flatnonzero(begins_of(batch, roles, before))
        if len(starts) > count:
            yield batch.slice(int(starts[count]))
            yield from batches
            return
        before, count = batch, count - len(starts)


def _cut(forecasts: Iterator[pa.RecordBatch], size: int, number: int) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Yield rows with the number of their part, each part of `size` rows. number: of the first."""
    left = size
    for batch in forecasts:
        rest = batch
        while rest.num_rows:
            piece = rest.slice(0, left)
            yield number, piece
            rest, left = rest.slice(piece.num_rows), left - piece.num_rows
            if not left:
                number, left = number + 1, size
