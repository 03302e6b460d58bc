"""Equip a service: the pretrained network as a bundle for each usual step of series; a reader of files."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from deploy import TimeStep
from forecaster.export.for_season import ROWS, SeasonModel, pack_season
from forecaster.export.packing import save

if TYPE_CHECKING:
    from deploy.server.reading.readers import ProcessReader

# By the name that a request, or a visitor of the page, chooses.
SERVED = {
    "monthly": SeasonModel(12, step=TimeStep(1, "month")),
    "quarterly": SeasonModel(4, step=TimeStep(3, "month")),
    "yearly": SeasonModel(1, step=TimeStep(12, "month")),
    "weekly": SeasonModel(52, step=TimeStep(1, "week")),
    "daily": SeasonModel(7, step=TimeStep(1, "day")),
    "hourly": SeasonModel(24, step=TimeStep(1, "hour")),
    "rows": SeasonModel(1, step=ROWS),
}
FLAG = "--pretrained"
# Read in a process of its own, so that the service imports no pandas.
READ = "forecaster.workflows.service.uploads"
TEXTS = (".csv", ".tsv", ".tab", ".txt", ".json", ".jsonl", ".ndjson", ".gz", ".zip")
# By the package that reads them.
WITH_EXTRAS = {
    "pyarrow": (".parquet",),
    "python_calamine": (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"),
}


def file_reader() -> "ProcessReader":
    """Return the reader of files that a service is handed."""
    from deploy.server.reading.readers import ProcessReader  # of the extra `serve`

    extras = (endings for package, endings in WITH_EXTRAS.items() if find_spec(package))
    return ProcessReader(READ, (*TEXTS, *(ending for endings in extras for ending in endings)))


@contextmanager
def with_pretrained(arguments: Sequence[str]) -> Iterator[list[str]]:
    """Give the arguments of a service, with the bundles that FLAG means while they are needed."""
    others = [argument for argument in arguments if argument != FLAG]
    if len(others) == len(arguments) or "--health" in others:  # which asks a service that runs
        yield others
        return
    with TemporaryDirectory(prefix="forecaster-") as folder:
        places = {name: Path(folder) / name for name in SERVED}
        for name, place in places.items():
            save(pack_season(SERVED[name]), place)
        sys.stderr.write(
            f"the pretrained network for {', '.join(SERVED)}: it learned from made-up series, and nothing is "
            "fitted\n"
        )
        yield [*others, *(part for name, place in places.items() for part in ("--bundle", f"{name}={place}"))]
