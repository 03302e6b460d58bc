"""Cells of a source as a table: what its rows are, one column of times, and what is asked of its columns."""

from dataclasses import dataclass, replace
from functools import partial

import pandas as pd

from forecaster.config import Asked
from forecaster.data.across.layout import Shape, check_layout, find_shape, lay_out
from forecaster.data.across.periods_across import gather
from forecaster.data.columns import ACROSS, as_one_series
from forecaster.data.figures.settling import Figures, read_figures
from forecaster.data.files.source import Source, refuse_bad_shape, texts_of_keys
from forecaster.data.joining.split_time import join_time
from forecaster.data.number_time import settle_number_dates
from forecaster.data.table import Spread, Table, Texts, TimeParts
from forecaster.data.times.zones import check_zone
from forecaster.data.understand.aggregation import with_counts
from forecaster.data.understand.counters import count_within_ids
from forecaster.data.understand.time_column import find_time, note_unread_time


@dataclass(frozen=True)
class Plan:
    """Cells on their way to a table, and what is asked of their columns by now."""

    frame: pd.DataFrame
    asked: Asked
    spread: Spread | None = None  # how the file has time across its columns
    parts: TimeParts = ()  # columns that the time was joined of

    def in_zone_of(self, source: Source) -> "Plan":
        """Return what is asked with the time zone that the source knows of its time, if none is named."""
        if self.asked.timezone is not None or not source.zones:
            return self
        zone = source.zones.get(find_time(self.frame, self.asked) or "")
        return replace(self, asked=self.asked.model_copy(update={"timezone": zone}))


def tabulate(source: Source, asked: Asked) -> tuple[Table, Asked, Figures]:
    """Return the cells as a row for each time of each series, and what is asked of its columns."""
    check_layout(asked)
    check_zone(asked.timezone)
    frame, figures = read_figures(source, asked)
    shape = find_shape(frame, asked)
    is_ragged = shape.is_counted or asked.layout in ACROSS
    refuse_bad_shape(source, frame, is_ragged=is_ragged, has_names=shape.header is None)
    plan = _settle_time(source, Plan(frame, asked), shape)
    frame, asked = plan.frame, plan.asked
    table, asked = with_counts(*lay_out(frame, asked, shape, plan.parts))
    if table.time is None:
        if not asked.is_complete:
            note_unread_time(source.name, frame, asked)
        table, asked = count_within_ids(table, frame, asked)
    if not table.filled and not asked.target:
        figures.refuse_left_out()
    return replace(table, spread=plan.spread or table.spread), asked, figures


def _settle_time(source: Source, plan: Plan, shape: Shape) -> Plan:
    """Return the cells with one column of times where rows have times: parts joined, numbers as dates."""
    if shape.has_series:
        return replace(plan, asked=as_one_series(plan.frame, plan.asked)).in_zone_of(source)
    if shape.periods is not None:
        plan = replace(plan, frame=plan.frame.rename(columns=shape.periods.renamed))
    cell_text = partial(_cell_text, source, list(plan.frame.columns))
    if shape.periods is not None:
        plan = Plan(*gather(plan.frame, shape.periods, plan.asked))
    frame, asked, parts = join_time(plan.frame, plan.asked, cell_text)
    asked = as_one_series(frame, asked)
    if not parts and shape.periods is None:
        frame, asked = settle_number_dates(frame, asked, partial(_texts_of, source, frame.index, asked))
    return replace(plan, frame=frame, asked=asked, parts=parts).in_zone_of(source)


def _cell_text(source: Source, names: list[str], name: str, row: int) -> str:
    """Return a cell as it is written. names: of all columns."""
    return next(source.find({row})).cells[names.index(name)]


def _texts_of(source: Source, rows: "pd.Index[int]", asked: Asked, name: str) -> Texts:
    return texts_of_keys(source, (name,), rows, asked)[name]
