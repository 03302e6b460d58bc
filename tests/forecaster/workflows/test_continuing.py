"""fit --from: a finished run goes on, on new data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from forecaster.__main__ import main
from forecaster.config import Asked
from forecaster.run.run import load_run
from forecaster.workflows.preparation import prepare
from forecaster.workflows.upkeep.continuing import read_for_run

pytestmark = pytest.mark.slow

ONCE = ("--set", "updates=1", "--set", "epochs=1")
SMALL = ("--horizon", "4", "--context", "12", "--set", "hidden_size=4", *ONCE)
Command = Callable[..., tuple[int, str]]


def shops(kinds: dict[str, str], days: int = 60, first: str = "2024-01-01") -> pd.DataFrame:
    """Some shops of some kinds, and how many visitors each will have."""
    tables = []
    for number, (shop, kind) in enumerate(kinds.items()):
        table = pd.DataFrame({"date": pd.date_range(first, periods=days + 4).strftime("%Y-%m-%d")})
        waves = np.sin(np.arange(days + 4) * 2 * np.pi / 7 + number)
        tables.append(table.assign(shop=shop, kind=kind, visitors=waves + 2, sales=3 * waves + 10))
        tables[-1].loc[days:, "sales"] = np.nan
    return pd.concat(tables)


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command in an empty folder: its exit code and stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["forecaster", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        return int(end.value.code or 0), capsys.readouterr().err

    return run


@pytest.fixture
def first(command: Command) -> Command:
    """The same, with a finished run of two shops."""
    shops({"a": "big", "b": "small"}).to_csv("old.csv", index=False)
    assert command("fit", "old.csv", "-o", "old", *SMALL)[0] == 0
    return command


def test_a_run_goes_on_from_its_weights_on_new_data(first: Command) -> None:
    shops({"c": "small", "d": "big", "e": "small"}, first="2024-05-01").to_csv("new.csv", index=False)
    assert (
        first("fit", "new.csv", "--from", "old", "-o", "new", "--set", "updates=1", "--set", "epochs=1")[0]
        == 0
    )
    old, new = load_run(Path("old")), load_run(Path("new"))
    assert new.config.model == old.config.model
    assert new.data.vocabularies == old.data.vocabularies
    assert [id_[0] for id_ in new.data.ids] == ["c", "d", "e"]
    for name, weight in new.ensemble.first.state_dict().items():
        # One update moves a weight by the learning rate at most, nearly nothing at the end of its cycle.
        torch.testing.assert_close(weight, old.ensemble.first.state_dict()[name], rtol=0, atol=1e-5)
    for name in ("known.location", "known.scale"):
        assert torch.equal(new.ensemble.first.state_dict()[name], old.ensemble.first.state_dict()[name])


def test_a_fit_goes_on_from_weights_that_know_no_held_out_value(first: Command) -> None:
    longer = ("--set", "updates=60", "--set", "learning_rate=0.01", "--seed", "1")
    shops({"a": "big"}).to_csv("old.csv", index=False)
    assert first("fit", "old.csv", "-o", "old", *SMALL, *longer)[0] == 0
    old = load_run(Path("old"))
    (origin,) = prepare(Path("old.csv"), {"data": {}, "model": {}, "train": {}}, Path("old")).origins
    for name, weight in origin.state_dict().items():
        assert torch.equal(weight, old.held_back.ensemble.first.state_dict()[name])
    assert not torch.equal(origin.decoder.next_rows.bias, old.ensemble.first.decoder.next_rows.bias)


def test_it_can_be_exported_and_forecasts(first: Command) -> None:
    shops({"c": "small"}).to_csv("new.csv", index=False)
    assert first("fit", "new.csv", "--from", "old", "-o", "new", "--set", "updates=2")[0] == 0
    assert first("export", "new")[0] == 0
    assert first("forecast", "new.csv", "--bundle", "new/bundle")[0] == 0
    assert len(pd.read_csv("forecast.csv")) == 4


def test_a_category_that_the_run_never_saw_is_unknown_and_said(
    first: Command, caplog: pytest.LogCaptureFixture
) -> None:
    shops({"c": "small", "d": "huge"}).to_csv("new.csv", index=False)
    assert first("fit", "new.csv", "--from", "old", "-o", "new", *ONCE)[0] == 0
    assert "huge is new in column kind and counts as unknown; the model knows big, small" in caplog.text
    assert load_run(Path("new")).data.vocabularies == {"kind": ["big", "small"]}


@pytest.mark.usefixtures("first")
def test_codes_follow_the_vocabulary_of_the_run() -> None:
    shops({"c": "small", "d": "huge", "e": "big"}).to_csv("new.csv", index=False)
    panel = read_for_run(Path("new.csv"), load_run(Path("old")), Asked())
    assert panel.categories.tolist() == [[2], [0], [1]]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--horizon", "8"), 4, "--from continues with the network of old, whose horizon is 4, not 8"),
        (
            ("--target", "visitors"),
            4,
            "--from continues with the columns of old, whose target is sales; leave out target",
        ),
        (
            ("--step", "2d"),
            4,
            "--from continues with the columns of old, whose step is 1 day; leave out step",
        ),
        (("--target", "sales", "--series", "shop", "--step", "1d", "--time", "date"), 0, ""),
        (("--set", "hidden_size=4"), 0, ""),
    ],
)
def test_what_the_run_decides_is_not_said_otherwise(
    first: Command, arguments: tuple[str, ...], code: int, said: str
) -> None:
    found, message = first("fit", "old.csv", "--from", "old", "-o", "new", "--set", "updates=2", *arguments)
    assert found == code
    assert said in message


def test_a_file_that_is_not_like_that_of_the_run_is_refused(first: Command) -> None:
    shops({"a": "big"}).drop(columns="visitors").to_csv("new.csv", index=False)
    code, message = first("fit", "new.csv", "--from", "old", "-o", "new")
    assert code == 3
    assert 'new.csv is not like the data that the model was trained on: column "visitors"' in message
    assert not Path("new").exists()


def test_a_run_that_is_not_there_is_refused(command: Command) -> None:
    shops({"a": "big"}).to_csv("new.csv", index=False)
    assert command("fit", "new.csv", "--from", "nothing")[0] == 5


@pytest.mark.parametrize("output", ["old", "./old"])
def test_a_fit_from_a_run_does_not_go_where_it_would_move_that_run(first: Command, output: str) -> None:
    before = {path: path.read_bytes() for path in Path("old").iterdir()}
    code, message = first("fit", "old.csv", "--from", "old", "-o", output)
    assert (code, message) == (
        5,
        f"error: --from old: a fit into {Path(output)} would move it; choose another folder with -o\n",
    )
    assert {path: path.read_bytes() for path in Path("old").iterdir()} == before


def test_the_config_of_the_run_may_be_given_with_it(first: Command) -> None:
    settings = ("--config", "old/config.json", "--set", "lower=none")
    code, message = first("fit", "old.csv", "--from", "old", "-o", "new", *settings, *ONCE)
    assert (code, "whose lower is 0.0, not None" in message) == (4, True)
    assert first("fit", "old.csv", "--from", "old", "-o", "new", "--config", "old/config.json", *ONCE)[0] == 0
