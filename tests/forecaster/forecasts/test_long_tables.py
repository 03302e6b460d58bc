"""A long table is written by polars, with the very bytes of pandas, whatever is in it."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from panels import make_forecast, make_panel

from forecaster.forecasts import forecast_table
from forecaster.forecasts.forecast_table import write_csv

pl = pytest.importorskip("polars")

NUMBERS = st.one_of(
    st.floats(allow_infinity=True),
    st.floats(1e-5, 1e17),
    st.sampled_from((0.0, -0.0, 1e-4, 9.9e-5, 1e16, 9.999999e15, np.nan, 5e-324)),
)
TEXTS = st.one_of(
    st.text(max_size=4), st.sampled_from(('a"b', "a,b", "", " ", "#", "a;b", "'", "\t", "x\ny", "é"))
)


@given(
    rows=st.lists(st.tuples(TEXTS, st.integers(-(2**63), 2**63 - 1), NUMBERS), min_size=1, max_size=20),
    name=st.sampled_from(("id", "a,b", "a b", "")),
    seven=st.booleans(),
)
@settings(max_examples=400, deadline=None)
def test_a_long_table_has_the_bytes_of_pandas(
    rows: list[tuple[str, int, float]], name: str, *, seven: bool
) -> None:
    texts, counts, numbers = zip(*rows, strict=True)
    values = [float(f"{number:.7g}") for number in numbers] if seven else list(numbers)
    table = pd.DataFrame({name: pd.Series(texts, dtype=object), "path": counts, "q0.5": values})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forecast_table, "LONG", 0)
        assert write_csv(table) == table.to_csv(index=False).encode()


def usual_table() -> pd.DataFrame:
    return pd.DataFrame({"id": ["a", "b"], "time": ["2024-01-01", "2024-01-02"], "forecast": [1.5, np.nan]})


def test_polars_writes_a_usual_long_table(monkeypatch: pytest.MonkeyPatch) -> None:
    table = usual_table()
    expected = table.to_csv(index=False).encode()
    monkeypatch.setattr(forecast_table, "LONG", 2)
    monkeypatch.setattr(pd.DataFrame, "to_csv", None)
    assert write_csv(table) == expected


def test_pandas_writes_it_where_polars_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecast_table, "LONG", 0)
    monkeypatch.setitem(sys.modules, "polars", None)
    assert write_csv(usual_table()) == usual_table().to_csv(index=False).encode()


def test_a_table_written_piece_by_piece_has_the_bytes_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    panel, table = make_panel(), forecast_table.forecast_table(make_panel(), make_forecast(2), ())
    whole = b"".join(forecast_table.to_csv(panel, table))
    monkeypatch.setattr(forecast_table, "WRITTEN_ROWS", 3)
    pieces = list(forecast_table.to_csv(panel, table))
    assert (len(pieces), b"".join(pieces)) == (-(-len(table) // 3), whole)


def test_a_table_of_categories_has_the_bytes_of_one_of_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    panel = make_panel(ids=(("=a",), ("'=a",)))  # which are one text once they are safe
    coded = forecast_table.forecast_table(panel, make_forecast(2), ())
    plain = forecast_table.as_texts(coded)
    assert {str(coded[name].dtype) for name in ("shop", "date")} == {"category"}
    assert {str(plain[name].dtype) for name in ("shop", "date")} == {"str"}
    for least in (0, len(plain) + 1):  # by polars, by pandas
        monkeypatch.setattr(forecast_table, "LONG", least)
        by_code, by_text = (b"".join(forecast_table.to_csv(panel, each)) for each in (coded, plain))
        assert by_code == by_text
        assert by_code.count(b"'=a") == 4
