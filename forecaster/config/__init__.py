"""Check what a fit is told, of the data, the network and the training, before any of it is used.

In: what people write on a command line, in a file or in Python. Out: frozen values, or ConfigError with
a line for each setting that does not fit. May import: deploy.

    asked       the section [data]: the columns, step and time zone that are asked of data
    shape       the section [model]
    config      the section [train], and all three together
    settings    sections from a file, from --set and from options
    building    a config from plain values, or a line for each value that does not fit
"""

from forecaster.config.asked import Asked
from forecaster.config.config import RunConfig, TrainConfig
from forecaster.config.shape import DEFAULT_LEVELS, MEDIAN, Lengths, ModelConfig

__all__ = ["DEFAULT_LEVELS", "MEDIAN", "Asked", "Lengths", "ModelConfig", "RunConfig", "TrainConfig"]
