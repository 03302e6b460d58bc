"""A file or a frame to forecast, read in the columns, on the step and with the clock of the model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from deploy.bundle.bundle import Manifest
from deploy.errors import ConfigError, DataError
from forecaster.data.columns import ColumnChoice
from forecaster.data.panel.levels import needs_level
from forecaster.data.panel.panel import Panel
from forecaster.data.source import Data, name_of, read_data

# What was an option of fit is a property of the model in a forecast.
OPTION = re.compile(r"^--(\w+) ")
PROPERTIES = {"step": "the step", "timezone": "the time zone"}


def read_for(data: Data, manifest: Manifest, na: tuple[str, ...] = ()) -> Panel:
    """The series of a file or frame, in the columns and on the step that the bundle was trained on."""
    columns = manifest.columns
    panel = _read(
        data,
        manifest,
        na,
        keeps_level=needs_level(manifest.normalization, manifest.lower),
        targets=columns["targets"],
        known=manifest.known,
        past=manifest.past,
        static=columns["static"],
        categories=tuple(manifest.vocabularies),
        joint=columns.get("joint", False),
    )
    # The file may have its columns in another order, and more that look like covariates.
    order = [panel.columns.known.index(name) for name in manifest.known]
    return replace(panel, known=panel.known[:, order], columns=replace(panel.columns, known=manifest.known))


def read_future(data: Data, manifest: Manifest, na: tuple[str, ...] = ()) -> Panel:
    """The known-future covariates of a file or frame of their own: one series for each key and covariate."""
    if not manifest.known:
        raise DataError(f"{name_of(data)} is not needed: this model has no known-future covariates")
    return _read(data, manifest, na, keeps_level=True, targets=manifest.known)


def _read(
    data: Data,
    manifest: Manifest,
    na: tuple[str, ...],
    *,
    keeps_level: bool,
    joint: bool = False,
    **roles: Sequence[str],
) -> Panel:
    columns = manifest.columns
    layout = columns.get("layout", "auto")
    # Where every row is a series, the target is no column of the file.
    named: dict[str, Any] = {role: tuple(names) for role, names in roles.items() if layout != "rows"}
    choice = ColumnChoice(
        time=columns["time"],
        series=tuple(columns["series"]),
        na=na,
        step=manifest.time_step,
        layout=layout,
        timezone=columns.get("timezone"),
        trained_time_format=columns.get("time_format"),
        keeps_level=keeps_level,
        is_for_model=True,
        joint=joint,
        **named,
    )
    try:
        panel = read_data(data, choice)
    except ConfigError as error:
        found = OPTION.sub(lambda match: f"{PROPERTIES.get(match[1], 'column')} ", str(error))
        raise DataError(
            f"{name_of(data)} is not like the data that the model was trained on: {found}"
        ) from None
    if panel.columns.timezone != choice.timezone:
        raise DataError(
            f"{name_of(data)} is not like the data that the model was trained on: its UTC offset changes, "
            "and the model has no time zone; write all times with one UTC offset, or fit again with "
            "--timezone"
        )
    return panel
