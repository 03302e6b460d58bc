"""A file or a frame to forecast, read in the columns, on the step and with the clock of a bundle."""

from __future__ import annotations

from dataclasses import replace

from deploy.bundle.bundle import Manifest
from deploy.errors import DataError
from forecaster.data import Data, Panel, name_of, read_for_model
from forecaster.data.panel.levels import needs_level


def read_for(data: Data, manifest: Manifest, na: tuple[str, ...] = ()) -> Panel:
    """Read the series of a file or frame, in the columns and on the step of a bundle. na: means missing."""
    keeps_level = needs_level({"normalization": manifest.normalization, "lower": manifest.lower})
    return read_for_model(data, manifest.columns, manifest.time_step, na, keeps_level=keeps_level)


def read_future(data: Data, manifest: Manifest, na: tuple[str, ...] = ()) -> Panel:
    """Read known-future covariates that have a file or frame of their own: a series for each and each key."""
    if not manifest.known:
        raise DataError(f"{name_of(data)} is not needed: this model has no known-future covariates")
    columns = replace(
        manifest.columns, targets=manifest.known, known=(), past=(), static=(), static_numbers=(), joint=False
    )
    return read_for_model(data, columns, manifest.time_step, na, keeps_level=True)
