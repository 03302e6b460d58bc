"""A service from its settings to its end."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Callable

import uvicorn
from prometheus_client import disable_created_metrics

from ..errors import ConfigError
from .app import make_app
from .connections import protocol_with
from .drain import DrainingServer, Readiness
from .front import Operation
from .logs import Log, capture_uvicorn
from .metrics import Metrics
from .models import Models, load_models
from .settings import Settings

BACKLOG = 2048  # connections that wait to be accepted
KEEP_ALIVE = 75  # seconds: longer than balancers keep theirs, so that it is they who close
# A thread that computes in Python holds up the event loop for at most so many seconds.
SWITCH_INTERVAL = 0.001


def serve(settings: Settings) -> int:
    """Serve until SIGTERM or Ctrl-C; the exit code.

    Raises BundleError, ProviderError, ExtraMissingError before anything listens, ConfigError for an address
    that cannot be had.
    """
    began = time.perf_counter()
    sys.setswitchinterval(SWITCH_INTERVAL)
    disable_created_metrics()  # times of no use, a third of all lines
    metrics, log, readiness = Metrics(), Log(quiet=settings.quiet), Readiness()
    capture_uvicorn(log)
    models = load_models(settings, metrics, log)
    operation = Operation(metrics, log, readiness)
    app = make_app(models, settings, operation)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=protocol_with(settings.limits, shedding(models, operation)),
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
    )
    listener = listen(settings.host, settings.port)
    if settings.is_public and settings.token is None:
        log.write(
            "warning", "warning", message=f"{settings.host} is open to others, and no token is asked for"
        )
    server = DrainingServer(config, readiness, settings.drain, log)
    log.write(
        "serving",
        address=settings.host,
        port=listener.getsockname()[1],
        models={name: model.manifest.digest[:12] for name, model in models.items()},
        seconds=round(time.perf_counter() - began, 3),
    )
    server.run([listener])
    log.write("stopped")
    log.close()
    return 0


def shedding(models: Models, operation: Operation) -> Callable[[], bool]:
    """Whether requests are refused before they are looked at, and the count of those."""

    def shed() -> bool:
        if not models.are_full or not operation.readiness.is_ready:
            return False
        operation.metrics.saw_shed()
        return True

    return shed


def listen(host: str, port: int) -> socket.socket:
    """A socket that connections may come to. Raises ConfigError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, or asyncio does not know it for that, and small answers wait for acknowledgements.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        reason = error.strerror or error
        raise ConfigError(f"cannot listen on {host}, port {port}: {reason}; --port 0 takes any") from None
    return listener
