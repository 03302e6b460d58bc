"""Who is told how a fit goes along."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor

from forecaster.training.epochs import Epoch


class Listener(Protocol):
    """Somebody who watches a fit."""

    def on_start(self, baselines: dict[str, float]) -> None:
        """Before the first update; the scaled validation error of each baseline."""

    def on_update(self, progress: float, loss: Tensor) -> None:
        """After each update; progress in (0, 1] of the stage; to read the loss waits for the device."""

    def on_stage(self, stage: str) -> None:
        """After the selection, before a stage that goes on from it, see refit.py; progress begins anew."""

    def on_epoch(self, epochs: list[Epoch]) -> None:
        """After each validation; all epochs so far."""
