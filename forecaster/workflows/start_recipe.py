"""Whether a fit begins at the pretrained network, and how it trains then: part of the recipe."""

from typing import Any

import numpy as np

from deploy.errors import ConfigError
from forecaster.config import Lengths
from forecaster.data import Panel
from forecaster.pretrained.kinds import (
    HIDDEN,
    LONGEST_PATCH,
    MAPS,
    SHORTEST_PATCH,
    context_of,
    follows,
    patch_of,
)
from forecaster.pretrained.shipped import ANY, POSITIVE

# Settings of the network that its weights were pretrained with.
FIXED = {"hidden_size": HIDDEN, "encoder_layers": 1, "decoder_layers": 1, "step_width": 8, "highway": MAPS}
# Values of all series, learning rate, updates; between the rows by logarithms.
TABLE = np.array([(1e2, 5e-5, 40), (2e4, 2e-4, 160), (3e5, 1e-3, 1000)])
BATCH, EPOCHS = 64, 8
FEW = 20_000  # values, below which several members train


def why_not(model: dict[str, Any], season: int) -> str | None:
    """Return which setting no pretrained network has, or None. model: what was said."""
    for name, value in FIXED.items():
        if model.get(name, value) != value:
            return f"{name} is {value}, not {model[name]}"
    if model.get("normalization") == "none":
        return "normalization is not none"
    if not follows(season):
        return f"season is up to 12 parts of {SHORTEST_PATCH} to {LONGEST_PATCH} steps, and {season} is not"
    patch = model.get("patch_length") or patch_of(season)
    if not SHORTEST_PATCH <= patch <= LONGEST_PATCH:
        return f"patch_length is {SHORTEST_PATCH} to {LONGEST_PATCH}, not {patch}"
    context = model.get("context_length") or patch
    return f"context_length is a patch at least, {patch}, not {context}" if context < patch else None


def choose_start(asked: str, model: dict[str, Any], season: int) -> str:
    """Return pretrained, random or run. asked: one of these, or auto. Raises ConfigError."""
    reason = why_not(model, season)
    if asked == "pretrained" and reason:
        raise ConfigError(f"the pretrained network cannot be the start: its {reason}")
    if asked == "auto":  # a patch of another length was never pretrained for such a season
        is_own = model.get("patch_length") in (None, patch_of(season))
        return "random" if reason or not is_own else "pretrained"
    return asked


def started_lengths(given: Lengths, season: int) -> tuple[int, int]:
    """Return context and patch of the pretrained network."""
    return given.context_length or context_of(season), given.patch_length or patch_of(season)


def started_members(
    panel: Panel, model: dict[str, Any], train: dict[str, Any], *, logarithms: bool
) -> dict[str, Any]:
    """Return how many members there are where nothing is said, and the normalisation of each in turn.

    Few values teach little, so all faces of the pretrained network forecast together, as without a fit.
    """
    every = POSITIVE if logarithms else ANY
    if said := model.get("normalization"):
        every = (said,)
    every_face = panel.lengths().sum() < FEW or train.get("effort") == "thorough"
    members = int(train.get("members", 2 * len(every) if every_face else 1))
    return {"members": members, "normalizations": every if members > 1 else ()}


def started_training(panel: Panel) -> dict[str, Any]:
    """Return how a fit continues from the pretrained network: gently where there are few values.

    The horizon rows are trained already, so both losses count from the first update.
    """
    values, rates, updates = np.log10(TABLE).T
    own = np.log10(panel.lengths().sum())
    rate = float(10 ** np.interp(own, values, rates))
    return {
        "start": "pretrained",
        "free_from": 0.0,
        "learning_rate": float(f"{rate:.2g}"),
        "updates": round(float(10 ** np.interp(own, values, updates))),
        "batch_size": BATCH,
        "epochs": EPOCHS,
    }
