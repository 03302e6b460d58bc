"""Evaluate: score what a run serves, on values that did not train it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from deploy import Predictor
from deploy.errors import ConfigError, DataError
from deploy.overwriting import check_outputs
from deploy.places import is_standard_output
from deploy.sources.named import paths_of
from forecaster.config import Asked
from forecaster.data import Data, Panel, called
from forecaster.data.panel.panel import steps_before, take_series
from forecaster.data.panel.targets_apart import channels_apart
from forecaster.data.times.timestamps import write_timestamps
from forecaster.evaluation.backtest import MODEL, backtest, measure_units
from forecaster.evaluation.baselines import BASELINES, SEASONAL_NAIVE, choose_baselines
from forecaster.evaluation.metrics import mase, seasonal_scales
from forecaster.evaluation.origins import Choice, Rolling
from forecaster.evaluation.scores import Counts, Evaluation, ExposureBias, Subject
from forecaster.evaluation.summary import baseline_scores, model_scores, relative_scores
from forecaster.evaluation.unit_table import UnitTable
from forecaster.evaluation.units import make_example, rank_units, unit_scores
from forecaster.evaluation.verdict import Gate, check_gates, parse_gates, write_verdict
from forecaster.forecasts.forecast_table import series_apart
from forecaster.forecasts.through_predictor import forecast_panel
from forecaster.run.record import Seen
from forecaster.run.run import Run, load_run
from forecaster.training.validation import compare
from forecaster.windows.windows import WindowSet
from forecaster.workflows.forecast import ForecastRequest, read_request
from forecaster.workflows.in_use import files_of
from forecaster.workflows.rolling import EvaluationOptions, Served, choose_scored, load_served
from forecaster.workflows.upkeep.continuing import read_for_run
from forecaster.workflows.zero_shot import without_a_fit


@dataclass(frozen=True, kw_only=True)
class EvaluateRequest(EvaluationOptions):
    """Which run to score on which file, and what follows from the scores."""

    data: Data
    run: Path
    na: tuple[str, ...] = ()  # texts that mean missing
    output: Path | None = None  # a report; None: none
    fail_over: tuple[str, ...] = ()  # METRIC=VALUE, gates for a machine to decide by
    as_json: bool = False  # whether the scores go to standard output

    @property
    def takes_standard_output(self) -> bool:
        """Whether the report goes to standard output, so that nothing else may."""
        return self.output is not None and is_standard_output(self.output)


@dataclass(frozen=True)
class Evaluated:
    """A scored run."""

    run: Run
    evaluation: Evaluation
    gates: list[Gate]

    def write_report(self, path: Path) -> int:
        """Write the evaluation as one HTML file, and return its bytes. Raises RunError."""
        from forecaster.show.report.page import write_report  # matplotlib is slow to import

        return write_report(path, self.evaluation, self.run)

    def check_gates(self) -> None:
        """Raise QualityError where an overall figure is above its limit."""
        check_gates(self.gates, self.evaluation.overall())


def evaluate(request: EvaluateRequest) -> Evaluated:
    """Score a run on a file. Raises DataError, RunError, BundleError, InputError, ConfigError."""
    gates = parse_gates(request.fail_over)
    _check_output(request)
    run = load_run(request.run)
    panel = read_for_run(request.data, run, Asked(na=request.na))
    evaluation = evaluate_panel(run, panel, load_served(run), request, called(request.data))
    return Evaluated(run, evaluation, gates)


def _check_output(request: EvaluateRequest) -> None:
    """Raise ConfigError before anything is read: for a report over what is read, or nowhere."""
    if request.as_json and request.takes_standard_output:
        raise ConfigError("--json goes to standard output, and so would the report; name a file with -o")
    outputs = [("-o", request.output)] if request.output else []
    check_outputs(outputs, paths_of(request.data), files_of(request.run))


def evaluate_panel(
    run: Run,
    panel: Panel,
    served: Served,
    options: EvaluationOptions,
    file: str,
    seen: Seen | None = None,
) -> Evaluation:
    """Score a run on the series of a file, read for it. seen: what is not fresh, if more than the run saw."""
    scored = choose_scored(run, panel, served, options, seen)
    run, served, seen, choice = scored.run, scored.served, scored.seen, scored.choice
    predictor, windows, season = served.predictor, choice.windows, served.predictor.manifest.season
    units = measure_units(windows, choice.scored_from, season)
    zero_shot = without_a_fit(panel, season)
    known = (*BASELINES, zero_shot) if zero_shot else BASELINES
    baselines = choose_baselines(windows, seen.trained, season, known)
    losses = backtest(predictor, windows, baselines, units)
    to_beat = {name: baseline_scores(losses[name], units) for name in baselines}
    naive = to_beat[SEASONAL_NAIVE].scores
    model = model_scores(losses[MODEL], units, predictor.manifest.quantile_levels, naive)
    by_unit = unit_scores(windows, units, losses, seen.is_new)
    counts = count(choice, seen, by_unit)
    return Evaluation(
        verdict=write_verdict(model.scores, to_beat, counts, choice.kind),
        subject=describe(run, served, choice, scored.rolling, file),
        counts=counts,
        model=model,
        baselines=to_beat,
        relative=relative_scores(model.scores, naive),
        units=by_unit,
        exposure_bias=exposure_bias(run, windows),
        examples=tuple(
            make_example(role, unit, predictor, windows, baselines)
            for role, unit in rank_units(by_unit).items()
        ),
    )


def exposure_bias(run: Run, windows: WindowSet) -> ExposureBias:
    """Return the network's losses on the same windows, free-running and teacher-forced."""
    _, found = compare(run.ensemble.first, windows)
    return ExposureBias(run.config.model.patch_length, found.free, found.forced, found.exposure_bias)


def count(choice: Choice, seen: Seen, scored: UnitTable) -> Counts:
    """Count what was scored, and what was not."""
    windows = choice.windows
    with_windows = np.unique(windows.series)
    return Counts(
        windows=len(windows),
        forecasts=int(scored.windows.sum()),
        series=len(scored),
        values=int(scored.values.sum()),
        new_series=int(seen.is_new[with_windows].sum()),
        left_out=windows.panel.series_count * windows.panel.target_size - len(scored),
        unobserved=choice.unobserved,
        unknown_covariates=choice.unknown_covariates,
        unscaled=int((~(scored.scale > 0)).sum()),
    )


def describe(run: Run, served: Served, choice: Choice, rolling: Rolling, file: str) -> Subject:
    """Describe which model is scored on which values."""
    manifest, windows = served.predictor.manifest, choice.windows
    panel, series, origins = windows.panel, windows.series, windows.origins
    last_targets = panel.times(series, origins + windows.horizon - 1)
    ends = np.array([panel.times(series, origins - 1).min(), last_targets.max()])
    first, last = write_timestamps(ends, panel.columns.time_format, panel.clock)
    return Subject(
        kind=choice.kind,
        label=choice.label,
        file=file,
        run=str(run.path),
        bundle=None if served.bundle is None else str(served.bundle),
        bundle_digest=manifest.digest,
        step=str(manifest.time_step),
        season=manifest.season,
        context_length=manifest.context_length,
        horizon=rolling.horizon,
        stride=rolling.stride,
        trained_horizon=manifest.horizon,
        quantile_levels=manifest.quantile_levels,
        calibrated=manifest.is_calibrated,
        first_origin=first,
        last_target=last,
    )


def score(request: ForecastRequest) -> float:
    """Return last_horizon_mase of the series of a request. Raises as forecast, and DataError."""
    predictor, panel, _ = read_request(request)
    return last_horizon_mase(predictor, panel)


def last_horizon_mase(predictor: Predictor, panel: Panel) -> float:
    """Return MASE of the medians of the last horizon of each series, forecast from what is before.

    Series that are not longer than the horizon do not count, nor do those whose history gives no unit.
    Raises DataError where none counts.
    """
    horizon, season = predictor.manifest.horizon, predictor.manifest.season
    long_enough = np.flatnonzero(panel.lengths() > horizon)
    if not len(long_enough):
        raise DataError(
            f"no series is longer than the horizon, {horizon}, so there is nothing to forecast the last "
            f"{horizon} values from; the longest has {panel.lengths().max()}"
        )
    whole = take_series(panel, long_enough)
    before = steps_before(whole, horizon)
    apart, made = series_apart(before, forecast_panel(predictor, before))
    values = channels_apart(whole).values
    actual = values[apart.ends[:, None] + np.arange(horizon)]  # (series, horizon)
    scales = seasonal_scales(values, apart.offsets[:-1], apart.ends, season)[:, 0, 0]
    error = mase(actual, made.median, scales)
    if np.isnan(error):
        raise DataError(
            f"no series has values among its last {horizon} and, before them, values a season of {season} "
            "apart that differ, so there is no error to scale"
        )
    return error
