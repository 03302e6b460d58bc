"""POST /forecast."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from ..inputs import Request as Checked
from .answers import dump
from .batcher import overloaded
from .bodies import Bodies
from .fields import parse_object
from .forecast_answer import write_forecast
from .forecast_request import Asked, read_forecast
from .limits import Limits
from .models import Models, ServedModel


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
