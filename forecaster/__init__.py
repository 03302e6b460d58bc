"""Train an LSTM encoder-decoder with scheduled sampling and export it to ONNX."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from forecaster.estimator import Forecaster

__all__ = ["Forecaster"]


def __getattr__(name: str) -> Any:
    """Forecaster, with all that it needs, when it is first asked for: the package itself loads nothing."""
    if name != "Forecaster":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from forecaster.estimator import Forecaster

    return Forecaster


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
