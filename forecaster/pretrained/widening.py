"""A plain network's state as that of one with covariates, other levels or several targets."""

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from forecaster.config import ModelConfig
from forecaster.weights.weights import Array, State, shapes_of

ROWS = ("decoder.next_rows", "decoder.delta_rows")
# What a plain network has none of, or one way of.
BEYOND = (
    *("quantile_levels", "target_size", "calendar_periods", "step_seconds"),
    *("known_size", "past_size", "static_size", "category_sizes"),
)


def plain(config: ModelConfig) -> ModelConfig:
    """Return the shape without covariates, of one target, with the levels that are pretrained."""
    return ModelConfig.model_validate(config.model_dump(exclude=set(BEYOND)))


def widened(state: State, config: ModelConfig) -> dict[str, Array]:
    """Return the state of a network of this shape, of that of `plain(config)`.

    New inputs have columns of 0, so they change nothing before they are trained. Of the targets of a joint
    series the LSTMs see the mean, and forecast each alike. Embeddings and statistics are left out.
    """
    wide = {name: array for name, array in state.items() if not name.endswith((".location", ".scale"))}
    levels = plain(config).quantile_levels
    blend = blend_of_levels(levels, config.quantile_levels)
    for name in (f"{rows}.{part}" for rows in ROWS for part in ("weight", "bias")):
        by_level = state[name].reshape(config.patch_length, len(levels), -1)
        rows = np.einsum("ql,plh->pqh", blend, by_level).repeat(config.target_size, axis=0)
        wide[name] = rows.reshape(-1, *state[name].shape[1:])
    for side, last in (("encoder", 0), ("decoder", config.step_width)):
        name = f"{side}.lstm.weight_ih_l0"
        wide[name] = _with_columns(state[name], shapes_of(config)[name][1], config.target_size, last)
    return wide


def _with_columns(weight: Array, width: int, targets: int, last: int) -> Array:
    """Return input weights with columns of 0 between those of the patch and the last ones."""
    patch = weight[:, : weight.shape[1] - last] / targets
    placed = np.zeros((len(weight), width), weight.dtype)
    placed[:, : patch.shape[1] * targets] = patch.repeat(targets, axis=1)
    placed[:, width - last :] = weight[:, weight.shape[1] - last :]
    return placed


def blend_of_levels(known: tuple[float, ...], wanted: tuple[float, ...]) -> NDArray[np.float32]:
    """Return the shares of known levels in others: (wanted, known), each row with a sum of 1.

    Between two levels and beyond the last ones quantiles follow those of the normal distribution.
    """
    normal = NormalDist().inv_cdf
    places = np.array([normal(level) for level in known])
    blend = np.zeros((len(wanted), len(known)), np.float32)
    for row, level in zip(blend, wanted, strict=True):
        above = int(np.clip(np.searchsorted(places, normal(level)), 1, len(places) - 1))
        low, high = places[above - 1 : above + 1]
        row[above] = (normal(level) - low) / (high - low)
        row[above - 1] = 1 - row[above]
    return blend
