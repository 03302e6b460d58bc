"""Series of segments: each by the bundle of its own, in any order, and errors for those without one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deploy import BundleError, Forecast, InputError, Predictor
from deploy.bundle.bundle import MANIFEST, Manifest, digest_of
from deploy.bundle.segments import segment_folder
from deploy.errors import ConfigError

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

from deploy.arrow import Predictors, score_batches  # noqa: E402
from deploy.arrow.files.score_files import ScoreRequest, score_files  # noqa: E402
from deploy.arrow.files.scoring_table import Scoring  # noqa: E402

LENGTHS = (30, 3, 70, 12, 1, 40)
COUNTRIES = ("France", "Spain", "France", "Italy/Rome", "Spain", "France")


class Times:
    """A predictor whose forecasts are those of another, so many times as large."""

    def __init__(self, predictor: Predictor, factor: float) -> None:
        self.manifest: Manifest = predictor.manifest
        self._predictor, self._factor = predictor, factor

    def forecast(self, **given: Any) -> Forecast:
        made = self._predictor.forecast(**given)
        return replace(made, quantiles=made.quantiles * np.float32(self._factor))


@pytest.fixture
def batch(plain: Predictor, make_series: Callable[..., Any], to_batch: Callable[..., Any]) -> Any:
    """Rows of series, with the country of each."""
    series = make_series(plain, LENGTHS)
    rows = to_batch(series)
    of = dict(zip((one.id for one in series), COUNTRIES, strict=True))
    return rows.append_column("country", pa.array([of[name] for name in rows["id"].to_pylist()]))


def test_each_series_is_forecast_by_the_predictor_of_its_segment(plain: Predictor, batch: Any) -> None:
    factors = {("France",): 1, ("Spain",): 2, ("Italy/Rome",): 4}
    of = {key: Times(plain, factor) for key, factor in factors.items()}
    chosen = Predictors(("country",), of)  # type: ignore[arg-type]
    (found,) = score_batches([batch], chosen, id="id")
    (alone,) = score_batches([batch], plain, id="id")
    times = np.repeat([factors[(country,)] for country in COUNTRIES], plain.manifest.horizon)
    assert found.select(["id", "time", "error"]).equals(alone.select(["id", "time", "error"]))
    np.testing.assert_array_equal(found["q0.5"].to_numpy(), alone["q0.5"].to_numpy() * times.astype("f4"))


def test_a_series_of_a_segment_without_a_bundle_is_a_row_with_the_reason(
    plain: Predictor, batch: Any
) -> None:
    chosen = Predictors(("country",), {("France",): plain}, Path("runs"))
    (found,) = score_batches([batch], chosen, id="id")
    (alone,) = score_batches([batch], plain, id="id")
    errors = found["error"].to_pylist()[:: plain.manifest.horizon]
    expected = [None if one == "France" else f"no bundle of country={one} in runs" for one in COUNTRIES]
    assert errors == expected
    has_bundle = np.repeat([one == "France" for one in COUNTRIES], plain.manifest.horizon)
    assert found.filter(pa.array(has_bundle)).equals(alone.filter(pa.array(has_bundle)))
    assert found["q0.5"].null_count == (~has_bundle).sum()


def test_it_raises_where_errors_are_to_raise(plain: Predictor, batch: Any) -> None:
    chosen = Predictors(("country",), {("France",): plain}, Path("runs"))
    with pytest.raises(InputError, match=r"^series series 1: no bundle of country=Spain in runs$"):
        list(score_batches([batch], chosen, id="id", on_error="raise"))


def test_a_missing_segment_is_called_by_the_empty_text(plain: Predictor, batch: Any) -> None:
    rows = batch.drop_columns(["country"]).append_column("country", pa.nulls(len(batch), pa.string()))
    (found,) = score_batches([rows], Predictors(("country",), {("",): plain}), id="id")
    assert found.equals(next(iter(score_batches([batch], plain, id="id"))))


def test_data_without_the_column_are_refused(plain: Predictor, batch: Any) -> None:
    chosen = Predictors(("region",), {("North",): plain})
    with pytest.raises(ConfigError, match=r'^no column "region" among id, time, '):
        list(score_batches([batch], chosen, id="id"))


@pytest.fixture
def runs(bundles: Path, tmp_path: Path) -> Path:
    """A bundle for two countries of three."""
    for country in ("France", "Italy/Rome"):
        shutil.copytree(
            bundles / "plain", segment_folder(tmp_path / "runs", ["country"], (country,)) / "bundle"
        )
    return tmp_path / "runs"


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_files_are_scored_by_the_bundles_of_a_folder(
    runs: Path, plain: Predictor, batch: Any, tmp_path: Path, workers: int
) -> None:
    """Spain has none; its series are errors and counted as such."""
    (tmp_path / "in").mkdir()
    begins = np.flatnonzero(np.array(batch["id"].to_pylist()) == "series 3")[0]
    for number, part in enumerate((batch.slice(0, begins), batch.slice(begins))):
        pq.write_table(pa.Table.from_batches([part]), tmp_path / "in" / f"{number}.parquet")
    request = ScoreRequest(tmp_path / "in", tmp_path / "out", runs, Scoring(ids=("id",)), workers=workers)
    receipt = score_files(request)
    assert receipt is not None
    assert (receipt.ids_out, receipt.errors) == (len(LENGTHS), COUNTRIES.count("Spain"))
    found = pa.concat_tables([pq.read_table(path) for path in sorted((tmp_path / "out").glob("*.parquet"))])
    (alone,) = score_batches([batch], plain, id="id")
    is_good = pa.array(np.repeat([one != "Spain" for one in COUNTRIES], plain.manifest.horizon))
    expected = pa.Table.from_batches([alone.filter(is_good)])
    assert found.filter(is_good).combine_chunks().equals(expected.cast(found.schema).combine_chunks())


def changed(bundle: Path, **changes: Any) -> None:
    """Write other facts into a manifest, with the digest that it then has."""
    content = {**json.loads((bundle / MANIFEST).read_text()), **changes}
    content.pop("digest")
    content["digest"] = digest_of(content)
    (bundle / MANIFEST).write_text(json.dumps(content))


def test_bundles_that_forecast_different_steps_need_a_horizon(runs: Path) -> None:
    changed(runs / "country=France" / "bundle", horizon=5)
    chosen = Predictors.load(runs)
    with pytest.raises(ConfigError, match=r"runs forecast 5 and 6 steps; name a horizon for all of them$"):
        chosen.horizon(None)
    assert chosen.horizon(7) == 7


def test_bundles_that_take_other_columns_are_refused(runs: Path) -> None:
    manifest = json.loads((runs / "country=France" / "bundle" / MANIFEST).read_text())
    columns = {**manifest["columns"], "targets": ["sold"]}
    changed(runs / "country=Italy%2FRome" / "bundle", columns=columns)
    with pytest.raises(ConfigError, match=r"their columns \(targets\) differ: .* of country=France, .*sold"):
        Predictors.load(runs)


def test_a_run_that_was_not_exported_is_named(runs: Path) -> None:
    shutil.rmtree(runs / "country=France" / "bundle")
    with pytest.raises(BundleError, match=r"^no bundle in .*country=France; `forecaster export "):
        Predictors.load(runs)
