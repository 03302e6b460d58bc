"""Serve bundles over HTTP: the Open Inference Protocol, forecasts as JSON, a page. `python -m deploy.server`.

Needs the extra `serve`. In: Settings. Out: an exit code. A request passes http, front, an endpoint, models,
and the engine of deploy. May import: all of deploy but deploy.command.

    __main__     python -m deploy.server
    arguments    Settings from a command line
    health       whether a service is ready, for containers
    service      a service from its settings to its end
    app          all routes
    routes       routes that name themselves; the files of the page
    front        what every request passes: id, token, errors, figures, log line
    access       who may ask: token, hosts, origins
    overload     every 503 that says that there is too much to do
    answers      JSON, and errors of one form
    fields       fields of a JSON body: check, decoded value and schema
    settings     Settings and Limits
    http/        connections and bodies within limits, on uvicorn
    forecast/    POST /forecast
    reading/     POST /read, where the service is handed a reader of files
    inference/   /v2, the Open Inference Protocol
    models/      the models, their queues and runs
    about/       descriptions, metrics, logs
"""

from typing import TYPE_CHECKING

from ..errors import ConfigError, ExtraMissingError
from .settings import Limits, Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from .reading.readers import Reader

__all__ = ["ConfigError", "ExtraMissingError", "Limits", "Settings", "serve"]

# Modules of the extra `serve`; any other missing module is a defect and raises.
_MODULES = ("starlette", "uvicorn", "orjson", "prometheus_client", "anyio", "h11")


def serve(settings: Settings, make_reader: "Callable[[], Reader] | None" = None) -> int:
    """Serve bundles until SIGTERM or Ctrl-C; return the exit code.

    Args:
        settings: The bundles, the address, and limits.
        make_reader: Makes the reader of files that POST /read takes; None: there is none.

    Raises:
        ExtraMissingError: The extra `serve` is not installed.
        BundleError: A bundle cannot be read.
        ProviderError: Onnxruntime lacks a provider.
        ConfigError: The address cannot be had.
    """
    try:
        from .service import run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _MODULES:
            raise
        raise ExtraMissingError(
            f"{error.name} is not installed; install the extra: pip install 'lstm-forecaster[serve,cpu]'"
        ) from None
    return run(settings, make_reader)
