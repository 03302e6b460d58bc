"""Serve before any fit: the pretrained network, as a bundle for each usual step of series."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy import TimeStep
from forecaster.export.for_season import ROWS, SeasonModel, pack_season
from forecaster.export.packing import save

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
