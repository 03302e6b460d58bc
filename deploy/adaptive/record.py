"""Record: how the forecasts of many series have done lately, and whether to fit again, for whoever watches.

Running means over the last steps that were compared, and bets that the errors one step ahead stay as they are
(alarm.py): on the mean of the scores of all series, and on the mean of their distances from 0.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .alarm import Alarm
from .quantile_levels import Levels
from .surprise import Surprise, score_of
from .tracker import MEMORY, Array, Tracker

MOST_LOSS = 1e9  # times what intervals promise: no error counts for more


@dataclass(frozen=True)
class Record:
    """Running means of what was published; never changed, only replaced."""

    steps: int = 0  # that were compared
    coverage: dict[float, float] = field(default_factory=dict)  # of each central interval, by its level
    loss: float = 0.0  # mean pinball loss, over that which the model's own intervals promise
    surprise: Surprise = field(default_factory=Surprise)  # of two series: the mean score, the mean distance

    @property
    def alarm(self) -> Alarm:
        """Whether to fit again."""
        return Alarm(1 / self.surprise.highest, self.surprise.scored)

    def after(self, tracker: Tracker, leads: NDArray[np.int64], quantiles: Array, actual: Array) -> "Record":
        """Return it after a step. tracker: before it has learnt from it; all as Tracker.learn takes them."""
        width = quantiles[..., -1] - quantiles[..., 0]
        known = np.isfinite(actual) & (width > 0)
        if not known.any():
            return self
        levels, moved = tracker.levels, tracker.adjust(quantiles, leads)
        values = np.broadcast_to(actual, known.shape)[known]
        found, width = moved[known], width[known]
        inside = {
            level: float(((values >= found[:, low]) & (values <= found[:, high])).mean())
            for level, (low, high) in levels.intervals.items()
        }
        missed = (values[:, None] - found) / width[:, None]
        losses = np.minimum(missed * (levels.array - (missed < 0)), MOST_LOSS)
        loss = float(losses.mean()) / levels.loss
        before = self.coverage or inside
        rate = 1 / min(self.steps + 1, 2 * max(tracker.steps, MEMORY))
        return Record(
            self.steps + 1,
            {level: before[level] + rate * (now - before[level]) for level, now in inside.items()},
            self.loss + rate * (loss - self.loss),
            self._weighed(levels, leads, quantiles, actual),
        )

    def _weighed(self, levels: Levels, leads: NDArray[np.int64], quantiles: Array, actual: Array) -> Surprise:
        """Return the surprise after the scores of what was forecast one step ahead, if anything was."""
        next_ones = np.flatnonzero(leads == 1)
        if not len(next_ones):
            return self.surprise
        pairs = zip(quantiles[next_ones[0]].tolist(), actual.tolist(), strict=True)
        scores = [
            score_of(said, value, levels) for said, value in pairs if said[-1] > said[0] and value == value
        ]
        if not scores:
            return self.surprise
        distances = [abs(score) for score in scores]
        return self.surprise.bet((sum(scores) / len(scores), sum(distances) / len(distances)))
