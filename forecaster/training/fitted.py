"""What a fit comes to."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.config import RunConfig
from forecaster.model.network import Network
from forecaster.training.calibration import Calibration
from forecaster.training.epochs import Epoch, best_of
from forecaster.windows.split import Split


@dataclass(frozen=True)
class Fitted:
    """A trained network and how it got there; others beside it."""

    network: Network  # to be served: refitted on all values
    backtest: Network  # its twin, which nothing held out has trained
    config: RunConfig  # with what was decided for the machine: it repeats the fit
    split: Split
    epochs: list[Epoch]
    baselines: dict[str, float]
    seconds: float
    patch_ranks: NDArray[np.int64]  # (vectors, patch × D), of all held-out windows
    calibration: Calibration | None = None  # of the mean of all members
    others: tuple[Fitted, ...] = ()  # further members, see members.py
    mean_mase: float | None = None  # of all members' average, where there are several

    @property
    def members(self) -> tuple[Fitted, ...]:
        """All whose forecasts are averaged."""
        return (self, *self.others)

    @property
    def best(self) -> Epoch:
        """The epoch whose weights were kept; of several members that of the first, with all members' MASE."""
        best = best_of(self.epochs)
        return best if self.mean_mase is None else replace(best, mase=self.mean_mase)

    def relative_errors(self) -> dict[str, float]:
        """The error of the kept weights in units of each baseline's; NaN where a baseline makes none."""
        return {
            name: self.best.mase / error if error > 0 else math.nan for name, error in self.baselines.items()
        }

    def metrics(self) -> dict[str, Any]:
        """What metrics.json holds."""
        return {
            "validation": asdict(self.best),
            "baselines_mase": self.baselines,
            "relative_errors": self.relative_errors(),
            "windows": {
                name: len(getattr(self.split, name)) for name in ("train", "validation", "calibration")
            },
            "calibration": self.calibration.metrics() if self.calibration else None,
            "seconds": round(self.seconds, 2),
            **self._metrics_of_members(),
        }

    def _metrics_of_members(self) -> dict[str, Any]:
        """What each reached alone, where there are several."""
        if not self.others:
            return {}
        each = [(fitted.config.train.seed, best_of(fitted.epochs)) for fitted in self.members]
        alone = {"seed": [seed for seed, _ in each], "mase": [best.mase for _, best in each]}
        return {"members": {**alone, "validation_loss": [best.validation_loss for _, best in each]}}
