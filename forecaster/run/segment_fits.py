"""The fits of segments: a run for each value of some columns, or why there is none."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from deploy.bundle.segments import Key
from deploy.errors import RunError
from forecaster.run.run import Run


@dataclass(frozen=True)
class SegmentFit:
    """The fit of one segment: how good it is, or why there is none."""

    key: Key
    path: Path
    series: int
    mase: float | None = None  # None: nothing was trained
    relative_errors: dict[str, float] | None = None
    seconds: float | None = None
    error: str | None = None

    @classmethod
    def of(cls, run: Run, key: Key, series: int) -> Self:
        """Return how good a run is. series: how many it has."""
        metrics = run.metrics
        return cls(
            *(key, run.path, series),
            mase=metrics["validation"]["mase"],
            relative_errors=metrics["relative_errors"],
            seconds=metrics["seconds"],
        )

    def to_json(self) -> dict[str, Any]:
        """Return it in types of JSON."""
        return {**vars(self), "key": list(self.key), "path": str(self.path)}


@dataclass(frozen=True)
class SegmentFits:
    """The fits of all segments, in the order of their values."""

    by: tuple[str, ...]
    path: Path
    fits: tuple[SegmentFit, ...]

    @property
    def failures(self) -> tuple[SegmentFit, ...]:
        """Those without a run."""
        return tuple(fit for fit in self.fits if fit.error is not None)

    def describe(self) -> dict[str, Any]:
        """Return it in types of JSON."""
        return {
            "kind": "segments",
            "path": str(self.path),
            "by": list(self.by),
            "segments": [fit.to_json() for fit in self.fits],
        }

    def refuse_failures(self) -> None:
        """Raise RunError if some segments have no run."""
        if failed := self.failures:
            raise RunError(
                f"{len(failed)} of {len(self.fits)} segments failed, as listed; the others are in {self.path}"
            )
