"""Files that are sent to the service are read, and their forecasts written, as by `forecaster forecast`."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from packed_tables import to_workbook, to_zip
from running import Service
from time_forms import FORMS

from deploy import Manifest, Predictor, TimeStep
from deploy.bundle.bundle import Bundle, canonical, parse_manifest
from deploy.errors import InputError
from forecaster.data.times.timestamps import parse_timestamps, write_timestamps
from forecaster.export.for_season import SeasonModel, pack_season
from forecaster.workflows.forecast import ForecastRequest, forecast
from forecaster.workflows.service.uploads import answer_upload

pytestmark = pytest.mark.slow

BUNDLES = Path(__file__).parents[2] / "deploy" / "bundles"
MONTH = TimeStep(1, "month")
Read = Callable[..., Any]


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """read(content, manifest, status=200, **options): the answer to a file."""
    monkeypatch.chdir(tmp_path)

    def answer(
        content: str | bytes, manifest: Manifest, status: int = 200, name: str = "x.csv", **options: Any
    ) -> Any:
        Path(name).write_bytes(content.encode() if isinstance(content, str) else content)
        asked = {"options": options, "points": 10_000, "horizon": manifest.max_horizon, "model": "m"}
        found, body = answer_upload(Path(name), canonical(manifest.to_json()), asked)
        assert found == status, body
        return json.loads(body)

    return answer


def model(step: TimeStep = MONTH) -> Bundle:
    """A pretrained network for series of a step, in the columns time and value."""
    return pack_season(SeasonModel(1, horizon=3, step=step)).bundle


@pytest.fixture(scope="module")
def monthly() -> Manifest:
    return model().manifest


def bundled(name: str) -> Manifest:
    path = BUNDLES / name
    return parse_manifest((path / "manifest.json").read_bytes(), path)


def rows(head: str, *lines: str) -> str:
    return "\n".join([head, *lines]) + "\n"


def forecast_of(predictor: Predictor, found: Any) -> list[list[float]]:
    """Medians of each series, of the items that a caller would send on."""
    medians = []
    for series in found["series"]:
        given = {name: value for name, value in series["request"].items() if name != "id"}
        history = [np.array(given["values"], dtype=float)]
        made = predictor.forecast(history, last_timestamp=[given["last_timestamp"]], horizon=3)
        medians.append(made.median[0].tolist())
    return medians


STEPS = sorted({step for step, _ in FORMS.values()}, key=str)


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_every_form_of_time_is_read_and_written_as_by_the_command(read: Read, step: TimeStep) -> None:
    bundle = model(step)
    predictor = Predictor(bundle)
    for form in [form for form, (own, _) in FORMS.items() if own == step]:
        first = parse_timestamps(pd.Series([FORMS[form][1].split("|")[0]]), form).seconds
        times = write_timestamps(step.shift(np.repeat(first, 40), np.arange(40)), form)
        if len(set(times)) < len(times):  # a form of days cannot tell hours apart
            continue
        table = pd.DataFrame({"time": times, "value": 100 + np.arange(40) % 7})
        found = read(table.to_csv(index=False), bundle.manifest)
        expected = forecast(ForecastRequest(Path("x.csv"), bundle=predictor, output=None)).table
        (series,) = found["series"]
        coming = found["coming"][series["coming"]]
        assert {name: texts[:3] for name, texts in coming.items()} == {"time": expected["time"].tolist()}, (
            form
        )
        assert forecast_of(predictor, found) == [expected["forecast"].tolist()], form
        assert found["understood"]["time_format"] == form or found["understood"]["first"] == times[0]
        assert series["request"]["values"] == table["value"].tolist()
        assert len(found["times"][series["times"]]) == 40


# files in columns of their own, with what the model takes of them
YEARS = [(year, month) for year in range(2019, 2022) for month in range(1, 13)]
GERMAN = "\n".join(f"01.{month:02}.{year};{month},5;Köln" for year, month in YEARS)
PANEL = [f"{shop},{year},{month},{10 * month}" for shop in ("a", "b") for year, month in YEARS]
WIDE = "shop," + ",".join(f"{year}-{month:02}" for year, month in YEARS)


def test_a_german_file_of_windows_is_read_whatever_its_columns_are_called(
    read: Read, monthly: Manifest
) -> None:
    found = read(f"Datum;Umsatz;Ort\n{GERMAN}".encode("cp1252"), monthly)
    (series,) = found["series"]
    assert series["request"]["values"][:3] == [1.5, 2.5, 3.5]
    assert found["times"][0][:2] == ["2019-01-01", "2019-02-01"]
    assert found["coming"][0]["Datum"][:2] == ["01.01.2022", "01.02.2022"]
    assert found["columns"]["all"] == ["Datum", "Umsatz", "Ort"]
    assert (found["columns"]["targets"], found["columns"]["is_own"]) == (["Umsatz"], False)


def test_a_panel_of_split_times_has_its_future_in_the_same_columns(read: Read, monthly: Manifest) -> None:
    found = read(rows("shop,year,month,sold", *PANEL), monthly)
    assert [series["key"] for series in found["series"]] == [{"shop": "a"}, {"shop": "b"}]
    assert {series["times"] for series in found["series"]} == {0}  # said once
    assert found["coming"][0]["year"][0] == "2022"
    assert found["coming"][0]["month"][0] == "1"
    assert found["columns"]["time"] == ["year", "month"]


def test_a_wide_file_is_a_row_a_series(read: Read, monthly: Manifest) -> None:
    lines = [f"{shop}," + ",".join(str(place) for place in range(36)) for shop in ("a", "b", "c")]
    found = read(rows(WIDE, *lines), monthly)
    assert [series["key"]["shop"] for series in found["series"]] == ["a", "b", "c"]
    assert found["coming"][0]["time"][:2] == ["2022-01", "2022-02"]
    (note,) = [note for note in found["notes"] if "layout=wide" in note["text"]]
    assert note["options"] == [{"name": "layout", "value": "wide"}]
    assert found["columns"]["is_own"]  # nothing else to forecast


def test_the_columns_of_the_model_come_first_and_are_those_of_the_command(read: Read) -> None:
    manifest = bundled("covariates")
    predictor = Predictor.load(BUNDLES / "covariates")
    columns = manifest.columns
    step, length = manifest.time_step, 60
    start = np.array([np.datetime64("2024-01-01", "s").astype(np.int64)])
    stamps = step.shift(np.repeat(start, length + 20), np.arange(length + 20))
    table = pd.DataFrame({columns.time: write_timestamps(stamps, columns.time_format)})
    for place, name in enumerate((*columns.targets, *columns.known, *columns.past)):
        table[name] = np.round(50 + 5 * np.sin(np.arange(len(table)) / (3 + place)), 2)
    table.loc[length:, [*columns.targets, *columns.past]] = np.nan
    for name in columns.static:
        words = manifest.vocabularies.get(name)
        table[name] = words[0] if words else 1.5
    keyed = [table.assign(**dict.fromkeys(columns.series, key)) for key in ("k1", "k2")]
    table = pd.concat(keyed if columns.series else keyed[:1])
    found = read(table.to_csv(index=False), manifest)
    expected = forecast(ForecastRequest(Path("x.csv"), bundle=predictor, output=None)).table
    for number, series in enumerate(found["series"]):
        request = series["request"]
        assert len(request["future_known"][columns.known[0]]) == 20
        given = {
            name: [np.stack([np.array(column, float) for column in request[name].values()], axis=1)]
            for name in ("known", "future_known", "past")
            if name in request
        }
        given["future_known"] = [given["future_known"][0][: manifest.horizon]]
        static = request.get("static", {})
        made = predictor.forecast(
            [np.array(request["values"], float)],
            last_timestamp=[request["last_timestamp"]],
            static_cat=[[static[name] for name in manifest.vocabularies]] if manifest.vocabularies else None,
            static=[[static[name] for name in manifest.static]] if manifest.static else None,
            **given,
        )
        rows_of = slice(number * manifest.horizon, (number + 1) * manifest.horizon)
        np.testing.assert_array_equal(made.median[0], expected["forecast"][rows_of])
        assert found["coming"][series["coming"]][str(columns.time)][: manifest.horizon] == (
            expected[columns.time][rows_of].tolist()
        )


@pytest.mark.parametrize("kind", ["xlsx", "parquet", "json", "gz", "zip"])
def test_files_of_every_kind_are_read(read: Read, monthly: Manifest, kind: str) -> None:
    table = pd.DataFrame({"when": [f"{year}-{month:02}-01" for year, month in YEARS], "y": range(36)})
    written = io.BytesIO()
    if kind == "xlsx":
        pytest.importorskip("python_calamine")
        written.write(to_workbook(sheet=[["when", "y"], *table.to_numpy().tolist()]))
    elif kind == "parquet":
        table.to_parquet(written)
    elif kind == "json":
        table.to_json(written, orient="records")
    elif kind == "gz":
        written.write(gzip.compress(table.to_csv(index=False).encode()))
    else:
        written.write(to_zip({"table.csv": table.to_csv(index=False)}))
    found = read(written.getvalue(), monthly, name=f"x.{kind}")
    assert found["series"][0]["request"]["values"] == list(range(36))


def test_an_error_names_the_line_and_offers_what_helps(read: Read, monthly: Manifest) -> None:
    lines = [f"{year}-{month:02},{month}" for year, month in YEARS]
    bad = rows("when,y", *lines).replace("2019-03,3", "2019-03,closed")
    said = read(bad, monthly, 422)
    assert 'column "y": "closed" is not a number\n  --> x.csv:4    2019-03,closed' in said["error"]
    assert said["error"].endswith("na=closed reads it as missing")
    assert said["options"] == [{"name": "na", "value": "closed"}]
    assert said["columns"] == ["when", "y"]
    found = read(bad, monthly, na=["closed"])
    assert found["series"][0]["request"]["values"][:4] == [1, 2, None, 4]


def test_the_step_of_a_file_is_told_where_the_model_has_another(read: Read, monthly: Manifest) -> None:
    days = rows("when,y", *(f"2024-01-{day:02},{day}" for day in range(1, 31)))
    assert read(days, monthly, 422)["step"] == "1 day"
    assert read(days.replace(",7", ",closed"), monthly, 422)["step"] is None


def test_columns_that_are_chosen_are_taken(read: Read, monthly: Manifest) -> None:
    lines = [
        f"{year}-{month:02}-05,{year}-{month:02}-01,{month * month % 11},{2 * month + year % 7}"
        for year, month in YEARS
    ]
    text = rows("sent,paid,units,price", *lines)
    assert read(text, monthly)["columns"]["targets"] == ["units", "price"]
    found = read(text, monthly, target=["price"], time=["paid"])
    assert (found["columns"]["targets"], found["columns"]["time"]) == (["price"], ["paid"])
    assert found["series"][0]["request"]["last_timestamp"] == "2021-12-01"
    counted = read(text, monthly, target=["price"], time=[""])
    assert "last_timestamp" not in counted["series"][0]["request"]
    assert counted["coming"][0]["row"][0] == "36"


def test_a_form_of_times_that_was_chosen_is_taken(read: Read) -> None:
    daily = model(TimeStep(1, "day")).manifest
    text = rows("time,value", *(f"{day:02}/01/2024,{day}" for day in range(1, 13)))
    assert read(text, daily, time_format="%d/%m/%Y")["times"][0][1] == "2024-01-02"
    assert read(text, daily, time_format="%m/%d/%Y")["times"][0][31] == "2024-02-01"


def test_a_file_without_times_is_counted(read: Read, monthly: Manifest) -> None:
    found = read(rows("y", *map(str, range(30))), monthly)
    assert "last_timestamp" not in found["series"][0]["request"]
    assert found["times"][0][:2] == [0, 1]


def test_names_of_the_model_are_found_in_any_case(read: Read) -> None:
    manifest = bundled("plain")
    lines = [f"{year}-{month:02},{month},{place % 5}" for place, (year, month) in enumerate(YEARS)]
    found = read(rows("TIME,Y,other", *lines), manifest)
    assert (found["columns"]["targets"], found["columns"]["is_own"]) == (["Y"], True)


def test_names_of_the_pretrained_network_are_no_names_of_data(read: Read) -> None:
    hourly = model(TimeStep(1, "hour")).manifest
    lines = [f"{day:02}/01/2024,{hour:02}:00:00,{hour}" for day in range(13, 16) for hour in range(24)]
    found = read(rows("Date,Time,load", *lines), hourly)
    assert found["columns"]["time"] == ["Date", "Time"]
    assert found["coming"][0]["Time"][:2] == ["00:00:00", "01:00:00"]


def test_a_changing_utc_offset_is_read_for_a_model_without_a_calendar(read: Read) -> None:
    hourly = model(TimeStep(1, "hour")).manifest
    times = [f"2024-03-31T0{hour}:00+01:00" for hour in (0, 1)]
    times += [f"2024-03-31T0{hour}:00+02:00" for hour in range(3, 10)]
    found = read(rows("time,load", *(f"{text},{place}" for place, text in enumerate(times))), hourly)
    assert found["times"][0][:3] == ["2024-03-31T00:00:00", "2024-03-31T01:00:00", "2024-03-31T03:00:00"]
    assert found["coming"][0]["time"][0] == "2024-03-31T10:00+02:00"


def test_columns_that_a_model_needs_and_that_are_not_there_are_named(read: Read) -> None:
    manifest = bundled("covariates")
    columns = manifest.columns
    lacking = read(rows("time,y", "2024-01-01,1", "2024-01-02,2"), manifest, 422)
    assert f'the model needs the covariate "{columns.known[0]}"' in lacking["error"]
    joint = bundled("joint")
    head = ",".join([str(joint.columns.time), joint.channels[0], *joint.known, *joint.past])
    cells = ",1" * (1 + len(joint.known) + len(joint.past))
    said = read(rows(head, f"2024-01-01{cells}", f"2024-01-02{cells}"), joint, 422)
    assert f'no column is called "{joint.channels[1]}"' in said["error"]


def test_an_option_of_few_values_names_the_nearest(read: Read, monthly: Manifest) -> None:
    said = read(rows("when,y", "2024-01,1", "2024-02,2"), monthly, 422, aggregate="means")
    assert "(did you mean 'mean'?), found 'means'" in said["error"]


def test_warnings_are_notes_of_the_answer(read: Read, monthly: Manifest) -> None:
    lines = [f"{year}-{month:02},{month}" for year, month in reversed(YEARS)]
    found = read(rows("when,y", *lines), monthly)
    assert any("rows are not in order of time; sorted" in note["text"] for note in found["notes"])


def test_more_values_than_an_answer_holds_are_cut_to_what_the_model_looks_at(
    read: Read, monthly: Manifest
) -> None:
    start = np.array([0])
    stamps = write_timestamps(MONTH.shift(np.repeat(start, 11_000), np.arange(11_000)), "%Y-%m-%d")
    found = read(rows("time,value", *(f"{stamp},1{place}" for place, stamp in enumerate(stamps))), monthly)
    assert len(found["series"][0]["request"]["values"]) == monthly.context_length
    many = [f"s{key},{year}-{month:02},{month}" for key in range(400) for year, month in YEARS]
    said = read(rows("key,time,value", *many), monthly, 413)
    assert "send fewer series" in said["error"]


def test_no_answer_names_a_path_of_the_service(read: Read, monthly: Manifest, tmp_path: Path) -> None:
    for content in (b"\0\1\2", b"<html>", b"", b"a,b\n1\n", b"PK\x03\x04broken", b"PAR1broken", b"{"):
        said = read(content, monthly, 422)
        assert str(tmp_path.parent) not in said["error"]
        assert said["error"]


def test_what_a_model_cannot_forecast_is_said_by_the_forecast(read: Read) -> None:
    manifest = bundled("plain")
    found = read(rows("time,y", "2024-01-01 00:00:00,-5", "2024-02-01 00:00:00,2"), manifest)
    with pytest.raises(InputError, match="expected"):
        Predictor.load(BUNDLES / "plain").forecast([np.array(found["series"][0]["request"]["values"])])


def test_a_service_of_the_command_reads_files(tmp_path: Path, read: Read) -> None:
    service = Service(tmp_path, f"plain={BUNDLES / 'plain'}", program=["-m", "forecaster", "serve"])
    try:
        content = f"Datum;Umsatz;Ort\n{GERMAN}".encode()
        status, _, body = service.ask("POST", "/read?name=x.csv", content)
        assert (status, json.loads(body)) == (200, {**read(content, bundled("plain")), "model": "plain"})
        request = json.loads(body)["series"][0]["request"]
        assert len(service.forecast({"series": [request]})["forecasts"][0]["median"]) == 6
        assert ".parquet" in service.get("/models")["reads"]["endings"]
    finally:
        service.kill()
