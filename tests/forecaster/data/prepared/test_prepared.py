"""A prepared panel is the one that reading at once gives, in any order of rows and in parts of any size."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from deploy.columns import Columns
from deploy.errors import ConfigError, DataError
from forecaster.config import Asked
from forecaster.data import Panel, read_data, read_for_model
from forecaster.data import in_parts as in_parts_module
from forecaster.data.columns import AskedByModel
from forecaster.data.in_parts import prepare_panel
from forecaster.data.prepared import lines_by_key, whole_series
from forecaster.data.prepared.memory_map import TYPES, digest_of_prepared, open_prepared

ARRAYS = tuple(TYPES)


@pytest.fixture(autouse=True)
def parts(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Cut files of any size, into parts of some series; returns the rows of each part that was read."""
    monkeypatch.setattr(in_parts_module, "AT_ONCE", 0)
    monkeypatch.setattr(whole_series, "PART_ROWS", 300)
    monkeypatch.setattr(whole_series, "SAMPLE_ROWS", 300)
    monkeypatch.setattr(lines_by_key, "BLOCK", 5000)
    monkeypatch.setattr(in_parts_module, "PIECES", 6)
    monkeypatch.setattr(in_parts_module, "PIECE_BYTES", 1500)
    found: list[int] = []
    read = in_parts_module.read_source

    def counted(*given: object) -> Panel:
        panel = read(*given)  # type: ignore[arg-type]
        found.append(len(panel.values))
        return panel

    monkeypatch.setattr(in_parts_module, "read_source", counted)
    return found


def table() -> pd.DataFrame:
    """Twelve shops in two regions, some of whose ids are the same, with gaps and a promotion known ahead."""
    generator = np.random.default_rng(0)
    frames = []
    for number in range(12):
        length = int(generator.integers(60, 120))
        sales = generator.gamma(2, 10, length).round(2)
        sales[generator.random(length) < 0.1] = np.nan
        sales[-3:] = np.nan
        frames.append(
            pd.DataFrame(
                {
                    "region": "NS"[number % 2],
                    "shop": f"{number // 2:03d}",
                    "kind": f'say "{number % 3}",\nplease',
                    "day": pd.date_range("2024-01-01", periods=length).strftime("%Y-%m-%d"),
                    "sales": sales,
                    "promo": generator.integers(0, 2, length),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def assert_same(found: Panel, expected: Panel) -> None:
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), err_msg=name)
        assert getattr(found, name).dtype == getattr(expected, name).dtype, name
    for name in ("ids", "columns", "step", "vocabularies", "spread", "reasons"):
        assert getattr(found, name) == getattr(expected, name), name


ORDERS = {
    "by series": lambda frame: frame,
    "by time": lambda frame: frame.sort_values(["day", "region", "shop"]),
    "shuffled": lambda frame: frame.sample(frac=1, random_state=0),
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize("named", [True, False])
def test_a_file_in_any_order_is_the_panel_that_is_read_at_once(
    tmp_path: Path, order: object, named: bool, parts: list[int]
) -> None:
    path = tmp_path / "data.csv"
    frame = table()
    if not named:  # pieces of the file have to show the keys
        frame = frame.assign(shop=frame.region + frame.shop).drop(columns="kind")
    order(frame).to_csv(path, index=False)  # type: ignore[operator]
    asked = Asked(series=("region", "shop")) if named else Asked()
    expected = read_data(path, asked)
    assert expected.columns.known == ("promo",)
    assert_same(prepare_panel(path, asked, tmp_path / "panel"), expected)
    assert len(parts) > 3
    assert_same(read_data(tmp_path / "panel"), expected)


def test_a_packed_file_with_decimal_commas_and_without_a_last_break(tmp_path: Path, parts: list[int]) -> None:
    path = tmp_path / "data.csv.gz"
    text = table().drop(columns="kind").to_csv(index=False, sep=";", decimal=",", lineterminator="\r\n")
    path.write_bytes(gzip.compress(text.rstrip().encode()))
    expected = read_data(path)
    assert_same(prepare_panel(path, Asked(), tmp_path / "panel"), expected)
    assert len(parts) > 3


def test_several_targets_stand_one_after_the_other(tmp_path: Path, parts: list[int]) -> None:
    path = tmp_path / "data.csv"
    table().to_csv(path, index=False)
    asked = Asked(series=("region", "shop"), target=("promo", "sales"))
    assert_same(prepare_panel(path, asked, tmp_path / "panel"), read_data(path, asked))
    assert len(parts) > 3


def test_joint_targets_stand_side_by_side(tmp_path: Path, parts: list[int]) -> None:
    path = tmp_path / "data.csv"
    table().to_csv(path, index=False)
    asked = Asked(series=("region", "shop"), target=("promo", "sales"), joint=True)
    assert_same(prepare_panel(path, asked, tmp_path / "panel"), read_data(path, asked))
    assert len(parts) > 3


def test_a_file_with_a_column_a_series_is_read_at_once(tmp_path: Path, parts: list[int]) -> None:
    path = tmp_path / "data.csv"
    wide = pd.DataFrame({"day": pd.date_range("2024-01-01", periods=50), "a": range(50), "b": range(50)})
    wide.to_csv(path, index=False)
    assert_same(prepare_panel(path, Asked(), tmp_path / "panel"), read_data(path))
    assert parts == []


def test_a_frame_is_prepared_as_it_is(tmp_path: Path) -> None:
    assert_same(prepare_panel(table(), Asked(series=("region", "shop")), tmp_path / "panel"), read_data(
        table(), Asked(series=("region", "shop"))
    ))  # fmt: skip


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_a_bad_cell_is_named_by_its_line_in_the_whole_file(tmp_path: Path, order: object) -> None:
    path = tmp_path / "data.csv"
    frame = order(table().drop(columns="kind").astype({"sales": "str"}).replace("nan", ""))  # type: ignore[operator]
    frame.iloc[700, frame.columns.get_loc("sales")] = "oops"
    frame.to_csv(path, index=False)
    with pytest.raises(DataError, match=r"data\.csv:702 "):
        prepare_panel(path, Asked(series=("region", "shop"), target=("sales",)), tmp_path / "panel")
    assert not (tmp_path / "panel").exists()


def test_a_series_whose_id_is_written_in_two_ways_is_one(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    frame = table().drop(columns="kind")
    frame.loc[frame.index % 2 == 0, "shop"] += " "
    frame.to_csv(path, index=False)
    asked = Asked(series=("region", "shop"))
    assert_same(prepare_panel(path, asked, tmp_path / "panel"), read_data(path, asked))


def test_progress_ends_at_one(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    table().drop(columns="kind").to_csv(path, index=False)
    shares: list[float] = []
    prepare_panel(path, Asked(series=("region", "shop")), tmp_path / "panel", shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0, abs=0.01)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "data.csv"
    table().to_csv(path, index=False)
    prepare_panel(path, Asked(series=("region", "shop")), tmp_path / "panel")
    return tmp_path / "panel"


def test_a_fit_of_a_prepared_panel_asks_nothing_of_its_columns(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"leave out --target, --step, or prepare again"):
        read_data(folder, Asked(target=("promo",), step="1d"))


def test_a_model_takes_a_prepared_panel_of_its_columns(folder: Path) -> None:
    panel = open_prepared(folder)
    asked = AskedByModel.of(panel.columns, panel.step)
    assert_same(read_for_model(folder, asked), panel)


def test_a_model_of_other_columns_says_which(folder: Path) -> None:
    panel = open_prepared(folder)
    others = Columns("day", "%Y-%m-%d", ("promo",), ("region", "shop"))
    with pytest.raises(DataError, match="targets is sales, expected promo"):
        read_for_model(folder, AskedByModel.of(others, panel.step))


def test_nothing_that_is_mapped_can_be_changed_on_disk(folder: Path) -> None:
    panel = open_prepared(folder)
    panel.values[:] = 0.0
    assert np.nanmax(open_prepared(folder).values) > 0


def test_equal_data_have_equal_digests(folder: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    prepare_panel(tmp_path / "data.csv", Asked(series=("region", "shop")), again)
    assert digest_of_prepared(again) == digest_of_prepared(folder)


DAMAGES = {
    "a file that is cut": ("values", lambda data: data[:-8], "values has .* bytes, expected"),
    "offsets that fall": ("offsets", lambda data: data[:8] + data[16:24] + data[8:16] + data[24:], "offsets"),
    "ends outside": ("ends", lambda data: np.full(len(data) // 8, -1).tobytes(), "offsets"),
    "no text for a code": ("categories", lambda data: np.full(len(data) // 8, 9).tobytes(), "category"),
    "ids that lack": ("ids.json", lambda data: json.dumps(json.loads(data)[1:]).encode(), "11 ids"),
    "another format": ("panel.json", lambda data: data.replace(b'"format": 1', b'"format": 2'), "format 2"),
    "no JSON": ("panel.json", lambda data: data[:1], "panel is damaged"),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_panel_is_refused(folder: Path, damage: tuple[str, object, str]) -> None:
    name, change, said = damage
    (folder / name).write_bytes(change((folder / name).read_bytes()))  # type: ignore[operator]
    with pytest.raises(DataError, match=said):
        open_prepared(folder)
