"""Calendar features in a graph, as in model/calendar.py."""

import numpy as np

from deploy.time.timestep import MISSING_TIME
from forecaster.export.nodes.functions import concat
from forecaster.export.nodes.registers import elementwise
from forecaster.export.nodes.value import Value
from forecaster.weights.constants import angular_frequencies


def calendar_features(timestamps: Value, periods: tuple[int, ...], step_seconds: float) -> Value:
    """Return sines and cosines of the time within each period, 0 where the time is missing.

    timestamps: int64 (batch, steps), MISSING_TIME where unknown. Returns (batch, steps, feature).
    """
    timestamps = timestamps.unsqueeze(2)
    known = (~timestamps.equal(MISSING_TIME)).to_float()
    columns = []
    for period in periods:
        # Integers first: float32 cannot hold seconds since 1970.
        within = (timestamps % period).to_float() / float(period)
        waves = np.array(angular_frequencies(period, step_seconds))
        angle = within * waves[None, None]
        columns += [elementwise(wave, angle, len(waves), rank=3) for wave in (Value.sin, Value.cos)]
    return concat(columns, axis=2) * known
