"""POST /forecast: series as JSON in, forecasts as JSON out."""

import numpy as np
from numpy.typing import NDArray
from starlette.requests import Request
from starlette.responses import Response

from ...errors import InputError
from ...forecast import Forecast
from ...request.inputs import Request as Checked
from ...request.inputs import check_request
from ..answers import Refusal, json_answer, write_answer
from ..fields import parse_object
from ..http.bodies import Bodies
from ..models.joining import Task
from ..models.models import Models, ServedModel
from ..overload import refuse_full
from ..settings import Limits
from .answer import write_forecast
from .body import AskedForecast, ForecastBody


def forecast_bodies(models: Models, limits: Limits) -> dict[str, ForecastBody]:
    """Return the form of a request to each model; one that is not the default has to be named."""
    return {
        name: ForecastBody(model.manifest, limits, name, must_name=name != models.default)
        for name, model in models.items()
    }


class ForecastEndpoint:
    """The endpoint: it reads a body, checks it, forecasts and answers."""

    def __init__(self, models: Models, limits: Limits, bodies: Bodies) -> None:
        self._models, self._bodies, self._limits = models, bodies, limits
        self._forms = forecast_bodies(models, limits)

    async def post(self, request: Request) -> Response:
        """Forecast the series in the body."""
        refuse_full(self._models.are_full)
        model, asked, checked = await self._bodies.read(request, self._read)
        request.scope["model"] = model.name
        task = Task(checked, asked.paths, asked.seed, asked.fixed, asked.explains)
        forecast, others = await model.forecast(task)
        numbers = forecast.quantiles.size + sum(array.size for array in others)
        return await write_answer(lambda: _answer(model, asked, forecast, others), numbers)

    def _read(self, body: bytes) -> tuple[ServedModel, AskedForecast, Checked]:
        """Decode and check a body. Raises Refusal: 400, 404, 413, and 422 for what no model forecasts."""
        content = parse_object(body)
        model = self._models.find(content.get("model", self._models.default))
        asked = self._form_of(model).read(content)
        try:
            checked = check_request(model.manifest, asked.history, asked.horizon, asked.given)
        except InputError as error:
            raise Refusal(422, str(error)) from None
        return model, asked, checked

    def _form_of(self, model: ServedModel) -> ForecastBody:
        """Return the form of a request to a model, which may have taken the place of another."""
        form = self._forms[model.name]
        if form.manifest is not model.manifest:
            is_default = model.name == self._models.default
            form = ForecastBody(model.manifest, self._limits, model.name, must_name=not is_default)
            self._forms[model.name] = form
        return form


def _answer(
    model: ServedModel, asked: AskedForecast, forecast: Forecast, others: list[NDArray[np.floating]]
) -> Response:
    return json_answer(
        {
            "model": model.name,
            "bundle": model.manifest.digest,
            "horizon": asked.horizon,
            "forecasts": write_forecast(model.manifest, asked, forecast, others),
        }
    )
