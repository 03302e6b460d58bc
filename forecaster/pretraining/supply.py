"""Windows of made-up series: pools that are drawn from a seed, used a few times and replaced."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from forecaster.config import ModelConfig
from forecaster.config.shape import Normalization
from forecaster.pretrained.kinds import DECODER_STEPS, KINDS, NORMALIZATIONS, Kind
from forecaster.pretraining.prior.draws import Array
from forecaster.pretraining.prior.mixture import draw_series
from forecaster.windows.window import Window

SERIES = 2048  # of a pool
USES = 3  # windows of each series, on average, before it is replaced
WHOLE = 0.5  # share of the windows whose history is a whole context; others begin anywhere
FEWEST = 3  # values of a history
POOLS = 1  # of the seeds of pools, that no update has

# Decoder steps of a window, and their shares.
STEPS = {1: 0.15, 2: 0.5, 3: 0.15, 4: 0.1, 6: 0.1}


@dataclass
class Pool:
    """Series of one kind for one normalisation. Which, follows from the seed and how many were used."""

    kind: Kind
    normalization: Normalization
    seed: int
    used: int = 0  # windows so far
    _number: int = -1
    _values: Array = field(default_factory=lambda: np.empty((0, 0)))

    @cached_property
    def config(self) -> ModelConfig:
        """Return the shape of the network that forecasts them."""
        return self.kind.config(self.normalization)

    def draw(self, size: int, draw: Generator) -> tuple[Window, Tensor]:
        """Return a batch of windows and their futures (size, horizon)."""
        series = self._series(self.used // (SERIES * USES))
        self.used += size
        context, time = self.config.context_length, series.shape[1]
        horizon = self.kind.patch * int(draw.choice(list(STEPS), p=list(STEPS.values())))
        last = time - horizon
        origins = np.where(
            draw.random(size) < WHOLE,
            draw.integers(context, last + 1, size),
            draw.integers(FEWEST, last + 1, size),
        )
        lengths = np.minimum(origins, context)
        rows = draw.integers(0, SERIES, size)[:, None]
        places = (origins - lengths)[:, None] + np.arange(context)
        inside = places < origins[:, None]
        history = np.where(inside, series[rows, places.clip(max=time - 1)], np.nan)
        history[~np.isfinite(history).any(1), 0] = 1.0  # a gap wider than the history
        future = series[rows, origins[:, None] + np.arange(horizon)]
        window = Window(torch.from_numpy(history), torch.from_numpy(lengths), horizon)
        return window, torch.from_numpy(future)

    def _series(self, number: int) -> Array:
        """Return the pool of this number: (SERIES, context and the longest horizon)."""
        if number != self._number:
            self._number, self._values = number, draw_pool(self.kind, self.normalization, self.seed, number)
        return self._values


def draw_pool(kind: Kind, normalization: str, seed: int, number: int) -> Array:
    """Draw the series of a pool: (SERIES, context and the longest horizon), NaN = missing."""
    # The last number is not 0: what follows it as zeros would be the seed of an update.
    source = (seed, KINDS.index(kind), NORMALIZATIONS.index(normalization), number, POOLS)
    return draw_series(
        np.random.default_rng(source),
        SERIES,
        (kind.context + DECODER_STEPS) * kind.patch,
        kind.season,
        longer=kind.longer,
        positive=normalization == "log-last-difference",
    )
