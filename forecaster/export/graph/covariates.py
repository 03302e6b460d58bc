"""Covariates in a graph, as in model/covariates.py: standardised by constants, beside their masks."""

from __future__ import annotations

import math

from forecaster.export.graph.emitter import Emitter
from forecaster.export.graph.weights import array
from forecaster.model.covariates import Standardizer
from forecaster.model.network import Network


def patches(g: Emitter, values: str, standardizer: Standardizer, patch_length: int) -> str:
    """(batch, steps × patch, C) -> values, then masks: (batch, steps, 2 × patch × C)."""
    shape = [0, -1, patch_length * len(standardizer.location)]
    both = [g.op("Reshape", part, shape) for part in _standardize(g, values, standardizer)]
    return g.op("Concat", *both, axis=2)


def static_state(g: Emitter, network: Network) -> str | None:
    """What is static of each series, as Network.describe: (batch, width); None where nothing is."""
    columns = []
    for column, embedding in enumerate(network.embeddings):
        size = network.config.category_sizes[column]
        code = g.op("Gather", "static_cat", column, axis=1)
        trained = g.op("And", g.op("GreaterOrEqual", code, 0), g.op("Less", code, size))
        columns.append(g.op("Gather", array(embedding.weight), g.op("Where", trained, code, 0)))
    if network.config.static_size:
        columns += _standardize(g, "static", network.static)
    return g.op("Concat", *columns, axis=1) if columns else None


def _standardize(g: Emitter, values: str, standardizer: Standardizer) -> tuple[str, str]:
    """Standardised values, 0 where missing, and masks; of the shape of the values."""
    observed = g.op("Less", g.op("Abs", values), math.inf)
    centred = g.op("Sub", values, array(standardizer.location))
    scaled = g.op("Where", observed, g.op("Div", centred, array(standardizer.scale)), 0.0)
    return scaled, g.op("Cast", observed, to=1)
