"""The shape of the network: the section [model], and the lengths that are asked of it."""

from math import ceil
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, PositiveInt, field_validator, model_validator

from forecaster.config.building import Config

MEDIAN = 0.5
DEFAULT_LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
# A bundle forecasts up to this multiple of the horizon it was trained for.
MAX_HORIZON_FACTOR = 3

Normalization = Literal["mean-std", "last-difference", "log-last-difference", "none"]


class ModelConfig(Config):
    """The shape of the network. Lengths are in steps of the series."""

    unsaid: ClassVar[dict[str, Any]] = {"cycle_changes": False}

    context_length: int = Field(ge=1, description="history values the encoder sees (T)")
    horizon: int = Field(ge=1, description="values forecast in training (H)")
    patch_length: int = Field(ge=1, description="values consumed or emitted in one recurrent step (p)")
    season: int = Field(ge=1, description="steps in one season; 1 where there is none (m)")
    hidden_size: int = Field(default=128, ge=1, description="units of an LSTM layer (N)")
    encoder_layers: int = Field(default=1, ge=1)
    decoder_layers: int = Field(default=1, ge=1, description="1 folds into one LSTM call; more need a loop")
    quantile_levels: tuple[float, ...] = Field(default=DEFAULT_LEVELS, description="ascending, with 0.5 (Q)")
    normalization: Normalization = "mean-std"
    lower: float | None = Field(
        default=None, allow_inf_nan=False, description="forecasts are never below this; or 'none'"
    )
    target_size: int = Field(default=1, ge=1, description="values a series has at each step (D)")
    highway: int = Field(
        default=1, ge=0, le=32, description="linear forecasts from the context, gated, added to the rows"
    )
    cycle_changes: bool = Field(
        default=False, description="whether the gate knows how much values change over each cycle"
    )
    calendar_periods: tuple[PositiveInt, ...] = Field(default=(), description="in seconds, see calendar.py")
    step_seconds: float = Field(default=0.0, ge=0, description="mean length of a step; 0 without a calendar")
    known_size: int = Field(default=0, ge=0, description="known-future covariates (C)")
    past_size: int = Field(default=0, ge=0, description="past-only covariates (P)")
    static_size: int = Field(default=0, ge=0, description="static columns of numbers (S)")
    category_sizes: tuple[int, ...] = Field(
        default=(), description="codes of each static column, 0 = unknown"
    )
    category_width: int = Field(default=4, ge=1, description="embedding width of a static column")
    step_width: int = Field(default=8, ge=1, description="width of the learned vector of a decoder step")

    @field_validator("lower", mode="before")
    @classmethod
    def _unbounded(cls, value: Any) -> Any:
        return None if value == "none" else value  # TOML has no null

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        levels = self.quantile_levels
        if not all(0 < level < 1 for level in levels) or list(levels) != sorted(set(levels)):
            raise ValueError(f"quantile_levels must ascend strictly within (0, 1), found {levels}")
        if MEDIAN not in levels:
            raise ValueError(f"quantile_levels must hold 0.5, which is fed back, found {levels}")
        if self.calendar_periods and not self.step_seconds:
            raise ValueError("calendar_periods need timestamps, and these are plain counts")
        if self.patch_length > self.context_length:
            raise ValueError(
                f"patch_length {self.patch_length} is longer than the context, {self.context_length}"
            )
        return self

    @property
    def patch_width(self) -> int:
        """Return how many values a recurrent step consumes or emits: those of every channel (p × D)."""
        return self.patch_length * self.target_size

    @property
    def encoder_steps(self) -> int:
        """Return the recurrent steps over the context (K)."""
        return ceil(self.context_length / self.patch_length)

    @property
    def decoder_steps(self) -> int:
        """Return the recurrent steps over the trained horizon (M)."""
        return ceil(self.horizon / self.patch_length)

    @property
    def max_horizon(self) -> int:
        """Return the longest horizon that a bundle serves: whole patches."""
        return ceil(MAX_HORIZON_FACTOR * self.horizon / self.patch_length) * self.patch_length

    @property
    def median_index(self) -> int:
        """Return the position of level 0.5 in quantile_levels."""
        return self.quantile_levels.index(MEDIAN)

    @property
    def static_width(self) -> int:
        """Return the width of what the LSTMs are told of a series: embeddings, numbers and their masks."""
        return self.category_width * len(self.category_sizes) + 2 * self.static_size

    @property
    def folds(self) -> bool:
        """Return whether free running is one ordinary LSTM call (docs/model.md: folding)."""
        return self.decoder_layers == 1


class Lengths(Config):
    """Lengths that a user may give before the others are derived; None = from the data."""

    context_length: int | None = Field(default=None, ge=1)
    horizon: int | None = Field(default=None, ge=1)
    patch_length: int | None = Field(default=None, ge=1)
    season: int | None = Field(default=None, ge=1)
