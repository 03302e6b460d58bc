"""What is computed of the weights in numpy is what torch computes of them in float64, rounded once."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy_state import arrays_of

from forecaster.config import ModelConfig
from forecaster.model.decoder import Decoder
from forecaster.model.ensemble import Ensemble
from forecaster.model.folding import folded_weights
from forecaster.model.gate import Gate
from forecaster.model.highway import Highway
from forecaster.model.network import Network
from forecaster.weights.calibrated import Calibrated
from forecaster.weights.composed import folded_layer, rolled_maps
from forecaster.weights.weights import DecoderWeights, HighwayWeights

# Sums of a few dozen products in another order, in float64, of numbers up to about 10.
ROUNDING = 1e-13


def config_of(**changes) -> ModelConfig:
    shape = {"context_length": 14, "horizon": 9, "patch_length": 3, "season": 7, "hidden_size": 6}
    return ModelConfig(**{**shape, **changes})


def parts_of(layer) -> list[np.ndarray]:
    return [layer.w_in, layer.w_hidden, layer.b_in, layer.b_hidden]


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)
    with torch.no_grad():
        yield


@pytest.mark.parametrize(
    "changes", [{}, {"target_size": 2}, {"patch_length": 1}, {"quantile_levels": (0.5,)}]
)
def test_folded_weights_are_those_of_torch(changes) -> None:
    config = config_of(**changes)
    decoder = Decoder(config, 4).double()
    folded = folded_layer(DecoderWeights.of(config, arrays_of(decoder)))
    for found, expected in zip(parts_of(folded), folded_weights(decoder), strict=True):
        np.testing.assert_allclose(found, expected.numpy(), rtol=0, atol=ROUNDING)


def test_folded_weights_of_float32_are_the_exact_ones_rounded_once() -> None:
    config = config_of()
    decoder = Decoder(config, 4)
    folded = folded_layer(DecoderWeights.of(config, arrays_of(decoder)))
    for found, expected in zip(parts_of(folded), folded_weights(decoder.double()), strict=True):
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, expected.float().numpy())


def test_the_row_that_is_fed_back_is_that_of_torch() -> None:
    config = config_of(target_size=2, quantile_levels=(0.1, 0.5, 0.6, 0.9))
    decoder = Decoder(config, 4)
    median, (weight, bias) = DecoderWeights.of(config, arrays_of(decoder)).median, decoder.median_row()
    np.testing.assert_array_equal(median.weight, weight.numpy())
    np.testing.assert_array_equal(median.bias, bias.numpy())


@pytest.mark.parametrize("maps", [1, 3])
@pytest.mark.parametrize(
    ("context", "patch", "steps"), [(14, 3, 1), (14, 3, 4), (14, 3, 9), (5, 5, 3), (4, 1, 9)]
)
def test_rolled_maps_as_one_matrix_forecast_what_each_forecasts_step_by_step(
    context, patch, steps, maps
) -> None:
    config = config_of(context_length=context, patch_length=patch, highway=maps)
    highway = Highway(config).double()
    torch.nn.init.normal_(highway.weight, std=0.2)
    torch.nn.init.normal_(highway.bias)
    seen = torch.randn(5, context, dtype=torch.float64)
    expected = []
    for weight, bias in zip(highway.weight, highway.bias, strict=True):
        values = seen
        for _ in range(steps):
            values = torch.cat([values, values[:, -context:] @ weight.T + bias], dim=1)
        expected.append(values[:, context:])
    rolled = rolled_maps(HighwayWeights.of(config, arrays_of(highway)), steps)
    found = (seen.numpy() @ rolled.weight + rolled.bias).reshape(5, maps, -1)
    np.testing.assert_allclose(found, torch.stack(expected, dim=1).numpy(), rtol=0, atol=100 * ROUNDING)
    by_torch = highway.roll(seen, steps).transpose(0, 1).numpy()
    np.testing.assert_allclose(found, by_torch, rtol=0, atol=100 * ROUNDING)


def test_a_gate_takes_its_level_changes_from_the_same_numbers() -> None:
    config = config_of(context_length=30, season=4, highway=2)
    gate = Gate(config)
    assert gate.lags == (4,)
    assert (gate.changes.sum(0).abs() < 1e-6).all()
    assert gate.changes[-1, 0] == -gate.changes[-5, 0] == 0.25


@pytest.mark.parametrize("steps", [3, 9, 27])
def test_offsets_grow_beyond_the_horizon_as_in_torch(steps) -> None:
    config = config_of()
    network, offsets = Network(config), torch.randn(config.horizon, len(config.quantile_levels))
    ensemble = Ensemble([network], offsets)
    calibrated = Calibrated.of(config, [arrays_of(network)], offsets.numpy())
    for weights in (calibrated, ensemble.weights()):
        np.testing.assert_array_equal(weights.offsets_of(steps), ensemble.offsets_of(steps).numpy())
    growth = np.sqrt(np.maximum(np.arange(1, steps + 1) / config.horizon, 1.0))
    nearest = offsets.double().numpy()[np.minimum(np.arange(steps), config.horizon - 1)]
    np.testing.assert_allclose(calibrated.offsets_of(steps), nearest * growth[:, None], rtol=1e-6)


def test_without_offsets_nothing_is_calibrated_and_those_of_another_horizon_are_refused() -> None:
    config = config_of()
    states = [arrays_of(Network(config))]
    assert not Calibrated.of(config, states).offsets_of(20).any()
    with pytest.raises(ValueError, match=r"offsets have shape \(2, 9\), expected \(9, 9\)"):
        Calibrated.of(config, states, np.zeros((2, 9)))
