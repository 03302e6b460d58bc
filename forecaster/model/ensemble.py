"""Several networks as one forecast."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from forecaster.model.network import Network
from forecaster.windows.window import Window


def mean_forecast(networks: Sequence[Network], window: Window) -> Tensor:
    """Quantiles averaged level by level, in data units, of the shape that Network.forecast gives.

    That keeps the shape of the members' distributions, where averaging their probabilities would widen them:
    Lichtendahl, Grushka-Cockayne and Winkler, 2013, Management Science 59(7).
    """
    first, *others = [network.forecast(window) for network in networks]
    if not others:
        return first
    mean = torch.stack([first, *others]).mean(0)
    lower = networks[0].config.lower
    return mean if lower is None else mean.clamp(min=lower)  # a sum of bounds rounds
