"""forecaster tune: settings that beat the recipe on two kinds of windows, or none; a search continues."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecaster import Forecaster
from forecaster.__main__ import main
from forecaster.config import Asked
from forecaster.config.settings import Settings, collect_options
from forecaster.data import Panel, read_data
from forecaster.run.search_findings import Finding, Found, write_settings
from forecaster.workflows.recipes.recipe import derive_config
from forecaster.workflows.tuning import study
from forecaster.workflows.tuning.search import Confirmation, Search, choose
from forecaster.workflows.tuning.space import FIRST, OneOf, defaults_of, settings_of, space_of
from forecaster.workflows.tuning.trials import EPOCH, NEXT, TOLD, Trial, score

optuna = pytest.importorskip("optuna")
pytestmark = pytest.mark.slow

SETTINGS: Settings = {"data": {}, "model": {"horizon": 7, "season": 7}, "train": {"updates": 20}}
FAR = math.inf


@pytest.fixture
def panel(tmp_path: Path) -> Panel:
    """A week that repeats, under noise."""
    day = np.arange(300)
    values = 50 + 10 * np.sin(2 * np.pi * day / 7) + np.random.default_rng(0).normal(size=300)
    path = tmp_path / "data.csv"
    pd.DataFrame({"date": pd.date_range("2023-01-01", periods=300), "y": values}).to_csv(path, index=False)
    return read_data(path, Asked())


class Said:
    """All trials that a listener was told of."""

    def __init__(self) -> None:
        self.ended: list[tuple[int, float | None]] = []

    def on_begin(self, *_: Any) -> None:
        """Nothing."""

    def on_trial(self, finding: Finding, recipe: float) -> None:
        assert not recipe <= 0
        self.ended.append((finding.number, finding.error))


def searching(panel: Panel, study: Any = None, deadline: float = FAR) -> Search:
    made = study or optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    return Search(made, space_of(panel, SETTINGS), deadline, None, 0, Said())


def test_the_defaults_of_the_space_are_the_recipe(panel: Panel) -> None:
    space = space_of(panel, SETTINGS)
    assert settings_of(panel, SETTINGS, defaults_of(space)) == SETTINGS
    assert "updates" not in space  # it was said
    assert {"learning_rate", "context", "start"} <= space.keys()


def test_every_choice_is_a_configuration(panel: Panel) -> None:
    space = space_of(panel, {"data": {}, "model": {"horizon": 7, "season": 7}, "train": {}})
    own = defaults_of(space)
    for name, choice in space.items():
        for value in choice.values if isinstance(choice, OneOf) else (choice.low, choice.high):
            for start in ("pretrained", "random"):
                chosen = settings_of(panel, SETTINGS, {**own, "start": start, name: value})
                derive_config(panel, chosen["model"], {"start": "auto", **chosen["train"]})


def test_a_trial_never_sees_what_calibrates_nor_what_is_left_out(panel: Panel) -> None:
    trial = Trial(0, {}, 0)
    first = score(panel, SETTINGS, trial, silent())
    changed = panel.values.copy()
    changed[-20:] += 1000  # the last windows calibrate
    assert score(with_values(panel, changed), SETTINGS, trial, silent()) == first
    earlier = Trial(0, {}, 0, earlier=100)
    changed[-100:] += 1000
    assert score(with_values(panel, changed), SETTINGS, earlier, silent()) == score(
        panel, SETTINGS, earlier, silent()
    )


def silent() -> Any:
    from forecaster.workflows.tuning.trials import Silent

    return Silent()


def with_values(panel: Panel, values: Any) -> Panel:
    from dataclasses import replace

    return replace(panel, values=values)


def test_the_recipe_is_tried_first_and_what_does_worse_is_dropped(panel: Panel) -> None:
    study = optuna.create_study(
        sampler=optuna.samplers.RandomSampler(seed=0), pruner=optuna.pruners.MedianPruner(n_startup_trials=2)
    )
    search = searching(panel, study)
    for number in range(3):
        trial = search.answer(0, NEXT)
        assert trial.number == number
        assert (trial.choices == defaults_of(search.space)) == (number == 0)
        assert not search.answer(0, EPOCH, number, 1, 0.5)
        search.answer(0, TOLD, number, 0.5 + number / 100, "")
    assert search.recipe == 0.5
    bad = search.answer(0, NEXT).number
    assert search.answer(0, EPOCH, bad, 1, 0.9)
    search.answer(0, TOLD, bad, None, "pruned")
    assert search.listener.ended == [(0, 0.5), (1, 0.51), (2, 0.52), (bad, None)]  # type: ignore[attr-defined]
    assert len(search.best(9)) == 3


def test_after_the_recipe_few_settings_change_at_a_time_and_none_that_was_said(panel: Panel) -> None:
    search = searching(panel)
    own = defaults_of(search.space)
    assert "updates" not in own  # it was said
    likely = [changes for changes in FIRST if changes.keys() <= own.keys()]
    expected = [own, *({**own, **changes} for changes in likely if changes.items().isdisjoint(own.items()))]
    assert len(expected) >= 4
    assert [search.answer(0, NEXT).choices for _ in expected] == expected


def test_networks_are_varied_where_the_recipe_has_one(panel: Panel) -> None:
    assert "members" not in space_of(panel, SETTINGS)  # few values: every face of the pretrained network
    alone: Settings = {**SETTINGS, "train": {"start": "random"}}
    space = space_of(panel, alone)
    assert settings_of(panel, alone, {**defaults_of(space), "members": 3})["train"]["members"] == 3
    said: Settings = {**SETTINGS, "train": {"start": "random", "members": 1}}
    assert "members" not in space_of(panel, said)


def test_trials_that_wait_are_not_counted(panel: Panel) -> None:
    search = searching(panel)
    search.most = 2
    assert [search.answer(0, NEXT) is None for _ in range(3)] == [False, False, True]


def test_the_recipe_is_tried_even_if_there_is_no_time(panel: Panel) -> None:
    search = searching(panel, deadline=0.0)
    assert search.answer(0, NEXT).number == 0
    assert not search.answer(0, EPOCH, 0, 1, 0.9)
    search.answer(0, TOLD, 0, 0.5, "")
    assert search.answer(0, NEXT) is None


@pytest.mark.parametrize(
    ("again", "number"),
    [
        ((0.6, 0.5, 0.58), 1),  # both better than the recipe twice, the first by more
        ((0.6, 0.61, 0.5), 2),  # the first was better once
        ((0.6, 0.595, 0.61), 0),  # none clearly
        ((0.6, None, None), 0),  # there was no time
    ],
)
def test_what_is_chosen_beats_the_recipe_on_both_kinds_of_windows(
    panel: Panel, again: tuple[float | None, ...], number: int
) -> None:
    search = searching(panel)
    for place, error in enumerate((0.5, 0.498, 0.499)):
        search.answer(0, NEXT)
        search.answer(0, TOLD, place, error, "")
    confirmation = Confirmation(search.best(2), 50, FAR, 1)
    for place, error in enumerate(again):
        assert confirmation.answer(0, NEXT).earlier == 50
        confirmation.answer(0, TOLD, place, error, "" if error else "pruned")
    chosen = choose(search, confirmation)
    assert chosen.number == number
    assert chosen.choices == confirmation.candidates[number]


def test_the_file_of_settings_is_what_a_fit_reads(tmp_path: Path) -> None:
    settings: Settings = {
        "data": {"target": ("a b", 'c"d'), "joint": True},
        "model": {"context_length": 28, "lower": None},
        "train": {"learning_rate": 1e-5, "schedule": "linear"},
    }
    path = tmp_path / "tuned.toml"
    write_settings(Found(path, Finding(1, {}, 0.9, ""), [], [], settings, {}))
    assert "10.0 % less error" in path.read_text()
    assert tomllib.loads(path.read_text()) == {
        "data": {"target": ["a b", 'c"d'], "joint": True},
        "model": {"context_length": 28},
        "train": {"learning_rate": 1e-5, "schedule": "linear"},
    }
    assert collect_options(path, ())["train"] == settings["train"]


def test_a_search_by_the_command_continues(
    panel: Panel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert panel.series_count == 1
    monkeypatch.chdir(tmp_path)

    def tune(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["forecaster", "tune", "data.csv", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        return int(end.value.code or 0), capsys.readouterr().err

    few = ("--horizon", "7", "--set", "updates=4", "--set", "epochs=2")
    code, err = tune(*few, "--trials", "2")
    assert code == 0
    assert "trial   0" in err
    assert "of the recipe's" in err
    assert "forecaster fit DATA --config tuned.toml" in err
    assert tomllib.loads(Path("tuned.toml").read_text())["model"]["horizon"] == 7
    code, err = tune(*few, "--trials", "3")
    assert code == 0
    assert "after 2 trials of before" in err
    assert "trial   2" in err
    assert "trial   0" not in err
    assert tune("-o", "data.csv")[0] == 4


def test_a_forecaster_takes_what_was_found(
    panel: Panel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert panel.series_count == 1
    monkeypatch.chdir(tmp_path)
    found = Found(
        tmp_path / "t.toml", Finding(1, {}, 0.9, ""), [], [], {**SETTINGS, "train": {"updates": 7}}, {}
    )
    monkeypatch.setattr(study, "tune", lambda request, _: found if request.seconds == 300 else None)
    forecaster = Forecaster(horizon=7, season=7).tune("data.csv", max_time="5m")
    assert forecaster.tuned_ is found
    assert forecaster.fit("data.csv").config_.train.updates == 7
