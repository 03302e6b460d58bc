"""Forecasts on Spark: those of Predictor.forecast, each id once, whatever is split, cut or killed."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import BUNDLE, LENGTH, NAMES, SERIES, Series

from deploy import spark as engine
from deploy.errors import BundleError, ConfigError, UnsortedError

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("seed", [0, 1])
def test_rows_in_any_order_over_any_files_are_each_forecast_once(
    spark: Any, series: Series, tmp_path: Path, seed: int
) -> None:
    random = np.random.default_rng(seed)
    mixed = Series(
        series.rows.take(random.permutation(len(series.rows))), series.ids, series.quantiles, series.months
    )
    mixed.write(tmp_path, sorted(random.choice(len(series.rows), 5, replace=False).tolist()))
    df = spark.read.parquet(str(tmp_path))
    scored = engine.score(df, BUNDLE, **NAMES)
    series.check(scored.toArrow())
    assert engine.score_check(df, scored, BUNDLE, id="item") == SERIES


def whole_files(spark: Any, folder: Path) -> Any:
    """Read files without splitting or joining any."""
    for name in ("maxPartitionBytes", "openCostInBytes"):
        spark.conf.set(f"spark.sql.files.{name}", str(1 << 30))
    return spark.read.parquet(str(folder))


def test_sorted_files_of_whole_series_need_no_shuffle(spark: Any, series: Series, tmp_path: Path) -> None:
    series.write(tmp_path, [40 * LENGTH, 100 * LENGTH])
    scored = engine.score(whole_files(spark, tmp_path), BUNDLE, **NAMES, sorted=True)
    assert "Exchange" not in scored._jdf.queryExecution().executedPlan().toString()
    series.check(scored.toArrow())


def test_a_series_that_comes_back_in_a_partition_raises(spark: Any, series: Series, tmp_path: Path) -> None:
    rows = series.rows.take([*range(LENGTH), *range(2 * LENGTH, 3 * LENGTH), *range(LENGTH // 2)])
    Series(rows, series.ids, series.quantiles, series.months).write(tmp_path, [])
    scored = engine.score(spark.read.parquet(str(tmp_path)), BUNDLE, **NAMES, sorted=True)
    with pytest.raises(Exception, match=r"UnsortedError.*series s000"):
        scored.toArrow()


def test_a_series_that_is_cut_over_two_files_is_found(spark: Any, series: Series, tmp_path: Path) -> None:
    series.write(tmp_path, [40 * LENGTH + 7])
    df = whole_files(spark, tmp_path)
    scored = engine.score(df, BUNDLE, **NAMES, sorted=True)
    with pytest.raises(UnsortedError, match="series s040: found 12 rows of forecasts, expected 6"):
        engine.score_check(df, scored, BUNDLE, id="item")
    series.check(engine.score(df, BUNDLE, **NAMES).toArrow())


def test_a_series_without_a_forecast_is_found(spark: Any, series: Series, tmp_path: Path) -> None:
    series.write(tmp_path, [])
    df = spark.read.parquet(str(tmp_path))
    scored = engine.score(df.filter("item <> 's007'"), BUNDLE, **NAMES)
    with pytest.raises(UnsortedError, match="series s007: found 0 rows of forecasts, expected 6"):
        engine.score_check(df, scored, BUNDLE, id="item")


def test_a_killed_python_worker_changes_nothing(spark: Any, series: Series, tmp_path: Path) -> None:
    series.write(tmp_path, [30 * LENGTH, 60 * LENGTH, 90 * LENGTH])

    def slowly(batches: Iterator[Any]) -> Iterator[Any]:
        for batch in batches:
            for row in range(0, batch.num_rows, 10):
                time.sleep(0.02)
                yield batch.slice(row, 10)

    df = whole_files(spark, tmp_path)
    with engine.without_pandas_warnings():
        slow = df.mapInArrow(slowly, df.schema)
    killed: list[int] = []

    def kill() -> None:
        deadline = time.monotonic() + 60
        while len(killed) < 2 and time.monotonic() < deadline:
            for worker in python_workers():
                os.kill(worker, signal.SIGKILL)
                killed.append(worker)
                break
            time.sleep(1.0)

    killer = threading.Thread(target=kill)
    killer.start()
    found = engine.score(slow, BUNDLE, **NAMES, sorted=True).toArrow()
    is_killing = killer.is_alive()
    killer.join()
    assert killed
    assert not is_killing or len(killed) >= 1
    series.check(found)


def python_workers() -> list[int]:
    """Return the processes that Spark's daemon of Python has forked."""
    daemons: dict[int, int] = {}
    for place in Path("/proc").iterdir():
        if place.name.isdecimal():
            try:
                if b"pyspark.daemon" in (place / "cmdline").read_bytes():
                    daemons[int(place.name)] = int((place / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
    return [process for process, parent in daemons.items() if parent in daemons]


def test_times_are_those_of_the_session_and_come_back_as_they_were(
    spark: Any, series: Series, tmp_path: Path
) -> None:
    from pyspark.sql import functions as F

    series.write(tmp_path, [])
    df = spark.read.parquet(str(tmp_path)).withColumn("month", F.col("month").cast("timestamp"))
    scored = engine.score(df, BUNDLE, **NAMES)
    assert scored.schema["month"].dataType.typeName() == "timestamp"
    series.check(scored.withColumn("month", F.col("month").cast("timestamp_ntz")).toArrow())
    days = engine.score(df.withColumn("month", F.col("month").cast("date")), BUNDLE, **NAMES)
    assert days.schema["month"].dataType.typeName() == "date"
    series.check(days.toArrow())


def test_lists_are_a_row_a_series(spark: Any, series: Series, tmp_path: Path) -> None:
    from pyspark.sql import functions as F

    series.write(tmp_path, [])
    df = (
        spark.read.parquet(str(tmp_path))
        .groupBy("item")
        .agg(F.sort_array(F.collect_list(F.struct("month", "sales"))).alias("rows"))
    )
    lists = df.select("item", F.col("rows.month").alias("month"), F.col("rows.sales").alias("sales"))
    series.check(engine.score(lists, BUNDLE, **NAMES).toArrow())


def test_what_does_not_fit_is_said_before_anything_runs(spark: Any, series: Series, tmp_path: Path) -> None:
    series.write(tmp_path, [])
    df = spark.read.parquet(str(tmp_path))
    with pytest.raises(ConfigError, match='column "shop" is there 0 times among item, month, sales'):
        engine.score(df, BUNDLE, **{**NAMES, "id": "shop"})
    with pytest.raises(ConfigError, match=r"0\.33"):
        engine.score(df, BUNDLE, **NAMES, levels=[0.33])
    with pytest.raises(BundleError, match="no bundle at"):
        engine.score(df, tmp_path / "none", **NAMES)


def test_a_model_is_fitted_for_each_segment_as_the_command_does(
    spark: Any, series: Series, tmp_path: Path
) -> None:
    pytest.importorskip("torch", reason="fits need torch")
    from pyspark.sql import functions as F

    from forecaster.spark import fit_by

    series.write(tmp_path / "rows", [])
    df = spark.read.parquet(str(tmp_path / "rows")).filter("item < 's006'")
    df = df.withColumn("region", F.when(F.col("item") < "s003", "north").otherwise("south/2"))
    df = df.withColumn(
        "sales", F.when((F.col("region") == "north") | (F.col("month") < "2021-04"), F.col("sales"))
    )
    settings = {"hidden_size": 4, "updates": 4, "epochs": 1, "precision": "f32", "start": "random"}
    made = fit_by(df, "region", tmp_path / "runs", settings=settings, horizon=3, context=6, target="sales")
    rows = {row["region"]: row for row in made.collect()}
    assert rows["north"]["error"] is None
    assert (rows["north"]["series"], rows["north"]["mase"] > 0) == (3, True)
    assert "too short" in rows["south/2"]["error"]
    assert (tmp_path / "runs" / "region=north" / "config.json").exists()
