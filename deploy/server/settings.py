"""Settings of a service: its bundles, where it listens, and how much it takes on."""

import ipaddress
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from ..bundle.bundle import Manifest
from ..bundle.segments import find_segments
from ..errors import ConfigError

DEFAULT_NAME = "forecast"
# Names that a URL and a label of a metric take without escapes.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
LONGEST_NAME = 64
OTHERS = re.compile(r"[^A-Za-z0-9_.-]+")  # letters that no name of a model has
LARGEST = 2**63  # what JSON and counters hold
# Names of hosts, and addresses; of IPv6 as a URL has them, or without brackets.
HOST = re.compile(r"[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\]|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
# RFC 6750: what a bearer token may be made of.
RANGES = {"port": (65535, ""), "drain": (3600, " seconds"), "reload": (86400, " seconds")}  # from 0
TOKEN = re.compile(r"[A-Za-z0-9._~+/-]{8,512}=*")


class SettingError(ConfigError):
    """A field that cannot be what it is. said: what follows its name, or that of an option."""

    def __init__(self, name: str, said: str) -> None:
        super().__init__(f"{name} {said}")
        self.name, self.said = name, said


@dataclass(frozen=True)
class Limits:
    """Limits of requests; what is beyond is refused before it costs anything.

    Each is an option of the command line, and checked on construction: raises ConfigError.

    Attributes:
        body: Bytes of a request.
        series: Series of a request.
        points: Values of a request in all its series, and values of its answer.
        horizon: Steps; None: as far as each model goes.
        paths: Sample paths of a request, of all its series together.
        draws: Values of all these paths: paths × steps × targets; a second or two of computing.
        queue: Series that wait while a run is under way.
        connections: With a request under way at a time; fewer where there are fewer files.
        answers: Bytes of answers that wait to be taken, in all.
        timeout: Seconds until a request is answered with 504.
        receive: Seconds until a request is whole, else 408, and until an answer is taken.
        file: Bytes of a file that is read, by a service with a reader.
        reading: Seconds until a file is read, else 504.
    """

    body: int = 8 << 20
    series: int = 1024
    points: int = 1_000_000
    horizon: int | None = None
    paths: int = 10_000
    draws: int = 500_000
    queue: int = 128
    connections: int = 1024
    answers: int = 32 << 20
    timeout: float = 10.0
    receive: float = 30.0
    file: int = 32 << 20
    reading: float = 30.0

    def __post_init__(self) -> None:
        for limit in fields(self):
            value = getattr(self, limit.name)
            if limit.name == "horizon" and value is None:
                continue
            if not (_is_number(value) and 0 < value < LARGEST):
                end = " and below 2^63" if _is_number(value) and value >= LARGEST else ""
                raise SettingError(limit.name, f"must be a number above 0{end}, found {value!r}")

    def longest_horizon(self, manifest: Manifest) -> int:
        """Return the steps that a request may ask of a model.

        Args:
            manifest: That of the model.
        """
        return min(manifest.max_horizon, self.horizon or manifest.max_horizon)

    def most_judged(self, manifest: Manifest) -> int:
        """Return how many last values may be judged; none where no levels are on both sides of 0.5.

        Args:
            manifest: That of the model.
        """
        levels = manifest.quantile_levels
        return min(manifest.horizon, self.longest_horizon(manifest)) if levels[0] < 0.5 < levels[-1] else 0


@dataclass(frozen=True)
class Segment:
    """The part of a folder of runs that a model is for.

    Attributes:
        group: The name under which the folder is served.
        values: Of the columns that the runs are apart by.
    """

    group: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class Settings:
    """Settings of a service, checked on construction: raises ConfigError.

    Attributes:
        bundles: Model name -> folder; the first is the one that is meant where none is named.
        host: The address to listen on.
        port: 0: any that is free.
        provider: As of Predictor.load.
        token: What requests have to bring; None: nothing.
        hosts: Names that requests may be for, as well as those of loopback.
        batching: Series of requests that wait go into one run.
        isolate: A process for each bundle, started again if it crashes.
        reload: Seconds between two looks at whether a bundle is another; 0: only when SIGHUP asks.
        drain: Seconds between "not ready" and the end, in which balancers look elsewhere.
        quiet: No log line for a request that was answered.
        limits: Limits of requests.
        segments: Of models that are each for a part of the series, which part.
    """

    bundles: dict[str, Path]
    host: str = "127.0.0.1"
    port: int = 8000
    provider: str = "auto"
    token: str | None = None
    hosts: tuple[str, ...] = ()
    batching: bool = True
    isolate: bool = False
    reload: float = 2.0
    drain: float = 5.0
    quiet: bool = False
    limits: Limits = field(default_factory=Limits)
    segments: Mapping[str, Segment] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.bundles:
            raise ConfigError("no bundle to serve; expected a folder that `forecaster export` wrote")
        for name in self.bundles:
            if not NAME.fullmatch(name):
                raise ConfigError(
                    f"a model cannot be called {name!r}; expected up to 64 letters, digits, '_', '-' and "
                    "'.', the first a letter or a digit, as in sales=run/bundle"
                )
        for setting, (most, unit) in RANGES.items():
            value = getattr(self, setting)
            if not (_is_number(value) and 0 <= value <= most):
                raise SettingError(setting, f"must be from 0 to {most}{unit}, found {value!r}")
        for name in self.hosts:
            if not HOST.fullmatch(name):
                said = f"takes a name without scheme and port, such as example.com, found {name!r}"
                raise SettingError("hosts", said)
        if self.token is not None and not TOKEN.fullmatch(self.token):
            raise ConfigError(
                "the token is not one: expected 8 to 512 letters, digits and any of . _ ~ + / -, "
                f"found {len(self.token)} characters"
            )

    @property
    def is_public(self) -> bool:
        """Tell whether other machines may reach it."""
        return not all(map(is_loopback, _addresses(self.host)))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _addresses(host: str) -> set[str]:
    """Return what a name stands for here; the name itself if nobody knows it."""
    try:
        return {str(found[4][0]) for found in socket.getaddrinfo(host, None)}
    except OSError:
        return {host}


def is_loopback(host: str) -> bool:
    """Tell whether a name or an address means this machine, for itself alone."""
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def name_bundles(texts: list[str]) -> dict[str, Path]:
    """Return bundles by model name, of texts NAME=PATH or PATH, which is called DEFAULT_NAME.

    Raises ConfigError for a name that is there twice.
    """
    bundles: dict[str, Path] = {}
    for text in texts:
        name, equals, path = text.partition("=")
        if not equals or "/" in name:  # a path that holds an equals sign
            name, path = DEFAULT_NAME, text
        if name in bundles:
            raise ConfigError(
                f"two bundles are called {name!r}; name them apart: sales=run/bundle load=run2/bundle"
            )
        bundles[name] = Path(path)
    return bundles


def expand(bundles: Mapping[str, Path]) -> tuple[dict[str, Path], dict[str, Segment]]:
    """Return the bundles with those of each folder of segments in its place, and what each of these is for.

    Raises ConfigError for a name that two would have, BundleError for a run without a bundle.
    """
    found: dict[str, Path] = {}
    segments: dict[str, Segment] = {}
    for name, path in bundles.items():
        runs = find_segments(path)
        if runs is None:
            found[name] = path
            continue
        for key, bundle in runs.bundles().items():
            own = f"{name}.{OTHERS.sub('-', '.'.join(key)).strip('-')}"[:LONGEST_NAME]
            if own in found or own in bundles:
                raise ConfigError(f"two segments of {path} would be the model {own}; serve one by its name")
            found[own] = bundle
            segments[own] = Segment(name, dict(zip(runs.by, key, strict=True)))
    return found, segments
