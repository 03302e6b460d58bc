"""Read the arguments of methods in Python: data, lengths and levels, as their users write them."""

import os
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np

from deploy.errors import ConfigError, InputError
from deploy.shown.intervals import borders_of, choose_levels, intervals_of
from deploy.sources.named import Query, source_of
from forecaster.data import Data, Frame

Given: TypeAlias = str | os.PathLike[str] | Query | Frame
Level: TypeAlias = float | Sequence[float] | None  # of central intervals, in percent
Format: TypeAlias = Literal["own", "nixtla"]
FORMATS = ("own", "nixtla")


def source_given(data: Given) -> Data:
    """Return what is read: a path as a path, a URL as a URL, a frame as it is."""
    return source_of(os.fspath(data)) if isinstance(data, str | os.PathLike) else data


def one_of(name: str, value: Any, other: str, said: Any) -> Any:
    """Return what two parameters of one meaning say. Raises ConfigError where they say different things."""
    if value is not None and said is not None and value != said:
        raise ConfigError(f"{name}={value} and {other}={said} mean the same; leave one of them out")
    return said if value is None else value


def percents(level: Level) -> tuple[float, ...] | None:
    """Return the levels of intervals. Raises ConfigError for what are none."""
    if level is None:
        return None
    given = [level] if isinstance(level, int | float | np.number) else list(level)
    if not all(isinstance(one, int | float | np.number) and not isinstance(one, bool) for one in given):
        raise ConfigError(f"level: expected percents such as [80, 95], found {level!r}")
    return tuple(float(one) for one in given)


def levels_to_write(trained: tuple[float, ...], level: Level) -> tuple[float, ...]:
    """Return the quantile levels at the borders of intervals; none, which means all, where none are named.

    Raises ConfigError for an interval that the model does not have, with those that it has.
    """
    wanted = percents(level)
    if wanted is None:
        return ()
    for one in wanted:
        low, high = borders_of((one,))
        try:
            choose_levels(trained, (low, high))
        except ConfigError:
            has = ", ".join(f"{known:g}" for known in intervals_of(trained)) or "none"
            raise ConfigError(
                f"level={one:g}: the model has no quantiles {low:g} and {high:g}; it has the levels {has} "
                f"(quantiles {', '.join(f'{known:g}' for known in trained)}); fit with level=[{one:g}]"
            ) from None
    return borders_of(wanted)


def check_format(name: str) -> None:
    """Raise InputError for a format of frames that is none."""
    if name not in FORMATS:
        raise InputError(f'format="{name}": expected "own" or "nixtla"')


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Turn numpy's numbers and arrays, such as a search over parameters gives, into Python's."""
    return {
        name: value.tolist() if isinstance(value, np.generic | np.ndarray) else value
        for name, value in values.items()
    }
