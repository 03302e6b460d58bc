"""Prepare a fit: the series, the whole configuration, the networks to continue from."""

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from deploy.errors import DataError
from deploy.places import is_stream
from forecaster.config import Asked, ModelConfig, RunConfig
from forecaster.config.building import build
from forecaster.config.settings import Settings
from forecaster.config.shape import Normalization
from forecaster.data import Audience, Data, Panel, Understood, called, read_data, record_of
from forecaster.data.audience import COMMAND_LINE
from forecaster.data.panel.holiday_columns import choose_holidays, with_holidays
from forecaster.data.panel.sampling import sample_series
from forecaster.data.prepared.memory_map import digest_of_prepared, is_prepared
from forecaster.model.network import Network
from forecaster.pretrained.shipped import pretrained_state
from forecaster.pretrained.transplant import mirrored
from forecaster.pretrained.widening import plain, widened
from forecaster.run.record import DataRecord
from forecaster.run.run import load_run
from forecaster.training.fit_network import cut
from forecaster.training.fitted import Fitted
from forecaster.training.resume.checkpoint import digest_of
from forecaster.training.validation import Validation
from forecaster.windows.split import Split
from forecaster.windows.windows import CPU
from forecaster.workflows.recipes.recipe import derive_config, takes_logarithms
from forecaster.workflows.recipes.training_recipe import is_panel
from forecaster.workflows.upkeep.continuing import model_settings, read_for_run

logger = logging.getLogger("forecaster")

# Windows that tell which normalisation forecasts best before anything is trained.
COMPARED = 512
# A fit draws fewer windows than so many values begin; more series than so many gained nothing (scale.md).
MANY_VALUES, ENOUGH_SERIES = 10_000_000, 20_000


@dataclass(frozen=True)
class Prepared:
    """The inputs that decide a fit."""

    panel: Panel
    config: RunConfig
    understood: Understood
    origins: tuple[Network, ...]  # trained already; those of a run's members
    sha256: str  # of the file as it was read, or of what was read of all else
    too_few: str | None = None  # why nothing can be trained; the pretrained network then forecasts as it is

    def record(self, fitted: Fitted) -> DataRecord:
        """Return what a run keeps of the data, once it is known which of them trained."""
        return DataRecord.of_fit(self.understood, self.sha256, self.panel, fitted.split.train_ends)


def prepare(
    data: Data,
    settings: Settings,
    origin: Path | None = None,
    audience: Audience = COMMAND_LINE,
    panel: Panel | None = None,
) -> Prepared:
    """Read a file or frame and derive what was not said. origin: a run to continue; audience: of errors.

    panel: the series of the data, where they have been read.
    Raises DataError, ConfigError or RunError.
    """
    said, model, train = build(Asked, settings["data"]), settings["model"], settings["train"]
    networks: tuple[Network, ...]
    if origin is None:
        train = {**train, "start": train.get("start", "auto")}
        if train["start"] == "run":
            logger.warning("start is run, as in a fit that continued another; name that one, or it is auto")
            train["start"] = "auto"
        networks, digest = (), "" if panel is None else digest_of(panel)
        read = read_data(data, said, audience=audience) if panel is None else panel
        panel = _with_chosen_holidays(read, said, model)
    else:
        run = load_run(origin)
        # What the served weights know of values that are held out again would make errors look small.
        networks = run.held_back.ensemble.networks
        panel, digest = read_for_run(data, run, said) if panel is None else panel, ""
        model = model_settings(run, model)
        if train.get("start", "run") not in ("auto", "run"):
            logger.warning("the fit continues %s, so its start is not %s", origin, train["start"])
        own = run.config.train.normalizations
        train = {"members": len(networks), "normalizations": own, **train, "start": "run"}
    panel = sampled(panel, train.get("sample"))
    start = start_of(panel, model, train, said, networks)
    understood = Understood.of(called(data), panel, start.config.model.season, record_of(data))
    return Prepared(
        panel, start.config, understood, start.networks, digest or _digest(data, panel), start.too_few
    )


class Start(NamedTuple):
    """The configuration of a fit, and what its networks begin with."""

    config: RunConfig
    networks: tuple[Network, ...]
    too_few: str | None = None


def start_of(
    panel: Panel,
    model: dict[str, Any],
    train: dict[str, Any],
    said: Asked | None = None,
    networks: tuple[Network, ...] = (),
) -> Start:
    """Return what a fit begins with. networks: of a run that it continues. Raises ConfigError."""
    config = derive_config(panel, model, train, said)
    if config.train.start != "pretrained":
        return Start(config, networks)
    config, too_few = _with_normalization(panel, config, model)
    return Start(config, tuple(pretrained_members(config)), too_few)


def _with_normalization(
    panel: Panel, config: RunConfig, said: dict[str, Any]
) -> tuple[RunConfig, str | None]:
    """Return the config, with the best normalisation where none is said, and why nothing can be trained."""
    try:
        parts = cut(panel, config, CPU)
    except DataError as error:
        return config, str(error)
    chooses = config.train.members == 1 and not is_panel(panel) and "normalization" not in said
    return with_best_normalization(parts, config) if chooses else config, None


def _with_chosen_holidays(panel: Panel, said: Asked, model: dict[str, Any]) -> Panel:
    longest = model.get("max_horizon") or model.get("horizon") or panel.known_reach() or 0
    return with_holidays(panel, choose_holidays(panel, said, longest))


def sampled(panel: Panel, most: object) -> Panel:
    """Return so many series at most, or all where nothing is said, with a hint if they are many."""
    if isinstance(most, int) and most > 0:
        found = panel.series_count
        if found > most:
            logger.warning("the fit takes %s of %s series, drawn by their ids", f"{most:,}", f"{found:,}")
        return sample_series(panel, most)
    values = int(panel.lengths().sum())
    if values > MANY_VALUES and panel.series_count > ENOUGH_SERIES:
        hint = "sample=%d takes as many series, and more gained nothing"
        logger.warning(f"%s values are more than a fit looks at; {hint}", f"{values:,}", ENOUGH_SERIES)
    return panel


def _digest(data: Data, panel: Panel) -> str:
    if isinstance(data, Path) and is_prepared(data):
        return digest_of_prepared(data)
    if not isinstance(data, Path) or is_stream(data) or data.is_dir():
        return digest_of(panel)
    with data.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def pretrained_members(config: RunConfig) -> Iterator[Network]:
    """Yield the pretrained network of each member: with each normalisation as it is, then upside down."""
    faces = len(dict.fromkeys(config.train.normalizations)) or 1
    for number in range(config.train.members):
        shape = config.shape_of_member(number + 1)
        yield pretrained_network(shape, upside_down=number // faces % 2 == 1)


def pretrained_network(config: ModelConfig, *, upside_down: bool = False) -> Network:
    """Return the pretrained network in this shape; what it has no weights for begins as always, or at 0.

    upside_down: the network that forecasts −x as the other forecasts x.
    """
    network = Network(config)
    state = pretrained_state(plain(config))
    state = widened(mirrored(state, plain(config)) if upside_down else state, config)
    given = {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in state.items()}
    network.load_state_dict({**network.state_dict(), **given})
    return network


def with_best_normalization(parts: Split, config: RunConfig) -> RunConfig:
    """Return the config with the normalisation by which the pretrained network forecasts best."""
    validation = Validation(parts.validating(COMPARED), config.model.season)
    shapes = [
        config.model.model_copy(update={"normalization": name}) for name in candidates(parts.train.panel)
    ]
    errors = [validation.score(pretrained_network(shape).eval()).mase for shape in shapes]
    best = int(np.argmin(np.nan_to_num(errors, nan=np.inf)))
    return config.model_copy(update={"model": shapes[best]})


def candidates(panel: Panel) -> tuple[Normalization, ...]:
    """Return the normalisations that the data can have."""
    logarithms: tuple[Normalization, ...] = ("log-last-difference",) if takes_logarithms(panel) else ()
    return ("last-difference", *logarithms, "mean-std")
