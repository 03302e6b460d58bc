"""The network: what goes into the LSTMs, and what becomes of their rows."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from network_shapes import PLAIN

from deploy.request.covariates import Covariates
from deploy.request.inputs import check_request
from forecaster.export.graph import network as graph
from forecaster.export.graph.normalization import Statistics
from forecaster.export.manifest import describe, draft_manifest, facts_of
from forecaster.export.samples import make_sample
from forecaster.export.verify import to_window
from forecaster.model import normalization as model
from forecaster.model.encoder import flatten_layers
from forecaster.model.ensemble import Ensemble
from forecaster.windows.window import Window

LENGTHS, HORIZON = [40, 26, 3, 5, 13], 13
SHAPES: dict[str, dict[str, Any]] = {
    "everything": {},
    "plain": PLAIN,
    "one value a step": {"patch_length": 1},
    "no highway": {"highway": 0},
    "logarithms": {"normalization": "log-last-difference", "lower": 0.0},
    "three channels": {"patch_length": 4, "target_size": 3, "lower": 1.0},
    "two layers": {"encoder_layers": 2, "decoder_layers": 2},
}
shapes = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)


def window_of(run) -> Window:
    """Made-up series of several lengths, with all that the network of the run wants."""
    manifest = draft_manifest(describe(run.config.model, facts_of(run)))
    sample = make_sample(run.ensemble.first.weights(), manifest, LENGTHS, HORIZON)
    covariates = Covariates(**sample.arguments)
    return to_window(check_request(manifest, sample.history, HORIZON, covariates))


def inputs_of(window: Window) -> dict[str, torch.Tensor]:
    """The tensors of a window without the horizon: inputs of a graph."""
    return {name: tensor for name, tensor in window.tensors().items() if name != "horizon"}


def sides(names, values) -> tuple[graph.History, graph.Future]:
    """The inputs of a graph by their names, None where the network has none."""
    given = dict.fromkeys(("timestamps", "known", "past", "static_cat", "static")) | dict(
        zip(names, values, strict=True)
    )
    future = graph.Future(given.pop("future_timestamps", None), given.pop("future_known", None))
    return graph.History(**given), future


@shapes
def test_the_encoding_of_a_history_is_the_same(run_of, run_graph, close, shape) -> None:
    network, window = (run := run_of(**shape)).ensemble.first, window_of(run)
    inputs, weights = inputs_of(window), network.weights()

    def emit(*values):
        encoding = graph.encode(weights, sides(inputs, values)[0])
        stats = encoding.stats
        parts = [
            *encoding.state,
            encoding.previous,
            stats.location,
            stats.scale,
            encoding.context,
            encoding.static,
        ]
        return [part for part in parts if part is not None]

    found, encoding = run_graph(emit, *inputs.values()), network.encode(window)
    size = network.config.target_size
    expected = [
        *(flatten_layers(part) for part in encoding.state),
        encoding.previous,
        encoding.stats.location.reshape(-1, size),
        encoding.stats.scale.reshape(-1, size),
    ]
    expected += [encoding.context] if network.config.highway else []
    expected += [encoding.static] if encoding.static.shape[1] else []
    for one, wanted in zip(found, expected, strict=True):
        close(one, wanted)


@shapes
def test_the_decoder_starts_with_the_same(run_of, run_graph, close, shape) -> None:
    network, window = (run := run_of(**shape)).ensemble.first, window_of(run)
    weights = network.weights()
    inputs, steps = inputs_of(window), torch.tensor([-(-HORIZON // network.config.patch_length)])

    def emit(steps, *values):
        history, future = sides(inputs, values)
        known_later = graph.Shape(history.history.sizes(0, 1), steps)
        start = graph.start_decoder(weights, graph.encode(weights, history), future, known_later)
        return [start.features] if start.highway is None else [start.features, start.highway]

    found = run_graph(emit, steps, *inputs.values())
    start = network.start(network.encode(window), window)
    for one, wanted in zip(found, [start.features, start.highway], strict=False):
        close(one, wanted)
    assert len(found) == 1 + bool(network.config.highway)


def test_what_is_static_is_the_same_for_any_code(run_of, run_graph, same) -> None:
    network = (run := run_of()).ensemble.first
    window = window_of(run)
    codes = torch.tensor([[0, 0], [1, 3], [2, 4], [99, -1], [3, 1]])
    window = Window(**{**vars(window), "static_cat": codes})
    inputs, weights = inputs_of(window), network.weights()
    (found,) = run_graph(lambda *values: graph.describe(weights, sides(inputs, values)[0]), *inputs.values())
    same(found, network.describe(window))


@pytest.mark.parametrize("calibrated", [True, False])
@pytest.mark.parametrize("size", [1, 3])
def test_the_bias_of_the_horizon_rows_is_that_of_calibrated_ones(run_of, calibrated, size) -> None:
    ensemble: Ensemble = run_of(calibrated=calibrated, target_size=size).ensemble
    network = ensemble.first
    config, decoder = network.config, network.decoder
    steps = config.max_horizon // config.patch_length
    raw = (decoder.next_rows.bias + decoder.delta_rows.bias).reshape(1, 1, config.patch_width, -1)
    expected = ensemble.calibrate(raw.expand(1, steps, -1, -1)).reshape(steps, -1)
    weights = ensemble.weights()
    found = graph.horizon_bias(weights.first, weights.offsets_of(config.max_horizon))
    assert len(found) == (steps if calibrated else 1)
    assert torch.equal(torch.from_numpy(found).expand(steps, -1), expected)


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("normalization", ["mean-std", "log-last-difference"])
def test_rows_become_the_same_data(run_of, run_graph, close, normalization, size) -> None:
    network = run_of(normalization=normalization, target_size=size, lower=0.5, patch_length=4).ensemble.first
    config, weights = network.config, network.weights()
    rows = torch.randn(3, 2, config.patch_width, len(config.quantile_levels))
    location, scale = torch.randn(3, size), torch.rand(3, size)
    (found,) = run_graph(
        lambda rows, *stats: graph.emit(weights, rows, Statistics(*stats)), rows.flatten(1), location, scale
    )
    stats = model.Statistics(location.reshape(-1, 1), scale.reshape(-1, 1))
    close(found, network.emit(rows, stats))
