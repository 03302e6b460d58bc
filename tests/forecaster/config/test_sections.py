"""Settings from a file, from --set and from options: who wins, and how texts become values."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.errors import ConfigError
from forecaster.config.settings import collect_settings, parse_duration, parse_lower, parse_value


def collect(
    file: dict[str, Any] | None = None, assignments: tuple[str, ...] = (), **options: Any
) -> dict[str, dict[str, Any]]:
    return collect_settings(file or {}, assignments, options)


def test_nothing_said_is_nothing_set() -> None:
    assert collect(horizon=None, levels=(), schedule=None) == {"data": {}, "model": {}, "train": {}}


def test_a_setting_goes_into_the_section_that_has_it() -> None:
    settings = collect({"train": {"epochs": 3}}, ("hidden_size=8", "time=t"), seed=0)
    assert settings == {
        "data": {"time": "t"},
        "model": {"hidden_size": 8},
        "train": {"epochs": 3, "seed": 0},
    }


def test_set_wins_over_the_file() -> None:
    settings = collect({"model": {"hidden_size": 8, "step_width": 2}}, ("hidden_size=16",))
    assert settings["model"] == {"hidden_size": 16, "step_width": 2}


def test_an_option_wins_over_set_and_the_file() -> None:
    settings = collect({"model": {"context_length": 1}}, ("context_length=2",), context=3)
    assert settings["model"] == {"context_length": 3}


def test_an_option_that_was_not_given_leaves_the_file_alone() -> None:
    assert collect({"model": {"context_length": 1}}, context=None)["model"] == {"context_length": 1}


def test_an_assignment_may_name_the_section_of_its_setting() -> None:
    assert collect(None, ("train.epochs=3", "data.time=t"))["train"] == {"epochs": 3}
    with pytest.raises(ConfigError, match=r"unknown setting of \[model\] 'epochs'"):
        collect(None, ("model.epochs=3",))


def test_the_last_of_two_assignments_wins() -> None:
    assert collect(None, ("epochs=3", "epochs=4"))["train"] == {"epochs": 4}


def test_spaces_around_the_parts_of_an_assignment_do_not_count() -> None:
    assert collect(None, (" schedule = linear ",))["train"] == {"schedule": "linear"}


@pytest.mark.parametrize(
    ("option", "value", "section", "name", "setting"),
    [
        ("horizon", 6, "model", "horizon", 6),
        ("context", 24, "model", "context_length", 24),
        ("patch", 3, "model", "patch_length", 3),
        ("levels", (0.9, 0.1), "model", "quantile_levels", (0.1, 0.5, 0.9)),
        ("levels", (0.5, 0.5), "model", "quantile_levels", (0.5,)),
        ("lower", "-2.5", "model", "lower", -2.5),
        ("schedule", "linear", "train", "schedule", "linear"),
        ("direction", "increase", "train", "direction", "increase"),
        ("max_time", "5m", "train", "max_seconds", 300.0),
        ("seed", 0, "train", "seed", 0),
    ],
)
def test_an_option_sets(option: str, value: Any, section: str, name: str, setting: Any) -> None:
    assert collect(**{option: value})[section] == {name: setting}


def test_no_lower_bound_is_a_choice_that_stands() -> None:
    assert collect({"model": {"lower": 0.0}}, lower="none")["model"] == {"lower": None}


def test_a_setting_that_does_not_exist_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"^unknown setting 'hidden'; did you mean 'hidden_size'\? known: "):
        collect(None, ("hidden=8",))


def test_a_setting_of_a_file_that_does_not_exist_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"^unknown setting 'epoch'; did you mean 'epochs'\? known: "):
        collect({"train": {"epoch": 8}})


@pytest.mark.parametrize("file", [{"trian": {}}, {"train": 3}, {"hidden_size": 8}])
def test_a_section_that_is_none_is_refused(file: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"^unknown section '\w+'; .*known: data, model, train$"):
        collect(file)


def test_an_assignment_without_a_value_says_what_was_expected() -> None:
    with pytest.raises(ConfigError) as error:
        collect(None, ("epochs",))
    assert str(error.value) == "--set epochs: expected KEY=VALUE"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("8", 8),
        ("1e-3", 1e-3),
        ("true", True),
        ("null", None),
        ("[0.1, 0.5]", [0.1, 0.5]),
        ("linear", "linear"),
        ("log-last-difference", "log-last-difference"),
        ('"8"', "8"),
        ("", ""),
        ("a=b", "a=b"),
    ],
)
def test_a_value_is_json_where_it_is_json(text: str, value: Any) -> None:
    assert parse_value(text) == value


def test_only_the_first_equals_sign_separates() -> None:
    assert collect(None, ("schedule=a=b",))["train"] == {"schedule": "a=b"}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("5m", 300), ("1h", 3600), ("1.5h", 5400), ("90", 90), ("2 m", 120), ("0.5", 0.5)],
)
def test_a_duration_in_seconds(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "5d", "-5m", "5m30s", "m", "1e3s", "5 minutes"])
def test_a_text_that_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse_duration(text)
    assert str(error.value) == f"max_time: expected a duration such as 90s, 5m or 1h, found {text!r}"


@pytest.mark.parametrize(("text", "bound"), [("none", None), ("0", 0.0), ("-1.5", -1.5), ("1e3", 1000.0)])
def test_a_lower_bound_is_a_number_or_none(text: str, bound: float | None) -> None:
    assert parse_lower(text) == bound


@pytest.mark.parametrize("text", ["", "low", "None", "1,5"])
def test_a_text_that_is_no_lower_bound_is_refused(text: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse_lower(text)
    assert str(error.value) == f"lower: expected a number or 'none', found {text!r}"
