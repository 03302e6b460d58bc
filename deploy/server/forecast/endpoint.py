"""POST /forecast."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from ...errors import InputError
from ...request.covariates import Covariates
from ...request.inputs import Request as Checked
from ...request.inputs import check_request
from ..answers import Refusal, dump
from ..fields import parse_object
from ..http.bodies import Bodies
from ..limits import Limits
from ..models.batcher import overloaded
from ..models.models import Models, ServedModel
from .answer import write_forecast
from .request import Asked, read_forecast


class ForecastEndpoint:
    """Series as JSON in, forecasts as JSON out."""

    def __init__(self, models: Models, limits: Limits, bodies: Bodies) -> None:
        self._models, self._limits, self._bodies = models, limits, bodies

    async def post(self, request: Request) -> Response:
        """Forecasts of the series in the body."""
        if self._models.are_full:
            raise overloaded()
        model, asked, checked = await self._bodies.read(request, self._read)
        request.scope["model"] = model.name
        forecast, paths = await model.forecast(checked, asked.paths, asked.seed)
        content = {
            "model": model.name,
            "bundle": model.manifest.digest,
            "horizon": asked.horizon,
            "forecasts": write_forecast(model.manifest, asked, forecast, paths),
        }
        return Response(dump(content), media_type="application/json")

    def _read(self, body: bytes) -> tuple[ServedModel, Asked, Checked]:
        content = parse_object(body)
        model = self._models.find(content.get("model", self._models.default))
        asked = read_forecast(model.manifest, content, self._limits)
        given = {name: value for name, value in asked.arguments.items() if name != "history"}
        try:
            checked = check_request(
                model.manifest, asked.arguments["history"], asked.horizon, Covariates(**given)
            )
        except InputError as error:
            raise Refusal(422, str(error)) from None
        return model, asked, checked
