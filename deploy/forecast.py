"""Forecast: the quantiles of the coming values, checked, and what a table of them needs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from .bundle.bundle import Manifest
from .engine.explain.explanation import Explainer, Explanation, not_kept
from .errors import InputError
from .shown.drawing import draw_series, new_axes
from .shown.intervals import nixtla_columns
from .shown.joint_bands import JointBands
from .shown.notebook import block, chart, table
from .shown.plotted import SeriesPlot, moments_of, texts_of
from .time.timestep import SECONDS, TimeStep

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Quantiles = NDArray[np.float64]
DIGITS = 7  # of float32
MOST_PLACES = 300  # behind the point
EXACT = 2.0**53  # above it float64 has no fractions
AT_ONCE = 1024  # series that are rounded together, in the cache of a processor
_TENS = np.append(10.0 ** np.arange(MOST_PLACES + 1), np.nan)  # the last for what is not known


@dataclass(frozen=True, repr=False)
class Forecast:
    """Quantiles of the coming values of each series, as Predictor.forecast and Stream.forecast return them.

    Attributes:
        quantiles: (batch, horizon, quantile), of a joint model (batch, horizon, D, quantile), in the data's
            units.
        quantile_levels: The levels of the last axis, ascending, 0.5 among them.
        timestamps: (batch, horizon) datetime64[s], of UTC if the model has a time zone, or counts of a model
            without a calendar; None where the forecast was asked for without times.
        explainer: Explains the forecast, with its histories.
        bands: What joint bands of the model are made of.
        step: How far its timestamps lie apart, so that the history of a plot has times, too; None: not known.

    Examples:
        >>> forecast = Forecast(np.array([[[8.0, 10.0, 13.0]]]), (0.1, 0.5, 0.9), None)
        >>> forecast
        Forecast(1 series, 1 step, levels 0.1, 0.5, 0.9)
        >>> forecast.median
        array([[10.]])
    """

    quantiles: Quantiles
    quantile_levels: tuple[float, ...]
    timestamps: NDArray[Any] | None
    explainer: Explainer = field(default=not_kept, repr=False, compare=False)
    bands: JointBands = field(default=JointBands(), repr=False, compare=False)
    step: TimeStep | None = field(default=None, repr=False, compare=False)

    def explain(self, *, sensitivities: bool = True, timeout: float | None = None) -> Explanation:
        """Split the medians into level, linear part and recurrent part, and say what they rest on.

        Args:
            sensitivities: Whether to find derivatives, too, by four forecasts for each value that goes in.
            timeout: Seconds that it may take.

        Raises:
            InputError: Predictor.forecast did not make this, or of more than 1000 series, or it was pickled.
            BundleError: The bundle is of an earlier release.
            DeadlineError: It took longer than `timeout`.

        Examples:
            >>> made = Predictor.pretrained(season=7, horizon=3).forecast([1.0, 2.0, 3.0] * 9)
            >>> type(made.explain(sensitivities=False)).__name__
            'Explanation'
        """
        return self.explainer(sensitivities, timeout)

    def joint(self, level: float) -> tuple[Quantiles, Quantiles]:
        """Return a band that a whole trajectory stays in, at each of its steps, with a chance of `level`.

        The central interval of that level at each step, stretched by one factor for all of them, which was
        found where the fit held values out. Of a joint model each target has a band of its own.

        Args:
            level: Of a central interval of the model, such as 0.8.

        Returns:
            The lower and the upper ends, (batch, horizon), of a joint model (batch, horizon, D).

        Raises:
            InputError: The model has no such band, or none of so many steps.

        Examples:
            >>> from deploy.shown.joint_bands import JointBands
            >>> bands = JointBands(intervals=(0.8,), factors=((1.0,), (1.5,)))
            >>> made = Forecast(np.array([[[8.0, 10.0, 13.0]] * 2]), (0.1, 0.5, 0.9), None, bands=bands)
            >>> lower, upper = made.joint(0.8)
            >>> lower.tolist(), upper.tolist()
            ([[7.0, 7.0]], [[14.5, 14.5]])
        """
        return self.bands.of(self.quantiles, self.quantile_levels, level)

    @property
    def median(self) -> Quantiles:
        """Return the quantile 0.5: (batch, horizon), of a joint model (batch, horizon, D)."""
        return self.quantiles[..., self.quantile_levels.index(0.5)]

    def to_nixtla(self, ids: Sequence[Any], model: str = "LSTM") -> dict[str, NDArray[Any]]:
        """Return the columns that Nixtla's libraries expect, for pd.DataFrame or pl.DataFrame to take.

        Args:
            ids: An id for each series, (batch,); of a joint model for each series and target, (batch × D,).
            model: The name of the forecasts' columns.

        Returns:
            unique_id, ds (times, or steps from 1 where there are none), `model` (the median), and
            `model`-lo-80, `model`-hi-80 for each central interval, by its level in percent.

        Raises:
            InputError: There are not as many ids as series.

        Examples:
            >>> forecast = Forecast(np.array([[[8.0, 10.0, 13.0]]]), (0.1, 0.5, 0.9), None)
            >>> list(forecast.to_nixtla(["harbor"]))
            ['unique_id', 'ds', 'LSTM', 'LSTM-lo-80', 'LSTM-hi-80']
        """
        apart = self.quantiles if self.quantiles.ndim == 3 else np.moveaxis(self.quantiles, 2, 1)
        apart = apart.reshape(-1, *apart.shape[-2:])  # (batch × D, horizon, quantile)
        count, horizon, _ = apart.shape
        if len(ids) != count:
            raise InputError(f"expected an id for each of the {count} series, found {len(ids)}")
        times = np.arange(1, horizon + 1)[None] if self.timestamps is None else self.timestamps
        times = np.repeat(times, count // len(times), axis=0)
        columns = nixtla_columns(apart, self.quantile_levels, model)
        return {"unique_id": np.repeat(np.asarray(ids), horizon), "ds": times.ravel(), **columns}

    def plot(self, series: int = 0, *, target: int = 0, history: Any = None, axes: Any = None) -> "Axes":
        """Draw the median and the central intervals of one series with matplotlib.

        Args:
            series: The number of the series, from 0.
            target: The number of the target, of a joint model.
            history: The values before the forecast, (time,), to be drawn in front of it.
            axes: Axes of matplotlib to draw on; None: those of a new figure.

        Returns:
            The axes, to be changed or saved: axes.figure.savefig("forecast.png").

        Raises:
            ExtraMissingError: matplotlib is not installed.
            InputError: There is no such series or target.
        """
        plot = self._plot_of(series, target, history)
        drawn = new_axes(1, (8.0, 3.0))[0] if axes is None else axes
        draw_series(drawn, plot)
        drawn.legend(loc="best", frameon=False, fontsize="small")
        return cast("Axes", drawn)

    def __repr__(self) -> str:
        return f"Forecast({self._size}, levels {', '.join(f'{level:g}' for level in self.quantile_levels)})"

    def _repr_html_(self) -> str:
        if not self.quantiles.size:
            return block(f"Forecast of {self._size}", ())
        plot, title = self._plot_of(0, 0, None), f"Forecast of {self._size}"
        title += "; the first series" if self.quantiles.size > plot.quantiles.size else ""
        return block(title, (), chart(plot), table(plot))

    @property
    def _size(self) -> str:
        batch, horizon = self.quantiles.shape[:2]
        targets = f" of {self.quantiles.shape[2]} targets" if self.quantiles.ndim == 4 else ""
        return f"{batch} series{targets}, {horizon} step{'' if horizon == 1 else 's'}"

    def _plot_of(self, series: int, target: int, history: Any) -> SeriesPlot:
        apart = self.quantiles if self.quantiles.ndim == 4 else self.quantiles[:, :, None]
        for name, found, count in (("series", series, len(apart)), ("target", target, apart.shape[2])):
            if not 0 <= found < count:
                raise InputError(f"{name}: expected a number from 0 to {count - 1}, found {found}")
        past = np.empty(0) if history is None else np.asarray(history, np.float64).ravel()
        quantiles = apart[series, :, target]
        times = None if self.timestamps is None else self.timestamps[series]
        moments = moments_of(times, len(quantiles))
        step = TimeStep(1, "index") if times is None else self.step
        before = step.shift(moments[:1], np.arange(-len(past), 0)) if step else moments[:0]
        return SeriesPlot(
            name=f"series {series}" + (f", target {target}" if self.quantiles.ndim == 4 else ""),
            history_times=("",) * len(past),
            history=past,
            times=texts_of(times, len(quantiles)),
            quantiles=quantiles,
            levels=self.quantile_levels,
            median=quantiles[:, self.quantile_levels.index(0.5)],
            moments=np.concatenate([before, moments]),
            has_calendar=times is not None and times.dtype.kind == "M",
        )


def finite(quantiles: Quantiles, first: int = 0) -> Quantiles:
    """Return the quantiles as they are. Raises InputError with the first series that has an infinite one.

    first: number of the first of these series in the call.
    """
    if not np.isfinite(quantiles).all():
        series = first + int(np.argwhere(~np.isfinite(quantiles))[0][0])
        raise InputError(
            f"series {series}: its forecast is not finite; its values exceed what the model can do"
        )
    return quantiles


def write_times(manifest: Manifest, forecast: Forecast) -> list[list[Any]]:
    """Return the times of a forecast: (batch, horizon), or nothing where it does not know them.

    ISO 8601, dates alone where all are at midnight, of UTC where there is a time zone; counts as numbers.
    """
    if forecast.timestamps is None:
        return []
    if not manifest.time_step.has_calendar:
        counts: list[list[Any]] = forecast.timestamps.tolist()
        return counts
    zoned = manifest.columns.timezone is not None
    dates = not zoned and not (forecast.timestamps.astype(np.int64) % SECONDS["day"]).any()
    texts = np.datetime_as_string(forecast.timestamps, unit="D" if dates else "s")
    return [[text + "Z" * zoned for text in row] for row in texts.tolist()]


def legible_digits(values: NDArray[np.floating], alike: tuple[int, ...]) -> NDArray[np.float64]:
    """Return the values to the digits that a model has: the 7 of float32, of each and of what they span.

    alike: the axes of the values of one series, which span it. The order of the values stays.
    """
    rounded = np.empty(values.shape)
    for begin in range(0, len(values), AT_ONCE):
        series = slice(begin, begin + AT_ONCE)
        rounded[series] = _rounded(values[series].astype(np.float64), alike)
    return rounded


def _rounded(wide: NDArray[np.float64], alike: tuple[int, ...]) -> NDArray[np.float64]:
    size, span = np.abs(wide), np.ptp(wide, alike, keepdims=True)
    known = np.minimum(size, np.where(span > 0, span, np.inf))
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        places = (DIGITS - 1 - np.floor(np.log10(known))).clip(0, MOST_PLACES)
        unit = _TENS[np.where(np.isnan(places), -1, places).astype(np.int16)]
        rounded: NDArray[np.float64] = np.where(size * unit < EXACT, np.rint(wide * unit) / unit, wide)
    return rounded
