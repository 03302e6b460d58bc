"""The runtime of a predictor: for a log line at the start of a service, and for a report of a problem."""

import platform
from dataclasses import dataclass

import numpy as np

from .providers import runtime

DISTRIBUTION = "lstm-forecaster"


@dataclass(frozen=True)
class RuntimeInfo:
    """The provider, the releases and the bundle that forecasts are computed with.

    Attributes:
        provider: The one in use.
        asked: Those asked for, in order of preference.
        available: What this onnxruntime was built with; not all of it need work.
        versions: Those of python, numpy, onnxruntime and deploy.
        threads: Threads of each session.
        lstm_nodes: Graph -> provider -> LSTM nodes on it, of the graphs in use; None where onnxruntime
            does not tell.
        bundle_digest: The sha256 of the bundle's manifest.
        verified: Whether the golden cases were replayed on this provider, by this predictor.
    """

    provider: str
    asked: tuple[str, ...]
    available: tuple[str, ...]
    versions: dict[str, str]
    threads: int
    lstm_nodes: dict[str, dict[str, int] | None]
    bundle_digest: str
    verified: bool


def versions() -> dict[str, str]:
    """Return the releases of all that computes."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "onnxruntime": runtime().__version__,
        "deploy": _deploy_version(),
    }


def _deploy_version() -> str:
    from importlib.metadata import PackageNotFoundError, version  # 20 ms that no forecast needs

    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:  # the folder was copied, not installed
        return "unknown"
