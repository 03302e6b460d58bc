"""Forecasts on Ray: those of Predictor.forecast, each id once, whatever is split, cut or killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import BUNDLE, LENGTH, NAMES, SERIES, Series

from deploy.ray import ScoreFiles, Seen, seen_once

pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings("default")]  # those of Ray are its own


def scored(ray: Any, paths: list[Path], actor: type = ScoreFiles, **more: Any) -> Any:
    """Return the forecasts of files as one table of Arrow."""
    import pyarrow as pa

    files = ray.data.from_items([{"path": str(path)} for path in paths], override_num_blocks=len(paths))
    made = files.map_batches(
        actor,
        fn_constructor_kwargs={"bundle": str(BUNDLE), "seen": seen_once(), **NAMES, **more},
        batch_size=1,
        num_cpus=1,
        concurrency=(1, 2),
    )
    return pa.concat_tables([ray.get(block) for block in made.to_arrow_refs()])


@pytest.mark.parametrize("seed", [0, 1])
def test_files_of_whole_series_are_each_forecast_once(
    ray: Any, series: Series, tmp_path: Path, seed: int
) -> None:
    cuts = np.random.default_rng(seed).choice(np.arange(1, SERIES), 6, replace=False) * LENGTH
    series.check(scored(ray, series.write(tmp_path, sorted(cuts.tolist()))))


def test_a_series_that_is_cut_over_two_files_raises(ray: Any, series: Series, tmp_path: Path) -> None:
    paths = series.write(tmp_path, [40 * LENGTH + 7])
    with pytest.raises(Exception, match=r"series s040 is in .*00.\.parquet and in .*00.\.parquet"):
        scored(ray, paths)


def test_a_series_that_comes_back_in_a_file_raises(ray: Any, series: Series, tmp_path: Path) -> None:
    rows = series.rows.take([*range(2 * LENGTH), *range(LENGTH // 2)])
    paths = Series(rows, series.ids, series.quantiles, series.months).write(tmp_path, [])
    with pytest.raises(Exception, match="series s000 returns after another one"):
        scored(ray, paths)


class Dying(ScoreFiles):
    """Is killed once, in the middle of its first file."""

    def __init__(self, *args: Any, mark: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._mark = Path(mark)

    def __call__(self, batch: Any) -> Iterator[Any]:
        for table in super().__call__(batch):
            yield table
            if not self._mark.exists():
                self._mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)


def test_a_killed_actor_changes_nothing(ray: Any, series: Series, tmp_path: Path) -> None:
    paths = series.write(tmp_path / "rows", [30 * LENGTH, 60 * LENGTH, 90 * LENGTH])
    mark = tmp_path / "killed"
    series.check(scored(ray, paths, Dying, mark=str(mark)))
    assert mark.exists()


def test_a_file_that_cannot_be_read_is_named(ray: Any, tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    path.write_text("no parquet")
    with pytest.raises(Exception, match=f"{path} cannot be read"):
        scored(ray, [path])


def test_ids_of_files_in_any_order_are_told_apart() -> None:
    seen, random = Seen(), np.random.default_rng(0)
    hashes = random.permutation(np.arange(1000, dtype=np.uint64)).reshape(20, 50)
    for _ in range(2):  # a file again, as a whole or a part of it
        for number, part in enumerate(hashes):
            assert seen.add(f"f{number}", part) is None
            assert seen.add(f"f{number}", part[:7]) is None
    for number, part in enumerate(hashes):
        other = np.array([5000 + number, part[3]], dtype=np.uint64)
        assert seen.add("new", other) == (1, f"f{number}")
