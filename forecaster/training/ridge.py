"""The linear map of a highway as a ridge regression, and how much the LSTMs add to it.

A long horizon is seen a few times in all: enough for a line, too little for the level that LSTMs learn of it.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from forecaster.model.channels import split_channels
from forecaster.model.highway import Highway
from forecaster.model.network import Network
from forecaster.model.normalization import normalize_targets
from forecaster.model.unrolling import unroll_free
from forecaster.training.validation import batches
from forecaster.windows.split import Split
from forecaster.windows.windows import WindowSet

logger = logging.getLogger("forecaster")

# In units of the mean square of the normalised context, per window; the last leaves the map as it begins.
PENALTIES = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, float("inf"))
# Windows that tell the map; more overlap these.
SAMPLED, BATCH, SEED = 8192, 1024, 0
SHARES = (1.0, 0.75, 0.5, 0.25, 0.0)  # of the LSTMs' part of the median


def fit_linear(network: Network, parts: Split) -> float:
    """Set the map to the ridge regression of the first patch that rolls best over the windows that validate.

    It shrinks towards the map as it begins, the mean of the seasons, instead of towards 0, which would shrink
    the rhythm with the noise. Returns the penalty.
    """
    highway = _highway_of(network)
    found = _Moments.of(network, highway, parts.train)
    first = highway.weight.detach().clone()
    errors = {}
    for penalty in PENALTIES:
        _set(highway, first + found.ridge(penalty))
        errors[penalty] = _error(network, parts.validation)
    best = min(errors, key=errors.__getitem__)
    _set(highway, first + found.ridge(best))
    return best


def _highway_of(network: Network) -> Highway:
    """Return the highway of a network that has one linear map."""
    if network.highway is None or len(network.highway.weight) != 1:
        raise ValueError(f"a ridge regression is of one linear map, found {network.config.highway}")
    return network.highway


@dataclass(frozen=True)
class _Moments:
    """The moments that a ridge regression of any penalty is made of, in float64.

    x: normalised contexts; r: what the map leaves of the patches that follow them.
    """

    values: Tensor  # (context,) eigenvalues of the mean of x xᵀ
    vectors: Tensor  # (context, context) its eigenvectors, a column each
    products: Tensor  # (context, patch) vectorsᵀ times the mean of x rᵀ

    @classmethod
    def of(cls, network: Network, highway: Highway, windows: WindowSet) -> Self:
        """Return the moments over a sample of the windows whose first patch was observed."""
        span, patch, device = highway.context_length, highway.patch_length, windows.device
        chosen = torch.randperm(len(windows), generator=torch.Generator().manual_seed(SEED))[:SAMPLED]
        squares = torch.zeros(span, span, dtype=torch.float64, device=device)
        products = torch.zeros(span, patch, dtype=torch.float64, device=device)
        count = 0
        with torch.inference_mode():
            for index in chosen.to(device).split(BATCH):
                window, future = windows.gather(index)
                encoding = network.encode(window.to(device))
                first = split_channels(future[:, :patch], network.config.target_size)
                truth = normalize_targets(first, encoding.stats, network.config.normalization)
                whole = torch.isfinite(truth).all(1)
                context = encoding.context[whole]
                left = truth[whole] - highway.roll(context, 1)[0]
                squares += context.double().T @ context.double()
                products += context.double().T @ left.double()
                count += len(context)
        values, vectors = torch.linalg.eigh(squares / max(1, count))
        return cls(values.clamp(min=0), vectors, vectors.T @ products / max(1, count))

    def ridge(self, penalty: float) -> Tensor:
        """Return what a regression of r on x adds to the map: (patch, context)."""
        divisor = self.values + penalty * self.values.mean()
        part = torch.where(divisor > 0, 1 / divisor, 0.0).unsqueeze(1) * self.products
        return (self.vectors @ part).T


def _set(highway: Highway, weight: Tensor) -> None:
    with torch.no_grad():
        highway.weight.copy_(weight)


def _error(network: Network, windows: WindowSet) -> float:
    """Return the absolute error of the linear forecast, normalised: the sum."""
    total = 0.0
    with torch.inference_mode():
        for window, future in batches(windows):
            encoding = network.encode(window)
            linear = network.start(encoding, window).highway
            total += float((network.targets(future, encoding.stats) - linear).abs().nansum())
    return total


def weigh_alike(networks: Sequence[Network], windows: WindowSet) -> float:
    """Weigh the LSTMs' part of each network's median by the share that is best of the first; return it.

    windows: held out from the first.
    """
    share = best_share(networks[0], windows)
    for network in networks:
        weigh(network, share)
    logger.info("the LSTMs' part of the median counts %g times", share)
    return share


def best_share(network: Network, windows: WindowSet) -> float:
    """Return the share of the LSTMs' part of the median with which it errs least; where all do alike, 1."""
    errors = torch.zeros(len(SHARES), dtype=torch.float64)
    middle = network.config.median_index
    with torch.inference_mode():
        for window, future in batches(windows):
            encoding = network.encode(window)
            start = network.start(encoding, window)
            rows = network.decoder.rows(unroll_free(network.decoder, start), start.highway).horizon
            left = network.targets(future, encoding.stats) - start.highway
            added = rows[..., middle] - start.highway
            errors += torch.stack([(left - share * added).abs().nansum() for share in SHARES]).double().cpu()
    return SHARES[int(errors.argmin())]


def weigh(network: Network, share: float) -> None:
    """Move all horizon rows by as much as takes the LSTMs' part of their median to a share of it.

    The rows stay affine in the hidden state, so it is the same network with other weights. What is fed back,
    and so sample paths, are of the `next` rows, which stay as they are.
    """
    decoder = network.decoder
    shape = (decoder.patch_width, decoder.levels)
    following, delta = decoder.next_rows, decoder.delta_rows
    with torch.no_grad():
        for name in ("weight", "bias"):
            horizon = (getattr(following, name) + getattr(delta, name)).unflatten(0, shape)
            median = horizon[:, decoder.median_index].unsqueeze(1)
            getattr(delta, name).unflatten(0, shape).sub_((1 - share) * median)
