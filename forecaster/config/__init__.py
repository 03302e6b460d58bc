"""What a fit is told: typed, checked settings of the data, the network and the training."""

from forecaster.config.config import (
    DEFAULT_LEVELS,
    MEDIAN,
    DataConfig,
    Layout,
    Lengths,
    ModelConfig,
    RunConfig,
    TrainConfig,
)

__all__ = [
    "DEFAULT_LEVELS",
    "MEDIAN",
    "DataConfig",
    "Layout",
    "Lengths",
    "ModelConfig",
    "RunConfig",
    "TrainConfig",
]
