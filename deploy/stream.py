"""Stream: one series that grows, observation by observation, and its forecast at any time."""

import threading
from dataclasses import replace
from typing import Any, NoReturn, Protocol

import numpy as np
from numpy.typing import NDArray

from .adaptive.alarm import Alarm
from .adaptive.said import Adaptation
from .adaptive.stream_state import StreamState, read_state
from .bundle.bundle import Manifest
from .engine.deadline import Deadline
from .engine.engine import Engine, Method
from .engine.forks import renew_after_fork
from .errors import InputError
from .forecast import Forecast, finite
from .request.arrays import rank, to_array
from .request.covariates import (
    Covariates,
    check_along,
    check_rows,
    check_static,
    encode_categories,
    refuse_unused,
)
from .request.histories import check_each, check_values
from .request.inputs import check_request
from .request.moments import check_last_timestamp


class Model(Protocol):
    """A model that forecasts, such as a Predictor."""

    engine: Engine


class Stream:
    """The last `context_length` values of one series, and the covariates that go with them.

    Its forecast is that of Predictor.forecast on these values, bit for bit, until a value is observed of
    which it had said something: from then on its quantiles move, so that they cover as many values as their
    levels say, unless it is not adaptive. Its memory does not grow. Any thread may call it: updates take
    effect whole and one after the other, and a forecast is of the series between two of them. The model is
    shared, so there may be as many streams as there are series.
    """

    def __init__(self, engine: Engine, state: StreamState) -> None:
        self._engine, self._manifest = engine, engine.manifest
        self._state = state
        self._lock = threading.Lock()  # of updates; whoever reads takes the state once
        renew_after_fork(self)

    def after_fork(self) -> None:
        """Begin with a lock that no thread of the parent process holds; the state is between two updates."""
        self._lock = threading.Lock()

    def __copy__(self) -> "Stream":
        return Stream(self._engine, self._state)

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a Stream cannot be pickled: send to_bytes(), and continue by Stream.from_bytes(predictor, data)"
        )

    @classmethod
    def open(cls, engine: Engine, history: Any, given: Covariates, *, adaptive: bool = True) -> "Stream":
        """Open a stream that continues a history; Predictor.stream says what its arguments are.

        Args:
            engine: That of the predictor.
            history: Of one series; InputError for more.
            given: Timestamp and covariates.
            adaptive: Whether its quantiles move.
        """
        manifest = engine.manifest
        refuse_unused(manifest, given)
        series = check_each(manifest, history)
        if len(series) != 1:
            raise InputError(f"a stream is one series, found {len(series)}")
        lengths = np.array([len(series[0])], dtype=np.int64)
        last = check_last_timestamp(manifest, given.last_timestamp, 1)
        along = {
            name: check_along(name, names, getattr(given, name), lengths, lengths[0])[0].copy()
            if names
            else None
            for name, names in (("known", manifest.known), ("past", manifest.past))
        }
        state = StreamState(
            series[0],
            **along,
            static=check_static(manifest, given.static, 1) if manifest.static else None,
            static_cat=_texts(manifest, given.static_cat),
            opened_at=None if last is None else int(last[0]),
            steps=0,
            updates=0,
            adaptation=_fresh(manifest) if adaptive else None,
        )
        return cls(engine, state)

    @classmethod
    def from_bytes(cls, predictor: Model, data: bytes, *, adaptive: bool = True) -> "Stream":
        """Return the stream that to_bytes wrote. Raises InputError for damaged bytes, or of another bundle.

        Args:
            predictor: The model that it was opened with.
            data: What to_bytes returned.
            adaptive: False leaves aside what it has learnt.
        """
        manifest = predictor.engine.manifest
        state = read_state(manifest, data)
        learnt = (state.adaptation or _fresh(manifest)) if adaptive else None
        return cls(predictor.engine, replace(state, adaptation=learnt))

    def to_bytes(self) -> bytes:
        """Return all that another process needs to continue, with the bundle's digest; no code in it."""
        return self._state.to_bytes(self._manifest)

    def __repr__(self) -> str:
        count, last = len(self), self.last_timestamp
        until = "" if last is None else f" until {last}"
        return f"Stream({count} value{'' if count == 1 else 's'}{until} of {self._manifest!r})"

    def __len__(self) -> int:
        return len(self._state.values)

    @property
    def values(self) -> NDArray[np.float64]:
        """Return a copy of the values that it forecasts from: (time,), of a joint model (time, D)."""
        return self._state.values.copy()

    @property
    def last_timestamp(self) -> np.datetime64 | int | None:
        """Return when the last value was observed, of UTC in a time zone; a count without a calendar."""
        last = _last(self._manifest, self._state)
        if last is None or not self._manifest.time_step.has_calendar:
            return last
        return np.datetime64(last, "s")

    @property
    def anomaly(self) -> float | NDArray[np.float64] | None:
        """Return the p-value of the newest value: how often one as far out, on its side, is seen, twice.

        By the latest of the stream's forecasts that said something of it, as it is moved. Of a joint model
        (D,), NaN where missing. None where nothing was said of it, or it is missing.
        """
        state = self._state
        found = None if state.adaptation is None else state.adaptation.surprise.p_values_at(state.steps)
        if found is None or self._manifest.channels:
            return found
        return None if np.isnan(found[0]) else float(found[0])

    @property
    def alarm(self) -> Alarm | None:
        """Return whether the series has changed since the stream began, so that the model is to be fit again.

        True from then on. It rests on values that were forecast one step ahead. None if not adaptive.
        """
        adaptation = self._state.adaptation
        if adaptation is None:
            return None
        return Alarm(1 / adaptation.surprise.highest, adaptation.surprise.scored)

    def update(self, values: Any, *, known: Any = None, past: Any = None) -> None:
        """Append observations; each advances the last timestamp by the step of the model.

        Each is compared with what earlier forecasts of the stream said of it, if they said anything.

        Args:
            values: One, or (n,); of a joint model (D,) or (n, D). NaN = missing.
            known: (n, covariate), where the model has them; (covariate,) for one.
            past: The same of past covariates.

        Raises:
            InputError: It names the update, counted from 1; then nothing was appended.
        """
        manifest = self._manifest
        refuse_unused(manifest, Covariates(known=known, past=past))
        with self._lock:
            state, context = self._state, manifest.context_length
            what = f"update {state.updates + 1}"
            table = to_array(values, what)
            table = table[None] if table.ndim == (1 if manifest.channels else 0) else table
            fresh, count = check_values(manifest, table, what), len(table)
            new_known = _new_rows(f"known of {what}", manifest.known, known, count)
            new_past = _new_rows(f"past of {what}", manifest.past, past, count)
            self._state = replace(
                state,
                values=np.concatenate([state.values, fresh])[-context:].copy(),
                known=_extend(state.known, new_known, context),
                past=_extend(state.past, new_past, context),
                steps=state.steps + count,
                updates=state.updates + 1,
                adaptation=None if state.adaptation is None else state.adaptation.compare_each(fresh),
            )

    def forecast(
        self, horizon: int | None = None, *, future_known: Any = None, method: Method = "graph"
    ) -> Forecast:
        """Forecast the values after the last one, as Predictor.forecast does of a batch of one.

        Args:
            horizon: Steps; None: the trained ones.
            future_known: (horizon, covariate) where the model has known covariates.
            method: As of Predictor.forecast.

        Raises:
            InputError: An argument cannot be used.
        """
        state, deadline = self._state, Deadline(None)
        given = Covariates(
            last_timestamp=_last(self._manifest, state),
            known=state.known,
            future_known=future_known,
            static_cat=None if state.static_cat is None else [state.static_cat],
            past=state.past,
            static=state.static,
        )
        request = check_request(self._manifest, state.values, horizon, given)
        quantiles = finite(self._engine.publish(request, deadline, method))
        if state.adaptation is not None:
            self._remember(state, quantiles[0])
            quantiles = state.adaptation.adjust(quantiles[0])[None]
        levels, bands, step = self._manifest.quantile_levels, self._manifest.bands, self._manifest.time_step
        return Forecast(quantiles, levels, request.timestamps, bands=bands, step=step)

    def _remember(self, state: StreamState, quantiles: NDArray[np.float64]) -> None:
        """Keep what was said of the coming values, until they are observed; not if some are by now."""
        with self._lock:
            now = self._state
            if now.adaptation is not None and now.steps == state.steps:
                said = now.adaptation.say(
                    state.steps, quantiles.reshape(len(quantiles), -1, quantiles.shape[-1])
                )
                self._state = replace(now, adaptation=said)


def _fresh(manifest: Manifest) -> Adaptation | None:
    return Adaptation.fresh(manifest.quantile_levels, manifest.horizon)


def _last(manifest: Manifest, state: StreamState) -> int | None:
    """Return the last timestamp as Predictor.forecast takes it; counted from the first, as months need it."""
    if state.opened_at is None:
        return None
    opened, steps = np.array([state.opened_at]), np.array([state.steps], dtype=np.int64)
    last = manifest.time_step.shift(opened, steps)
    return int(last[0] if manifest.clock is None else manifest.clock.to_utc(last)[0])


def _new_rows(what: str, names: tuple[str, ...], rows: Any, count: int) -> NDArray[np.float32] | None:
    """Return covariates of `count` new values: (count, covariate); None if the model has none."""
    if not names:
        return None
    if rows is None:
        raise InputError(f"{what}: this model needs {', '.join(names)} along each new value")
    table = [rows] if count == 1 and rank(rows) == 1 else rows
    if rank(table) == 2 and len(table) != count:
        raise InputError(f"{what}: {len(table)} rows for {count} new values")
    return check_rows(what, names, table, count)


def _extend(
    kept: NDArray[np.float32] | None, fresh: NDArray[np.float32] | None, context: int
) -> NDArray[np.float32] | None:
    """Return the last `context` rows of both."""
    return None if kept is None or fresh is None else np.concatenate([kept, fresh])[-context:].copy()


def _texts(manifest: Manifest, given: Any) -> tuple[str, ...] | None:
    if given is None or not manifest.vocabularies:
        return None
    encode_categories(manifest, given, 1)
    return tuple(str(text) for text in np.asarray(given, dtype=object).reshape(-1))
