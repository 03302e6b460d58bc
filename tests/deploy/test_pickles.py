"""A Predictor is pickled by its bundle's path and digest, and loaded from there again."""

import copy
import json
import multiprocessing
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from deploy import BundleError, Predictor

HISTORY = [3.0, 4.0, 5.0, 4.0]
CopyBundle = Callable[[], Path]


def forecast(predictor: Predictor) -> bytes:
    return predictor.forecast(HISTORY, 6).quantiles.tobytes()


@pytest.mark.parametrize(
    "again",
    [lambda given: pickle.loads(pickle.dumps(given)), copy.copy, copy.deepcopy],
    ids=["pickle", "copy", "deepcopy"],
)
def test_a_predictor_comes_back_with_all_that_it_was_loaded_with(bundles: Path, again: Callable) -> None:
    predictor = Predictor.load(bundles / "plain", providers=["cpu"], strict=True, max_batch=3)
    found = again(predictor)
    assert forecast(found) == forecast(predictor)
    assert (found.providers, found.max_batch, found.manifest) == (
        predictor.providers,
        3,
        predictor.manifest,
    )


@pytest.mark.slow
def test_another_process_forecasts_the_same(plain: Predictor) -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(forecast, [plain]) == [forecast(plain)]


def test_a_pickle_holds_no_graph(plain: Predictor) -> None:
    assert len(pickle.dumps(plain)) < 1000


def test_the_folder_that_a_predictor_was_loaded_in_does_not_matter(
    copy_bundle: CopyBundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(copy_bundle().parent)
    predictor = Predictor.load("bundle")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    assert forecast(pickle.loads(pickle.dumps(predictor))) == forecast(predictor)


def test_a_bundle_that_is_not_there_is_named(copy_bundle: CopyBundle) -> None:
    folder = copy_bundle()
    data = pickle.dumps(Predictor.load(folder))
    shutil.rmtree(folder)
    with pytest.raises(BundleError) as error:
        pickle.loads(data)
    assert str(error.value) == (
        f"a pickled Predictor is loaded from its bundle's path: no bundle at {folder}: not a folder; "
        "`forecaster export` writes one"
    )


def test_another_bundle_in_its_place_is_refused(
    copy_bundle: CopyBundle, change_manifest: Callable[..., None]
) -> None:
    folder = copy_bundle()
    data = pickle.dumps(Predictor.load(folder))
    before = json.loads((folder / "manifest.json").read_bytes())["digest"]
    change_manifest(folder, lambda manifest: manifest["training"].update(note="another"))
    after = json.loads((folder / "manifest.json").read_bytes())["digest"]
    with pytest.raises(BundleError) as error:
        pickle.loads(data)
    assert str(error.value) == (
        f"{folder} has another bundle than the Predictor that was pickled: found digest {after[:12]}…, "
        f"expected {before[:12]}…; put that bundle there, or load this one by Predictor.load"
    )


def test_a_stream_says_how_it_is_sent(plain: Predictor) -> None:
    for refuse in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match=r"send to_bytes\(\), and continue by Stream.from_bytes"):
            refuse(plain.stream(HISTORY))


def test_a_copy_of_a_stream_is_a_stream_of_its_own(plain: Predictor) -> None:
    stream = plain.stream(HISTORY)
    copied = copy.copy(stream)
    copied.update(7.0)
    assert (len(stream), len(copied)) == (4, 5)


def test_a_forecast_is_pickled_whole(plain: Predictor) -> None:
    found = plain.forecast(HISTORY, 6, last_timestamp=np.datetime64("2020-01-01"))
    again = pickle.loads(pickle.dumps(found))
    assert (again.quantiles == found.quantiles).all()
    assert (again.timestamps == found.timestamps).all()
