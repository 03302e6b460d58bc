"""POST /forecast."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from ..inputs import Request as Checked
from .answers import dump
from .batcher import overloaded
from .bodies import beside_if_large, read_body
from .fields import parse_object
from .forecast_answer import write_forecast
from .forecast_request import Asked, read_forecast
from .limits import Limits
from .models import Models, ServedModel


class ForecastEndpoint:
    """Series as JSON in, forecasts as JSON out."""

    def __init__(self, models: Models, limits: Limits) -> None:
        self._models, self._limits = models, limits

    async def post(self, request: Request) -> Response:
        """Forecasts of the series in the body."""
        if self._models.are_full:
            raise overloaded()
        body = await read_body(request, self._limits.body)
        model, asked, checked = await beside_if_large(self._read, body)
        request.scope["model"] = model.name
        forecast, paths = await model.forecast(asked, checked)
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
        return model, asked, model.check(asked)
