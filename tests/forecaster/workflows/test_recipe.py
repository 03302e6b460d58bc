"""Defaults that follow from the data, and that what the user says stands."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from deploy import TimeStep
from deploy.columns import Columns
from deploy.errors import ConfigError
from forecaster.data import Panel
from forecaster.workflows.recipes import recipe
from forecaster.workflows.recipes.recipe import (
    default_context,
    default_horizon,
    default_normalization,
    default_patch,
    derive_config,
    season_of,
)

RANDOM = {"start": "random"}
DAY, HOUR = TimeStep(1, "day"), TimeStep(1, "hour")


def make_panel(*lengths: int, step: TimeStep = DAY, ahead: tuple[int, ...] = (), low: float = 1.0) -> Panel:
    """Series of 1, 2, 3 ... from `low` on; ahead: rows after each that hold known covariates only."""
    rows = np.add(lengths, ahead or 0)
    offsets = np.concatenate([[0], np.cumsum(rows)])
    position = np.arange(offsets[-1]) - np.repeat(offsets[:-1], rows)
    return Panel(
        values=np.where(position < np.repeat(lengths, rows), low + position, np.nan).astype(np.float32),
        known=np.ones((offsets[-1], 1 if ahead else 0), dtype=np.float32),
        past=np.zeros((offsets[-1], 0), dtype=np.float32),
        static=np.zeros((len(lengths), 0), dtype=np.float32),
        categories=np.zeros((len(lengths), 0), dtype=np.int64),
        offsets=offsets,
        ends=offsets[:-1] + lengths,
        starts=np.zeros(len(lengths), dtype=np.int64),
        leads=np.zeros(len(lengths), dtype=np.int64),
        step=step,
        columns=Columns("date", "%Y-%m-%d", ("y",), ("id",), ("k",) if ahead else (), (), ()),
        ids=tuple((str(number),) for number in range(len(lengths))),
        vocabularies=(),
    )


@pytest.mark.parametrize(
    ("step", "season"),
    [
        (TimeStep(1, "second"), 60),
        (TimeStep(10, "second"), 6),
        (TimeStep(1, "minute"), 60),
        (TimeStep(5, "minute"), 288),
        (TimeStep(15, "minute"), 96),
        (TimeStep(30, "minute"), 48),
        (TimeStep(1, "hour"), 24),
        (TimeStep(3, "hour"), 8),
        (TimeStep(12, "hour"), 2),
        (TimeStep(7, "hour"), 1),
        (TimeStep(1, "day"), 7),
        (TimeStep(2, "day"), 1),
        (TimeStep(1, "business-day"), 5),
        (TimeStep(1, "week"), 52),
        (TimeStep(2, "week"), 26),
        (TimeStep(1, "month"), 12),
        (TimeStep(1, "month-end"), 12),
        (TimeStep(3, "month"), 4),
        (TimeStep(5, "month"), 1),
        (TimeStep(12, "month"), 1),
        (TimeStep(1, "index"), 1),
        (TimeStep(10, "index"), 1),
    ],
)
def test_the_season_of_a_step(step: TimeStep, season: int) -> None:
    assert season_of(step) == season


@pytest.mark.parametrize(("season", "horizon"), [(1, 12), (5, 15), (7, 14), (12, 12), (24, 24), (52, 52)])
def test_the_horizon_is_whole_seasons_of_at_least_12_steps(season: int, horizon: int) -> None:
    assert default_horizon(make_panel(1000), season) == horizon


@pytest.mark.parametrize(("lengths", "horizon"), [((50,), 10), ((10, 50, 20), 10), ((4,), 1)])
def test_the_horizon_is_at_most_a_fifth_of_the_longest_series(lengths: tuple[int, ...], horizon: int) -> None:
    assert default_horizon(make_panel(*lengths), 7) == horizon


@pytest.mark.parametrize(
    ("ahead", "horizon"), [((5, 9), 5), ((9, 5), 5), ((30, 40), 14), ((0, 6), 14), ((0, 0), 14)]
)
def test_the_horizon_reaches_no_further_than_the_known_future(ahead: tuple[int, ...], horizon: int) -> None:
    assert default_horizon(make_panel(200, 200, ahead=ahead), 7) == horizon


@pytest.mark.parametrize(
    ("horizon", "season", "patch"),
    [(24, 24, 24), (14, 7, 7), (12, 24, 12), (96, 96, 32), (13, 7, 7), (5, 7, 1), (12, 1, 1), (52, 52, 26)],
)
def test_a_patch_is_the_largest_part_of_a_season_that_fits(horizon: int, season: int, patch: int) -> None:
    assert default_patch(horizon, season) == patch


@pytest.mark.parametrize(
    ("length", "step", "horizon", "season", "context"),
    [
        (10_000, HOUR, 24, 24, 504),  # three weeks
        (10_000, TimeStep(15, "minute"), 96, 96, 512),  # the most that is looked at
        (10_000, DAY, 14, 7, 56),
        (10_000, TimeStep(1, "week"), 52, 52, 208),
        (10_000, TimeStep(1, "month"), 12, 12, 96),
        (10_000, TimeStep(1, "index"), 12, 1, 24),
        (10_000, DAY, 100, 7, 200),  # two horizons
        (100, TimeStep(1, "month"), 12, 12, 50),  # half of the longest series
        (20, DAY, 14, 7, 14),  # but a horizon at least
    ],
)
def test_the_context_is_several_seasons(
    length: int, step: TimeStep, horizon: int, season: int, context: int
) -> None:
    assert default_context(make_panel(length, step=step), horizon, season) == context


@pytest.mark.parametrize(
    ("series", "low", "normalization"),
    [
        (15, 1.0, "last-difference"),  # its level stays
        (16, 1.0, "log-last-difference"),
        (16, 0.0, "last-difference"),
        (16, -3.0, "last-difference"),
    ],
)
def test_many_series_are_normalised_row_by_row(series: int, low: float, normalization: str) -> None:
    assert default_normalization(make_panel(*[30] * series, low=low), 7, 14, 7) == normalization


def test_few_series_that_return_to_their_mean_are_normalised_by_it() -> None:
    noise = np.random.default_rng(0).normal(size=100).astype(np.float32)
    assert default_normalization(replace(make_panel(100), values=noise), 7, 14, 7) == "mean-std"


@pytest.mark.parametrize(("low", "bound"), [(1.0, 0.0), (0.0, 0.0), (-0.5, None)])
def test_forecasts_are_bounded_by_0_only_where_the_data_were_never_negative(
    low: float, bound: float | None
) -> None:
    assert derive_config(make_panel(100, low=low), {}, {}).model.lower == bound


def test_no_bound_stands_where_the_user_wants_none() -> None:
    assert derive_config(make_panel(100), {"lower": None}, {}).model.lower is None


@pytest.mark.parametrize(
    ("low", "settings", "expected"),
    [
        (-2.0, {"lower": 0.0}, "lower is 0, and the data go down to -2: no forecast will be below 0"),
        (0.0, {"lower": 0.5}, "lower is 0.5, and the data go down to 0: no forecast will be below 0.5"),
    ],
)
def test_a_bound_above_some_of_the_data_stands_with_a_warning(
    low: float, settings: dict[str, Any], expected: str, caplog: pytest.LogCaptureFixture
) -> None:
    config = derive_config(make_panel(100, low=low), settings, {})
    assert config.model.lower == settings["lower"]
    assert expected in caplog.messages


def test_logarithms_of_data_that_are_not_above_0_are_refused() -> None:
    with pytest.raises(ConfigError, match="takes logarithms, and the data go down to 0"):
        derive_config(make_panel(100, low=0.0), {"normalization": "log-last-difference"}, {})


@pytest.mark.parametrize(
    "settings", [{"lower": 0.7}, {"lower": -1.0}, {"normalization": "log-last-difference"}]
)
def test_data_that_begin_at_their_bound_are_fitted(settings: dict[str, Any]) -> None:
    assert derive_config(make_panel(100, low=0.7), settings, {}).model.horizon > 0


def test_a_known_future_does_not_hide_that_nothing_was_negative() -> None:
    assert derive_config(make_panel(100, ahead=(7,)), {}, {}).model.lower == 0.0


def test_a_daily_series_by_default() -> None:
    config = derive_config(make_panel(1000), {}, RANDOM)
    model = config.model
    assert (model.season, model.horizon, model.patch_length, model.context_length) == (7, 14, 7, 56)
    assert model.step_seconds == 86400
    assert (model.known_size, model.category_sizes) == (0, ())
    assert config.train.schedule == "constant"


def test_days_and_weeks_that_the_context_shows_twice_are_not_told() -> None:
    panel = make_panel(24 * 365, step=TimeStep(1, "hour"))
    assert derive_config(panel, {}, {}).model.calendar_periods == ()
    assert derive_config(panel, {"context_length": 100}, {}).model.calendar_periods == (604800,)


def test_a_year_is_told_that_the_series_hold_three_times() -> None:
    short, long = (derive_config(make_panel(days), {}, {}).model for days in (1090, 1100))
    assert (short.calendar_periods, long.calendar_periods) == ((), (31556952,))


def test_rows_that_may_be_hours_get_the_context_of_hours() -> None:
    waves = np.tile(np.sin(np.arange(24) * 2 * np.pi / 24), 50)
    panel = replace(make_panel(1200, step=TimeStep(1, "index")), values=waves.astype(np.float32))
    model = derive_config(panel, {}, RANDOM).model
    assert (model.season, model.context_length) == (24, 504)


def test_numbered_rows_have_no_calendar() -> None:
    model = derive_config(make_panel(1000, step=TimeStep(1, "index")), {}, {}).model
    assert (model.calendar_periods, model.step_seconds) == ((), 0)


@pytest.mark.parametrize(
    "given",
    [
        {"horizon": 9},
        {"context_length": 33},
        {"patch_length": 5},
        {"season": 30},
        {"normalization": "none"},
        {"hidden_size": 8},
        {"horizon": 40, "context_length": 20, "patch_length": 2},
    ],
)
def test_what_the_user_says_stands(given: dict[str, Any]) -> None:
    model = derive_config(make_panel(1000), given, {}).model
    assert {name: getattr(model, name) for name in given} == given


def test_defaults_follow_from_the_season_that_the_user_says() -> None:
    model = derive_config(make_panel(1000), {"season": 30}, {}).model
    assert (model.horizon, model.patch_length) == (30, 30)


def test_a_patch_fits_into_a_context_that_the_user_says() -> None:
    assert derive_config(make_panel(1000), {"context_length": 5}, {}).model.patch_length == 1


@pytest.mark.parametrize(
    ("values", "horizon", "linear"),
    [
        (6000, 7 * 24, "ridge"),
        (6000, 6 * 24, "trained"),  # a few seasons ahead, where they are now decides
        (200 * 7 * 24, 7 * 24, "trained"),  # often enough seen
    ],
)
def test_few_horizons_of_many_seasons_teach_a_line(values: int, horizon: int, linear: str) -> None:
    config = derive_config(make_panel(values, step=HOUR), {"horizon": horizon}, RANDOM)
    assert config.train.linear == linear
    assert config.train.updates == (300 if linear == "ridge" else 1000)


def test_what_is_said_of_the_linear_map_stands_and_several_maps_have_no_ridge() -> None:
    panel, model = make_panel(6000, step=HOUR), {"horizon": 7 * 24}
    trained = derive_config(panel, model, {**RANDOM, "linear": "trained"}).train
    assert (trained.linear, trained.updates) == ("trained", 1000)
    assert derive_config(panel, model, {**RANDOM, "updates": 500}).train.updates == 500
    assert derive_config(panel, {**model, "highway": 8}, RANDOM).train.linear == "trained"
    with pytest.raises(ConfigError, match="linear 'ridge' is of one linear map, and highway is 8"):
        derive_config(panel, {**model, "highway": 8}, {**RANDOM, "linear": "ridge"})


def curriculum(patch: int, train: dict[str, Any]) -> tuple[str, str, str]:
    config = derive_config(make_panel(1000), {"horizon": 28, "patch_length": patch}, train).train
    return config.schedule, config.sampling, config.free_run


def test_many_decoder_steps_are_fed_a_mixture_and_few_the_truth() -> None:
    assert curriculum(1, {}) == ("linear", "mixture", "rows")
    assert curriculum(7, {}) == ("constant", "step", "network")


@pytest.mark.parametrize(
    "train",
    [{"sampling": "sequence"}, {"draw": "deterministic"}, {"parallel_passes": 2}, {"direction": "increase"}],
    ids=str,
)
def test_who_says_how_to_draw_or_lets_the_truth_rise_is_given_no_mixture(train: dict[str, Any]) -> None:
    sampling = train.get("sampling", "step")
    assert curriculum(1, train) == ("linear", sampling, "network")


def test_a_constant_share_is_drawn_by_step() -> None:
    assert curriculum(1, {"epsilon": 0.5}) == ("constant", "step", "network")


def test_the_schedule_that_the_user_says_stands() -> None:
    given = {"horizon": 28, "patch_length": 1}
    assert derive_config(make_panel(1000), given, {"schedule": "switch"}).train.schedule == "switch"


@pytest.mark.parametrize("name", ["horizon", "context_length", "patch_length", "season"])
@pytest.mark.parametrize("value", ["many", 0, -5, 2.5])
def test_a_length_that_does_not_fit_is_named(name: str, value: object) -> None:
    with pytest.raises(ConfigError, match=rf"(?m)^{name}: "):
        derive_config(make_panel(1000), {name: value}, {})


@pytest.mark.parametrize(("name", "value"), [("known_size", 2), ("category_sizes", [3])])
def test_sizes_that_the_data_decide_cannot_be_set_otherwise(name: str, value: object) -> None:
    with pytest.raises(ConfigError, match=name):
        derive_config(make_panel(1000), {name: value}, {})


@pytest.mark.parametrize(
    ("train", "horizon", "said"),
    [
        ({"sampling": "batch"}, 12, "forced at ε = 1 only"),
        ({"sampling": "step"}, 2, "among 2 decoder step"),
        ({"sampling": "step"}, 3, ""),
        ({"sampling": "sequence"}, 1, ""),
    ],
)
def test_deterministic_draws_that_are_all_or_nothing_are_warned_of(train, horizon, said, caplog) -> None:
    model = {"horizon": horizon, "patch_length": 1}
    derive_config(make_panel(100), model, {"draw": "deterministic", "schedule": "linear", **train})
    assert (said in caplog.text) if said else not caplog.text


@pytest.mark.parametrize(
    ("name", "value"), [("known_size", 1), ("category_sizes", [3]), ("step_seconds", 1.0)]
)
def test_what_follows_from_the_data_cannot_be_chosen(name: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=rf"^{name} follows from the data: .*, not .*; leave it out$"):
        derive_config(make_panel(100), {name: value}, {})


def test_what_follows_from_the_data_may_be_said_again() -> None:
    config = derive_config(make_panel(100, ahead=(7,)), {}, {})
    said = config.model_dump(mode="json")
    assert derive_config(make_panel(100, ahead=(7,)), said["model"], said["train"]) == config


def test_a_panel_gets_a_bank_of_linear_forecasts_and_averaged_weights_at_twice_the_rate() -> None:
    few, many = (derive_config(make_panel(*[60] * series), {}, RANDOM) for series in (3, 16))
    assert (few.model.highway, few.train.learning_rate, few.train.averaging) == (1, 1e-3, 0.99)
    assert (many.model.highway, many.train.learning_rate, many.train.averaging) == (8, 2e-3, 0.99)


def test_what_is_said_of_a_panel_stands() -> None:
    panel, said = make_panel(*[60] * 16), {"learning_rate": 1e-4, "averaging": 0.5}
    config = derive_config(panel, {"highway": 0}, said)
    assert (config.model.highway, config.train.learning_rate, config.train.averaging) == (0, 1e-4, 0.5)


@pytest.mark.parametrize(
    ("series", "length", "updates"),
    [(1, 100, 200), (1, 1000, 390), (3, 9000, 1000), (16, 100, 625), (16, 9000, 3000)],
)
def test_every_value_is_seen_a_hundred_times_within_limits(series: int, length: int, updates: int) -> None:
    assert derive_config(make_panel(*[length] * series), {}, RANDOM).train.updates == updates


@pytest.mark.parametrize(
    ("step_seconds", "expected"),
    [
        (60, (recipe.DAY, recipe.WEEK, recipe.YEAR)),
        (3600, (recipe.DAY, recipe.WEEK, recipe.YEAR)),
        (recipe.DAY / 2, (recipe.DAY, recipe.WEEK, recipe.YEAR)),
        (recipe.DAY, (recipe.WEEK, recipe.YEAR)),
        (recipe.WEEK, (recipe.YEAR,)),
        (recipe.YEAR / 12, (recipe.YEAR,)),
        (recipe.YEAR / 2, (recipe.YEAR,)),
        (recipe.YEAR, ()),
        (0, ()),
    ],
)
def test_a_period_is_used_if_it_spans_two_steps_and_days_only_for_short_steps(step_seconds, expected) -> None:
    assert recipe.calendar_periods(step_seconds) == expected
