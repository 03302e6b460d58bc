"""The scores of each unit, and of all as columns: of many units few are ever looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class PointScores:
    """Errors of the median, or of a baseline's forecast."""

    mase: float
    smape: float  # percent
    rmsse: float
    mae: float  # in the target's units, as the following
    rmse: float
    mse: float  # in their square


@dataclass(frozen=True)
class UnitScores:
    """Scores of one series, or of one target of a joint one."""

    id: tuple[str, ...]  # its key, then the target's name if there are several
    is_new: bool  # the fit never saw it
    windows: int
    values: int  # observed ones among those that were forecast
    first_origin: str  # time of the last value before the first scored forecast, as the file writes it
    last_target: str  # time of the last value that was forecast
    scale: float  # unit of mase
    scores: PointScores
    crps: float
    wql: float
    coverage: tuple[float, ...]  # of each of Model.intervals
    width: tuple[float, ...]
    baselines_mae: dict[str, float]


@dataclass(frozen=True, eq=False)
class UnitTable(Sequence[UnitScores]):
    """UnitScores of the units with a window, in the order of the panel; of all arrays the first axis."""

    ids: tuple[tuple[str, ...], ...]  # of all series of the panel
    targets: tuple[str, ...]  # of a joint series; else none
    unit: NDArray[np.int64]  # series × targets + target
    is_new: NDArray[np.bool_]
    windows: NDArray[np.int64]
    values: NDArray[np.int64]
    first_origin: NDArray[np.object_]  # texts
    last_target: NDArray[np.object_]
    scale: Array
    points: Array  # (units, 6), as the fields of PointScores
    crps: Array
    wql: Array
    coverage: Array  # (units, intervals)
    width: Array
    baselines_mae: dict[str, Array]

    def __len__(self) -> int:
        """Return how many units were scored."""
        return len(self.unit)

    @overload
    def __getitem__(self, place: int) -> UnitScores: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[UnitScores]: ...

    def __getitem__(self, place: int | slice) -> UnitScores | Sequence[UnitScores]:
        """Return the scores of a unit, or of some."""
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        series, target = divmod(int(self.unit[place]), max(1, len(self.targets)))
        return UnitScores(
            id=(*self.ids[series], *self.targets[target : target + 1]),
            is_new=bool(self.is_new[place]),
            windows=int(self.windows[place]),
            values=int(self.values[place]),
            first_origin=self.first_origin[place],
            last_target=self.last_target[place],
            scale=float(self.scale[place]),
            scores=PointScores(*self.points[place].tolist()),
            crps=float(self.crps[place]),
            wql=float(self.wql[place]),
            coverage=tuple(self.coverage[place].tolist()),
            width=tuple(self.width[place].tolist()),
            baselines_mae={name: float(errors[place]) for name, errors in self.baselines_mae.items()},
        )

    def column(self, name: str) -> NDArray[Any]:
        """Return one of the scores of PointScores: (units,)."""
        found: NDArray[Any] = self.points[:, list(PointScores.__dataclass_fields__).index(name)]
        return found
