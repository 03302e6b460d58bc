"""The configuration: what it accepts, what it derives, and what it says about the rest."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from pydantic import ValidationError

from deploy import TimeStep
from deploy.errors import ConfigError
from forecaster.config import Asked, ModelConfig, RunConfig, TrainConfig
from forecaster.config.asked import parse_step
from forecaster.config.building import build, unknown_name
from forecaster.config.settings import collect_named

SHAPE: dict[str, Any] = {"context_length": 24, "horizon": 6, "patch_length": 3, "season": 7}


def complaint(config: type[ModelConfig] | type[TrainConfig], values: dict[str, Any]) -> str:
    with pytest.raises(ConfigError) as error:
        build(config, values)
    return str(error.value)


@pytest.mark.parametrize("name", ["context_length", "horizon", "patch_length", "season"])
def test_a_model_needs_its_lengths(name: str) -> None:
    values = {key: value for key, value in SHAPE.items() if key != name}
    assert complaint(ModelConfig, values).startswith(f"{name}: Field required")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("context_length", 0),
        ("horizon", 0),
        ("patch_length", 0),
        ("season", 0),
        ("hidden_size", 0),
        ("encoder_layers", 0),
        ("decoder_layers", 0),
        ("category_width", 0),
        ("step_width", 0),
        ("known_size", -1),
        ("step_seconds", -1.0),
        ("normalization", "zscore"),
        ("hidden_size", "large"),
        ("hidden_size", 1.5),
        ("highway", "perhaps"),
        ("lower", "low"),
    ],
)
def test_a_model_setting_out_of_its_range_is_named_with_what_was_found(name: str, value: Any) -> None:
    message = complaint(ModelConfig, {**SHAPE, name: value})
    assert message.startswith(f"{name}: ")
    assert message.endswith(f", found {value!r}")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("schedule", "cosine"),
        ("direction", "up"),
        ("sampling", "patch"),
        ("epsilon", -0.1),
        ("epsilon", 1.1),
        ("switch_at", 1.1),
        ("free_from", -0.1),
        ("updates", -1),
        ("epochs", 0),
        ("patience", 0),
        ("max_seconds", 0),
        ("batch_size", 0),
        ("learning_rate", 0),
        ("learning_rate", math.nan),
        ("weight_decay", -1e-9),
        ("warm_up", 0),
        ("warm_up", 1),
        ("gradient_norm", 0),
        ("seed", -1),
    ],
)
def test_a_training_setting_out_of_its_range_is_named_with_what_was_found(name: str, value: Any) -> None:
    message = complaint(TrainConfig, {name: value})
    assert message.startswith(f"{name}: ")
    assert message.endswith(f", found {value!r}")


@pytest.mark.parametrize("lower", [math.nan, math.inf, -math.inf])
def test_a_lower_bound_has_to_be_finite(lower: float) -> None:
    assert complaint(ModelConfig, {**SHAPE, "lower": lower}).startswith("lower: ")


@pytest.mark.parametrize("levels", [(0.5, 0.1), (0.5, 0.5), (0.0, 0.5), (0.5, 1.0), (0.5, 1.5), (-0.1, 0.5)])
def test_quantile_levels_ascend_strictly_within_0_and_1(levels: tuple[float, ...]) -> None:
    assert complaint(ModelConfig, {**SHAPE, "quantile_levels": levels}) == (
        f"quantile_levels must ascend strictly within (0, 1), found {levels}"
    )


@pytest.mark.parametrize("levels", [(0.1, 0.9), ()])
def test_quantile_levels_hold_the_median(levels: tuple[float, ...]) -> None:
    assert complaint(ModelConfig, {**SHAPE, "quantile_levels": levels}) == (
        f"quantile_levels must hold 0.5, which is fed back, found {levels}"
    )


def test_a_patch_fits_into_the_context() -> None:
    message = complaint(ModelConfig, {**SHAPE, "patch_length": 25})
    assert message == "patch_length 25 is longer than the context, 24"


def test_a_patch_as_long_as_the_context_is_one_encoder_step() -> None:
    assert ModelConfig(**{**SHAPE, "patch_length": 24}).encoder_steps == 1


def test_an_unknown_setting_is_an_error_that_names_the_nearest() -> None:
    message = complaint(TrainConfig, {"epoch": 3})
    assert message.startswith(
        "unknown setting 'epoch'; did you mean 'epochs'? known: start, effort, schedule, "
    )


def test_every_wrong_value_has_a_line_of_its_own() -> None:
    lines = complaint(TrainConfig, {"epochs": 0, "seed": -1, "patience": "x"}).splitlines()
    assert sorted(line.split(":")[0] for line in lines) == ["epochs", "patience", "seed"]


def test_a_config_cannot_be_changed() -> None:
    config = ModelConfig(**SHAPE)
    with pytest.raises(ValidationError, match="frozen"):
        config.horizon = 7  # type: ignore[misc]


@pytest.mark.parametrize(
    ("horizon", "patch", "steps", "longest"),
    [(6, 3, 2, 18), (7, 3, 3, 21), (1, 1, 1, 3), (1, 24, 1, 24), (8, 5, 2, 25)],
)
def test_decoder_steps_and_the_longest_horizon_are_whole_patches(
    horizon: int, patch: int, steps: int, longest: int
) -> None:
    config = ModelConfig(context_length=24, horizon=horizon, patch_length=patch, season=1)
    assert (config.decoder_steps, config.max_horizon) == (steps, longest)


@pytest.mark.parametrize(("context", "patch", "steps"), [(24, 3, 8), (25, 3, 9), (24, 5, 5)])
def test_encoder_steps_cover_the_whole_context(context: int, patch: int, steps: int) -> None:
    config = ModelConfig(context_length=context, horizon=6, patch_length=patch, season=1)
    assert config.encoder_steps == steps


def test_the_median_is_found_among_the_levels() -> None:
    assert ModelConfig(**SHAPE, quantile_levels=(0.05, 0.5, 0.7)).median_index == 1


@pytest.mark.parametrize(("layers", "folds"), [(1, True), (2, False)])
def test_only_a_decoder_of_one_layer_folds(layers: int, folds: bool) -> None:
    assert ModelConfig(**SHAPE, decoder_layers=layers).folds is folds


@pytest.mark.parametrize(
    ("model", "train"),
    [
        ({}, {}),
        (
            {
                "hidden_size": 8,
                "encoder_layers": 2,
                "decoder_layers": 2,
                "quantile_levels": (0.1, 0.5, 0.95),
                "normalization": "log-last-difference",
                "lower": -1.5,
                "highway": False,
                "calendar_periods": (86400, 604800),
                "step_seconds": 3600.0,
                "known_size": 2,
                "category_sizes": (3, 5),
            },
            {"schedule": "switch", "direction": "increase", "sampling": "sequence", "max_seconds": 90.5},
        ),
    ],
)
def test_a_config_survives_json(model: dict[str, Any], train: dict[str, Any]) -> None:
    config = RunConfig(model=ModelConfig(**SHAPE, **model), train=TrainConfig(**train))
    text = json.dumps(config.model_dump(mode="json"), allow_nan=False)
    assert build(RunConfig, json.loads(text)) == config


@pytest.mark.parametrize("value", ["promo", ["promo"], ("promo",)])
def test_one_column_is_a_list_of_one(value: Any) -> None:
    assert Asked(known=value).known == ("promo",)


def test_an_unknown_layout_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(
        ConfigError, match=r"^layout: .*'auto', 'long', 'wide', 'rows' or 'grid', found 'tall'$"
    ):
        build(Asked, {"layout": "tall"})


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("30s", TimeStep(30, "second")),
        ("15min", TimeStep(15, "minute")),
        ("1h", TimeStep(1, "hour")),
        ("h", TimeStep(1, "hour")),
        ("1d", TimeStep(1, "day")),
        ("1b", TimeStep(1, "business-day")),
        ("1w", TimeStep(1, "week")),
        ("1month", TimeStep(1, "month")),
        ("1month-end", TimeStep(1, "month-end")),
        ("2quarter", TimeStep(6, "month")),
        ("1y", TimeStep(12, "month")),
        ("1", TimeStep(1, "index")),
    ],
)
def test_a_step_is_read_from_its_text(text: str, step: TimeStep) -> None:
    assert Asked(step=text).time_step == step


@pytest.mark.parametrize("text", ["0h", "1.5h", "1fortnight", "-1d", "h1"])
def test_an_unknown_step_lists_the_known_ones(text: str) -> None:
    with pytest.raises(ConfigError) as error:
        build(Asked, {"step": text})
    known = "1, 1s, 1min, 1h, 1d, 1b, 1w, 1month, 1month-end, 1business-month-start, "
    known += (
        "1business-month-end, 1half-month, 1half-month-end, 1semi-month, 1dekad, 1dekad-end, 1quarter, 1y"
    )
    assert str(error.value) == f"step: expected {known}, or a multiple such as 15min, found {text!r}"


def test_an_empty_text_is_no_step() -> None:
    with pytest.raises(ValueError, match=r"^expected 1, 1s, "):
        parse_step("")


def test_a_step_of_rows_may_be_a_number() -> None:
    assert build(Asked, {"step": 1}).step == "1"


@pytest.mark.parametrize("value", ["none", None])
def test_a_bound_that_is_none_is_no_bound(value: Any) -> None:
    assert ModelConfig(**SHAPE, lower=value).lower is None


def test_an_error_within_a_section_names_the_section_too() -> None:
    with pytest.raises(ConfigError, match=r"^model\.horizon: .*, found 0$"):
        build(RunConfig, {"model": {**SHAPE, "horizon": 0}})


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("liner", "unknown schedule 'liner'; did you mean 'linear'? known: constant, linear"),
        ("xyz", "unknown schedule 'xyz'; known: constant, linear"),
    ],
)
def test_an_unknown_name_comes_with_the_nearest_and_all_that_are_known(name: str, message: str) -> None:
    assert unknown_name("schedule", name, ["constant", "linear"]) == message


@pytest.mark.parametrize(("parameter", "members"), [(None, 3), (2, 2)])
def test_only_a_parameter_that_is_given_wins_over_a_setting(parameter: int | None, members: int) -> None:
    collected = collect_named({"members": 3}, {"members": parameter})
    assert collected["train"] == {"members": members}
