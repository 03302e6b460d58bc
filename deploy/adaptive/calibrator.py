"""Calibrator: offsets next to a bundle, which its forecasts of many series are moved by, learnt from actuals.

The mathematics is that of a stream (tracker.py), shared by all series: errors are in widths of each forecast,
and a comparison is their mean. What is compared is forecast again from what was known before.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..bundle.bundle import Manifest, canonical, digest_of
from ..engine.engine import Engine
from ..errors import BundleError, InputError
from ..places import replace_file
from ..request.covariates import Covariates
from ..request.histories import check_each
from ..request.moments import check_last_timestamp
from .record import Record
from .remembered import read_record, read_tracker, write_record, write_tracker
from .replay import Chosen, learn, sample
from .said import Adaptation
from .tracker import Tracker

FORMAT, VERSION = "forecaster-offsets", 2
FIELDS = {"format", "version", "bundle", "until", "tracker", "digest"}  # of version 1
RECORDED = FIELDS | {"record"}
MOST_NEW = 100_000  # steps that one update may compare
LEAST_SHARE = 0.1  # of the lowest quantile is left where all values are above 0

Array = NDArray[np.float64]


class Model(Protocol):
    """A model that forecasts, such as a Predictor."""

    engine: Engine


def offsets_of(bundle: Path) -> Path:
    """Return the file of the offsets of a bundle: next to it, BUNDLE.offsets.json."""
    return bundle.with_name(f"{bundle.name}.offsets.json")


@dataclass(frozen=True)
class Calibrator:
    """Offsets of one bundle; never changed, only replaced.

    Attributes:
        manifest: Of the bundle.
        tracker: The offsets by level and group of steps, and what they were learnt from.
        until: When the last value was observed that was compared, on the model's clock; None: none was.
        record: How the forecasts have done lately.
    """

    manifest: Manifest
    tracker: Tracker
    until: int | None = None
    record: Record = field(default_factory=Record)

    @classmethod
    def fresh(cls, manifest: Manifest) -> "Calibrator":
        """Return one that moves nothing.

        Args:
            manifest: Of the bundle.

        Raises:
            InputError: The model forecasts medians alone.
        """
        adaptation = Adaptation.fresh(manifest.quantile_levels, manifest.horizon)
        if adaptation is None:
            raise InputError("this model has no levels on both sides of 0.5, so it has no intervals to move")
        return cls(manifest, adaptation.tracker)

    @classmethod
    def load(cls, bundle: Path, manifest: Manifest) -> "Calibrator | None":
        """Read the offsets next to a bundle; None where there are none, or those of another bundle.

        Args:
            bundle: Its folder.
            manifest: Of the bundle.

        Raises:
            BundleError: They are damaged.
        """
        path = offsets_of(bundle)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise BundleError(f"cannot read {path}: {error.strerror or error}") from None
        try:
            content = json.loads(data)
            if set(content) not in (FIELDS, RECORDED) or content["digest"] != digest_of(content):
                raise ValueError("they are not what was written")
            if (content["format"], content["version"]) != (FORMAT, VERSION if "record" in content else 1):
                raise ValueError(f"found version {content['version']!r}, expected {VERSION} or before")
            if content["bundle"] != manifest.digest:
                return None
            until, fresh = content["until"], cls.fresh(manifest)
            if not (until is None or (type(until) is int and abs(until) < 2**62)):
                raise ValueError(f"until is {until!r}")
            tracker = read_tracker(content["tracker"], fresh.tracker)
            record = read_record(content["record"], tracker.levels) if "record" in content else Record()
            return cls(manifest, tracker, until, record)
        except (ValueError, TypeError, KeyError, RecursionError, InputError) as error:
            raise BundleError(f"{path} holds no offsets: {error}; remove it") from None

    def save(self, bundle: str | os.PathLike[str]) -> Path:
        """Write the offsets next to a bundle, in one step.

        Args:
            bundle: Its folder.

        Returns:
            The file.

        Raises:
            OSError: It cannot be written.
        """
        content = {
            "format": FORMAT,
            "version": VERSION,
            "bundle": self.manifest.digest,
            "until": self.until,
            "tracker": write_tracker(self.tracker),
            "record": write_record(self.record),
        }
        path = offsets_of(Path(bundle))
        replace_file(path, canonical({**content, "digest": digest_of(content)}))
        return path

    @property
    def mark(self) -> str:
        """A text that differs where forecasts are moved otherwise; empty where they are not."""
        tracker = self.tracker
        return digest_of(write_tracker(tracker)) if tracker.has_learnt else ""

    def move(self, quantiles: Array) -> Array:
        """Return the model's quantiles moved, within its bounds.

        Args:
            quantiles: (batch, horizon, [D,] level), as the model forecasts them.
        """
        if not self.tracker.has_learnt:
            return quantiles
        moved = np.moveaxis(self.tracker.adjust(np.moveaxis(quantiles, 1, 0)), 0, 1)
        if self.manifest.positive:
            moved = np.maximum(moved, LEAST_SHARE * quantiles[..., :1])
        return moved if self.manifest.lower is None else np.maximum(moved, self.manifest.lower)

    def update(
        self,
        model: Model,
        history: Any,
        *,
        new: int | None = None,
        last_timestamp: Any = None,
        known: Sequence[Any] | None = None,
        past: Sequence[Any] | None = None,
        static_cat: Any = None,
        static: Any = None,
    ) -> "Calibrator":
        """Return what the last values of some series teach, compared with forecasts made without them.

        Args:
            model: A Predictor of the bundle.
            history: A list of series, (time,) or of a joint model (time, D), with all values that a forecast
                of the first new one needs.
            new: Steps to compare; None: those after the last that was compared, by its time, and none the
                first time, since the fit may have seen them.
            last_timestamp: When the series end, one or one of each; those that end before others are left
                out, and of very many some are chosen.
            known: Of each history, (time, covariate).
            past: The same.
            static_cat: Texts (series, column).
            static: Numbers (series, column).

        Raises:
            InputError: Something does not fit the model, or nothing says what is new.
        """
        manifest = self.manifest
        series = [np.asarray(values, np.float64) for values in history]
        lengths = [len(each) for each in series]
        check_each(manifest, history)
        last = check_last_timestamp(manifest, last_timestamp, len(series))
        until = None if last is None else int(last.max())
        count = self._new(until) if new is None else new
        if type(count) is not int or not 0 <= count <= MOST_NEW:
            raise InputError(f"new: expected a number of steps up to {MOST_NEW}, found {count!r}")
        kept = [n for n in range(len(series)) if last is None or last[n] == until]
        kept = sample(manifest, [n for n in kept if lengths[n] > count])
        if not count or not kept:
            return replace(self, until=until)
        known, past = (None if rows is None else list(map(np.asarray, rows)) for rows in (known, past))
        given = Covariates(known=known, past=past, static_cat=static_cat, static=static)
        chosen = Chosen.of(kept, series, last, given)
        tracker, record = learn(self.tracker, self.record, model.engine, chosen, count)
        return replace(self, tracker=tracker, record=record, until=until)

    def _new(self, until: int | None) -> int:
        """Return the steps since the last that was compared. Raises InputError where no time tells."""
        if until is None:
            raise InputError("without times nothing tells which values are new; say how many, as new=")
        if self.until is None or until <= self.until:
            return 0
        return steps_after(self.manifest, self.until, until)


def steps_after(manifest: Manifest, begin: int, end: int) -> int:
    """Return how many steps lie after a time up to another one, at most MOST_NEW."""
    times = manifest.time_step.shift(np.full(MOST_NEW, begin), np.arange(1, MOST_NEW + 1))
    return int(np.searchsorted(times, end, side="right"))
