"""How a fit from random weights trains where nothing is said: part of the recipe."""

import logging
from typing import Any

import numpy as np

from deploy.errors import ConfigError
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
# A horizon of so many seasons, with fewer windows apart than this, is seen often enough for a line and too
# seldom for the level that LSTMs learn of it. ETTh1, 720 steps ahead: 112; 336 steps ahead: 240.
LONG_SEASONS, FEW_WINDOWS = 7, 200
# Then the LSTMs have widths and paths to learn, which takes as long as it takes short series.
SELDOM_UPDATES = 300
PASSES, FEWEST_UPDATES, MOST_UPDATES = 100, 200, 1000
# A panel has more to learn. M4 Hourly: OWA .398 after 1,350, .393 after 3,000 in twice the time.
MOST_PANEL_UPDATES = 3000


def default_training(panel: Panel, model: ModelConfig, train: dict[str, Any]) -> dict[str, Any]:
    """Return how a fit from random weights trains where nothing is said. train: what is."""
    rate = {"learning_rate": PANEL_RATE} if is_panel(panel) else {}
    chosen = {**default_curriculum(model, train), "updates": default_updates(panel, train), **rate}
    if train.get("linear", "ridge") == "ridge" and is_seldom_seen(panel, model):
        chosen |= {"linear": "ridge", "updates": min(chosen["updates"], SELDOM_UPDATES)}
    return chosen


def is_seldom_seen(panel: Panel, model: ModelConfig) -> bool:
    """Return whether few series hold few horizons, each of many seasons."""
    is_long = model.season > 1 and model.horizon >= LONG_SEASONS * model.season
    return is_long and model.highway == 1 and panel.lengths().sum() < FEW_WINDOWS * model.horizon


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


def refuse_ridge_of_several(model: ModelConfig, train: TrainConfig) -> None:
    """Raise ConfigError for a ridge regression where the highway is none, or several gated maps."""
    if train.linear == "ridge" and model.highway != 1:
        raise ConfigError(f"linear 'ridge' is of one linear map, and highway is {model.highway}")


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
