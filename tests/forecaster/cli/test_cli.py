"""The command line from a CSV to a forecast, each command in a process of its own, as users run it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecaster.__main__ import main

pytestmark = pytest.mark.slow

SMALL = ("--horizon", "6", "--context", "24", "--patch", "3")
QUICK = ("--set", "hidden_size=8", "--set", "updates=12", "--set", "epochs=3")
QUANTILES = [f"q0.{digit}" for digit in range(1, 10)]
# Two ways through the bundle round differently; in units of the largest forecast.
METHODS_AGREE = 1e-5

HEAVY = ("numpy", "torch", "pandas", "onnx", "onnxruntime", "pydantic", "rich", "sklearn", "matplotlib")
LIST_HEAVY = f"""
import sys
sys.argv = ["forecaster", *sys.argv[1:]]
from forecaster.__main__ import main
try:
    main()
finally:
    loaded = [name for name in {HEAVY} if name in sys.modules]
    sys.stderr.write(f"heavy: {{loaded}}")
"""


@dataclass(frozen=True)
class Ended:
    """A command that came to its end in `folder`."""

    folder: Path
    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Journey:
    """All commands of a journey from a CSV to a forecast, in one folder."""

    folder: Path
    fit: Ended
    export: Ended
    graph: Ended
    step: Ended

    def table(self, name: str = "forecast.csv") -> pd.DataFrame:
        return pd.read_csv(self.folder / name)


REAL = (sys.executable, "-m", "forecaster")


def forecaster(program: tuple[str, ...], folder: Path, *arguments: str) -> Ended:
    """Runs a command in a process of its own. program: what its command line begins with."""
    done = subprocess.run(
        [*program, *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )
    return Ended(folder, done.returncode, done.stdout, done.stderr)


def travel(program: tuple[str, ...], folder: Path, data: str) -> Journey:
    """fit, export, forecast by both methods, with as few options as a quick fit allows."""
    (folder / "data.csv").write_text(data)
    return Journey(
        folder,
        forecaster(program, folder, "fit", "data.csv", *SMALL, *QUICK),
        forecaster(program, folder, "export"),
        forecaster(program, folder, "forecast", "data.csv"),
        forecaster(program, folder, "forecast", "data.csv", "--method", "step", "-o", "step.csv"),
    )


def wave(length: int, phase: float = 0.0) -> np.ndarray:
    """A week, a slow rise, and noise."""
    time = np.arange(length)
    noise = np.random.default_rng(int(phase)).normal(0, 0.5, length)
    return 20 + 5 * np.sin(2 * np.pi * (time + phase) / 7) + 0.02 * time + noise


def days(length: int, start: str = "2024-01-01") -> list[str]:
    return [str(np.datetime64(start) + day) for day in range(length)]


def single_csv() -> str:
    rows = [f"{day},{value:.4f}" for day, value in zip(days(130), wave(130), strict=True)]
    return "\n".join(["date,sales", *rows])


def panel_csv() -> str:
    """Three shops of different lengths, a promotion and a price known 9 days ahead, and a category."""
    lines = ["date,shop,region,promo,price,sales"]
    for number, (shop, region, length) in enumerate(
        [("south-1", "south", 70), ("=SUM(A1)", "north", 60), ("north-2", "north", 65)]
    ):
        values = [f"{value:.4f}" for value in wave(length, number)] + [""] * 9
        for day, (stamp, value) in enumerate(zip(days(length + 9), values, strict=True)):
            promo, price = int((day + number) % 5 == 0), 10 + day % 3
            lines.append(f"{stamp},{shop},{region},{promo},{price},{value}")
    return "\n".join(lines)


def wide_csv() -> str:
    """Two targets side by side, by the month."""
    months = [f"{2015 + month // 12}-{month % 12 + 1:02}" for month in range(60)]
    rows = zip(months, wave(60), wave(60, 3) - 100, strict=True)
    lines = [f"{month},{first:.4f},{second:.4f}" for month, first, second in rows]
    return "\n".join(["month,sales,margin", *lines])


@pytest.fixture(scope="module")
def journeys(tmp_path_factory: pytest.TempPathFactory, preloaded: tuple[str, ...]) -> dict[str, Journey]:
    """All journeys, two at a time; the first one as users start it."""
    programs = (REAL, preloaded, preloaded)
    data = {"single": single_csv(), "panel": panel_csv(), "wide": wide_csv()}
    with ThreadPoolExecutor(2) as pool:
        made = pool.map(travel, programs, map(tmp_path_factory.mktemp, data), data.values())
        return dict(zip(data, made, strict=True))


@pytest.fixture
def single(journeys: dict[str, Journey]) -> Journey:
    return journeys["single"]


@pytest.fixture
def panel(journeys: dict[str, Journey]) -> Journey:
    return journeys["panel"]


@pytest.fixture
def wide(journeys: dict[str, Journey]) -> Journey:
    return journeys["wide"]


@pytest.fixture(params=["single", "panel", "wide"])
def journey(request: pytest.FixtureRequest, journeys: dict[str, Journey]) -> Journey:
    return journeys[request.param]


Command = Callable[..., Ended]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command in this process, which is faster: command("export", "run")."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["forecaster", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        written = capsys.readouterr()
        return Ended(tmp_path, int(end.value.code or 0), written.out, written.err)

    return run


def test_every_command_ends_well(journey: Journey) -> None:
    ended = (journey.fit, journey.export, journey.graph, journey.step)
    assert [(one.code, one.err if one.code else "") for one in ended] == [(0, "")] * 4


def test_no_command_writes_to_stdout_unasked(journey: Journey) -> None:
    assert [one.out for one in (journey.fit, journey.export, journey.graph, journey.step)] == [""] * 4


def test_only_the_promised_files_appear(journey: Journey) -> None:
    assert sorted(path.name for path in journey.folder.iterdir()) == [
        "data.csv",
        "forecast.csv",
        "run",
        "step.csv",
    ]


def test_a_run_is_written_to_run(journey: Journey) -> None:
    assert sorted(path.name for path in (journey.folder / "run").iterdir() if path.is_file()) == [
        "backtest.safetensors",
        "calibration.json",
        "config.json",
        "data.json",
        "log.jsonl",
        "metrics.json",
        "model.safetensors",
        "ranks.json",
        "training.svg",
    ]


def test_a_bundle_is_written_below_its_run(journey: Journey) -> None:
    assert sorted(path.name for path in (journey.folder / "run" / "bundle").iterdir()) == [
        "decoder_step.onnx",
        "encoder.onnx",
        "forecast.onnx",
        "golden.json",
        "manifest.json",
    ]


def test_both_methods_give_the_same_numbers(journey: Journey) -> None:
    graph, step = journey.table("forecast.csv"), journey.table("step.csv")
    assert list(graph.columns) == list(step.columns)
    numbers = graph[["forecast", *QUANTILES]].to_numpy()
    apart = np.abs(numbers - step[["forecast", *QUANTILES]].to_numpy()).max()
    assert apart <= METHODS_AGREE * np.abs(numbers).max()


def test_quantiles_rise_with_their_level_and_the_forecast_is_the_median(journey: Journey) -> None:
    table = journey.table()
    assert (np.diff(table[QUANTILES].to_numpy(), axis=1) >= 0).all()
    assert table["forecast"].tolist() == table["q0.5"].tolist()


def test_a_single_series_is_forecast_by_time_alone(single: Journey) -> None:
    table = single.table()
    assert list(table.columns) == ["date", "forecast", *QUANTILES]
    assert table["date"].tolist() == days(6, start="2024-05-10")


def test_a_panel_is_forecast_series_by_series_each_from_its_own_end(panel: Journey) -> None:
    table = panel.table()
    assert list(table.columns) == ["shop", "date", "forecast", *QUANTILES]
    assert table["date"].tolist() == [
        *days(6, start="2024-03-11"),
        *days(6, start="2024-03-01"),
        *days(6, start="2024-03-06"),
    ]


def test_a_series_that_looks_like_a_formula_is_escaped(panel: Journey) -> None:
    assert list(dict.fromkeys(panel.table()["shop"])) == ["south-1", "'=SUM(A1)", "north-2"]


def test_several_targets_are_forecast_one_after_the_other(wide: Journey) -> None:
    table = wide.table()
    assert list(table.columns) == ["month", "target", "forecast", *QUANTILES]
    assert table["target"].tolist() == ["sales"] * 6 + ["margin"] * 6


def test_timestamps_are_written_as_they_were_read(wide: Journey) -> None:
    assert wide.table()["month"].tolist() == [f"2020-{month:02}" for month in range(1, 7)] * 2


def test_forecasts_of_targets_lie_where_the_targets_do(wide: Journey) -> None:
    mean = wide.table().groupby("target")["forecast"].mean()
    assert 0 < mean["sales"] < 50
    assert -100 < mean["margin"] < -50


def test_a_fit_says_what_it_understood_of_a_single_series(single: Journey) -> None:
    assert single.fit.err.splitlines()[:3] == [
        "data.csv: 1 series of 130 values, 2024-01-01 to 2024-05-09",
        "  time    date (1 day; season 7)",
        "  target  sales",
    ]


def test_a_fit_says_what_it_understood_of_a_panel(panel: Journey) -> None:
    assert panel.fit.err.splitlines()[:7] == [
        "data.csv: 3 series of 60 to 70 values, 2024-01-01 to 2024-03-10",
        "  time    date (1 day; season 7)",
        "  target  sales",
        "  series  shop",
        "  known   promo, price (9 steps ahead)",
        "  static  region (2 values)",
        '  WARNING "sales" ends 9 rows before "promo", "price": "promo", "price" are read as known ahead by '
        "9 steps (--target with all of them forecasts them, too)",
    ]


def test_a_fit_says_what_it_trains(single: Journey) -> None:
    assert single.fit.err.splitlines()[3].startswith(
        "forecasting 6 steps from 24: 8 + 2 recurrent steps of 3, 8 units, mean-std, constant curriculum"
    )


def test_a_fit_leaves_a_line_for_every_epoch(single: Journey) -> None:
    lines = [line for line in single.fit.err.splitlines() if line.startswith("epoch")]
    assert [int(line.split()[1]) for line in lines] == [1, 2, 3]


def test_a_fit_says_its_error_relative_to_three_baselines(single: Journey) -> None:
    line = next(line for line in single.fit.err.splitlines() if line.startswith("free-running"))
    found = re.search(
        r"validation error (\S+) \(MASE, \d+ windows\): (\S+) of seasonal naive, "
        r"(\S+) of seasonal naive with drift, (\S+) of theta$",
        line,
    )
    assert found
    metrics = json.loads((single.folder / "run" / "metrics.json").read_text())
    mase, baselines = metrics["validation"]["mase"], metrics["baselines_mase"]
    assert [float(text) for text in found.groups()] == pytest.approx(
        [
            mase,
            *(mase / baselines[name] for name in ("seasonal naive", "seasonal naive with drift", "theta")),
        ],
        abs=5e-4,  # three digits are printed
    )


def test_a_fit_of_several_decoder_steps_says_its_exposure_bias(single: Journey) -> None:
    found = re.search(r"(?m)^exposure bias (\S+): .* in the last of 2 decoder steps", single.fit.err)
    assert found
    metrics = json.loads((single.folder / "run" / "metrics.json").read_text())
    assert float(found[1]) == pytest.approx(metrics["validation"]["exposure_bias"], abs=5e-4)


def test_a_fit_says_the_seconds_it_took_and_where_the_run_is(single: Journey) -> None:
    assert re.fullmatch(r"took \d+ s; run folder: run", single.fit.err.splitlines()[-1])


def test_an_export_says_how_large_and_how_exact_the_bundle_is(single: Journey) -> None:
    assert re.match(r"run/bundle: \d+ KiB; the graphs differ .* at most \d\.\de-\d\d", single.export.err)


def test_a_forecast_says_where_it_is(panel: Journey) -> None:
    assert panel.graph.err == "3 series, 6 steps of 1 day: forecast.csv\n"


def test_inspect_shows_a_run(preloaded: tuple[str, ...], single: Journey) -> None:
    ended = forecaster(preloaded, single.folder, "inspect")
    assert (ended.code, ended.err) == (0, "")
    assert re.search(r"(?m)^ +hidden_size +8$", ended.out)


def copy_run(journey: Journey, folder: Path) -> None:
    for name in ("run", "data.csv"):
        source = journey.folder / name
        shutil.copytree(source, folder / name) if source.is_dir() else shutil.copy(source, folder)


def test_inspect_shows_a_bundle(single: Journey, command: Command) -> None:
    ended = command("inspect", str(single.folder / "run" / "bundle"))
    assert (ended.code, ended.err) == (0, "")
    assert re.search(r"(?m)^max_horizon +18$", ended.out)
    assert re.search(r"(?m)^time_step +1 day$", ended.out)
    assert re.search(r"(?m)^  targets +sales$", ended.out)
    assert re.search(r"(?m)^  of seasonal naive +[0-9.]+$", ended.out)
    assert re.search(r"(?m)^versions +python .*, lstm-forecaster ", ended.out)
    assert "offsets" not in ended.out
    assert len(ended.out.splitlines()) < 40


def test_inspect_gives_a_run_as_json(panel: Journey, command: Command) -> None:
    content = json.loads(command("inspect", str(panel.folder / "run"), "--json").out)
    assert content["kind"] == "run"
    assert content["config"]["model"]["horizon"] == 6
    assert content["data"]["vocabularies"] == {"region": ["north", "south"]}


def test_inspect_gives_a_bundle_as_json(panel: Journey, command: Command) -> None:
    content = json.loads(command("inspect", str(panel.folder / "run" / "bundle"), "--json").out)
    assert content["kind"] == "bundle"
    assert content["columns"]["known"] == ["promo", "price"]


def test_only_the_levels_asked_for_are_written(single: Journey, command: Command) -> None:
    copy_run(single, Path())
    assert command("forecast", "data.csv", "--level", "0.1", "--level", "0.9").code == 0
    table = pd.read_csv("forecast.csv")
    assert list(table.columns) == ["date", "forecast", "q0.1", "q0.9"]
    pd.testing.assert_frame_equal(table, single.table()[table.columns.tolist()], check_exact=True)


@pytest.mark.parametrize("horizon", [1, 9, 18])
def test_another_horizon_than_the_trained_one_agrees_with_it(
    single: Journey, command: Command, horizon: int
) -> None:
    copy_run(single, Path())
    assert command("forecast", "data.csv", "--horizon", str(horizon)).code == 0
    table, trained = pd.read_csv("forecast.csv"), single.table()
    assert table["date"].tolist() == days(horizon, start="2024-05-10")
    both = min(horizon, 6)
    # Shorter and longer runs of an LSTM round differently.
    np.testing.assert_allclose(table[QUANTILES].head(both), trained[QUANTILES].head(both), rtol=METHODS_AGREE)


def test_files_go_where_the_user_says(single: Journey, command: Command) -> None:
    copy_run(single, Path())
    assert command("export", "run", "-o", "shipped/model").code == 0
    ended = command("forecast", "data.csv", "--bundle", "shipped/model", "-o", "next.csv")
    assert ended.code == 0
    pd.testing.assert_frame_equal(pd.read_csv("next.csv"), single.table(), check_exact=True)


def test_an_export_writes_a_model_for_triton_beside_the_bundle(single: Journey, command: Command) -> None:
    ended = command("export", str(single.folder / "run"), "-o", "bundle", "--triton", "models/forecast")
    assert (ended.code, ended.out) == (0, "")
    assert "models/forecast: a model of Triton" in ended.err
    served = (ended.folder / "models" / "forecast" / "1" / "model.onnx").read_bytes()
    assert served == (ended.folder / "bundle" / "forecast.onnx").read_bytes()


def test_a_plot_goes_to_stdout(single: Journey, command: Command) -> None:
    copy_run(single, Path())
    ended = command("forecast", "data.csv", "--plot")
    title = "sales: history to 2024-05-09, then the median and the quantiles 0.1 and 0.9 to 2024-05-15"
    assert " ".join(ended.out.split()).startswith(title)
    assert " May " in ended.out.splitlines()[-2]


def test_a_plot_is_saved_beside_the_forecast(single: Journey, command: Command) -> None:
    copy_run(single, Path())
    ended = command("forecast", "data.csv", "--save-plot", "plot.png")
    assert ended.err.endswith("forecast.csv and plot.png\n")
    assert Path("plot.png").read_bytes().startswith(b"\x89PNG")


def test_a_plot_of_no_known_form_is_refused_before_anything_is_read(command: Command) -> None:
    ended = command("forecast", "missing.csv", "--save-plot", "plot.jpg")
    assert ended.code == 4
    assert "its name ends in .jpg, expected one of .svg, .png, .pdf" in ended.err


def test_a_second_fit_moves_the_first_run_aside(
    single: Journey, command: Command, caplog: pytest.LogCaptureFixture
) -> None:
    copy_run(single, Path())
    before = {path: path.read_bytes() for path in Path("run").rglob("*") if path.is_file()}
    assert command("fit", "data.csv", *SMALL, *QUICK, "--seed", "1").code == 0
    assert caplog.messages == [
        "when this fit is finished, the run at run moves to run.1",
        "the run that was at run is now at run.1",
    ]
    after = {path: (Path("run.1") / path.relative_to("run")).read_bytes() for path in before}
    assert after == before
    assert Path("run/model.safetensors").read_bytes() != before[Path("run/model.safetensors")]


def test_a_finished_fit_that_is_resumed_has_nothing_left_to_do(single: Journey, command: Command) -> None:
    shutil.copy(single.folder / "data.csv", ".")
    fit = ("fit", "data.csv", *SMALL, *QUICK, "--set", "threads=1")
    assert command(*fit, "--resume").code == 0
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in Path("run").iterdir()}
    ended = command(*fit, "--resume", "--json")
    assert (ended.code, ended.err) == (0, "the fit at run is finished: nothing is left to do\n")
    metrics = json.loads(Path("run/metrics.json").read_text())
    assert json.loads(ended.out)["metrics"] == {name: metrics[name] for name in metrics if name != "versions"}
    assert before == {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in Path("run").iterdir()}
    assert [path.name for path in Path().iterdir() if path.is_dir()] == ["run"]


@pytest.mark.parametrize("other", [("--seed", "1"), ("--horizon", "5")], ids=lambda other: other[0])
def test_a_resume_where_another_fit_is_finished_begins_and_says_so(
    single: Journey, command: Command, caplog: pytest.LogCaptureFixture, other: tuple[str, str]
) -> None:
    shutil.copy(single.folder / "data.csv", ".")
    assert command("fit", "data.csv", *SMALL, *QUICK).code == 0
    assert command("fit", "data.csv", *SMALL, *QUICK, *other, "--resume").code == 0
    assert caplog.messages[0] == "nothing to resume at run, so the fit begins again"
    assert caplog.messages[-1] == "the run that was at run is now at run.previous"


def test_quiet_commands_print_nothing(single: Journey, command: Command) -> None:
    shutil.copy(single.folder / "data.csv", ".")
    fit = command("fit", "data.csv", *SMALL, *QUICK, "--quiet", "-o", "models/quiet")
    export = command("export", "models/quiet", "--quiet")
    forecast = command("forecast", "data.csv", "--bundle", "models/quiet/bundle", "--quiet")
    assert [(one.code, one.out, one.err) for one in (fit, export, forecast)] == [(0, "", "")] * 3


def test_settings_come_from_a_file_then_from_set_then_from_options(single: Journey, command: Command) -> None:
    shutil.copy(single.folder / "data.csv", ".")
    Path("settings.toml").write_text(
        "[model]\nhidden_size = 8\nhorizon = 9\nstep_width = 2\n[train]\nupdates = 2\nepochs = 1\nseed = 3\n"
    )
    ended = command("fit", "data.csv", "--config", "settings.toml", "--set", "step_width=3", "--horizon", "4")
    assert ended.code == 0
    config = json.loads(Path("run/config.json").read_text())
    model, train = config["model"], config["train"]
    assert [model[name] for name in ("hidden_size", "step_width", "horizon")] == [8, 3, 4]
    assert [train[name] for name in ("updates", "epochs", "seed")] == [2, 1, 3]


def forecast_again(panel: Journey, command: Command, data: pd.DataFrame, *arguments: str) -> pd.DataFrame:
    """The forecast of another file with the bundle of the panel."""
    data.to_csv("data.csv", index=False)
    ended = command("forecast", "data.csv", "--bundle", str(panel.folder / "run" / "bundle"), *arguments)
    assert ended.code == 0, ended.err
    return pd.read_csv("forecast.csv")


def test_a_category_that_was_never_seen_is_forecast_all_the_same(panel: Journey, command: Command) -> None:
    data = panel.table("data.csv").replace({"region": {"south": "west"}})
    assert len(forecast_again(panel, command, data)) == 18


def test_columns_in_another_order_give_the_same_forecast(panel: Journey, command: Command) -> None:
    data = panel.table("data.csv")[["sales", "price", "promo", "region", "shop", "date"]]
    pd.testing.assert_frame_equal(forecast_again(panel, command, data), panel.table(), check_exact=True)


def test_rows_in_another_order_give_the_same_numbers(panel: Journey, command: Command) -> None:
    data = panel.table("data.csv").iloc[::-1]
    found = forecast_again(panel, command, data).sort_values(["shop", "date"], ignore_index=True)
    expected = panel.table().sort_values(["shop", "date"], ignore_index=True)
    pd.testing.assert_frame_equal(found, expected, check_exact=True)


def test_a_number_that_was_not_trained_does_not_disturb(panel: Journey, command: Command) -> None:
    data = panel.table("data.csv").assign(extra=1.5)
    pd.testing.assert_frame_equal(forecast_again(panel, command, data), panel.table(), check_exact=True)


def test_the_known_future_may_come_from_a_file_of_its_own(panel: Journey, command: Command) -> None:
    data = panel.table("data.csv")
    coming = data["sales"].isna()
    data[coming].drop(columns=["sales", "region"]).to_csv("future.csv", index=False)
    found = forecast_again(panel, command, data[~coming], "--future", "future.csv")
    pd.testing.assert_frame_equal(found, panel.table(), check_exact=True)


def test_a_series_that_is_constant_is_trained_and_forecast(command: Command) -> None:
    Path("data.csv").write_text("date,y\n" + "".join(f"{day},5\n" for day in days(100)))
    assert command("fit", "data.csv", *SMALL, *QUICK).code == 0
    assert command("export").code == 0
    assert command("forecast", "data.csv").code == 0
    assert pd.read_csv("forecast.csv")[QUANTILES].to_numpy().tolist() == [[5.0] * 9] * 6


@pytest.mark.parametrize("arguments", [["--help"], ["fit", "--help"], ["--version"]])
def test_help_and_version_load_nothing_heavy(tmp_path: Path, arguments: list[str]) -> None:
    command = [sys.executable, "-c", LIST_HEAVY, *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.startswith(("Usage: forecaster", "forecaster, version "))
    assert done.stderr == "heavy: []"
