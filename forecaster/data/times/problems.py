"""Problems of a column of timestamps: complaints whose rows are numbers of its distinct texts."""

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.data.complaints import Complaint, Option
from forecaster.data.times.shapes import Shape


def missing_offset(
    texts: NDArray[np.int64], offsets: NDArray[Any], dates: list[NDArray[np.int64]]
) -> Complaint | None:
    """Find whether some cells have UTC offsets, which differ, and others have none.

    texts, offsets: (timed,), in the order of the file, of texts with a time; dates: texts without one.
    """
    without = np.unique(np.concatenate([texts[offsets == ""], *dates]))
    if not without.size:
        return None
    given = np.flatnonzero(offsets != "")[0]
    return Complaint(
        f'some cells have a UTC offset, such as "{offsets[given].strip()}", and others have none',
        (int(texts[given]), int(without[0])),
        (
            "give all of them an offset or none, and ",
            Option("timezone", "ZONE"),
            " to read those without one in local time",
        ),
        "give all of them an offset or none",
    )


def changing_fraction(texts: NDArray[np.int64], fractions: NDArray[Any]) -> Complaint | None:
    """Find whether fractions of a second differ. texts, fractions: (timed,), in the order of the file."""
    plain = np.char.rstrip(np.char.rstrip(fractions, "0"), ".,")
    other = np.flatnonzero(plain != plain[0])
    if not other.size:
        return None
    return Complaint(
        "the fraction of a second changes, and times are kept in whole seconds",
        (int(texts[0]), int(texts[other[0]])),
        (
            *(
                Option("aggregate", "mean"),
                " with ",
                Option("step", "1min"),
                " takes the mean of each, ",
            ),
            *("or give ", Option("time"), " a column of counts"),
        ),
        "aggregate the rows to a step of a second or more",
    )


def mixed_forms(texts: NDArray[Any], first: Shape, other: Shape) -> Complaint:
    """Describe a column that begins in one form and continues in another. texts: (distinct,)."""
    cells = (int(first.texts[0]), int(other.texts[0]))
    return Complaint(
        f'two forms in one column: "{texts[cells[0]]}", then "{texts[cells[1]]}"',
        cells,
        "write all timestamps in one form",
    )


def both_orders(texts: NDArray[Any], cells: tuple[int, int], forms: list[str]) -> Complaint:
    """Describe a column in which some cells are of one form only, and others only of another.

    texts: (distinct,); cells: the first of each kind, of the form at its place in `forms`.
    """
    first, second = (
        f'{_order(form)}, such as "{texts[cell]}"' for form, cell in zip(forms, cells, strict=True)
    )
    return Complaint(
        f"the cells contradict each other: some are {first}, and others {second}",
        sorted(cells),
        "write all timestamps in one form",
    )


def _order(form: str) -> str:
    """Name what tells one form from others: what its date begins with, or the form."""
    begins = {"d": "day first", "m": "month first", "y": "year first"}
    found = re.match(r"%-?([dmy])[^%A-Za-z]%-?[dmy]", form)
    return f"{begins[found[1]]} ({form})" if found else f"of the form {form}"


def no_year(text: str, form: str) -> Complaint:
    """Describe texts that may be months of years of two digits, or days of no year."""
    return Complaint(
        f'"{text}" may be a day without its year, or a month of a year of two digits',
        (0,),
        (Option("time_format", form, is_quoted=True), " reads months; days need their year"),
        "write the year in four digits",
    )


def ambiguous_forms(texts: NDArray[Any], readings: dict[str, NDArray[np.int64]]) -> Complaint:
    """Describe several readings of all cells, where nothing tells them apart.

    texts: (distinct,); readings: the seconds, (distinct,), in each form.
    """
    (first, seconds), (second, others) = list(readings.items())[:2]
    cell = int((seconds != others).argmax())
    forms = [Option("time_format", form, is_quoted=True) for form in readings]
    days = [
        str(moments[cell].astype("datetime64[s]").astype("datetime64[D]")) for moments in (seconds, others)
    ]
    readings_of_cell = f"{days[0]} in the form {first} and {days[1]} in the form {second}"
    if days[0] == days[1]:  # the cells are alike, but those that follow would not be
        readings_of_cell = f"{days[0]} in the forms {first} and {second}"
    return Complaint(
        f'"{texts[cell]}" is {readings_of_cell}, and no cell tells which',
        (cell,),
        (forms[0], *(part for form in forms[1:] for part in (" or ", form)), " decides"),
        "write them in a form that leaves no doubt, such as 2024-01-31",
    )
