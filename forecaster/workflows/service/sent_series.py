"""Series of a panel as items of POST /forecast, with their times, and those to come as the file has them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deploy import Manifest
from deploy.errors import DataError
from deploy.forecast import Forecast, write_times
from forecaster.data import Panel
from forecaster.forecasts.forecast_table import write_times_of
from forecaster.forecasts.through_predictor import category_texts

Json = dict[str, Any]
LONGEST_ID = 256  # characters, as POST /forecast takes them


class TooLargeError(DataError):
    """The series of a file are more than an answer may hold."""


@dataclass(frozen=True)
class Room:
    """How much an answer may hold."""

    points: int  # values of all series
    horizon: int  # steps that the model may be asked for


class SentSeries:
    """The series of a panel, for a model. names: of a column of the model -> of that in the panel."""

    def __init__(self, panel: Panel, manifest: Manifest, names: Mapping[str, str], room: Room) -> None:
        """Choose what there is room for. Raises TooLargeError."""
        self._panel, self._manifest, self._names = panel, manifest, names
        self._texts = category_texts(panel)
        columns = max(1, panel.target_size) + len(manifest.known) + len(manifest.past)
        self._begins = panel.offsets[:-1]
        if columns * len(panel.values) > room.points:
            self._begins = np.maximum(panel.offsets[:-1], panel.ends - manifest.context_length)
        points = columns * int((panel.ends - self._begins).sum())
        if points > room.points:
            raise TooLargeError(
                f"{panel.series_count} series, {points} values that the model looks at, at most "
                f"{room.points} in an answer; send fewer series, or forecast them with `forecaster forecast`"
            )
        _, first, self._end_of = np.unique(panel.last_times(), return_index=True, return_inverse=True)
        self._first_of_end: NDArray[np.int64] = first  # a series for each time that any of them ends at
        self._steps = max(1, min(room.horizon, room.points // len(first)))

    def to_json(self) -> Json:
        """Return "series", and what several have in common: "times" of their values, and "coming" ones.

        Times are ISO 8601, or counts; those to come are texts by column, as the file writes them.
        """
        panel = self._panel
        grids: dict[tuple[int, ...], int] = {}
        series: list[Json] = []
        times: list[list[Any]] = []
        ids = [dict(zip((*panel.columns.series, "target"), id_, strict=False)) for id_ in panel.ids]
        has_several = len(panel.columns.targets) > 1 and not panel.columns.joint
        for number, id_ in enumerate(ids):
            rows = slice(int(self._begins[number]), int(panel.ends[number]))
            first = panel.leads[number] + rows.start - panel.offsets[number]
            grid = int(panel.starts[number]), int(first), rows.stop - rows.start
            if grid not in grids:
                grids[grid] = len(times)
                times.append(self._times(number, rows))
            target = panel.ids[number][-1] if has_several else None
            key = {name: text for name, text in id_.items() if name in panel.columns.series}
            more = {"times": grids[grid], "coming": int(self._end_of[number])}
            request = self._request(number, rows)
            after = int(panel.offsets[number + 1] - panel.ends[number])
            series.append({"key": key, "target": target, "after": after, **more, "request": request})
        return {"series": series, "times": times, "coming": self._coming()}

    def _times(self, number: int, rows: slice) -> list[Any]:
        moments = self._panel.times(np.array(number), np.arange(rows.start, rows.stop))
        return self._written(moments)

    def _written(self, moments: NDArray[np.int64]) -> list[Any]:
        """Return times as the service writes them. moments: (steps,)."""
        panel = self._panel
        if not panel.step.has_calendar:
            counts: list[int] = moments.tolist()
            return counts
        if panel.clock is not None:  # a model without a time zone has the times of the wall clock as labels
            is_zoned = self._manifest.columns.timezone is not None
            moments = panel.clock.to_utc(moments) if is_zoned else panel.clock.to_wall(moments)
        nothing = np.empty((1, len(moments), 0))
        forecast = Forecast(nothing, (), moments[None].astype("datetime64[s]"))
        return write_times(self._manifest, forecast)[0]

    def _coming(self) -> list[dict[str, list[str]]]:
        """Return the next times after each last one, as texts by the columns that the file has for them."""
        panel = self._panel
        moments = panel.step.shift(
            panel.last_times()[self._first_of_end][:, None], np.arange(1, self._steps + 1)[None]
        )
        return [write_times_of(panel, row) for row in moments]

    def _request(self, number: int, rows: slice) -> Json:
        """Return the item of POST /forecast, with all values of the series that there is room for."""
        panel, manifest = self._panel, self._manifest
        values = panel.values[rows]
        item: Json = {"values": values}
        if text := "/".join(panel.ids[number])[:LONGEST_ID]:
            item = {"id": text, **item}
        if manifest.channels:  # in the order of the file's columns, which are the model's
            item["values"] = {name: values[:, place].copy() for place, name in enumerate(manifest.channels)}
        if panel.step.has_calendar == manifest.time_step.has_calendar:
            item["last_timestamp"] = self._times(number, slice(rows.stop - 1, rows.stop))[0]
        if manifest.known:
            item["known"] = self._known(rows)
            item["future_known"] = self._ahead(number, rows)
        if manifest.past:
            places = {name: panel.columns.past.index(self._names[name]) for name in manifest.past}
            item["past"] = {name: panel.past[rows, place].copy() for name, place in places.items()}
        if manifest.columns.static:
            item["static"] = self._statics(number)
        return item

    def _known(self, rows: slice) -> dict[str, NDArray[np.float32]]:
        """Return known covariates by the names that the model has for them, (rows,) each."""
        panel = self._panel
        places = {name: panel.columns.known.index(self._names[name]) for name in self._manifest.known}
        return {name: panel.known[rows, place].copy() for name, place in places.items()}

    def _ahead(self, number: int, rows: slice) -> Json:
        """Return known covariates after the last value, as far as all of them go."""
        stop = min(int(self._panel.offsets[number + 1]), rows.stop + self._steps)
        found = self._known(slice(rows.stop, stop))
        gaps = np.flatnonzero(np.isnan(np.stack(list(found.values()))).any(axis=0))
        length = int(gaps[0]) if gaps.size else stop - rows.stop
        return {name: column[:length] for name, column in found.items()}

    def _statics(self, number: int) -> Json:
        """Return static values by the names that the model has for them; without those that are unknown."""
        panel, columns = self._panel, self._panel.columns
        found: Json = dict(zip(columns.categories, self._texts[number], strict=True))
        numbers = zip(columns.static_numbers, panel.static[number].tolist(), strict=True)
        found |= {name: value for name, value in numbers if not np.isnan(value)}
        own = {name: found.get(self._names.get(name, "")) for name in self._manifest.columns.static}
        return {name: value for name, value in own.items() if value not in (None, "")}
