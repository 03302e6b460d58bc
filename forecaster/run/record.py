"""Keep what the data of a fit were, and find in another file what the fit saw of each series."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from deploy.errors import RunError
from deploy.request.misfits import steps_between
from forecaster.data import Panel, Understood
from forecaster.data.panel.panel import count_observed
from forecaster.data.times.timestamps import read_timestamps, write_timestamps
from forecaster.run.reading import read_bytes

# Fields that data.json has where they say something.
LATER = {"sparse_series": 0, "least": None}


class DataRecord(Understood):
    """The data of a fit, how they were understood, and which of them trained."""

    sha256: str
    ids: tuple[tuple[str, ...], ...]  # per series: its key, then the target's name if there are several
    training_cutoff: tuple[str, ...]  # per series: the last timestamp that trained
    # Per series: its last timestamp; what lies between it and the cutoff was held out. Early runs have none.
    last_timestamps: tuple[str, ...] = ()
    sparse_series: int = 0  # of which a value came every few steps, and none between
    least: float | None = None  # the smallest value; early runs do not say

    @classmethod
    def of_fit(
        cls, understood: Understood, sha256: str, panel: Panel, train_ends: NDArray[np.int64]
    ) -> "DataRecord":
        """Return the record of a fit. sha256: of the file; train_ends: (series,), the row after."""

        def written(ends: NDArray[np.int64]) -> tuple[str, ...]:
            last = panel.times(np.arange(panel.series_count), ends - 1)
            return tuple(write_timestamps(last, panel.columns.time_format, panel.clock))

        return cls(
            **dict(understood),
            sha256=sha256,
            ids=panel.ids,
            training_cutoff=written(train_ends),
            last_timestamps=written(panel.ends),
            sparse_series=_count_sparse(panel),
            least=float(np.nanmin(panel.values)),
        )

    def written(self) -> dict[str, Any]:
        """Return what data.json holds: of what early runs do not say, what there is."""
        content = self.model_dump(mode="json")
        return {name: value for name, value in content.items() if name not in LATER or value != LATER[name]}


def _count_sparse(panel: Panel) -> int:
    """Return how many series have a value every few steps, and none between."""
    found = 0
    lengths = panel.lengths()
    for series in np.flatnonzero(2 * count_observed(panel)[0] <= lengths + 1):  # no others can be
        begin, end = panel.offsets[series], panel.ends[series]
        rows = panel.values[begin:end].reshape(end - begin, -1)
        is_observed: NDArray[np.bool_] = np.logical_or.reduce(~np.isnan(rows), axis=1)
        found += steps_between(is_observed, end - begin) is not None
    return found


def read_record(path: Path) -> DataRecord:
    """Read what a fit wrote of its data. Raises ValueError for a file that holds anything else."""
    try:
        return DataRecord.model_validate_json(read_bytes(path))
    except ValidationError as error:
        lacking = [str(problem["loc"][-1]) for problem in error.errors() if problem["type"] == "missing"]
        if not lacking:
            raise
        raise ValueError(
            f"{path.name} lacks {', '.join(lacking)}; another version wrote it, so fit again"
        ) from None


@dataclass(frozen=True)
class Seen:
    """The rows of each series that a fit saw: (series,) each; its own first row if the fit never saw it."""

    trained: NDArray[np.int64]  # the panel's row after the last value that trained
    used: NDArray[np.int64]  # the row after the last that trained or validated
    is_new: NDArray[np.bool_]


def find_seen(path: Path, record: DataRecord, panel: Panel) -> Seen:
    """Match the series of the run at `path` by their ids. Raises RunError for ends that cannot be read."""

    def read(texts: Sequence[str]) -> NDArray[np.int64]:
        try:
            return read_timestamps(texts, record.columns.time_format, panel.clock)
        except ValueError as error:
            raise RunError(f"the run at {path} is damaged: data.json: {error}") from None

    # An early run says only when the last of its series ended.
    last = record.last_timestamps or (record.last,) * len(record.ids)
    number = {id_: position for position, id_ in enumerate(record.ids)}
    matched = np.array([number.get(id_, -1) for id_ in panel.ids], dtype=np.int64)
    return Seen(
        trained=_rows_after(panel, matched, read(record.training_cutoff)),
        used=_rows_after(panel, matched, read(last)),
        is_new=matched < 0,
    )


def _rows_after(panel: Panel, matched: NDArray[np.int64], timestamps: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the row after the last one up to a timestamp: (series,). matched: (series,), -1 = none."""
    is_known = matched >= 0
    moments = np.zeros(len(matched), np.int64)
    moments[is_known] = timestamps[matched[is_known]]
    return np.where(is_known, panel.rows_after(moments), panel.offsets[:-1])
