"""Explain the forecasts of a request: their parts, and their sensitivities."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...bundle.bundle import Manifest
from ...errors import InputError
from ...forecast import finite
from ...request.inputs import Request
from ...time.timestep import MISSING_TIME
from ..deadline import Deadline, Steps
from ..engine import Engine
from .explanation import CALENDAR, Array, Explainer, Explanation, Sensitivities, not_kept
from .perturbing import Perturbed, movable
from .splitting import Split, split

MOST_NUMBERS = 1 << 26  # of one kind: 512 MB
CHUNK = 64  # series whose parts are computed at once
KEPT = 1000  # series at most whose histories a forecast keeps


def explain_later(engine: Engine, request: Request) -> Explainer:
    """Return what explains the forecasts of a request when it is asked for; of many series it keeps none."""
    return ExplainLater(engine, request) if len(request) <= KEPT else not_kept


@dataclass(frozen=True)
class ExplainLater:
    """A request and what forecasts it; a pickle has neither."""

    engine: Engine
    request: Request

    def __call__(self, sensitivities: bool, timeout: float | None) -> Explanation:
        """Explain the forecasts of the request."""
        return explain(self.engine, self.request, Deadline(timeout), sensitivities=sensitivities)

    def __reduce__(self) -> Any:
        """Pickle nothing but that there was something."""
        return _not_kept, ()


def _not_kept() -> Explainer:
    return not_kept


def explain(
    engine: Engine, request: Request, deadline: Deadline, *, sensitivities: bool = True
) -> Explanation:
    """Explain the medians of a checked request. Raises as explain_in_steps, and DeadlineError."""
    return deadline.finish(explain_in_steps(engine, request, sensitivities=sensitivities))


def explain_in_steps(engine: Engine, request: Request, *, sensitivities: bool = True) -> Steps[Explanation]:
    """Explain the medians of a checked request, a step at a time.

    Raises BundleError for a bundle whose parts have no names, InputError for more series than memory holds,
    and for forecasts that are not finite.
    """
    manifest = engine.manifest
    size = max(1, len(manifest.channels))
    numbers = len(request) * request.horizon * manifest.context_length * size ** (2 if sensitivities else 1)
    if numbers > MOST_NUMBERS:
        most = max(1, MOST_NUMBERS * len(request) // numbers)
        raise InputError(f"{len(request)} series are too many to explain at once; expected at most {most}")
    quantiles = finite(engine.run(request, Deadline(None)))
    median = quantiles[..., manifest.quantile_levels.index(0.5)]
    parts: list[Split] = []
    for chunk in request.chunks(CHUNK):
        yield
        parts.append(split(engine, chunk))
    whole = _joined(parts)
    found = (yield from _sensitivities(engine, request, whole)) if sensitivities else None
    plain = _without_channels(manifest)
    return Explanation(
        median=median,
        level=plain(whole.level),
        linear=plain(whole.linear),
        recurrent=plain(whole.recurrent),
        bound=plain(whole.bound),
        weights=plain(whole.weights),
        contributions=plain(whole.contributions),
        constant=plain(whole.linear - whole.contributions.sum(axis=2)),
        sensitivities=found,
        timestamps=request.timestamps,
        manifest=manifest,
    )


def _joined(parts: list[Split]) -> Split:
    names = ("level", "linear", "recurrent", "bound", "weights", "contributions", "scale")
    arrays = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return Split(**arrays, is_log=parts[0].is_log)


def _without_channels(manifest: Manifest) -> "_Plain":
    return _Plain(is_joint=bool(manifest.channels))


@dataclass(frozen=True)
class _Plain:
    """The removal of the last axis, that of channels, where a model has none."""

    is_joint: bool

    def __call__(self, values: Array) -> Array:
        return values if self.is_joint else values[..., 0]


@dataclass(frozen=True)
class _OfSeries:
    """The derivatives of one series: by tensor (horizon, D, ...), and the medians without some inputs."""

    by: dict[str, Array]
    unknown: dict[str, Array]


def _sensitivities(engine: Engine, request: Request, whole: Split) -> Steps[Sensitivities]:
    manifest = engine.manifest
    each = []
    for n, part in enumerate(_one_by_one(request)):
        own = Split(**{**vars(whole), "scale": whole.scale[n : n + 1]})
        each.append((yield from _of_series(engine, part, own)))
    is_joint = bool(manifest.channels)
    # A level is a factor of a model of logarithms, of its covariates' effects, too.
    factors = request.levels.reshape(len(request), -1) if manifest.positive else np.ones(whole.scale.shape)

    def stacked(name: str, trailing: tuple[int, ...]) -> Array:
        shape = (request.horizon, max(1, len(manifest.channels)), *trailing)
        arrays = [one.by.get(name, np.zeros(shape)) for one in each]
        found = np.stack(arrays)  # (batch, horizon, D, ...)
        if name != "history":
            found = found * factors.reshape(len(each), 1, -1, *[1] * len(trailing))
        else:
            found = found * (factors[:, None, :, None, None] / factors[:, None, None, None, :])
        return found if is_joint else found[:, :, 0]

    context, steps, size = manifest.context_length, request.horizon, whole.scale.shape[1]
    lags = stacked("history", (context, size))
    unknown = {
        name: np.stack([one.unknown[name] for one in each]) * factors[:, None] for name in each[0].unknown
    }
    history = request.history["history"].astype(np.float64).reshape(len(request), -1, size)
    spread = np.nanstd(history, axis=1) * factors
    return Sensitivities(
        lags=lags if is_joint else lags[..., 0],
        known=stacked("known", (context, len(manifest.known))),
        future_known=stacked("future_known", (steps, len(manifest.known))),
        past=stacked("past", (context, len(manifest.past))),
        static=stacked("static", (len(manifest.static),)),
        unknown={name: effect if is_joint else effect[..., 0] for name, effect in unknown.items()},
        spread=spread if is_joint else spread[:, 0],
        spreads=engine.parts.spreads,
    )


def _one_by_one(request: Request) -> Iterator[Request]:
    return request.chunks(1)


def _of_series(engine: Engine, request: Request, whole: Split) -> Steps[_OfSeries]:
    """Return the sensitivities of one series, as the graph is shown it."""
    manifest, perturbed = engine.manifest, Perturbed(engine, request)
    length, context = int(request.history["lengths"][0]), manifest.context_length
    by: dict[str, Array] = {}
    scale = whole.scale[0]
    if manifest.normalization == "none":  # a scale of 1 says nothing of the data
        scale = np.nanstd(request.history["history"].reshape(-1, len(scale)).astype(np.float64), axis=0)
    for moved in movable(manifest, request, scale, whole.is_log, engine.parts.spreads):
        shape = {**request.history, **request.future}[moved.tensor].shape[1:]
        if moved.tensor == "history":
            shape = (context, whole.scale.shape[1])
        found = yield from perturbed.derivatives(moved, int(np.prod(shape)))
        found = found.reshape(*found.shape[:2], *shape)
        if shape[0] == context and moved.tensor in ("history", "known", "past"):
            found = np.roll(found, context - length, axis=2)  # the last value last, as in the context
        by[moved.tensor] = found
    unknown: dict[str, Array] = {}
    times = request.history.get("timestamps")
    known_times = times is not None and bool((times != MISSING_TIME).any())
    if known_times:
        unknown[CALENDAR] = perturbed.effect(CALENDAR)
    for number, column in enumerate(manifest.vocabularies):
        unknown[column] = perturbed.effect(column, number)
    return _OfSeries(by, unknown)
