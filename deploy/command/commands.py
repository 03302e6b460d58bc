"""The commands `check`, `forecast` and `calibrate`: a bundle at work with numpy and onnxruntime alone."""

import platform
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..adaptive.calibrator import Calibrator, offsets_of
from ..bundle.bundle import FILES, MANIFEST, Manifest
from ..engine.engine import Method
from ..engine.providers import runtime
from ..errors import ConfigError
from ..overwriting import check_outputs
from ..places import STANDARD
from ..predictor import Predictor
from .forecast_rows import forecast_rows, write, write_rows
from .history_file import Histories, read_history

WAYS: tuple[tuple[Method, str], ...] = (
    ("graph", "forecast.onnx"),
    ("step", "encoder.onnx, decoder_step.onnx"),
)


def check(bundle: Path, provider: str) -> None:
    """Replay the golden cases by both ways through the bundle, and print how far off they were."""
    predictor = Predictor.load(bundle, providers=provider)
    lines = [f"bundle    {bundle}: whole, as its manifest says"]
    members = predictor.manifest.members
    for method, files in WAYS:
        found = predictor.verify(method)
        first = f" (the first of {members} members)" if method == "step" and members > 1 else ""
        lines.append(
            f"{method:8}  {files}{first}: {found.cases} golden cases replayed, off by at most "
            f"{found.difference:.2g} of a series' largest value; allowed is {found.tolerance:.2g}"
        )
    lines.append(f"provider  {', '.join(predictor.providers)}")
    lines.append(
        f"versions  Python {platform.python_version()}, numpy {np.__version__}, "
        f"onnxruntime {runtime().__version__}"
    )
    write(data=("\n".join(lines) + "\n").encode())


@dataclass(frozen=True)
class ForecastRequest:
    """The options of `forecast`."""

    history: Path
    horizon: int | None = None  # steps; None: as trained
    last_timestamp: str | None = None  # when every history ends, in place of the file's times
    method: Method = "graph"
    levels: tuple[float, ...] = ()  # quantiles to write; none named: all
    output: Path = STANDARD  # a CSV file


def forecast(bundle: Path, provider: str, request: ForecastRequest) -> None:
    """Forecast a file of histories, and write a table. Raises ConfigError, DataError, InputError."""
    files = [bundle / name for name in (MANIFEST, *FILES)]
    check_outputs([("-o", request.output)], [request.history], files)
    predictor = Predictor.load(bundle, providers=provider)
    manifest = predictor.manifest
    refuse_covariates(manifest)
    histories = read_history(request.history, manifest)
    last = last_timestamps(manifest, request, histories)
    found = predictor.forecast(histories.values, request.horizon, last_timestamp=last, method=request.method)
    write_rows(forecast_rows(manifest, histories.series, found, request.levels), request.output)


def calibrate(bundle: Path, provider: str, history: Path, new: int | None) -> None:
    """Let the last values of a file of histories move the forecasts to come; print what was compared.

    Raises ConfigError, DataError, InputError, BundleError.
    """
    predictor = Predictor.load(bundle, providers=provider)
    manifest = predictor.manifest
    before = predictor.calibrator or Calibrator.fresh(manifest)
    histories = read_history(history, manifest, with_covariates=True)
    given, last = histories.given, histories.last_timestamps
    along = {name: getattr(given, name) for name in ("known", "past", "static_cat", "static")}
    after = before.update(predictor, histories.values, new=new, last_timestamp=last, **along)
    try:
        path = after.save(bundle)
    except OSError as error:
        raise ConfigError(f"cannot write {offsets_of(bundle)}: {error.strerror or error}") from None
    steps = after.tracker.compared - before.tracker.compared
    learnt = (
        f"{steps} steps compared, {after.tracker.compared} in all; intervals are {after.tracker.spread:.2f} "
        "times as wide as the model's, before what each step and level adds"
    )
    first = "the end of the histories is noted; values that follow are compared, by the next call"
    write(data=f"{path}: {learnt if after.tracker.compared else first}\n".encode())


def refuse_covariates(manifest: Manifest) -> None:
    """Raise ConfigError for a model that needs more than a file of histories holds."""
    if manifest.known:
        raise ConfigError(
            f"this model needs the covariates {', '.join(manifest.known)} of the coming steps, which a file "
            "of histories does not hold: call deploy.Predictor.forecast(known=..., future_known=...)"
        )
    if manifest.past:
        raise ConfigError(
            f"this model needs the covariates {', '.join(manifest.past)} along each history: "
            "call deploy.Predictor.forecast(past=...)"
        )


def last_timestamps(
    manifest: Manifest, request: ForecastRequest, histories: Histories
) -> list[str | int] | str | int | None:
    """Return when the histories end: as was asked for, else as the file says. Raises ConfigError.

    A number without a calendar; None where it is not known.
    """
    text = request.last_timestamp
    if text is None:
        return histories.last_timestamps
    if manifest.time_step.has_calendar:
        return text
    try:
        return int(text)
    except ValueError:
        raise ConfigError(
            f"--last-timestamp: this model counts rows, expected a number, found {text!r}"
        ) from None
