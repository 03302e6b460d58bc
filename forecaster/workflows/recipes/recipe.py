"""Derive defaults from the data: one table a question, each row with its reason."""

import logging
from typing import Any

import numpy as np

from deploy import TimeStep
from deploy.errors import ConfigError
from deploy.time.timestep import MONTH_PARTS, MONTH_UNITS
from forecaster.config import Asked, Lengths, ModelConfig, RunConfig, TrainConfig
from forecaster.config.building import build
from forecaster.data import Panel
from forecaster.data.panel.seasonality import find_season, level_persistence, relative_range
from forecaster.data.panel.targets_apart import channels_apart
from forecaster.pretrained.kinds import MAPS, family_of
from forecaster.workflows.recipes.start_recipe import (
    choose_start,
    started_lengths,
    started_members,
    started_training,
)
from forecaster.workflows.recipes.training_recipe import (
    default_training,
    is_panel,
    refuse_ridge_of_several,
    warn_of_all_or_nothing,
)

logger = logging.getLogger("forecaster")

# Season of a step by its unit, where days and weeks do not decide: a week of days, a year of the rest.
SEASON_OF_UNIT = {"day": 7, "business-day": 5, "week": 52, **dict.fromkeys(MONTH_UNITS, 12), "index": 1}
SEASON_OF_UNIT |= {unit: 12 * len(parts) for unit, parts in MONTH_PARTS.items()}
DAY, WEEK, YEAR = 86400, 604800, 31556952  # seconds; the mean Gregorian year
# Below a day: the longest of these cycles (seconds) that spans at most LONGEST_SEASON steps.
CYCLES = (DAY, 3600, 60)
LONGEST_SEASON = 300
# A forecast reaches whole seasons, at least this many steps ...
SHORTEST_HORIZON = 12
# ... and at most this share of the longest series, so that there is something to learn it from.
HORIZON_SHARE = 0.2
# A patch of one season is the most accurate; longer ones starve the recurrence of steps.
LONGEST_PATCH = 32
# History that counts: weeks for what has days, seasons for the rest, twice the horizon at least. Of a panel
# two weeks, which show the week twice, so that there is time for more updates (M4 Hourly: as good as three).
SEASONS_BACK = {"sub-daily": 21, "sub-daily panel": 14, "short": 8, "long": 4}
LONG_SEASON = 24
# Steps of which so many make a day, or may: what is only counted.
DAYS_OF_STEPS = ("second", "minute", "hour", "index")
LONGEST_CONTEXT = 512
# So it gets several linear forecasts to choose from.
PANEL_HIGHWAYS = 8
# A calendar's period is told only if the context does not hold it so often, for then the history tells it
# better (on ETTh1 day and week cost 2 % of the error) ...
PERIODS_IN_CONTEXT = 2
# ... and if the series hold a year so often: of one that came once a network learns the trend of that time.
YEARS_TO_LEARN = 3
# Of level_persistence: .41 on CO2 and .6-.7 on random walks, where the mean of the context costs up to a
# third of the error; .9 on ETTh1, 1.2 on hours of sales, where it is better.
LEVEL_STAYS = 0.75
LOGS_ARE_LINES = 0.01  # how much such series vary, as a share
# How many updates a fit makes, of those that suit the data.
UPDATES_BY_EFFORT = {"fast": 0.25, "usual": 1.0, "thorough": 4.0}


def season_of(step: TimeStep) -> int:
    """Return the steps in one season: the shortest cycle that people's lives or the year impose."""
    if step.unit in SEASON_OF_UNIT:
        season = SEASON_OF_UNIT[step.unit]
        return max(1, season // step.count) if season % step.count == 0 else 1
    for cycle in CYCLES:
        season, rest = divmod(cycle, int(step.mean_seconds))
        if rest == 0 and 2 <= season <= LONGEST_SEASON:
            return season
    return 1


def default_season(panel: Panel) -> int:
    """Return the season of the step, or what the series show where no calendar tells."""
    return season_of(panel.step) if panel.step.has_calendar else find_season(channels_apart(panel))


def default_horizon(panel: Panel, season: int) -> int:
    """Return whole seasons, as far as the series and the known-future covariates reach."""
    horizon = season * -(-SHORTEST_HORIZON // season)
    horizon = min(horizon, max(1, int(panel.lengths().max() * HORIZON_SHARE)))
    return min(horizon, panel.known_reach() or horizon)


def default_patch(horizon: int, season: int) -> int:
    """Return one season, or its largest part that fits the horizon and leaves the recurrence its steps."""
    longest = min(horizon, LONGEST_PATCH)
    return max(part for part in range(1, longest + 1) if season % part == 0)


def default_context(panel: Panel, horizon: int, season: int) -> int:
    """Return several seasons of history, at most what half of the longest series can give."""
    if season == 1:
        seasons = 2 * SHORTEST_HORIZON
    elif panel.step.unit in DAYS_OF_STEPS and season >= LONG_SEASON:
        seasons = SEASONS_BACK["sub-daily panel" if is_panel(panel) else "sub-daily"]
    else:
        seasons = SEASONS_BACK["long" if season > LONG_SEASON else "short"]
    wanted = max(2 * horizon, min(seasons * season, LONGEST_CONTEXT))
    return max(horizon, min(wanted, int(panel.lengths().max()) // 2))


def calendar_periods(step_seconds: float) -> tuple[int, ...]:
    """Return the periods that a step can resolve: at least 2 steps; day and week for steps up to a day."""
    if step_seconds <= 0:
        return ()
    periods = (DAY, WEEK, YEAR) if step_seconds <= DAY else (YEAR,)
    return tuple(period for period in periods if period >= 2 * step_seconds)


def default_calendar(panel: Panel, context: int) -> tuple[int, ...]:
    """Return the periods, in seconds, that the context does not show and the series can teach."""
    step = panel.step.mean_seconds
    longest = int(panel.lengths().max())
    return tuple(
        period
        for period in calendar_periods(step)
        if (
            longest * step >= YEARS_TO_LEARN * YEAR
            if period == YEAR
            else context * step < PERIODS_IN_CONTEXT * period
        )
    )


def default_normalization(panel: Panel, season: int, context: int, horizon: int) -> str:
    """Return the normalisation that suits the series.

    A few long columns: mean and deviation, but where the level stays where it went. Panels: the last value
    and seasonal differences, in logarithms where all is positive, since levels and growth differ by factors;
    of what hardly varies the logarithm is a line, and takes digits.
    """
    if not is_panel(panel):
        persistence = level_persistence(channels_apart(panel), season, context, horizon)
        return "last-difference" if persistence < LEVEL_STAYS else "mean-std"
    return "log-last-difference" if takes_logarithms(panel) else "last-difference"


def takes_logarithms(panel: Panel) -> bool:
    """Return whether all is above 0 and varies so much that its logarithm is no line."""
    return float(np.nanmin(panel.values)) > 0 and relative_range(channels_apart(panel)) >= LOGS_ARE_LINES


def given_lengths(model: dict[str, Any]) -> Lengths:
    """Return those lengths that the settings of the section [model] hold. Raises ConfigError."""
    return build(Lengths, {name: model[name] for name in Lengths.model_fields if name in model})


def derive_config(
    panel: Panel, model: dict[str, Any], train: dict[str, Any], data: Asked | None = None
) -> RunConfig:
    """Return the whole configuration; what `model` and `train` say stands, the rest follows from the panel.

    data: what was said of the file, kept as it is. Raises ConfigError for values that do not fit.
    """
    given = given_lengths(model)
    season = given.season or default_season(panel)
    horizon = given.horizon or default_horizon(panel, season)
    start = choose_start(str(train.get("start", "auto")), model, season, panel)
    members: dict[str, Any] = {}
    if start == "pretrained":
        context, patch = started_lengths(given, season, panel)
        members = started_members(panel, patch, {**model, **train}, logarithms=takes_logarithms(panel))
    else:
        context = given.context_length or default_context(panel, horizon, season)
        patch = given.patch_length or default_patch(min(horizon, context), season)
    faces = members.get("normalizations", ())
    derived = {
        "context_length": context,
        "horizon": horizon,
        "patch_length": patch,
        "season": season,
        "normalization": (*faces, default_normalization(panel, season, context, horizon))[0],
        "cycle_changes": start == "pretrained" and family_of(season, patch).cycle_changes,
        "highway": MAPS if start == "pretrained" else PANEL_HIGHWAYS if is_panel(panel) else 1,
        # What was never negative is not forecast to be.
        "lower": 0.0 if np.nanmin(panel.values) >= 0 else None,
        "calendar_periods": default_calendar(panel, context),
        **_from_data(panel),
    }
    _refuse_other_data(_from_data(panel), model)
    built = build(ModelConfig, {**derived, **model})
    _refuse_values_below(built, panel)
    chosen = default_training(panel, built, train)
    chosen |= started_training(panel, patch) | members if members else {}
    chosen["updates"] = round(UPDATES_BY_EFFORT.get(train.get("effort", "usual"), 1.0) * chosen["updates"])
    training = build(TrainConfig, {**chosen, **train, "start": start})
    refuse_ridge_of_several(built, training)
    warn_of_all_or_nothing(built, training)
    return RunConfig(data=data or Asked(), model=built, train=training)


def _from_data(panel: Panel) -> dict[str, Any]:
    """Return the settings that a user cannot choose."""
    return {
        "step_seconds": panel.step.mean_seconds,
        "target_size": panel.target_size,
        "known_size": panel.known.shape[1],
        "past_size": panel.past.shape[1],
        "static_size": panel.static.shape[1],
        "category_sizes": tuple(len(vocabulary) + 1 for vocabulary in panel.vocabularies),
    }


def _refuse_other_data(expected: dict[str, Any], model: dict[str, Any]) -> None:
    """Raise ConfigError for a setting that follows from the data, unless it says what they say."""
    for name, value in expected.items():
        found = tuple(model[name]) if isinstance(model.get(name), list) else model.get(name, value)
        if found != value:
            raise ConfigError(f"{name} follows from the data: {value}, not {found}; leave it out")


def _refuse_values_below(model: ModelConfig, panel: Panel) -> None:
    """Raise ConfigError for values that the model cannot take; warn of those that no forecast will reach."""
    least = float(np.nanmin(panel.values))
    if model.normalization == "log-last-difference" and least <= 0:
        raise ConfigError(
            f"normalization {model.normalization} takes logarithms, and the data go down to {least:g}; "
            "last-difference takes any value"
        )
    if model.lower is not None and least < min(model.lower, float(np.float32(model.lower))):
        logger.warning(
            "lower is %g, and the data go down to %g: no forecast will be below %g",
            model.lower,
            least,
            model.lower,
        )
