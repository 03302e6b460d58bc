"""A fit as it goes along: a bar on a terminal, a plain line an epoch elsewhere. All of it on stderr."""

from __future__ import annotations

import math
import time

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from torch import Tensor

from forecaster.run.folder import RunFolder
from forecaster.training.epochs import Epoch

REFRESH_SECONDS = 0.1
STAGES = {
    "backtest": "the best weights go on without the held-out values, to be calibrated on these",
    "refit": "the best weights go on with all values",
}


class FitProgress:
    """Listens to a fit, shows where it is and keeps its log. Use as a context."""

    def __init__(self, console: Console, folder: RunFolder | None = None) -> None:
        self._console, self._folder = console, folder
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[status]}"),
            TimeRemainingColumn(compact=True),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task: TaskID | None = None
        self._naive = math.nan
        self._moved = 0.0
        self._member, self._prefix = 1, ""

    def __enter__(self) -> FitProgress:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def on_member(self, number: int, count: int) -> None:
        """Begin the epochs of a member."""
        self._member, self._prefix = number, f"member {number} of {count}  "
        self._console.print(self._prefix.rstrip())

    def on_start(self, baselines: dict[str, float]) -> None:
        """Remember what to compare with."""
        self._naive = baselines["seasonal naive"]
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._task = self._bar.add_task(f"{self._prefix}epoch 1", total=1.0, status="")

    def on_stage(self, stage: str) -> None:
        """Begin the bar anew: what was selected goes on."""
        self._console.print(f"{self._prefix}{STAGES[stage]}")
        if self._task is not None:
            self._bar.update(self._task, description=f"{self._prefix}{stage}", completed=0.0, status="")

    def on_update(self, progress: float, loss: Tensor) -> None:
        """Move the bar, as often as it is drawn."""
        if self._task is not None and time.monotonic() - self._moved > REFRESH_SECONDS:
            self._moved = time.monotonic()
            self._bar.update(self._task, completed=progress, status=f"loss {float(loss):.4f}")

    def on_epoch(self, epochs: list[Epoch]) -> None:
        """Leave a line behind."""
        epoch = epochs[-1]
        if self._folder is not None:
            self._folder.write_log(epochs, self._member)
        left = epoch.seconds * (1 / epoch.progress - 1)
        relative = f"{epoch.mase / self._naive:.3f} of seasonal naive  " if self._naive > 0 else ""
        self._console.print(
            f"epoch {epoch.epoch:>3}  loss {epoch.train_loss:.4f}  validation {epoch.validation_loss:.4f}  "
            f"{relative}forced {epoch.forced_share:.2f}  {left:.0f} s left{'  *' if epoch.best else ''}",
            highlight=False,
            soft_wrap=True,
        )
        if self._task is not None:
            self._bar.update(self._task, description=f"{self._prefix}epoch {epoch.epoch + 1}")
