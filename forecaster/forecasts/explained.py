"""Explain the forecasts of a panel: the parts of all of them, and what the first rest on."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deploy import Explanation, Forecast, Predictor
from deploy.engine.explain.explanation import factors_of
from deploy.forecast import legible_digits
from deploy.request.stacked import Stacked
from forecaster.data import Panel
from forecaster.data.panel.targets_apart import channels_apart
from forecaster.forecasts.forecast_table import key_columns, refuse_clashes
from forecaster.forecasts.through_predictor import arguments_for

PARTS = ("level", "linear", "recurrent", "bound")
BLOCK = 64  # series that are explained at once

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Explained:
    """Parts of the forecasts of a panel, each target a series of its own."""

    panel: Panel
    median: Array  # (series, horizon)
    parts: dict[str, Array]  # of PARTS, as the median
    forecast: Forecast  # of the first series, joint ones together
    first: Explanation  # of these, with sensitivities

    @property
    def shown(self) -> list[tuple[int, int, int]]:
        """Return the forecasts with sensitivities: the number among series apart, then series and target."""
        apart = self.panel.series_count
        size = self.first.median.shape[2] if self.first.median.ndim == 3 else 1
        batch = apart // size
        return [
            (target * batch + series, series, target)
            for series in range(len(self.first.median))
            for target in range(size)
        ]


def explain_panel(
    predictor: Predictor, panel: Panel, first: int, horizon: int | None = None, future: Panel | None = None
) -> Explained:
    """Explain every series, the first of them with sensitivities. Raises as forecast_panel, and BundleError.

    first: so many series; horizon: steps, None = as trained; future: from read_future.
    """
    given = arguments_for(predictor.manifest, panel, horizon, future)
    forecast = predictor.forecast(**_part(given, slice(0, first)))
    detailed = forecast.explain()
    found = [
        predictor.forecast(**block).explain(sensitivities=False)
        for block in _blocks(given, panel.series_count)
    ]
    parts = {name: np.concatenate([getattr(one, name) for one in found]) for name in (*PARTS, "median")}
    if panel.target_size > 1:  # the series of the first channel, then those of the next
        parts = {name: np.concatenate(np.moveaxis(part, 2, 0)) for name, part in parts.items()}
    median = parts.pop("median")
    return Explained(channels_apart(panel), median, parts, forecast, detailed)


def _blocks(given: dict[str, Any], count: int) -> Iterator[dict[str, Any]]:
    for begin in range(0, count, BLOCK):
        yield _part(given, slice(begin, begin + BLOCK))


def _part(given: dict[str, Any], part: slice) -> dict[str, Any]:
    """Return the arguments of some series."""
    return {
        name: value
        if name == "horizon"
        else replace(value, begins=value.begins[part], ends=value.ends[part])
        if isinstance(value, Stacked)
        else value[part]
        for name, value in given.items()
    }


def explained_table(explained: Explained) -> pd.DataFrame:
    """Make a row per series and step: as forecast_table, then the parts, which sum to the forecast.

    With logarithms then the factors of the level that these are. Raises DataError for a column that is called
    so.
    """
    panel, manifest = explained.panel, explained.first.manifest
    numbers = {"forecast": explained.median, **explained.parts}
    if not explained.parts["bound"].any():
        del numbers["bound"]
    stacked = legible_digits(np.stack([*numbers.values()], axis=-1), (1, 2))
    columns = {name: stacked[..., place] for place, name in enumerate(numbers)}
    if manifest.positive:
        parts = (explained.parts[name] for name in PARTS)
        for name, factor in factors_of(*parts).items():
            if name in numbers:
                columns[f"{name}_factor"] = legible_digits(factor, (1,))
    refuse_clashes(panel, "explanation", tuple(columns))
    keys = key_columns(panel, explained.median.shape[1])
    return pd.DataFrame({**keys, **{name: values.ravel() for name, values in columns.items()}})
