"""The body of POST /forecast: the fields of a request to one model, declared once.

What the form demands is checked here, and answered with 400. What the model demands, such as covariates as
long as the history, is checked by deploy.request.inputs, and answered with 422.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...bundle.bundle import Manifest
from ...errors import InputError
from ...request.covariates import Covariates
from ...request.moments import CALENDAR_RANGE, COUNT_RANGE, LOCAL_TIME, check_grid
from .. import fields
from ..answers import Refusal
from ..fields import BODY, Field, Json, as_list, is_whole, quote
from ..settings import Limits

LONGEST_ID, LONGEST_TEXT = 256, 256
LARGEST_SEED = 2**63 - 1
EXPLAINED = 4  # series of a request at most: each takes as long as a thousand forecasts
# No category is called so: it counts as one that was not seen in training.
UNKNOWN = "\0"

Array = NDArray[np.float64]


@dataclass(frozen=True)
class AskedForecast:
    """A request whose form is right."""

    ids: list[str | None]  # of each series
    history: list[Array]  # of each series (time,), of a joint model (time, D)
    given: Covariates
    horizon: int
    levels: tuple[float, ...]  # ascending, as trained
    paths: int  # 0: none
    seed: int
    fixed: Array | None  # (batch, horizon[, D]) imposed on the paths, NaN = free; None: nothing is
    explains: bool  # whether it is said what the forecasts rest on
    anomalies: int  # last values of each series that are judged


class ForecastBody:
    """The form of a request to one model: it reads requests, and `schema` is their JSON schema."""

    def __init__(self, manifest: Manifest, limits: Limits, name: str, *, must_name: bool = False) -> None:
        """Derive the form. name: of the model; must_name: whether a request has to say it."""
        self.manifest, self._limits = manifest, limits
        longest, trained = limits.longest_horizon(manifest), manifest.quantile_levels
        self._series = series_field(manifest, paths=len(trained) > 1)
        form = {
            "model": Field(lambda value, _: value, {"const": name}),  # the model was found by it
            "series": unread_items(self._series, limits.series),
            "horizon": fields.whole(1, longest, min(manifest.horizon, longest)),
            "levels": levels(trained).described("Quantiles to give; by default all."),
            "paths": fields.whole(0, limits.paths if len(trained) > 1 else 0, 0).described(
                "Sample paths of each series."
            ),
            "seed": fields.whole(0, LARGEST_SEED, 0).described("The same seed, the same paths."),
            "anomalies": fields.whole(0, limits.most_judged(manifest), 0).described("Last values to judge."),
            "explain": fields.truth().described(
                f"Say what forecasts rest on, of {EXPLAINED} series at most."
            ),
        }
        self._body = fields.structure(form, ["model", "series"] if must_name else ["series"])
        self.schema = self._body.schema

    def read(self, content: Json) -> AskedForecast:
        """Return what a body asks for. Raises Refusal: 400 for its form, 413 for too much, 422 for times."""
        asked = self._body.read(content, BODY)
        count, paths = len(asked["series"]), asked["paths"]
        if paths * count > self._limits.paths:
            raise Refusal(413, f"paths: {paths} of {count} series, at most {self._limits.paths} in a request")
        channels = max(1, len(self.manifest.channels))
        draws = paths * count * asked["horizon"] * channels
        if draws > self._limits.draws:
            raise Refusal(
                413,
                f"paths: {paths} of {count} series over {asked['horizon']} steps are {draws} values, at most "
                f"{self._limits.draws} in a request; ask for fewer paths, steps or series",
            )
        quantiles = (asked["horizon"] + asked["anomalies"]) * len(asked["levels"])
        self._check_size("the forecast", count * (quantiles + asked["horizon"] * paths) * channels)
        read = [self._series.read(item, f"series[{place}]") for place, item in enumerate(asked["series"])]
        arrays = (value for series in read for value in series.values() if isinstance(value, np.ndarray))
        self._check_size("series", sum(array.size for array in arrays))
        return AskedForecast(
            [series["id"] for series in read],
            [series["values"] for series in read],
            self._covariates(read),
            asked["horizon"],
            asked["levels"],
            paths,
            asked["seed"],
            self._fixed(read, asked["horizon"], paths),
            self._explains(asked["explain"], count),
            asked["anomalies"],
        )

    def _explains(self, wanted: bool, count: int) -> bool:
        """Return whether it is to be explained. Raises Refusal: 413."""
        if wanted and count > EXPLAINED:
            raise Refusal(413, f"explain: {count} series, at most {EXPLAINED} in a request")
        return wanted

    def _fixed(self, read: list[Json], horizon: int, paths: int) -> Array | None:
        """Return what is imposed on the paths, NaN elsewhere. Raises Refusal: 422."""
        given = [series.get("fixed") for series in read]
        if all(values is None for values in given):
            return None
        if not paths:
            raise Refusal(422, "fixed: values are imposed on sample paths; ask for some by paths")
        channels = (len(self.manifest.channels),) if self.manifest.channels else ()
        found = np.full((len(read), horizon, *channels), np.nan)
        for place, values in enumerate(given):
            if values is not None:
                if len(values) > horizon:
                    raise Refusal(422, f"series[{place}].fixed: {len(values)} values for {horizon} steps")
                found[place, : len(values)] = values
        return found

    def _check_size(self, what: str, values: int) -> None:
        """Raise Refusal: 413."""
        if values > self._limits.points:
            raise Refusal(413, f"{what}: {values} values, at most {self._limits.points} in a request")

    def _covariates(self, read: list[Json]) -> Covariates:
        """Return all inputs that go with the histories; None for one that the model does not have."""

        def along(name: str) -> list[Any] | None:
            return [series[name] for series in read] if name in read[0] else None

        def static(names: Collection[str]) -> list[Any] | None:
            return [[series["static"][name] for name in names] for series in read] if names else None

        future = along("future_known")
        shortest = min(map(len, future)) if future else 0  # no step beyond the horizon counts
        return Covariates(
            last_timestamp=self._last_timestamps(read),
            known=along("known"),
            future_known=future and [values[:shortest] for values in future],
            static_cat=static(self.manifest.vocabularies),
            past=along("past"),
            static=static(self.manifest.static),
        )

    def _last_timestamps(self, read: list[Json]) -> list[Any] | None:
        """Return when each history ends, as it was written; None if no series says it."""
        lasts = [self._last_timestamp(series, f"series[{place}]") for place, series in enumerate(read)]
        without = [place for place, last in enumerate(lasts) if last is None]
        if without and len(without) < len(read):
            raise Refusal(
                422, f"series[{without[0]}] has no timestamps, and others have; give all of them or none"
            )
        return None if without else lasts

    def _last_timestamp(self, series: Json, where: str) -> Any:
        times, last = series["timestamps"], series["last_timestamp"]
        if times is None:
            return last
        if last is not None:
            raise Refusal(422, f"{where}: timestamps and last_timestamp are both there, one is enough")
        count = len(series["values"])
        if len(times) != count:
            raise Refusal(422, f"{where}.timestamps: {len(times)} of them for {count} values")
        recent = times[-self.manifest.context_length :]
        try:
            check_grid(self.manifest, recent, f"{where}.timestamps[{{}}]", len(times) - len(recent))
        except InputError as error:
            raise Refusal(422, str(error)) from None
        return times[-1]


def series_field(manifest: Manifest, *, paths: bool) -> Field:
    """Return one item of `series`: its values, when they end, and the covariates that the model has."""
    values, covariate, time = fields.numbers(positive=manifest.positive), fields.numbers(), moment(manifest)
    form = {
        "id": fields.text(LONGEST_ID),
        "timestamps": fields.items(time).described("One a value, a step apart."),
        "last_timestamp": time.described("In place of timestamps: that of the last value."),
        "values": fields.columns(manifest.channels, values) if manifest.channels else values,
    }
    if paths:
        imposed = fields.columns(manifest.channels, covariate) if manifest.channels else covariate
        form["fixed"] = replace(imposed, default=None).described(
            "A what-if: values of the coming steps that every path has; null where it is free."
        )
    if manifest.known:
        form["known"] = fields.columns(manifest.known, covariate)
        form["future_known"] = fields.columns(manifest.known, fields.numbers(null=False))
    if manifest.past:
        form["past"] = fields.columns(manifest.past, covariate)
    required = [name for name in ("values", "known", "future_known", "past") if name in form]
    if manifest.columns.static:
        category = fields.text(LONGEST_TEXT, null=UNKNOWN)
        form["static"] = fields.structure(
            {
                name: category if name in manifest.vocabularies else fields.number()
                for name in manifest.columns.static
            }
        )
    return fields.structure(form, required)


def unread_items(item: Field, most: int) -> Field:
    """Return a list of up to so many items, which are read once the request is known not to ask too much."""

    def read(value: Any, where: str) -> list[Any]:
        found = as_list(value, where)
        if len(found) > most:
            raise Refusal(413, f"{where}: {len(found)} of them, at most {most} in a request")
        return found

    return Field(read, {**fields.items(item).schema, "maxItems": most})


def levels(trained: tuple[float, ...]) -> Field:
    """Return a list of some of the trained levels, read in ascending order."""

    def read(value: Any, where: str) -> tuple[float, ...]:
        found = as_list(value, where)
        if len(found) > len(trained):
            raise Refusal(400, f"{where}: {len(found)} of them, {len(trained)} were trained")
        for place, level in enumerate(found):
            if isinstance(level, bool) or level not in trained:
                known = ", ".join(f"{known:g}" for known in trained)
                raise Refusal(
                    400, f"{where}[{place}]: {quote(level)} was not trained; trained levels: {known}"
                )
        if len(set(found)) < len(found):
            raise Refusal(400, f"{where}: one of them is there twice")
        return tuple(sorted(map(float, found)))

    schema = {"type": "array", "items": {"enum": list(trained)}, "minItems": 1, "uniqueItems": True}
    return Field(read, schema, trained)


def moment(manifest: Manifest) -> Field:
    """Return when a value was observed, read as it was written: the model says which text it takes."""

    def read(value: Any, where: str) -> str | int:
        if type(value) is str and len(value) <= LONGEST_TEXT:
            return value
        if is_whole(value):
            return int(value)
        raise Refusal(400, f"{where}: expected a date and time or a whole number, found {quote(value)}")

    if not manifest.time_step.has_calendar:
        return Field(read, fields.whole(*COUNT_RANGE).schema)
    if manifest.columns.timezone is None:
        written: Json = {"type": "string", "pattern": f"^{LOCAL_TIME.pattern}$"}
    else:
        written = {**fields.text(LONGEST_TEXT).schema, "description": "ISO 8601 with a UTC offset."}
    return Field(read, {"anyOf": [written, fields.whole(*CALENDAR_RANGE).schema]})
