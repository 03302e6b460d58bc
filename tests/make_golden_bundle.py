"""Write the bundles that tests/deploy replays: `python tests/make_golden_bundle.py`.

Seeded and untrained: weights that are drawn, not learned, since only the arithmetic is under test. They are
larger than a fresh network's, so that every input moves the forecast well above float32's rounding.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from forecaster.config import ModelConfig, RunConfig
from forecaster.export.bundle import write_bundle
from forecaster.model.ensemble import Ensemble
from forecaster.model.network import Network
from forecaster.run.record import DataRecord
from forecaster.run.run import Run
from forecaster.workflows.recipes.recipe import calendar_periods

BUNDLES = Path(__file__).parent / "deploy" / "bundles"
SEED = 20240131
WEIGHT_FACTOR = 1.5  # twice this saturates the gates
DELTA_ROWS_DEVIATION = 0.2  # the horizon rows differ visibly from the `next` rows
HIGHWAY_DEVIATION = 0.02  # small beside the seasonal weights of 1, so that long rolls stay near the data
RANK_VECTORS = 60
HOUR = 3600.0

VOCABULARIES = {"shop": ["north", "south", "west"], "kind": ["food", "toys"]}
COVARIATES = ModelConfig(
    context_length=24,
    horizon=12,
    patch_length=5,  # divides neither the context nor the horizon
    season=6,
    hidden_size=8,
    encoder_layers=2,
    normalization="last-difference",
    lower=0.0,
    calendar_periods=calendar_periods(HOUR),
    step_seconds=HOUR,
    known_size=2,
    past_size=2,
    static_size=2,
    category_sizes=tuple(len(texts) + 1 for texts in VOCABULARIES.values()),
)
PLAIN = ModelConfig(
    context_length=22,  # no whole number of vector registers
    horizon=6,
    patch_length=1,
    season=12,
    hidden_size=8,
    normalization="log-last-difference",
    lower=0.0,
)

JOINT = ModelConfig(
    context_length=18,
    horizon=6,
    patch_length=4,
    season=6,
    hidden_size=8,
    normalization="last-difference",
    target_size=3,
    calendar_periods=calendar_periods(HOUR),
    step_seconds=HOUR,
    known_size=1,
)

EXPLAINED = ModelConfig(
    context_length=20,
    horizon=8,
    patch_length=4,
    season=4,
    hidden_size=8,
    highway=2,
    normalization="last-difference",
    lower=0.0,
    calendar_periods=calendar_periods(HOUR),
    step_seconds=HOUR,
    known_size=1,
    category_sizes=(len(VOCABULARIES["shop"]) + 1,),
)


def main() -> None:
    """All bundles, from the same bytes to the same bytes."""
    torch.set_num_threads(1)
    record = made_up_record("covariates", "hour", vocabularies=VOCABULARIES)
    covariates = {"known": ("promo", "temperature"), "past": ("visitors", "stock")}
    static = (*VOCABULARIES, "area", "age")
    columns = replace(record.columns, **covariates, static=static, static_numbers=static[2:])
    write_golden_bundle(COVARIATES, record.model_copy(update={"columns": columns}))
    write_golden_bundle(PLAIN, made_up_record("plain", "month"))
    record = made_up_record("joint", "hour")
    lorenz = replace(record.columns, targets=("x", "y", "z"), joint=True, known=("force",))
    write_golden_bundle(JOINT, record.model_copy(update={"columns": lorenz}))
    shops = {"shop": VOCABULARIES["shop"]}
    record = made_up_record("explained", "hour", vocabularies=shops)
    columns = replace(record.columns, known=("promo",), static=("shop",))
    write_golden_bundle(EXPLAINED, record.model_copy(update={"columns": columns}))


def write_golden_bundle(model: ModelConfig, record: DataRecord) -> None:
    """Draw a network of this shape and write its bundle to the folder of the record's name."""
    path = BUNDLES / Path(record.file).stem
    run = Run(path, RunConfig(model=model), record, {}, Ensemble([draw_network(model)]), draw_ranks(model))
    write_bundle(run, path)


def draw_network(model: ModelConfig) -> Network:
    """A network in which nothing that an export could forget is 0 or 1."""
    torch.manual_seed(SEED)
    network = Network(model)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter *= WEIGHT_FACTOR
        for parameter in network.decoder.delta_rows.parameters():
            parameter.normal_(std=DELTA_ROWS_DEVIATION)
        if network.highway is not None:
            network.highway.weight /= WEIGHT_FACTOR
            network.highway.weight += HIGHWAY_DEVIATION * torch.randn_like(network.highway.weight)
            network.highway.bias.normal_(std=HIGHWAY_DEVIATION)
        for standardizer in (network.known, network.past, network.static):
            size = len(standardizer.location)
            standardizer.location += torch.linspace(0.5, 15.0, size)
            standardizer.scale *= torch.linspace(0.5, 6.0, size)
    return network.eval()


def draw_ranks(model: ModelConfig) -> NDArray[np.int64]:
    """Ranks of random walks within a patch; none where a patch has one value."""
    if model.patch_width == 1:
        return np.empty((0, 1), np.int64)
    walks = np.random.default_rng(SEED).normal(size=(RANK_VECTORS, model.patch_width)).cumsum(1)
    return walks.argsort(0).argsort(0)


def made_up_record(name: str, unit: str, vocabularies: dict[str, list[str]] | None = None) -> DataRecord:
    """The record of a file that never was."""
    return DataRecord(
        file=f"{name}.csv",
        sha256="0" * 64,
        values=0,
        missing=0,
        series=0,
        shortest=0,
        longest=0,
        first="",
        last="",
        season=1,
        step={"count": 1, "unit": unit},
        time="time",
        time_format="%Y-%m-%d %H:%M:%S",
        targets=("y",),
        series_columns=(),
        known=(),
        static=tuple(vocabularies or ()),
        vocabularies=vocabularies or {},
        ids=(),
        training_cutoff=(),
    )


if __name__ == "__main__":
    main()
