"""A service from its settings to its end."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import uvicorn
from prometheus_client import disable_created_metrics
from starlette.types import ASGIApp

from .about.logs import Log, capture_uvicorn
from .about.metrics import Metrics
from .app import make_app
from .front import Operation
from .http.connections import BoundedProtocol, protocol_with
from .http.drain import DrainingServer, Readiness
from .http.listening import listen
from .http.shedding import is_whole_request
from .models.models import Models, load_models
from .settings import Settings

BEGAN = time.monotonic()  # when this module was imported
KEEP_ALIVE = 75  # seconds: longer than balancers keep theirs, so that it is they who close
# A thread that computes in Python holds up the event loop for at most so many seconds.
SWITCH_INTERVAL = 0.001


def serve(settings: Settings) -> int:
    """Serve until SIGTERM or Ctrl-C; the exit code.

    Raises BundleError, ProviderError, ExtraMissingError before anything listens, ConfigError for an address
    that cannot be had.
    """
    sys.setswitchinterval(SWITCH_INTERVAL)
    disable_created_metrics()  # times of no use, a third of all lines
    metrics, log, readiness = Metrics(), Log(quiet=settings.quiet), Readiness()
    capture_uvicorn(log)
    models = load_models(settings, metrics, log)
    operation = Operation(metrics, log, readiness)
    app = make_app(models, settings, operation)
    protocol = protocol_with(settings.limits, shedding(models, operation))
    listener = listen(settings.host, settings.port)
    if settings.is_public and settings.token is None:
        log.write(
            "warning", "warning", message=f"{settings.host} is open to others, and no token is asked for"
        )
    server = DrainingServer(configure(app, protocol), readiness, settings.drain, log)
    server.on_ready = partial(log.write, "serving", **about(listener, models))
    server.run([listener])
    log.write("stopped")
    log.close()
    return 0


def configure(app: ASGIApp, protocol: type[BoundedProtocol]) -> uvicorn.Config:
    """uvicorn, with nothing of its own to say."""
    return uvicorn.Config(
        app,
        http=protocol,
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
    )


def about(listener: socket.socket, models: Models) -> dict[str, Any]:
    """What the log says once the service is ready."""
    address, port = listener.getsockname()[:2]
    seconds = time.monotonic() - BEGAN
    digests = {name: model.manifest.digest[:12] for name, model in models.items()}
    host = f"[{address}]" if ":" in address else address
    return {
        "url": f"http://{host}:{port}",
        "port": port,
        "models": digests,
        "seconds": round(seconds, 3),
    }


def shedding(models: Models, operation: Operation) -> Callable[[bytes], bool]:
    """Whether bytes that came are refused as they are; it counts those."""

    def shed(data: bytes) -> bool:
        if not models.are_full or not operation.readiness.is_ready or not is_whole_request(data):
            return False
        operation.metrics.saw_shed()
        return True

    return shed
