"""Read data into a Panel: each stage is a call, and what is wrong is worded here, once."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from deploy.columns import Columns
from deploy.errors import DataError, ForecasterError
from forecaster.config import Asked
from forecaster.data.audience import COMMAND_LINE, Audience, ModelAudience, join, word
from forecaster.data.columns import AskedByModel
from forecaster.data.complaints import Complaint, Option
from forecaster.data.figures.remarks import note_digits, note_sentinels
from forecaster.data.figures.settling import Figures
from forecaster.data.files.missing import without_usual_categories
from forecaster.data.files.source import (
    Data,
    Source,
    at_rest,
    name_of,
    open_source,
    texts_of_keys,
)
from forecaster.data.notes import Inference, Notes, infer, taking_notes
from forecaster.data.panel.assembly import Placement, build_panel
from forecaster.data.panel.panel import Panel
from forecaster.data.prepared.memory_map import is_prepared, read_prepared
from forecaster.data.table import Table, sort_table
from forecaster.data.tabulating import tabulate
from forecaster.data.times.clocks import on_clock, settle_clock, without_doubles
from forecaster.data.understand.aggregation import aggregate
from forecaster.data.understand.keys import choose_series
from forecaster.data.understand.placement import count_rows, find_step, place_on_grid, snap_to_calendar
from forecaster.data.understand.repeats import (
    Copies,
    find_copies,
    quoted,
    refuse_changing_statics,
    refuse_one_time,
    refuse_repeats,
    with_skipped_hour,
)
from forecaster.data.understand.targets.roles import understand_columns

logger = logging.getLogger("forecaster")
notes_logger = logging.getLogger("forecaster.notes")

ALL_FOUND = Asked()


def read_data(data: Data, asked: Asked = ALL_FOUND, *, audience: Audience = COMMAND_LINE) -> Panel:
    """Read the series of a file or of a data frame onto a regular grid.

    Args:
        data: A path of text, Parquet, JSON or a workbook (`-` is standard input), a URL, a query, or a frame
            of any library that narwhals understands. An index with a name, or one of timestamps, is a
            column; a series of pandas is a frame of one column.
        asked: What is said of the columns; the rest is found.
        audience: Who reads errors.

    Raises:
        DataError: Data cannot be used.
        ConfigError: What is asked does not fit the data.
        InputError: The data are no data frame.
        ExtraMissingError: A package that the kind of file needs is not installed.
    """
    if is_prepared(data):
        return read_prepared(data, asked, audience)
    with opened(data, asked) as (source, opening):
        return read_source(source, asked, audience, opening)


@contextmanager
def opened(data: Data, asked: Asked) -> Iterator[tuple[Source, Notes]]:
    """Open data, and give the notes on that. Raises DataError for what cannot be read."""
    with taking_notes() as opening, at_rest(data, asked) as kept:
        yield open_source(kept), opening


def read_source(source: Source, asked: Asked, audience: Audience, opening: Notes) -> Panel:
    """Read the series of what is open already. opening: notes on that. Raises as read_data."""
    with taking_notes(opening) as notes:
        try:
            panel = _read(source, asked)
        except Complaint as complaint:
            raise word(complaint, source, audience) from None
        finally:
            said = tuple(join(each.text, audience.option) for each in notes)
            for text in said:
                notes_logger.warning("%s", text)
        inferences = tuple(
            Inference(text, each.alternative, " ".join(map(audience.option, each.options)))
            for each, text in zip(notes, said, strict=True)
            if each.options
        )
        return replace(panel, notes=said, inferences=inferences)


def read_for_model(data: Data, asked: AskedByModel, *, audience: Audience = COMMAND_LINE) -> Panel:
    """Read the series of a file or frame in the columns, on the step and in the time zone of a model.

    Args:
        data: As of read_data.
        asked: The columns and the step of the model.
        audience: Who reads errors.

    Raises:
        DataError: Data are not like the model's.
    """
    columns = asked.columns
    audience = ModelAudience(name_of(data), audience)
    panel = read_data(data, asked, audience=audience)
    refuse_other_zone(panel, columns, data, audience)
    # The file may have its columns in another order, and more that look like covariates.
    order = [panel.columns.known.index(name) for name in columns.known]
    if order == list(range(len(order))):  # as nearly all do; else they are copied
        return panel
    return replace(panel, known=panel.known[:, order], columns=replace(panel.columns, known=columns.known))


def refuse_other_zone(panel: Panel, columns: Columns, data: Data, audience: Audience) -> None:
    """Raise DataError for a panel in a time zone that a model does not have. columns: of the model."""
    if panel.columns.timezone != columns.timezone:
        again = audience.option(Option("timezone"))
        raise DataError(
            f"{name_of(data)} is not like the data that the model was trained on: its UTC offset changes, "
            f"and the model has no time zone; write all times with one UTC offset, or fit again with {again}"
        )


def find_keys(source: Source, asked: Asked) -> tuple[str, ...]:
    """Return the columns that tell series apart in some rows of a file; none where it is no long table."""
    with taking_notes():
        try:
            table, said, _ = tabulate(source, asked)
            is_long = table.time is not None and table.spread is None
            return choose_series(without_doubles(table), said) if is_long else ()
        except (Complaint, ForecasterError):  # the whole file is read, and says it better
            return ()


def _read(source: Source, asked: Asked) -> Panel:
    table, asked, figures = tabulate(source, asked)
    panel = _place(source, table, asked, figures)
    figures.say(panel.columns, is_named=asked.is_complete or bool(asked.target))
    return replace(panel, columns=replace(panel.columns, decimal=figures.decimal or asked.likely_decimal))


def _place(
    source: Source, cells: Table, asked: Asked, figures: Figures, copies: Copies | None = None
) -> Panel:
    """Return the series in a table on the grid of their step. copies: rows that it does not have any more."""
    series = choose_series(without_doubles(cells), asked)
    numbers = tuple(name for name in series if name in cells.numbers)
    table = cells.with_texts(texts_of_keys(source, numbers, cells.index, asked))
    kinds = figures.categories(table, series, asked)
    table = table.with_texts(texts_of_keys(source, kinds, table.index, asked))
    table = settle_clock(without_usual_categories(table, series), series, asked.time_step)
    rows = sort_table(table, series)
    if not asked.aggregate:
        found = find_copies(rows, series)
        if found is not None:
            others = np.flatnonzero(~np.isin(cells.index.to_numpy(), found.rows))
            return _place(source, cells.take(others), asked, figures, found)
        rows = with_skipped_hour(rows)
    if rows.was_unsorted:
        logger.warning("%s: rows are not in order of time; sorted", source.name)
    refuse_one_time(rows, asked)
    rows = count_rows(rows, asked)
    columns, reasons = understand_columns(rows, series, asked)
    if not asked.is_complete and not asked.target:
        left_out = [name for name in columns.ignored if name in table.texts and name not in figures.left_out]
        note_digits({name: table.texts[name] for name in left_out})
    note_sentinels({name: table.numbers[name] for name in (*columns.targets, *columns.known, *columns.past)})
    if not asked.aggregate:
        refuse_repeats(rows, columns, asked.target)
        _note_copies(source, copies)
    refuse_changing_statics(rows, columns)
    rows = aggregate(rows, columns, asked) if asked.aggregate else rows
    step = on_clock(find_step(rows, columns, asked.time_step), table.clock)
    rows, step = snap_to_calendar(rows, step, asked)
    place = place_on_grid(rows, step, series, is_asked=asked.time_step is not None)
    return replace(build_panel(rows, columns, Placement(place, step)), reasons=reasons)


def _note_copies(source: Source, copies: Copies | None) -> None:
    """Say that some rows, each a copy of one that was read, were left out."""
    if copies is None:
        return
    first, count = next(source.find({int(copies.rows[0])})), len(copies.rows)
    rows = f"{count} {'row is a copy' if count == 1 else 'rows are copies'}"
    alike = f"in all but {quoted(copies.changing)}" if copies.changing else "in every cell"
    where = f"the first of them in {source.unit} {first.line}"
    found = f"{source.name}: {rows} of another row, alike {alike}, {where}; each is read once ("
    infer(found, Option("aggregate", "sum"), alternative="adds them up")
