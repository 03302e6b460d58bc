"""The command `explain`: what the forecasts of a file of histories are made of, and what they rest on."""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ..bundle.bundle import FILES, MANIFEST, Manifest
from ..engine.explain.explanation import Explanation
from ..forecast import Forecast, legible_digits
from ..overwriting import check_outputs
from ..predictor import Predictor
from .commands import ForecastRequest, last_timestamps, refuse_covariates
from .forecast_rows import table_rows, write_rows
from .history_file import read_history

PARTS = ("median", "level", "linear", "recurrent", "bound")
MOST_SHOWN = 5  # series of which it is said what they rest on


def explain(bundle: Path, provider: str, request: ForecastRequest) -> None:
    """Explain the forecasts of a file of histories: write a table of parts, and say what the first rest on.

    Raises ConfigError, DataError, InputError, and BundleError for a bundle exported before this.
    """
    check_outputs([("-o", request.output)], [request.history], [bundle / name for name in (MANIFEST, *FILES)])
    predictor = Predictor.load(bundle, providers=provider)
    manifest = predictor.manifest
    refuse_covariates(manifest)
    histories = read_history(request.history, manifest)
    last = last_timestamps(manifest, request, histories)
    forecast = predictor.forecast(histories.values, request.horizon, last_timestamp=last)
    found = forecast.explain(sensitivities=False)
    write_rows(explained_rows(manifest, histories.series, forecast, found), request.output)
    shown = None if last is None or isinstance(last, str | int) else last[:MOST_SHOWN]
    first = predictor.forecast(
        histories.values[:MOST_SHOWN], request.horizon, last_timestamp=last if shown is None else shown
    ).explain()
    for line in sentences(manifest, histories.series, first):
        sys.stderr.write(line + "\n")


def explained_rows(
    manifest: Manifest, series: tuple[str, ...], forecast: Forecast, found: Explanation
) -> Iterator[list[str]]:
    """Yield a header, then a row per series, target and step: the forecast and its parts, which sum to it."""
    batch, horizon = found.median.shape[:2]
    parts = np.stack([getattr(found, name).reshape(batch, horizon, -1) for name in PARTS], axis=-1)
    yield from table_rows(manifest, series, forecast, PARTS[1:], legible_digits(parts, (1, 3)))


def sentences(manifest: Manifest, series: tuple[str, ...], found: Explanation) -> Iterator[str]:
    """Yield what each series and target rests on, after its name where it has one."""
    for number in range(len(found.median)):
        for channel, target in enumerate(manifest.channels or ("",)):
            named = [name for name in (series[number] if series else "", target) if name]
            name = f"{' / '.join(named)}: " if named else ""
            said = f"{found.sentence(number, channel)} {found.parts_sentence(number, channel)}"
            line = f"{name}{said}"
            yield "".join(letter if letter.isprintable() else " " for letter in line)
