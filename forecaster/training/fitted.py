"""The result of a fit."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.config import RunConfig
from forecaster.data import Panel
from forecaster.model.ensemble import Ensemble
from forecaster.model.network import Network
from forecaster.training.calibration import Calibration
from forecaster.training.epochs import Epoch, best_of, without_training
from forecaster.windows.runs import Runs
from forecaster.windows.split import Split
from forecaster.windows.windows import WindowSet


@dataclass(frozen=True)
class Fitted:
    """Trained networks and how they got there."""

    ensemble: Ensemble  # to be served: refitted on all values
    backtest: Ensemble | None  # the twins of these, which nothing held out has trained; None: no refit
    config: RunConfig  # with what was decided for the machine: it repeats the fit
    split: Split
    logs: tuple[tuple[Epoch, ...], ...]  # of each member
    baselines: dict[str, float]
    seconds: float
    patch_ranks: NDArray[np.int64]  # (vectors, patch × D), of all held-out windows
    calibration: Calibration | None = None
    interrupted: str | None = None  # where Ctrl-C ended it early, with the best weights until then
    is_last: bool = False  # Ctrl-C asked for no further member
    mean_mase: float | None = None  # of the whole forecast: of several members, or weighed

    @classmethod
    def untrained(cls, panel: Panel, config: RunConfig, networks: Sequence[Network]) -> "Fitted":
        """Return networks that are served as they are, since the panel holds too few values to train them."""
        return cls(
            ensemble=Ensemble(networks).eval(),
            backtest=None,
            config=config,
            split=_without_windows(panel, config),
            logs=((without_training(),),) * len(networks),
            baselines={},
            seconds=0.0,
            patch_ranks=np.empty((0, config.model.patch_width), np.int64),
        )

    def without_windows(self) -> "Fitted":
        """Return the same without its windows, which another process cuts faster than it reads them."""
        return replace(self, split=_without_windows(self.split.train.panel, self.config))

    @property
    def held_back(self) -> Ensemble:
        """The networks that nothing held out has trained."""
        return self.ensemble if self.backtest is None else self.backtest

    @property
    def best(self) -> Epoch:
        """The epoch whose weights were kept, of the first member; the MASE is that of the whole forecast."""
        best = best_of(self.logs[0])
        return best if self.mean_mase is None else replace(best, mase=self.mean_mase)

    def relative_errors(self) -> dict[str, float]:
        """Return the error of the kept weights over that of each baseline; NaN where that is 0."""
        return {
            name: self.best.mase / error if error > 0 else math.nan for name, error in self.baselines.items()
        }

    def metrics(self) -> dict[str, Any]:
        """Return the content of metrics.json."""
        return {
            "validation": asdict(self.best),
            "baselines_mase": self.baselines,
            "relative_errors": self.relative_errors(),
            "windows": {
                name: len(getattr(self.split, name)) for name in ("train", "validation", "calibration")
            },
            "calibration": self.calibration.metrics() if self.calibration else None,
            "seconds": round(self.seconds, 2),
            **({"members": self._members()} if len(self.logs) > 1 else {}),
            **({"interrupted": self.interrupted} if self.interrupted else {}),
        }

    def _members(self) -> dict[str, Any]:
        """Return what each member reached alone."""
        best = [best_of(log) for log in self.logs]
        return {
            "seed": [self.config.train.seed + number for number in range(len(best))],
            "mase": [epoch.mase for epoch in best],
            "validation_loss": [epoch.validation_loss for epoch in best],
        }


def _without_windows(panel: Panel, config: RunConfig) -> Split:
    nowhere: NDArray[np.int64] = np.empty(0, np.int64)
    none = WindowSet(panel, config.model.context_length, config.model.horizon, Runs(nowhere, nowhere))
    return Split(none, none, none, none, none, panel.offsets[:-1] + 1)
