"""All routes of the service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp

from .answers import json_answer
from .bodies import Bodies
from .description import describe
from .forecast_endpoint import ForecastEndpoint
from .front import Front, Operation
from .models import Models
from .openapi import openapi
from .page import page_routes
from .protocol import OpenInference
from .settings import Settings

HEALTH = ("/v2/health/live", "/v2/health/ready")
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# Of Triton, and not of the protocol.
NOT_SUPPORTED = (
    "/v2/repository/models/{model}/load",
    "/v2/repository/models/{model}/unload",
    "/v2/systemsharedmemory/{rest:path}",
    "/v2/cudasharedmemory/{rest:path}",
    "/v2/trace/setting",
    "/v2/models/{model}/trace/setting",
    "/v2/logging",
    "/v2/models/stats",
    "/v2/models/{model}/stats",
    "/v2/models/{model}/versions/{version}/stats",
)
Endpoint = Callable[[Request], Any]


def make_app(models: Models, settings: Settings, operation: Operation) -> ASGIApp:
    """An ASGI application."""
    limits = settings.limits
    bodies = Bodies(limits.body)
    protocol = OpenInference(models, limits, bodies, operation.readiness)
    page = page_routes()
    routes = [
        Route("/forecast", ForecastEndpoint(models, limits, bodies).post, methods=["POST"]),
        *_protocol_routes(protocol),
        _fixed("/models", describe(models, limits)),
        _fixed("/openapi.json", openapi(models, settings)),
        Route("/metrics", _metrics(operation)),
        *page,
    ]
    open_paths = [*HEALTH, *(route.path for route in page)]
    return Front(Router(routes, redirect_slashes=False), open_paths, settings.token, operation)


def _protocol_routes(protocol: OpenInference) -> list[Route]:
    refused = [Route(path, protocol.refuse, methods=["GET", "POST"]) for path in NOT_SUPPORTED]
    of_model = [
        ("/infer", protocol.infer, "POST"),
        ("/ready", protocol.model_ready, "GET"),
        ("/config", protocol.config, "GET"),
        ("", protocol.model, "GET"),
    ]
    return [
        *(
            Route(f"/v2/models/{{model}}{version}{rest}", endpoint, methods=[method])
            for version in ("", "/versions/{version}")
            for rest, endpoint, method in of_model
            if rest or version
        ),
        Route("/v2/health/live", protocol.live),
        Route("/v2/health/ready", protocol.ready),
        Route("/v2", protocol.server),
        Route("/v2/repository/index", protocol.index, methods=["POST"]),
        *refused,
        Route("/v2/models/{model}", protocol.model),
    ]


def _fixed(path: str, content: Any) -> Route:
    """What is the same for as long as the service runs."""

    async def answer(_request: Request) -> Response:
        return json_answer(content)

    return Route(path, answer)


def _metrics(operation: Operation) -> Endpoint:
    async def answer(_request: Request) -> Response:
        return Response(operation.metrics.expose(), headers={"content-type": METRICS_TYPE})

    return answer
