"""Read data of any size into a prepared panel: a large text file part by part, all else at once."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.errors import DataError
from forecaster.config import Asked
from forecaster.data.audience import COMMAND_LINE
from forecaster.data.columns import AskedByModel
from forecaster.data.files.encoding import UTF_16, open_bytes
from forecaster.data.files.margins.finding import without_margins
from forecaster.data.files.records import TextFile
from forecaster.data.files.source import Data, name_of
from forecaster.data.files.text import read_header
from forecaster.data.notes import Notes, taking_notes
from forecaster.data.panel.panel import Panel
from forecaster.data.prepared.appending import PanelWriter
from forecaster.data.prepared.lines_by_key import Keys
from forecaster.data.prepared.memory_map import open_prepared
from forecaster.data.prepared.whole_series import split_series, survey
from forecaster.data.read import find_keys, opened, read_data, read_source
from forecaster.files import folder_in_one_step

logger = logging.getLogger("forecaster")

AT_ONCE = 1 << 26  # bytes of a text file that are read at once
# Pieces from all over a file, whose columns tell series apart.
PIECES, PIECE_BYTES = 64, 1 << 16

Progress = Callable[[float], None]


def prepare_panel(data: Data, asked: Asked, output: Path, progress: Progress | None = None) -> Panel:
    """Write a prepared panel, and return it, mapped. progress: told which share is done.

    A large text file with a column for series and one for time is read in parts of whole series; what their
    columns are is found in a sample. Raises as read_data, and RunError for a folder that cannot be written.
    """
    with folder_in_one_step(output) as folder, opened(data, asked) as (source, opening):
        parts = None
        if isinstance(source, TextFile):
            parts = _in_parts(source, asked, folder, opening, progress)
        if parts is None:
            panel = read_data(data, asked)
            parts = iter([panel, panel])
        with _said_once():
            like = next(parts)
            writer = PanelWriter(folder, like)
            for part in parts:
                writer.append(part)
            writer.finish(name_of(data), like.notes)
    return open_prepared(output)


def _in_parts(
    file: TextFile, asked: Asked, folder: Path, opening: Notes, progress: Progress | None
) -> Iterator[Panel] | None:
    """Return the panel of a sample, then that of each part; None for a file that is to be read at once."""
    if file.path.stat().st_size < AT_ONCE or file.dialect.encoding == UTF_16:
        return None
    with taking_notes():
        plain = without_margins(file, asked)
    if not plain.is_plain or plain.dialect.has_hint:
        return None
    names, _ = read_header(plain)
    with TemporaryDirectory(dir=folder) as room:
        keys = asked.series or find_keys(_scattered(plain, Path(room)), asked)
    if not keys:
        return None
    parts = _read_parts(
        plain, Keys(plain, keys, names, frozenset(asked.na)), asked, folder, opening, progress
    )
    try:
        return chain([next(parts)], parts)
    except DataError:
        if asked.series:
            raise
        return None  # pieces may show too few keys; all rows tell, or say it better


def _scattered(file: TextFile, room: Path) -> TextFile:
    """Return a file of pieces of another, from all over it; of one that is packed, from its begin."""
    size = file.path.stat().st_size
    piece = room / file.name
    with open_bytes(file.path, is_gzip=file.dialect.is_gzip) as source, piece.open("wb") as target:
        count = 1 if file.dialect.is_gzip else PIECES
        for number in range(count):
            if number:
                source.seek(size * number // count)
                source.readline()  # the rest of a row
            text = source.read(PIECES * PIECE_BYTES // count)
            target.write(text[: text.rfind(b"\n") + 1])
    return replace(file, path=piece, dialect=replace(file.dialect, is_gzip=False))


def _read_parts(
    file: TextFile,
    keys: Keys,
    asked: Asked,
    folder: Path,
    opening: Notes,
    progress: Progress | None,
) -> Iterator[Panel]:
    contents = survey(file, keys)
    total, done = int(contents.rows.sum()), 0
    with TemporaryDirectory(dir=folder) as room:
        parts = split_series(file, keys, contents, Path(room))
        by_keys = asked.model_copy(update={"series": keys.names})
        sample = read_source(next(parts), by_keys, COMMAND_LINE, opening)
        yield sample
        of_all = AskedByModel.of(sample.columns, sample.step, asked.na)
        for part in parts:
            yield read_source(part, of_all, COMMAND_LINE, {})
            done += len(part.numbers) if part.numbers is not None else 0
            if progress:
                progress(done / total)


@contextmanager
def _said_once() -> Iterator[None]:
    """Let a warning that every part gives be logged once."""
    said: set[str] = set()

    def is_new(record: logging.LogRecord) -> bool:
        text = record.getMessage() if record.msg == "%s" else str(record.msg)
        known = text in said
        said.add(text)
        return not known

    logger.addFilter(is_new)
    try:
        yield
    finally:
        logger.removeFilter(is_new)
