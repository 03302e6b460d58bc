"""Tensors of the graphs from the arguments of a caller; everything is checked here, once."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..bundle.bundle import Manifest
from ..errors import InputError
from .arrays import CheckTime, no_limit
from .covariates import (
    Covariates,
    check_along,
    check_future_known,
    check_static,
    encode_categories,
    holiday_rows,
    refuse_unused,
    with_columns,
)
from .histories import check_histories
from .levels import Levels
from .moments import calendar_tensors, check_last_timestamp, forecast_timestamps

Tensors = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Request:
    """A checked batch: tensors of the history and of the future, named as the graphs' inputs."""

    horizon: int
    history: Tensors
    future: Tensors
    timestamps: NDArray[Any] | None  # (batch, horizon) of the forecast
    levels: Levels  # (batch[, D]) that the history has lost, and that the forecast gets back

    def __len__(self) -> int:
        return len(self.history["lengths"])

    def tensors(self) -> Tensors:
        """Return all inputs of forecast.onnx by name."""
        return {**self.history, **self.future, "horizon": np.array([self.horizon], dtype=np.int64)}

    def chunks(self, size: int) -> "Iterator[Request]":
        """Yield the request in parts of at most `size` series; several are without timestamps."""
        if len(self) <= size:
            yield self
            return
        for begin in range(0, len(self), size):
            part = slice(begin, begin + size)
            history = {name: tensor[part] for name, tensor in self.history.items()}
            future = {name: tensor[part] for name, tensor in self.future.items()}
            yield Request(self.horizon, history, future, None, self.levels[part])


def check_request(
    manifest: Manifest,
    history: Any,
    horizon: int | None,
    given: Covariates,
    max_batch: int | None = None,
    check_time: CheckTime = no_limit,
) -> Request:
    """Return the tensors of a request. Raises InputError with the series, the position and the expectation.

    max_batch: series at most; None = any number. check_time: called between series, to end a call that
    takes too long.
    """
    refuse_unused(manifest, given)
    steps = check_horizon(manifest, horizon)
    histories = check_histories(manifest, history, max_batch, check_time)
    lengths, batch = histories.lengths, len(histories.lengths)
    past: Tensors = {"history": histories.left, "lengths": lengths}
    future: Tensors = {}
    check_time()
    last = check_last_timestamp(manifest, given.last_timestamp, batch, check_time)
    if manifest.uses_calendar:
        past["timestamps"], future["future_timestamps"] = calendar_tensors(manifest, last, lengths, steps)
    for name, names in (("known", manifest.known), ("past", manifest.past)):
        if names:
            along = getattr(given, name)
            past[name] = check_along(name, names, along, lengths, manifest.context_length, check_time)
    check_time()
    if manifest.known:
        future["future_known"] = check_future_known(manifest, given.future_known, (batch, steps))
    if manifest.vocabularies:
        past["static_cat"] = encode_categories(manifest, given.static_cat, batch)
    if manifest.holidays:
        days = holiday_rows(manifest, manifest.holidays, last, lengths, steps, past.get("static_cat"))
        past["known"] = with_columns(past.get("known"), days[0])
        future["future_known"] = with_columns(future.get("future_known"), days[1])
    if manifest.static:
        past["static"] = check_static(manifest, given.static, batch)
    return Request(steps, past, future, forecast_timestamps(manifest, last, steps), histories.levels)


def check_horizon(manifest: Manifest, horizon: int | None) -> int:
    """Return the steps to forecast; the trained horizon if nothing is said."""
    if horizon is None:
        return manifest.horizon
    if isinstance(horizon, bool) or not isinstance(horizon, int | np.integer):
        raise InputError(f"horizon must be a whole number of steps, found {horizon!r}")
    if not 1 <= horizon <= manifest.max_horizon:
        raise InputError(f"horizon must be between 1 and {manifest.max_horizon} steps, found {horizon}")
    return int(horizon)


def check_max_batch(limit: int | None) -> int | None:
    """Return the limit itself. Raises InputError for what is no number of series."""
    if limit is not None and (type(limit) is not int or limit < 1):
        raise InputError(f"max_batch must be a whole number of series, at least 1, found {limit!r}")
    return limit
