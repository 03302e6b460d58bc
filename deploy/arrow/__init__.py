"""Forecast any number of series in Arrow record batches, in bounded memory, with the extra `arrow`.

from deploy.arrow import score_batches
for batch in score_batches(reader, Predictor.load("run/bundle"), id="item", time="day", target="sales"): ...
In: record batches of rows, the rows of a series one after another, or of lists. Out: record batches of
quantiles, each series once. May import: pyarrow, deploy.predictor and all below it.

    scoring    score_batches: blocks of whole series through a predictor
    roles      which columns are what, and the schema of what is written
    plain      arrays of Arrow as arrays of numpy, and back
    stamps     times of any Arrow type -> int64 on the model's clock, and back
    reading    record batches of rows or of lists -> arrays of numbers
    blocks     parts, cut anywhere -> blocks of whole series
    seen       the ids that had their turn, in 16 bytes each
    steps      rows -> steps before and after the last value of their series
    windows    blocks -> the arrays that a predictor takes
    choosing   the predictor of each series: one of all, or that of its segment
    asking     forecasts of all that can be forecast, and what is wrong with the others
    judging    the last values, judged by what was forecast of them
    written    forecasts -> record batches
    files/     files of series into a folder of forecasts
"""

try:
    import pyarrow  # noqa: F401
except ImportError as error:
    if error.name != "pyarrow":
        raise
    from ..errors import ExtraMissingError

    raise ExtraMissingError(
        "deploy.arrow needs pyarrow; install the extra: pip install 'lstm-forecaster[cpu,arrow]'"
    ) from None

from .choosing import Predictors
from .roles import score_schema
from .scoring import score_batches

__all__ = ["Predictors", "score_batches", "score_schema"]
