"""Train an LSTM encoder-decoder with scheduled sampling and export it to ONNX.
What __all__ names is for users. Rooms, highest first: each imports from those below (tests/laws/layers.py).

    __main__        the command `forecaster`: errors become one line and an exit code
    bare            forecast, check and serve, where the runtime alone is installed
    cli/            options of each command into a request
    estimator/      Forecaster: the same requests from Python
    adapters/       interfaces of sktime and MLflow
    spark           a model for each segment of a Spark DataFrame
    workflows/      fit, forecast, evaluate, export, inspect: each one function of a frozen request
    export/         a run into a verified bundle of ONNX graphs
    show/           what people see: console, terminal, pictures, the report
    run/            the folder of a fit
    pretraining/    a network pretrained on made-up series
    pretrained/     its weights, for any season
    training/       the loop, curricula, calibration, checkpoints
    evaluation/     metrics, baselines, rolling origins, scores
    model/          the network in torch
    weights/        the network's numbers as arrays, without torch
    forecasts/      a panel through deploy.Predictor, and tables of it
    windows/        windows of a panel, and what trains, selects and calibrates
    data/           files and data frames into a Panel
    config/         typed settings
    jobs/           tasks in processes of their own
    files           files that are replaced in one step
"""

import importlib
import importlib.metadata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deploy import Predictor
    from deploy.errors import BundleError, ConfigError, DataError, ForecasterError, InputError, RunError
    from deploy.sources.named import Query
    from forecaster.estimator.forecaster import Forecaster
    from forecaster.estimator.judged import Scores

__all__ = [
    "BundleError",
    "ConfigError",
    "DataError",
    "Forecaster",
    "ForecasterError",
    "InputError",
    "Predictor",
    "Query",
    "RunError",
    "Scores",
]
# Where a public name is; all others are errors.
_PLACES = {
    "Forecaster": "forecaster.estimator.forecaster",
    "Scores": "forecaster.estimator.judged",
    "Predictor": "deploy",
    "Query": "deploy.sources.named",
}


def __getattr__(name: str) -> Any:
    """Return a public name, with all that it needs, when it is first asked for: the package loads nothing."""
    if name == "__version__":
        return importlib.metadata.version("lstm-forecaster")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(importlib.import_module(_PLACES.get(name, "deploy.errors")), name)
    except ModuleNotFoundError as error:
        missing = str(error.name).partition(".")[0]
        if missing in ("forecaster", "deploy"):
            raise
        extra = "cpu" if name == "Predictor" else "train,cpu"
        text = f"{name} needs {missing}, which is not installed; install the extra: "
        raise ModuleNotFoundError(f"{text}pip install 'lstm-forecaster[{extra}]'", name=missing) from error


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "__version__"})
