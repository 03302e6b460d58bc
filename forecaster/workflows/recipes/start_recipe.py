"""Whether a fit begins at the pretrained network, and how it trains then: part of the recipe."""

from typing import Any

import numpy as np

from deploy.errors import ConfigError
from forecaster.config import Lengths
from forecaster.data import Panel
from forecaster.pretrained.kinds import (
    HIDDEN,
    HOURS,
    LONGEST_PATCH,
    MAPS,
    SHORTEST_PATCH,
    context_of,
    follows,
    patch_of,
)
from forecaster.pretrained.shipped import ANY, POSITIVE
from forecaster.workflows.recipes.training_recipe import default_updates, is_panel

# Settings of the network that its weights were pretrained with.
FIXED = {"hidden_size": HIDDEN, "encoder_layers": 1, "decoder_layers": 1, "step_width": 8, "highway": MAPS}
# Values of all series, learning rate, updates of a member, windows of an update; between rows by logarithms.
LONG = np.array([(1e3, 2e-3, 150, 32), (2e3, 2e-3, 200, 32), (3e5, 4e-3, 1500, 128)])
SHORT = np.array([(1e3, 1e-4, 40, 64), (2e5, 2e-4, 200, 64)])
MANY_PATCHES, MANY_VALUES = 20, 200  # of a typical series, from which on it teaches what is its own
PANEL_DAYS = 14  # of many series. M4 Hourly: OWA .394 in 60 s of a core; with 28, .414 in 84 s
# Values of so few series that each teaches more than the network knows: ETTh1, 96 steps ahead, has a
# squared error of .355 from random weights, .371 from these.
MUCH = 50_000
# What is known ahead random weights learn better, though not of a panel. MASE of two seeds from random
# weights and from these: a load that temperature moves, 6,000 values, .97, 1.21; days with promotions,
# 1,300, .60, .65; eight shops, 17,800, .41, .43; 30 shops .48, .47.
MUCH_WITH_KNOWN = 1000
FEW = 1000  # values, of which a network learns little that it did not know
FEW_TRAIN = {"learning_rate": 1e-3, "updates": 60, "batch_size": 16, "epochs": 4, "patience": 2}
EPOCHS, PATIENCE = 8, 3
# By how much the start has to be the better one, if one window of long series validates: what has learned
# from these gains by the refit, too. CO2 up to 1998: the start loses 3 % less on the two years that validate,
# and it errs by 30 % more in the four that follow.
TOLERANCE = 0.2
# Of few values and of short series what was trained has to be the clearly better one, as it is of lines and
# of growth by factors. Series of a panel share their times, so what validates on the last of these may be
# theirs alone: M1 quarterly loses 6 % less after training, Tourism yearly 8 %, and err by 4 and 8 % more.
CLEARLY_BETTER = -0.2


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


def choose_start(asked: str, model: dict[str, Any], season: int, panel: Panel) -> str:
    """Return pretrained, random or run. asked: one of these, or auto. Raises ConfigError."""
    reason = why_not(model, season)
    if asked == "pretrained" and reason:
        raise ConfigError(f"the pretrained network cannot be the start: its {reason}")
    if asked == "auto":  # a patch of another length was never pretrained for such a season
        is_own = model.get("patch_length") in (None, patch_of(season))
        return "random" if reason or not is_own or _teaches_much(panel) else "pretrained"
    return asked


def started_lengths(given: Lengths, season: int, panel: Panel) -> tuple[int, int]:
    """Return context and patch of the pretrained network."""
    context = context_of(season)
    if is_panel(panel) and season % HOURS == 0:
        context = min(context, PANEL_DAYS * season)
    return given.context_length or context, given.patch_length or patch_of(season)


def started_members(panel: Panel, patch: int, said: dict[str, Any], *, logarithms: bool) -> dict[str, Any]:
    """Return how many members there are where nothing is said, and the normalisation of each in turn.

    Short series and few values teach little, so all faces of the pretrained network forecast together, as
    without a fit.
    """
    every = POSITIVE if logarithms else ANY
    if normalization := said.get("normalization"):
        every = (normalization,)
    every_face = is_short(panel, patch) or has_few_values(panel) or said.get("effort") == "thorough"
    members = int(said.get("members", 2 * len(every) if every_face else 1))
    return {"members": members, "normalizations": every if members > 1 else ()}


def started_training(panel: Panel, patch: int) -> dict[str, Any]:
    """Return how a fit continues from the pretrained network: gently where series are short.

    The horizon rows are trained already, so both losses count from the first update. What is known ahead is
    new to it, and takes as long to learn as from random weights: of four years of days under made-up holidays
    MASE .63 after the updates of a fit without, .44 after these.
    """
    always = {"start": "pretrained", "free_from": 0.0}
    if has_few_values(panel):
        return {**always, **FEW_TRAIN, "tolerance": CLEARLY_BETTER}
    short = is_short(panel, patch)
    values, *rest = np.log10(SHORT if short else LONG).T
    own = np.log10(panel.lengths().sum())
    rate, updates, batch = (float(10 ** np.interp(own, values, column)) for column in rest)
    if panel.known.shape[1]:
        updates = max(updates, default_updates(panel, {"batch_size": round(batch)}))
    return {
        **always,
        "learning_rate": float(f"{rate:.2g}"),
        "updates": round(updates),
        "batch_size": round(batch),
        "epochs": EPOCHS,
        "patience": PATIENCE,
        "tolerance": _tolerance(panel, short=short),
    }


def _tolerance(panel: Panel, *, short: bool) -> float:
    """Return by how much the start must be the better one; it knows nothing of covariates."""
    if not short:
        return TOLERANCE
    return 0.0 if _has_covariates(panel) else CLEARLY_BETTER


def is_short(panel: Panel, patch: int) -> bool:
    """Return whether a typical series has few values, or few patches, each of so many."""
    return float(np.median(panel.lengths())) < max(MANY_VALUES, MANY_PATCHES * patch)


def has_few_values(panel: Panel) -> bool:
    """Return whether there are so few values, and no covariates, that training mostly harms."""
    return panel.lengths().sum() < FEW and not _has_covariates(panel)


def _teaches_much(panel: Panel) -> bool:
    much = MUCH_WITH_KNOWN if panel.known.shape[1] else MUCH
    return not is_panel(panel) and panel.lengths().sum() >= much


def _has_covariates(panel: Panel) -> bool:
    return any(array.shape[1] for array in (panel.known, panel.past, panel.static, panel.categories))
