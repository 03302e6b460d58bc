"""Fit a model for each segment: the file is read once, and each value of some columns has its own run."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from deploy.bundle.segments import Key, find_segments, segment_folder
from deploy.errors import ConfigError, ForecasterError, RunError
from deploy.sources.named import Query, Remote, paths_of
from forecaster.config import Asked
from forecaster.config.building import build
from forecaster.data import Panel, Understood, called, read_data, record_of
from forecaster.data.complaints import Option, with_options
from forecaster.data.panel.panel_segments import series_by, take_segment, with_keys
from forecaster.jobs.crew import Crew
from forecaster.jobs.worker import LOG, Call
from forecaster.run.places import is_finished
from forecaster.run.segment_fits import SegmentFit, SegmentFits
from forecaster.training.resume.interruption import Interrupted
from forecaster.workflows.fit import FitRequest, FitResult, fit
from forecaster.workflows.in_use import check_run_place
from forecaster.workflows.recipes.recipe import default_season, given_lengths

logger = logging.getLogger("forecaster")


class SegmentListener(Protocol):
    """A listener that is told how the fits of segments go along."""

    def on_segments(self, understood: Understood, by: tuple[str, ...], count: int) -> None:
        """Take note of what was read, and of how many segments it holds."""

    def on_segment(self, fit: SegmentFit) -> None:
        """Take note that the fit of a segment has ended."""


def fit_segments(request: FitRequest, by: Sequence[str], listener: SegmentListener) -> SegmentFits:
    """Fit each segment, `jobs` of them at a time, each in a process of one thread.

    A segment that fails is listed, and the others are kept. Raises DataError, ConfigError, RunError, and
    Interrupted after a signal: the segments that were being fitted leave checkpoints.
    """
    columns, output = tuple(dict.fromkeys(by)), request.output
    if request.origin is not None:
        raise with_options(ConfigError, Option("by"), " begins a run for each segment; leave out --from")
    if output is None:
        raise ConfigError("the runs of segments need a folder; name one with -o")
    check_run_place(output, paths_of(request.data))
    refuse_other_runs(output, columns)
    panel = read_by(request, columns)
    series = series_by(panel, columns)
    season = given_lengths(request.settings["model"]).season or default_season(panel)
    listener.on_segments(
        Understood.of(called(request.data), panel, season, record_of(request.data)), columns, len(series)
    )
    keys = list(series)
    is_named = isinstance(request.data, Path | Remote | Query)
    own = replace(request, data=request.data if is_named else Path(called(request.data)), jobs=1)
    tasks = [
        (fit_segment, (replace(own, output=segment_folder(output, columns, key)), key, series[key]))
        for key in keys
    ]
    crew = Crew(request.jobs, panel)
    found: dict[int, SegmentFit] = {}
    for outcome in crew.run(tasks, partial(log_of, keys)):
        key = keys[outcome.number]
        if isinstance(outcome.error, KeyboardInterrupt):
            continue
        if outcome.error is not None and not isinstance(outcome.error, ForecasterError):
            raise outcome.error
        failed = SegmentFit(
            key, segment_folder(output, columns, key), len(series[key]), error=str(outcome.error)
        )
        found[outcome.number] = outcome.result if outcome.error is None else failed
        listener.on_segment(found[outcome.number])
    if len(found) < len(keys):
        raise Interrupted(crew.stopped, f"interrupted with {len(found)} of {len(keys)} segments done")
    return SegmentFits(columns, output, tuple(found[number] for number in range(len(keys))))


def log_of(keys: Sequence[Key], number: int, name: str, *told: Any) -> None:
    """Log what the process of a segment logs, with its name."""
    if name == LOG:
        level, text = told
        logger.log(level, "%s: %s", segment_name(keys[number]), text)


def segment_name(key: Key) -> str:
    """Return how messages call a segment."""
    return "/".join(key) or "without a name"


def refuse_other_runs(output: Path, by: tuple[str, ...]) -> None:
    """Raise RunError where a run, or runs by other columns, lie in the folder."""
    if is_finished(output):
        raise RunError(
            f"{output} is a run, and the runs of segments go into a folder; choose another with -o"
        )
    there = find_segments(output)
    if there is not None and there.by != by:
        raise RunError(
            f"{output} holds runs by {', '.join(there.by)}, not by {', '.join(by)}; choose another with -o"
        )


def read_by(request: FitRequest, by: tuple[str, ...]) -> Panel:
    """Read the data with these columns among those that tell series apart. Raises DataError, ConfigError."""
    said = build(Asked, request.settings["data"])
    if said.series:
        said = said.model_copy(update={"series": tuple(dict.fromkeys((*said.series, *by)))})
    panel = with_keys(read_data(request.data, said, audience=request.audience), by)
    refuse_unknown(panel, by)
    if lacking := [name for name in by if name not in panel.columns.series]:
        # Neither a key nor a category by itself, such as a number.
        series = (*panel.columns.series, *lacking)
        others = tuple(name for name in said.static if name not in lacking)
        said = said.model_copy(update={"series": series, "static": others})
        panel = read_data(request.data, said, audience=request.audience)
    return panel


def refuse_unknown(panel: Panel, by: tuple[str, ...]) -> None:
    """Raise ConfigError for a column that the data do not have, or that is the time or a target."""
    columns = panel.columns
    names = (*columns.series, *columns.static, *columns.known, *columns.past, *columns.ignored)
    for name in by:
        if name not in names:
            listed = ", ".join(names) or "none"
            raise with_options(
                ConfigError, Option("by", name, is_quoted=True), f": no such column; columns: {listed}"
            )


class Silent:
    """A listener that says nothing: of a segment that trains next to others its end is told."""

    def of_member(self, *_: Any) -> "Silent":
        """Return itself."""
        return self

    def on_interrupt(self, _where: str) -> bool:
        """Take no offer: a checkpoint stays."""
        return False

    def _ignore(self, *_: Any) -> None: ...

    on_prepared = on_nothing_left = on_fitted = on_pace = on_start = on_stage = _ignore
    on_resumed = on_update = on_epoch = _ignore


def fit_segment(panel: Panel, _call: Call, request: FitRequest, key: Key, series: Any) -> SegmentFit:
    """Fit one segment in this process. series: the numbers of its own in the panel."""
    part = take_segment(panel, series)
    try:
        result: FitResult = fit(replace(request, panel=part), Silent())
    except OSError as error:  # such as of a value that is too long for the name of a folder
        raise RunError(f"cannot write {request.output}: {error.strerror}") from error
    return SegmentFit.of(result.run, key, len(series))
