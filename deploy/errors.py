"""Every error that forecaster raises on purpose, and the exit code of the command line for each.

ForecasterError             1
├── DeadlineError           1   a forecast took longer than its caller allowed (also a TimeoutError)
├── InputError              3   a value handed to the predictor is not usable (also a ValueError)
│   └── UnsortedError       3   the rows of a series do not follow one another, oldest first
├── DataError               3   a data file is not usable
├── ConfigError             4   an option or a configuration file is not usable (also a ValueError)
├── BundleError             5   a bundle is missing, damaged or of another version
├── RunError                5   a run folder is missing, damaged or in the way
├── ExtraMissingError       2   a package that only some uses need is not installed
├── ProviderError           6   an execution provider is not available
│   └── RuntimeMissingError 2   onnxruntime is not installed
└── QualityError            7   forecasts are worse than they may be
"""


class ForecasterError(Exception):
    """Base of all errors raised on purpose: the message says what was found and what was expected."""

    exit_code = 1


class InputError(ForecasterError, ValueError):
    """A value handed to the predictor cannot be used; names the series, the position and the value."""

    exit_code = 3


class UnsortedError(InputError):
    """Rows of a series do not follow one another, oldest first; names the series."""


class DeadlineError(ForecasterError, TimeoutError):
    """A forecast took longer than its caller allowed."""


class DataError(ForecasterError):
    """A data file cannot be used; names the line, the column and the value."""

    exit_code = 3


class ConfigError(ForecasterError, ValueError):
    """An option or a configuration value cannot be used; names the option and what it accepts."""

    exit_code = 4


class BundleError(ForecasterError):
    """A bundle is missing, damaged or of another version."""

    exit_code = 5


class RunError(ForecasterError):
    """A run folder is missing, damaged or in the way."""

    exit_code = 5


class ExtraMissingError(ForecasterError):
    """A package that only some uses need is not installed; names the extra to install."""

    exit_code = 2


class ProviderError(ForecasterError):
    """An execution provider is not available on this machine."""

    exit_code = 6


class RuntimeMissingError(ProviderError):
    """onnxruntime is not installed; names the extra to install."""

    exit_code = 2


class QualityError(ForecasterError):
    """Forecasts are worse than a gate allows; names the gate and the figure."""

    exit_code = 7
