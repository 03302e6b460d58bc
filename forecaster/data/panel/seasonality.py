"""Properties of series that decide defaults: the season that no calendar tells, and whether levels stay."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.data.panel.panel import Panel

LONGEST_SEASON = 300
# Enough to see a season; the recent past, where it matters.
SAMPLED_SERIES, SAMPLED_VALUES, SAMPLED_ORIGINS = 100, 2000, 200
ENOUGH_VALUES = (
    16_000  # of all series together, of which a season of half their noise is clear many times over
)
SEEN = 3  # a season is seen so often, at least
AROUND = 12  # frequencies on each side of a line: farther ones may be of another noise
# Standard deviations of chance by which the evidence has to exceed it: about 1 in 300 lags times 1000.
CLEAR = 4.5
# Of the power of a season: a day is the season of hours, even where a week repeats a little better.
SHARE_OF_SHORTER = 0.9
ROUNDING = 1e-9  # of the size of values, or of their power
TINY = float(np.finfo(np.float64).tiny)
ALIKE_BITS = (
    4  # lengths with the same first binary digits are cut to the shortest of them: one spectrum for all
)


@dataclass(frozen=True)
class _Evidence:
    """How clearly the changes of series repeat after some steps, harmonic by harmonic."""

    clearness: NDArray[np.float64]  # (harmonics,) the sum over series; of each it is Exp(1) by chance
    power: NDArray[np.float64]  # (harmonics,) of the levels: that of the season alone
    series: int

    def plus(self, other: "_Evidence | None") -> "_Evidence":
        """Return the evidence of these series and of others."""
        if other is None:
            return self
        return _Evidence(
            self.clearness + other.clearness, self.power + other.power, self.series + other.series
        )

    def score(self, chosen: slice | NDArray[np.bool_] = slice(None)) -> float:
        """Return by how many standard deviations the clearest number of the chosen harmonics exceeds chance.

        Sums of Exp(1) made normal by the third root (Wilson and Hilferty, 1931).
        """
        clearness = self.clearness[chosen]
        count = self.series * np.arange(1, len(clearness) + 1)
        mean = np.cumsum(clearness) / count
        return float(((np.cbrt(mean) - 1 + 1 / (9 * count)) * 3 * np.sqrt(count)).max())

    def of_part(self, parts: int) -> NDArray[np.bool_]:
        """Return which harmonics a season that is so many times shorter has, too: (harmonics,)."""
        is_of_part: NDArray[np.bool_] = np.arange(1, len(self.power) + 1) % parts == 0
        return is_of_part

    def is_nearly(self, parts: int) -> bool:
        """Return whether a season that is so many times shorter holds nearly all of the power."""
        return bool(self.power[self.of_part(parts)].sum() >= SHARE_OF_SHORTER * self.power.sum())


def find_season(panel: Panel) -> int:
    """Return the steps in the shortest clear season; 1 where there is none.

    A season is a line of the spectrum with harmonics (as AUTOPERIOD's candidates are; Vlachos, Yu and
    Castelli, 2005). Each is compared with the frequencies around it (the F-test of Thomson, 1982), so that
    trends, random walks and noise of any colour have none, and Fisher's method (1932) adds them up.
    """
    found: dict[int, _Evidence] = {}
    for changes in _changes(panel):
        rows = changes.shape[1]
        lags = np.arange(2, min(rows // SEEN, LONGEST_SEASON + 1) + 1)
        for rest in np.unique(rows % lags):  # whose whole cycles are of the same changes
            spectrum = _spectrum(changes[:, rest:])
            for lag in lags[rows % lags == rest].tolist():
                found[lag] = _evidence(*spectrum, (rows - rest) // lag, lag).plus(found.get(lag))
    return _choose(dict(sorted(found.items())))


def _changes(panel: Panel) -> list[NDArray[np.float64]]:
    """Return the changes of some series, those of about one length together: each (series, steps)."""
    usual = int(np.median(np.minimum(panel.lengths(), SAMPLED_VALUES)))
    alike: dict[int, list[NDArray[np.float64]]] = {}
    for values in _sampled(panel, max(1, ENOUGH_VALUES // usual)):
        values = _bridge(values[-SAMPLED_VALUES:])
        changes = np.diff(values)  # have no trend; those of a random walk are unrelated
        if len(changes) and np.ptp(changes) > ROUNDING * np.abs(values).max():
            kind = len(changes) >> max(0, len(changes).bit_length() - ALIKE_BITS)
            alike.setdefault(kind << len(changes).bit_length(), []).append(changes)
    return [np.array([one[-min(map(len, group)) :] for one in group]) for group in alike.values()]


def _choose(found: dict[int, _Evidence]) -> int:
    """Return the clearest lag, or the shortest part of it that holds nearly all of its power; 1 for none."""
    scores = {lag: evidence.score() for lag, evidence in found.items()}
    peaks = [
        lag
        for lag, score in scores.items()
        if score > CLEAR
        and scores.get(lag - 1, 0.0) < score >= scores.get(lag + 1, np.inf)  # what still rises is no peak
    ]
    if not peaks:
        return 1
    best = max(peaks, key=scores.__getitem__)
    for longer in (lag for lag in peaks if lag > best):
        parts, rest = divmod(longer, best)
        more = found[longer]
        # Of a long season few cycles are seen: its harmonics that repeat more often may be clearer than all.
        if rest == 0 and not more.is_nearly(parts) and more.score(~more.of_part(parts)) > CLEAR:
            best = longer
    return next(lag for lag in peaks if best % lag == 0 and found[best].is_nearly(best // lag))


def _spectrum(changes: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the power of each frequency of changes, and its sum up to each: (series, frequencies)."""
    power = np.abs(np.fft.rfft(changes)) ** 2 + TINY  # the changes of the last whole cycles may be none
    power[:, 0] = 0  # the mean
    if changes.shape[1] % 2 == 0:
        power[:, -1] /= 2  # this one has no sine
    return power, np.cumsum(power, axis=1)


def _evidence(power: NDArray[np.float64], up_to: NDArray[np.float64], cycles: int, lag: int) -> _Evidence:
    """Return how clearly changes repeat after `lag` steps, of which there are so many cycles.

    power, up_to: of their spectrum. Cycles are whole, so that a harmonic is one frequency.
    """
    last = power.shape[1] - 1
    harmonics = np.arange(1, lag // 2 + 1)
    at = cycles * harmonics
    near = min(cycles - 1, AROUND)
    low, high = np.maximum(at - near, 1), np.minimum(at + near, last)
    at_harmonics, count = power[:, at], high - low
    around = np.maximum(up_to[:, high] - up_to[:, low - 1] - at_harmonics, ROUNDING * up_to[:, -1:])
    # The p-value of one is (1 + power / around)^-count.
    clearness = count * np.log1p(at_harmonics / around)
    of_levels = np.maximum(at_harmonics - around / count, 0) / (2 * np.sin(np.pi * harmonics / lag)) ** 2
    return _Evidence(clearness.sum(0), (of_levels / up_to[:, -1:]).sum(0), len(power))


def _bridge(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the values with gaps filled by lines.

    Empty where none is observed: a channel may end before others.
    """
    known = np.flatnonzero(~np.isnan(values))
    if not len(known):
        return np.zeros(0)
    return np.interp(np.arange(len(values)), known, values[known])


def level_persistence(panel: Panel, season: int, context: int, horizon: int) -> float:
    """Return the error of the last season as a forecast over that of the mean of the context's seasons.

    The median over the series; 0.6 on random walks, 1.4 on noise; NaN where no series can tell.
    """
    ratios = [_ratio(values, season, context, horizon) for values in _sampled(panel)]
    known = [ratio for ratio in ratios if np.isfinite(ratio)]
    return float(np.median(known)) if known else np.nan


def relative_range(panel: Panel) -> float:
    """Return by what share of its smallest value a series of numbers above 0 varies: the median of all."""
    shares = [np.nanmax(values) / np.nanmin(values) - 1 for values in _sampled(panel)]
    return float(np.median(shares))


def _sampled(panel: Panel, most: int = SAMPLED_SERIES) -> list[NDArray[np.float64]]:
    """Return the values of some series, from all over the panel: each (time,)."""
    count = min(most, SAMPLED_SERIES, panel.series_count)
    chosen = np.linspace(0, panel.series_count - 1, count).round().astype(int)
    return [panel.values[panel.offsets[n] : panel.ends[n]] for n in chosen]


def _ratio(values: NDArray[np.float64], season: int, context: int, horizon: int) -> float:
    """Return the ratio of one series; NaN where it is too short, or the mean errs nowhere."""
    span = context // season * season
    count = len(values) - span - horizon + 1
    if span < 2 * season or count < 1:
        return np.nan
    origins = np.unique(np.linspace(span, span + count - 1, min(count, SAMPLED_ORIGINS)).round().astype(int))
    seasons = values[origins[:, None] + np.arange(-span, 0)].reshape(len(origins), -1, season)
    coming = values[origins[:, None] + np.arange(horizon)]
    phase = np.arange(horizon) % season
    observed = np.isfinite(seasons)
    total, seen = np.where(observed, seasons, 0.0).sum(1), observed.sum(1)
    mean = np.divide(total, seen, out=np.full(total.shape, np.nan), where=seen > 0)[:, phase]
    last = seasons[:, -1][:, phase]
    comparable = np.isfinite(coming) & np.isfinite(mean) & np.isfinite(last)
    by_last, by_mean = (np.abs(coming - made)[comparable].sum() for made in (last, mean))
    return float(by_last / by_mean) if by_mean > 0 else np.nan
