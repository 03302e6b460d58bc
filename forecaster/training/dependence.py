"""How the values of a patch depend on each other, recorded on held-out data, for sample paths.

What is recorded are ranks, so that only what the values of one patch have in common is left: the copula of
Sklar's theorem.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from deploy.paths.scores import score_at, scores_of
from forecaster.model.network import Network
from forecaster.model.unrolling import unroll_forced
from forecaster.windows.windows import WindowSet

# A path draws one vector for each of its patches. With 400 of random walks a what-if moved the values after
# it by a fifth too little, with 1000 by all; the manifest holds them, so wide patches have fewer.
VECTORS, NUMBERS = 1000, 12_000
WINDOWS = 2000  # looked at, spread evenly


def record_patch_ranks(network: Network, windows: WindowSet) -> NDArray[np.int64]:
    """Rank each value of a patch among those of its place: (vectors, patch × D), from 0.

    What is ranked are places in the `next` quantiles given the truth before the patch. Empty where a patch
    has one value, there is one quantile level, or fewer than two patches are wholly observed.
    """
    config = network.config
    width = config.patch_width
    none = np.empty((0, width), np.int64)
    if width == 1 or len(config.quantile_levels) == 1:
        return none
    quantiles, values = forecast_patches(network, windows)
    whole = np.isfinite(values).all(1)
    scores = score_at(quantiles[whole], values[whole], scores_of(config.quantile_levels))
    if len(scores) < 2:
        return none
    most = min(VECTORS, max(2, NUMBERS // width), len(scores))
    chosen = scores[np.linspace(0, len(scores) - 1, most).astype(int)]
    ranks: NDArray[np.int64] = chosen.argsort(0, kind="stable").argsort(0, kind="stable")
    return ranks


def forecast_patches(network: Network, windows: WindowSet) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Forecast each patch given the truth before it, in units of the windows' scales.

    Returns ascending `next` quantiles (patches, patch × D, quantile) and the actual values
    (patches, patch × D), NaN = missing.
    """
    index = torch.linspace(0, len(windows) - 1, min(WINDOWS, len(windows))).long()
    window, future = windows.gather(index.to(windows.device))
    device, width = next(network.parameters()).device, network.config.patch_width
    with torch.inference_mode():
        window = window.to(device)
        encoding = network.encode(window)
        start = network.start(encoding, window)
        truth = network.targets(future.to(device), encoding.stats)  # (windows, steps, patch × D)
        rows = network.decoder.rows(unroll_forced(network.decoder, start, truth), start.highway).next
    quantiles = rows.sort(-1).values.flatten(0, 1)
    return quantiles.double().cpu().numpy(), truth.double().cpu().numpy().reshape(-1, width)
