"""Every complaint about a CSV: its exact text, with line and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.errors import ConfigError, DataError
from deploy.timestep import TimeStep
from forecaster.data.columns import ColumnChoice
from forecaster.data.csv import read_panel


def complaint(folder: Path, content: str | bytes, **choice: object) -> str:
    """The message of the error that reading the content raises."""
    path = folder / "data.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(DataError) as error:
        read_panel(path, ColumnChoice(**choice))  # type: ignore[arg-type]
    return str(error.value)


def days(*cells: str) -> str:
    """A file of consecutive days with these cells."""
    return "date,y\n" + "".join(f"2024-01-{day:02},{cell}\n" for day, cell in enumerate(cells, start=1))


def test_a_file_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        read_panel(tmp_path / "nothing.csv", ColumnChoice())
    assert str(error.value) == f"{tmp_path / 'nothing.csv'}: no such file"


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        read_panel(tmp_path, ColumnChoice())
    assert str(error.value) == f"{tmp_path}: is a folder, expected a CSV file"


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff"])
def test_an_empty_file(tmp_path: Path, content: str) -> None:
    assert complaint(tmp_path, content) == "data.csv: the file is empty"


@pytest.mark.parametrize("content", ["date,y", "date,y\n", "date,y\n\n"])
def test_a_header_without_rows(tmp_path: Path, content: str) -> None:
    assert complaint(tmp_path, content) == "data.csv: a header and no rows"


@pytest.mark.parametrize(("mark", "byte"), [(b"", 31), (b"\xef\xbb\xbf", 34)])
def test_a_byte_that_is_not_utf8_is_named_with_its_offset(tmp_path: Path, mark: bytes, byte: int) -> None:
    message = complaint(tmp_path, mark + b"date,y\n2024-01-01,1\n2024-01-02,\xff\n")
    assert message == (
        f"data.csv: byte {byte} (line 3) is not UTF-8: 0xff\n"
        "  save the file as UTF-8; if it is Windows-1252: "
        "iconv -f WINDOWS-1252 -t UTF-8 data.csv > utf8-data.csv"
    )


def test_a_byte_that_is_not_utf8_is_found_far_into_the_file(tmp_path: Path) -> None:
    message = complaint(tmp_path, b"date,y\n" + b"2024-01-01,1\n" * 100_000 + b"2024-01-02,\xe9\n")
    assert message.startswith("data.csv: byte 1300018 (line 100002) is not UTF-8: 0xe9")


@pytest.mark.parametrize(
    ("first", "line", "row"), [("2024-01-01,1", 3, "2024-01-02,2,3"), ("2024-01-01,1,9", 2, "2024-01-01,1,9")]
)
def test_a_row_with_more_cells_than_the_header(tmp_path: Path, first: str, line: int, row: str) -> None:
    message = complaint(tmp_path, f"date,y\n{first}\n2024-01-02,2,3\n")
    assert message == f"a row has 3 cells, the header has 2\n  --> data.csv:{line}    {row}"


def test_a_quoted_cell_that_never_ends(tmp_path: Path) -> None:
    message = complaint(tmp_path, 'date,y\n2024-01-01,1\n2024-01-02,"2\n2024-01-03,3\n')
    assert message == 'a quoted cell is never closed\n  --> data.csv:3    2024-01-02,"2'


def test_two_columns_of_one_name(tmp_path: Path) -> None:
    assert complaint(tmp_path, "date,y,y\n2024-01-01,1,2\n") == 'data.csv: the header has 2 columns "y"'


def test_one_cell_that_is_not_a_number(tmp_path: Path) -> None:
    assert complaint(tmp_path, days("1", "2", "abc", "4")) == (
        'column "y": "abc" is not a number\n'
        "  --> data.csv:4    2024-01-03,abc\n"
        '  1 such cell (line 4); --na "abc" reads it as missing'
    )


def test_three_cells_that_are_not_numbers(tmp_path: Path) -> None:
    assert complaint(tmp_path, days("1", "2", "abc", "4", "5", "6", "abc", "abc")) == (
        'column "y": "abc" is not a number\n'
        "  --> data.csv:4    2024-01-03,abc\n"
        '  3 such cells (lines 4, 8, 9); --na "abc" reads it as missing'
    )


def test_more_cells_than_are_listed(tmp_path: Path) -> None:
    message = complaint(tmp_path, days(*["x", "1"] * 12))
    assert message.splitlines()[-1] == '  12 such cells (lines 2, 4, 6, ...); --na "x" reads it as missing'


def test_cells_of_several_texts_need_one_option_each(tmp_path: Path) -> None:
    message = complaint(tmp_path, days("1", "nk", "3", "?", "5"))
    assert message.splitlines()[-1] == '  2 such cells (lines 3, 5); --na "nk" --na "?" reads them as missing'


def test_cells_of_many_texts_are_not_all_repeated(tmp_path: Path) -> None:
    message = complaint(tmp_path, days("1", "a", "b", "c", "d", "6", "7", "8"))
    assert message.splitlines()[-1] == (
        "  4 such cells (lines 3, 4, 5, ...); --na TEXT, once for each text, reads them as missing"
    )


def test_lines_are_counted_over_quoted_newlines_and_blank_lines(tmp_path: Path) -> None:
    text = 'date,note,y\n2024-01-01,"two\nlines",1\n\n2024-01-02,-,abc\n2024-01-03,-,3\n'
    assert complaint(tmp_path, text).splitlines()[1] == "  --> data.csv:5    2024-01-02,-,abc"


def test_lines_are_counted_over_blank_cells_in_a_file_of_one_column(tmp_path: Path) -> None:
    assert complaint(tmp_path, "y\n1\n\n3\nabc\n").splitlines()[1] == "  --> data.csv:5    abc"


def test_a_named_target_of_words_only(tmp_path: Path) -> None:
    message = complaint(tmp_path, days("low", "high"), targets=("y",))
    assert message.splitlines()[0] == 'column "y": "low" is not a number'


@pytest.mark.parametrize("cell", ["inf", "-Infinity", "1e999"])
def test_a_number_that_is_not_finite(tmp_path: Path, cell: str) -> None:
    assert complaint(tmp_path, days("1", cell, "3")) == (
        f'column "y": "{cell}" is not finite\n'
        f"  --> data.csv:3    2024-01-02,{cell}\n"
        f'  1 such cell (line 3); --na "{cell}" reads it as missing'
    )


def test_a_number_beyond_float32(tmp_path: Path) -> None:
    message = complaint(tmp_path, days("1", "1e39", "3"))
    assert message.splitlines()[0] == 'column "y": "1e39" is beyond what 32-bit floating point holds'


def test_a_date_that_does_not_exist(tmp_path: Path) -> None:
    assert complaint(tmp_path, "date,y\n2024-01-31,1\n2024-02-30,2\n2024-02-01,3\n") == (
        'column "date": "2024-02-30" is not a timestamp\n'
        "  --> data.csv:3    2024-02-30,2\n"
        "  1 such cell (line 3); expected one form in all cells, such as 2024-01-31 or 2024-01-31 13:00; "
        "--time-format names any other"
    )


def test_a_row_without_a_timestamp(tmp_path: Path) -> None:
    message = complaint(tmp_path, "date,y\n2024-01-01,1\n,2\n2024-01-03,3\n")
    assert message.splitlines()[:2] == [
        'column "date": an empty cell is not a timestamp',
        "  --> data.csv:3    ,2",
    ]


def test_a_column_called_date_of_no_known_form(tmp_path: Path) -> None:
    message = complaint(tmp_path, "date,y\n31.01.24,1\n01.02.24,2\n")
    assert message.splitlines()[0] == 'column "date": "31.01.24" is not a timestamp'


def test_a_count_that_is_not_whole(tmp_path: Path) -> None:
    assert complaint(tmp_path, "t,y\n1,1\n2.5,2\n", time="t") == (
        'column "t": "2.5" is not a whole number\n'
        "  --> data.csv:3    2.5,2\n"
        "  1 such cell (line 3); every row needs a timestamp"
    )


@pytest.mark.parametrize(
    "number", ["18446744073709551615", "99999999999999999999999", "-9223372036854775808"]
)
def test_a_count_that_is_too_large(tmp_path: Path, number: str) -> None:
    message = complaint(tmp_path, f"t,y\n1,1\n{number},2\n", time="t")
    assert message.splitlines()[0] == f'column "t": "{number}" is too large a timestamp'


def test_a_compact_date_that_does_not_exist_among_texts(tmp_path: Path) -> None:
    message = complaint(tmp_path, "date,y\n20240131,1\n20240230,2\nsoon,3\n")
    assert message.splitlines()[0] == 'column "date": "20240230" is not a timestamp of the form %Y%m%d'


def test_days_and_months_in_both_orders(tmp_path: Path) -> None:
    message = complaint(tmp_path, "date,y\n01/31/2024,1\n31/01/2024,2\n02/28/2024,3\n")
    assert message.splitlines()[:2] == [
        'column "date": "31/01/2024" is not a timestamp of the form %m/%d/%Y',
        "  --> data.csv:3    31/01/2024,2",
    ]


def test_a_utc_offset_that_changes_as_in_no_time_zone(tmp_path: Path) -> None:
    rows = ["2024-03-30 00:00+01:00,1", "2024-03-30 01:00+01:00,2", "2024-03-30 03:00+02:00,3"]
    assert complaint(tmp_path, "time,y\n" + "\n".join(rows)) == (
        'column "time": the UTC offset changes, from +01:00 to +02:00, as the clocks of no time zone do\n'
        "  --> data.csv:2    2024-03-30 00:00+01:00,1\n"
        "  --> data.csv:4    2024-03-30 03:00+02:00,3\n"
        "  --timezone ZONE reads all moments in the local time of that zone"
    )


@pytest.mark.parametrize("without", ["2024-03-31 03:00", "2024-03-31"])
def test_a_utc_offset_that_some_cells_lack(tmp_path: Path, without: str) -> None:
    assert complaint(
        tmp_path, f"time,y\n2024-03-30 00:00+01:00,1\n{without},2\n2024-04-01 00:00+02:00,3\n"
    ) == (
        'column "time": some cells have a UTC offset, such as "+01:00", and others have none\n'
        "  --> data.csv:2    2024-03-30 00:00+01:00,1\n"
        f"  --> data.csv:3    {without},2\n"
        "  give all of them an offset or none, and --timezone ZONE to read those without one in local time"
    )


def test_a_fraction_of_a_second_that_changes(tmp_path: Path) -> None:
    assert complaint(tmp_path, "time,y\n2024-01-01 00:00:00.00,1\n2024-01-01 00:00:00.25,2\n") == (
        'column "time": the fraction of a second changes, and times are kept in whole seconds\n'
        "  --> data.csv:2    2024-01-01 00:00:00.00,1\n"
        "  --> data.csv:3    2024-01-01 00:00:00.25,2\n"
        "  aggregate the rows to a step of a second or more, or give --time a column of counts"
    )


def test_two_forms_in_one_column(tmp_path: Path) -> None:
    assert complaint(tmp_path, "date,y\n2024-01-01,1\n2024-01-02,2\n2024/01/03,3\n2024/01/04,4\n") == (
        'column "date": two forms in one column: "2024-01-01", then "2024/01/03"\n'
        "  --> data.csv:2    2024-01-01,1\n"
        "  --> data.csv:4    2024/01/03,3\n"
        "  write all timestamps in one form"
    )


def test_days_and_months_that_cannot_be_told_apart(tmp_path: Path) -> None:
    assert complaint(tmp_path, "date,y\n01/01/2024,1\n02/01/2024,2\n03/01/2024,3\n") == (
        'column "date": "02/01/2024" is 2024-01-02 in the form %d/%m/%Y and 2024-02-01 in the form %m/%d/%Y, '
        "and no cell tells which\n"
        "  --> data.csv:3    02/01/2024,2\n"
        '  --time-format "%d/%m/%Y" or --time-format "%m/%d/%Y" decides'
    )


def test_a_cell_that_is_not_in_the_form_that_was_named(tmp_path: Path) -> None:
    text = "date,y\n01.02.24,1\n02.02.24,2\n30.02.24,3\n"
    assert complaint(tmp_path, text, time_format="%d.%m.%y").splitlines()[0] == (
        'column "date": "30.02.24" is not a timestamp of the form %d.%m.%y'
    )


def test_a_timestamp_twice_in_a_file_of_one_series(tmp_path: Path) -> None:
    assert complaint(tmp_path, "date,y\n2024-01-01,1\n2024-01-02,2\n2024-01-02,3\n") == (
        "timestamp 2024-01-02 appears twice\n"
        "  --> data.csv:3    2024-01-02,2\n"
        "  --> data.csv:4    2024-01-02,3\n"
        "  1 such pair of rows; --series COLUMN separates several series in one file"
    )


def test_a_timestamp_twice_in_a_series(tmp_path: Path) -> None:
    rows = ["2024-01-01,a,1", "2024-01-01,b,1", "2024-01-02,a,2", "2024-01-02,b,2", "2024-01-02,a,3"]
    assert complaint(tmp_path, "date,id,y\n" + "\n".join(rows)) == (
        "timestamp 2024-01-02 of series a appears twice\n"
        "  --> data.csv:4    2024-01-02,a,2\n"
        "  --> data.csv:6    2024-01-02,a,3\n"
        "  1 such pair of rows"
    )


def test_timestamps_off_the_grid(tmp_path: Path) -> None:
    assert complaint(tmp_path, days("1", "2", "3", "4") + "2024-01-04 13:00,5\n") == (
        "timestamps are irregular: 1 day 3 times, 13 hours once\n"
        "  --> data.csv:6    2024-01-04 13:00,5\n"
        "  1 row is off the grid of 1 day (line 6); --step STEP sets another grid"
    )


def test_timestamps_on_a_finer_grid_are_offered_its_step(tmp_path: Path) -> None:
    hours = "".join(f"2024-01-01 {hour:02}:00,1\n" for hour in (0, 2, 4, 6, 7))
    assert complaint(tmp_path, "time,y\n" + hours).splitlines()[-1] == (
        "  1 row is off the grid of 2 hours (line 6); --step 1h puts every row on a grid"
    )


def test_a_day_that_is_off_among_months_is_the_one_that_is_named(tmp_path: Path) -> None:
    months = "".join(f"2024-{month:02}-{2 if month == 7 else 1:02},1\n" for month in range(1, 13))
    assert complaint(tmp_path, "date,y\n" + months).splitlines()[1:] == [
        "  --> data.csv:8    2024-07-02,1",
        "  1 row is off the grid of 1 month (line 8); --step STEP sets another grid",
    ]


def test_rows_off_a_chosen_grid(tmp_path: Path) -> None:
    message = complaint(tmp_path, days("1", "2", "3"), step=TimeStep(1, "week"))
    assert message.splitlines()[-1] == (
        "  2 rows are off the grid of 1 week (lines 3, 4); --step 1d puts every row on a grid"
    )


def test_a_stray_timestamp_does_not_fill_the_memory_with_gaps(tmp_path: Path) -> None:
    seconds = "".join(f"2024-01-01 00:00:0{second},1\n" for second in range(4))
    assert complaint(tmp_path, f"time,y\n{seconds}2025-01-01 00:00:00,1\n").startswith(
        "5 rows on a grid of 1 second leave 31622396 gaps"
    )


def test_a_static_column_that_changes(tmp_path: Path) -> None:
    text = "date,id,kind,y\n2024-01-01,a,p,1\n2024-01-02,a,q,2\n2024-01-01,b,p,3\n2024-01-02,b,p,4\n"
    assert complaint(tmp_path, text, static=("kind",)) == (
        'column "kind" is static, but changes within a series: "p", then "q"\n'
        "  --> data.csv:2    2024-01-01,a,p,1\n"
        "  --> data.csv:3    2024-01-02,a,q,2"
    )


def test_a_static_number_that_changes(tmp_path: Path) -> None:
    text = "date,id,area,y\n2024-01-01,a,,1\n2024-01-02,a,5,2\n2024-01-03,a,7.5,2\n2024-01-01,b,9,3\n"
    assert complaint(tmp_path, text, static=("area",)) == (
        'column "area" is static, but changes within a series: "5", then "7.5"\n'
        "  --> data.csv:3    2024-01-02,a,5,2\n"
        "  --> data.csv:4    2024-01-03,a,7.5,2"
    )


@pytest.mark.parametrize("role", ["known", "past"])
def test_a_covariate_that_is_no_number(tmp_path: Path, role: str) -> None:
    text = "date,y,k\n2024-01-01,1,much\n2024-01-02,2,little\n"
    message = complaint(tmp_path, text, **{role: ("k",)})
    assert message.splitlines()[0] == 'column "k": "much" is not a number'


def test_no_target_beside_covariates(tmp_path: Path) -> None:
    message = complaint(tmp_path, days("1", "2"), past=("y",))
    assert message == "every column of numbers is a covariate; --target names what to forecast"


def test_integers_of_which_several_could_be_the_key(tmp_path: Path) -> None:
    rows = [f"2024-01-0{day},{store},{10 * store},{day * store}\n" for store in (1, 2) for day in (1, 2, 4)]
    message = complaint(tmp_path, "date,left,right,y\n" + "".join(rows))
    assert message.splitlines()[-1] == (
        "  3 such pairs of rows; --series COLUMN separates several series in one file"
    )


def test_no_column_of_numbers(tmp_path: Path) -> None:
    message = complaint(tmp_path, "date y\n2024-01-01 1\n")
    assert message == 'no column of numbers to forecast; columns: "date y"'


def test_a_target_without_a_value(tmp_path: Path) -> None:
    message = complaint(tmp_path, days("", ""), targets=("y",))
    assert message == "no target value at all: every cell is missing"


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        (
            {"targets": ("sale",)},
            '--target "sale": no such column; did you mean "Sales"? columns: date, Sales',
        ),
        ({"time": "dat"}, '--time "dat": no such column; did you mean "date"? columns: date, Sales'),
        ({"past": ("zzz",)}, '--past "zzz": no such column; columns: date, Sales'),
        ({"known": ("zzz",)}, '--known "zzz": no such column; columns: date, Sales'),
        ({"targets": ("Sales",), "known": ("Sales",)}, 'column "Sales" is given as --target and as --known'),
    ],
)
def test_a_chosen_column_that_does_not_fit_is_a_usage_error(
    tmp_path: Path, choice: dict[str, object], message: str
) -> None:
    path = tmp_path / "data.csv"
    path.write_text("date,Sales\n2024-01-01,1\n2024-01-02,2\n")
    with pytest.raises(ConfigError) as error:
        read_panel(path, ColumnChoice(**choice))  # type: ignore[arg-type]
    assert str(error.value) == message
