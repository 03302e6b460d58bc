"""A bundle as MLflow's python_function serves it: frames in, frames out, by the runtime without torch."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from deploy import Manifest, Predictor
from deploy.errors import ConfigError

if TYPE_CHECKING:
    import pandas as pd

BUNDLE = "bundle"  # the folder of a model of MLflow that holds it
MEDIAN = "q0.5"


class ServedForecaster:
    """Forecasts of frames by a bundle. It keeps no state, so any thread may call it.

    Args:
        predictor: The runtime on the bundle.
    """

    def __init__(self, predictor: Predictor) -> None:
        self.predictor = predictor

    def predict(self, model_input: "pd.DataFrame", params: dict[str, Any] | None = None) -> "pd.DataFrame":
        """Forecast each series.

        Args:
            model_input: A row for each series and step, in any order: the columns that tell series apart,
                the time, targets and covariates by their names in the fit. Rows after the last observed
                target hold covariates that are known ahead.
            params: {"horizon": steps}; None: as trained.

        Returns:
            A frame: the columns that tell series apart, the time, `target` of several, forecast (the median)
            and the quantiles.

        Raises:
            ConfigError: A column is not there, or of another type.
            InputError: A series cannot be forecast; the message names it.
        """
        import pyarrow as pa

        from deploy.arrow import score_batches

        keys = sort_keys(self.predictor.manifest)
        if lacking := [name for name in keys if name not in model_input]:
            raise ConfigError(f'no column "{lacking[0]}" among {", ".join(map(str, model_input.columns))}')
        rows = model_input.sort_values(keys, kind="stable") if keys else model_input
        table = pa.Table.from_pandas(rows, preserve_index=False)
        horizon = (params or {}).get("horizon")
        scored = score_batches(table.to_batches(), self.predictor, horizon=horizon, on_error="raise")
        made: pd.DataFrame = pa.Table.from_batches(scored).drop_columns(["error"]).to_pandas()
        first = list(made.columns).index(f"q{self.predictor.manifest.quantile_levels[0]:g}")
        made.insert(first, "forecast", made[MEDIAN])
        return made


def sort_keys(manifest: Manifest) -> list[str]:
    """Return the columns that order rows: those that tell series apart, then the time."""
    columns = manifest.columns
    return [*columns.series, *([columns.time] if columns.time and not columns.time_parts else [])]


def _load_pyfunc(path: str) -> ServedForecaster:
    """Load what MLflow's python_function calls. path: of the bundle."""
    return ServedForecaster(Predictor.load(Path(path)))
