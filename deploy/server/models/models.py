"""The models of a service: a bundle each, checked and replayed before it is called ready."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from ...forecast import Forecast
from ...predictor import Predictor
from ...request.inputs import Request
from ..about.logs import Log
from ..about.metrics import Metrics, ModelWatch
from ..answers import Refusal
from ..fields import quote
from ..settings import Settings
from .batcher import Batcher
from .joining import LocalRunner, Runner, Task

VERSION = "1"  # of each model, as the Open Inference Protocol counts

Array = NDArray[np.floating]


class ServedModel:
    """A model with the queue in front of it."""

    def __init__(self, name: str, predictor: Predictor, settings: Settings, metrics: Metrics) -> None:
        self.name, self.manifest, self.info = name, predictor.manifest, predictor.info()
        self._limits = settings.limits
        watching = ModelWatch(metrics, name)
        runner: Runner = LocalRunner(predictor.engine)
        self.batcher = Batcher(runner, settings.limits.queue, watching, batching=settings.batching)
        watching.show_queue(lambda: self.batcher.waiting)
        metrics.show_model(name, self.info)

    async def quantiles(self, request: Request, seconds: float | None = None) -> Array:
        """Forecast (batch, horizon, [D,] quantile). seconds: the longest wait, if less than the limit."""
        found: Array = await self.batcher.compute(Task(request), self._patience(seconds))
        return found

    async def forecast(self, request: Request, paths: int, seed: int) -> tuple[Forecast, Array | None]:
        """Return quantiles, and sample paths (batch, paths, horizon, [D]) where some are asked for.

        Raises Refusal, DeadlineError.
        """
        try:
            if paths:
                task = Task(request, paths, seed)
                quantiles, drawn = await self.batcher.compute(task, self._patience(None))
            else:
                quantiles, drawn = await self.quantiles(request), None
        except InputError as error:  # a forecast that is not finite
            raise Refusal(422, str(error)) from None
        return Forecast(quantiles, self.manifest.quantile_levels, request.timestamps), drawn

    def _patience(self, seconds: float | None) -> float:
        return self._limits.timeout if seconds is None else min(seconds, self._limits.timeout)


class Models(dict[str, ServedModel]):
    """The models by name, in the order of the settings."""

    @property
    def default(self) -> str:
        """Return the first: it is meant where a request names none."""
        return next(iter(self))

    def find(self, name: Any) -> ServedModel:
        """Return the model of that name. Raises Refusal: 404."""
        if type(name) is not str or name not in self:
            raise Refusal(404, f"model: there is none called {quote(name)}; there are {', '.join(self)}")
        return self[name]

    @property
    def are_full(self) -> bool:
        """Tell whether no model takes another request."""
        return all(model.batcher.is_full for model in self.values())


def load_models(settings: Settings, metrics: Metrics, log: Log) -> Models:
    """Read every bundle, choose its provider, and replay its golden cases.

    Raises BundleError, ProviderError, ExtraMissingError.
    """
    models = Models()
    for name, path in settings.bundles.items():
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", RuntimeWarning)
            predictor = Predictor.load(path, providers=settings.provider, verify=True)
            models[name] = ServedModel(name, predictor, settings, metrics)
        for warning in caught:
            log.write("warning", level="warning", model=name, message=str(warning.message))
    return models
