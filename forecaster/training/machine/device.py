"""The device that trains: the processor, or a CUDA device."""

import warnings

import torch

from deploy.errors import ConfigError
from forecaster.data import Panel
from forecaster.data.complaints import Option, with_options

DEVICES = ("auto", "cpu", "cuda")
# Of a device's free memory, for the data, which training and validation hold each; the rest is for training.
DATA_SHARE = 0.25


def choose_device(wanted: str) -> torch.device:
    """Return the device to train on. Raises ConfigError where CUDA is wanted and there is none.

    wanted: one of DEVICES; auto takes CUDA where there is any.
    """
    if wanted == "cpu" or (wanted == "auto" and not torch.cuda.is_available()):
        return torch.device("cpu")
    if not torch.cuda.is_available():
        built = "no CUDA device was found" if torch.version.cuda else "this torch is built without CUDA"
        cuda, auto = Option("device", "cuda"), Option("device", "auto")
        raise with_options(ConfigError, cuda, f": {built}; ", auto, " trains on the processor instead")
    # Folded and padded layers build their weights again in every update.
    warnings.filterwarnings("ignore", message="RNN module weights are not part of single contiguous chunk")
    return torch.device("cuda")


def computes_bfloat16(device: torch.device) -> bool:
    """Return whether the device computes in bfloat16 itself."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    supported: bool = torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return device.type == "cpu" and supported


def place_for(panel: Panel, device: torch.device) -> torch.device:
    """Return where the panel's arrays lie: on the device that trains if they fit, else in main memory."""
    if device.type == "cpu":
        return device
    arrays = (panel.values, panel.known, panel.past)
    free, _ = torch.cuda.mem_get_info(device)
    return device if sum(array.nbytes for array in arrays) < DATA_SHARE * free else torch.device("cpu")
