"""The models of a service: a bundle each, checked and replayed before it is called ready."""

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...adaptive.calibrator import Calibrator
from ...bundle.bundle import Manifest
from ...engine.info import RuntimeInfo
from ...errors import BundleError, InputError
from ...forecast import Forecast
from ...predictor import Predictor
from ...request.inputs import Request
from ..about.logs import Log
from ..about.metrics import Metrics, ModelWatch
from ..answers import Refusal
from ..fields import quote
from ..settings import Settings
from .batcher import Batcher
from .isolation import IsolatedRunner
from .joining import LocalRunner, Runner, Task

VERSION = "1"  # of each model, as the Open Inference Protocol counts

Array = NDArray[np.floating]


class ServedModel:
    """A model with the queue in front of it. Who holds it has one whole model, whatever takes its place."""

    def __init__(self, name: str, ready: "Ready", settings: Settings, watching: ModelWatch) -> None:
        self.name, self.manifest, self.info = name, ready.manifest, ready.info
        self.runner, self._limits, self._watching = ready.runner, settings.limits, watching
        self.batcher = Batcher(self.runner, settings.limits.queue, watching, batching=settings.batching)
        calibrator = Calibrator.load(settings.bundles[name], ready.manifest)
        self._record = None if calibrator is None else calibrator.record

    def show(self) -> None:
        """Let the figures of its name be those of this model."""
        self._watching.show_queue(lambda: self.batcher.waiting)
        self._watching.show_process(lambda: self.runner.is_up)
        self._watching.show_model(self.info)
        self._watching.show_record(self._record)

    async def quantiles(self, request: Request, seconds: float | None = None) -> Array:
        """Forecast (batch, horizon, [D,] quantile). seconds: the longest wait, if less than the limit."""
        found: Array = await self._compute(Task(request), seconds)
        return found

    async def forecast(self, task: Task) -> tuple[Forecast, list[Array]]:
        """Return quantiles, and what else the task asks for, as Runner.slices.

        Raises Refusal, DeadlineError.
        """
        try:
            found = await self._compute(task)
        except InputError as error:  # a forecast that is not finite, or imposed values that cannot be
            raise Refusal(422, str(error)) from None
        except BundleError as error:
            if not task.explains:
                raise
            raise Refusal(422, str(error)) from None
        quantiles, *others = found if isinstance(found, tuple) else (found,)
        return Forecast(quantiles, self.manifest.quantile_levels, task.request.timestamps), others

    async def _compute(self, task: Task, seconds: float | None = None) -> Any:
        self.runner.check()
        longest = self._limits.timeout
        return await self.batcher.compute(task, longest if seconds is None else min(seconds, longest))


class Models(dict[str, ServedModel]):
    """The models by name, in the order of the settings; on the event loop, one may take another's place."""

    changes = 0  # how often a model was put

    def put(self, model: ServedModel) -> None:
        """Serve a model under its name. Who asks from now on gets it; who asked before has the one before."""
        self[model.name] = model
        self.changes += 1
        model.show()

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

    @property
    def are_up(self) -> bool:
        """Tell whether any model can compute."""
        return any(model.runner.is_up for model in self.values())

    def close(self) -> None:
        """End the processes of all models."""
        for model in self.values():
            model.runner.close()


@dataclass(frozen=True)
class Ready:
    """A model that has replayed its golden cases, and what runs it."""

    runner: Runner
    manifest: Manifest
    info: RuntimeInfo


def load_models(settings: Settings, metrics: Metrics, log: Log) -> Models:
    """Read every bundle, choose its provider, and replay its golden cases.

    Raises BundleError, ProviderError, ExtraMissingError.
    """
    models = Models()
    try:
        for name in settings.bundles:
            models.put(load_model(name, settings, metrics, log))
    except BaseException:
        models.close()
        raise
    return models


def load_model(name: str, settings: Settings, metrics: Metrics, log: Log) -> ServedModel:
    """Return one of them, as its folder is now. Raises as load_models does."""
    path, watching = settings.bundles[name], ModelWatch(metrics, name)
    if settings.isolate:
        runner = IsolatedRunner(name, path, settings, log, watching)
        return ServedModel(name, Ready(runner, runner.manifest, runner.info), settings, watching)
    return ServedModel(name, load_here(name, path, settings.provider, log), settings, watching)


def load_here(name: str, path: Path, provider: str, log: Log) -> Ready:
    """Return a model of this process. Raises as load_models does."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", RuntimeWarning)
        predictor = Predictor.load(path, providers=provider, verify=True)
        info = predictor.info()
    for warning in caught:
        log.write("warning", level="warning", model=name, message=str(warning.message))
    return Ready(LocalRunner(predictor.engine), predictor.manifest, info)
