"""Which predictor forecasts a series: the only one, or that of its segment, by the values of some columns."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ..bundle.bundle import Manifest, sha256
from ..bundle.segments import Key, find_segments
from ..engine.providers import Providers
from ..errors import ConfigError
from ..predictor import Predictor
from ..request.inputs import check_horizon
from ..time.timestep import MISSING_TIME
from .asking import Answers, answer, rows_to_keep
from .plain import to_numpy
from .reading import BatchReader, Block
from .roles import Names, Roles

Series: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True)
class Predictors:
    """Predictors by the values of columns; of no columns the only one is that of all series."""

    by: tuple[str, ...]
    of: Mapping[Key, Predictor]
    path: Path | None = None  # of the folder of segments

    @classmethod
    def load(cls, path: Path, providers: Providers = "auto") -> Self:
        """Load a bundle, or that of each segment in a folder that `fit --by` made.

        Raises BundleError, and ConfigError where bundles of segments take or give different columns.
        """
        segments = find_segments(path)
        if segments is None:
            return cls((), {(): Predictor.load(path, providers=providers)})
        bundles = segments.bundles()
        found = {key: Predictor.load(bundle, providers=providers) for key, bundle in bundles.items()}
        for key, predictor in found.items():
            _refuse_other(segments.by, next(iter(found)), key, next(iter(found.values())), predictor)
        return cls(segments.by, found, path)

    @property
    def first(self) -> Predictor:
        """Return the predictor that says what all of them take and give."""
        return next(iter(self.of.values()))

    @property
    def digest(self) -> str:
        """Return what tells these bundles, and the offsets next to them, from any others."""
        if not self.by:
            return _digest(self.first)
        return sha256({"/".join(key): _digest(predictor) for key, predictor in self.of.items()})

    def roles(
        self,
        id: Names = None,
        time: str | None = None,
        target: Names = None,
        levels: tuple[float, ...] = (),
        anomalies: int = 0,
    ) -> Roles:
        """Return the columns that are read, among them those that choose. Raises ConfigError."""
        roles = Roles.of(self.first.manifest, id, time, target, levels, self.last_steps(anomalies))
        return replace(roles, by=self.by)

    def horizon(self, steps: int | None) -> int:
        """Return how many steps are forecast. Raises ConfigError, and InputError for more than can be."""
        if steps is None:
            trained = sorted({predictor.manifest.horizon for predictor in self.of.values()})
            if len(trained) > 1:
                listed = " and ".join(map(str, trained))
                said = f"the bundles in {self.path} forecast {listed} steps"
                raise ConfigError(f"{said}; name a horizon for all of them")
        checked = [check_horizon(predictor.manifest, steps) for predictor in self.of.values()]
        return checked[0]

    def rows_to_keep(self, horizon: int, judged: int) -> int:
        """Return how many rows of a series may count, its last ones. judged: steps at its end."""
        return max(rows_to_keep(predictor, horizon) for predictor in self.of.values()) + 2 * judged

    def last_steps(self, steps: int) -> int:
        """Return how many steps at the end of a series are judged. Raises ConfigError for too many."""
        levels = self.first.manifest.quantile_levels
        most = min(predictor.manifest.horizon for predictor in self.of.values())
        if not 0 <= steps <= most:
            raise ConfigError(f"anomalies: expected at most the {most} steps of the horizon, found {steps}")
        if steps and not levels[0] < 0.5 < levels[-1]:
            raise ConfigError("anomalies: this model has no levels on both sides of 0.5 to tell them by")
        return steps

    def answer(
        self,
        reader: BatchReader,
        block: Block,
        targets: tuple[str, ...],
        horizon: int,
        *,
        of_last: bool = False,
    ) -> Answers:
        """Forecast a block, each series by its own predictor; one that has none is an error.

        of_last: as of asking.answer.
        """
        if not self.by:
            return answer(self.first, reader, block, targets, horizon, of_last=of_last)
        manifest = self.first.manifest
        channels = [len(targets)] if manifest.channels else []
        shape = (len(block), horizon, *channels, len(manifest.quantile_levels))
        kind = np.float64 if of_last else np.float32
        quantiles, errors = np.full(shape, np.nan, dtype=kind), dict[int, str]()
        last = None if reader.stamps is None else np.full(len(block), MISSING_TIME)
        for key, series in self._parts(block):
            predictor = self.of.get(key)
            if predictor is None:
                errors |= dict.fromkeys(series.tolist(), f"no bundle of {_said(self.by, key)} in {self.path}")
                continue
            part = block if len(series) == len(block) else block.take(series)
            found = answer(predictor, reader, part, targets, horizon, of_last=of_last)
            quantiles[series] = found.quantiles
            errors |= {int(series[place]): text for place, text in found.errors.items()}
            if last is not None and found.last is not None:
                last[series] = found.last
        return Answers(quantiles, last, errors)

    def _parts(self, block: Block) -> Iterator[tuple[Key, Series]]:
        """Yield the segments of a block, and the series of each."""
        numbers, texts = np.zeros(len(block), dtype=np.int64), []
        for name in self.by:
            coded = block.heads.column(name).cast(pa.string()).fill_null("").dictionary_encode()
            texts.append(coded.dictionary)
            numbers = numbers * len(coded.dictionary) + to_numpy(coded.indices)
        for number in np.unique(numbers).tolist():
            series = np.flatnonzero(numbers == number)
            key: list[str] = []
            for dictionary in reversed(texts):
                number, place = divmod(number, len(dictionary))
                key.insert(0, dictionary[place].as_py())
            yield tuple(key), series


def _refuse_other(by: tuple[str, ...], first: Key, key: Key, expected: Predictor, found: Predictor) -> None:
    """Raise ConfigError for a bundle that takes or gives other columns than the first."""
    for what, of_first in _facts(expected.manifest).items():
        own = _facts(found.manifest)[what]
        if own != of_first:
            raise ConfigError(
                f"bundles of segments have to be alike, and their {what} differ: {of_first} of "
                f"{_said(by, first)}, {own} of {_said(by, key)}; score each segment by its own bundle"
            )


def _facts(manifest: Manifest) -> dict[str, str]:
    """Return what one read and one table of forecasts ask of all bundles, in words."""
    columns = manifest.columns
    written = columns.to_json()
    names = ("time", "time_format", "targets", "series", "known", "past", "static", "timezone", "joint")
    facts = {f"columns ({name})": str(written[name]) for name in names}
    levels = ", ".join(f"{level:g}" for level in manifest.quantile_levels)
    return {**facts, "steps": str(manifest.time_step), "quantile levels": levels}


def _said(by: tuple[str, ...], key: Key) -> str:
    return ", ".join(f"{name}={value}" for name, value in zip(by, key, strict=True))


def _digest(predictor: Predictor) -> str:
    offsets = "" if predictor.calibrator is None else predictor.calibrator.mark
    digest = predictor.manifest.digest
    return sha256({"bundle": digest, "offsets": offsets}) if offsets else digest
