"""Problems of a column of timestamps: complaints whose rows are numbers of its distinct texts."""

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
    plain = np.char.rstrip(np.char.rstrip(fractions, "0"), ".")
    other = np.flatnonzero(plain != plain[0])
    if not other.size:
        return None
    return Complaint(
        "the fraction of a second changes, and times are kept in whole seconds",
        (int(texts[0]), int(texts[other[0]])),
        ("aggregate the rows to a step of a second or more, or give ", Option("time"), " a column of counts"),
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


def ambiguous_forms(texts: NDArray[Any], readings: dict[str, NDArray[np.int64]]) -> Complaint:
    """Describe several readings of all cells, where nothing tells them apart.

    texts: (distinct,); readings: the seconds, (distinct,), in each form.
    """
    (first, seconds), (second, others) = list(readings.items())[:2]
    cell = int((seconds != others).argmax())
    forms = [Option("time_format", form, is_quoted=True) for form in (first, second)]
    days = [
        str(moments[cell].astype("datetime64[s]").astype("datetime64[D]")) for moments in (seconds, others)
    ]
    readings_of_cell = f"{days[0]} in the form {first} and {days[1]} in the form {second}"
    if days[0] == days[1]:  # the cells are alike, but those that follow would not be
        readings_of_cell = f"{days[0]} in the forms {first} and {second}"
    return Complaint(
        f'"{texts[cell]}" is {readings_of_cell}, and no cell tells which',
        (cell,),
        (forms[0], " or ", forms[1], " decides"),
        "write them in a form that leaves no doubt, such as 2024-01-31",
    )
