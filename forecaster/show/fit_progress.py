"""A fit as it goes along, on stderr: what was understood, a bar on a terminal, a line an epoch, a result.

It loads rich alone, so that a terminal shows at once that something is done: torch takes seconds to load.
"""

import itertools
import math
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from forecaster.show.console import NOT_CALIBRATED, SPINNER, WAITING, NotesInBlock

if TYPE_CHECKING:
    from torch import Tensor

    from forecaster.config import RunConfig
    from forecaster.data import Understood
    from forecaster.run.run import Run
    from forecaster.training.calibration import Calibration
    from forecaster.training.epochs import Epoch
    from forecaster.training.fitted import Fitted
    from forecaster.training.machine.pace import Pace

REFRESH_SECONDS = 0.1
ROOMY, WIDE_BAR, NARROW_BAR = 64, 24, 6  # characters of a terminal, and of the bar in it
SPARED = (("left",), ("forced",), ("loss",), ("relative",))  # parts of an epoch's line, the bar has them, too
STAGES = {
    "backtest": "the best weights continue without the held-out values, to be calibrated on these",
    "refit": "the best weights continue with all values",
}


class NetworkProgress:
    """A listener to one network, or to one member of several: a task of the bar, and lines that name it."""

    def __init__(self, console: Console, bar: Progress, prefix: str = "") -> None:
        self._console, self._bar, self._prefix = console, bar, prefix
        self._task: TaskID | None = None
        self._naive = math.nan
        self._moved = 0.0

    def of_member(self, number: int, count: int) -> "NetworkProgress":
        """Return the listener to a member; the tasks of those that are done leave the bar."""
        for task in self._bar.tasks:
            if task.finished:
                self._bar.remove_task(task.id)
        return NetworkProgress(self._console, self._bar, f"member {number} of {count}  ")

    def on_pace(self, pace: "Pace") -> None:
        """Take note of nothing: it is in the run."""

    def on_start(self, baselines: dict[str, float]) -> None:
        """Remember the baseline to compare with."""
        self._naive = baselines["seasonal naive"]
        self._bar.start()
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._task = self._bar.add_task(f"{self._prefix}epoch 1", total=1.0, status="")

    def on_stage(self, stage: str) -> None:
        """Begin the bar again: the selected weights train further."""
        self._console.print(f"{self._prefix}{STAGES[stage]}")
        if self._task is not None:
            self._bar.update(self._task, description=f"{self._prefix}{stage}", completed=0.0, status="")

    def on_resumed(self, where: str) -> None:
        """Print where a stage continues."""
        self._console.print(f"{self._prefix}continues {where}")

    def on_interrupt(self, where: str) -> bool:
        """Offer to finish, where somebody can read it and press Ctrl-C again."""
        if not self._console.is_terminal or self._console.quiet:
            return False
        self._console.print(
            f"interrupted {where}: finishing with the best weights so far; press Ctrl-C again to end at once"
        )
        return True

    def on_update(self, progress: float, loss: "Tensor") -> None:
        """Move the bar, as often as it is drawn."""
        if self._task is not None and time.monotonic() - self._moved > REFRESH_SECONDS:
            self._moved = time.monotonic()
            self._bar.update(self._task, completed=progress, status=f"loss {float(loss):.4f}")

    def on_epoch(self, epochs: "list[Epoch]") -> None:
        """Print a line that stays; of several members those of their best epochs alone."""
        epoch = epochs[-1]
        if self._task is not None:
            self._bar.update(self._task, description=f"{self._prefix}epoch {epoch.epoch + 1}")
        if self._prefix and not epoch.best:
            return
        parts = {
            "epoch": f"{self._prefix}epoch {epoch.epoch:>3}",
            "loss": f"loss {epoch.train_loss:.4f}" if epoch.updates else "pretrained ",
            "validation": f"validation {_loss(epoch.validation_loss)}",
            "relative": f"{epoch.mase / self._naive:.3f} of seasonal naive" if self._naive > 0 else "",
            "forced": f"forced {epoch.forced_share:.2f}",
            "left": f"{epoch.seconds * (1 / epoch.progress - 1):.0f} s left" if epoch.updates else "",
        }
        width = self._console.width if self._console.is_terminal else None
        self._console.print(epoch_line(parts, width, is_best=epoch.best))


class FitProgress(NetworkProgress):
    """A listener of a fit that shows where it is. Use as a context."""

    def __init__(self, console: Console) -> None:
        bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=WIDE_BAR if console.width >= ROOMY else NARROW_BAR),
            TextColumn("{task.fields[status]}"),
            TimeRemainingColumn(compact=True),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        super().__init__(console, bar)
        shows = console.is_terminal and not console.quiet
        self._waiting = console.status(WAITING) if shows else None  # until there is a bar
        self._notes = NotesInBlock()

    def __enter__(self) -> "FitProgress":
        self._notes.__enter__()
        if self._waiting is not None:
            self._waiting.start()
            self._waiting.update(spinner=SPINNER)  # drawn now, not a refresh later
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_waiting()
        self._bar.stop()
        self._notes.__exit__()

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.stop()

    def on_prepared(self, understood: "Understood", config: "RunConfig") -> None:
        """Print what was found in the data, to be checked at a glance, and what will be trained."""
        self._notes.print_block(self._console, understood)
        self._console.print(plan(understood, config))

    def of_member(self, number: int, count: int) -> NetworkProgress:
        """Return the listener to a member, which needs the place of what waits."""
        self._stop_waiting()
        return super().of_member(number, count)

    def on_start(self, baselines: dict[str, float]) -> None:
        """Begin the bar, in the place of what waits."""
        self._stop_waiting()
        super().on_start(baselines)

    def on_nothing_left(self, run: "Run") -> None:
        """Print that the fit that was to be resumed is finished."""
        where = run.metrics.get("interrupted")
        early = f" early, interrupted {where}" if where else ""
        self._console.print(f"the fit at {run.path} is finished{early}: nothing is left to do")

    def on_fitted(self, fitted: "Fitted", output: Path | None) -> None:
        """Print how good the network is, how long it took, and where it is, if it was written."""
        self._bar.stop()
        self._console.print("\n".join(result(fitted)))
        if fitted.interrupted:
            self._console.print(f"interrupted {fitted.interrupted}: kept are the best weights until then")
        where = f"; run folder: {output}" if output else ""
        self._console.print(f"took {fitted.seconds:.0f} s{where}")


def epoch_line(parts: dict[str, str], width: int | None, *, is_best: bool) -> str:
    """Return the parts of an epoch's line, without those that a narrow terminal has no room for."""
    left_out: tuple[str, ...] = ()
    for left_out in itertools.accumulate(SPARED, initial=()):
        if (
            width is None
            or sum(len(part) + 2 for name, part in parts.items() if name not in left_out) < width
        ):
            break
    shown = [part for name, part in parts.items() if part and name not in left_out]
    return "  ".join([*shown, *(["*"] if is_best else [])])


def plan(understood: "Understood", config: "RunConfig") -> str:
    """Return what will be trained, in a line or two."""
    model = config.model
    steps = f"{model.encoder_steps} + {model.decoder_steps} recurrent steps of {model.patch_length}"
    line = (
        f"forecasting {model.horizon} steps from {model.context_length}: {steps}, "
        f"{model.hidden_size} units, {model.normalization}, {config.train.schedule} curriculum"
        + (f", never below {model.lower:g}" if model.lower is not None else "")
    )
    if understood.known_ahead != model.horizon:
        return line
    names = ", ".join(understood.columns.known)
    return f"{line}\n  {names} known for {model.horizon} steps, so no more; --horizon overrules"


def result(fitted: "Fitted") -> list[str]:
    """Return how good the network is and what its intervals were calibrated on, a line each."""
    from forecaster.training.epochs import best_of

    count = len(fitted.split.validation)
    if not count:
        return ["nothing was trained: forecasts are those of the pretrained network"]
    ratios = [
        f"not comparable with {name}, which makes no error" if math.isnan(ratio) else f"{ratio:.3f} of {name}"
        for name, ratio in fitted.relative_errors().items()
    ]
    windows = f"{count} window{'s' if count > 1 else ''}"
    lines = [f"free-running validation error {fitted.best.mase:.3f} (MASE, {windows}): {', '.join(ratios)}"]
    if math.isnan(fitted.best.mase):  # a constant, or one with gaps wherever a season before has a value
        loss = _loss(fitted.best.validation_loss)
        lines = [
            f"free-running validation loss {loss} ({windows}); no MASE, since no values that train differ "
            "from those of a season before"
        ]
    has_members = len(fitted.logs) > 1
    if has_members:
        alone = ", ".join(f"{best_of(log).mase:.3f}" for log in fitted.logs)
        lines.append(f"that is the mean of {len(fitted.logs)} members; each alone: {alone}")
    if fitted.config.model.decoder_steps > 1:
        of_whom = " (first member)" if has_members else ""
        lines.append(exposure_bias(fitted.best) + of_whom)
    if not fitted.config.train.updates:
        lines.append("nothing was trained: there were no updates to make")
    return [*lines, *([calibrated(fitted.calibration)] if fitted.calibration else [])]


def _loss(loss: float) -> str:
    return "-" if math.isnan(loss) else f"{loss:.4f}"  # no window varies, so there is nothing to compare


def calibrated(calibration: "Calibration") -> str:
    """Return what the intervals were calibrated on."""
    count = calibration.windows
    if not count:
        return NOT_CALIBRATED
    windows = f"{count} held-out window{'s' if count > 1 else ''} without overlap"
    steps = "each step by itself" if calibration.by_step else "all steps together, since these are few"
    return f"intervals calibrated on {windows}: {steps}"


def exposure_bias(best: "Epoch") -> str:
    """Return how much more the `next` rows lose on their own medians than on the truth."""
    if math.isnan(best.exposure_bias):
        return "exposure bias not known: no teacher-forced loss to compare with"
    line = f"exposure bias {best.exposure_bias:.3f}: free-running over teacher-forced loss of the next rows"
    free, forced = best.free_loss[-1], best.forced_loss[-1]
    if not forced > 0:  # or NaN, where the last step has no values
        return line
    steps = len(best.free_loss)
    return f"{line}; {free / forced:.3f} in the last of {steps} decoder steps ({free:.4f} over {forced:.4f})"
