"""A file or a frame to forecast, read in the columns, on the step and with the clock of a bundle."""

from __future__ import annotations

from dataclasses import replace

from deploy.bundle.bundle import Manifest
from deploy.errors import DataError
from forecaster.data import Audience, Data, Panel, name_of, read_for_model
from forecaster.data.audience import COMMAND_LINE
from forecaster.data.columns import AskedByModel
from forecaster.data.panel.levels import needs_level


def read_for(
    data: Data, manifest: Manifest, na: tuple[str, ...] = (), audience: Audience = COMMAND_LINE
) -> Panel:
    """Read the series of a file or frame, in the columns and on the step of a bundle.

    na: texts that mean missing; audience: who reads errors.
    """
    keeps_level = needs_level({"normalization": manifest.normalization, "lower": manifest.lower})
    asked = AskedByModel.of(manifest.columns, manifest.time_step, na)
    return read_for_model(data, asked, keeps_level=keeps_level, audience=audience)


def read_future(
    data: Data, manifest: Manifest, na: tuple[str, ...] = (), audience: Audience = COMMAND_LINE
) -> Panel:
    """Read known-future covariates of their own file or frame: a series for each of them and each key."""
    if not manifest.known:
        raise DataError(f"{name_of(data)} is not needed: this model has no known-future covariates")
    columns = replace(manifest.columns, targets=manifest.known, joint=False)
    columns = replace(columns, known=(), past=(), static=(), static_numbers=())
    asked = AskedByModel.of(columns, manifest.time_step, na)
    return read_for_model(data, asked, keeps_level=True, audience=audience)
