"""All routes of the service."""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Router
from starlette.types import ASGIApp

from .about.description import describe, openapi
from .access import Access
from .answers import JSON, dump
from .forecast.endpoint import ForecastEndpoint
from .front import Front, Operation
from .http.bodies import Bodies
from .inference.protocol import OpenInference
from .models.models import Models
from .overload import HEALTH
from .reading.readers import Reader
from .reading.reading_endpoint import ReadEndpoint
from .routes import NamedRoute, kept, page_routes
from .settings import Settings

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


def make_app(
    models: Models, settings: Settings, operation: Operation, reader: Reader | None = None
) -> ASGIApp:
    """Return an ASGI application. reader: of files, None where it reads none."""
    limits = settings.limits
    bodies = Bodies(limits.body)
    protocol = OpenInference(models, limits, bodies, operation.readiness)
    page, reads = page_routes(), reader is not None

    def changes() -> int:
        return models.changes

    routes = [
        NamedRoute("/forecast", ForecastEndpoint(models, settings, bodies).post, methods=["POST"]),
        NamedRoute("/read", ReadEndpoint(models, limits, reader).post, methods=["POST"]),
        *_protocol_routes(protocol),
        kept("/models", lambda: dump(describe(models, settings, reader)), JSON, changes),
        kept("/openapi.json", lambda: dump(openapi(models, settings, reads=reads)), JSON, changes),
        NamedRoute("/metrics", _metrics(operation)),
        *page,
    ]
    open_paths = [*HEALTH, *(route.path for route in page)]
    return Front(Router(routes, redirect_slashes=False), Access(settings, open_paths), operation)


def _protocol_routes(protocol: OpenInference) -> list[NamedRoute]:
    refused = [NamedRoute(path, protocol.refuse, methods=["GET", "POST"]) for path in NOT_SUPPORTED]
    of_model = [
        ("/infer", protocol.infer, "POST"),
        ("/ready", protocol.model_ready, "GET"),
        ("/config", protocol.config, "GET"),
        ("", protocol.model, "GET"),
    ]
    return [
        *(
            NamedRoute(f"/v2/models/{{model}}{version}{rest}", endpoint, methods=[method])
            for version in ("", "/versions/{version}")
            for rest, endpoint, method in of_model
            if rest or version
        ),
        NamedRoute("/v2/health/live", protocol.live),
        NamedRoute("/v2/health/ready", protocol.ready),
        NamedRoute("/v2", protocol.server),
        NamedRoute("/v2/repository/index", protocol.index, methods=["POST"]),
        *refused,
        NamedRoute("/v2/models/{model}", protocol.model),
    ]


def _metrics(operation: Operation) -> Endpoint:
    async def answer(_request: Request) -> Response:
        return Response(operation.metrics.expose(), headers={"content-type": METRICS_TYPE})

    return answer
