"""The last values of the series of a request, judged by one forecast from before them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ...adaptive.quantile_levels import Levels
from ...adaptive.surprise import p_values
from ...bundle.bundle import Manifest
from ...errors import InputError
from ...request.covariates import Covariates
from ...request.inputs import Request, check_request
from ...request.moments import check_last_timestamp
from .body import AskedForecast

Array = NDArray[np.floating]
TOO_SHORT = "there are no values before the last ones"


@dataclass(frozen=True)
class Earlier:
    """The forecast from before the last values of the series of a request."""

    request: Request | None  # of the series that can be; None: of none
    places: tuple[int, ...]  # of those among all
    steps: tuple[int, ...]  # judged of each of those
    errors: dict[int, str]  # why the others cannot be
    quantiles: Array | None = None  # of `request`, once it was computed

    @classmethod
    def of(cls, manifest: Manifest, asked: AskedForecast) -> Self:
        """Return the series without their last values; a short one without its second half."""
        back = [judged_steps(values, asked.anomalies) for values in asked.history]
        errors = {place: TOO_SHORT for place, steps in enumerate(back) if not steps}
        places = [place for place, steps in enumerate(back) if steps]
        try:
            request = _request(manifest, asked, back, places) if places else None
        except InputError:  # the fault of some; each by itself says whose
            for place in list(places):
                try:
                    _request(manifest, asked, back, [place])
                except InputError as error:
                    errors[place] = str(error).replace("series 0", f"series {place}")
                    places.remove(place)
            request = _request(manifest, asked, back, places) if places else None
        return cls(request, tuple(places), tuple(back[place] for place in places), errors)

    @property
    def size(self) -> int:
        """Return how many numbers were forecast."""
        return 0 if self.quantiles is None else self.quantiles.size

    def without(self, error: str) -> Self:
        """Return it where nothing could be forecast."""
        return type(self)(None, (), (), self.errors | dict.fromkeys(self.places, error))


@dataclass(frozen=True)
class Judged:
    """The last values of one series, the oldest first."""

    p_values: Array  # (steps[, D]), NaN where there is none
    quantiles: Array  # (steps[, D], quantile) forecast of them
    error: str | None = None  # why nothing was


def judge(manifest: Manifest, asked: AskedForecast, earlier: Earlier) -> list[Judged]:
    """Return the last values of each series, judged by what was forecast of them."""
    channels = (len(manifest.channels),) if manifest.channels else ()
    levels = Levels(manifest.quantile_levels)
    none = np.zeros((0, *channels))
    nothing = np.zeros((0, *channels, len(levels.listed)))
    found = [Judged(none, nothing, earlier.errors.get(place)) for place in range(len(asked.history))]
    if earlier.quantiles is not None:
        for said, place, steps in zip(earlier.quantiles, earlier.places, earlier.steps, strict=True):
            own = said[:steps]
            found[place] = Judged(p_values(own, asked.history[place][-steps:], levels), own)
    return found


def judged_steps(values: Array, most: int) -> int:
    """Return how many steps at the end of a series are judged: as many as are before them, at most."""
    observed = np.flatnonzero(~np.isnan(values.reshape(len(values), -1)).all(axis=1))
    return min(most, (len(values) - int(observed[0])) // 2) if len(observed) else 0


def _request(manifest: Manifest, asked: AskedForecast, back: list[int], places: list[int]) -> Request:
    """Return the checked request of some series, each without its last `back` steps. Raises InputError."""
    given, horizon = asked.given, max(back[place] for place in places)

    def ended(rows: Any) -> list[Any] | None:
        return None if rows is None else [rows[place][: -back[place]] for place in places]

    def some(rows: Any) -> list[Any] | None:
        return None if rows is None else [rows[place] for place in places]

    earlier = Covariates(
        _last_timestamps(manifest, asked, back, places),
        ended(given.known),
        [*_ahead(given, back, places, horizon)] if manifest.known else None,
        some(given.static_cat),
        ended(given.past),
        some(given.static),
    )
    return check_request(manifest, ended(asked.history), horizon, earlier)


def _ahead(given: Covariates, back: list[int], places: list[int], horizon: int) -> Iterator[Array]:
    """Yield what is known of the steps after the earlier end; those beyond the request are as its last."""
    for place in places:
        rows = np.concatenate([given.known[place][-back[place] :], given.future_known[place]])
        yield rows[np.minimum(np.arange(horizon), len(rows) - 1)]


def _last_timestamps(manifest: Manifest, asked: AskedForecast, back: list[int], places: list[int]) -> Any:
    """Return when the earlier histories end, as check_request takes it."""
    last = check_last_timestamp(manifest, asked.given.last_timestamp, len(asked.history))
    if last is None:
        return None
    earlier = manifest.time_step.shift(last[places], -np.array(back)[places])
    return earlier if manifest.clock is None else manifest.clock.to_utc(earlier)
