"""score_files: a table or a folder of them in, a folder of their forecasts out, with a receipt."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet

from ...engine.providers import Providers
from ...errors import ConfigError
from ...overwriting import lies_in
from ...places import replace_file
from ...sources.named import Remote
from ..choosing import Predictors
from .parts import Found, find_parts_of
from .scoring_table import Scoring
from .sorting import Sorted, bytes_of
from .tables import Table, find_tables
from .twice import refuse_twice
from .workers import Report, Work, is_done, score_here, score_in_processes

RECEIPT = "_score.json"
SORTING = ".sorting"  # a folder in the output for what memory does not hold


@dataclass(frozen=True)
class ScoreRequest:
    """The options of `score`."""

    data: Path | Remote
    output: Path
    bundle: Path  # or a folder with a bundle for each segment
    scoring: Scoring = field(default_factory=Scoring)
    sort: bool = False  # the rows of a series lie anywhere
    memory: str = "400MB"  # for sorting
    workers: int = 1  # processes
    part: tuple[int, int] = (1, 1)  # which of so many shares of the files, from 1
    provider: Providers = "auto"


@dataclass(frozen=True)
class Receipt:
    """The content of `_score.json`, once all parts are there."""

    bundle: str  # digest; of several, of all
    options: dict[str, Any]
    inputs: tuple[dict[str, Any], ...]  # record of each table, its ids and errors
    ids_in: int  # series that were read
    ids_out: int  # series that are in the parts, each once
    errors: int  # of those, by target, the ones without a forecast


def score_files(request: ScoreRequest, report: Report | None = None) -> Receipt | None:
    """Score tables part by part; parts that are there are not made again.

    report: is told how many bytes were read and how many series are done. Returns the receipt, or None where
    other shares of the files are not finished. Raises ConfigError, DataError, BundleError, UnsortedError.
    """
    _check(request)
    predictors = Predictors.load(request.bundle, request.provider)
    tables = _tables(request)
    output, scoring = request.output, request.scoring
    stamp, roles = scoring.stamp(predictors), scoring.roles(predictors)
    output.mkdir(parents=True, exist_ok=True)
    _refuse_others(find_parts_of(output), tables, stamp, output)
    number, shares = request.part
    mine = tables[number - 1 :: shares]
    work = Work(request.bundle, request.provider, scoring, output)
    told = report or _nobody
    if request.workers > 1 and len(mine) > 1:
        score_in_processes(work, mine, request.workers, told)
    else:
        score_here(work, predictors, mine, told)
    if not all(is_done(table, output) for table in tables):
        return None
    parts = find_parts_of(output)
    refuse_twice(parts, roles.ids)
    receipt = _receipt(predictors.digest, scoring, tables, parts)
    replace_file(output / RECEIPT, (json.dumps(asdict(receipt), indent=1) + "\n").encode())
    return receipt


def _nobody(size: float, series: int) -> None:
    """Tell nobody how far it is."""


def _check(request: ScoreRequest) -> None:
    """Raise ConfigError for what does not go together."""
    number, shares = request.part
    if not 1 <= number <= shares:
        raise ConfigError(f"--part: expected I/N with I from 1 to N, found {number}/{shares}")
    if request.workers < 1:
        raise ConfigError(f"--workers: expected a number of processes from 1, found {request.workers}")
    if request.sort and shares > 1:
        raise ConfigError("--sort sorts all files together, so it has no parts; leave out --part")
    output, data = request.output, request.data
    if output.exists() and not output.is_dir():
        raise ConfigError(f"{output} is no folder; choose another OUTPUT")
    if isinstance(data, Path) and (output == data or lies_in(output, data) or lies_in(data, output)):
        raise ConfigError(f"{output} and {data} lie in one another; choose another OUTPUT")


def _tables(request: ScoreRequest) -> Sequence[Table]:
    files = find_tables(request.data)
    names = [file.name.replace("/", ".") for file in files]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ConfigError(f"two files would have parts called {twice[0]}; rename one")
    if not request.sort:
        return files
    return (Sorted(files, request.output / SORTING, bytes_of(request.memory)),)


def _refuse_others(parts: Sequence[Found], tables: Sequence[Table], stamp: str, output: Path) -> None:
    """Raise ConfigError for parts that this command would not have written."""
    records = {record["file"]: record for record in (table.record() for table in tables)}
    for part in parts:
        record = part.record
        file = record.table["file"]
        if record.stamp != stamp:
            reason = "of another bundle, or of other options"
        elif file not in records:
            reason = f"of {file}, which is not there"
        elif record.table != records[file]:
            reason = f"of {file} as it was before it changed"
        else:
            continue
        raise ConfigError(
            f"{output} holds {part.path.name}, {reason}; remove {output}, or choose another OUTPUT"
        )


def _receipt(digest: str, scoring: Scoring, tables: Sequence[Table], parts: Sequence[Found]) -> Receipt:
    """Return what was read and what was written, each counted where it is."""
    inputs = []
    for table in tables:
        record = table.record()
        own = [part.record for part in parts if part.record.table["file"] == record["file"]]
        counts = {"ids": sum(part.ids for part in own), "errors": sum(part.errors for part in own)}
        inputs.append({**record, **counts, "parts": len(own)})
    rows = [pyarrow.parquet.read_metadata(part.path).num_rows // part.record.rows_of_an_id for part in parts]
    return Receipt(
        digest,
        asdict(scoring),
        tuple(inputs),
        sum(entry["ids"] for entry in inputs),
        sum(rows),
        sum(entry["errors"] for entry in inputs),
    )
