"""What is inferred though something else was plausible: each kind is in the text and in the JSON, with its
alternative and the option that asks for it; a file that leaves no doubt has none."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

import forecaster.data
from forecaster.config import Asked
from forecaster.data import Understood, notes, read_data
from forecaster.data.audience import COMMAND_LINE, PYTHON

DATA = Path(forecaster.data.__file__).parent
# A workbook of two sheets needs an extra: tests/forecaster/data/files/test_formats.py.
ELSEWHERE = {"files.formats.workbooks.rows_of_sheet"}
# Facts of which nothing else was plausible, or that no option changes: how a file is to be written is said.
FACTS = {
    "across.periods_across.gather": "columns behind the parts of periods are sums of these",
    "across.unroll._around": "columns behind the times are sums of these",
    "figures.remarks.LeftOut.say": "a column of two units is to be written in one",
    "figures.remarks.note_digits": "digits that are no number are to be written as one",
    "figures.remarks.say_remarks": "a number is read with its sign or unit",
    "figures.settling._note_commas": "commas mark decimals: no other number of the file says otherwise",
    "figures.settling.read_figures": "a point marks decimals: no other number of the file says otherwise",
    "files.encoding.other_encoding": "bytes that are not UTF-8 are to be converted",
    "files.formats.unpacking._unpack": "an archive has one table",
    "files.margins.skipping.note_lines": "lines that are no rows are named and shown",
    "files.text._told_apart": "columns of one name get names of their own",
    "understand.aggregation._note_last": "the last period has not ended",
    "understand.number_cells._read_answers": "yes is 1",
    "understand.placement.count_rows": "rows are counted since it was asked",
    "understand.placement.snap_to_calendar": "a model's step is settled",
}
BEGIN = datetime(2024, 1, 1)
WAVE = [5 + number % 7 for number in range(200)]


def rows(header: str, *columns: Sequence[object], sign: str = ",") -> str:
    return "\n".join([header, *(sign.join(map(str, row)) for row in zip(*columns, strict=False))]) + "\n"


def days(count: int, form: str = "%Y-%m-%d", step: timedelta = timedelta(days=1)) -> list[str]:
    return [(BEGIN + step * number).strftime(form) for number in range(count)]


HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
MINUTES, SECONDS = "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"
DAYS = days(40)
TURNS = [str(np.datetime64("2020-01-06") + offset + 7 * week) for offset in range(5) for week in range(20)]
STORES = ["a"] * 20 + ["b"] * 20
ENDING = [*map(str, WAVE[:36]), "", "", "", ""]
AGGREGATED = Asked(aggregate="sum", step="1d")
CLOCKS = "time,y\n2024-04-07 01:30+11:00,1\n2024-04-07 01:30+10:30,2\n2024-04-07 02:00+10:30,3\n"
# Content, what is asked, and the option and what it does, as a command line is told.
SAID: dict[str, tuple[str, Asked, str, str]] = {
    "times across": (
        "sku,2024-01,2024-02,2024-03,2024-04\na,1,2,3,4\nb,2,3,4,5\n",
        Asked(),
        "--layout wide",
        "reads a column a series",
    ),
    "parts of periods across": (
        rows("year,Q1,Q2,Q3,Q4", range(2000, 2010), WAVE, WAVE, WAVE, WAVE),
        Asked(),
        "--layout wide",
        "reads a column a series",
    ),
    "weekdays of numbered weeks": (
        rows("week,Mon,Tue,Wed,Thu,Fri", range(1, 20), *([WAVE] * 5)),
        Asked(),
        "--time COLUMN",
        "names one that does",
    ),
    "a sign for missing": (rows("date,y", DAYS, [*WAVE[:39], "."]), Asked(), '--na "."', "says so"),
    "a footnote": (rows("date,y", DAYS, ["4p", *WAVE]), Asked(), '--na "4p"', "reads it as missing"),
    "a limit": (rows("date,y", DAYS, ["<0.5", *WAVE]), Asked(), '--na "<0.5"', "reads it as missing"),
    "a sentinel": (rows("date,y", DAYS, [-999, *WAVE]), Asked(), "--na -999", "reads it as missing"),
    "a word among numbers": (
        rows("date,y,holiday", DAYS[:22], WAVE, [*[0] * 20, "a", "b"]),
        Asked(),
        '--na "a"',
        "reads it as missing",
    ),
    "a split time": (
        rows("date,hour,y", np.repeat(DAYS, 24)[:96].tolist(), list(range(24)) * 4, WAVE),
        Asked(),
        "--time COLUMN",
        "names one column",
    ),
    "numbers that are dates": (
        rows("date,y", days(40, "%m%d%Y"), WAVE),
        Asked(),
        "--time-format index",
        "reads plain counts",
    ),
    "decimal years": (
        rows("year,y", [2000 + month / 4 for month in range(40)], WAVE),
        Asked(),
        "--time COLUMN",
        "names another column",
    ),
    "copies": (
        rows("date,y", [*DAYS, *DAYS[5:9]], [*WAVE[:40], *WAVE[5:9]]),
        Asked(),
        "--aggregate sum",
        "adds them up",
    ),
    "an aggregated text": (
        rows("date,shop,y", np.repeat(DAYS[:20], 2).tolist(), ["a", "b"] * 20, WAVE),
        AGGREGATED,
        '--series "shop"',
        "keeps them apart",
    ),
    "a number that counts": (
        rows("part,unit_code,seq,y", STORES, STORES, [*range(100, 120), *range(100, 120)], WAVE),
        Asked(),
        "--time",
        "names another",
    ),
    "ids without a time": (
        rows("shop,y", STORES, WAVE),
        Asked(),
        "--layout wide",
        "reads all rows as one series",
    ),
    "names of rows": (rows("country,y", [f"c{n}" for n in range(40)], WAVE), Asked(), "--time", "names it"),
    "ids that are missing": (
        rows("date,shop,y", [*DAYS[:20], *DAYS[:20]], ["a"] * 20 + [""] * 20, WAVE),
        Asked(),
        "--series",
        "names other columns",
    ),
    "numbers that are ids": (
        rows("date,fi,y", [*DAYS[:20], *DAYS[:20]], [1] * 20 + [2] * 20, WAVE),
        Asked(),
        "--series COLUMN",
        "names other columns",
    ),
    "seconds next to a grid": (
        rows(
            "time,y", [*days(20, SECONDS[:-2] + "07", HOUR), *days(40, SECONDS[:-2] + "31", HOUR)[20:]], WAVE
        ),
        Asked(),
        "--step 1",
        "counts the rows instead",
    ),
    "nights": (
        rows("time,y", [text for text in days(400, MINUTES, HOUR) if "08" < text[11:13] < "13"], WAVE),
        Asked(),
        "--step 1",
        "counts the rows, without nights and other gaps",
    ),
    "an hour that a clock skips": (
        rows("time,y", [f"2014-03-09 {hour}:00" for hour in ("00", "01", "03", "03", "04")], WAVE),
        Asked(),
        "--aggregate mean",
        "takes the mean of both",
    ),
    "items that take turns": (
        rows("date,shop,y", TURNS, np.repeat(list("abcde"), 20).tolist(), WAVE),
        Asked(),
        "--layout wide",
        "reads all rows as one",
    ),
    "known ahead": (
        rows("date,y,promo", DAYS, ENDING, [day % 2 for day in range(40)]),
        Asked(),
        "--target",
        "with all of them forecasts them, too",
    ),
    "all that end early": (
        rows("date,x,y", DAYS, WAVE, [*map(str, WAVE[:20]), *[""] * 20]),
        Asked(),
        "--known",
        "names what is known ahead",
    ),
    "ends one after the other": (
        rows("date,x,y,z", DAYS, WAVE, [*WAVE[:30], *[""] * 10], [*WAVE[:20], *[""] * 20]),
        Asked(),
        "--known",
        "names what is known ahead",
    ),
    "fractions of a second": (
        rows("time,y", [f"{t}.{3 * (row % 2):03}" for row, t in enumerate(days(40, SECONDS, MINUTE))], WAVE),
        Asked(),
        "--step 1",
        "counts the rows",
    ),
    "an order of day and month": (
        rows(
            "date,y", [f"{day}/2024" for day in ("03/01", "04/01", "05/01", "06/01", "01/02", "02/02")], WAVE
        ),
        Asked(),
        "--time-format",
        "names any other form",
    ),
    "milliseconds": (
        rows("time,y", [f"2024-01-01 00:00:0{row // 50}.{row % 50 * 20:03}" for row in range(100)], WAVE),
        Asked(),
        "--aggregate mean --step 1s",
        "takes the mean of each second",
    ),
    "hours and minutes of no day": (
        rows("time,y", [row // 6 * 100 + row % 6 * 10 for row in range(60)], WAVE),
        Asked(),
        "--time COLUMN",
        "names another column",
    ),
    "years without a name": (rows(",y", range(1960, 2000), WAVE), Asked(), "--time", "names another"),
    "years of another name": (rows("edition,y", range(1960, 2000), WAVE), Asked(), "--time", "names another"),
    "an unread time": (
        rows("month,sales", ["one", "two", "three", "four"], WAVE),
        Asked(),
        "--time-format",
        "names the form",
    ),
    "numbers called time": (
        rows("time,cal", [0.45, 0.45, 1.3, 2.4], WAVE),
        Asked(),
        "--time COLUMN",
        "names the time",
    ),
    "a time zone of several": (CLOCKS, Asked(), "--timezone", "names another"),
}
FORMS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%m/%d/%Y", "%d-%b-%Y", "%d %B %Y", "%b %d %Y"),
    *("%Y%m%d", "%A, %d %B %Y", "%Y-%m-%d 00:00", "%Y-%m-%dT00:00:00Z", "%d/%m/%Y 00:00", "%d-%b-%y"),
)
SIGNS = (",", ";", "\t", "|")
CLEAR: dict[str, str] = {
    f"{form} between {sign!r}": rows(
        sign.join(["date", "y", "z"]), [f'"{day}"' for day in days(40, form)], WAVE, WAVE[3:], sign=sign
    )
    for form in FORMS
    for sign in SIGNS
}


def sites(name: str) -> set[str]:
    """Return the functions of the room of data that call another, as `module.function`."""
    found = set()
    for path in DATA.rglob("*.py"):
        module = ".".join(path.relative_to(DATA).with_suffix("").parts)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        classes = [each for each in tree.body if isinstance(each, ast.ClassDef)]
        for scope, prefix in [(tree, ""), *((each, f"{each.name}.") for each in classes)]:
            for function in scope.body:
                if isinstance(function, ast.FunctionDef) and any(
                    isinstance(call, ast.Call) and getattr(call.func, "id", "") == name
                    for call in ast.walk(function)
                ):
                    found.add(f"{module}.{prefix}{function.name}")
    return found


@pytest.fixture
def reading(tmp_path: Path) -> Callable[[str, Asked], Understood]:
    def read(content: str, asked: Asked) -> Understood:
        path = tmp_path / "data.csv"
        path.write_text(content, encoding="utf-8")
        return Understood.of(path, read_data(path, asked), 1)

    return read


@pytest.mark.parametrize(("content", "asked", "option", "does"), SAID.values(), ids=SAID)
def test_an_inference_is_in_text_and_json_with_its_alternative_and_option(
    reading: Callable[[str, Asked], Understood], content: str, asked: Asked, option: str, does: str
) -> None:
    understood = reading(content, asked)
    found = [each for each in understood.inferences if (each.option, each.alternative) == (option, does)]
    assert found, [(each.option, each.alternative) for each in understood.inferences]
    lines = " ".join(" ".join(understood.lines()).split())
    assert found[0].text in lines
    assert option in found[0].text.replace(" with ", " ")
    assert does in found[0].text
    json = understood.model_dump(mode="json")
    assert {"text": found[0].text, "alternative": does, "option": option} in json["inferences"]
    assert Understood.model_validate(json) == understood


def test_every_kind_of_inference_is_among_these(
    reading: Callable[[str, Asked], Understood], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: set[str] = set()
    add = notes._add

    def record(added: notes.Note) -> None:
        caller = sys._getframe(2)
        if added.options:
            module = str(caller.f_globals["__name__"]).removeprefix("forecaster.data.")
            said.add(f"{module}.{caller.f_code.co_qualname}")
        add(added)

    monkeypatch.setattr(notes, "_add", record)
    for content, asked, *_ in SAID.values():
        reading(content, asked)
    assert sites("infer") - said == ELSEWHERE


def test_a_fact_is_said_without_an_option_for_a_reason() -> None:
    assert sites("note") == set(FACTS)


@pytest.mark.parametrize("content", CLEAR.values(), ids=CLEAR)
def test_a_file_that_leaves_no_doubt_has_no_inference(
    reading: Callable[[str, Asked], Understood], content: str
) -> None:
    understood = reading(content, Asked())
    assert understood.inferences == ()
    assert "inferences" not in understood.model_dump(mode="json")


def test_an_option_is_written_for_those_who_read(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text(SAID["years of another name"][0])
    assert [read_data(path, audience=who).inferences[0].option for who in (COMMAND_LINE, PYTHON)] == [
        "--time",
        "time=",
    ]
