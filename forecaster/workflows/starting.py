"""Begin a fit at the pretrained network, and let it tell which normalisation suits the data."""

import numpy as np
import torch

from forecaster.config import ModelConfig, RunConfig
from forecaster.config.config import Normalization
from forecaster.data import Panel
from forecaster.data.panel.seasonality import relative_range
from forecaster.data.panel.targets_apart import channels_apart
from forecaster.model.network import Network
from forecaster.pretrained.shipped import pretrained_state
from forecaster.pretrained.widening import plain, widened
from forecaster.training.validation import Validation
from forecaster.windows.split import split
from forecaster.workflows.recipe import LOGS_ARE_LINES

# Windows that tell which normalisation forecasts best before anything is trained.
COMPARED = 512


def pretrained_network(config: ModelConfig) -> Network:
    """Return the pretrained network in this shape; what it has no weights for begins as always, or at 0."""
    network = Network(config)
    state = widened(pretrained_state(plain(config)), config)
    given = {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in state.items()}
    network.load_state_dict({**network.state_dict(), **given})
    return network


def with_best_normalization(panel: Panel, config: RunConfig) -> RunConfig:
    """Return the config with the normalisation by which the pretrained network forecasts best.

    Raises DataError for a panel that is too short.
    """
    parts = split(panel, config.model, held_out=config.train.held_out)
    validation = Validation(parts.validating(COMPARED), config.model.season)
    shapes = [config.model.model_copy(update={"normalization": name}) for name in candidates(panel)]
    errors = [validation.score(pretrained_network(shape).eval()).mase for shape in shapes]
    best = int(np.argmin(np.nan_to_num(errors, nan=np.inf)))
    return config.model_copy(update={"model": shapes[best]})


def candidates(panel: Panel) -> tuple[Normalization, ...]:
    """Return the normalisations that the data can have; of what hardly varies the logarithm is a line."""
    if np.nanmin(panel.values) <= 0 or relative_range(channels_apart(panel)) < LOGS_ARE_LINES:
        return ("last-difference", "mean-std")
    return ("last-difference", "log-last-difference", "mean-std")
