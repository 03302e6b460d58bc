"""A file that was sent to the service: read for a model by the rules of `forecaster forecast`, and answered.

The service runs this module as a process of its own: deploy.server.reading.reading_child.
"""

import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from deploy import Manifest
from deploy.bundle.bundle import parse_manifest
from deploy.errors import DataError, ForecasterError
from deploy.server.reading.reading_child import serve
from forecaster.config import Asked
from forecaster.config.building import build
from forecaster.data import Panel, Understood, read_data, read_for_model
from forecaster.data.audience import speaking_to
from forecaster.data.columns import AskedByModel
from forecaster.data.files.source import read_cells
from forecaster.data.panel.listing import report_below
from forecaster.data.read import opened, refuse_other_zone
from forecaster.forecasts.forecast_table import refuse_clashes
from forecaster.workflows.segments.model_data import reported
from forecaster.workflows.service.offering import Offering, OtherColumnsError, OtherTimesError
from forecaster.workflows.service.other_columns import NONE, alike, ask_for, is_fitted
from forecaster.workflows.service.sent_series import Room, SentSeries, TooLargeError

Json = dict[str, Any]

# Options that leave the columns to the model.
OF_CELLS = ("na", "sheet", "decimal")
LONGEST_ERROR = 1900  # bytes, so that it is 2 KiB as JSON at most


@dataclass(frozen=True)
class Upload:
    """A file that was sent, the model that it is for, and what was said of it."""

    path: Path
    manifest: Manifest
    options: Mapping[str, Any]
    offering: Offering
    names: list[str] = field(default_factory=list)  # of its columns, once they were looked up


def answer_upload(path: Path, manifest: bytes, asked: Json) -> tuple[int, bytes]:
    """Return 200 and what was understood of a file, 413 for too much, or 422 with what is wrong with it.

    manifest: of the model's bundle; asked: "options", and the "points" and "horizon" of an answer.
    """
    upload = Upload(path, parse_manifest(manifest, path), asked["options"], Offering(asked["options"]))
    try:
        with _hearing() as heard, speaking_to(upload.offering):
            panel = read_upload(upload)
            content = {"model": asked["model"]} | _describe(
                upload, panel, heard, Room(asked["points"], asked["horizon"])
            )
    except TooLargeError as error:
        return 413, orjson.dumps({"error": str(error)})
    except ForecasterError as error:
        text = str(error).encode("utf-8", "replace")[:LONGEST_ERROR].decode("utf-8", "ignore")
        offered = upload.offering.within(text)
        said = {"error": text, "options": offered, "columns": _names(upload), "step": _other_step(upload)}
        return 422, orjson.dumps(said)
    return 200, orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY)


def read_upload(upload: Upload) -> Panel:
    """Read a file in the columns of its model; where it has others, as a fit would, on the model's step.

    So is one whose series the model does not tell apart, as it was fitted on one. Raises ForecasterError.
    """
    if not is_fitted(upload.manifest) or not set(upload.options) <= set(OF_CELLS):
        return _read_others(upload)
    try:
        return _read_own(upload)
    except DataError as error:
        if upload.manifest.columns.series and not isinstance(error, OtherColumnsError):
            raise
        return _read_others(upload)  # which also says what helps a file of several series


def _read_own(upload: Upload) -> Panel:
    """Read the columns that the model was fitted on."""
    manifest, options = upload.manifest, dict(upload.options)
    columns = manifest.columns
    if decimal := options.pop("decimal", None):
        columns = replace(columns, decimal=decimal)
    asked = AskedByModel.of(columns, manifest.time_step)
    checked = build(Asked, options)
    asked = asked.model_copy(update={name: getattr(checked, name) for name in options})
    return reported(read_for_model(upload.path, asked, audience=upload.offering), manifest)


def _read_others(upload: Upload) -> Panel:
    """Read the columns that were asked for, or found; count the rows where they have no dates."""
    manifest, options = upload.manifest, dict(upload.options)
    names = _names(upload)
    audience = upload.offering
    try:
        panel = read_data(upload.path, ask_for(manifest, options, names), audience=audience)
    except OtherTimesError:
        if options.get("time") == NONE or not manifest.time_step.has_calendar:
            raise
        panel = read_data(upload.path, ask_for(manifest, {**options, "time": NONE}, names), audience=audience)
    times_count = manifest.uses_calendar or manifest.holidays is not None  # else they are labels alone
    if panel.step.has_calendar and times_count:
        refuse_other_zone(panel, manifest.columns, upload.path, audience)
    report_below(panel, manifest.lower)
    return panel


def _names(upload: Upload) -> list[str]:
    """Return the columns of a file in their order; none of one that cannot be read at all."""
    given = {name: value for name, value in upload.options.items() if name in ("sheet", "na", "no_header")}
    if not upload.names:
        with suppress(Exception), opened(upload.path, build(Asked, given)) as (source, _):
            upload.names.extend(map(str, read_cells(source, build(Asked, given)).columns))
    return upload.names


def _other_step(upload: Upload) -> str | None:
    """Return the step of a file in words, where it is another than the model's; None where nothing tells."""
    given = {name: value for name, value in upload.options.items() if name in Asked.model_fields}
    with suppress(ForecasterError):
        step = read_data(upload.path, build(Asked, given)).step
        return None if step == upload.manifest.time_step else str(step)
    return None


@contextmanager
def _hearing() -> Iterator[list[str]]:
    """Give the warnings that are logged meanwhile; notes stand in the panel."""
    heard: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(record.getMessage())

    listener, logger = Listener(logging.WARNING), logging.getLogger("forecaster")
    listener.addFilter(lambda record: record.name == logger.name)
    logger.addHandler(listener)
    try:
        yield heard
    finally:
        logger.removeHandler(listener)


def _describe(upload: Upload, panel: Panel, heard: list[str], room: Room) -> Json:
    """Return the answer: what was understood, what is said of it, and the series."""
    manifest, columns = upload.manifest, panel.columns
    levels = tuple(f"q{level:g}" for level in manifest.quantile_levels)
    refuse_clashes(panel, "forecast", ("forecast", *levels))
    own = manifest.columns
    there = (*columns.known, *columns.past, *columns.static)
    names = {
        name: found
        for name in (*own.known, *own.past, *own.static)
        if (found := alike(name, there)) is not None
    }
    understood = Understood.of(upload.path.name, panel, manifest.season).model_dump(mode="json")
    numbers = [*columns.targets, *columns.known, *columns.past, *columns.static_numbers]
    numbers += [*columns.unused_numbers, *panel.reasons]
    is_own = any(alike(name, columns.targets) for name in own.targets)
    return {
        "understood": understood,
        "notes": [upload.offering.note(text) for text in (*heard, *panel.notes)],
        "columns": {
            "all": _names(upload) or list(names),
            "numbers": list(dict.fromkeys(numbers)),
            "taken": names,
            "time": list(dict(columns.time_parts)) or ([columns.time] if columns.time else []),
            "series": columns.series,
            "targets": columns.targets,
            "is_own": is_own or columns.layout in ("rows", "grid"),
        },
        **SentSeries(panel, manifest, names, room).to_json(),
    }


if __name__ == "__main__":
    serve(answer_upload, int(sys.argv[1]))
