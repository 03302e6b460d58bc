"""Which columns of a batch are what for a model, and the schema of the forecasts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import pyarrow as pa

from ..bundle.bundle import Manifest
from ..errors import ConfigError
from ..shown.intervals import choose_levels
from .stamps import plain_type

Names = str | Sequence[str] | None
STEP, TARGET, ERROR = "step", "target", "error"  # columns of forecasts
VALUE, ANOMALY = "value", "anomaly"  # of values that are judged


@dataclass(frozen=True)
class Roles:
    """The columns that a model reads, by name; no others are looked at."""

    manifest: Manifest
    ids: tuple[str, ...]  # none: all rows are one series
    time: str | None  # None: times are not known
    targets: tuple[str, ...]
    levels: tuple[float, ...]  # to write
    judged: int = 0  # steps at the end of a series, whose rows are written before those of its forecast
    by: tuple[str, ...] = ()  # choose the predictor of a series

    @classmethod
    def of(
        cls,
        manifest: Manifest,
        ids: Names = None,
        time: str | None = None,
        targets: Names = None,
        levels: Sequence[float] | None = None,
        judged: int = 0,
    ) -> Self:
        """Return what a caller says, and where nothing is said what the manifest does.

        Raises ConfigError for roles that do not go together, and for a level that was not trained.
        """
        columns = manifest.columns
        if time is None and columns.time_parts:
            raise ConfigError(
                f"the model was fitted on times split over {columns.time}; name one column by time="
            )
        roles = cls(
            manifest,
            columns.series if ids is None else _tuple(ids),
            columns.time if time is None else time or None,
            columns.targets if targets is None else _tuple(targets),
            choose_levels(manifest.quantile_levels, tuple(levels or ())),
            judged,
        )
        if manifest.channels and len(roles.targets) != len(manifest.channels):
            wanted = ", ".join(manifest.channels)
            raise ConfigError(f"target: the model takes {wanted} together, found {', '.join(roles.targets)}")
        written = roles.written
        twice = [name for name in written if written.count(name) > 1]
        if twice:
            raise ConfigError(
                f'two columns of the forecasts would be called "{twice[0]}"; rename one of the data'
            )
        return roles

    @property
    def numbers(self) -> tuple[str, ...]:
        """Return the columns with a number in each row: targets, then known and past covariates."""
        return (*self.targets, *self.manifest.known, *self.manifest.past)

    @property
    def heads(self) -> tuple[str, ...]:
        """Return the columns that a series has one value of: its id, what chooses, then what is static."""
        static = (*self.manifest.vocabularies, *self.manifest.static)
        return tuple(dict.fromkeys((*self.ids, *self.by, *static)))

    @property
    def read(self) -> tuple[str, ...]:
        """Return all columns that are read, each once."""
        return tuple(dict.fromkeys((*self.heads, *([self.time] if self.time else ()), *self.numbers)))

    @property
    def written(self) -> tuple[str, ...]:
        """Return the columns of the forecasts."""
        return (*self.ids, *([self.time] if self.time else []), *self._schema_of_forecasts.names)

    @property
    def _schema_of_forecasts(self) -> pa.Schema:
        """Return the columns after those of the ids and the time."""
        fields = [pa.field(STEP, pa.int32())] * (self.time is None or self.judged > 0)
        fields += [pa.field(TARGET, pa.string())] * (len(self.targets) > 1)
        fields += [pa.field(name, pa.float64()) for name in (VALUE, ANOMALY)] * (self.judged > 0)
        fields += [pa.field(f"q{level:g}", pa.float32()) for level in self.levels]
        return pa.schema([*fields, pa.field(ERROR, pa.string())])

    def check(self, schema: pa.Schema) -> None:
        """Raise ConfigError unless batches of that schema have these columns, in types that fit."""
        for role, names in (("id", self.ids), ("time", (self.time,) if self.time else ()), ("", self.read)):
            for name in names:
                if len(schema.get_all_field_indices(name)) != 1:
                    count = "no column" if schema.get_field_index(name) < 0 else "more than one column"
                    say = f"; name the column by {role}=" if role else ""
                    raise ConfigError(f'{count} "{name}" among {", ".join(schema.names)}{say}')
        for name in self.numbers:
            kind = element_type(schema.field(name).type)
            if not (
                pa.types.is_floating(kind)
                or pa.types.is_integer(kind)
                or pa.types.is_decimal(kind)
                or pa.types.is_boolean(kind)
            ):
                raise ConfigError(f'column "{name}" has the type {kind}; expected numbers')
        if self.are_lists(schema) and not self.ids:
            raise ConfigError("each row holds the lists of a series; name the column of their ids by id=")
        if self.are_lists(schema) != all(is_list(schema.field(name).type) for name in self.numbers):
            raise ConfigError(
                f"either all of {', '.join(self.numbers)} hold lists, a row a series, or none do"
            )

    def are_lists(self, schema: pa.Schema) -> bool:
        """Return whether each row is a whole series, of lists."""
        return any(is_list(schema.field(name).type) for name in self.numbers)

    def schema(self, schema: pa.Schema) -> pa.Schema:
        """Return the schema of the forecasts of batches of that schema."""
        self.check(schema)
        kept = (*self.ids, *([self.time] if self.time else []))
        fields = [pa.field(name, plain_type(element_type(schema.field(name).type))) for name in kept]
        return pa.schema([*fields, *self._schema_of_forecasts])


def score_schema(
    schema: pa.Schema,
    manifest: Manifest,
    *,
    id: Names = None,
    time: str | None = None,
    target: Names = None,
    levels: Sequence[float] | None = None,
    anomalies: int = 0,
) -> pa.Schema:
    """Return the schema of what score_batches yields for batches of `schema`. Raises ConfigError."""
    return Roles.of(manifest, id, time, target, levels, anomalies).schema(schema)


def is_list(kind: pa.DataType) -> bool:
    """Return whether a column holds lists."""
    checks = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    return any(check(kind) for check in checks)


def element_type(kind: pa.DataType) -> pa.DataType:
    """Return the type of a value, in a list or in a row."""
    return kind.value_type if is_list(kind) else kind


def _tuple(names: str | Sequence[str]) -> tuple[str, ...]:
    return ((names,) if names else ()) if isinstance(names, str) else tuple(names)
