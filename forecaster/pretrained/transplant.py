"""The pretrained weights as those of a plain network of a given patch.

All that a network does to a patch is linear, so resampling goes into the weights once: what comes out is an
ordinary state of forecaster.model.Network, which folds and exports as any other. Arrays are numpy's or, in
pretraining, tensors of torch, through which gradients flow back.
"""

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.config import ModelConfig
from forecaster.weights.constants import gate_lags

Weights = Mapping[str, Any]
Array = NDArray[np.float64]
FULL_LAGS = 2  # cycles that the gate knows, where a history is long enough for both
TRAITS = 7  # numbers that tell kinds of series apart


def traits(config: ModelConfig) -> list[float]:
    """Return what tells kinds of series apart, for biases of the LSTMs and the gate: (TRAITS,)."""
    width = np.log2(config.patch_length) / 5
    ratio = config.season / config.patch_length
    return [
        float(config.season == 1),
        float(1.5 <= ratio < 2.5),
        float(ratio >= 2.5),
        float(width),
        float(width**2),
        float(config.normalization == "log-last-difference"),
        float(config.normalization == "mean-std"),
    ]


def transplant(pretrained: Weights, config: ModelConfig, library: ModuleType) -> dict[str, Any]:
    """Return the state of a network without covariates. library: numpy or torch, whose arrays they are."""
    like = pretrained["encoder.patch"]
    given = [library.asarray(part.astype(np.float32)) for part in _parts(config, like.shape[2])]
    if library is not np:  # where the tensors are
        given = [part.to(like.device, like.dtype) for part in given]
    up, down, kind = given
    units, patch = like.shape[0], config.patch_length
    state = {name: pretrained[name] for name in PLAIN}
    for side in ("encoder", "decoder"):
        state[f"{side}.lstm.weight_ih_l0"] = (pretrained[f"{side}.patch"] @ up).reshape(units, 2 * patch)
        state[f"{side}.lstm.bias_ih_l0"] = pretrained[f"{side}.bias"] + pretrained[f"{side}.traits"] @ kind
    state["decoder.lstm.weight_ih_l0"] = library.concatenate(
        [state["decoder.lstm.weight_ih_l0"], pretrained["decoder.step"]], axis=1
    )
    for rows in ("decoder.next_rows", "decoder.delta_rows"):
        weight, bias = pretrained[f"{rows}.weight"], pretrained[f"{rows}.bias"]
        levels, hidden = weight.shape[1:]
        flat = (down @ weight.reshape(-1, levels * hidden)).reshape(patch * levels, hidden)
        state[f"{rows}.weight"], state[f"{rows}.bias"] = flat, (down @ bias).reshape(-1)
    maps = pretrained["highway.weight"] @ up
    maps = down @ maps.reshape(maps.shape[0], maps.shape[1], -1)
    if config.context_length > maps.shape[2]:  # what is older than the maps look back
        older = library.zeros((*maps.shape[:2], config.context_length - maps.shape[2]), dtype=like.dtype)
        maps = library.concatenate([older, maps], axis=2)
    state["highway.weight"] = maps[:, :, maps.shape[2] - config.context_length :]
    state["highway.bias"] = pretrained["highway.bias"] @ down.T
    state["highway.gate.linear.weight"] = _gate(pretrained["gate.weight"], config, library)
    state["highway.gate.linear.bias"] = pretrained["gate.bias"] + pretrained["gate.traits"] @ kind
    vectors = state["step_vectors.weight"]  # further steps are like the last
    steps = [min(step, len(vectors) - 1) for step in range(config.decoder_steps)]
    state["step_vectors.weight"] = vectors[steps]
    none = pretrained["gate.bias"][:0]  # no covariates
    for name in ("known", "past", "static"):
        state |= {f"{name}.location": none, f"{name}.scale": none}
    return state


# What does not depend on the patch.
PLAIN = (
    *("encoder.lstm.weight_hh_l0", "encoder.lstm.bias_hh_l0"),
    *("decoder.lstm.weight_hh_l0", "decoder.lstm.bias_hh_l0"),
    "step_vectors.weight",
)


def _parts(config: ModelConfig, phases: int) -> tuple[Any, ...]:
    patch = config.patch_length
    return stretch(patch, phases), shrink(patch, phases), np.array(traits(config))


def _gate(weight: Any, config: ModelConfig, library: ModuleType) -> Any:
    """Return the weights of those features that the gate of a config has: of the cycles that it knows."""
    lags, hidden = len(gate_lags(config)), config.hidden_size
    starts = range(hidden, weight.shape[1], FULL_LAGS)
    kinds = [weight[:, start : start + lags] for start in starts][: 2 + config.cycle_changes]
    if len(kinds) < 2 + config.cycle_changes:  # of a family that was not trained by it
        kinds.append(0 * kinds[0])
    return library.concatenate([weight[:, :hidden], *kinds], axis=1)


def mirrored(state: Mapping[str, Any], config: ModelConfig) -> dict[str, Any]:
    """Return the state of the network that forecasts −x as the given one forecasts x, minus that.

    Arrays are numpy's. Masks keep their signs; the levels of the rows change places.
    """
    patch, levels = config.patch_length, len(config.quantile_levels)
    turned = dict(state)
    for side in ("encoder", "decoder"):
        inputs = np.array(state[f"{side}.lstm.weight_ih_l0"])
        inputs[:, :patch] *= -1
        turned[f"{side}.lstm.weight_ih_l0"] = inputs
    for rows in ("decoder.next_rows", "decoder.delta_rows"):
        for name in (f"{rows}.weight", f"{rows}.bias"):
            by_level = state[name].reshape(patch, levels, -1)
            turned[name] = np.ascontiguousarray(-by_level[:, ::-1]).reshape(state[name].shape)
    turned["highway.bias"] = -state["highway.bias"]
    gate = np.array(state["highway.gate.linear.weight"])
    lags = len(gate_lags(config))
    gate[:, config.hidden_size + lags :][:, :lags] *= -1  # by how much the level changed
    turned["highway.gate.linear.weight"] = gate
    return turned


def stretch(patch: int, phases: int) -> Array:
    """Return U, (phases, patch): each phase is the mean of the values that it overlaps.

    Rows sum to 1: what is constant stays it.
    """
    edges = np.arange(phases + 1) * patch / phases
    values = np.arange(patch)
    overlap = np.minimum(edges[1:, None], values + 1) - np.maximum(edges[:-1, None], values)
    return overlap.clip(min=0) * phases / patch


def shrink(patch: int, phases: int) -> Array:
    """Return D, (patch, phases), with D U = 1 up to a patch of so many: means where U repeats values."""
    return np.asarray(np.linalg.pinv(stretch(patch, phases)), np.float64)
