"""POST /forecast: from its JSON to the arguments of a predictor.

What the form demands is checked here, and answered with 400. What the model demands, such as covariates as
long as the history, is checked by deploy.request.inputs, and answered with 422.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...bundle.bundle import Manifest
from ...errors import InputError
from ...request.moments import check_grid
from ..answers import Refusal
from ..fields import Json, as_list, as_number, as_numbers, as_object, as_text, as_whole, check_names, quote
from ..limits import Limits

FIELDS = ("model", "series", "horizon", "levels", "paths", "seed")
LONGEST_ID, LONGEST_TEXT = 256, 256
LARGEST_SEED = 2**63 - 1
# No category is called so: it counts as one that was not seen in training.
UNKNOWN = "\0"

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Asked:
    """A request whose form is right."""

    ids: list[str | None]
    arguments: Json  # of Predictor.forecast
    horizon: int
    levels: tuple[float, ...]  # ascending, as trained
    paths: int  # 0: none
    seed: int


def read_forecast(manifest: Manifest, content: Json, limits: Limits) -> Asked:
    """What is asked of a model. Raises Refusal: 400 for the form, 413 for too much; InputError."""
    check_names(content, "the body", FIELDS, ["series"])
    series = as_list(content["series"], "series")
    if len(series) > limits.series:
        raise Refusal(413, f"series: {len(series)} of them, at most {limits.series} in a request")
    longest = longest_horizon(manifest, limits)
    horizon = as_whole(content.get("horizon", min(manifest.horizon, longest)), "horizon", 1, longest)
    levels = _levels(manifest, content["levels"]) if "levels" in content else manifest.quantile_levels
    most = limits.paths if len(manifest.quantile_levels) > 1 else 0
    paths = as_whole(content.get("paths", 0), "paths", 0, most)
    if paths * len(series) > limits.paths:
        raise Refusal(413, f"paths: {paths} of {len(series)} series, at most {limits.paths} in a request")
    _check_size(limits, "the forecast", len(series) * horizon * (len(levels) + paths), manifest)
    seed = as_whole(content.get("seed", 0), "seed", 0, LARGEST_SEED)
    read = [_Series(manifest, item, number) for number, item in enumerate(series)]
    _check_size(limits, "series", sum(one.size for one in read))
    return Asked([one.id for one in read], _arguments(manifest, read), horizon, levels, paths, seed)


def longest_horizon(manifest: Manifest, limits: Limits) -> int:
    """Steps that a request may ask of the model."""
    return min(manifest.max_horizon, limits.horizon or manifest.max_horizon)


def series_fields(manifest: Manifest) -> tuple[list[str], list[str]]:
    """Names that a series may have, and those that it has to have."""
    required = ["values"]
    if manifest.known:
        required += ["known", "future_known"]
    if manifest.past:
        required += ["past"]
    static = ["static"] if manifest.columns.static else []
    return ["id", "timestamps", "last_timestamp", *required, *static], required


class _Series:
    """One item of `series`."""

    def __init__(self, manifest: Manifest, item: Any, number: int) -> None:
        where = f"series[{number}]"
        content = as_object(item, where)
        check_names(content, where, *series_fields(manifest))
        self.id = as_text(content["id"], f"{where}.id", LONGEST_ID) if "id" in content else None
        self.size = 0
        if manifest.channels:
            self.values = self._columns(content, where, "values", manifest.channels)
        else:
            self.values = self._counted(as_numbers(content["values"], f"{where}.values"))
        self.known = self._columns(content, where, "known", manifest.known)
        self.past = self._columns(content, where, "past", manifest.past)
        self.future = self._columns(content, where, "future_known", manifest.known, null=False)
        self.last_timestamp = _last_timestamp(manifest, content, where, len(self.values))
        static = as_object(content.get("static", {}), f"{where}.static")
        check_names(static, f"{where}.static", manifest.columns.static)
        texts = manifest.vocabularies
        self.categories = [_category(static.get(name), f"{where}.static.{name}") for name in texts]
        self.static = [as_number(static.get(name), f"{where}.static.{name}") for name in manifest.static]

    def _columns(
        self, content: Json, where: str, field: str, names: tuple[str, ...], *, null: bool = True
    ) -> Array:
        """(time, column) of an object of lists, in the order of the names."""
        if not names:
            return np.empty((0, 0))
        given = as_object(content[field], f"{where}.{field}")
        check_names(given, f"{where}.{field}", names, names)
        columns = [as_numbers(given[name], f"{where}.{field}.{name}", null=null) for name in names]
        sizes = [len(column) for column in columns]
        if len(set(sizes)) > 1:
            raise Refusal(422, f"{where}.{field}: {names[0]} has {sizes[0]} values, the columns have {sizes}")
        return self._counted(np.stack(columns, axis=1))

    def _counted(self, values: Array) -> Array:
        self.size += values.size
        return values


def _arguments(manifest: Manifest, read: list[_Series]) -> Json:
    lasts = [one.last_timestamp for one in read]
    without = [number for number, last in enumerate(lasts) if last is None]
    if without and len(without) < len(read):
        raise Refusal(
            422, f"series[{without[0]}] has no timestamps, and others have; give all of them or none"
        )
    arguments: Json = {
        "history": [one.values for one in read],
        "last_timestamp": None if without else lasts,
    }
    if manifest.known:
        arguments["known"] = [one.known for one in read]
        shortest = min(len(one.future) for one in read)  # no step beyond the horizon counts
        arguments["future_known"] = np.stack([one.future[:shortest] for one in read])
    if manifest.past:
        arguments["past"] = [one.past for one in read]
    if manifest.vocabularies:
        arguments["static_cat"] = [one.categories for one in read]
    if manifest.static:
        arguments["static"] = np.array([one.static for one in read])
    return arguments


def _last_timestamp(manifest: Manifest, content: Json, where: str, count: int) -> Any:
    """When the history ends, as it was written; None if it was not."""
    if "timestamps" not in content:
        last = content.get("last_timestamp")
        return None if "last_timestamp" not in content else _time(last, f"{where}.last_timestamp")
    if "last_timestamp" in content:
        raise Refusal(422, f"{where}: timestamps and last_timestamp are both there, one is enough")
    given = as_list(content["timestamps"], f"{where}.timestamps")
    times = [_time(time, f"{where}.timestamps[{place}]") for place, time in enumerate(given)]
    if len(times) != count:
        raise Refusal(422, f"{where}.timestamps: {len(times)} of them for {count} values")
    recent = times[-manifest.context_length :]
    try:
        check_grid(manifest, recent, f"{where}.timestamps[{{}}]", len(times) - len(recent))
    except InputError as error:
        raise Refusal(422, str(error)) from None
    return times[-1]


def _time(value: Any, where: str) -> str | int:
    """As it was written; the model says what it may be."""
    if type(value) is str and len(value) <= LONGEST_TEXT:
        return value
    if type(value) is int or (type(value) is float and value.is_integer()):
        return int(value)
    raise Refusal(400, f"{where}: expected a date and time or a whole number, found {quote(value)}")


def _category(value: Any, where: str) -> str:
    return UNKNOWN if value is None else as_text(value, where, LONGEST_TEXT)


def _levels(manifest: Manifest, wanted: Any) -> tuple[float, ...]:
    items = as_list(wanted, "levels")
    if len(items) > len(manifest.quantile_levels):
        raise Refusal(400, f"levels: {len(items)} of them, {len(manifest.quantile_levels)} were trained")
    for place, level in enumerate(items):
        if isinstance(level, bool) or level not in manifest.quantile_levels:
            trained = ", ".join(f"{known:g}" for known in manifest.quantile_levels)
            raise Refusal(400, f"levels[{place}]: {quote(level)} was not trained; trained levels: {trained}")
    if len(set(items)) < len(items):
        raise Refusal(400, "levels: one of them is there twice")
    return tuple(sorted(map(float, items)))


def _check_size(limits: Limits, what: str, values: int, manifest: Manifest | None = None) -> None:
    """Raises Refusal: 413. manifest: whose targets multiply the values."""
    values *= max(1, len(manifest.channels)) if manifest else 1
    if values > limits.points:
        raise Refusal(413, f"{what}: {values} values, at most {limits.points} in a request")
