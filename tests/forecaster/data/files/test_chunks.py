"""Files read in chunks are the files read at once."""

import numpy as np
import pandas as pd
import pytest

from deploy.errors import DataError
from forecaster.config import Asked
from forecaster.data import read_data
from forecaster.data.files import text
from forecaster.data.files.chunks import Codes, TypesDisagreeError, join_chunks


def test_codes_of_all_chunks_count_through_their_texts() -> None:
    chunks = [
        pd.DataFrame({"key": ["a", "b", None]}, dtype="str"),
        pd.DataFrame({"key": ["c", "a"]}, dtype="str"),
    ]
    joined = join_chunks(chunks)["key"]
    assert joined.cat.categories.tolist() == ["a", "b", "c"]
    assert joined.cat.codes.tolist() == [0, 1, -1, 2, 0]


@pytest.mark.parametrize("run", [1, 2, 9, 40])
def test_codes_of_texts_in_runs_are_those_of_each_text(run: int) -> None:
    words = np.array(["b", None, "", "a", "b", "ä", None], dtype=object)
    column = pd.Series(np.repeat(words, run), dtype="str")
    codes = Codes(0)
    codes.append(column)
    found, texts = codes.settle()
    expected, distinct = pd.factorize(column)
    np.testing.assert_array_equal(found, expected)
    assert texts.tolist() == distinct.tolist() == ["b", "", "a", "ä"]


def test_whole_numbers_and_decimals_join_to_decimals() -> None:
    joined = join_chunks([pd.DataFrame({"y": [1, 2]}), pd.DataFrame({"y": [0.5, np.nan]})])["y"]
    np.testing.assert_array_equal(joined, [1, 2, 0.5, np.nan])


@pytest.mark.parametrize("other", [["a", "b"], [True, False]], ids=["texts", "truth"])
def test_numbers_here_and_something_else_there_do_not_join(other: list[object]) -> None:
    with pytest.raises(TypesDisagreeError):
        join_chunks([pd.DataFrame({"y": [1, 2]}), pd.DataFrame({"y": other})])


def test_an_error_of_the_parser_reaches_the_reader() -> None:
    def chunks():  # type: ignore[no-untyped-def]
        yield pd.DataFrame({"y": [1, 2]})
        raise pd.errors.ParserError("broken")

    with pytest.raises(pd.errors.ParserError, match="broken"):
        join_chunks(chunks())


ROWS = [
    *(f'2024-01-{day:02d},"store, {day % 2}",{day},{day / 8}' for day in range(1, 9)),
    "2024-01-09,,9,",
    "2024-01-10,other,x,2.5",
    '2024-01-11, "spaced, too",12,3.5',
]


@pytest.mark.parametrize(
    "rows", [ROWS[:8], ROWS[:9], ROWS[-1:] + ROWS[:9]], ids=["plain", "missing", "spaces"]
)
def test_a_file_in_chunks_of_two_rows_reads_as_in_one(tmp_path, monkeypatch, rows) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "data.csv"
    path.write_text("\n".join(["date,store,sales,price", *rows]) + "\n")
    choice = Asked(series=("store",), step=None)
    whole = read_data(path, choice)
    monkeypatch.setattr(text, "CHUNK_ROWS", 2)
    monkeypatch.setattr(text, "HEAD_ROWS", 1)
    parts = read_data(path, choice)
    assert parts.ids == whole.ids
    np.testing.assert_array_equal(parts.values, whole.values)
    np.testing.assert_array_equal(parts.timestamps, whole.timestamps)


def test_a_word_in_a_late_chunk_is_named_as_in_an_early_one(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "data.csv"
    path.write_text("\n".join(["date,store,sales,price", *ROWS]) + "\n")
    monkeypatch.setattr(text, "CHUNK_ROWS", 2)
    monkeypatch.setattr(text, "HEAD_ROWS", 1)
    with pytest.raises(DataError, match=r'"sales": "x" is not a number\n  --> data\.csv:11 '):
        read_data(path, Asked(series=("store",), target=("sales",)))


@pytest.mark.parametrize("rows", [0, 3, 1000])
def test_a_wrong_guess_of_the_rows_changes_nothing(rows: int) -> None:
    chunks = [
        pd.DataFrame({"y": [number], "key": [str(number)]}).astype({"key": "str"}) for number in range(9)
    ]
    joined = join_chunks(chunks, rows)
    assert joined["y"].tolist() == list(range(9))
    assert joined["key"].tolist() == [str(number) for number in range(9)]


def test_decimals_among_whole_numbers_of_64_bits_lose_no_more_than_pandas_does() -> None:
    large = 2**53 + 1
    joined = join_chunks([pd.DataFrame({"y": [large]}), pd.DataFrame({"y": [0.5]})])["y"]
    assert joined.tolist() == [float(large), 0.5]


def test_codes_are_narrow_until_there_are_many_texts() -> None:
    few = pd.Index([f"{number}" for number in range(2)], dtype="str")
    many = pd.Index([f"{number}" for number in range(1 << 15)], dtype="str")
    codes = Codes(8)
    codes.extend(np.array([0, 1, -1]), few)
    assert codes.settle()[0].dtype == np.int16
    codes.extend(np.array([(1 << 15) - 1, 0, -1]), many)
    codes.extend(np.array([1]), few)
    found, texts = codes.settle()
    assert found.dtype == np.int32
    assert [texts[code] if code >= 0 else None for code in found] == ["0", "1", None, "32767", "0", None, "1"]
