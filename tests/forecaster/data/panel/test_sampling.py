"""A sample of series is the same in any order of rows, and holds every kind of series in its share."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from untrained import make_panel

from deploy.errors import ConfigError
from forecaster.data import Panel
from forecaster.data.panel import panel as panel_module
from forecaster.data.panel.panel import take_series
from forecaster.data.panel.sampling import hash_ids, sample_series
from forecaster.workflows import preparation


def many(count: int, kinds: list[int]) -> Panel:
    """Series of 3 to 9 values. kinds: the code of the category of each."""
    panel = make_panel([3 + number % 7 for number in range(count)])
    return replace(panel, categories=np.array(kinds)[:, None], vocabularies=(("a", "b", "c"),))


def test_the_order_of_the_series_changes_nothing() -> None:
    panel = many(100, [1 + number % 3 for number in range(100)])
    found = sample_series(panel, 20)
    again = sample_series(take_series(panel, np.random.default_rng(0).permutation(100)), 20)
    assert found.ids == again.ids
    np.testing.assert_array_equal(found.values, again.values)


def test_each_kind_has_its_share_and_a_rare_one_is_there() -> None:
    kinds = [1] * 70 + [2] * 29 + [3]
    found = sample_series(many(100, kinds), 20)
    assert np.bincount(found.categories[:, 0], minlength=4).tolist() == [0, 13, 6, 1]


def test_a_sample_holds_whole_series(monkeypatch: pytest.MonkeyPatch) -> None:
    panel = many(100, [1] * 100)
    monkeypatch.setattr(panel_module, "BLOCK_ROWS", 16)
    found = sample_series(panel, 30)
    number = {id_: series for series, id_ in enumerate(panel.ids)}
    for series, id_ in enumerate(found.ids):
        own, theirs = (
            part.values[part.offsets[at] : part.offsets[at + 1]]
            for part, at in ((found, series), (panel, number[id_]))
        )
        np.testing.assert_array_equal(own, theirs)


def test_of_few_series_all_stay_as_they_are() -> None:
    panel = many(10, [1] * 10)
    assert sample_series(panel, 10) is panel


def test_hashes_are_those_of_every_machine() -> None:
    assert hash_ids([("a",), ("a", "b")]).tolist() == [4681665781835383343, 18429100309458631331]


def test_a_fit_says_how_many_series_it_takes(caplog: pytest.LogCaptureFixture) -> None:
    found = preparation.sampled(many(100, [1] * 100), 20)
    assert found.series_count == 20
    assert "the fit takes 20 of 100 series, drawn by their ids" in caplog.text


def test_many_values_of_many_series_say_what_is_enough(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = many(100, [1] * 100)
    assert preparation.sampled(panel, None) is panel
    assert caplog.text == ""
    monkeypatch.setattr(preparation, "MANY_VALUES", 50)
    monkeypatch.setattr(preparation, "ENOUGH_SERIES", 40)
    assert preparation.sampled(panel, None) is panel
    assert "values are more than a fit looks at; sample=40 takes as many series" in caplog.text


def test_a_run_records_its_sample_and_repeats_it() -> None:
    frame = pd.DataFrame({"id": np.repeat([f"s{n}" for n in range(30)], 60), "t": np.tile(np.arange(60), 30)})
    frame["y"] = np.sin(frame.t) + 10
    settings = {"data": {}, "model": {}, "train": {"sample": 20, "start": "random"}}
    found = preparation.prepare(frame, settings)
    assert (found.panel.series_count, found.config.train.sample) == (20, 20)
    again = preparation.prepare(frame.sample(frac=1, random_state=0), settings)
    assert again.sha256 == found.sha256


@pytest.mark.parametrize("asked", [0, "many", 2.5])
def test_a_sample_is_a_number_of_series(asked: object) -> None:
    frame = pd.DataFrame({"t": np.arange(60), "y": np.sin(np.arange(60))})
    with pytest.raises(ConfigError, match="sample"):
        preparation.prepare(frame, {"data": {}, "model": {}, "train": {"sample": asked}})
