"""Predictor: raw histories in, quantiles in the data's own units out, with onnxruntime alone."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .adaptive.calibrator import Calibrator
from .bundle.bundle import Bundle, Manifest, read_bundle
from .engine.deadline import Deadline
from .engine.engine import Engine, Method
from .engine.explain.explaining import explain_later
from .engine.golden import Replay
from .engine.info import RuntimeInfo
from .engine.providers import Providers, choose_providers
from .engine.sessions import Sessions
from .errors import BundleError
from .forecast import Forecast, finite
from .paths.interventions import Intervention, impose
from .paths.sampling import check_paths, draw_paths
from .pretrained import pretrained_bundle
from .request.covariates import Covariates
from .request.inputs import check_max_batch, check_request
from .stream import Stream
from .time.clock import clock_of


class Predictor:
    """Forecasts from a bundle. It keeps no state between calls, so one serves every thread.

    After a fork a child process builds sessions of its own at the first forecast. A pickle says the path and
    the digest of the bundle, which is loaded again from there: BundleError if another or none is there.

    Attributes:
        manifest: The content of the bundle's manifest.json: columns, step, horizon, quantile levels.

    Examples:
        >>> predictor = Predictor.load(bundle)
        >>> forecast = predictor.forecast([112.0, 118.0, 132.0], last_timestamp="2024-03-01")
        >>> forecast.median.shape == (1, predictor.manifest.horizon)
        True
    """

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
        self._sessions = Sessions(bundle, chosen, strict=strict)
        self.engine = Engine(bundle, self._sessions.get, self._sessions.folded, self._sessions.parted)
        self.calibrator: Calibrator | None = None  # of the file next to the bundle
        self._again = bundle.path.absolute(), self.manifest.digest, providers, strict, max_batch

    def __copy__(self) -> "Predictor":
        """Return the predictor itself: it keeps no state."""
        return self

    def __deepcopy__(self, _memo: Any) -> "Predictor":
        """Return the predictor itself: it keeps no state."""
        return self

    def __repr__(self) -> str:
        return f"Predictor({self.manifest!r})"

    def __reduce__(self) -> Any:
        """Pickle where the bundle is, which one, and how it was loaded; never its graphs or sessions."""
        return _load_again, self._again

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        *,
        providers: Providers = "auto",
        strict: bool = False,
        verify: bool = False,
        max_batch: int | None = None,
    ) -> "Predictor":
        """Read a bundle; sessions are built when they are first needed.

        Offsets that lie next to the bundle (Calibrator) move the quantiles of its forecasts.

        Args:
            path: The folder that `forecaster export` or Forecaster.export wrote.
            providers: "auto" (CUDA where it works, else the CPU), "cpu", "cuda", ONNX Runtime's own names, or
                (name, options), in order of preference. One that does not work (it is not created, leaves
                LSTM nodes to the CPU, or does not replay the golden cases) is passed over with one
                RuntimeWarning.
            strict: Find that out now, and raise ProviderError instead of the warning.
            verify: Replay the forecasts stored in the bundle, and compare.
            max_batch: Series that one call of forecast may bring; None: any number.

        Raises:
            BundleError: The bundle is missing, damaged, or does not reproduce its forecasts.
            ProviderError: A provider is not available.
            ExtraMissingError: This machine does not know the model's time zone.

        Examples:
            >>> Predictor.load(bundle, verify=True).manifest.season
            12
        """
        predictor = cls(read_bundle(Path(path)), providers, strict=strict, max_batch=max_batch)
        predictor.calibrator = Calibrator.load(Path(path), predictor.manifest)
        if predictor.calibrator is not None:
            predictor.engine.move = predictor.calibrator.move
        if strict:
            predictor._sessions.settle()
        if verify:
            predictor.verify()
        return predictor

    @classmethod
    def pretrained(
        cls,
        season: int,
        horizon: int | None = None,
        *,
        positive: bool = False,
        providers: Providers = "auto",
        max_batch: int | None = None,
    ) -> "Predictor":
        """Return the pretrained network for any series of a season, without a bundle and without a fit.

        It needs the extra `train`, and no torch.

        Args:
            season: Steps in one season; 1 for none.
            horizon: Steps to forecast; None: whole seasons.
            positive: All values are above 0, which are forecast better so.
            providers: As of load.
            max_batch: As of load.

        Raises:
            ExtraMissingError: The extra is not installed.
            ConfigError: The network cannot follow the season.

        Examples:
            >>> Predictor.pretrained(season=7, horizon=3).forecast([1.0, 2.0, 3.0] * 9).median.shape
            (1, 3)
        """
        bundle = pretrained_bundle(season, horizon, positive=positive)
        return cls(bundle, providers, max_batch=max_batch)

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
        """Forecast quantiles of the next `horizon` values of each series.

        Args:
            history: (time,), (batch, time) or ragged arrays; NaN = missing; the last `context_length` count.
                Of a joint model each has a last axis of its D targets, in the order of manifest.channels. One
                column, (time, 1), is one series; a warning says so.
            horizon: Steps, at most the manifest's max_horizon; None: the trained ones.
            last_timestamp: When each history ends, in local wall-clock time: datetime64, ISO text or int
                seconds since 1970, one or (batch,). Of a model with a time zone: a moment, so texts and
                datetimes with a UTC offset, datetime64 and int of UTC. None: the forecast has no timestamps
                and uses no calendar.
            known: (time, covariate) of each history; NaN = missing.
            future_known: (batch, horizon, covariate).
            static_cat: Texts (batch, column); a text not seen in training counts as unknown.
            past: (time, covariate) of each history; NaN = missing.
            static: Numbers (batch, column); NaN = unknown.
            method: "graph" runs forecast.onnx once; "step" is the same by the loop over decoder_step.onnx,
                but for a model of several members: the graph averages them all, the loop is the first alone.
            timeout: Seconds that it may take; looked at between series, between chunks of them and between
                steps.

        Raises:
            InputError: An argument cannot be used; it says what was found where and what was expected.
            DeadlineError: It took longer than `timeout`.

        Examples:
            >>> predictor.forecast([[112.0, 118.0, 132.0], [1.0, 2.0, 3.0]], horizon=2).quantiles.shape[:2]
            (2, 2)
        """
        deadline = Deadline(timeout)
        given = Covariates(last_timestamp, known, future_known, static_cat, past, static)
        request = check_request(self.manifest, history, horizon, given, self.max_batch, deadline.check)
        quantiles = finite(self.engine.publish(request, deadline, method))
        manifest = self.manifest
        return Forecast(
            quantiles,
            manifest.quantile_levels,
            request.timestamps,
            explain_later(self.engine, request),
            manifest.bands,
            manifest.time_step,
        )

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
        """Draw possible futures of each series: (batch, paths, horizon), of a joint model with a last axis D.

        Their values agree with the quantiles of `forecast`, step by step, and they depend on each other in
        time as the data do, or as the first of several members says that they do: what holds for a sum or a
        maximum over steps is read from them.

        Args:
            history: As of forecast, like horizon, last_timestamp, known, future_known, static_cat, past,
                static and timeout.
            horizon: Steps; None: the trained ones.
            paths: How many of each series.
            seed: The same one gives the same paths, whatever else is in the batch after a series.
            fixed: A what-if, {step: value}, steps from 0, a value for all series or (batch,), of a joint
                model (D,) or (batch, D). Every path has that value then, and the steps after it follow.
            intervene: The same by a function, called for each step of the horizon in its order, for some of
                the paths at a time, with a Draw; returns values in the place of draw.values, or these.
            last_timestamp: When each history ends.
            known: Covariates known ahead, up to there.
            future_known: The same of the coming steps.
            static_cat: Categories.
            past: Covariates known up to the last value.
            static: Numbers of a series.
            timeout: Seconds.

        Raises:
            InputError: An argument cannot be used.
            DeadlineError: It took longer than `timeout`.

        Examples:
            >>> predictor.sample_paths([112.0, 118.0, 132.0], horizon=2, paths=5, fixed={0: 150.0})[0, :, 0]
            array([150., 150., 150., 150., 150.])
        """
        deadline = Deadline(timeout)
        given = Covariates(last_timestamp, known, future_known, static_cat, past, static)
        request = check_request(self.manifest, history, horizon, given, self.max_batch, deadline.check)
        check_paths(self.manifest, paths, seed)
        imposed = impose(self.manifest, request, fixed, intervene)
        return deadline.finish(draw_paths(self.engine, request, paths, seed, imposed))

    def stream(
        self,
        history: Any,
        *,
        last_timestamp: Any = None,
        known: Any = None,
        past: Any = None,
        static_cat: Any = None,
        static: Any = None,
        adaptive: bool = True,
    ) -> Stream:
        """Open a stream of one series: Stream.update appends to it, Stream.forecast continues it.

        Args:
            history: As of forecast, of one series.
            last_timestamp: When it ends.
            known: Covariates known ahead, up to there.
            past: Covariates known up to the last value.
            static_cat: Categories.
            static: Numbers of the series.
            adaptive: New values are compared with what its forecasts said of them, which moves its quantiles.

        Raises:
            InputError: An argument cannot be used.

        Examples:
            >>> stream = predictor.stream([112.0, 118.0, 132.0], last_timestamp="2024-03-01")
            >>> stream.update(129.0)
            >>> len(stream), str(stream.last_timestamp)
            (4, '2024-04-01T00:00:00')
        """
        given = Covariates(last_timestamp, known, None, static_cat, past, static)
        return Stream.open(self.engine, history, given, adaptive=adaptive)

    def verify(self, method: Method = "graph") -> Replay:
        """Replay golden.json on this machine.

        Args:
            method: As of forecast.

        Raises:
            BundleError: A forecast is not what it was.
        """
        found = self.engine.verify(method)
        if method == "graph":
            self._sessions.verified = True
        return found

    def info(self) -> RuntimeInfo:
        """Return the runtime of forecasts; the provider is chosen now if no forecast was made yet.

        Raises ProviderError.
        """
        return self._sessions.info()


def _load_again(
    path: Path, digest: str, providers: Providers, strict: bool, max_batch: int | None
) -> Predictor:
    """Load what was pickled. Raises BundleError if the bundle is another, damaged, or not there."""
    try:
        predictor = Predictor.load(path, providers=providers, strict=strict, max_batch=max_batch)
    except BundleError as error:
        raise BundleError(f"a pickled Predictor is loaded from its bundle's path: {error}") from None
    if predictor.manifest.digest != digest:
        raise BundleError(
            f"{path} has another bundle than the Predictor that was pickled: found digest "
            f"{predictor.manifest.digest[:12]}…, expected {digest[:12]}…; put that bundle there, or load "
            "this one by Predictor.load"
        )
    return predictor
