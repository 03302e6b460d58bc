"""Choose what is scored: the windows of a panel, and the model that has not seen them."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy import Predictor
from deploy.errors import RunError
from deploy.request.inputs import check_horizon
from forecaster.data import Panel
from forecaster.evaluation.origins import Choice, Rolling, choose_windows
from forecaster.export.bundle import write_bundle
from forecaster.run.record import Seen, find_seen
from forecaster.run.run import Run


@dataclass(frozen=True)
class EvaluationOptions:
    """Which windows to score. Lengths are in steps; None = as said."""

    horizon: int | None = None  # the trained one
    stride: int | None = None  # the horizon
    windows: int | None = None  # of each series the latest; all


@dataclass(frozen=True)
class Served:
    """The predictor that is scored."""

    predictor: Predictor
    bundle: Path | None  # None: exported for this evaluation


@dataclass(frozen=True)
class Scored:
    """The windows that are scored, and the model that forecasts them without having seen them."""

    run: Run
    served: Served
    seen: Seen
    choice: Choice
    rolling: Rolling


def choose_scored(
    run: Run, panel: Panel, served: Served, options: EvaluationOptions, seen: Seen | None = None
) -> Scored:
    """Choose windows after all that the fit saw, or held-out ones with the twin that has not seen them.

    seen: what is not fresh, if more than the run saw. Raises DataError if there are none, InputError for a
    horizon that the model does not have.
    """
    manifest, seen = served.predictor.manifest, seen or find_seen(run.path, run.data, panel)
    horizon = check_horizon(manifest, options.horizon)
    rolling = Rolling(manifest.context_length, horizon, options.stride or horizon)
    choice = choose_windows(panel, seen.used, seen.trained, rolling, options.windows)
    if choice.kind == "validation" and run.backtest is not None:
        run = run.held_back
        served = Served(export_now(run), None)
    return Scored(run, served, seen, choice, rolling)


def load_served(run: Run) -> Served:
    """Return the run's bundle, or one that is exported now. Raises RunError for a bundle of another run."""
    path = run.path / "bundle"
    if not path.exists():
        return Served(export_now(run), None)
    predictor = Predictor.load(path)
    training = predictor.manifest.training
    if (training.get("data", {}).get("sha256"), training.get("metrics")) != (run.data.sha256, run.metrics):
        raise RunError(f"{path} was not exported from {run.path} as it is; export it again, or remove it")
    return Served(predictor, path)


def export_now(run: Run) -> Predictor:
    """Export a run into memory; no file stays."""
    with TemporaryDirectory() as folder:
        write_bundle(run, Path(folder) / "bundle")
        return Predictor.load(Path(folder) / "bundle")
