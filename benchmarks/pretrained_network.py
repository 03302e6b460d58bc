"""The pretrained network on the tasks of zero_shot and small_files, by the way that users go."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from benchmarks.zero_shot_tasks import LEVELS, Array
from forecaster import Forecaster

BEGIN = "1700-01-01"  # M1's months reach back far; which times they are, the network does not know


def forecast(histories: Sequence[Array], season: int, horizon: int, step: str) -> Array:
    """Return quantiles of series that are read together, as from one file: (series, horizon, 9)."""
    lengths = [len(history) for history in histories]
    times = pd.date_range(BEGIN, periods=max(lengths), freq=step)
    frame = pd.DataFrame(
        {
            "id": np.repeat(np.arange(len(histories)), lengths),
            "time": np.concatenate([times[:length] for length in lengths]),
            "value": np.concatenate(histories),
        }
    )
    model = Forecaster.pretrained(horizon, season=season, time="time", target="value", series="id")
    quantiles = model.predict(frame)[[f"q{level:g}" for level in LEVELS]].to_numpy(np.float64)
    return quantiles.reshape(len(histories), horizon, len(LEVELS))
