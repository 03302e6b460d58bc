"""A fitted model as people see it: a plot, and what a notebook shows."""

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from deploy.errors import ForecasterError
from deploy.shown.notebook import block, chart, number, table
from forecaster.data.audience import PYTHON, speaking_to
from forecaster.data.panel.panel import take_series
from forecaster.estimator.asking import Given, one_of
from forecaster.estimator.kept import Kept
from forecaster.forecasts.series_plot import plot_of
from forecaster.show.console import NotesInBlock, plain_console, print_pretrained
from forecaster.workflows.forecast import ForecastRequest, Forecasts, forecast

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Seen(Kept):
    """A fitted model that can be drawn."""

    @speaking_to(PYTHON)
    def plot(
        self,
        data: Given | None = None,
        *,
        horizon: int | None = None,
        future: Given | None = None,
        h: int | None = None,
        axes: "Axes | Iterable[Axes] | None" = None,
    ) -> "list[Axes]":
        """Draw the last values and the forecast of the first series with matplotlib.

        Args:
            data: As of predict.
            horizon: Steps; None: the trained ones.
            future: As of predict.
            h: The same as horizon.
            axes: Axes to draw on, one for each series; None: up to six on a new figure.

        Returns:
            The axes, to be changed or saved: axes[0].figure.savefig("forecast.png").

        Raises:
            ExtraMissingError: matplotlib is not installed.
            DataError: As predict.

        Examples:
            >>> [axes.get_title() for axes in model.plot(h=3)]
            ['harbor', 'station']
        """
        from forecaster.show.pictures.forecast_picture import plot_series

        request, _ = self._request(data, horizon=one_of("horizon", horizon, "h", h), future=future)
        part = self._forecast(request).parts[0]
        return plot_series(part.panel, part.forecast, axes)

    def __repr__(self, N_CHAR_MAX: int = 700) -> str:  # noqa: N803 - the name of scikit-learn
        said: str = super().__repr__(N_CHAR_MAX)
        return said if self._pretrained is None else said.replace("(", ".pretrained(", 1)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """Return what Jupyter shows, in the place of scikit-learn's diagram."""
        return {"text/plain": repr(self), "text/html": self._repr_html_()}

    def _repr_html_(self) -> str:
        """Return parameters, or what was fitted with a forecast of the first series, for a notebook."""
        if self._pretrained is not None or not hasattr(self, "run_"):
            return block(repr(self), [("model", "pretrained" if self._pretrained else "not fitted")])
        facts = [("data", self.understood_.headline), *self.understood_.roles(PYTHON.option).items()]
        held_out = {"model": self.metrics_["validation"]["mase"], **self.metrics_.get("baselines_mase", {})}
        known = {name: float(mase) for name, mase in held_out.items() if mase is not None}
        said = ", ".join(f"{name} {number(mase)}" for name, mase in known.items())
        return block(repr(self), [*facts, ("MASE", f"{said} (of held-out windows)")], *self._drawn())

    def _drawn(self) -> tuple[str, ...]:
        """Return a chart and a table of the first series of the fit, or nothing where it has no forecast."""
        if self._fitted_on is None:
            return ()
        first = take_series(self._fitted_on[0], np.zeros(1, np.int64))
        try:
            made = forecast(ForecastRequest(first, self._predictor(), audience=PYTHON)).parts[0]
        except ForecasterError:  # a covariate of the coming steps is not known
            return ()
        plot = plot_of(made.panel, made.forecast, 0)
        return chart(plot), table(plot)

    def _forecast(self, request: ForecastRequest) -> Forecasts:
        """Forecast, and say what is found without a fit where that is asked for."""
        console = plain_console(quiet=not self.verbose)
        with NotesInBlock() as notes:
            return forecast(request, partial(print_pretrained, console, notes))
