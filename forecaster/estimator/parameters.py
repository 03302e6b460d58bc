"""The parameters of Forecaster: those of a fit, by the names of its options, as settings."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from sklearn.base import BaseEstimator

from deploy.shown.intervals import borders_of
from forecaster.config.settings import Settings, collect_named
from forecaster.estimator.asking import Level, one_of, percents, plain

# Parameters that are no settings of the config by their own names.
OWN = ("settings", "jobs", "verbose", "h", "level")
Names: TypeAlias = str | Sequence[str] | None


class Parameters(BaseEstimator):  # type: ignore[misc]
    """Parameters as scikit-learn wants them: kept as they are given, and looked at by a fit.

    None means: found in the data.

    Args:
        horizon: Steps to forecast.
        context: Steps of history that a forecast looks at.
        patch: Steps of the horizon that one recurrent step emits.
        season: Steps in one season; 1 for none.
        lower: Forecasts are never below this number; "none" for no bound.
        time: The time column, or the columns that are the time together.
        time_format: How times are written, such as %d/%m/%Y; %s are seconds since 1970, index are counts.
        timezone: The time zone of the data by its IANA name, such as Europe/Berlin.
        target: The column or columns to forecast.
        joint: Forecast the targets of a series together, as one.
        series: The column or columns that tell series apart.
        known: Covariates that are known ahead.
        past: Covariates that are known up to the last value.
        static: Categories and numbers of a series.
        layout: "long", a column tells series apart; "wide", a column a series; "rows", a row a series;
            "grid", a row a period and a column each part of it.
        no_header: The file has no header; its columns are c1, c2, ...
        sheet: The sheet of a workbook.
        na: Texts that mean missing.
        step: The step of the series, such as 15min, 1h, 1d, 1w, 1month, or 1 for rows.
        aggregate: How all rows of a step become one: sum, mean, count, last, min or max.
        holidays: Countries (DE), parts of them (DE-BY) or markets (NYSE) whose holidays are known ahead.
        holidays_of: The column of such codes, one for each series.
        levels: Quantile levels in (0, 1); the median is always among them.
        start: The first weights: "auto", "pretrained" or "random".
        effort: "fast", a quarter of the updates; "thorough", four times as many, and several networks.
        schedule: How the share of true values fed to the decoder changes: constant, linear, exponential,
            inverse-sigmoid or switch.
        direction: "decay", from forced to free; "increase", the other way.
        weighting: "windows", long series count more; "series", all count alike.
        max_time: Stop after this long: seconds, or a text such as "5m".
        seed: The seed of all random draws.
        members: Networks to train and average.
        device: Where to train: "auto", "cpu" or "cuda".
        settings: All other settings by their names, such as {"hidden_size": 64, "train.updates": 500}, or
            whole sections as in a file of settings; named parameters win.
        jobs: Members that train at a time, each in a process of one thread.
        verbose: Show on standard error what a fit does.
        h: The same as horizon.
        level: Central intervals in percent, such as [80, 95], in place of levels.
    """

    settings: Mapping[str, Any] | None
    jobs: int
    verbose: bool
    horizon: int | None
    h: int | None
    levels: Sequence[float] | None
    level: Level

    def __init__(
        self,
        horizon: int | None = None,
        *,
        context: int | None = None,
        patch: int | None = None,
        season: int | None = None,
        lower: float | str | None = None,
        time: Names = None,
        time_format: str | None = None,
        timezone: str | None = None,
        target: Names = None,
        joint: bool | None = None,
        series: Names = None,
        known: Names = None,
        past: Names = None,
        static: Names = None,
        layout: str | None = None,
        no_header: bool | None = None,
        sheet: str | None = None,
        na: Names = None,
        step: str | None = None,
        aggregate: str | None = None,
        holidays: Names = None,
        holidays_of: str | None = None,
        levels: Sequence[float] | None = None,
        start: str | None = None,
        effort: str | None = None,
        schedule: str | None = None,
        direction: str | None = None,
        weighting: str | None = None,
        max_time: str | float | None = None,
        seed: int | None = None,
        members: int | None = None,
        device: str | None = None,
        settings: Mapping[str, Any] | None = None,
        jobs: int = 1,
        verbose: bool = False,
        h: int | None = None,
        level: Level = None,
    ) -> None:
        self.__dict__.update(locals())  # each parameter by its name, as scikit-learn wants them
        del self.__dict__["self"]

    def _settings(self) -> Settings:
        """Return the settings that the parameters say. Raises ConfigError."""
        own = {name: value for name, value in self.get_params(deep=False).items() if name not in OWN}
        own["horizon"] = one_of("horizon", self.horizon, "h", self.h)
        wanted = percents(self.level)
        if wanted is not None:
            own["levels"] = one_of("levels", self.levels, "level", borders_of(wanted))
        return collect_named(plain(self.settings or {}), plain(own))
