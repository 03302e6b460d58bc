"""Read the files of a run, whatever lies in their places; nothing waits for a pipe or grows without end.

All raise OSError, or ValueError for content that no fit writes.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.torch import load

from deploy.bundle.strict_json import parse
from forecaster.config import ModelConfig
from forecaster.files import check_regular
from forecaster.model.network import Network
from forecaster.training.epochs import Epoch, to_epoch
from forecaster.weights.weights import check_shapes

# A million series with their names and times; the weights of a bundle have a quarter of this.
MAX_JSON_BYTES = 1 << 29
MAX_WEIGHTS_BYTES = 1 << 31


def read_bytes(path: Path) -> bytes:
    """Return a file of JSON as it is."""
    check_regular(path, MAX_JSON_BYTES)
    return path.read_bytes()


def read_object(path: Path) -> dict[str, Any]:
    """Return the object of a file of JSON."""
    content = _parse(path, read_bytes(path))
    if not isinstance(content, dict):
        raise ValueError(f"{path.name} is not an object")
    return content


def read_log(path: Path) -> tuple[Epoch, ...]:
    """Return the epochs of a member; none of an early release, which kept no log."""
    lines = read_bytes(path).splitlines() if path.exists() else []
    try:
        epochs = tuple(to_epoch(_parse(path, line)) for line in lines)
    except TypeError as error:
        raise ValueError(f"{path.name}: {error}") from None
    if epochs and not any(epoch.best for epoch in epochs):
        raise ValueError(f"{path.name}: no epoch is the best")
    return epochs


def read_ranks(path: Path, config: ModelConfig) -> NDArray[np.int64] | None:
    """Return the ranks within patches, (vectors, patch × D); None of an early release."""
    if not path.exists():
        return None
    ranks = np.array(_parse(path, read_bytes(path)))
    is_whole = ranks.ndim == 2 and ranks.shape[1] == config.patch_width and ranks.dtype == np.int64
    if ranks.size and not is_whole:
        raise ValueError(f"{path.name}: expected rows of {config.patch_width} whole numbers")
    return ranks


def read_network(path: Path, config: ModelConfig) -> Network:
    """Return a network with the weights of a file. They are compared first: a config can ask for any size."""
    check_regular(path, MAX_WEIGHTS_BYTES)
    weights = load(path.read_bytes())
    if max(config.encoder_layers, config.decoder_layers) > len(weights):
        raise ValueError(f"{path.name} holds {len(weights)} tensors, fewer than the network has layers")
    try:
        check_shapes(config, {name: tuple(tensor.shape) for name, tensor in weights.items()})
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from None
    if not all(bool(tensor.isfinite().all()) for tensor in weights.values()):
        raise ValueError(f"{path.name} holds weights that are not finite")
    network = Network(config)
    network.load_state_dict(weights)
    return network


def _parse(path: Path, data: bytes) -> Any:
    try:
        return parse(data)
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from None
