"""POST /forecast."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from ..errors import InputError
from .answers import Refusal, dump
from .batcher import overloaded
from .bodies import read_body
from .fields import parse_object
from .forecast_answer import write_forecast
from .forecast_request import Asked, read_forecast
from .limits import Limits
from .models import Models, ServedModel

# Bytes of a body that is read beside the event loop: it takes milliseconds.
LARGE = 1 << 17


class ForecastEndpoint:
    """Series as JSON in, forecasts as JSON out."""

    def __init__(self, models: Models, limits: Limits) -> None:
        self._models, self._limits = models, limits

    async def post(self, request: Request) -> Response:
        """Forecasts of the series in the body."""
        if self._models.are_full:
            raise overloaded()
        body = await read_body(request, self._limits.body)
        is_large = len(body) > LARGE
        model, asked = await asyncio.to_thread(self._read, body) if is_large else self._read(body)
        request.scope["model"] = model.name
        try:
            forecast, paths = await model.forecast(asked)
        except InputError as error:
            raise Refusal(422, str(error)) from None
        content = {
            "model": model.name,
            "bundle": model.manifest.digest,
            "horizon": asked.horizon,
            "forecasts": write_forecast(model.manifest, asked, forecast, paths),
        }
        return Response(dump(content), media_type="application/json")

    def _read(self, body: bytes) -> tuple[ServedModel, Asked]:
        content = parse_object(body)
        model = self._models.find(content.get("model", self._models.default))
        return model, read_forecast(model.manifest, content, self._limits)
