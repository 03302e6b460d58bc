"""Forecast with an exported bundle.
In: a folder, arrays. Out: Forecast, or a ForecasterError. May import: numpy, onnxruntime, itself.
    predictor      Predictor: check, Engine.run, Forecast
    pretrained     the pretrained network of a season, where it is installed
    stream         Stream: one series that grows, and its forecast at any time
    forecast       Forecast: quantiles, and what a table of them needs
    spark          DataFrames of Spark
    ray            files on actors of Ray
    cells          texts that no spreadsheet takes for formulas
    columns        which column of the data is what, in panel, run and manifest
    errors         all errors, and their exit codes
    places         files, pipes and devices that a user names: read, and written
    overwriting    what no command may write to
    sources/       tables of any place as batches of Arrow: folders, object storage, databases
    time/          steps, clocks, time zones
    bundle/        a bundle on disk, read and checked
    request/       arguments of a caller to tensors of the graphs
    engine/        tensors through the graphs
    adaptive/      actuals, compared with what was forecast of them, move the quantiles
    paths/         sample paths
    arrow/         series in Arrow record batches, with the extra `arrow`
    command/       the commands check, forecast and score
    shown/         forecasts as pictures and in notebooks
    server/        bundles over HTTP
    __main__       python -m deploy
"""

from typing import TYPE_CHECKING, Any

from .errors import (
    BundleError,
    DeadlineError,
    ExtraMissingError,
    ForecasterError,
    InputError,
    ProviderError,
    UnsortedError,
)

if TYPE_CHECKING:
    from .adaptive.calibrator import Calibrator
    from .bundle.bundle import Manifest
    from .engine.explain.explanation import Explanation, Sensitivities
    from .engine.info import RuntimeInfo
    from .forecast import Forecast
    from .paths.interventions import Draw
    from .predictor import Predictor
    from .stream import Stream
    from .time.timestep import TimeStep

__all__ = [
    "BundleError",
    "Calibrator",
    "DeadlineError",
    "Draw",
    "Explanation",
    "ExtraMissingError",
    "Forecast",
    "ForecasterError",
    "InputError",
    "Manifest",
    "Predictor",
    "ProviderError",
    "RuntimeInfo",
    "Sensitivities",
    "Stream",
    "TimeStep",
    "UnsortedError",
]


def __getattr__(name: str) -> Any:
    """Return a public name, with numpy and all else that it needs, when it is first asked for."""
    if name == "Predictor":
        from .predictor import Predictor

        return Predictor
    if name == "Forecast":
        from .forecast import Forecast

        return Forecast
    if name == "Manifest":
        from .bundle.bundle import Manifest

        return Manifest
    if name == "TimeStep":
        from .time.timestep import TimeStep

        return TimeStep
    if name == "Calibrator":
        from .adaptive.calibrator import Calibrator

        return Calibrator
    if name == "Stream":
        from .stream import Stream

        return Stream
    if name == "Draw":
        from .paths.interventions import Draw

        return Draw
    if name in ("Explanation", "Sensitivities"):
        from .engine.explain import explanation

        return getattr(explanation, name)
    if name == "RuntimeInfo":
        from .engine.info import RuntimeInfo

        return RuntimeInfo
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
