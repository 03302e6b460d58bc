"""Say in a sentence what each figure shows: for those who read no figure or cannot see it."""

import math

from forecaster.config import TrainConfig
from forecaster.evaluation.scores import Evaluation, Example, ExposureBias, Interval, Model
from forecaster.evaluation.verdict import best_baseline
from forecaster.show.report.plots import metric_of
from forecaster.training.epochs import Epoch


def of_errors(evaluation: Evaluation) -> str:
    """Return the model's error at the first and at the last step, compared with the best baseline's."""
    metric = metric_of(evaluation)
    name = best_baseline(evaluation.baselines, metric)
    steps_of_both = (evaluation.model.steps, evaluation.baselines[name].steps)
    own, other = (getattr(steps, metric) for steps in steps_of_both)
    last = len(own)
    if last == 1:
        return f"{_figure(own[0])} at the only step; {name}: {_figure(other[0])}."
    return (
        f"From {_figure(own[0])} at step 1 to {_figure(own[-1])} at step {last}; "
        f"{name}: from {_figure(other[0])} to {_figure(other[-1])}."
    )


def of_calibration(model: Model) -> str:
    """Return the level that is furthest from the share of values below it."""
    known = [quantile for quantile in model.quantiles if not math.isnan(quantile.share_below)]
    if not known:
        return "No observed value to compare with."
    worst = max(known, key=lambda quantile: abs(quantile.share_below - quantile.level))
    return (
        f"Furthest off: below the {_percent(worst.level)} quantile lie "
        f"{_percent(worst.share_below)} of the values."
    )


def of_coverage(intervals: tuple[Interval, ...], together: int) -> str:
    """Return nominal and actual coverage of the widest interval. together: steps in a point of the figure."""
    widest = intervals[0]
    said = f"The {_percent(widest.nominal)} interval covers {_percent(widest.coverage)} of the values."
    return f"{said} A point is the mean of about {together} steps." if together > 1 else said


def of_bias(bias: ExposureBias) -> str:
    """Return how much more the network loses on its own values than on the truth."""
    if len(bias.free) == 1:
        return "One decoder step: nothing is fed back, so there is none."
    if math.isnan(bias.ratio):
        return "Not known: no loss to compare with."
    return f"Free-running over teacher-forced loss on these windows: {bias.ratio:.3f}."


def of_fit(epochs: list[Epoch], best: Epoch) -> str:
    """Return how long the fit was, and which weights were kept."""
    found = (
        "" if math.isnan(best.validation_loss) else f", with a validation loss of {best.validation_loss:.4f}"
    )
    return f"{epochs[-1].updates:,} updates; epoch {best.epoch} of {len(epochs)} was kept{found}."


def of_curriculum(train: TrainConfig) -> str:
    """Return how the decoder was fed."""
    increasing = ", increasing" if train.direction == "increase" else ""
    share = f" at {train.epsilon:g}" if train.schedule == "constant" else ""
    return f"Share of true patches fed to the decoder: {train.schedule}{share}{increasing}."


def of_example(example: Example) -> str:
    """Return when the forecast was made and how far it reaches."""
    reach = f"{len(example.times)} steps up to {example.times[-1]}"
    return f"{reach}, after {example.history_times[-1]}." if example.history_times else f"{reach}."


def _figure(value: float) -> str:
    return "not known" if math.isnan(value) else f"{value:.3g}"


def _percent(share: float) -> str:
    return "an unknown share" if math.isnan(share) else f"{100 * share:.3g}\N{NO-BREAK SPACE}%"
