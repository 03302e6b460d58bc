"""Tensors of forecast.onnx from a caller: checked, and cut to the context, as every run has them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...bundle.bundle import Manifest
from ...bundle.contract import FORECAST
from ...errors import InputError
from ...request.arrays import refuse
from ...request.inputs import Request, Tensors
from ...request.levels import split_levels
from ...request.misfits import refuse_below, refuse_other_step
from ...request.moments import check_wall_times
from ..answers import Refusal
from ..settings import Limits

Array = NDArray[Any]
Sizes = dict[str, int]
# Along the history, so cut with it.
ALONG = ("history", "timestamps", "known", "past")


def declared_inputs(manifest: Manifest) -> Mapping[str, Any]:
    """Return {name: {"dtype", "shape"}} of forecast.onnx."""
    inputs: Mapping[str, Any] = manifest.graphs[FORECAST]["inputs"]
    return inputs


def check_shape(manifest: Manifest, name: str, shape: list[int], sizes: Sizes) -> None:
    """Raise InputError for a shape that does not fit the tensors before it.

    sizes: of the axes known so far; completed.
    """
    expected = declared_inputs(manifest)[name]["shape"]
    fits = len(shape) == len(expected) and all(
        found == (sizes.setdefault(axis, found) if isinstance(axis, str) else axis)
        for found, axis in zip(shape, expected, strict=True)
    )
    if not fits:
        known = ", ".join(f"{axis} = {size}" for axis, size in sizes.items() if axis in expected)
        axes = ", ".join(map(str, expected))
        raise InputError(f"inputs.{name}: expected the shape [{axes}]{f' ({known})' if known else ''}")


def check_sizes(manifest: Manifest, sizes: Sizes, limits: Limits) -> None:
    """Raise Refusal: 413 for more than a request may bring, InputError for nothing at all."""
    batch, time, horizon = (sizes.get(axis, 1) for axis in ("batch", "time", "horizon"))
    if batch < 1 or time < 1:
        raise InputError(
            f"inputs.history: expected at least one series of one value, found [{batch}, {time}]"
        )
    if batch > limits.series:
        raise Refusal(413, f"inputs.history: {batch} series, at most {limits.series} in a request")
    channels = max(1, len(manifest.channels))
    values = batch * channels * max(time, horizon * len(manifest.quantile_levels))
    if values > limits.points:
        raise Refusal(413, f"inputs.history: {values} values, at most {limits.points} in a request")


def check_tensors(manifest: Manifest, tensors: Tensors, limits: Limits) -> Request:
    """Return a checked request, cut to the context. tensors: all, of their types and of shapes that fit.
    Raises InputError with the first value that the model cannot take.
    """
    horizon = _one(tensors["horizon"], "horizon", limits.longest_horizon(manifest))
    lengths, time = tensors["lengths"], tensors["history"].shape[1]
    check_sizes(manifest, {"batch": len(lengths), "time": time, "horizon": horizon}, limits)
    _within(lengths, "lengths", 1, time)
    context = manifest.context_length
    kept = np.minimum(lengths, context)
    history: Tensors = {"lengths": kept}
    for name in ALONG:
        if name in tensors:
            history[name] = cut(tensors[name], lengths, context)
    _check_values(manifest, history)
    _check_steps(manifest, tensors["history"], lengths)
    for name in ("known", "past"):
        if name in history:
            _refuse_infinite(history[name], name)
    future = {name: tensor for name, tensor in tensors.items() if name.startswith("future_")}
    for name, tensor in future.items():
        if tensor.shape[1] != horizon:
            raise InputError(f"inputs.{name}: covers {tensor.shape[1]} steps, the horizon is {horizon}")
    if manifest.uses_calendar:
        check_wall_times(manifest, history["timestamps"], kept, future["future_timestamps"])
    if "future_known" in future:
        known = future["future_known"]
        refuse(~np.isfinite(known), known, "inputs.future_known", "a finite number", 0)
    if "static" in tensors:
        _refuse_infinite(tensors["static"], "static")
    if "static_cat" in tensors:
        for column, name in enumerate(manifest.vocabularies):
            codes = tensors["static_cat"][:, column]
            _within(codes, f"static_cat ({name})", 0, len(manifest.vocabularies[name]))
    history |= {name: tensors[name] for name in ("static", "static_cat") if name in tensors}
    history["history"], levels = split_levels(manifest, history["history"])
    return Request(horizon, history, future, None, levels)


def cut(values: Array, lengths: NDArray[np.int64], context: int) -> Array:
    """Return the last `context` of each row's values, left-aligned: (batch, context, ...).

    Behind them floats are NaN and times the last one again, as Predictor has them.
    """
    kept = np.minimum(lengths, context)[:, None]
    place = np.minimum(np.arange(context), kept - 1) + (lengths[:, None] - kept)
    found: Array = values[np.arange(len(values))[:, None], place]
    if found.dtype == np.float32:
        found[np.arange(context) >= kept] = np.nan
    return found


def _check_values(manifest: Manifest, history: Tensors) -> None:
    values = history["history"]
    _refuse_infinite(values, "history")
    refuse_below(manifest, values, "inputs.history")
    unseen = np.argwhere(np.isnan(values).all(axis=1))
    if len(unseen):
        raise InputError(
            f"inputs.history, series {int(unseen[0][0])}: the last {manifest.context_length} values are all "
            "NaN; expected at least 1 observed value"
        )


def _check_steps(manifest: Manifest, history: Array, lengths: NDArray[np.int64]) -> None:
    """Refuse series of another step, as POST /forecast does. history: (batch, time[, D])."""
    cells = np.isnan(history.reshape(*history.shape[:2], -1))
    is_missing = np.logical_and.reduce(cells, axis=2)  # (batch, time)
    for series, (row, length) in enumerate(zip(is_missing, lengths.tolist(), strict=True)):
        refuse_other_step(manifest, ~row[:length], f"inputs.history, series {series}")


def _refuse_infinite(values: Array, name: str) -> None:
    refuse(np.isinf(values), values, f"inputs.{name}", "a finite number, or NaN where missing", 0)


def _one(values: Array, name: str, most: int) -> int:
    """Return the only value of a tensor."""
    _within(values, name, 1, most)
    return int(values[0])


def _within(values: Array, name: str, least: int, most: int) -> None:
    bad = (values < least) | (values > most)
    refuse(bad, values, f"inputs.{name}", f"{least} to {most}", 0)
