"""The models of a service: a bundle each, checked and replayed before it is called ready."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...engine.deadline import Deadline
from ...errors import DeadlineError, InputError
from ...predictor import Forecast, Predictor
from ...request.covariates import Covariates
from ...request.inputs import Request, check_request
from ..about.logs import Log
from ..about.metrics import Metrics
from ..answers import Refusal
from ..fields import quote
from ..forecast.request import Asked
from ..settings import Settings
from .batcher import Batcher
from .joining import computing, finite, forecast_chunks

SHORTEST = 1e-6  # seconds: a timeout is above 0
VERSION = "1"  # of each model, as the Open Inference Protocol counts

Array = NDArray[np.floating]


class ServedModel:
    """A predictor with the queue in front of it."""

    def __init__(self, name: str, predictor: Predictor, settings: Settings, metrics: Metrics) -> None:
        self.name, self.predictor, self.manifest = name, predictor, predictor.manifest
        self.info = predictor.info()
        self._limits = settings.limits
        watching = metrics.watch_model(name)
        self.batcher = Batcher(
            computing(predictor), settings.limits.queue, watching, batching=settings.batching
        )
        watching.show_queue(lambda: self.batcher.waiting)
        metrics.show_model(name, self.info)

    async def quantiles(self, request: Request, seconds: float | None = None) -> Array:
        """(batch, horizon, [D,] quantile). seconds: to wait at most, where that is less than the limit."""
        found: Array = await self.batcher.compute(request, self._patience(seconds))
        return found

    def check(self, asked: Asked) -> Request:
        """The tensors of a request. Raises Refusal: 422 for what the model cannot forecast."""
        given = {name: value for name, value in asked.arguments.items() if name != "history"}
        try:
            return check_request(
                self.manifest, asked.arguments["history"], asked.horizon, Covariates(**given)
            )
        except InputError as error:
            raise Refusal(422, str(error)) from None

    async def forecast(self, asked: Asked, request: Request) -> tuple[Forecast, Array | None]:
        """Quantiles, and sample paths (batch, paths, horizon, [D]) where they are asked for.

        request: the tensors of what is asked. Raises Refusal, DeadlineError.
        """
        try:
            if asked.paths:
                draw = self._drawing(asked, request)
                quantiles, paths = await self.batcher.compute(request, self._patience(None), draw)
            else:
                quantiles, paths = await self.quantiles(request), None
        except InputError as error:  # a forecast that is not finite
            raise Refusal(422, str(error)) from None
        return Forecast(quantiles, self.manifest.quantile_levels, request.timestamps), paths

    def _drawing(self, asked: Asked, request: Request) -> Any:
        """Quantiles and paths at once, for a run of their own."""

        def draw(deadline: Deadline) -> tuple[Array, Array]:
            quantiles = finite(forecast_chunks(self.predictor, request, deadline))
            left = max(deadline.left, SHORTEST)
            try:
                paths = self.predictor.sample_paths(
                    horizon=asked.horizon, paths=asked.paths, seed=asked.seed, timeout=left, **asked.arguments
                )
            except DeadlineError:
                deadline.check()  # names the timeout of the request, and not what was left of it
                raise
            return quantiles, paths

        return draw

    def _patience(self, seconds: float | None) -> float:
        return self._limits.timeout if seconds is None else min(seconds, self._limits.timeout)


class Models(Mapping[str, ServedModel]):
    """The models by name; the first is meant where a request names none."""

    def __init__(self, models: list[ServedModel]) -> None:
        self._models = {model.name: model for model in models}
        self.default = models[0].name  # the one that is meant where a request names none

    def __getitem__(self, name: str) -> ServedModel:
        return self._models[name]

    def __iter__(self) -> Any:
        return iter(self._models)

    def __len__(self) -> int:
        return len(self._models)

    def find(self, name: Any) -> ServedModel:
        """The model of that name. Raises Refusal: 404."""
        if type(name) is not str or name not in self._models:
            raise Refusal(404, f"model: there is none called {quote(name)}; there are {', '.join(self)}")
        return self._models[name]

    @property
    def are_full(self) -> bool:
        """Whether no model takes another request."""
        return all(model.batcher.is_full for model in self._models.values())


def load_models(settings: Settings, metrics: Metrics, log: Log) -> Models:
    """Every bundle, read, on its provider, with its golden cases replayed.

    Raises BundleError, ProviderError, ExtraMissingError.
    """
    models = []
    for name, path in settings.bundles.items():
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", RuntimeWarning)
            predictor = Predictor.load(path, providers=settings.provider, verify=True)
            models.append(ServedModel(name, predictor, settings, metrics))
        for warning in caught:
            log.write("warning", level="warning", model=name, message=str(warning.message))
    return Models(models)
