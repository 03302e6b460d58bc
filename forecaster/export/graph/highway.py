"""The highway in a graph, as in model/highway.py: all rolled maps are one matrix."""

from forecaster.config import ModelConfig
from forecaster.export.graph.channels import join_times
from forecaster.export.graph.gate import shares_of_maps
from forecaster.export.nodes.value import Value
from forecaster.weights.composed import rolled_maps
from forecaster.weights.weights import HighwayWeights


def linear_forecast(highway: HighwayWeights, context: Value, h: Value, config: ModelConfig) -> Value:
    """Return the forecast of every step that a bundle serves: (batch, max_horizon × D).

    The D values of a step stand together. context: (batch × D, context) normalised, 0 = missing;
    h: (batch, decoder layers × hidden).
    """
    every = rolled_maps(highway, config.max_horizon // config.patch_length)
    rows = (context @ every.weight).call("maps") + every.bias
    if highway.gate is not None:
        shares = shares_of_maps(highway.gate, context, h, config).call("shares")
        maps = rows.reshape(-1, config.highway, config.max_horizon)
        rows = (shares.unsqueeze(1) @ maps).squeeze(1)
    return join_times(rows, config.max_horizon, config.target_size)
