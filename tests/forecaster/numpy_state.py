"""The state dict of a part of the network as numpy arrays, as graphs are emitted from it."""

from __future__ import annotations

import numpy as np
from torch import nn


def arrays_of(module: nn.Module) -> dict[str, np.ndarray]:
    return {name: tensor.detach().numpy().copy() for name, tensor in module.state_dict().items()}
