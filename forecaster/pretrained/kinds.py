"""Kinds of series that the network is pretrained on: seasons, and how a recurrent step cuts them."""

from dataclasses import dataclass

from forecaster.config import ModelConfig
from forecaster.config.shape import Normalization

HIDDEN, MAPS = 128, 12
# Steps of the decoder that are trained; further ones are like the last.
DECODER_STEPS = 6
NORMALIZATIONS: tuple[Normalization, ...] = ("log-last-difference", "last-difference", "mean-std")


@dataclass(frozen=True)
class Kind:
    """Series of one season and their windows. Lengths are in steps of the series."""

    season: int  # 1: none
    patch: int  # values of a recurrent step
    context: int  # patches of a history
    share: float  # of all updates
    longer: bool = False  # whether seven seasons may make another, as days a week

    def config(self, normalization: Normalization) -> ModelConfig:
        """Return the shape of the network that forecasts such series."""
        return ModelConfig(
            context_length=self.context * self.patch,
            horizon=DECODER_STEPS * self.patch,
            patch_length=self.patch,
            season=self.season,
            hidden_size=HIDDEN,
            highway=MAPS,
            normalization=normalization,
            cycle_changes=family_of(self.season, self.patch).cycle_changes,
        )


@dataclass(frozen=True)
class Family:
    """Kinds that share weights, and the phases of the patch that all of theirs are stretched to."""

    name: str
    phases: int
    lookback: int  # patches of a history that the highway's maps look back on
    cycle_changes: bool  # whether the gate knows how much values change over a day and over a week
    copies: bool  # whether the maps that copy a patch stay exact
    kinds: tuple[Kind, ...]
    updates: int  # that the shipped weights are trained with
    updates_an_hour: int  # of a core with AVX2, about


SHORT = Family(
    "short",
    phases=16,
    lookback=16,
    cycle_changes=False,
    copies=False,
    kinds=(
        Kind(1, 6, 6, 0.24),
        Kind(4, 4, 12, 0.22),
        Kind(5, 5, 12, 0.06),
        Kind(7, 7, 16, 0.14),
        Kind(12, 12, 12, 0.27),
        Kind(13, 13, 8, 0.07),
    ),
    updates=36_000,
    updates_an_hour=30_000,
)
DAYS = Family(
    "days",
    phases=32,
    lookback=28,
    cycle_changes=True,
    copies=True,
    kinds=(
        Kind(24, 24, 28, 0.7, longer=True),
        Kind(48, 24, 16, 0.12, longer=True),
        Kind(96, 32, 16, 0.18),
    ),
    updates=8_000,
    updates_an_hour=15_000,
)
LONG = Family(
    "long",
    phases=32,
    lookback=16,
    cycle_changes=True,
    copies=False,
    kinds=(
        Kind(52, 26, 10, 0.75),
        Kind(60, 30, 12, 0.25),
    ),
    updates=8_000,
    updates_an_hour=25_000,
)
FAMILIES = {family.name: family for family in (SHORT, DAYS, LONG)}
KINDS = SHORT.kinds + DAYS.kinds + LONG.kinds
HOURS = 24  # seasons of so many steps, or of a whole number of these, are days

SHORTEST_PATCH, LONGEST_PATCH = 4, 32  # values of a recurrent step
WITHOUT_SEASON = 6  # the same where there is no season
USUAL_CONTEXT = 12  # patches of a history, of seasons that are none of the kinds


def patch_of(season: int) -> int:
    """Return the values of a recurrent step: the largest part of a season, or several short ones."""
    if season < SHORTEST_PATCH:
        return WITHOUT_SEASON if season == 1 else season * -(-SHORTEST_PATCH // season)
    part = max(part for part in range(1, LONGEST_PATCH + 1) if season % part == 0)
    return part if part >= SHORTEST_PATCH else WITHOUT_SEASON


def follows(season: int) -> bool:
    """Return whether the networks follow a season: whole patches of it, or it of a patch, and in sight."""
    patch = patch_of(season)
    return (season % patch == 0 or patch % season == 0) and season <= context_of(season)


def context_of(season: int) -> int:
    """Return the values of a history that the networks look at."""
    patches = {kind.season: kind.context for kind in KINDS}
    return patches.get(season, USUAL_CONTEXT) * patch_of(season)


def family_of(season: int, patch: int) -> Family:
    """Return the family whose weights forecast such series by patches of this length."""
    if patch <= SHORT.phases:
        return SHORT
    return LONG if season % HOURS else DAYS
