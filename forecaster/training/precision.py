"""Which precision the LSTMs train in: what was asked for, or what a short probe finds faster here."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from statistics import median

import torch

from forecaster.model.recurrence import recurrent_dtype

logger = logging.getLogger("forecaster")

DTYPES: dict[str, torch.dtype | None] = {"f32": None, "bf16": torch.bfloat16}
ROUNDS = 3
# bfloat16 has 8 bits of fraction, so it has to be worth it; and the same machine should decide alike again.
WORTH_IT = 0.8


def choose_precision(wanted: str, device: torch.device, backward: Callable[[], None]) -> str:
    """A name of DTYPES.

    wanted: one of them, or "auto" to time `backward`, the two passes of an update, in each.
    """
    if wanted != "auto":
        return wanted
    if not is_supported(device):
        return "f32"
    took = {name: _times(dtype, backward) for name, dtype in DTYPES.items()}
    for _ in range(ROUNDS):
        for name, dtype in DTYPES.items():
            took[name] += _times(dtype, backward)
    f32, bf16 = (median(took[name][1:]) for name in DTYPES)  # the first is a warm-up
    logger.info("an update takes %.0f ms in f32, %.0f ms in bf16", 1e3 * f32, 1e3 * bf16)
    return "bf16" if bf16 < WORTH_IT * f32 else "f32"


def is_supported(device: torch.device) -> bool:
    """Whether the device computes in bfloat16 itself."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    supported: bool = torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return device.type == "cpu" and supported


def _times(dtype: torch.dtype | None, backward: Callable[[], None]) -> list[float]:
    began = time.perf_counter()
    with recurrent_dtype(dtype):
        backward()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return [time.perf_counter() - began]
