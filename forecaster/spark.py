"""Fit a model for each segment of a Spark DataFrame, on its workers.

from forecaster.spark import fit_by
fit_by(df, by="country", output="/shared/runs").show()
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deploy.bundle.segments import segment_folder
from deploy.errors import ConfigError, ForecasterError
from deploy.spark import without_pandas_warnings
from forecaster.config.settings import Settings, collect_named
from forecaster.data.audience import PYTHON

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

# Columns of the result, after those of `by`.
RESULT = "series long, mase double, seconds double, path string, error string"


def fit_by(
    df: "DataFrame",
    by: str | Sequence[str],
    output: str | Path,
    *,
    settings: Mapping[str, Any] | None = None,
    resume: bool = True,
    **parameters: Any,
) -> "DataFrame":
    """Return a row for each value of `by`, whose model is fitted on a worker when the row is asked for.

    Runs are written below `output`, a folder that all workers see, as `forecaster fit --by` writes them; so
    `forecaster export`, `forecast` and `evaluate` take them. A segment has to fit into the memory of one
    worker. settings, parameters: those of Forecaster, such as horizon=28, target="sales".
    resume: a segment that is fitted is not fitted again, which Spark may ask for whenever it computes a row
    again. A segment that fails is a row with an error. Raises ConfigError.
    """
    columns = (by,) if isinstance(by, str) else tuple(by)
    if lacking := [name for name in columns if name not in df.columns]:
        raise ConfigError(f'by: no column "{lacking[0]}" among {", ".join(df.columns)}')
    asked = collect_named(dict(settings or {}), parameters)
    keys = ", ".join(f"`{name}` string" for name in columns)
    place = Path(output)

    def fit(table: "pa.Table") -> "pa.Table":
        return _fit(table, columns, place, asked, resume=resume)

    with without_pandas_warnings():
        return df.groupBy(*(f"`{name}`" for name in columns)).applyInArrow(fit, f"{keys}, {RESULT}")


def _fit(
    table: "pa.Table", by: tuple[str, ...], output: Path, settings: Settings, *, resume: bool
) -> "pa.Table":
    """Fit one segment, in a Python worker. table: its rows."""
    import pyarrow as pa
    import torch

    from forecaster.data.panel.panel_segments import series_by
    from forecaster.workflows.fit import FitRequest, fit
    from forecaster.workflows.segments.fit_segments import Silent, read_by

    torch.set_num_threads(1)
    key = tuple("" if table[name][0].as_py() is None else str(table[name][0].as_py()) for name in by)
    place = segment_folder(output, by, key)
    row: dict[str, Any] = {"series": None, "mase": None, "seconds": None, "path": str(place), "error": None}
    request = FitRequest(table, settings, place, resume=resume, audience=PYTHON)
    try:
        panel = read_by(request, by)
        (series,) = series_by(panel, by).values()
        run = fit(replace(request, panel=panel), Silent()).run
        metrics = run.metrics
        row |= {"series": len(series), "mase": metrics["validation"]["mase"], "seconds": metrics["seconds"]}
    except ForecasterError as error:
        row["error"] = str(error)
    names = dict(zip(by, key, strict=True))
    types = [pa.string()] * len(by) + [pa.int64(), pa.float64(), pa.float64(), pa.string(), pa.string()]
    values = {**names, **row}
    return pa.table(
        [pa.array([value], kind) for value, kind in zip(values.values(), types, strict=True)], [*values]
    )
