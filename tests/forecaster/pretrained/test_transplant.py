"""The pretrained weights as those of a plain network of any patch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from forecaster.config import ModelConfig
from forecaster.config.config import Normalization
from forecaster.model.network import Network
from forecaster.model.unrolling import unroll_free
from forecaster.pretrained.kinds import DECODER_STEPS, KINDS, NORMALIZATIONS, Kind
from forecaster.pretrained.resampling import CANONICAL, shrink, stretch
from forecaster.pretrained.transplant import CONTEXT, TRAITS, traits, transplant
from forecaster.pretraining.prior.draws import Array
from forecaster.pretraining.start import first_weights
from forecaster.windows.window import Window

pytestmark = pytest.mark.slow
Weights = dict[str, np.ndarray]
CANONICAL_KIND = Kind(CANONICAL, CANONICAL, CONTEXT, 1.0)
COVARIATES = ("known.", "past.", "static.")  # statistics of what no pretrained network has
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"season {kind.season}")
each_normalization = pytest.mark.parametrize("normalization", NORMALIZATIONS)


@pytest.fixture(scope="module")
def weights() -> Weights:
    """Draw weights of which none is 0 and none like another, as after training."""
    draw = np.random.default_rng(0)
    return {
        name: (0.1 * draw.standard_normal(part.shape)).astype(np.float32)
        for name, part in first_weights().items()
    }


def network_of(weights: Weights, config: ModelConfig) -> Network:
    network = Network(config).eval()
    state = {name: torch.from_numpy(part) for name, part in transplant(weights, config, np).items()}
    missing, unexpected = network.load_state_dict(state, strict=False)
    assert unexpected == []
    assert all(name.startswith(COVARIATES) for name in missing)
    return network


def of_context(kind: Kind, length: int) -> ModelConfig:
    return kind.config("mean-std").model_copy(update={"context_length": length})


@each_kind
@each_normalization
def test_it_is_the_state_of_a_network(kind: Kind, normalization: Normalization, weights: Weights) -> None:
    state = transplant(weights, kind.config(normalization), np)
    assert all(part.dtype == np.float32 for part in state.values())
    network_of(weights, kind.config(normalization))


@pytest.mark.parametrize("patches", [0.5, 1, 1.75, 2, 7.3, 14, 16])
@pytest.mark.parametrize("kind", KINDS[::5], ids=lambda kind: f"season {kind.season}")
def test_it_is_the_state_of_a_network_of_any_shorter_context(
    kind: Kind, patches: float, weights: Weights
) -> None:
    config = of_context(kind, max(1, round(patches * kind.patch)))
    network = network_of(weights, config)
    window = Window(torch.randn(2, config.context_length), torch.tensor([1, config.context_length]), 1)
    assert torch.isfinite(network.forecast(window)).all()


def test_a_shorter_context_has_the_maps_of_its_last_patches(weights: Weights) -> None:
    kind = KINDS[2]
    whole, part = (
        transplant(weights, of_context(kind, length), np)["highway.weight"]
        for length in (12 * kind.patch, 31)
    )
    close(part, whole[:, :, -31:])


@each_kind
def test_tensors_of_torch_give_the_state_that_arrays_of_numpy_do(kind: Kind, weights: Weights) -> None:
    config = kind.config("mean-std")
    tensors = {name: torch.from_numpy(part) for name, part in weights.items()}
    of_numpy, of_torch = transplant(weights, config, np), transplant(tensors, config, torch)
    assert of_numpy.keys() == of_torch.keys()
    for name, part in of_numpy.items():
        np.testing.assert_allclose(of_torch[name].numpy(), part, atol=2e-6, err_msg=name)


def test_a_network_of_32_phases_is_the_canonical_one(weights: Weights) -> None:
    config = CANONICAL_KIND.config("mean-std")
    state, kind = transplant(weights, config, np), np.array(traits(config))
    for side in ("encoder", "decoder"):
        flat = weights[f"{side}.patch"].reshape(-1, 2 * CANONICAL)
        close(state[f"{side}.lstm.weight_ih_l0"][:, : 2 * CANONICAL], flat)
        close(state[f"{side}.lstm.bias_ih_l0"], weights[f"{side}.bias"] + weights[f"{side}.traits"] @ kind)
    close(state["decoder.lstm.weight_ih_l0"][:, 2 * CANONICAL :], weights["decoder.step"])
    for rows in ("decoder.next_rows", "decoder.delta_rows"):
        close(state[f"{rows}.weight"], np.concatenate(weights[f"{rows}.weight"]))
        close(state[f"{rows}.bias"], weights[f"{rows}.bias"].ravel())
    maps = weights["highway.weight"]
    close(state["highway.weight"], maps.reshape(len(maps), CANONICAL, -1))
    close(state["highway.bias"], weights["highway.bias"])
    close(state["highway.gate.linear.bias"], weights["gate.bias"] + weights["gate.traits"] @ kind)


def close(found: Array, expected: Array) -> None:
    np.testing.assert_allclose(found, expected, atol=2e-6)


@pytest.mark.parametrize("patch", range(1, CANONICAL + 1))
def test_what_a_constant_does_to_a_network_does_not_depend_on_its_patch(patch: int, weights: Weights) -> None:
    alike = {name: 0 * part if name.endswith("traits") else part for name, part in weights.items()}
    small, large = (
        transplant(alike, Kind(1, size, 12, 1.0).config("mean-std"), np) for size in (patch, CANONICAL)
    )
    level = 1.7
    for side in ("encoder", "decoder"):
        entered = [
            state[f"{side}.lstm.weight_ih_l0"][:, : 2 * size] @ np.repeat([level, 1.0], size)
            for state, size in ((small, patch), (large, CANONICAL))
        ]
        close(entered[0] / 10, entered[1] / 10)
        close(small[f"{side}.lstm.bias_ih_l0"], large[f"{side}.lstm.bias_ih_l0"])
    straight = [state["highway.weight"].sum(2) * level + state["highway.bias"] for state in (small, large)]
    close(straight[0] / 10, straight[1] @ shrink(patch).T.astype(np.float32) / 10)


@pytest.mark.parametrize("patch", [2, 4, 8, 16])
@each_normalization
def test_the_first_decoder_step_is_that_of_the_canonical_network_on_values_that_are_repeated(
    patch: int, normalization: Normalization, weights: Weights
) -> None:
    rows, expected = (part[:, 0] for part in rows_of_both(weights, patch, normalization, steps=1))
    torch.testing.assert_close(rows, expected, atol=2e-5, rtol=1e-4)


@pytest.mark.parametrize("patch", [4, 16])
def test_so_are_all_others_where_the_medians_that_are_fed_back_repeat(patch: int, weights: Weights) -> None:
    repeating = dict(weights)
    alike = stretch(patch) @ shrink(patch)  # the mean of each group of phases in place of its phases
    for name in ("decoder.next_rows.weight", "decoder.next_rows.bias", "highway.weight", "highway.bias"):
        axis = int(name.startswith("highway"))
        part = np.moveaxis(np.tensordot(alike, weights[name], (1, axis)), 0, axis)
        repeating[name] = part.astype(np.float32)
    rows, expected = rows_of_both(repeating, patch, "mean-std", DECODER_STEPS)
    torch.testing.assert_close(rows, expected, atol=2e-4, rtol=1e-3)
    rows, other = rows_of_both(weights, patch, "mean-std", DECODER_STEPS)
    assert (rows - other).abs().max() > 0.01  # as a rule they do not


def rows_of_both(
    weights: Weights, patch: int, normalization: Normalization, steps: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return free-running rows of a network of a patch and those of the canonical one, shrunk.

    The latter sees each value as often as it has phases. Both are (batch, steps, patch, levels).
    """
    weights = {name: 0 * part if name.endswith("traits") else part for name, part in weights.items()}
    history = torch.from_numpy(np.random.default_rng(1).uniform(1, 2, (3, CONTEXT * patch)))
    found = []
    for size in (patch, CANONICAL):
        config = replace(CANONICAL_KIND, season=size, patch=size).config(normalization)
        repeated = history.repeat_interleave(size // patch, dim=1)
        window = Window(repeated, torch.full((3,), repeated.shape[1]), steps * size)
        with torch.no_grad():
            network = network_of(weights, config)
            start = network.start(network.encode(window), window)
            found.append(network.decoder.rows(unroll_free(network.decoder, start), start.highway).next)
    shrunk = torch.einsum("pc,bscl->bspl", torch.from_numpy(shrink(patch)).float(), found[1])
    return found[0], shrunk


def test_traits_tell_kinds_and_normalisations_apart_and_nothing_else() -> None:
    configs = [kind.config(name) for kind in KINDS for name in NORMALIZATIONS]
    told = [tuple(traits(config)) for config in configs]
    assert {len(row) for row in told} == {TRAITS}
    assert len(set(told)) == len(configs)
    for config, row in zip(configs, told, strict=True):
        shorter = config.model_copy(update={"context_length": 5, "horizon": 3})
        assert tuple(traits(shorter)) == row
    assert np.abs(told).max() <= 1


def test_kinds_have_whole_patches_in_a_season_and_a_context_that_the_maps_hold() -> None:
    for kind in KINDS:
        config = kind.config("mean-std")
        assert kind.season == 1 or kind.season % kind.patch == 0
        assert kind.patch <= CANONICAL
        assert config.encoder_steps == kind.context <= CONTEXT
        assert config.decoder_steps == DECODER_STEPS
    assert sum(kind.share for kind in KINDS) == pytest.approx(1, abs=0.05)
