"""Draw forecasts as pictures: history, bands, median, and the actual values where they are known."""

from collections.abc import Iterable
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from deploy import Forecast
from deploy.errors import ConfigError, InputError
from deploy.shown.drawing import GREY, draw_series, new_axes
from forecaster.data import Panel
from forecaster.files import write_output
from forecaster.forecasts.series_plot import plot_of
from forecaster.show.pictures.figures import METADATA, picture_of

MOST_SERIES = 6  # of one picture
WIDTH, ROW, MARGIN = 8.0, 2.2, 0.4  # inches: of the picture, of a series, for the legend


def check_picture(path: Path) -> None:
    """Raise ConfigError if the name of a picture ends in no form of one."""
    if _form(path) not in METADATA:
        found = f"ends in {path.suffix}" if path.suffix else "has no ending"
        forms = ", ".join(f".{name}" for name in METADATA)
        raise ConfigError(f"cannot draw {path}: its name {found}, expected one of {forms}")


def save_picture(path: Path, panel: Panel, forecast: Forecast) -> None:
    """Draw the first series below each other; targets are apart. Raises RunError if it cannot be written."""
    count = min(panel.series_count, MOST_SERIES)

    def draw(figure: Figure) -> None:
        _draw(list(figure.subplots(count, squeeze=False)[:, 0]), panel, forecast)

    write_output(path, picture_of(draw, _size(count), _form(path)))


def plot_series(panel: Panel, forecast: Forecast, given: Iterable[Axes] | Axes | None = None) -> list[Axes]:
    """Draw the first series, each on axes that are given, or on those of a new figure of pyplot.

    Raises ExtraMissingError where matplotlib is not installed.
    """
    if given is None:
        count = min(panel.series_count, MOST_SERIES)
        rows = new_axes(count, _size(count))
        _draw(rows, panel, forecast)
        return rows
    axes = [given] if isinstance(given, Axes) else list(given)
    if len(axes) > panel.series_count:
        raise InputError(
            f"axes: expected at most {panel.series_count}, one for each series, found {len(axes)}"
        )
    for series, one in enumerate(axes):
        _draw_one(one, panel, forecast, series)
    return axes


def _draw(rows: list[Axes], panel: Panel, forecast: Forecast) -> None:
    figure = rows[0].figure
    for series, axes in enumerate(rows):
        _draw_one(axes, panel, forecast, series)
    if panel.series_count > len(rows):
        figure.suptitle(f"{len(rows)} of {panel.series_count:,} series", color=GREY)
    figure.legend(*rows[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)


def _draw_one(axes: Axes, panel: Panel, forecast: Forecast, series: int) -> None:
    plot = plot_of(panel, forecast, series)
    draw_series(axes, plot)
    axes.set_title(plot.name)


def _size(count: int) -> tuple[float, float]:
    return WIDTH, MARGIN + ROW * count


def _form(path: Path) -> str:
    return path.suffix.lower().removeprefix(".")
