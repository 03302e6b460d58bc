"""Holidays from a command to a service: chosen at the fit, frozen into the bundle, found there by dates."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from deploy import InputError, Predictor
from forecaster.config import Asked
from forecaster.data import read_data
from forecaster.data.panel.holiday_columns import choose_holidays, with_holidays
from forecaster.run.run import load_run
from forecaster.workflows.upkeep.continuing import read_for_run

library = pytest.importorskip("holidays")
pytestmark = pytest.mark.slow

Command = Callable[..., tuple[int, str, str]]
SMALL = ("--horizon", "7", "--context", "14", "--season", "7", "--set", "hidden_size=8", "--start", "random")
FEW = ("--set", "updates=2", "--set", "epochs=1")
DAYS = pd.date_range("2019-01-01", "2022-12-20")


def sales(code: str) -> pd.DataFrame:
    """100, and 60 on a holiday of a country."""
    off = library.country_holidays(code, years=range(2018, 2024))
    closed = np.array([day.date() in off for day in DAYS])
    noise = np.random.default_rng(0).normal(size=len(DAYS))
    return pd.DataFrame({"date": DAYS, "sales": 100 + 5 * noise - 40 * closed})


def test_a_fit_learns_what_a_holiday_does_and_its_bundle_needs_dates_alone(command: Command) -> None:
    sales("DE").to_csv("data.csv", index=False)
    learning = ("--set", "updates=400", "--set", "hidden_size=32")
    code, _, err = command("fit", "data.csv", *SMALL, *learning, "--holidays", "DE")
    assert code == 0
    assert "holiday DE (known to 2032-12-31): " in err
    assert command("export")[0] == 0
    predictor = Predictor.load("run/bundle", verify=True)
    assert predictor.manifest.known == ()
    assert predictor.manifest.holidays is not None
    history = sales("DE")["sales"].to_numpy()
    made = predictor.forecast(history, last_timestamp="2022-12-20").median[0]  # 21 to 27 December
    as_usual = predictor.forecast(history, last_timestamp="2022-11-08").median[0]
    assert (as_usual - made)[4:6].min() > 2  # on the way to 40, after few updates
    assert np.abs(as_usual - made)[:3].max() < 2
    with pytest.raises(InputError, match="last_timestamp"):
        predictor.forecast(history)
    with pytest.raises(InputError, match="known up to 2032-12-31"):
        predictor.forecast(history, last_timestamp="2032-12-30")


def test_all_commands_take_such_a_run(command: Command) -> None:
    table = sales("DE")
    table[:-60].to_csv("old.csv", index=False)
    table.to_csv("data.csv", index=False)
    assert command("fit", "old.csv", *SMALL, *FEW, "--holidays", "DE", "-o", "run")[0] == 0
    assert command("export")[0] == 0
    assert command("forecast", "data.csv")[0] == 0
    code, out, _ = command("evaluate", "data.csv", "--json")
    assert code == 0
    assert json.loads(out)["counts"]["windows"] == 8
    assert command("check", "run/bundle")[0] == 0
    assert command("fit", "data.csv", "--from", "run", "-o", "next", *FEW)[0] == 0
    assert load_run(Path("next")).data.holidays == load_run(Path("run")).data.holidays
    code, _, err = command("fit", "data.csv", "--from", "run", "-o", "next", "--holidays", "FR")
    assert code == 4
    assert "continues with the holidays of run: DE" in err
    stream = Predictor.load("run/bundle").stream(table["sales"][:-1], last_timestamp="2022-12-19")
    stream.update(table["sales"].iloc[-1])
    whole = Predictor.load("run/bundle").forecast(table["sales"], last_timestamp="2022-12-20")
    assert np.array_equal(stream.forecast().median, whole.median)


def test_each_series_has_the_holidays_of_its_region(command: Command) -> None:
    both = pd.concat([sales(code).assign(country=code) for code in ("DE", "FR")])
    both.to_csv("data.csv", index=False)
    code, out, _ = command("inspect", "data.csv", "--holidays-of", "country", "--json")
    assert code == 0
    assert set(json.loads(out)["holidays"]["days"]) == {"DE", "FR"}
    assert command("fit", "data.csv", *SMALL, *FEW, "--holidays-of", "country")[0] == 0
    assert command("export")[0] == 0
    run = load_run(Path("run"))
    panel = read_for_run(Path("data.csv"), run, Asked())
    assert panel.holidays is not None
    place = panel.holidays.columns.index("any holiday")
    for series, code in enumerate(("DE", "FR")):
        assert panel.ids[series] == (code,)
        rows = panel.known[panel.offsets[series] : panel.offsets[series + 1], place]
        off = library.country_holidays(code, years=range(2019, 2023))
        assert rows.tolist() == [float(day.date() in off) for day in DAYS]
    code, out, _ = command("forecast", "data.csv", "-o", "-")
    assert code == 0
    assert out.count("\n") == 1 + 2 * 7


def panel_of(table: pd.DataFrame, **asked: Any) -> Any:
    table.to_csv("data.csv", index=False)
    return read_data(Path("data.csv"), Asked(**asked))


def test_a_holiday_that_the_data_have_once_is_one_of_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    panel = panel_of(sales("DE")[:500])  # to 14 May 2020
    found = choose_holidays(panel, Asked(holidays=("DE",)), 7)
    assert found is not None
    assert "Labor Day" in found.names
    assert "Christmas Day" not in found.names
    assert "other holiday" in found.names
    known = with_holidays(panel, found).known[:, found.names.index("other holiday")]
    assert DAYS[:500][known == 1].strftime("%m-%d").tolist() == [
        *("05-30", "06-10", "10-03", "12-25", "12-26"),
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--holidays", "XX"), "no holidays are known of 'XX'"),
        (("--holidays", "DE-QQ"), "no holidays are known of 'DE-QQ'"),
        (("--holidays-of", "kountry"), "kountry"),
        (("--holidays-of", "kind"), "no holidays are known of 'x'"),
        (("--holidays", "DE", "--holidays-of", "country"), "leave out one"),
    ],
)
def test_what_is_not_known_is_refused(command: Command, arguments: tuple[str, ...], said: str) -> None:
    sales("DE").assign(country="DE", kind="x").to_csv("data.csv", index=False)
    code, _, err = command("fit", "data.csv", *SMALL, *FEW, *arguments)
    assert code in (3, 4)
    assert said in err.replace("\n", " ")


def test_rows_without_dates_have_no_holidays(command: Command) -> None:
    sales("DE")[["sales"]].to_csv("data.csv", index=False)
    code, _, err = command("fit", "data.csv", *SMALL, *FEW, "--holidays", "DE")
    assert code == 4
    assert "needs dates" in err
