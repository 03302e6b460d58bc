"""Times of any Arrow type as int64 on the model's clock, and back in the type that they were read in."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ..bundle.bundle import Manifest
from ..errors import ConfigError, InputError
from ..time.timestep import MISSING_TIME, SECONDS, Timestamps
from .plain import from_numpy, is_missing, to_numpy

_IN_A_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
DATE, MINUTE = len("2024-01-31"), len("2024-01-31T13:00")
_EXPECTED = "timestamps, dates, ISO 8601 texts, or whole seconds since 1970"


@dataclass(frozen=True)
class Stamps:
    """The times of one column. Those with a zone are moments, all others are what a wall clock shows.

    Of a model without a zone moments are read as what the clock of their own zone shows. Integers are what
    Predictor.forecast takes: counts, or seconds since 1970.
    """

    manifest: Manifest
    name: str
    type: pa.DataType
    text: str = ""  # the first of them, where they are texts: all are of its form

    @classmethod
    def of(cls, manifest: Manifest, name: str, column: pa.Array) -> Self:
        """Return the reader of such columns. Raises ConfigError for a type that does not fit the model."""
        first = column.drop_null()[:1].to_pylist() if is_text(column.type) else []
        found = cls(manifest, name, column.type, str(first[0]) if first else "")
        found._check()
        return found

    def _check(self) -> None:
        kind, step, clock = self.type, self.manifest.time_step, self.manifest.clock
        is_time = pa.types.is_timestamp(kind) or pa.types.is_date(kind) or is_text(kind)
        expected = ""
        if not step.has_calendar and not pa.types.is_integer(kind):
            expected = "whole numbers, as this model counts rows"
        elif not is_time and not pa.types.is_integer(kind):
            expected = _EXPECTED
        elif clock is not None and clock.in_utc and self._is_wall:
            zone = self.manifest.columns.timezone
            expected = f"moments, such as timestamps with a zone: the model's time zone is {zone}"
        elif pa.types.is_date(kind) and step.count * SECONDS.get(step.unit, 0) % SECONDS["day"]:
            expected = f"timestamps, as the model's step is {step}"
        if expected:
            raise ConfigError(f'column "{self.name}" has the type {kind}; expected {expected}')

    @property
    def _zone(self) -> str | None:
        """Return the zone that the moments are written in; None for other times."""
        if is_text(self.type):
            return "UTC" if self.text.endswith("Z") else None
        zone: str | None = getattr(self.type, "tz", None)
        return zone

    @property
    def _is_wall(self) -> bool:
        return self._zone is None and not pa.types.is_integer(self.type)

    def read(self, column: pa.Array) -> Timestamps:
        """Return int64 on the model's clock, MISSING_TIME where null.

        Raises InputError for a text that is no time of the form of the first.
        """
        missing = is_missing(column) if column.null_count else None
        if is_text(column.type):
            column = self._parse(column)
        if pa.types.is_date(column.type):
            column = column.cast(pa.timestamp("s"))
        clock = self.manifest.clock
        if self._zone is not None and clock is None:
            column = pc.local_timestamp(column)
        in_a_second = _IN_A_SECOND[column.type.unit] if pa.types.is_timestamp(column.type) else 1
        is_stamp = pa.types.is_timestamp(column.type)
        whole = column.view(pa.int64()) if is_stamp else column.cast(pa.int64())  # a view is no copy
        raw: Timestamps = to_numpy(whole) if missing is None else np.where(missing, 0, to_numpy(whole))
        found = raw if in_a_second == 1 else raw // in_a_second
        if clock is not None and not self._is_wall:
            found = clock.from_utc(found)
        return found if missing is None else np.where(missing, MISSING_TIME, found)

    def _parse(self, column: pa.Array) -> pa.Array:
        column = column.cast(pa.string())
        try:
            return column.cast(pa.timestamp("s", self._zone))
        except pa.ArrowInvalid as error:
            forms = "2024-01-31 or 2024-01-31T13:00:00Z"
            raise InputError(
                f'column "{self.name}": expected texts of one form, such as {forms}: {error}'
            ) from None

    def write(self, times: Timestamps) -> pa.Array:
        """Return times on the model's clock as they are written in this column, null where MISSING_TIME."""
        missing = times == MISSING_TIME
        mask = missing if missing.any() else None
        known = times if mask is None else np.where(missing, 0, times)
        clock = self.manifest.clock
        moments = known if clock is None or self._is_wall else clock.to_utc(known)
        if is_text(self.type):
            return pa.array(self._texts(moments), mask=mask, type=plain_type(self.type))
        if pa.types.is_integer(self.type):
            return from_numpy(moments, mask).cast(self.type)
        if pa.types.is_date(self.type):
            return from_numpy(moments, mask, pa.timestamp("s")).cast(self.type)
        unit, zone = self.type.unit, self.type.tz
        stamps = from_numpy(moments, mask, pa.timestamp("s", zone if clock is not None else None))
        stamps = stamps.cast(pa.timestamp(unit, stamps.type.tz))
        if zone is None or clock is not None:
            return stamps.cast(self.type)
        return pc.assume_timezone(stamps, zone, ambiguous="earliest", nonexistent="earliest")

    def _texts(self, moments: Timestamps) -> NDArray[np.object_]:
        """Return texts of the form of the first: its precision, its separator, its Z."""
        form = self.text.removesuffix("Z")
        texts = np.datetime_as_string(moments.astype("datetime64[s]"))
        if len(form) == DATE and not (moments % SECONDS["day"]).any():
            texts = texts.astype(f"U{DATE}")
        elif len(form) == MINUTE:
            texts = texts.astype(f"U{MINUTE}")
        if form[10:11] == " ":
            texts = np.char.replace(texts, "T", " ")
        return np.char.add(texts, "Z" if self._zone else "").astype(object)

    def say(self, time: int) -> str:
        """Return how an error calls a time on the model's clock."""
        is_date = self.manifest.time_step.has_calendar
        return str(np.datetime64(time, "s")) if is_date else str(time)


def is_text(kind: pa.DataType) -> bool:
    """Return whether a column holds texts, plain or as a dictionary."""
    value = plain_type(kind)
    return bool(pa.types.is_string(value) or pa.types.is_large_string(value))


def plain_type(kind: pa.DataType) -> pa.DataType:
    """Return the type that values are written in: without a dictionary, and texts not as views."""
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    return pa.string() if pa.types.is_string_view(value) else value
