"""How the network is trained, the section [train], and all sections together; written into every run."""

from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from forecaster.config.asked import Asked
from forecaster.config.building import Config
from forecaster.config.shape import ModelConfig, Normalization

Weighting = Literal["windows", "series"]
Effort = Literal["fast", "usual", "thorough"]
Schedule = Literal["constant", "linear", "exponential", "inverse-sigmoid", "switch"]


class TrainConfig(Config):
    """How the network is trained."""

    unsaid: ClassVar[dict[str, Any]] = {
        "start": "random",
        "normalizations": (),
        "effort": "usual",
        "tolerance": 0.0,
        "free_run": "network",
        "linear": "trained",
        "sample": None,
    }

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
    sampling: Literal["step", "sequence", "batch", "mixture"] = Field(
        default="step",
        description="what one draw decides; mixture: none, every step is fed a share ε of the truth",
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
    free_run: Literal["network", "rows"] = Field(
        default="network", description="what learns from the free run: the whole network, or the horizon rows"
    )
    linear: Literal["trained", "ridge"] = Field(
        default="trained",
        description="the highway's map: trained with the rest, or a ridge regression that stays; to this the "
        "LSTMs add that share of their part of the median which forecasts the validation windows best",
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
        "window validates; of n windows apart a √n-th of it. Below 0: by which what was trained must be, of "
        "two windows 3/2 of it, of one 3 times as much",
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
    sample: int | None = Field(
        default=None,
        ge=1,
        strict=True,
        description="series that the fit takes at most, drawn by the hashes of their ids; None: all",
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
