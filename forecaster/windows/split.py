"""Each series cut in time: what trains, what tells when to stop, what calibrates the intervals."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from deploy.errors import ConfigError, DataError
from forecaster.config import ModelConfig
from forecaster.data import Panel
from forecaster.data.complaints import Option, with_options
from forecaster.windows.runs import Runs
from forecaster.windows.windows import CPU, WindowSet, observed_windows

# Horizons that a series must hold before one of them is held out.
HORIZONS_TO_HOLD_OUT = 3
# At most this share of a series is held out ...
HELD_OUT_SHARE = 0.2
# ... or so many horizons, or as many as give this number of windows apart to either purpose.
HELD_OUT_HORIZONS = 4
WINDOWS_APART = 200

# What is left to do with data that are too short.
WITHOUT_A_FIT = ("; forecasting with ", Option("pretrained"), " needs no fit")


@dataclass(frozen=True)
class Spread:
    """How many origins are taken of the time they have: evenly spread, windows may overlap."""

    origins: int  # of a series at least
    fewest: int  # of all series, which few series share
    most: int  # of all series


# Windows train from this part of a context on: M4's series are hardly longer than one, and a third more
# origins take 1 to 2 % off the error.
LEAST_OF_CONTEXT = 3

# Of 5 values, which give 3 windows, a network errs half as much again as their last value; of 8, which give
# these, less than that.
FEWEST_WINDOWS = 5

SAMPLE_SEED = 0
# Fewer windows are too noisy, more tell nothing new about when to stop ...
VALIDATION = Spread(origins=8, fewest=128, most=4096)
# ... while the tails of errors at each step need all that there are.
CALIBRATION = Spread(origins=16, fewest=2048, most=8192)


@dataclass(frozen=True)
class Split:
    """Windows for each purpose; no target of one lies in a target of another."""

    train: WindowSet
    validation: WindowSet  # tell when to stop
    selection: WindowSet  # of the same time, as densely as they calibrate
    calibration: WindowSet  # early stopping never sees them; none where the series are too short
    whole: WindowSet  # every window, up to the last value: what the refit trains on
    train_ends: NDArray[np.int64]  # (series,) the panel's row where each series' training values end

    @property
    def held_out(self) -> WindowSet:
        """Return the windows that did not train."""
        parts = self.validation, self.calibration
        series, origins = (
            np.concatenate([getattr(part, name) for part in parts]) for name in ("series", "origins")
        )
        order = np.lexsort((origins, series))  # windows stand by series
        return replace(self.validation, runs=Runs(series[order], origins[order]))

    def validating(self, most: int) -> "Split":
        """Return the same with at most so many windows to validate on: a random sample, always the same."""
        windows = self.validation
        if len(windows) <= most:
            return self
        chosen = np.random.default_rng(SAMPLE_SEED).permutation(len(windows))[:most]
        chosen.sort()
        return replace(self, validation=replace(windows, runs=windows.runs.take(chosen)))


def split(
    panel: Panel, config: ModelConfig, device: torch.device = CPU, held_out: int | None = None
) -> Split:
    """Cut each series in time: it trains up to a cut, then validates, then calibrates.

    device: where the arrays are to lie. held_out: values of each series that do not train; None: as many as
    tell. Raises DataError if no series is long enough, ConfigError if so many values hold no horizon.
    """
    horizon = config.horizon
    _check_lengths(panel, horizon, held_out)
    train_lengths = _train_lengths(panel.lengths(), horizon, held_out)
    train_ends = panel.offsets[:-1] + train_lengths
    validation_ends = _validation_ends(panel, train_ends, horizon)
    nowhere: NDArray[np.int64] = np.empty(0, np.int64)
    windows = WindowSet(panel, config.context_length, horizon, Runs(nowhere, nowhere), device)
    train = _training_windows(windows, train_lengths, config)
    validation = _spread_windows(windows, train_ends, validation_ends, VALIDATION)
    selection = _spread_windows(windows, train_ends, validation_ends, CALIBRATION)
    calibration = _spread_windows(windows, validation_ends, panel.ends, CALIBRATION)
    if not len(validation):  # a gap: to know when to stop comes first
        validation, calibration = calibration, validation
    for found, purpose in ((train, "train on"), (validation, "validate on")):
        if not len(found):
            raise with_options(
                DataError,
                f"nothing to {purpose}: no {config.context_length} steps and the {horizon} after them hold "
                "an observed value each; give more data or a longer ",
                Option("context"),
            )
    whole = _training_windows(windows, panel.lengths(), config)
    return Split(train, validation, selection, calibration, whole, train_ends)


def refuse_too_few(parts: Split, config: ModelConfig, held_out: int | None = None) -> None:
    """Raise DataError where fewer windows train than a network learns anything from."""
    panel, windows = parts.train.panel, len(parts.train)
    if windows >= FEWEST_WINDOWS:
        return
    longest = int((parts.train_ends - panel.offsets[:-1]).max())
    rows, enough = panel.lengths().max(), rows_enough(config, held_out)
    trains = f"{longest} train, in {windows} window{'s' * (windows != 1)}"
    found = f"the longest series has {rows} values, of which {trains}"
    few = f"too few observed values: {found}, expected {FEWEST_WINDOWS} or more"
    if rows < enough:
        lengths = f"a context of {config.context_length} and a horizon of {config.horizon}"
        few = f"too few values to learn from: {found}; {lengths} need {enough} values"
    raise with_options(DataError, few, "; give more data", *WITHOUT_A_FIT)


def rows_enough(config: ModelConfig, held_out: int | None = None) -> int:
    """Return how many values of one series a fit needs, for windows to train on."""
    most = 4 * (config.context_length + config.horizon + (held_out or 0) + FEWEST_WINDOWS)
    for rows in range(_needed(config.horizon, held_out), most):
        trains = _train_lengths(np.array([rows]), config.horizon, held_out)
        first, last = _origins(trains, config)
        if last[0] - first[0] + 1 >= FEWEST_WINDOWS:
            return rows
    return most


def _needed(horizon: int, held_out: int | None) -> int:
    """Return how many values a series must have before any are held out."""
    return (HORIZONS_TO_HOLD_OUT - 1) * horizon + (held_out or horizon)


def _check_lengths(panel: Panel, horizon: int, held_out: int | None) -> None:
    """Raise ConfigError for a part that is too small, DataError where every series is too short for it."""
    if held_out is not None and held_out < horizon:
        raise ConfigError(f"held_out: expected a horizon at least, {horizon}, found {held_out}")
    longest, needed = panel.lengths().max(), _needed(horizon, held_out)
    if longest < needed:
        raise with_options(
            DataError,
            f"too short: the longest series has {longest} values; to train and to validate a horizon "
            f"of {horizon} needs at least {needed}; give more data or ",
            *(("a shorter ", Option("horizon")) if held_out is None else ("a smaller held_out",)),
            *WITHOUT_A_FIT,
        )


def _train_lengths(lengths: NDArray[np.int64], horizon: int, held_out: int | None) -> NDArray[np.int64]:
    """Return how many values of each series train, (series,): all where it is too short to hold any out."""
    horizons = max(HELD_OUT_HORIZONS, 2 * -(-WINDOWS_APART // len(lengths)))
    share = np.minimum((lengths * HELD_OUT_SHARE).astype(np.int64), horizons * horizon)
    return np.where(
        lengths >= _needed(horizon, held_out), lengths - (held_out or np.maximum(horizon, share)), lengths
    )


def _validation_ends(panel: Panel, train_ends: NDArray[np.int64], horizon: int) -> NDArray[np.int64]:
    """Return the row where each series' validation values end and those that calibrate begin: (series,).

    Half of what is held out; a series that holds out less than two horizons serves one purpose, and every
    second of them calibrates.
    """
    held_out = panel.ends - train_ends
    ends: NDArray[np.int64] = train_ends + np.maximum(horizon, held_out // 2)
    short = np.flatnonzero((held_out >= horizon) & (held_out < 2 * horizon))
    ends[short[::2]] = panel.ends[short[::2]]
    ends[short[1::2]] = train_ends[short[1::2]]
    return np.minimum(ends, panel.ends)


def _training_windows(windows: WindowSet, lengths: NDArray[np.int64], config: ModelConfig) -> WindowSet:
    """Return every origin with a whole horizon before the cut and, in a long series, a third of a context."""
    first, last = _origins(lengths, config)
    begins = windows.panel.offsets[:-1]
    return observed_windows(replace(windows, runs=Runs.between(begins + first, begins + last)))


def _origins(lengths: NDArray[np.int64], config: ModelConfig) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first and the last origin of each series with so many values: (series,) each."""
    last = lengths - config.horizon
    # Leave two seasons of origins to a series that is barely longer than a context.
    spare = np.maximum(last - 2 * config.season, (last + 1) // 2)
    first = np.maximum(1, np.minimum(-(-config.context_length // LEAST_OF_CONTEXT), spare))
    return first, last


def _spread_windows(
    windows: WindowSet, starts: NDArray[np.int64], ends: NDArray[np.int64], spread: Spread
) -> WindowSet:
    """Return origins spread evenly over each series, from a row to the last whole horizon before another."""
    last = ends - windows.horizon
    chosen = np.flatnonzero(last >= starts)
    if not len(chosen):
        return windows
    origins = max(spread.origins, -(-spread.fewest // len(chosen)))
    share = np.linspace(0, 1, origins)
    rows = starts[chosen, None] + np.round(share * (last - starts)[chosen, None]).astype(np.int64)
    is_new = np.ones(rows.shape, dtype=np.bool_)
    is_new[:, 1:] = rows[:, 1:] != rows[:, :-1]  # those of short series repeat
    spread_out = Runs(np.repeat(chosen, is_new.sum(axis=1)), rows[is_new])
    usable = observed_windows(replace(windows, runs=spread_out))
    # A whole stride would take the same origins of every series.
    kept = np.linspace(0, len(usable) - 1, min(len(usable), spread.most)).round().astype(np.int64)
    return replace(usable, runs=usable.runs.take(kept))
