"""Which column of the data is what: one value for a panel, a run's record and a bundle's manifest."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Self

# The names in manifest.json, in their order.
IN_MANIFEST = (
    *("time", "time_format", "targets", "series", "known"),
    *("past", "static", "layout", "timezone", "joint", "aggregate"),
)


@dataclass(frozen=True)
class Columns:
    """The role of every column of the data that a model was fitted on, by name."""

    time: str | None  # None: the rows are numbered, a step is 1 index
    # A strftime format that writes timestamps as they were read, or "index" for counts; "": an early bundle,
    # which does not say.
    time_format: str
    targets: tuple[str, ...]
    series: tuple[str, ...] = ()  # tell series apart
    known: tuple[str, ...] = ()  # covariates known ahead, in the order of the tensors
    static: tuple[str, ...] = ()  # constant within a series, in the order of the tensors
    ignored: tuple[str, ...] = ()
    layout: str = "auto"  # as chosen; rows also where it was found
    past: tuple[str, ...] = ()  # covariates known up to the last value, in the order of the tensors
    static_numbers: tuple[str, ...] = ()  # those of static that are numbers
    unused_numbers: tuple[str, ...] = ()  # those of ignored that could be past covariates
    timezone: str | None = None  # an IANA name; None: local times of no zone, or of one UTC offset
    joint: bool = False  # the targets are the channels of one series
    aggregate: str | None = None  # how rows of one step became one: sum, mean, count, last, min or max
    # Where the time is split over columns: the name of each, and how it is written; `time` names them all.
    time_parts: tuple[tuple[str, str], ...] = ()
    # A comma, or a point where numbers such as 1,234 are thousands since others have it; "": no such numbers.
    decimal: str = ""

    @property
    def categories(self) -> tuple[str, ...]:
        """Return those of static that are texts."""
        return tuple(name for name in self.static if name not in self.static_numbers)

    @property
    def channels(self) -> tuple[str, ...]:
        """Return the targets of a joint series, in the order of the tensors; none of one target."""
        return self.targets if self.joint else ()

    def to_json(self) -> dict[str, Any]:
        """Return the form of manifest.json, which has only what a model takes; categories stand elsewhere."""
        content = {name: getattr(self, name) for name in IN_MANIFEST}
        if self.aggregate is None:
            del content["aggregate"]
        lists = {name: list(value) for name, value in content.items() if isinstance(value, tuple)}
        parts = {"time_parts": dict(self.time_parts)} if self.time_parts else {}
        decimal = {"decimal": self.decimal} if self.decimal else {}
        return {**content, **lists, "time_format": self.time_format or None, **parts, **decimal}

    @classmethod
    def from_json(cls, content: Mapping[str, Any], categories: Collection[str]) -> Self:
        """Return what to_json wrote, of checked content. categories: those of static that are texts.

        Bundles of early releases lack some names, which then have the defaults of their fields.
        """
        given = {name: content[name] for name in (*IN_MANIFEST, "decimal") if content.get(name) is not None}
        tuples = {name: tuple(value) for name, value in given.items() if isinstance(value, list)}
        numbers = tuple(name for name in tuples.get("static", ()) if name not in categories)
        parts = tuple((content.get("time_parts") or {}).items())
        defaults = {"time": None, "time_format": ""}
        return cls(**{**defaults, **given, **tuples}, static_numbers=numbers, time_parts=parts)
