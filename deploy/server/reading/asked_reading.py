"""The query of POST /read: for which model, what the file is called, and what is said of its columns."""

from collections.abc import Iterable, Mapping
from typing import Any

from ..answers import Refusal
from ..fields import quote
from ..models.models import Models, ServedModel

LONGEST = 256  # characters of a value
MOST_VALUES = 1024  # of one name
LONGEST_NAME = 200  # bytes of a file's name, which systems take
UNNAMED = "data"
MODEL, NAME = "model", "name"
# As `forecaster` has them as options; what the model decides, such as the step, cannot be asked for.
SINGLE = ("time_format", "layout", "no_header", "sheet", "aggregate", "decimal")
SEVERAL = ("time", "series", "target", "na")
# Values of those that have few.
CHOICES = {
    "layout": ("auto", "long", "wide", "rows", "grid"),
    "no_header": ("true", "false"),
    "aggregate": ("sum", "mean", "count", "last", "min", "max"),
    "decimal": (".", ","),
}
KNOWN = (MODEL, NAME, *SEVERAL, *SINGLE)


def read_query(items: Iterable[tuple[str, str]], models: Models) -> tuple[ServedModel, Mapping[str, Any]]:
    """Return the model, and what is asked of the file: its name, and "options" by name.

    items: names and values of the query. An empty value of `time` means that rows are counted, one of
    `series` that all are one. Raises Refusal: 400 for what is no query, 404 for a model that there is not.
    """
    options: dict[str, Any] = {}
    single: dict[str, str] = {}
    for name, value in items:
        if name not in KNOWN:
            raise Refusal(400, f"the query: unknown name {quote(name)}; known: {', '.join(KNOWN)}")
        if len(value) > LONGEST or "\0" in value:
            raise Refusal(
                400, f"{name}: expected up to {LONGEST} characters, none of them NUL, found {quote(value)}"
            )
        if value not in CHOICES.get(name, (value,)):
            raise Refusal(400, f"{name}: expected one of {' '.join(CHOICES[name])}, found {quote(value)}")
        if name in SEVERAL:
            options.setdefault(name, []).append(value)
            if len(options[name]) > MOST_VALUES:
                raise Refusal(400, f"{name}: expected up to {MOST_VALUES} of them")
        elif name in single:
            raise Refusal(400, f"{name}: expected one, found {quote(single[name])} and {quote(value)}")
        else:
            single[name] = value
    model = models.find(single.pop(MODEL, models.default))
    called = file_name(single.pop(NAME, UNNAMED))
    return model, {NAME: called, "options": {**options, **single}}


def file_name(text: str) -> str:
    """Return the last part of a path as the name of a file, whatever it was, without what is no letter."""
    last = text.replace("\\", "/").rpartition("/")[2]
    name = "".join(letter for letter in last if letter.isprintable()).strip(". ")
    stem, dot, ending = name.rpartition(".")
    tail = f"{dot}{ending}".encode("utf-8", "ignore")[:16] if stem else b""
    head = (stem or name).encode("utf-8", "ignore")[: LONGEST_NAME - len(tail)]
    return (head + tail).decode("utf-8", "ignore") if head and name != "-" else UNNAMED
