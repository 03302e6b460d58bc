"""Hold typed, checked settings of the data, the network and the training.

In: options, --set, a TOML file, values of Python. Out: a RunConfig, frozen. May import: deploy.errors.

    config      the settings: of the data, the network and the training
    settings    what people write, sorted into these sections
    building    a checked config, or a line for each value that does not fit
"""

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
