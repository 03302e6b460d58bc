"""How much one request may ask for, and how much may wait."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from ..errors import ConfigError


@dataclass(frozen=True)
class Limits:
    """Each is an option of the command line; what is beyond is refused before it costs anything."""

    body: int = 8 << 20  # bytes of a request
    series: int = 1024  # of a request
    points: int = 1_000_000  # values of a request in all its series, and values of its answer
    horizon: int | None = None  # steps; None: as far as each model goes
    paths: int = 10_000  # sample paths of a request, of all its series together
    queue: int = 128  # series that wait while a run is under way
    connections: int = 1024  # open at a time
    timeout: float = 10.0  # seconds until a request is answered with 504
    receive: float = (
        30.0  # seconds until a request has arrived whole (else 408), and until an answer is taken
    )

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "horizon" and value is None:
                continue
            if isinstance(value, bool) or not 0 < value < math.inf:
                raise ConfigError(f"--{field.name} must be a number above 0, found {value!r}")
