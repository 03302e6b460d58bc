"""Files of series scored: each id once, bit-equal, however files are split and whatever dies on the way."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partialmethod
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import deploy
from deploy import InputError, Predictor, UnsortedError
from deploy.errors import ConfigError, DataError, ForecasterError

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

from deploy.__main__ import main  # noqa: E402
from deploy.arrow.files import parts, sorting, twice, workers  # noqa: E402
from deploy.arrow.files.score_files import Receipt, ScoreRequest, score_files  # noqa: E402
from deploy.arrow.files.scoring_table import Scoring  # noqa: E402

pytestmark = pytest.mark.slow
LENGTHS = (30, 3, 70, 12, 40, 8, 25)
Series = list[Any]


@pytest.fixture
def bundle(bundles: Path) -> Path:
    return bundles / "plain"


@pytest.fixture
def series(plain: Predictor, make_series: Callable[..., Series]) -> Series:
    return make_series(plain, LENGTHS)


@pytest.fixture
def request_of(bundle: Path, tmp_path: Path) -> Callable[..., ScoreRequest]:
    """request_of(data, series=100, **changes): the request for a file or a folder, with small parts."""

    def make(data: Path, series: int = 100, **changes: Any) -> ScoreRequest:
        scoring = Scoring(ids=("id",), series=series)
        return ScoreRequest(data, changes.pop("output", tmp_path / "out"), bundle, scoring, **changes)

    return make


def read(output: Path) -> Any:
    """All parts, in the order of their names."""
    return pa.concat_tables([pq.read_table(path) for path in sorted(output.glob("*.parquet"))])


def check(found: Any, expected: dict[str, Any], horizon: int) -> None:
    """Hold rows against the forecasts of each series alone, whatever their order."""
    ids = found["id"].to_pylist()[::horizon]
    assert sorted(ids) == sorted(expected)
    names = [name for name in found.schema.names if name.startswith("q")]
    values = np.stack([found[name].to_numpy() for name in names], axis=1).reshape(len(ids), horizon, -1)
    for number, name in enumerate(ids):
        np.testing.assert_array_equal(values[number], expected[name])


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(borders=st.lists(st.integers(1, len(LENGTHS) - 1), max_size=4, unique=True), part=st.integers(1, 4))
def test_each_series_is_forecast_once_however_files_are_split(
    borders: list[int],
    part: int,
    series: Series,
    plain: Predictor,
    to_batch: Callable[..., Any],
    expect: Callable[..., Any],
    request_of: Callable[..., ScoreRequest],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder, output = tmp_path_factory.mktemp("in"), tmp_path_factory.mktemp("out")
    ends = [0, *sorted(borders), len(series)]
    for number, end in enumerate(ends[1:]):
        batch = to_batch(series[ends[number] : end])
        pq.write_table(pa.Table.from_batches([batch]), folder / f"{number}.parquet", row_group_size=17)
    receipt = score_files(request_of(folder, part, output=output))
    assert receipt is not None
    assert (receipt.ids_in, receipt.ids_out, receipt.errors) == (len(series), len(series), 0)
    assert [entry["ids"] for entry in receipt.inputs] == np.diff(ends).tolist()
    check(read(output), expect(plain, series), plain.manifest.horizon)
    assert json.loads((output / "_score.json").read_text())["ids_out"] == len(series)


KILLED = """
import os, signal, sys
from pathlib import Path
from deploy.arrow.files import parts
from deploy.arrow.files.score_files import ScoreRequest, score_files
from deploy.arrow.files.scoring_table import Scoring
data, output, bundle, count, when = sys.argv[1:]
finish, made = parts.PartWriter.finish, []
def killed(self, *, is_last):
    if when == "before" and len(made) == int(count):
        os.kill(os.getpid(), signal.SIGKILL)
    finish(self, is_last=is_last)
    made.append(self)
    if when == "after" and len(made) == int(count):
        os.kill(os.getpid(), signal.SIGKILL)
parts.PartWriter.finish = killed
score_files(ScoreRequest(Path(data), Path(output), Path(bundle), Scoring(ids=("id",), series=2)))
"""


@pytest.mark.parametrize(("count", "when"), [(0, "before"), (2, "before"), (1, "after"), (4, "after")])
def test_a_command_that_was_killed_continues_after_its_parts(
    count: int,
    when: str,
    series: Series,
    plain: Predictor,
    to_batch: Callable[..., Any],
    expect: Callable[..., Any],
    request_of: Callable[..., ScoreRequest],
    tmp_path: Path,
) -> None:
    pq.write_table(pa.Table.from_batches([to_batch(series)]), tmp_path / "in.parquet", row_group_size=17)
    request = request_of(tmp_path / "in.parquet", 2)
    command = [sys.executable, "-c", KILLED, str(request.data), str(request.output), str(request.bundle)]
    done = subprocess.run([*command, str(count), when], cwd=Path(deploy.__file__).parents[1], check=False)
    assert done.returncode == -signal.SIGKILL
    there = {path: path.stat().st_mtime_ns for path in request.output.glob("*.parquet")}
    assert len(there) == count
    assert not (request.output / "_score.json").exists()
    receipt = score_files(request)
    assert receipt is not None
    assert receipt.ids_out == len(series)
    assert {path: path.stat().st_mtime_ns for path in there} == there, "a finished part was made again"
    check(read(request.output), expect(plain, series), plain.manifest.horizon)
    assert sorted(path.name for path in request.output.iterdir()) == [
        "_score.json",
        *(f"in.{number:05}.parquet" for number in range(4)),
    ]


def write_files(folder: Path, series: Series, to_batch: Callable[..., Any]) -> Path:
    """A file for each series."""
    folder.mkdir()
    for number, one in enumerate(series):
        pq.write_table(pa.Table.from_batches([to_batch([one])]), folder / f"{number}.parquet")
    return folder


def test_a_process_that_is_killed_is_replaced(
    series: Series,
    plain: Predictor,
    to_batch: Callable[..., Any],
    expect: Callable[..., Any],
    request_of: Callable[..., ScoreRequest],
    tmp_path: Path,
) -> None:
    killed: list[int] = []

    def kill_one(_size: float, _series: int) -> None:
        for process in multiprocessing.active_children()[:1]:
            if len(killed) < 2:
                os.kill(process.pid, signal.SIGKILL)
                killed.append(process.pid)

    folder = write_files(tmp_path / "in", series, to_batch)
    receipt = score_files(request_of(folder, workers=2), kill_one)
    assert len(killed) == 2
    assert receipt is not None
    assert receipt.ids_out == len(series)
    check(read(tmp_path / "out"), expect(plain, series), plain.manifest.horizon)


def test_processes_that_die_again_and_again_are_an_error(
    series: Series,
    to_batch: Callable[..., Any],
    request_of: Callable[..., ScoreRequest],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workers, "LOOK", 0.01)

    def kill_all(_size: float, _series: int) -> None:
        for process in multiprocessing.active_children():
            process.kill()

    folder = write_files(tmp_path / "in", series, to_batch)
    with pytest.raises(ForecasterError, match=r"died 3 times without finishing a part of 0\.parquet"):
        score_files(request_of(folder, workers=2), kill_all)


def test_an_error_in_a_process_ends_the_others(
    series: Series, to_batch: Callable[..., Any], request_of: Callable[..., ScoreRequest], tmp_path: Path
) -> None:
    folder = write_files(tmp_path / "in", series, to_batch)
    (folder / "3.parquet").write_bytes(b"no Parquet")
    with pytest.raises(DataError, match=r"3\.parquet cannot be read"):
        score_files(request_of(folder, workers=2))


def test_shares_of_the_files_are_jobs_and_the_last_signs(
    series: Series,
    plain: Predictor,
    to_batch: Callable[..., Any],
    expect: Callable[..., Any],
    request_of: Callable[..., ScoreRequest],
    tmp_path: Path,
) -> None:
    folder = write_files(tmp_path / "in", series, to_batch)
    for number in (2, 1):
        assert score_files(request_of(folder, part=(number, 3))) is None
        assert not (tmp_path / "out" / "_score.json").exists()
    receipt = score_files(request_of(folder, part=(3, 3)))
    assert isinstance(receipt, Receipt)
    assert [entry["file"] for entry in receipt.inputs] == [f"{number}.parquet" for number in range(7)]
    check(read(tmp_path / "out"), expect(plain, series), plain.manifest.horizon)


@pytest.mark.parametrize("ids", [2, 1 << 20])
def test_a_series_that_is_cut_by_a_border_of_files_raises(
    ids: int,
    series: Series,
    to_batch: Callable[..., Any],
    request_of: Callable[..., ScoreRequest],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(twice, "IDS", ids)
    batch = to_batch(series)
    folder = tmp_path / "in"
    folder.mkdir()
    pq.write_table(pa.Table.from_batches([batch.slice(0, 60)]), folder / "a.parquet")
    pq.write_table(pa.Table.from_batches([batch.slice(60)]), folder / "b.parquet")
    name = batch["id"][60].as_py()
    assert batch["id"][59].as_py() == name
    with pytest.raises(UnsortedError, match=f"series {name} is in a.parquet and b.parquet"):
        score_files(request_of(folder, 2))
    assert not (tmp_path / "out" / "_score.json").exists()


def test_rows_in_any_order_raise_with_a_hint_and_are_sorted_where_asked(
    series: Series,
    plain: Predictor,
    to_batch: Callable[..., Any],
    expect: Callable[..., Any],
    request_of: Callable[..., ScoreRequest],
    tmp_path: Path,
) -> None:
    batch = to_batch(series)
    mixed = pa.Table.from_batches([batch]).take(np.random.default_rng(0).permutation(batch.num_rows))
    folder = tmp_path / "in"
    folder.mkdir()
    pq.write_table(mixed.slice(0, 100), folder / "a.parquet")
    pq.write_table(mixed.slice(100), folder / "b.parquet")
    with pytest.raises(UnsortedError, match=r"a\.parquet: series .* or let --sort do it"):
        score_files(request_of(folder, output=tmp_path / "none"))
    receipt = score_files(request_of(folder, 3, sort=True))
    assert receipt is not None
    assert receipt.ids_out == len(series)
    found = read(tmp_path / "out")
    assert found["id"].to_pylist() == sorted(found["id"].to_pylist())
    assert found.schema.field("time").type == pq.read_schema(folder / "a.parquet").field("time").type
    check(found, expect(plain, series), plain.manifest.horizon)
    assert sorted(path.name for path in (tmp_path / "out").iterdir())[:2] == [
        "_score.json",
        "sorted.00000.parquet",
    ]


def test_parts_of_another_bundle_of_other_options_or_of_a_changed_file_are_not_mixed(
    series: Series,
    to_batch: Callable[..., Any],
    request_of: Callable[..., ScoreRequest],
    tmp_path: Path,
) -> None:
    data = tmp_path / "in.parquet"
    pq.write_table(pa.Table.from_batches([to_batch(series)]), data)
    score_files(request_of(data))
    with pytest.raises(ConfigError, match="of another bundle, or of other options; remove"):
        score_files(request_of(data, 3))
    pq.write_table(pa.Table.from_batches([to_batch(series[:2])]), data)
    with pytest.raises(ConfigError, match=r"of in\.parquet as it was before it changed; remove"):
        score_files(request_of(data))
    other = data.rename(tmp_path / "other.parquet")
    with pytest.raises(ConfigError, match=r"of in\.parquet, which is not there; remove"):
        score_files(request_of(other))
    (tmp_path / "full").mkdir()
    other.rename(tmp_path / "full" / "mine.parquet")
    with pytest.raises(ConfigError, match=r"mine\.parquet is no part that score has written"):
        score_files(request_of(write_files(tmp_path / "in", series, to_batch), output=tmp_path / "full"))


def test_judged_values_are_in_the_parts_and_a_command_continues_after_these(
    series: Series,
    to_batch: Callable[..., Any],
    request_of: Callable[..., ScoreRequest],
    tmp_path: Path,
) -> None:
    series[2].columns["y"][69] = np.inf  # which is no value, and without a forecast
    series[5].columns["y"][2] = np.inf  # nor is a forecast of its last values possible
    data = tmp_path / "in.parquet"
    pq.write_table(pa.Table.from_batches([to_batch(series)]), data)
    request = request_of(data, 2)
    request = replace(request, scoring=replace(request.scoring, anomalies=3))
    receipt = score_files(request)
    assert receipt is not None
    assert (receipt.ids_out, receipt.errors) == (len(series), 2)
    whole = {path.name: path.read_bytes() for path in request.output.glob("*.parquet")}
    assert len(whole) == 4
    for left in [*whole][2:]:
        (request.output / left).unlink()
    (request.output / "_score.json").unlink()
    assert score_files(request) == receipt
    assert {path.name: path.read_bytes() for path in request.output.glob("*.parquet")} == whole
    assert read(request.output)["anomaly"].null_count < len(read(request.output))
    with pytest.raises(ConfigError, match="of other options"):
        score_files(replace(request, scoring=replace(request.scoring, anomalies=0)))


def test_columns_that_folders_name_are_ids(
    series: Series, to_batch: Callable[..., Any], bundle: Path, tmp_path: Path
) -> None:
    for number, one in enumerate(series):
        folder = tmp_path / "in" / f"store=s {number}"
        folder.mkdir(parents=True)
        pq.write_table(pa.Table.from_batches([to_batch([one]).drop_columns("id")]), folder / "0.parquet")
    receipt = score_files(
        ScoreRequest(tmp_path / "in", tmp_path / "out", bundle, Scoring(ids=("store",), levels=(0.5,)))
    )
    assert receipt is not None
    assert receipt.ids_out == len(series)
    assert set(read(tmp_path / "out")["store"].to_pylist()) == {f"s {number}" for number in range(7)}


def rows_as_csv(batch: Any, delimiter: str, decimal: str, form: str) -> str:
    lines: Iterable[str] = (
        delimiter.join((f"00{id_}", time.strftime(form), "" if y is None else f"{y!r}".replace(".", decimal)))
        for id_, time, y in zip(
            *(batch[name].to_pylist() for name in ("id", "time", "y")),
            strict=True,
        )
    )
    return "\n".join([delimiter.join(("id", "time", "y")), *lines]).replace("nan", "") + "\n"


def test_a_csv_is_scored_and_ids_stay_texts(
    series: Series,
    plain: Predictor,
    to_batch: Callable[..., Any],
    expect: Callable[..., Any],
    request_of: Callable[..., ScoreRequest],
    tmp_path: Path,
) -> None:
    data = tmp_path / "in.csv"
    data.write_text(rows_as_csv(to_batch(series), ";", ".", "%Y-%m-%d"))
    receipt = score_files(request_of(data, 3))
    assert receipt is not None
    found = read(tmp_path / "out")
    assert found["time"].to_pylist()[0].count("-") == 2
    expected = {f"00{name}": forecast for name, forecast in expect(plain, series).items()}
    check(found, expected, plain.manifest.horizon)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"part": (0, 2)}, "--part: expected I/N with I from 1 to N, found 0/2"),
        ({"workers": 0}, "--workers: expected a number of processes from 1, found 0"),
        ({"sort": True, "part": (1, 2)}, "leave out --part"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    request_of: Callable[..., ScoreRequest], tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        score_files(request_of(tmp_path / "in.parquet", **changes))


def test_places_that_do_not_do_are_refused(
    request_of: Callable[..., ScoreRequest], tmp_path: Path, series: Series, to_batch: Callable[..., Any]
) -> None:
    with pytest.raises(DataError, match="no such file or folder"):
        score_files(request_of(tmp_path / "none.parquet"))
    folder = write_files(tmp_path / "in", series, to_batch)
    with pytest.raises(ConfigError, match="lie in one another; choose another OUTPUT"):
        score_files(request_of(folder, output=folder / "out"))
    with pytest.raises(ConfigError, match="is no folder; choose another OUTPUT"):
        score_files(request_of(folder, output=folder / "0.parquet"))


def test_a_file_without_rows_gives_a_part_without_rows(
    request_of: Callable[..., ScoreRequest], tmp_path: Path, series: Series, to_batch: Callable[..., Any]
) -> None:
    pq.write_table(pa.Table.from_batches([to_batch(series).slice(0, 0)]), tmp_path / "in.parquet")
    receipt = score_files(request_of(tmp_path / "in.parquet"))
    assert receipt is not None
    assert receipt.ids_out == 0
    assert read(tmp_path / "out").num_rows == 0


def test_ctrl_c_keeps_the_parts_that_are_finished(
    series: Series,
    bundle: Path,
    to_batch: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    pq.write_table(pa.Table.from_batches([to_batch(series)]), tmp_path / "data.parquet")
    output, finish = tmp_path / "out", parts.PartWriter.finish

    def interrupted(part: parts.PartWriter, *, is_last: bool) -> None:
        finish(part, is_last=is_last)
        raise KeyboardInterrupt

    monkeypatch.setattr(parts.PartWriter, "finish", interrupted)
    monkeypatch.setattr(Scoring, "__init__", partialmethod(Scoring.__init__, series=3))
    command = ["score", str(tmp_path / "data.parquet"), str(output), "--bundle", str(bundle), "--id", "id"]
    assert main(command) == 130
    assert [path.name for path in output.iterdir()] == ["data.00000.parquet"]
    monkeypatch.setattr(parts.PartWriter, "finish", finish)
    assert main(command) == 0
    assert len(read(output)) == len(series) * 6
    said = capfd.readouterr()
    assert (said.err, said.out) == ("", f"{output}: 7 series in 3 files\n")


def write_mixed(batch: Any, path: Path) -> Any:
    """Write rows in another order; return them as they were written."""
    mixed = pa.Table.from_batches([batch]).take(np.random.default_rng(0).permutation(batch.num_rows))
    pq.write_table(mixed, path, row_group_size=17)
    return mixed


def test_rows_are_sorted_through_many_buckets_and_batches(
    series: Series,
    plain: Predictor,
    to_batch: Callable[..., Any],
    expect: Callable[..., Any],
    request_of: Callable[..., ScoreRequest],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_mixed(to_batch(series), tmp_path / "data.parquet")
    left = tmp_path / "out" / ".sorting" / "1.arrow"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"of a command that was killed")
    monkeypatch.setattr(sorting, "ROWS", 5)
    monkeypatch.setattr(sorting, "ROWS_OF_A_BUCKET", 50)
    receipt = score_files(request_of(tmp_path / "data.parquet", sort=True))
    assert receipt is not None
    assert receipt.ids_out == len(series)
    check(read(tmp_path / "out"), expect(plain, series), plain.manifest.horizon)
    assert not left.parent.exists()


@pytest.mark.parametrize("kind", ["int32", "int64", "dictionary"])
def test_sorted_ids_of_any_type_come_out_as_they_came_in(
    kind: str,
    series: Series,
    plain: Predictor,
    to_batch: Callable[..., Any],
    expect: Callable[..., Any],
    request_of: Callable[..., ScoreRequest],
    tmp_path: Path,
) -> None:
    batch = to_batch(series)
    numbers = [int(text.removeprefix("series ")) * 1000 - 2000 for text in batch["id"].to_pylist()]
    ids = batch["id"].dictionary_encode() if kind == "dictionary" else pa.array(numbers, kind)
    (tmp_path / "in").mkdir()
    mixed = write_mixed(batch.set_column(0, "id", ids), tmp_path / "in" / "0.parquet")
    again = batch.set_column(0, "id", ids if kind == "dictionary" else ids.cast("int64"))
    pq.write_table(pa.Table.from_batches([again.slice(0, 0)]), tmp_path / "in" / "1.parquet")
    score_files(request_of(tmp_path / "in", sort=True))
    found = read(tmp_path / "out")
    assert found["id"].type == (pa.string() if kind == "dictionary" else mixed["id"].type)
    assert found["id"].to_pylist() == sorted(found["id"].to_pylist())
    if kind != "dictionary":
        expected = {n * 1000 - 2000: one for n, one in enumerate(expect(plain, series).values())}
        check(found, expected, plain.manifest.horizon)


def test_rows_that_cannot_be_sorted_are_an_error(
    series: Series, to_batch: Callable[..., Any], request_of: Callable[..., ScoreRequest], tmp_path: Path
) -> None:
    batch = to_batch(series)
    no_id = batch.set_column(0, "id", pa.array([None, *batch["id"].to_pylist()[1:]]))
    pq.write_table(pa.Table.from_batches([no_id]), tmp_path / "data.parquet")
    with pytest.raises(InputError, match='column "id": an id is null'):
        score_files(request_of(tmp_path / "data.parquet", sort=True))
    folder = tmp_path / "in"
    folder.mkdir()
    pq.write_table(pa.Table.from_batches([batch]), folder / "0.parquet")
    pq.write_table(pa.table({"id": ["a"], "time": ["soon"], "y": [1.0]}), folder / "1.parquet")
    with pytest.raises(DataError, match=r"the rows cannot be sorted: .*soon"):
        score_files(request_of(folder, sort=True, output=tmp_path / "none"))
    assert not list((tmp_path / "none").iterdir())


@pytest.mark.parametrize(
    ("text", "size"), [("400MB", 400 * 10**6), ("1.5 GiB", 3 << 29), ("64kb", 64000), ("12B", 12)]
)
def test_memory_is_a_size(text: str, size: int) -> None:
    assert sorting.bytes_of(text) == size


@pytest.mark.parametrize("text", ["", "400", "MB", "-1MB", "4 parsecs"])
def test_a_memory_that_is_none_is_refused(
    text: str,
    series: Series,
    to_batch: Callable[..., Any],
    request_of: Callable[..., ScoreRequest],
    tmp_path: Path,
) -> None:
    pq.write_table(pa.Table.from_batches([to_batch(series)]), tmp_path / "data.parquet")
    with pytest.raises(ConfigError, match="--memory: expected a size such as 400MB"):
        score_files(request_of(tmp_path / "data.parquet", sort=True, memory=text))
