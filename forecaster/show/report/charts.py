"""The figures of the page, each with a heading, a finding and a key."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from matplotlib.axes import Axes

from deploy.shown.drawing import draw_series
from deploy.shown.plotted import Array, SeriesPlot, bands
from deploy.shown.ticks import places_of
from forecaster.evaluation.scores import Evaluation, Example
from forecaster.run.run import Run
from forecaster.show.pictures.explained_picture import draw_parts
from forecaster.show.pictures.training_picture import draw_curriculum, draw_exposure_bias, draw_losses
from forecaster.show.report import findings
from forecaster.show.report.inline import Inline, draw_inline
from forecaster.show.report.plots import (
    draw_calibration,
    draw_coverage,
    draw_errors,
    metric_of,
    steps_together,
)
from forecaster.training.epochs import best_of

# In units of the SVG, which are pixels where a figure is as wide as this.
SMALL, NARROW, WIDE = (376.0, 250.0), (376.0, 270.0), (1160.0, 320.0)
# History shown next to the forecast, in horizons.
HISTORY_NARROW, HISTORY_WIDE = 1, 2
MOST_HISTORY = 240  # of its values in a table, so that the page stays small

Plot = Callable[[Axes], None]


@dataclass(frozen=True)
class Values:
    """The values that a forecast is drawn of, as texts, for a table and for who points at the drawing."""

    heads: tuple[str, ...]  # time, actual, median, then a border or a baseline each
    rows: tuple[tuple[str, ...], ...]  # those of the history have two cells


@dataclass(frozen=True)
class Chart:
    """A figure; one that is wide on a large screen is drawn twice, so that its texts stay legible."""

    name: str  # in the page
    heading: str
    finding: str
    small: Inline | None  # None: there is nothing to draw
    wide: Inline | None = None
    values: Values | None = None


def score_charts(evaluation: Evaluation) -> tuple[Chart, ...]:
    """Draw how errors grow with the horizon, and whether quantiles are calibrated."""
    model = evaluation.model
    error = f"{metric_of(evaluation).upper()} by step of the horizon"
    charts = [
        _chart("errors", error, findings.of_errors(evaluation), partial(draw_errors, evaluation=evaluation)),
        _chart(
            "calibration",
            "Calibration",
            findings.of_calibration(model),
            partial(draw_calibration, model=model),
        ),
    ]
    if model.intervals:
        together = steps_together(evaluation)
        plot = partial(draw_coverage, intervals=model.intervals, together=together)
        charts.append(
            _chart(
                "coverage",
                "Coverage by step of the horizon",
                findings.of_coverage(model.intervals, together),
                plot,
            )
        )
    return tuple(charts)


def training_charts(evaluation: Evaluation, run: Run) -> tuple[Chart, ...]:
    """Draw exposure bias on the scored windows, and how the fit went."""
    bias, train, epochs = evaluation.exposure_bias, run.config.train, list(run.logs[0])

    def draw_bias(axes: Axes) -> None:
        draw_exposure_bias(axes, bias.free, bias.forced, bias.ratio)
        axes.set_ylabel("")

    charts = [
        _chart(
            "bias",
            "Exposure bias by decoder step",
            findings.of_bias(bias),
            draw_bias if len(bias.free) > 1 else None,
        )
    ]
    if epochs:  # an early release kept no log
        losses, curriculum = (
            partial(draw, epochs=epochs, train=train) for draw in (draw_losses, draw_curriculum)
        )
        charts += [
            _chart("losses", "Training curve", findings.of_fit(epochs, best_of(epochs)), losses),
            _chart("curriculum", "Curriculum", findings.of_curriculum(train), curriculum),
        ]
    return tuple(charts)


def example_chart(example: Example, evaluation: Evaluation, run: Run, heading: str) -> Chart:
    """Draw the last forecast of a series with the actual values and the first baseline's forecast."""
    plot = _plot_of(example, evaluation, run, heading)
    text, name, horizon = (
        (heading, findings.of_example(example)),
        f"example-{example.role}",
        len(example.times),
    )
    small, wide = (
        draw_inline(partial(draw_series, plot=plot.shortened(most * horizon)), size, f"{name}-{width}", text)
        for width, size, most in (("small", NARROW, HISTORY_NARROW), ("wide", WIDE, HISTORY_WIDE))
    )
    return Chart(
        name, *text, small, wide, _values_of(plot.shortened(min(HISTORY_WIDE * horizon, MOST_HISTORY)))
    )


def _values_of(plot: SeriesPlot) -> Values:
    """Return the values of a plot: the history, then actual values, the median, the outermost quantiles."""
    outer = [place for low, high, _ in bands(plot.levels)[:1] for place in (low, high)]
    borders = [f"quantile {plot.levels[place]:g}" for place in outer]
    columns = [plot.median, *(plot.quantiles[:, place] for place in outer), *plot.baselines.values()]
    actual = np.full(len(plot.median), np.nan) if plot.actual is None else plot.actual
    known = np.concatenate([plot.history, actual, *columns])
    known = known[np.isfinite(known)]
    places = places_of(float(np.ptp(known))) if len(known) else 0

    def written(values: Array) -> list[str]:
        return [f"{value:,.{places}f}" if np.isfinite(value) else "–" for value in values.tolist()]

    past = zip(plot.history_times, written(plot.history), strict=True)
    ahead = zip(plot.times, written(actual), *map(written, columns), strict=True)
    return Values(("time", "actual", "median", *borders, *plot.baselines), (*past, *ahead))


def explained_chart(example: Example, evaluation: Evaluation, run: Run, heading: str) -> Chart | None:
    """Draw what the forecast of an example is made of; None where its bundle does not tell."""
    found = example.rests_on
    if found is None:
        return None
    plot = _plot_of(example, evaluation, run, heading).shortened(HISTORY_WIDE * len(example.times))
    parts = {name: np.array(getattr(found, name)) for name in ("level", "linear", "recurrent", "bound")}
    finding = f"{found.sentence} {found.parts_sentence}"
    return _chart(f"explained-{example.role}", heading, finding, partial(draw_parts, plot=plot, parts=parts))


def _plot_of(example: Example, evaluation: Evaluation, run: Run, heading: str) -> SeriesPlot:
    """Return an example as it is drawn, with all of its context."""
    levels, quantiles = evaluation.subject.quantile_levels, np.array(example.quantiles)
    return SeriesPlot(
        name=heading,
        history_times=example.history_times,
        history=np.array(example.history),
        times=example.times,
        quantiles=quantiles,
        levels=levels,
        median=quantiles[:, levels.index(0.5)],
        moments=np.array(example.moments, np.int64),
        has_calendar=run.data.time_step.has_calendar,
        actual=np.array(example.actual),
        baselines={name: np.array(values) for name, values in list(example.baselines.items())[:1]},
    )


def _chart(name: str, heading: str, finding: str, plot: Plot | None) -> Chart:
    drawn = draw_inline(plot, SMALL, name, (heading, finding)) if plot else None
    return Chart(name, heading, finding, drawn)
