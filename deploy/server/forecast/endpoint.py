"""POST /forecast: series as JSON in, forecasts as JSON out."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from starlette.requests import Request
from starlette.responses import Response

from ...engine.deadline import Deadline
from ...errors import InputError
from ...forecast import Forecast
from ...request.inputs import Request as Checked
from ...request.inputs import check_request
from ..answers import Refusal, json_answer, write_answer
from ..fields import Json, parse_object, quote
from ..http.bodies import Bodies
from ..models.joining import Task
from ..models.models import Models, ServedModel
from ..overload import refuse_full
from ..settings import Limits, Segment, Settings
from .anomalies import Earlier, judge
from .answer import write_forecast
from .body import AskedForecast, ForecastBody

SEGMENT = "segment"  # of a request
SHOWN = 5  # segments in an error


def forecast_bodies(models: Models, limits: Limits) -> dict[str, ForecastBody]:
    """Return the form of a request to each model; one that is not the default has to be named."""
    return {
        name: ForecastBody(model.manifest, limits, name, must_name=name != models.default)
        for name, model in models.items()
    }


class ForecastEndpoint:
    """The endpoint: it reads a body, checks it, forecasts and answers."""

    def __init__(self, models: Models, settings: Settings, bodies: Bodies) -> None:
        self._models, self._bodies, self._limits = models, bodies, settings.limits
        self._forms = forecast_bodies(models, settings.limits)
        self._groups = Groups(settings.segments)

    async def post(self, request: Request) -> Response:
        """Forecast the series in the body."""
        refuse_full(self._models.are_full)
        model, asked, checked, earlier = await self._bodies.read(request, self._read)
        request.scope["model"] = model.name
        task = Task(checked, asked.paths, asked.seed, asked.fixed, asked.explains)
        deadline = Deadline(self._limits.timeout)
        forecast, others = await model.forecast(task)
        numbers = forecast.quantiles.size + sum(array.size for array in others)
        if earlier is not None:
            earlier = await _said_before(model, earlier, deadline)
            numbers += earlier.size
        return await write_answer(lambda: _answer(model, asked, forecast, others, earlier), numbers)

    def _read(self, body: bytes) -> tuple[ServedModel, AskedForecast, Checked, Earlier | None]:
        """Decode and check a body. Raises Refusal: 400, 404, 413, and 422 for what no model forecasts."""
        content = self._groups.named(parse_object(body))
        model = self._models.find(content.get("model", self._models.default))
        asked = self._form_of(model).read(content)
        try:
            checked = check_request(model.manifest, asked.history, asked.horizon, asked.given)
        except InputError as error:
            raise Refusal(422, str(error)) from None
        earlier = Earlier.of(model.manifest, asked) if asked.anomalies else None
        return model, asked, checked, earlier

    def _form_of(self, model: ServedModel) -> ForecastBody:
        """Return the form of a request to a model, which may have taken the place of another."""
        form = self._forms[model.name]
        if form.manifest is not model.manifest:
            is_default = model.name == self._models.default
            form = ForecastBody(model.manifest, self._limits, model.name, must_name=not is_default)
            self._forms[model.name] = form
        return form


class Groups:
    """The models of each folder of segments, by what they are for."""

    def __init__(self, segments: Mapping[str, Segment]) -> None:
        self._models: dict[str, dict[tuple[tuple[str, str], ...], str]] = {}
        for name, segment in segments.items():
            self._models.setdefault(segment.group, {})[tuple(segment.values.items())] = name

    def named(self, content: Json) -> Json:
        """Return a request with the model that its segment means in place of it; as it is if of no group.

        Raises Refusal: 400 for a segment that is none of the form, 404 for one that has no model.
        """
        group = content.get("model", next(iter(self._models), None) if SEGMENT in content else None)
        if type(group) is not str or group not in self._models:
            return content
        models = self._models[group]
        columns = [column for column, _ in next(iter(models))]
        wanted = content.get(SEGMENT)
        if not isinstance(wanted, dict) or not is_segment(wanted, columns):
            texts = ", ".join(f'"{column}": "..."' for column in columns)
            raise Refusal(400, f"{SEGMENT}: expected {{{texts}}}, found {quote(wanted)}")
        name = models.get(tuple((column, wanted[column]) for column in columns))
        if name is None:
            known = [" ".join(f"{column}={value}" for column, value in key) for key in models]
            more = ", ..." if len(known) > SHOWN else ""
            raise Refusal(
                404,
                f"{SEGMENT}: {group} has no model of {', '.join(map(quote, wanted.values()))}; it has "
                f"{', '.join(known[:SHOWN])}{more}",
            )
        return {field: value for field, value in content.items() if field != SEGMENT} | {"model": name}


def is_segment(value: Json, columns: list[str]) -> bool:
    """Tell whether an object has a text for each column, and no more."""
    return set(value) == set(columns) and all(isinstance(text, str) for text in value.values())


async def _said_before(model: ServedModel, earlier: Earlier, deadline: Deadline) -> Earlier:
    """Return it with what is forecast from before the last values. Raises Refusal, DeadlineError."""
    if earlier.request is None:
        return earlier
    deadline.check()
    try:
        return replace(earlier, quantiles=await model.quantiles(earlier.request, deadline.left))
    except InputError as error:  # a forecast that is not finite
        return earlier.without(str(error))


def _answer(
    model: ServedModel,
    asked: AskedForecast,
    forecast: Forecast,
    others: list[NDArray[np.floating]],
    earlier: Earlier | None,
) -> Response:
    judged = [] if earlier is None else judge(model.manifest, asked, earlier)
    return json_answer(
        {
            "model": model.name,
            "bundle": model.manifest.digest,
            "horizon": asked.horizon,
            "forecasts": write_forecast(model.manifest, asked, forecast, others, judged),
        }
    )
