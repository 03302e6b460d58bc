"""Forecast with an exported bundle: numpy and onnxruntime, nothing else.

from deploy import Predictor

forecast = Predictor.load("run/bundle").forecast(history, horizon=48, last_timestamp="2024-01-31")
forecast.median, forecast.quantiles, forecast.quantile_levels, forecast.timestamps
"""

from .bundle.bundle import Manifest
from .engine.info import RuntimeInfo
from .errors import BundleError, DeadlineError, ForecasterError, InputError, ProviderError
from .forecast import Forecast
from .paths.interventions import Draw
from .predictor import Predictor
from .stream import Stream
from .time.timestep import TimeStep

__all__ = [
    "BundleError",
    "DeadlineError",
    "Draw",
    "Forecast",
    "ForecasterError",
    "InputError",
    "Manifest",
    "Predictor",
    "ProviderError",
    "RuntimeInfo",
    "Stream",
    "TimeStep",
]
