"""What the commands say, on stderr."""

from __future__ import annotations

import logging
import math
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.logging import RichHandler

from deploy.bundle.bundle import Manifest
from deploy.predictor import Forecast
from forecaster.config import RunConfig
from forecaster.data.panel.panel import Panel
from forecaster.training.epochs import Epoch, best_of

if TYPE_CHECKING:  # torch stays out of what only forecasts
    from forecaster.data.understood import Understood
    from forecaster.training.calibration import Calibration
    from forecaster.training.fitted import Fitted


def plain_console(*, quiet: bool) -> Console:
    """A console on stderr that prints what it is given: names of columns and files are no markup."""
    return Console(stderr=True, quiet=quiet, highlight=False, soft_wrap=True, markup=False, emoji=False)


def messages(*, quiet: bool) -> Console:
    """The console of a command; warnings of the log go there, too."""
    console = plain_console(quiet=quiet)
    handler = RichHandler(console=console, show_time=False, show_path=False)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=[handler])
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # where its font cache goes concerns nobody
    return console


def print_understood(console: Console, understood: Understood) -> None:
    """What was found in the data, to be checked at a glance."""
    console.print("\n".join(understood.lines()))


def print_plan(console: Console, understood: Understood, config: RunConfig) -> None:
    """What will be trained."""
    model = config.model
    steps = f"{model.encoder_steps} + {model.decoder_steps} recurrent steps of {model.patch_length}"
    console.print(
        f"forecasting {model.horizon} steps from {model.context_length}: {steps}, "
        f"{model.hidden_size} units, {model.normalization}, {config.train.schedule} curriculum"
        + (f", never below {model.lower:g}" if model.lower is not None else "")
    )
    if understood.known_ahead == model.horizon:
        names = ", ".join(understood.known)
        console.print(f"  {names} known for {model.horizon} steps, so no more; --horizon overrules")


def resuming_command() -> str:
    """The command line that goes on with this fit."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--resume"]
    return shlex.join(["forecaster", *arguments, "--resume"])


def print_fitted(console: Console, fitted: Fitted, output: Path | None = None) -> None:
    """How good the network is, how long it took, and where it is, if it was written."""
    count = len(fitted.split.validation)
    ratios = [
        f"not comparable with {name}, which makes no error" if math.isnan(ratio) else f"{ratio:.3f} of {name}"
        for name, ratio in fitted.relative_errors().items()
    ]
    console.print(
        f"free-running validation error {fitted.best.mase:.3f} "
        f"(MASE, {count} window{'s' if count > 1 else ''}): {', '.join(ratios)}"
    )
    has_members = len(fitted.logs) > 1
    if has_members:
        alone = ", ".join(f"{best_of(log).mase:.3f}" for log in fitted.logs)
        console.print(f"that is the mean of {len(fitted.logs)} members; each alone: {alone}")
    if fitted.config.model.decoder_steps > 1:
        of_whom = " (first member)" if has_members else ""
        console.print(exposure_bias(fitted.best) + of_whom)
    if fitted.calibration:
        console.print(calibrated(fitted.calibration))
    where = f"; run folder: {output}" if output else ""
    console.print(f"took {fitted.seconds:.0f} s{where}")


def calibrated(calibration: Calibration) -> str:
    """What the intervals were calibrated on."""
    count = calibration.windows
    if not count:
        return "intervals not calibrated: too few values to hold out any for it"
    windows = f"{count} held-out window{'s' if count > 1 else ''} without overlap"
    steps = "each step by itself" if calibration.by_step else "all steps together, since these are few"
    return f"intervals calibrated on {windows}: {steps}"


def exposure_bias(best: Epoch) -> str:
    """How much more the `next` rows lose on their own medians than on the truth, in all and in the end."""
    if math.isnan(best.exposure_bias):
        return "exposure bias not known: no teacher-forced loss to compare with"
    line = f"exposure bias {best.exposure_bias:.3f}: free-running over teacher-forced loss of the next rows"
    free, forced = best.free_loss[-1], best.forced_loss[-1]
    if not forced > 0:  # or NaN, where the last step has no values
        return line
    steps = len(best.free_loss)
    return f"{line}; {free / forced:.3f} in the last of {steps} decoder steps ({free:.4f} over {forced:.4f})"


def print_exported(console: Console, path: Path, manifest: Manifest) -> None:
    """Where the bundle is and how well its graphs agree with torch."""
    size = sum(file["bytes"] for file in manifest.files.values())
    console.print(
        f"{path}: {size / 1024:.0f} KiB; the graphs differ from float64 torch by at most "
        f"{max(manifest.parity['graph'], manifest.parity['step_loop']):.1e} of a forecast's range "
        f"(float32 torch itself: {manifest.parity['float32_torch']:.1e})"
    )


def print_triton(console: Console, place: Path) -> None:
    """Where Triton's model is and how a server is started on it."""
    repository = place.resolve().parent
    console.print(f"{place}: a model of Triton, for tritonserver --model-repository={repository}")


def print_forecast(console: Console, outputs: list[Path], panel: Panel, forecast: Forecast) -> None:
    """Where the forecasts are, and the sample paths if there are any."""
    batch, horizon, _ = forecast.quantiles.shape
    files = " and ".join(map(str, outputs))
    console.print(f"{batch} series, {horizon} steps of {panel.step}: {files}")


def print_report(console: Console, report: Path) -> None:
    """Where the page is and how large."""
    console.print(f"{report}: {report.stat().st_size / 1024:.0f} KiB, one file that needs nothing else")
