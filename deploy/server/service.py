"""The service, from its settings to its end."""

import socket
import sys
import time
from collections.abc import Callable
from typing import Any

from prometheus_client import disable_created_metrics

from .about.logs import Log, capture_loggers
from .about.metrics import Metrics
from .app import make_app
from .front import Operation
from .http.connections import protocol_with
from .http.listening import connections_within, listen
from .http.room import Room
from .http.serving import DrainingServer, Readiness, configure
from .models.models import Models, load_models
from .models.reloading import Reloader
from .overload import shedding
from .reading.readers import Reader
from .settings import Limits, Settings

BEGAN = time.monotonic()  # when this module was imported
# A thread that computes in Python holds up the event loop for at most so many seconds.
SWITCH_INTERVAL = 0.001


def run(settings: Settings, make_reader: Callable[[], Reader] | None = None) -> int:
    """Serve until SIGTERM or Ctrl-C; return the exit code. make_reader: of files, None to read none.

    Bundles are read and replayed before the address is taken, so a service that listens is able to answer.
    Raises as deploy.server.serve does.
    """
    sys.setswitchinterval(SWITCH_INTERVAL)
    disable_created_metrics()  # times of no use, a third of all lines
    metrics, log, readiness = Metrics(), Log(quiet=settings.quiet), Readiness()
    capture_loggers(log)
    models = load_models(settings, metrics, log)
    reader = make_reader() if make_reader else None
    try:
        serve(settings, models, Operation(metrics, log, readiness), reader)
    finally:
        models.close()
        if reader is not None:
            reader.close()
    log.write("stopped")
    log.close()
    return 0


def serve(settings: Settings, models: Models, operation: Operation, reader: Reader | None = None) -> None:
    """Serve models until the end. Raises ConfigError for an address that cannot be had."""
    log, readiness = operation.log, operation.readiness
    app = make_app(models, settings, operation, reader)
    shed = shedding(lambda: readiness.is_ready and models.are_full, operation.metrics.saw_shed)
    protocol = protocol_with(settings.limits, shed)
    listener = listen(settings.host, settings.port)
    if settings.is_public and settings.token is None:
        log.write(
            "warning", "warning", message=f"{settings.host} is open to others, and no token is asked for"
        )
    room = _room(settings.limits, log)
    server = DrainingServer(configure(app, protocol), room, readiness, settings.drain, log)
    said = about(listener, models)
    is_watched = sys.stderr is not None and sys.stderr.isatty()
    reloader = Reloader(models, settings, operation.metrics, log)
    server.on_hangup = None if is_watched else reloader.ask  # of a terminal that closes, it is the end

    def on_ready() -> None:
        reloader.start()
        greet(said) if is_watched else log.write("serving", **said)

    server.on_ready = on_ready
    try:
        server.run([listener])
    finally:
        reloader.end()


def greet(about: dict[str, Any]) -> None:
    """Tell who sits at a terminal where the service is; a pipe gets the same as JSON."""
    lines = [
        f"serving at {about['url']}",
        f"  models: {', '.join(about['models'])}",
        "  a page for people, or POST /forecast",
        "  Ctrl-C ends it",
    ]
    sys.stderr.write("\n".join(lines) + "\n")
    sys.stderr.flush()


def _room(limits: Limits, log: Log) -> Room:
    """Return room for connections, as many as there are files for."""
    connections = connections_within(limits.connections)
    if connections < limits.connections:
        log.write(
            "warning",
            "warning",
            message=f"files for {connections} of {limits.connections} connections; raise ulimit -n",
        )
    return Room(connections, limits.answers)


def about(listener: socket.socket, models: Models) -> dict[str, Any]:
    """Return all that the log says once the service is ready."""
    address, port = listener.getsockname()[:2]
    seconds = time.monotonic() - BEGAN
    digests = {name: model.manifest.digest[:12] for name, model in models.items()}
    host = f"[{address}]" if ":" in address else address
    return {"url": f"http://{host}:{port}", "port": port, "models": digests, "seconds": round(seconds, 3)}
