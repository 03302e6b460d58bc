"""The command line of the service, in argparse."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from ..errors import ConfigError
from .health import service_arguments
from .settings import Limits, SettingError, Settings, expand, name_bundles

TOKEN_VARIABLE = "FORECASTER_TOKEN"
LONGEST_TOKEN_FILE = 4096
OPTIONS = {"hosts": "allow-host"}  # by the fields of Settings that are called otherwise
LIMIT_HELP = {
    "body": "bytes of a request",
    "series": "series of a request",
    "points": "values of a request, and of its answer",
    "horizon": "steps of a forecast; by default as far as the model goes",
    "paths": "sample paths of a request, of all its series",
    "draws": "values of all these sample paths: paths times steps times targets",
    "queue": "series that may wait for a run; what is beyond is refused with 503",
    "connections": "connections with a request under way at a time; fewer where ulimit -n is lower",
    "answers": "bytes of answers that wait to be taken, in all",
    "timeout": "seconds until a request is answered with 504",
    "receive": "seconds until a request has to be there whole, and an answer has to be taken",
    "file": "bytes of a file that POST /read takes, where the service reads files",
    "reading": "seconds until POST /read has read a file, else 504",
}


def read_settings(arguments: Sequence[str] | None, program: str, default: str | None = None) -> Settings:
    """Return the settings that a command line says. default: the bundle if none is named.

    Raises ConfigError; ends the process with code 2 for what argparse refuses, with 0 after --help.
    """
    asked = _parser(program, default).parse_args(arguments)
    texts = [*asked.bundles, *asked.bundle] or ([default] if default else [])
    limits = {name: getattr(asked, name) for name in LIMIT_HELP}
    bundles, segments = expand(name_bundles(texts))
    try:
        return Settings(
            bundles=bundles,
            segments=segments,
            host=asked.host,
            port=asked.port,
            provider=asked.provider,
            token=_token(asked.token_file),
            hosts=tuple(asked.allow_host),
            batching=not asked.no_batching,
            isolate=asked.isolate,
            reload=asked.reload,
            drain=asked.drain,
            quiet=asked.quiet,
            limits=Limits(**limits),
        )
    except SettingError as error:
        raise ConfigError(f"--{OPTIONS.get(error.name, error.name)} {error.said}") from None


def health_address(arguments: Sequence[str] | None, program: str) -> tuple[str, int] | None:
    """Return the host and port of --health: as asked, else of the service of this container; None without."""
    own = sys.argv[1:] if arguments is None else arguments
    if not _parser(program, None).parse_known_args(own)[0].health:
        return None
    asked = _parser(program, None).parse_args([*service_arguments(), *own])
    return asked.host, asked.port


def _parser(program: str, default: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program,
        usage=f"{program} [BUNDLE ...]",
        description="Serve bundles over HTTP: POST /forecast, and the Open Inference Protocol under /v2.",
        epilog=f"A token that requests have to bring may also stand in the variable {TOKEN_VARIABLE}.",
    )
    bundle = "a folder that `forecaster export` wrote, or of the runs of `fit --by`; NAME=FOLDER names it"
    if default:
        bundle += f"; default: {default}"
    parser.add_argument("bundles", metavar="BUNDLE", nargs="*", default=[], help=bundle)
    parser.add_argument(
        "--bundle", metavar="BUNDLE", action="append", default=[], help="the same; repeatable"
    )
    parser.add_argument("--host", default=Settings.host, help="address to listen on; default: %(default)s")
    parser.add_argument("--port", type=int, default=Settings.port, help="default: %(default)s; 0: any")
    parser.add_argument("--provider", default=Settings.provider, help="cpu, cuda, or a name of onnxruntime's")
    parser.add_argument(
        "--token-file", metavar="FILE", type=Path, help="file of the token that requests bring"
    )
    parser.add_argument(
        "--allow-host",
        metavar="NAME",
        action="append",
        default=[],
        help="a name that requests without a token may be for, as of a proxy on this machine; repeatable",
    )
    _add_running(parser)
    _add_limits(parser)
    return parser


def _add_running(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-batching", action="store_true", help="a run for each request")
    parser.add_argument(
        "--isolate", action="store_true", help="a process for each bundle, started again if it crashes"
    )
    parser.add_argument(
        "--reload",
        metavar="SECONDS",
        type=float,
        default=Settings.reload,
        help="between two looks whether a bundle is another, which then serves; default: %(default)s; "
        "0: only on SIGHUP",
    )
    parser.add_argument(
        "--drain",
        metavar="SECONDS",
        type=float,
        default=Settings.drain,
        help="after SIGTERM, how long to serve on while not ready; default: %(default)s",
    )
    parser.add_argument(
        "--health",
        action="store_true",
        help="ask the service on --host and --port, in a container the one there, whether it is ready: "
        "ends with 0 or 1",
    )
    parser.add_argument("--quiet", action="store_true", help="log no request that was answered well")


def _add_limits(parser: argparse.ArgumentParser) -> None:
    limits = parser.add_argument_group("limits")
    for name, words in LIMIT_HELP.items():
        value = getattr(Limits, name)
        kind = float if isinstance(value, float) else int
        shown = words if value is None else f"{words}; default: {value}"
        limits.add_argument(f"--{name}", metavar="N", type=kind, default=value, help=shown)


def _token(path: Path | None) -> str | None:
    """Return the token of a file, else of the environment. Raises ConfigError for a file that holds none."""
    if path is None:
        token = os.environ.get(TOKEN_VARIABLE)
        if token == "":
            raise ConfigError(f"{TOKEN_VARIABLE} is empty; expected a token, or the variable not set")
        return token
    try:
        with path.open("rb") as file:
            content = file.read(LONGEST_TOKEN_FILE)
        return content.decode("ascii").strip()
    except OSError as error:
        raise ConfigError(f"--token-file {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"--token-file {path}: a token has ASCII characters only") from None
