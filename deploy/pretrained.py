"""The pretrained network for a season, by the package that makes bundles, where it is installed.

Nothing else here runs code that is not imported by its name. This finds one function, by the metadata of the
very distribution that this package came with, so neither a bundle nor another package chooses what runs; and
it is looked for when it is asked for, so a forecast with a bundle needs as little as before.
"""

from collections.abc import Callable

from .bundle.bundle import Bundle
from .engine.info import DISTRIBUTION
from .errors import ExtraMissingError

GROUP = "lstm_forecaster.pretrained"
OWN = "forecaster"  # the package of the function
INSTALL = "pip install 'lstm-forecaster[train,cpu]', or take a bundle of `forecaster export --pretrained`"


def pretrained_bundle(season: int, horizon: int | None, *, positive: bool) -> Bundle:
    """Return a bundle in memory. Raises ExtraMissingError, and ConfigError for a season it cannot follow."""
    try:
        return find_maker()(season, horizon, positive)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith(f"{OWN}."):
            raise
        raise ExtraMissingError(f"the pretrained network needs {error.name}: {INSTALL}") from None


def find_maker() -> Callable[[int, int | None, bool], Bundle]:
    """Return the function that makes bundles of a season, a horizon and whether all is above 0."""
    from importlib.metadata import PackageNotFoundError, distribution  # 20 ms that no forecast needs

    try:
        points = tuple(distribution(DISTRIBUTION).entry_points.select(group=GROUP))
    except PackageNotFoundError:  # the folder was copied, not installed
        points = ()
    if not points:
        raise ExtraMissingError(f"the pretrained network is not installed here: {INSTALL}")
    found: Callable[[int, int | None, bool], Bundle] = points[0].load()
    return found
