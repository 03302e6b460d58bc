"""Typed, checked configuration: what the network is, how it is trained; written into every run."""

from math import ceil
from typing import Any, Literal, Self

from pydantic import (
    Field,
    PositiveInt,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
    model_validator,
)

from forecaster.config.asked import Asked
from forecaster.config.building import Config

MEDIAN = 0.5
DEFAULT_LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
# A bundle forecasts up to this multiple of the horizon it was trained for.
MAX_HORIZON_FACTOR = 3

Normalization = Literal["mean-std", "last-difference", "log-last-difference", "none"]
Weighting = Literal["windows", "series"]
Effort = Literal["fast", "usual", "thorough"]
Schedule = Literal["constant", "linear", "exponential", "inverse-sigmoid", "switch"]


class ModelConfig(Config):
    """The shape of the network. Lengths are in steps of the series."""

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


# Defaults that a config does not write.
UNSAID: dict[str, Any] = {"start": "random", "normalizations": (), "effort": "usual", "tolerance": 0.0}


class TrainConfig(Config):
    """How the network is trained."""

    start: Literal["auto", "pretrained", "random", "run"] = Field(
        default="random", description="weights before the first update; run: those of --from"
    )
    effort: Effort = Field(
        default="usual",
        description="how long a fit may take; it decides what is not said of updates and members",
    )
    schedule: Schedule = Field(default="constant", description="share of true patches fed to the decoder")
    direction: Literal["decay", "increase"] = Field(
        default="decay", description="from forced to free or back"
    )
    epsilon: float = Field(default=1.0, ge=0, le=1, description="the share of schedule 'constant'")
    switch_at: float = Field(default=0.5, ge=0, le=1, description="progress at which 'switch' lets go")
    schedule_length: float = Field(
        default=1.0, gt=0, le=1, description="share of the progress over which the schedule runs"
    )
    floor: float = Field(default=0.0, ge=0, le=1, description="the share of true patches is never less")
    sampling: Literal["step", "sequence", "batch"] = Field(
        default="step", description="what one draw decides"
    )
    draw: Literal["probabilistic", "deterministic"] = Field(
        default="probabilistic", description="each by itself with probability ε, or the first ⌊ε × count⌋"
    )
    gradients: Literal["flow", "stopped"] = Field(
        default="flow", description="through fed-back values; stopped needs the step loop"
    )
    parallel_passes: int = Field(
        default=0, ge=0, description="2 or more: per-step sampling in so many fused passes, approximate"
    )
    free_from: float = Field(
        default=0.5, ge=0, le=1, description="progress from which the horizon rows train, free-running"
    )
    updates: int = Field(
        default=1000, ge=0, description="optimizer updates at most; 0: the start is served as it is"
    )
    epochs: int = Field(default=20, ge=1, description="validations, evenly spread over the updates")
    patience: int = Field(default=6, ge=1, description="epochs without improvement before stopping")
    held_out: int | None = Field(
        default=None, ge=1, description="last values of each series that select and calibrate; None: a share"
    )
    tolerance: float = Field(
        default=0.0,
        ge=-1,
        description="loss, as a share, by which a pretrained start must be the better one to be kept, if one "
        "window validates; of n windows apart a √n-th of it. Below 0: by which what was trained must be",
    )
    refit: float = Field(
        default=0.2,
        ge=0,
        le=1,
        description="updates on all values: a share of those that selected the weights, 50 at least; 0: none",
    )
    calibrate: bool = Field(
        default=True, description="intervals are widened or narrowed to cover their share of held-out values"
    )
    max_seconds: float | None = Field(default=None, gt=0, description="stop in time, schedules finished")
    batch_size: int = Field(default=256, ge=1)
    weighting: Weighting = Field(
        default="windows",
        description="what is drawn alike: windows, so that long series count more, or series",
    )
    learning_rate: float = Field(default=1e-3, gt=0)
    weight_decay: float = Field(default=1e-4, ge=0)
    warm_up: float = Field(default=0.15, gt=0, lt=1, description="share of the updates with a rising rate")
    averaging: float = Field(
        default=0.99, ge=0, lt=1, description="decay of the average of the weights, which is kept; 0: none"
    )
    gradient_norm: float = Field(
        default=1.0, gt=0, description="recurrent gradients can explode (Pascanu et al., 2013)"
    )
    seed: int = Field(default=0, ge=0)
    members: int = Field(
        default=1, ge=1, le=32, description="networks, of seed, seed + 1 ..., whose forecasts are averaged"
    )
    normalizations: tuple[Normalization, ...] = Field(
        default=(), description="of the members in turn; none: that of the model"
    )
    device: Literal["auto", "cpu", "cuda"] = Field(
        default="auto", description="auto: CUDA where there is any"
    )
    precision: Literal["auto", "f32", "bf16"] = Field(
        default="auto", description="of the LSTMs; auto: bf16 where a short probe finds it faster"
    )
    threads: int | None = Field(default=None, ge=1, description="None: as many as a probe finds worth it")
    keep_memory: bool = Field(default=True, description="glibc keeps what is freed between updates")
    checkpoint_seconds: float = Field(default=10.0, ge=0, description="a checkpoint at most so often")

    @model_serializer(mode="wrap")
    def _without_what_goes_without_saying(self, written: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out defaults that the runs of early releases do not say."""
        content: dict[str, Any] = written(self)
        plain = {name: tuple(value) if isinstance(value, list) else value for name, value in content.items()}
        return {name: content[name] for name, value in plain.items() if UNSAID.get(name, ...) != value}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.direction == "increase" and self.schedule == "constant":
            raise ValueError("direction 'increase' needs a schedule that changes; 'constant' does not")
        if self.epsilon != 1 and self.schedule != "constant":
            raise ValueError(f"epsilon belongs to schedule 'constant', found schedule {self.schedule!r}")
        if not self.updates and self.start == "random":
            raise ValueError("updates is 0, and random weights forecast nothing; expected 1 or more")
        if self.parallel_passes == 1:
            raise ValueError("parallel_passes is 0 (exact) or at least 2, found 1, which is teacher forcing")
        if self.parallel_passes and (self.sampling != "step" or self.gradients == "stopped"):
            raise ValueError(
                "parallel_passes approximate sampling 'step' with gradients 'flow', found sampling "
                f"{self.sampling!r} and gradients {self.gradients!r}"
            )
        return self


class RunConfig(Config):
    """Everything needed to build the network again, to repeat the fit, and to say how it was made."""

    data: Asked = Asked()
    model: ModelConfig
    train: TrainConfig = TrainConfig()

    def shape_of_member(self, number: int) -> ModelConfig:
        """Return the shape of a member's network, from 1: they may differ in their normalisation."""
        each = self.train.normalizations or (self.model.normalization,)
        return self.model.model_copy(update={"normalization": each[(number - 1) % len(each)]})
