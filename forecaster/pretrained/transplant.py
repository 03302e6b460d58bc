"""The pretrained weights as those of a plain network of a given patch.

All that a network does to a patch is linear, so resampling goes into the weights once: what comes out is an
ordinary state of forecaster.model.Network, which folds and exports as any other. Arrays are numpy's or, in
pretraining, tensors of torch, through which gradients flow back.
"""

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np

from forecaster.config import ModelConfig
from forecaster.pretrained.resampling import shrink, stretch

Weights = Mapping[str, Any]
CONTEXT = 16  # patches of a history that the highway's maps look back on, at most
FULL_LAGS = 2  # cycles that the gate knows
LONGER = 7


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


TRAITS = 7


def transplant(pretrained: Weights, config: ModelConfig, library: ModuleType) -> dict[str, Any]:
    """Return the state of a network without covariates. library: numpy or torch, whose arrays they are."""
    like = pretrained["encoder.patch"]
    given = [library.asarray(part.astype(np.float32)) for part in _parts(config)]
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
    maps = pretrained["highway.weight"][:, :, CONTEXT - config.encoder_steps :] @ up
    maps = down @ maps.reshape(maps.shape[0], maps.shape[1], -1)
    state["highway.weight"] = maps[:, :, maps.shape[2] - config.context_length :]
    state["highway.bias"] = pretrained["highway.bias"] @ down.T
    state["highway.gate.linear.weight"] = _gate(pretrained["gate.weight"], config, library)
    state["highway.gate.linear.bias"] = pretrained["gate.bias"] + pretrained["gate.traits"] @ kind
    return state


# What does not depend on the patch.
PLAIN = (
    *("encoder.lstm.weight_hh_l0", "encoder.lstm.bias_hh_l0"),
    *("decoder.lstm.weight_hh_l0", "decoder.lstm.bias_hh_l0"),
    "step_vectors.weight",
)


def _parts(config: ModelConfig) -> tuple[Any, ...]:
    patch = config.patch_length
    return stretch(patch), shrink(patch), np.array(traits(config))


def _gate(weight: Any, config: ModelConfig, library: ModuleType) -> Any:
    """Return the weights of those features that the gate of a config has: hidden, correlations, changes."""
    season, hidden = min(config.season, config.context_length), weight.shape[1] - 2 * FULL_LAGS
    lags = sum(2 * lag <= config.context_length for lag in (season, LONGER * season))
    correlations, changes = weight[:, hidden : hidden + lags], weight[:, hidden + FULL_LAGS :][:, :lags]
    return library.concatenate([weight[:, :hidden], correlations, changes], axis=1)
