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

from deploy.bundle import Manifest
from deploy.predictor import Forecast
from forecaster.config import RunConfig
from forecaster.data.columns import Columns
from forecaster.data.panel import Panel
from forecaster.data.timestamps import write_timestamps
from forecaster.recipe import known_reach

if TYPE_CHECKING:  # torch stays out of what only forecasts
    from forecaster.training.fit import Fitted


def messages(*, quiet: bool) -> Console:
    """The console of a command; warnings of the log go there, too."""
    console = Console(stderr=True, quiet=quiet, highlight=False, soft_wrap=True)
    handler = RichHandler(console=console, show_time=False, show_path=False)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=[handler])
    return console


def print_understood(console: Console, data: Path, panel: Panel, config: RunConfig) -> None:
    """What was found in the data and what will be trained."""
    columns, model = panel.columns, config.model
    lengths = panel.lengths()
    span = f"{lengths.min()}" if lengths.min() == lengths.max() else f"{lengths.min()} to {lengths.max()}"
    first, last = write_timestamps(
        panel.timestamps[[panel.timestamps.argmin(), panel.timestamps.argmax()]],
        columns.time_format,
        panel.clock,
    )
    console.print(f"{data}: {panel.series_count} series of {span} values, {first} to {last}")
    roles = {
        "time": (columns.time,) if columns.time else (),
        "time zone": (columns.timezone,) if columns.timezone else (),
        _call_targets(columns): columns.targets,
        "series": columns.series,
        "known": columns.known,
        "past": columns.past,
        "static": columns.static,
        "ignored": columns.ignored,
        "layout": () if columns.layout == "auto" else (columns.layout,),
    }
    told = [f"{role} {', '.join(names)}" for role, names in roles.items() if names]
    console.print(f"  {'; '.join(told)}; step {panel.step}, season {model.season}")
    steps = f"{model.encoder_steps} + {model.decoder_steps} recurrent steps of {model.patch_length}"
    console.print(
        f"  forecasting {model.horizon} steps from {model.context_length}: {steps}, "
        f"{model.hidden_size} units, {model.normalization}, {config.train.schedule} curriculum"
        + (f", never below {model.lower:g}" if model.lower is not None else "")
    )
    if columns.unused_numbers:
        console.print(f"  {', '.join(columns.unused_numbers)}: not used; --past uses them along the history")
    if columns.known and known_reach(panel) == model.horizon:
        console.print(
            f"  {', '.join(columns.known)} known for {model.horizon} steps, so no more; --horizon overrules"
        )


def _call_targets(columns: Columns) -> str:
    if columns.joint:
        return "joint targets"
    return "targets" if len(columns.targets) > 1 else "target"


def resuming_command() -> str:
    """The command line that goes on with this fit."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--resume"]
    return shlex.join(["forecaster", *arguments, "--resume"])


def print_fitted(console: Console, output: Path, fitted: Fitted) -> None:
    """How good the network is, how long it took, and what to do next."""
    count = len(fitted.split.validation)
    ratios = [
        f"not comparable with {name}, which makes no error" if math.isnan(ratio) else f"{ratio:.3f} of {name}"
        for name, ratio in fitted.relative_errors().items()
    ]
    console.print(
        f"free-running validation error {fitted.best.mase:.3f} "
        f"(MASE, {count} window{'s' if count > 1 else ''}): {', '.join(ratios)}"
    )
    console.print(f"took {fitted.seconds:.0f} s; run folder: {output}")


def print_exported(console: Console, path: Path, manifest: Manifest) -> None:
    """Where the bundle is and how well its graphs agree with torch."""
    size = sum(file["bytes"] for file in manifest.files.values())
    console.print(
        f"{path}: {size / 1024:.0f} KiB; the graphs differ from float64 torch by at most "
        f"{max(manifest.parity['graph'], manifest.parity['step_loop']):.1e} of a forecast's range "
        f"(float32 torch itself: {manifest.parity['float32_torch']:.1e})"
    )


def print_forecast(console: Console, output: Path, panel: Panel, forecast: Forecast) -> None:
    """Where the forecasts are."""
    batch, horizon, _ = forecast.quantiles.shape
    console.print(f"{batch} series, {horizon} steps of {panel.step}: {output}")
