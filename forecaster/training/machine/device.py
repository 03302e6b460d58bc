"""The device that trains: the processor, or a CUDA device."""

from __future__ import annotations

import warnings

import torch

from deploy.errors import ConfigError
from forecaster.data.panel.panel import Panel

DEVICES = ("auto", "cpu", "cuda")
# Of a device's free memory, for the data, which training and validation hold each; the rest is for training.
DATA_SHARE = 0.25


def choose_device(wanted: str) -> torch.device:
    """wanted: one of DEVICES; auto takes CUDA where there is any. Raises ConfigError where there is none."""
    if wanted == "cpu" or (wanted == "auto" and not torch.cuda.is_available()):
        return torch.device("cpu")
    if not torch.cuda.is_available():
        built = "no CUDA device was found" if torch.version.cuda else "this torch is built without CUDA"
        raise ConfigError(f"--device cuda: {built}; --device auto trains on the processor instead")
    # Folded and padded layers build their weights anew in every update.
    warnings.filterwarnings("ignore", message="RNN module weights are not part of single contiguous chunk")
    return torch.device("cuda")


def place_for(panel: Panel, device: torch.device) -> torch.device:
    """Where the panel's arrays are to lie: on the device that trains where they fit, else in main memory."""
    if device.type == "cpu":
        return device
    arrays = (panel.values, panel.timestamps, panel.known, panel.past)
    free, _ = torch.cuda.mem_get_info(device)
    return device if sum(array.nbytes for array in arrays) < DATA_SHARE * free else torch.device("cpu")
