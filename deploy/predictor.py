"""Predictor: raw histories in, quantiles in the data's own units out, with onnxruntime alone."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from .bundle.bundle import Bundle, Manifest, read_bundle
from .engine.deadline import Deadline
from .engine.golden import Replay, expect_shape, quantile_shape, read_golden, replay
from .engine.info import RuntimeInfo, versions
from .engine.loop import ENCODER, STEP, Loop, Loops, free_run
from .engine.providers import Providers, choose_providers, runtime
from .engine.sessions import FORECAST, THREADS, Sessions, run
from .errors import InputError
from .paths.interventions import Fixed, Intervention, one_after_the_other
from .paths.sampling import ROWS, Forecasted, Sampler, check_paths
from .request.covariates import Covariates
from .request.inputs import Request, check_max_batch, check_request
from .stream import Stream
from .time.clock import clock_of

if TYPE_CHECKING:
    import onnxruntime

# Series in one run: large enough to use the caches well, small enough to end within 100 ms.
CHUNK = 64

# forecast.onnx at once, or the loop over decoder_step.onnx
Method = Literal["graph", "step"]


@dataclass(frozen=True)
class Forecast:
    """Quantiles of the coming values of each series."""

    # (batch, horizon, quantile), of a joint model (batch, horizon, D, quantile); in the data's units
    quantiles: NDArray[np.float32 | np.float64]
    quantile_levels: tuple[float, ...]  # ascending, 0.5 among them
    # (batch, horizon) datetime64[s], of UTC if the model has a time zone, or counts; None: not known
    timestamps: NDArray[Any] | None

    @property
    def median(self) -> NDArray[np.float32 | np.float64]:
        """The quantile 0.5: (batch, horizon), of a joint model (batch, horizon, D)."""
        return self.quantiles[..., self.quantile_levels.index(0.5)]


class Predictor:
    """Forecasts from a bundle. It keeps no state between calls, so one serves every thread."""

    def __init__(
        self,
        bundle: Bundle,
        providers: Providers = "auto",
        *,
        strict: bool = False,
        max_batch: int | None = None,
    ) -> None:
        self.manifest: Manifest = bundle.manifest
        self.max_batch = check_max_batch(max_batch)
        clock_of(self.manifest.columns.timezone, self.manifest.time_step)  # is it known here?
        chosen = choose_providers(providers)
        self.providers = [name for name, _ in chosen]
        self._bundle = bundle
        self._sessions = Sessions(bundle, chosen, strict=strict)
        self._loops = Loops(self._build_loop)

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        *,
        providers: Providers = "auto",
        strict: bool = False,
        verify: bool = False,
        max_batch: int | None = None,
    ) -> Predictor:
        """Read a bundle; sessions are built when they are first needed.

        providers: "auto" (CUDA where it works, else the CPU), "cpu", "cuda", ONNX Runtime's own names, or
        (name, options), in order of preference. One that does not work (it is not created, leaves LSTM nodes
        to the CPU, or does not replay the golden cases) is passed over with one RuntimeWarning.
        strict: find that out now, and raise ProviderError instead of the warning.
        verify: replay the forecasts stored in the bundle and compare. Raises BundleError if the bundle is
        missing, damaged or does not reproduce them, ProviderError if a provider is not available,
        ExtraMissingError if this machine does not know the model's time zone.
        max_batch: series that one call of forecast may bring; by default any number.
        """
        predictor = cls(read_bundle(Path(path)), providers, strict=strict, max_batch=max_batch)
        if strict:
            predictor._sessions.settle()
        if verify:
            predictor.verify()
        return predictor

    def forecast(
        self,
        history: Any,
        horizon: int | None = None,
        *,
        last_timestamp: Any = None,
        known: Any = None,
        future_known: Any = None,
        static_cat: Any = None,
        past: Any = None,
        static: Any = None,
        method: Method = "graph",
        timeout: float | None = None,
    ) -> Forecast:
        """Quantiles of the next `horizon` values of each series.

        history: (time,), (batch, time) or ragged arrays; NaN = missing; the last `context_length` count. Of a
        joint model each has a last axis of its D targets, in the order of manifest.channels.
        horizon: steps, at most the manifest's max_horizon; by default the trained one.
        last_timestamp: when each history ends, in local wall-clock time: datetime64, ISO text or int seconds
        since 1970, one or (batch,). Of a model with a time zone: a moment, so texts and datetimes with a UTC
        offset, datetime64 and int of UTC. Without it the forecast has no timestamps and uses no calendar.
        known, future_known: (time, covariate) of each history, (batch, horizon, covariate).
        past: (time, covariate) of each history. In known and past NaN = missing.
        static_cat: texts (batch, column); a text not seen in training counts as unknown.
        static: numbers (batch, column); NaN = unknown.
        method: "graph" runs forecast.onnx once; "step" is the same by the loop over decoder_step.onnx, but
        for a model of several members: the graph averages them all, the loop is the first alone.
        timeout: seconds that it may take; looked at between chunks of series and between steps.

        Raises InputError, which says what was found where and what was expected, or DeadlineError.
        """
        if method not in ("graph", "step"):
            raise InputError(f"method must be 'graph' or 'step', found {method!r}")
        deadline = Deadline(timeout)
        given = Covariates(last_timestamp, known, future_known, static_cat, past, static)
        request = check_request(self.manifest, history, horizon, given, self.max_batch)
        parts = [slice(begin, begin + CHUNK) for begin in range(0, len(request), CHUNK)]
        compute = self.run if method == "graph" else self._run_steps
        quantiles = np.concatenate([compute(request.chunk(part), deadline) for part in parts])
        refuse_infinite(quantiles)
        return Forecast(quantiles, self.manifest.quantile_levels, request.timestamps)

    def sample_paths(
        self,
        history: Any,
        horizon: int | None = None,
        paths: int = 100,
        seed: int = 0,
        *,
        fixed: Mapping[int, Any] | None = None,
        intervene: Intervention | None = None,
        last_timestamp: Any = None,
        known: Any = None,
        future_known: Any = None,
        static_cat: Any = None,
        past: Any = None,
        static: Any = None,
        timeout: float | None = None,
    ) -> NDArray[np.float64]:
        """Possible futures of each series: (batch, paths, horizon), of a joint model with a last axis D.

        Their values agree with the quantiles of `forecast`, step by step, and they depend on each other in
        time as the data do, or as the first of several members says that they do: what holds for a sum or a
        maximum over steps is read from them. The same seed gives the same paths, whatever else is in the
        batch after a series.

        history, horizon, last_timestamp to static, timeout: as for `forecast`.
        fixed: a what-if, {step: value}, steps from 0, a value for all series or (batch,), of a joint model
        (D,) or (batch, D). Every path has that value then, and the steps after it follow.
        intervene: the same by a function, called for each step of the horizon in its order, for some of the
        paths at a time, with a Draw; returns values in the place of draw.values, or these.

        Raises InputError and DeadlineError.
        """
        deadline = Deadline(timeout)
        given = Covariates(last_timestamp, known, future_known, static_cat, past, static)
        request = check_request(self.manifest, history, horizon, given, self.max_batch)
        check_paths(self.manifest, paths, seed)
        what_if = Fixed(self.manifest, fixed, len(request), request.horizon) if fixed else None
        whole = one_after_the_other(self.manifest, what_if, intervene)
        sampler = Sampler(self.manifest, self._loops, seed, deadline)
        count = max(1, min(CHUNK, ROWS // paths))
        parts = []
        for begin in range(0, len(request), count):
            part = request.chunk(slice(begin, begin + count))
            quantiles, encoding = self.run(part, deadline), run(self._session(ENCODER), part.history)
            refuse_infinite(quantiles, begin)
            parts.append(sampler.draw(Forecasted(part, encoding, quantiles, begin), paths, whole))
        return np.concatenate(parts)

    def stream(
        self,
        history: Any,
        *,
        last_timestamp: Any = None,
        known: Any = None,
        past: Any = None,
        static_cat: Any = None,
        static: Any = None,
    ) -> Stream:
        """One series that goes on: Stream.update appends to it, Stream.forecast is of its last values.

        history and all others: as in forecast, of one series. Raises InputError.
        """
        given = Covariates(last_timestamp, known, None, static_cat, past, static)
        return Stream.open(self, history, given)

    def verify(self, method: Method = "graph") -> Replay:
        """Replay golden.json on this machine. Raises BundleError if a forecast is not what it was."""
        if method == "graph":
            return self._sessions.verify()
        cases, tolerance = read_golden(self._bundle, by_loop=True)
        never = Deadline(None)
        return replay(cases, tolerance, lambda case: self._run_steps(case.request, never), self._bundle.path)

    def info(self) -> RuntimeInfo:
        """What it runs on; the provider is chosen now if no forecast was made yet. Raises ProviderError."""
        self._session(FORECAST)
        return RuntimeInfo(
            provider=self._sessions.provider,
            asked=tuple(self.providers),
            available=tuple(runtime().get_available_providers()),
            versions=versions(),
            threads=THREADS,
            lstm_nodes=self._sessions.placement(),
            bundle_digest=self.manifest.digest,
            verified=self._sessions.verified,
        )

    def run(self, request: Request, deadline: Deadline) -> NDArray[np.float32]:
        """Quantiles of a checked request, in one run of forecast.onnx: (batch, horizon, [D,] quantile).

        They may be infinite. Raises DeadlineError, BundleError if the graph fails.
        """
        deadline.check()
        horizon = np.array([request.horizon], dtype=np.int64)
        inputs = {**request.history, **request.future, "horizon": horizon}
        quantiles = run(self._session(FORECAST), inputs)["quantiles"]
        return expect_shape(quantiles, quantile_shape(self.manifest, len(request), request.horizon))

    def _run_steps(self, request: Request, deadline: Deadline) -> NDArray[np.float32]:
        with self._loops.borrow(len(request)) as loop:
            return free_run(loop, request, self.manifest.patch_length, deadline)

    def _build_loop(self, batch: int) -> Loop:
        return Loop(self._session(ENCODER), self._session(STEP), self.manifest, batch)

    def _session(self, name: str) -> onnxruntime.InferenceSession:
        return self._sessions.get(name)


def refuse_infinite(quantiles: NDArray[np.floating], first: int = 0) -> None:
    """Raises InputError with the first series that has no finite forecast. first: its number in the call."""
    if not np.isfinite(quantiles).all():
        series = first + int(np.argwhere(~np.isfinite(quantiles))[0][0])
        raise InputError(
            f"series {series}: its forecast is not finite; its values exceed what the model can do"
        )
