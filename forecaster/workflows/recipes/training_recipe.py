"""How a fit from random weights trains where nothing is said: part of the recipe."""

import logging
from typing import Any

import numpy as np

from forecaster.config import ModelConfig, TrainConfig
from forecaster.data import Panel

logger = logging.getLogger("forecaster")

# From this many series on a model has to serve levels and rhythms of many kinds.
PANEL_SERIES = 16
PANEL_RATE = 2e-3  # it learns faster, too
# Who says one of these says how to draw, and is given no mixture, which draws nothing.
DRAWS = ("sampling", "draw", "parallel_passes")
# With more decoder steps than this exposure bias decides the median too, not only the widths.
FEW_DECODER_STEPS = 16
PASSES, FEWEST_UPDATES, MOST_UPDATES = 100, 200, 1000
# A panel has more to learn. M4 Hourly: OWA .398 after 1,350, .393 after 3,000 in twice the time.
MOST_PANEL_UPDATES = 3000


def default_training(panel: Panel, model: ModelConfig, train: dict[str, Any]) -> dict[str, Any]:
    """Return how a fit from random weights trains where nothing is said. train: what is."""
    rate = {"learning_rate": PANEL_RATE} if is_panel(panel) else {}
    return {**default_curriculum(model, train), "updates": default_updates(panel, train), **rate}


def is_panel(panel: Panel) -> bool:
    """Return whether there are so many series that no two are alike."""
    return panel.series_count >= PANEL_SERIES


def default_updates(panel: Panel, train: dict[str, Any]) -> int:
    """Return as many updates as let each value start PASSES windows, within limits: few values overfit."""
    batch = int(train.get("batch_size", TrainConfig().batch_size))
    most = MOST_PANEL_UPDATES if is_panel(panel) else MOST_UPDATES
    return int(np.clip(PASSES * panel.lengths().sum() / batch, FEWEST_UPDATES, most))


def default_curriculum(model: ModelConfig, train: dict[str, Any]) -> dict[str, Any]:
    """Return the schedule and how it is carried out, where nothing is said. train: what is.

    Teacher forcing for few decoder steps. For more the truth fades out of a mixture, and the free run trains
    the horizon rows alone: through so many steps of its own its gradient is chaotic where the data are.
    A mixture whose truth rises errs by more than draws do (Lorenz: .19, .096).
    """
    many_steps, rises = model.decoder_steps > FEW_DECODER_STEPS, train.get("direction") == "increase"
    if "epsilon" in train or not (many_steps or rises):
        return {"schedule": "constant"}
    if rises or any(name in train for name in DRAWS):
        return {"schedule": "linear"}
    return {"schedule": "linear", "sampling": "mixture", "free_run": "rows"}


def warn_of_all_or_nothing(model: ModelConfig, train: TrainConfig) -> None:
    """Warn where deterministic draws leave no share between forced and free."""
    if train.draw == "probabilistic":
        return
    if train.sampling == "batch":
        logger.warning("deterministic draws of whole batches are forced at ε = 1 only, and else free")
    elif train.sampling == "step" and model.decoder_steps <= 2:  # the first step is fed the history
        logger.warning(
            "deterministic draws among %d decoder step(s) force all or none, whatever the schedule says",
            model.decoder_steps,
        )
