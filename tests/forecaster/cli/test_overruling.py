"""Every inference can be overruled by an option, by --set and by the file of settings."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from forecaster.cli import fit, inspect
from forecaster.config import Asked, ModelConfig, TrainConfig
from forecaster.config.settings import NAME_OF_OPTION

pytestmark = pytest.mark.slow

SMALL = ("--horizon", "4", "--context", "12", "--patch", "2", "--set", "hidden_size=4")
QUICK = (*SMALL, "--set", "updates=4", "--set", "epochs=2")
NO_SETTING = {"origin", "resume", "data", "output", "config", "settings", "as_json", "console"}
NO_SETTING |= {"sql", "database", "jobs", "by"}  # where the data are, and what is fitted at once

Command = Callable[..., tuple[int, str, str]]


def understood(command: Command, *arguments: str) -> dict[str, Any]:
    code, out, err = command("inspect", "data.csv", "--json", *arguments)
    assert (code, err) == (0, "")
    content = json.loads(out)
    assert content.pop("kind") == "data"
    return dict(content)


def shops() -> pd.DataFrame:
    """Two shops, a row every two days; the promotion goes on for 4 rows more."""
    table = pd.DataFrame({"row": [*range(44), *range(44)], "shop": ["a"] * 44 + ["b"] * 44})
    dates = pd.Timestamp("2024-01-01") + pd.to_timedelta(2 * table["row"], "D")
    table["date"] = dates.dt.strftime("%Y-%m-%d")
    table["delivered"] = (dates + pd.Timedelta("1D")).dt.strftime("%Y-%m-%d")
    table["area"] = table["shop"].map({"a": "east", "b": "west"})
    table["size"] = table["shop"].map({"a": 1.5, "b": 2.5})
    for number, name in enumerate(("promo", "visits", "sales")):
        table[name] = table["row"] % (number + 3) + table["row"] / 50
    table.loc[table["row"] >= 40, ["visits", "sales"]] = float("nan")
    return table.drop(columns="row")


def months() -> pd.DataFrame:
    return pd.DataFrame({"date": [f"01/{n:02}/2024" for n in range(1, 13)], "y": range(12)})


def closed() -> pd.DataFrame:
    dates = pd.date_range("2024-01-01", periods=30).strftime("%Y-%m-%d")
    return pd.DataFrame({"date": dates, "y": ["closed" if n == 5 else str(n) for n in range(30)]})


def twice() -> pd.DataFrame:
    dates = pd.date_range("2024-01-01", periods=30).strftime("%Y-%m-%d").repeat(2)
    return pd.DataFrame({"date": dates, "y": range(60)})


@dataclass(frozen=True)
class Case:
    """One thing that is said of a table and where it shows."""

    setting: str
    said: str
    field: str
    understood: Any
    table: Callable[[], pd.DataFrame] = shops


CASES = [
    Case("time", "delivered", "time", "delivered"),
    Case("time_format", "%d/%m/%Y", "step", {"count": 1, "unit": "month"}, months),
    Case("timezone", "Europe/Berlin", "timezone", "Europe/Berlin"),
    Case("target", "visits", "targets", ["visits"]),
    Case("joint", "true", "joint", True),
    Case("series", "area", "series_columns", ["area"]),
    Case("known", "visits", "known", ["promo", "visits"]),
    Case("past", "visits", "past", ["visits"]),
    Case("static", "size", "static", ["size"]),
    Case(
        "layout", "wide", "layout", "wide", lambda: shops().query("shop == 'a'")[["date", "visits", "sales"]]
    ),
    Case("no_header", "true", "targets", ["c2"], lambda: closed().set_axis(["2023-12-31", "5"], axis=1)[6:]),
    Case("na", "closed", "missing", 1, closed),
    Case("step", "1d", "step", {"count": 1, "unit": "day"}),
    Case("aggregate", "sum", "aggregate", "sum", twice),
    Case("season", "5", "season", 5),
]
each_case = pytest.mark.parametrize("case", CASES, ids=[case.setting for case in CASES])


def test_every_setting_of_the_data_has_a_case() -> None:
    others = {"sheet", "holidays", "holidays_of"}  # of no CSV; nothing that is inferred
    assert {case.setting for case in CASES} == {*Asked.model_fields, "season"} - others


def test_every_option_of_a_fit_that_is_an_inference_has_its_place_in_the_file() -> None:
    options = {str(parameter.name) for parameter in fit.params} - NO_SETTING
    settings = {*Asked.model_fields, *ModelConfig.model_fields, *TrainConfig.model_fields}
    assert {NAME_OF_OPTION.get(option, option) for option in options} <= settings


def test_every_setting_of_the_data_is_an_option_of_a_fit_and_of_inspect() -> None:
    for command in (fit, inspect):
        assert Asked.model_fields.keys() <= {parameter.name for parameter in command.params}


@each_case
def test_without_a_word_something_else_is_understood(command: Command, case: Case) -> None:
    case.table().to_csv("data.csv", index=False)
    code, out, _ = command("inspect", "data.csv", "--json")
    assert code == 3 or json.loads(out)[case.field] != case.understood


@each_case
def test_an_option_overrules(command: Command, case: Case) -> None:
    case.table().to_csv("data.csv", index=False)
    option = "--" + case.setting.replace("_", "-")
    said = () if case.said == "true" else (case.said,)
    assert understood(command, option, *said)[case.field] == case.understood


@each_case
def test_set_overrules(command: Command, case: Case) -> None:
    case.table().to_csv("data.csv", index=False)
    assert understood(command, "--set", f"{case.setting}={case.said}")[case.field] == case.understood


@each_case
def test_the_file_of_settings_overrules(command: Command, case: Case) -> None:
    case.table().to_csv("data.csv", index=False)
    section, value = ("model", case.said) if case.setting == "season" else ("data", repr(case.said))
    value = "true" if case.said == "true" else value
    Path("settings.toml").write_text(f"[{section}]\n{case.setting} = {value}\n")
    assert understood(command, "--config", "settings.toml")[case.field] == case.understood


def test_an_option_wins_over_set_and_set_over_the_file(command: Command) -> None:
    shops().to_csv("data.csv", index=False)
    Path("settings.toml").write_text("[data]\nstep = '2d'\ntarget = 'visits'\ntime = 'delivered'\n")
    found = understood(
        command, "--config", "settings.toml", "--set", "step=1d", "--set", "target=promo", "--target", "sales"
    )
    assert (found["time"], found["step"]["count"], found["targets"]) == ("delivered", 1, ["sales"])


def test_several_columns_are_a_list_in_the_file_and_json_after_set(command: Command) -> None:
    shops().to_csv("data.csv", index=False)
    Path("settings.toml").write_text("[data]\ntarget = ['sales', 'visits']\n")
    assert understood(command, "--config", "settings.toml")["targets"] == ["sales", "visits"]
    assert understood(command, "--set", 'target=["sales", "visits"]')["targets"] == ["sales", "visits"]


def test_a_column_that_is_called_by_a_number_can_be_set(command: Command) -> None:
    shops().rename(columns={"sales": "2024"}).to_csv("data.csv", index=False)
    assert understood(command, "--set", "target=2024")["targets"] == ["2024"]


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("targets = 'sales'", "unknown setting 'targets'; did you mean 'target'? known: "),
        ("time = 5", "time: Input should be a valid string, found 5"),
        ("known = [1]", "known: expected a text or a list of texts, found [1]"),
        ("past = true", "past: expected a text or a list of texts, found True"),
        ("layout = 'tall'", "layout: Input should be 'auto', 'long', 'wide', 'rows' or 'grid', found 'tall'"),
        ("step = 'soon'", "step: expected 1, 1s, "),
        ("target = 'sale'", '--target "sale": no such column; did you mean "sales"? '),
    ],
)
def test_what_the_file_cannot_say_is_refused(command: Command, toml: str, message: str) -> None:
    shops().to_csv("data.csv", index=False)
    Path("settings.toml").write_text(f"[data]\n{toml}\n")
    code, out, err = command("inspect", "data.csv", "--config", "settings.toml")
    assert (code, out) == (4, "")
    assert err.startswith(f"error: {message}")


def test_the_config_of_a_run_repeats_its_fit(command: Command) -> None:
    shops().to_csv("data.csv", index=False)
    said = ("--target", "sales", "--past", "visits", "--step", "2d", "--lower", "none", "--seed", "3")
    assert command("fit", "data.csv", *said, *QUICK, "--quiet") == (0, "", "")
    again = ("--config", "run/config.json", "-o", "again")
    assert command("fit", "data.csv", *again, "--quiet") == (0, "", "")
    for name in ("config.json", "data.json", "model.safetensors"):
        assert Path("again", name).read_bytes() == Path("run", name).read_bytes()


def test_the_config_of_a_run_holds_what_was_said_of_the_data(command: Command) -> None:
    shops().to_csv("data.csv", index=False)
    assert command("fit", "data.csv", "--target", "sales", "--step", "2d", *QUICK, "--quiet")[0] == 0
    data = json.loads(Path("run/config.json").read_text())["data"]
    assert (data["target"], data["step"], data["time"], data["layout"]) == (["sales"], "2d", None, "auto")


def test_the_config_of_a_run_does_not_fit_other_data(command: Command) -> None:
    shops().to_csv("data.csv", index=False)
    assert command("fit", "data.csv", *QUICK, "--quiet")[0] == 0
    shops().drop(columns="size").to_csv("data.csv", index=False)
    code, _, err = command("fit", "data.csv", "--config", "run/config.json", "--quiet")
    assert code == 4
    assert err == "error: static_size follows from the data: 0, not 1; leave it out\n"


def test_a_bound_is_taken_away_by_the_file(command: Command) -> None:
    shops().to_csv("data.csv", index=False)
    Path("settings.toml").write_text("[model]\nlower = 'none'\n")
    assert command("fit", "data.csv", "--config", "settings.toml", *QUICK, "--quiet")[0] == 0
    assert json.loads(Path("run/config.json").read_text())["model"]["lower"] is None


def test_inspect_prints_the_block_of_a_file(command: Command) -> None:
    shops().to_csv("data.csv", index=False)
    code, out, err = command("inspect", "data.csv", "--target", "sales")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "data.csv: 2 series of 40 values, 2024-01-01 to 2024-03-19",
        "  time    date (2 days; no season)",
        "  target  sales",
        "  series  shop",
        "  known   promo (4 steps ahead)",
        "  static  area (2 values), size (number)",
        "  ignored delivered; visits (numbers: --past uses them)",
    ]


def test_inspect_gives_a_parquet_file_the_same_block(command: Command) -> None:
    pytest.importorskip("pyarrow")
    shops().to_csv("data.csv", index=False)
    shops().to_parquet("data.parquet")
    csv, parquet = (command("inspect", f"data.{kind}")[1].splitlines() for kind in ("csv", "parquet"))
    assert parquet[1:] == csv[1:]


def test_inspect_writes_no_file_and_says_nothing_when_quiet(command: Command) -> None:
    shops().to_csv("data.csv", index=False)
    assert command("inspect", "data.csv", "--quiet") == (0, "", "")
    assert [path.name for path in Path().iterdir()] == ["data.csv"]


def test_inspect_refuses_a_file_that_is_not_there_as_data(command: Command) -> None:
    assert command("inspect", "data.csv") == (3, "", "error: data.csv: no such file\n")


def test_a_run_is_not_read_with_options_of_data(command: Command) -> None:
    shops().to_csv("data.csv", index=False)
    assert command("fit", "data.csv", *QUICK, "--quiet")[0] == 0
    assert command("inspect", "run", "--time", "date") == (
        4,
        "",
        "error: run is no data file, so nothing overrules how it is read; leave out time\n",
    )


def test_a_fit_gives_json_on_stdout_and_its_progress_on_stderr(command: Command) -> None:
    shops().to_csv("data.csv", index=False)
    code, out, err = command("fit", "data.csv", *QUICK, "--json")
    content = json.loads(out)
    assert code == 0
    assert "epoch   1" in err
    assert content["path"] == "run"
    assert content["config"] == json.loads(Path("run/config.json").read_text())
    assert content["data"] == understood(command)
    written = json.loads(Path("run/metrics.json").read_text())
    assert content["metrics"] == {name: value for name, value in written.items() if name != "versions"}


def test_the_json_of_a_fit_is_that_of_inspecting_its_run(command: Command) -> None:
    shops().to_csv("data.csv", index=False)
    fitted = json.loads(command("fit", "data.csv", *QUICK, "--json", "--quiet")[1])
    inspected = json.loads(command("inspect", "run", "--json")[1])
    assert fitted.keys() == inspected.keys()
    assert fitted["data"] == {name: inspected["data"][name] for name in fitted["data"]}
