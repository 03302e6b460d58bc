"""The comparison with others: what is kept and left out, and the page: its order, and what it is made of."""

import json
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import compare, compare_methods, compare_page, neural_peers
from benchmarks.compare import Keeper, rows_of
from benchmarks.compare_etth1 import SERVED, TWIN, etth1
from benchmarks.compare_methods import FIT, Method
from benchmarks.compare_page import DATA, PAGE, page
from benchmarks.compare_scores import better, means, scored, sets_by_worst
from benchmarks.markdown import sections
from benchmarks.neural_peers import NEURAL
from benchmarks.statistical_peers import PeerFailed, PeerForecasts
from benchmarks.zero_shot import OURS
from benchmarks.zero_shot_means import NAIVE, Row
from benchmarks.zero_shot_tasks import Task

NHITS = "NeuralForecast NHITS"


def a_task(count: int = 12) -> Task:
    """Quarters of many short series."""
    histories = tuple(np.arange(10.0) + start for start in range(count))
    actual = np.arange(10.0, 12) + np.arange(count)[:, None]
    return Task("tourism_q", 4, 2, "QS", tuple(map(str, range(count))), histories, actual)


def a_row(task: str, method: str, mase: float, **known: Any) -> Row:
    return {"task": task, "series": 2, "method": method, "mase": mase, **known}


def made_up() -> dict[str, Any]:
    """Two sets: on the second another has more over our fit than on the first."""
    rows = [
        a_row("tourism_q", NAIVE, 2.0, wql=0.2, coverage=0.0),
        a_row("tourism_q", FIT, 1.0, wql=0.1, coverage=0.8, cpu_s=5.0, version="forecaster 1"),
        a_row("tourism_q", NHITS, 0.9, wql=0.2, time="same", cpu_s=6.0, steps=70, most_steps=1000),
        a_row("tourism_q", NHITS, 0.8, wql=0.2, time="longer", cpu_s=60.0, steps=700, most_steps=1000),
        {"task": "tourism_q", "series": 2, "method": "AutoARIMA", "left_out": "would take about 54 minutes"},
        a_row("m4_hourly", NAIVE, 1.0, wql=0.2),
        a_row("m4_hourly", FIT, 1.0, wql=0.01, coverage=0.8, cpu_s=7.0),
        a_row("m4_hourly", "AutoETS", 0.5, wql=0.3, cpu_s=90.0, version="statsforecast 2"),
    ]
    return {
        **{
            "date": "2026-12-01",
            "python": "3.11",
            "machine": "x86_64",
            "seed": 0,
            "times": 4,
            "at_least": 60,
        },
        **{"told": {NHITS: "scaler_type robust"}, "rows": rows},
    }


def test_where_others_are_better_is_first_and_the_largest_difference_at_the_top() -> None:
    text = page(made_up())
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert headings[0] == "## Where others are better"
    assert headings[-1] == "## Not measured"
    found = sections(text)
    losses = [(row["method"], row["measure"], row["ratio"]) for row in found["Where others are better"]]
    assert losses[0] == ("AutoETS", "mase", "0.5")
    assert [row[2] for row in losses] == sorted(row[2] for row in losses)
    assert (f"{NHITS}, longer", "mase", "0.8") in losses
    assert all(row["method"] not in (FIT, OURS) for row in found["Where others are better"])
    titles = [line for line in text.splitlines() if line.startswith("### ")]
    assert titles == ["### M4 Hourly", "### Tourism, quarterly"]


def test_the_first_lines_say_what_was_measured_when_with_what_and_what_was_not() -> None:
    first = page(made_up()).split("\n\n")[1].replace("\n", " ")
    for said in ("2026-12-01", "Python 3.11", "forecaster 1, statsforecast 2", "seed 0", "2 of M4 Hourly"):
        assert said in first
    assert (
        "for the processor seconds that our default fit and its forecast took on the set, and not more"
        in first
    )
    assert "[Not measured](#not-measured): 1 of 8 rows." in first


def test_a_method_without_figures_is_named_with_its_reason() -> None:
    (row,) = sections(page(made_up()))["Not measured"]
    assert row == {"method": "AutoARIMA", "sets": "Tourism, quarterly", "why": "would take about 54 minutes"}


def test_a_set_has_its_methods_by_mase_with_their_steps() -> None:
    rows = sections(page(made_up()))["Tourism, quarterly"]
    assert [float(row["mase"]) for row in rows] == sorted(float(row["mase"]) for row in rows)
    assert {row["method"]: row.get("steps") for row in rows}[NHITS] == "70 of 1000"


def test_published_networks_stand_next_to_what_was_measured_and_published_models_do_not() -> None:
    methods = {row["label"] for row in scored(made_up()["rows"])}
    assert "TiRex, 35 M (published)" in methods
    assert not methods & {"AutoETS (published)", f"{NAIVE} (published)"}


def test_a_mean_needs_all_sets() -> None:
    rows = scored(made_up()["rows"])
    both = means(rows, ["tourism_q", "m4_hourly"])
    assert [row["method"] for row in both if "published" not in row["method"]] == [FIT, NAIVE]
    ours = next(row for row in both if row["method"] == FIT)
    assert ours["mase"] == pytest.approx(np.sqrt(1 / 2 * 1 / 1), abs=1e-4)
    assert ours["cpu_s"] == 12


def test_a_tie_is_no_loss() -> None:
    rows = scored(
        [a_row("tourism_q", FIT, 1.0, wql=0.1, cpu_s=1.0), a_row("tourism_q", "AutoETS", 1.0, wql=0.1)]
    )
    assert [row for row in better(rows) if row["method"] == "AutoETS"] == []
    assert sets_by_worst(rows) == ["tourism_q"]


ETTH1 = """## ETTh1, horizon 96

| method | mse | mae |
| --- | --- | --- |
| forecaster | 0.354 ± 0.001 | 0.38 |
| DUET (published) | 0.352 | 0.384 |

## ETTh1, horizon 720

| method | mse | mae | twin_mse | twin_mae |
| --- | --- | --- | --- | --- |
| forecaster | 0.44 | 0.46 | 0.47 | 0.48 |
| DUET (published) | 0.43 | 0.456 |  |  |
"""


def test_a_twin_stands_next_to_the_published_and_what_is_served_is_told_apart() -> None:
    text = etth1(ETTH1)
    rows = sections(text)["ETTh1"]
    assert [(row["horizon"], row["method"], row["mse"]) for row in rows] == [
        ("720", "DUET (published)", "0.43"),
        ("720", SERVED, "0.44"),
        ("720", TWIN, "0.47"),
        ("96", "DUET (published)", "0.352"),
        ("96", SERVED, "0.354"),
    ]
    assert "of horizon 96 no twin has been measured yet" in text


def rewritten(monkeypatch: pytest.MonkeyPatch, folder: Path) -> list[Path]:
    """Return where the page and its figures are written instead of docs."""
    for name in ("PAGE", "DATA"):
        monkeypatch.setattr(compare_page, name, folder / getattr(compare_page, name).name)
    return [compare_page.PAGE, compare_page.DATA]


def test_the_page_is_what_the_figures_give(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = [PAGE.read_text(encoding="utf-8"), DATA.read_text(encoding="utf-8")]
    written = rewritten(monkeypatch, tmp_path)
    compare_page.write(json.loads(kept[1]))
    assert [file.read_text(encoding="utf-8") for file in written] == kept


def methods_that(forecast: Callable[[Task, float], Row]) -> list[Method]:
    """Ours, which takes 20 s, and one that is trained."""
    ours = Method(FIT, "ours", lambda *_: {"mase": 1.0, "wql": 0.1, "cpu_s": 20.0})
    return [ours, Method(NHITS, "theirs", forecast, is_trained=True)]


def test_others_train_for_our_seconds_then_for_four_times_those() -> None:
    given = []

    def forecast(task: Task, seconds: float) -> Row:
        given.append((task.name, seconds))
        return {"mase": 1.0}

    other = Task(**{**a_task().__dict__, "name": "m3_m"})
    rows = list(rows_of([a_task(), other], methods_that(forecast), Keeper(None)))
    assert given == [("tourism_q", 20.0), ("m3_m", 20.0), ("tourism_q", 80.0), ("m3_m", 80.0)]
    assert [row["time"] for row in rows if row["method"] == NHITS] == ["same", "same", "longer", "longer"]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (PeerFailed("x.py: exit code 1\nTraceback\nValueError: too short"), "ValueError: too short"),
        (ValueError("expected finite quantiles"), "expected finite quantiles"),
    ],
)
def test_a_method_that_fails_is_left_out_with_its_reason(
    error: BaseException, reason: str, tmp_path: Path
) -> None:
    def fail(*_: Any) -> Row:
        raise error

    rows = list(rows_of([a_task()], methods_that(fail), Keeper(tmp_path)))
    assert [row.get("left_out") for row in rows] == [None, reason, reason]
    assert len(list(tmp_path.iterdir())) == 1  # what failed is tried again by another run


def test_a_run_continues_with_the_rows_that_it_kept(tmp_path: Path) -> None:
    made = []

    def forecast(_: Task, seconds: float) -> Row:
        made.append(seconds)
        if len(made) == 2:
            raise KeyboardInterrupt
        return {"mase": 1.5}

    with pytest.raises(KeyboardInterrupt):
        list(rows_of([a_task()], methods_that(forecast), Keeper(tmp_path)))
    kept = list(rows_of([a_task()], methods_that(forecast), Keeper(tmp_path, makes=False)))
    assert [row.get("mase", row.get("left_out")) for row in kept] == [
        1.0,
        1.5,
        "not run: the measurement was ended before its turn",
    ]
    assert made == [20.0, 80.0]


def test_other_data_or_another_configuration_are_other_rows() -> None:
    method = methods_that(lambda *_: {})[1]
    told = Method(method.name, "otherwise", method.forecast, is_trained=True)
    keys = [compare.key(*given) for given in ((a_task(), method, "same"), (a_task(), told, "same"))]
    keys += [compare.key(a_task(), method, "longer"), compare.key(a_task(3), method, "same")]
    assert len(set(keys)) == 4


def test_a_model_that_would_take_too_long_is_known_by_some_series(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def statistical(_: Path, __: str, tasks: list[Task]) -> list[PeerForecasts]:
        asked.append([len(task.names) for task in tasks])
        return [PeerForecasts(tasks[0].naive_quantiles(), np.full(len(tasks[0].names), 90.0), np.zeros(2))]

    monkeypatch.setattr(compare_methods, "statistical", statistical)
    model = compare_methods.by_model(Path("python"), "AutoARIMA")
    reason = "would take about 18 minutes by 10 of its 12 series; the limit is 15"
    assert model.forecast(a_task(), 1.0) == {"left_out": reason}
    row = model.forecast(a_task(9), 1.0)
    assert row["cpu_s"] == 810
    assert asked == [[10], [9], [9]]


def test_a_table_of_a_row_a_series_ends_in_empty_cells() -> None:
    task = Task("tourism_q", 4, 2, "QS", ("a", "b"), (np.arange(3.0), np.arange(2.0)), np.zeros((2, 2)))
    made = compare_methods.wide(task)
    assert made.columns.tolist() == ["V1", "V2", "V3", "V4"]
    assert made["V4"].tolist()[0] == 2
    assert np.isnan(made["V4"].tolist()[1])


def test_a_peer_that_forecasts_a_point_has_no_wql(monkeypatch: pytest.MonkeyPatch) -> None:
    task = a_task()
    told: list[str] = []

    def run(command: list[str], folder: str) -> None:
        told.extend(command[2:])
        points = task.naive_quantiles()[..., :1]
        np.savez(Path(folder) / "out.npz", quantiles=points, cpu_s=3.5, steps=9, version="darts 1")

    monkeypatch.setattr(neural_peers, "run", run)
    row = neural_peers.neural(Path("python"), "Darts RNNModel", task, 2.5, 0)
    assert row == {
        "mase": task.score(task.naive_quantiles())["mase"],
        "cpu_s": 3.5,
        "steps": 9,
        "version": "darts 1",
    }
    assert told == ["RNNModel", "in.npz", "out.npz", "--step", "QS", "--seconds", "2.5", "--seed", "0"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--kept"], "--kept: needs --cache"),
        (["--sets", "m4_hourly"], "--only: no data of m4_hourly"),
    ],
)
def test_what_cannot_be_run_is_refused(given: list[str], said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["compare", *given])
    with pytest.raises(SystemExit, match=said):
        compare.main()


def test_a_run_writes_its_page_and_ends_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(compare, "make_tasks", lambda *_: [a_task()])
    every = [Method(NAIVE, "", lambda task, _: task.check()), *methods_that(lambda *_: {"mase": 1.0})]
    monkeypatch.setattr(compare, "methods", lambda *_: every)
    written, _ = rewritten(monkeypatch, tmp_path)
    given = ["--methods", NHITS, "--cache", str(tmp_path / "rows"), "--json"]
    monkeypatch.setattr("sys.argv", ["compare", *given])
    compare.main()
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert [row["method"] for row in last["rows"]] == [NAIVE, FIT, NHITS, NHITS]
    assert page(last) == written.read_text(encoding="utf-8")


SCRIPT = runpy.run_path(str(neural_peers.SCRIPT))  # imports torch and numpy alone


def test_every_peer_of_the_script_is_described() -> None:
    assert set(SCRIPT["PEERS"]) == {peer for peer, _ in NEURAL.values()}


@pytest.mark.parametrize(
    ("given", "length"), [(("h", 24, 48), 168), (("MS", 12, 24), 48), (("MS", 12, 6), 24), (("QS", 4, 8), 16)]
)
def test_a_network_sees_two_horizons_and_two_seasons_or_a_week(
    given: tuple[str, int, int], length: int
) -> None:
    assert SCRIPT["input_length"](*given) == length


class Trainer:
    should_stop = False


def test_the_clock_of_a_training_ends_it_and_counts_its_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([10.0, 10.5, 11.5, 12.5])
    monkeypatch.setattr("time.process_time", lambda: next(times))
    clock, trainer = SCRIPT["Clock"](2.0), Trainer()
    callback = clock.callback(object)
    callback.on_train_start(trainer)
    ended = []
    for _ in range(3):
        callback.on_train_batch_end(trainer)
        ended.append(trainer.should_stop)
    assert ended == [False, False, True]
    assert clock.used == [0.5, 1.5, 2.5]


def test_the_pace_of_a_training_is_without_its_first_steps() -> None:
    slow = SCRIPT["PACE"] // 3
    used = [5.0 * step for step in range(1, slow + 1)]
    used += [used[-1] + 0.5 * step for step in range(1, 5)]
    assert SCRIPT["Clock"](1.0, used).pace() == 0.5
