"""Several networks as one forecast in a graph, as in model/ensemble.py."""

from functools import reduce

from forecaster.export.nodes.value import Value


def mean_forecast(quantiles: list[Value], lower: float | None) -> Value:
    """Average the members' quantiles level by level, in data units; all of one shape."""
    if len(quantiles) == 1:
        return quantiles[0]
    mean = reduce(Value.__add__, quantiles) / float(len(quantiles))
    return mean if lower is None else mean.maximum(float(lower))  # a sum of bounds rounds
