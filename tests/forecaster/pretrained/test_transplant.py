"""The pretrained weights as those of a plain network of any patch."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import torch

from forecaster.config import ModelConfig
from forecaster.config.shape import Normalization
from forecaster.model.network import Network
from forecaster.model.unrolling import unroll_free
from forecaster.pretrained.kinds import (
    DECODER_STEPS,
    FAMILIES,
    HIDDEN,
    KINDS,
    NORMALIZATIONS,
    Family,
    Kind,
    family_of,
)
from forecaster.pretrained.shipped import pretrained_weights
from forecaster.pretrained.transplant import TRAITS, shrink, stretch, traits, transplant
from forecaster.pretraining.prior.draws import Array
from forecaster.pretraining.start import first_weights
from forecaster.windows.window import Window

pytestmark = pytest.mark.slow
Weights = dict[str, np.ndarray]
COVARIATES = ("known.", "past.", "static.")  # statistics of what no pretrained network has
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"season {kind.season}")
each_family = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
each_normalization = pytest.mark.parametrize("normalization", NORMALIZATIONS)


@cache
def weights_of(family: Family) -> Weights:
    """Draw weights of which none is 0 and none like another, as after training."""
    draw = np.random.default_rng(0)
    sizes = {"highway.weight": 1.6 / family.lookback}  # so that no forecast grows from step to step
    return {
        name: (sizes.get(name, 0.1) * draw.standard_normal(part.shape)).astype(np.float32)
        for name, part in first_weights(family).items()
    }


def weights_for(kind: Kind) -> Weights:
    return weights_of(family_of(kind.season, kind.patch))


def alike(family: Family) -> Weights:
    """Return weights that do not tell kinds apart."""
    return {name: 0 * part if name.endswith("traits") else part for name, part in weights_of(family).items()}


def of_patch(family: Family, patch: int, normalization: Normalization) -> ModelConfig:
    config = Kind(patch, patch, family.lookback, 1.0).config(normalization)
    return config.model_copy(update={"cycle_changes": family.cycle_changes})


def network_of(weights: Weights, config: ModelConfig) -> Network:
    network = Network(config).eval()
    state = {name: torch.from_numpy(part) for name, part in transplant(weights, config, np).items()}
    network.load_state_dict(state)
    return network


def of_context(kind: Kind, length: int) -> ModelConfig:
    return kind.config("mean-std").model_copy(update={"context_length": length})


@each_kind
@each_normalization
def test_it_is_the_state_of_a_network(kind: Kind, normalization: Normalization) -> None:
    state = transplant(weights_for(kind), kind.config(normalization), np)
    assert all(part.dtype == np.float32 for part in state.values())
    assert all(part.size == 0 for name, part in state.items() if name.startswith(COVARIATES))
    network_of(weights_for(kind), kind.config(normalization))


@each_family
def test_weights_that_ship_are_those_that_pretraining_begins_with_in_name_and_shape(family: Family) -> None:
    shapes = {name: part.shape for name, part in pretrained_weights(family.name).items()}
    assert shapes == {name: tuple(part.shape) for name, part in first_weights(family).items()}


@pytest.mark.parametrize("patches", [0.5, 1, 1.75, 2, 7.3, 14, 16])
@pytest.mark.parametrize("kind", KINDS[::5], ids=lambda kind: f"season {kind.season}")
def test_it_is_the_state_of_a_network_of_any_shorter_context(kind: Kind, patches: float) -> None:
    config = of_context(kind, max(1, round(patches * kind.patch)))
    network = network_of(weights_for(kind), config)
    window = Window(torch.randn(2, config.context_length), torch.tensor([1, config.context_length]), 1)
    assert torch.isfinite(network.forecast(window)).all()


def test_a_shorter_context_has_the_maps_of_its_last_patches() -> None:
    kind = Kind(12, 12, 12, 1.0)
    whole, part = (
        transplant(weights_for(kind), of_context(kind, length), np)["highway.weight"]
        for length in (12 * kind.patch, 31)
    )
    close(part, whole[:, :, -31:])


@pytest.mark.parametrize(("patches", "cycles"), [(1, 0), (2, 1), (13, 1), (14, 2)])
def test_the_gate_knows_the_cycles_that_a_context_holds_twice(patches: int, cycles: int) -> None:
    kind = Kind(12, 12, 12, 1.0)
    weights = weights_for(kind)
    config = of_context(kind, patches * kind.patch)
    found = transplant(weights, config, np)["highway.gate.linear.weight"]
    hidden, correlations, changes = np.split(weights["gate.weight"], [HIDDEN, HIDDEN + 2], axis=1)
    expected = np.concatenate([hidden, correlations[:, :cycles], changes[:, :cycles]], axis=1)
    np.testing.assert_array_equal(found, expected)


@each_family
@pytest.mark.parametrize("knows", [False, True])
def test_the_gate_of_any_family_may_know_the_changes_or_not(family: Family, knows: bool) -> None:
    weights, kind = weights_of(family), family.kinds[-1]
    config = kind.config("mean-std").model_copy(update={"cycle_changes": knows})
    gate = transplant(weights, config, np)["highway.gate.linear.weight"]
    network_of(weights, config)
    lags = (gate.shape[1] - HIDDEN) // (2 + knows)
    assert lags in (1, 2)
    changes = gate[:, HIDDEN + 2 * lags :]
    assert changes.shape[1] == lags * knows
    assert bool(changes.any()) == (knows and family.cycle_changes)


@each_kind
def test_tensors_of_torch_give_the_state_that_arrays_of_numpy_do(kind: Kind) -> None:
    config, weights = kind.config("mean-std"), weights_for(kind)
    tensors = {name: torch.from_numpy(part) for name, part in weights.items()}
    of_numpy, of_torch = transplant(weights, config, np), transplant(tensors, config, torch)
    assert of_numpy.keys() == of_torch.keys()
    for name, part in of_numpy.items():
        np.testing.assert_allclose(of_torch[name].numpy(), part, atol=2e-6, err_msg=name)


@each_family
def test_a_network_whose_patch_has_all_phases_has_the_weights_as_they_are(family: Family) -> None:
    phases, weights = family.phases, weights_of(family)
    config = of_patch(family, phases, "mean-std")
    state, kind = transplant(weights, config, np), np.array(traits(config))
    for side in ("encoder", "decoder"):
        flat = weights[f"{side}.patch"].reshape(-1, 2 * phases)
        close(state[f"{side}.lstm.weight_ih_l0"][:, : 2 * phases], flat)
        close(state[f"{side}.lstm.bias_ih_l0"], weights[f"{side}.bias"] + weights[f"{side}.traits"] @ kind)
    close(state["decoder.lstm.weight_ih_l0"][:, 2 * phases :], weights["decoder.step"])
    for rows in ("decoder.next_rows", "decoder.delta_rows"):
        close(state[f"{rows}.weight"], np.concatenate(weights[f"{rows}.weight"]))
        close(state[f"{rows}.bias"], weights[f"{rows}.bias"].ravel())
    maps = weights["highway.weight"]
    close(state["highway.weight"], maps.reshape(len(maps), phases, -1))
    close(state["highway.bias"], weights["highway.bias"])
    close(state["highway.gate.linear.bias"], weights["gate.bias"] + weights["gate.traits"] @ kind)


def close(found: Array, expected: Array) -> None:
    np.testing.assert_allclose(found, expected, atol=2e-6)


@pytest.mark.parametrize(
    ("family", "patch"),
    [(family, patch) for family in FAMILIES.values() for patch in range(1, family.phases + 1)],
    ids=lambda given: given.name if isinstance(given, Family) else str(given),
)
def test_what_a_constant_does_to_a_network_does_not_depend_on_its_patch(family: Family, patch: int) -> None:
    phases = family.phases
    small, large = (
        transplant(alike(family), Kind(1, size, 12, 1.0).config("mean-std"), np) for size in (patch, phases)
    )
    level = 1.7
    for side in ("encoder", "decoder"):
        entered = [
            state[f"{side}.lstm.weight_ih_l0"][:, : 2 * size] @ np.repeat([level, 1.0], size)
            for state, size in ((small, patch), (large, phases))
        ]
        close(entered[0] / 10, entered[1] / 10)
        close(small[f"{side}.lstm.bias_ih_l0"], large[f"{side}.lstm.bias_ih_l0"])
    straight = [state["highway.weight"].sum(2) * level + state["highway.bias"] for state in (small, large)]
    close(straight[0] / 10, straight[1] @ shrink(patch, phases).T.astype(np.float32) / 10)


@each_family
@pytest.mark.parametrize("repeats", [2, 4, 8])
@each_normalization
def test_the_first_decoder_step_is_that_of_the_network_of_all_phases_on_values_that_are_repeated(
    family: Family, repeats: int, normalization: Normalization
) -> None:
    rows, expected = (
        part[:, 0] for part in rows_of_both(family, alike(family), repeats, normalization, steps=1)
    )
    torch.testing.assert_close(rows, expected, atol=2e-5, rtol=1e-4)


@each_family
@pytest.mark.parametrize("repeats", [2, 4])
def test_so_are_all_others_where_the_medians_that_are_fed_back_repeat(family: Family, repeats: int) -> None:
    weights, patch = alike(family), family.phases // repeats
    repeating = dict(weights)
    mean = stretch(patch, family.phases) @ shrink(patch, family.phases)  # of each group, for its phases
    for name in ("decoder.next_rows.weight", "decoder.next_rows.bias", "highway.weight", "highway.bias"):
        axis = int(name.startswith("highway"))
        part = np.moveaxis(np.tensordot(mean, weights[name], (1, axis)), 0, axis)
        repeating[name] = part.astype(np.float32)
    rows, expected = rows_of_both(family, repeating, repeats, "mean-std", DECODER_STEPS)
    torch.testing.assert_close(rows, expected, atol=2e-4, rtol=1e-3)
    rows, other = rows_of_both(family, weights, repeats, "mean-std", DECODER_STEPS)
    assert (rows - other).abs().max() > 0.01  # as a rule they do not


def rows_of_both(
    family: Family, weights: Weights, repeats: int, normalization: Normalization, steps: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return free-running rows of a network of a patch and those of the one of all phases, shrunk.

    The latter sees each value as often as it has phases. Both are (batch, steps, patch, levels).
    """
    patch = family.phases // repeats
    history = torch.from_numpy(np.random.default_rng(1).uniform(1, 2, (3, family.lookback * patch)))
    found = []
    for size in (patch, family.phases):
        repeated = history.repeat_interleave(size // patch, dim=1)
        window = Window(repeated, torch.full((3,), repeated.shape[1]), steps * size)
        with torch.no_grad():
            network = network_of(weights, of_patch(family, size, normalization))
            start = network.start(network.encode(window), window)
            found.append(network.decoder.rows(unroll_free(network.decoder, start), start.highway).next)
    shrunk = torch.einsum("pc,bscl->bspl", torch.from_numpy(shrink(patch, family.phases)).float(), found[1])
    return found[0], shrunk


def test_traits_tell_kinds_and_normalisations_apart_and_nothing_else() -> None:
    configs = [kind.config(name) for kind in KINDS for name in NORMALIZATIONS]
    told = [tuple(traits(config)) for config in configs]
    assert {len(row) for row in told} == {TRAITS}
    assert len(set(told)) == len(configs)
    one, two, three = (traits(Kind(24 * patches, 24, 4, 1.0).config("mean-std")) for patches in (1, 2, 3))
    assert one != two != three != one
    for config, row in zip(configs, told, strict=True):
        shorter = config.model_copy(update={"context_length": 5, "horizon": 3})
        assert tuple(traits(shorter)) == row
    assert np.abs(told).max() <= 1


def test_kinds_have_whole_patches_in_a_season_and_a_context_that_the_maps_hold() -> None:
    for kind in KINDS:
        config = kind.config("mean-std")
        assert kind.season == 1 or kind.season % kind.patch == 0
        assert config.encoder_steps == kind.context <= family_of(kind.season, kind.patch).lookback
        assert config.decoder_steps == DECODER_STEPS


@each_family
def test_kinds_of_a_family_have_no_more_values_than_phases_and_shares_of_a_whole(family: Family) -> None:
    assert all(family_of(kind.season, kind.patch) is family for kind in family.kinds)
    assert max(kind.patch for kind in family.kinds) <= family.phases
    assert sum(kind.share for kind in family.kinds) == pytest.approx(1)
