"""The weights that ship with the package, and the plain networks that they are for a season."""

import json
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from deploy.errors import RunError
from forecaster.config import ModelConfig
from forecaster.config.shape import Normalization
from forecaster.pretrained.kinds import family_of
from forecaster.pretrained.transplant import mirrored, transplant
from forecaster.weights.weights import State, Weights

FOLDER, CARD = "weights", "card.json"  # the card says what the weights are, with the sha256 of each file
# What all positive data are forecast by: growth by factors and by amounts, each as it is and upside down. No
# member is the best of both kinds, and their mean errs by a hundredth less than either.
POSITIVE: tuple[Normalization, ...] = ("log-last-difference", "last-difference")
ANY: tuple[Normalization, ...] = ("last-difference",)


def card() -> dict[str, Any]:
    """Return the model card: of each family its sha256, and the seed, updates and series that made it."""
    content: dict[str, Any] = json.loads((files(__package__) / FOLDER / CARD).read_bytes())
    return content


@cache
def pretrained_weights(family: str) -> dict[str, NDArray[np.float32]]:
    """Read the weights of a family of kinds, by the names of transplant.py.

    Raises RunError for a file that is missing or is not the one that was shipped.
    """
    name = f"{family}.safetensors"
    try:
        content = (files(__package__) / FOLDER / name).read_bytes()
        if sha256(content).hexdigest() != card()["families"][family]["sha256"]:
            raise RunError(f"the pretrained weights {name} are not those that were shipped; install again")
        return {key: part.astype(np.float32) for key, part in load(content).items()}
    except (OSError, LookupError, ValueError, SafetensorError) as error:
        raise RunError(f"the pretrained weights {name} cannot be read; install again") from error


def pretrained_state(config: ModelConfig) -> State:
    """Return the pretrained weights as the state of a network of this shape, without covariates."""
    family = family_of(config.season, config.patch_length)
    return transplant(pretrained_weights(family.name), config, np)


def members_of(config: ModelConfig, normalizations: Iterable[Normalization]) -> tuple[Weights, ...]:
    """Return the networks that forecast without a fit, and whose quantiles are averaged.

    normalizations: POSITIVE where all values are above 0, else ANY; or some of these.
    """
    return tuple(_members(config, normalizations))


def _members(config: ModelConfig, normalizations: Iterable[Normalization]) -> Iterator[Weights]:
    for normalization in normalizations:
        own = config.model_copy(update={"normalization": normalization})
        state = pretrained_state(own)
        yield Weights.of(own, state)
        yield Weights.of(own, mirrored(state, own))
