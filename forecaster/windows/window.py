"""A batch of windows: what the network is given, raw, in data units."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True)
class Window:
    """Histories and what is known of their futures. The names are those of the graphs' inputs."""

    history: Tensor  # float (batch, time) or, joint, (batch, time, D); left-aligned, NaN = missing
    lengths: Tensor  # int64 (batch,), values of each history, at least 1
    horizon: int  # steps to forecast
    timestamps: Tensor | None = None  # int64 (batch, time), seconds of local wall-clock time
    future_timestamps: Tensor | None = None  # int64 (batch, horizon)
    known: Tensor | None = None  # float (batch, time, covariate), NaN = missing
    future_known: Tensor | None = None  # float (batch, horizon, covariate)
    static_cat: Tensor | None = None  # int64 (batch, column), 0 = unknown
    past: Tensor | None = None  # float (batch, time, covariate), NaN = missing
    static: Tensor | None = None  # float (batch, column), NaN = unknown

    def tensors(self) -> dict[str, Tensor]:
        """Return the inputs of forecast.onnx by name."""
        named = {name: value for name, value in vars(self).items() if isinstance(value, Tensor)}
        return {**named, "horizon": torch.tensor([self.horizon])}

    def to(self, device: torch.device) -> "Window":
        """Return the same on a device."""
        moved: dict[str, Any] = {
            name: value.to(device) if isinstance(value, Tensor) else value
            for name, value in vars(self).items()
        }
        return Window(**moved)

    def double(self) -> "Window":
        """Return the same in float64, for references."""
        wide: dict[str, Any] = {
            name: value.double() if isinstance(value, Tensor) and value.is_floating_point() else value
            for name, value in vars(self).items()
        }
        return Window(**wide)
