"""A file or a frame to forecast, read in the columns, on the step and with the clock of the model."""

from __future__ import annotations

import re
from dataclasses import replace

from deploy.bundle.bundle import Manifest
from deploy.columns import Columns
from deploy.errors import ConfigError, DataError
from deploy.time.timestep import TimeStep
from forecaster.data.columns import AskedByModel
from forecaster.data.panel.levels import needs_level
from forecaster.data.panel.panel import Panel
from forecaster.data.source import Data, name_of, read_data

# What was an option of fit is a property of the model in a forecast.
OPTION = re.compile(r"^--(\w+) ")
PROPERTIES = {"step": "the step", "timezone": "the time zone"}


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


def read_for_model(
    data: Data, columns: Columns, step: TimeStep, na: tuple[str, ...] = (), *, keeps_level: bool
) -> Panel:
    """Read the series of a file or frame in the columns, on the step and in the time zone of a model.

    Raises DataError for data that are not like the model's. keeps_level: as of build_panel.
    """
    try:
        panel = read_data(data, AskedByModel.of(columns, step, na), keeps_level=keeps_level)
    except ConfigError as error:
        found = OPTION.sub(lambda match: f"{PROPERTIES.get(match[1], 'column')} ", str(error))
        raise DataError(
            f"{name_of(data)} is not like the data that the model was trained on: {found}"
        ) from None
    if panel.columns.timezone != columns.timezone:
        raise DataError(
            f"{name_of(data)} is not like the data that the model was trained on: its UTC offset changes, "
            "and the model has no time zone; write all times with one UTC offset, or fit again with "
            "--timezone"
        )
    # The file may have its columns in another order, and more that look like covariates.
    order = [panel.columns.known.index(name) for name in columns.known]
    return replace(panel, known=panel.known[:, order], columns=replace(panel.columns, known=columns.known))
