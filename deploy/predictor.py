"""Predictor: raw histories in, quantiles in the data's own units out, with onnxruntime alone."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from .bundle import Bundle, Manifest, read_bundle
from .clock import clock_of
from .covariates import Covariates
from .decoding import decode, expect_shape, run
from .errors import InputError
from .golden import Replay, quantile_shape, read_golden, replay
from .inputs import Request, check_request
from .providers import Providers, choose_providers, open_session

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

    def __init__(self, bundle: Bundle, providers: Providers = "auto") -> None:
        self.manifest: Manifest = bundle.manifest
        clock_of(self.manifest.columns.get("timezone"), self.manifest.time_step)  # is it known here?
        self.providers = choose_providers(providers)
        self._bundle = bundle
        self._sessions: dict[str, onnxruntime.InferenceSession] = {}
        self._lock = threading.Lock()

    @classmethod
    def load(
        cls, path: str | os.PathLike[str], *, providers: Providers = "auto", verify: bool = False
    ) -> Predictor:
        """Read a bundle; sessions are built when they are first needed.

        verify: replay the forecasts stored in the bundle and compare. Raises BundleError if the bundle is
        missing, damaged or does not reproduce them, ProviderError if a provider is not available,
        ExtraMissingError if this machine does not know the model's time zone.
        """
        predictor = cls(read_bundle(Path(path)), providers)
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
        method: "graph" runs forecast.onnx once; "step" is the same by the loop over decoder_step.onnx.

        Raises InputError, which says what was found where and what was expected.
        """
        if method not in ("graph", "step"):
            raise InputError(f"method must be 'graph' or 'step', found {method!r}")
        given = Covariates(last_timestamp, known, future_known, static_cat, past, static)
        request = check_request(self.manifest, history, horizon, given)
        parts = [slice(begin, begin + CHUNK) for begin in range(0, len(request), CHUNK)]
        compute = self._run_graph if method == "graph" else self._run_steps
        quantiles = np.concatenate([compute(request.chunk(part)) for part in parts])
        if not np.isfinite(quantiles).all():
            series = int(np.argwhere(~np.isfinite(quantiles))[0][0])
            raise InputError(
                f"series {series}: its forecast is not finite; its values exceed what the model can do"
            )
        return Forecast(quantiles, self.manifest.quantile_levels, request.timestamps)

    def verify(self, method: Method = "graph") -> Replay:
        """Replay golden.json on this machine. Raises BundleError if a forecast is not what it was."""
        cases, tolerance = read_golden(self._bundle)
        compute = self._run_graph if method == "graph" else self._run_steps
        return replay(cases, tolerance, lambda case: compute(case.request), self._bundle.path)

    def _run_graph(self, request: Request) -> NDArray[np.float32]:
        horizon = np.array([request.horizon], dtype=np.int64)
        inputs = {**request.history, **request.future, "horizon": horizon}
        return expect_shape(run(self._session("forecast.onnx"), inputs)["quantiles"], self._shape(request))

    def _run_steps(self, request: Request) -> NDArray[np.float32]:
        encoder, step = self._session("encoder.onnx"), self._session("decoder_step.onnx")
        return expect_shape(decode(encoder, step, request, self.manifest.patch_length), self._shape(request))

    def _shape(self, request: Request) -> tuple[int, ...]:
        return quantile_shape(self.manifest, len(request), request.horizon)

    def _session(self, name: str) -> onnxruntime.InferenceSession:
        with self._lock:
            if name not in self._sessions:
                self._sessions[name] = open_session(self._bundle.files[name], self.providers)
            return self._sessions[name]
