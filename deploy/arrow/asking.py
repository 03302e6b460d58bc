"""Forecasts of all series of a block that can be forecast, and what is wrong with the others."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ..bundle.bundle import Manifest
from ..errors import InputError
from ..predictor import Predictor
from ..request.moments import CALENDAR_RANGE
from ..request.stacked import Stacked
from ..time.timestep import MISSING_TIME
from .reading import BatchReader, Block, to_numbers
from .windows import Windows, cut_windows

# Contexts of rows that are kept of a series: the last counts, and those before show the step of a sparse one.
CONTEXTS = 16
Series = NDArray[np.int64]
Quantiles = NDArray[np.floating]


@dataclass(frozen=True)
class Answers:
    """Forecasts of the series of a block."""

    # (series, horizon, [D,] quantile) in the data's units; NaN where there is an error
    quantiles: Quantiles
    last: NDArray[np.int64] | None  # (series,) time of the last value, on the model's clock; None: not known
    errors: dict[int, str]  # why a series cannot be forecast


def rows_to_keep(predictor: Predictor, horizon: int) -> int:
    """Return how many rows of a series may count, its last ones."""
    return CONTEXTS * predictor.manifest.context_length + horizon


def answer(
    predictor: Predictor,
    reader: BatchReader,
    block: Block,
    targets: tuple[str, ...],
    horizon: int,
    *,
    of_last: bool = False,
) -> Answers:
    """Forecast a block. targets: one, or the channels of joint series.

    of_last: forecast the last `horizon` steps from before them, as Windows.before says, in float64.
    """
    asked = _Asked(predictor, reader, block, targets, horizon, of_last)
    manifest, windows = predictor.manifest, asked.windows(predictor.manifest.context_length)
    found = asked.nothing()
    lacking = "it has no value before its last ones" if of_last else "it has no observed value"
    errors = {int(series): lacking for series in np.flatnonzero(windows.lengths == 0)}
    errors |= windows.wrong
    errors |= _beyond_calendar(manifest, windows)
    is_good = np.ones(len(block), dtype=np.bool_)
    is_good[list(errors)] = False
    is_sparse = is_good & _sparse(windows)
    alone = asked.forecast(windows, np.flatnonzero(is_good & ~is_sparse), found)
    for series in [*alone, *np.flatnonzero(is_sparse).tolist()]:
        try:
            found[series] = asked.forecast_alone(series)
        except InputError as error:
            errors[series] = _without_number(str(error))
    last = windows.last
    if last is not None and errors:  # where there is no value, or no such year, times are not written
        unknown = windows.lengths == 0
        unknown[list(_beyond_calendar(manifest, windows))] = True
        last = np.where(unknown, MISSING_TIME, last)
    return Answers(found, last, errors)


def _beyond_calendar(manifest: Manifest, windows: Windows) -> dict[int, str]:
    """Return an error for each series that ends at no time of a calendar."""
    if windows.last is None or not manifest.time_step.has_calendar:
        return {}
    first, last = CALENDAR_RANGE
    beyond = (windows.lengths > 0) & ((windows.last < first) | (windows.last > last))
    beyond &= windows.last != MISSING_TIME
    return dict.fromkeys(np.flatnonzero(beyond).tolist(), "its last time is not in the years 1 to 9999")


def _sparse(windows: Windows) -> NDArray[np.bool_]:
    """Return the series of which half or more is missing: more than a context may say why."""
    size = windows.history[0, 0].size
    missing = np.isnan(windows.history).reshape(len(windows.lengths), -1).sum(axis=1)
    missing -= (windows.history.shape[1] - windows.lengths) * size  # behind its end
    sparse: NDArray[np.bool_] = 2 * missing >= (windows.lengths - 1) * size
    return sparse & (windows.lengths > 1)


@dataclass(frozen=True)
class _Asked:
    """A predictor that is asked about the series of a block."""

    predictor: Predictor
    reader: BatchReader
    block: Block
    targets: tuple[str, ...]
    horizon: int
    of_last: bool

    def windows(self, context: int) -> Windows:
        """Return windows of so many steps that end where forecasts begin."""
        if not self.of_last:
            return cut_windows(self.reader, self.block, self.targets, context, self.horizon)
        width = self.horizon + max(context, self.horizon)
        windows = cut_windows(self.reader, self.block, self.targets, width, self.horizon)
        return windows.before(self.horizon, self.predictor.manifest.time_step)

    def nothing(self) -> Quantiles:
        """Return forecasts that are not there yet."""
        manifest = self.predictor.manifest
        channels = [len(self.targets)] if manifest.channels else []
        shape = (len(self.block), self.horizon, *channels, len(manifest.quantile_levels))
        return np.full(shape, np.nan, dtype=np.float64 if self.of_last else np.float32)

    def forecast(self, windows: Windows, series: Series, found: Quantiles) -> list[int]:
        """Write the forecasts of many series into `found`; return those that cannot be forecast.

        Where there are such, the others are found by halves: checks are repeated, forecasts are not.
        """
        if not len(series):
            return []
        try:
            found[series] = self._ask(windows, series)
        except InputError:
            if len(series) == 1:
                return [int(series[0])]
            middle = len(series) // 2
            return [
                n for half in (series[:middle], series[middle:]) for n in self.forecast(windows, half, found)
            ]
        return []

    def forecast_alone(self, series: int) -> Quantiles:
        """Return the forecast of one series, seen with all rows that were kept. Raises InputError."""
        asked = replace(self, block=self.block[series : series + 1])
        windows = asked.windows(rows_to_keep(self.predictor, self.horizon))
        found: Quantiles = asked._ask(windows, np.zeros(1, dtype=np.int64))[0]
        return found

    def _ask(self, windows: Windows, series: Series) -> Quantiles:
        manifest, lengths = self.predictor.manifest, windows.lengths[series]
        is_even = bool((lengths == lengths[0]).all()) and lengths[0] > 1  # (n, 1) may be one series

        def along(rows: NDArray[np.float64]) -> Any:
            """Return an array, or where lengths differ the rows one after another."""
            picked = rows[series]
            if is_even:
                return picked[:, : lengths[0]]
            begins = picked.shape[1] * np.arange(len(picked))
            return Stacked(picked.reshape(-1, *picked.shape[2:]), begins, begins + lengths)

        given: dict[str, Any] = {"history": along(windows.history), "horizon": self.horizon}
        if windows.last is not None and manifest.uses_calendar:
            last, clock = windows.last[series], manifest.clock
            given["last_timestamp"] = last if clock is None else clock.to_utc(last)
        if windows.known is not None and windows.future_known is not None:
            given |= {"known": along(windows.known), "future_known": windows.future_known[series]}
        if windows.past is not None:
            given["past"] = along(windows.past)
        heads = self.block.heads
        if manifest.vocabularies:
            texts = [heads.column(name).cast(pa.string()).fill_null("") for name in manifest.vocabularies]
            given["static_cat"] = np.stack(
                [text.to_numpy(zero_copy_only=False)[series] for text in texts], axis=1
            )
        if manifest.static:
            numbers = [heads.column(name).cast(pa.float64()) for name in manifest.static]
            given["static"] = np.stack([to_numbers(column)[series] for column in numbers], axis=1)
        found: Quantiles = self.predictor.forecast(**given).quantiles
        return found


def _without_number(text: str) -> str:
    """Return an error of a predictor that was asked about one series, without the number of that."""
    return text.replace(" of series 0", "").removeprefix("series 0: ").removeprefix("series 0, ")
