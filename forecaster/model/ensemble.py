"""Several networks as one calibrated forecast."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from forecaster.config import ModelConfig
from forecaster.model.network import Network
from forecaster.weights.calibrated import Calibrated
from forecaster.weights.constants import offset_growth
from forecaster.windows.window import Window


class Ensemble(nn.Module):
    """Networks of one shape, whose forecasts are averaged, and the offsets that calibrate them."""

    def __init__(self, networks: Sequence[Network], offsets: Tensor | None = None) -> None:
        """Join networks. offsets: (horizon, quantile) in scale units, see training/calibration.py."""
        super().__init__()
        self.networks = tuple(networks)
        self.members = nn.ModuleList(networks)  # the same, where torch moves and casts them
        none = self.first.levels.new_zeros(self.config.horizon, len(self.config.quantile_levels))
        self.offsets: Tensor
        self.register_buffer("offsets", none if offsets is None else offsets.to(none), persistent=False)

    @property
    def first(self) -> Network:
        """The network of the first seed."""
        return self.networks[0]

    @property
    def first_alone(self) -> "Ensemble":
        """The first network with the offsets of all: what a bundle's step loop serves."""
        return Ensemble(self.networks[:1], self.offsets)

    @property
    def config(self) -> ModelConfig:
        """The shape that all networks have."""
        return self.first.config

    def forecast(self, window: Window) -> Tensor:
        """Return calibrated quantiles, averaged level by level, in data units, shaped as of Network.forecast.

        That keeps the shape of the members' distributions, where averaging their probabilities would widen
        them: Lichtendahl, Grushka-Cockayne and Winkler, 2013, Management Science 59(7).
        """
        each = []
        for network in self.networks:
            rows, stats = network.horizon_rows(window)
            each.append(network.emit(self.calibrate(rows), stats)[:, : window.horizon])
        if len(each) == 1:
            return each[0]
        mean, lower = torch.stack(each).mean(0), self.config.lower
        return mean if lower is None else mean.clamp(min=lower)  # a sum of bounds rounds

    def calibrate(self, rows: Tensor) -> Tensor:
        """Add the offsets of each step to raw `horizon` rows: (batch, steps, patch × D, quantile)."""
        _, steps, width, _ = rows.shape
        offsets = self.offsets_of(steps * self.config.patch_length)
        # The D values of a time stand together.
        every = offsets.repeat_interleave(self.config.target_size, dim=0)
        calibrated: Tensor = rows + every.unflatten(0, (steps, width))
        return calibrated

    def offsets_of(self, steps: int) -> Tensor:
        """Return the offsets of so many steps: (steps, quantile).

        Beyond the trained horizon they grow with the root of the step, as the width of a random walk.
        """
        trained, step = len(self.offsets), torch.arange(steps, device=self.offsets.device)
        growth = torch.from_numpy(offset_growth(steps, trained)).to(step.device)
        return self.offsets[step.clamp(max=trained - 1)] * growth.unsqueeze(1)

    def weights(self) -> Calibrated:
        """Return a copy of the weights and the offsets, for graphs."""
        members = tuple(network.weights() for network in self.networks)
        return Calibrated(members, self.offsets.float().cpu().numpy())
