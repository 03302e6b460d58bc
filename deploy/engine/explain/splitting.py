"""Split medians into level, linear part and recurrent part, exactly.

A member forecasts median = location + scale × (z + r): z is the highway, which every quantile has alike, and
r the median of what the LSTMs add, once sorted. So both add up without a rest. With logarithms, this is that
of the median, and the amounts are those of the logarithmic mean Divisia index (Ang, 2005): with the level
l = exp(location) and the median m, each summand a is worth a × L(m, l), L the logarithmic mean. Those add up
to m − l, and so do their means over members.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...bundle.bundle import Manifest
from ...errors import BundleError
from ...request.inputs import Request
from ..engine import Engine
from ..named_parts import Parts, Tensors, of_member
from .explanation import Array, logarithmic_mean

EXPONENT_LIMIT = 80.0  # of what a graph takes the exponential of


@dataclass(frozen=True)
class Split:
    """The parts of some series, in data units: (batch, horizon, D); weights (batch, horizon, context, D)."""

    level: Array
    linear: Array
    recurrent: Array
    bound: Array
    weights: Array
    contributions: Array
    scale: Array  # (batch, D) of the first member, as the graph is shown the series
    is_log: bool  # whether that is one of logarithms


def split(engine: Engine, request: Request) -> Split:
    """Return the parts of the forecasts of a few series. Raises BundleError where the bundle names none."""
    manifest, parts = engine.manifest, engine.parts
    tensors = engine.run_parts(request)
    try:
        each = [
            _Member(manifest, parts, of_member(tensors, number), number).split(request.horizon)
            for number in range(parts.members)
        ]
    except (KeyError, ValueError, IndexError) as error:
        raise BundleError(f"forecast.onnx names its parts, but not as an exporter does: {error}") from None
    mean = {name: np.mean([getattr(one, name) for one in each], axis=0) for name in _SUMMANDS}
    return _in_data_units(manifest, request, Split(**mean, scale=each[0].scale, is_log=each[0].is_log))


_SUMMANDS = ("level", "linear", "recurrent", "bound", "weights", "contributions")


def _in_data_units(manifest: Manifest, request: Request, shown: Split) -> Split:
    """Return what a graph was shown with the levels of the series."""
    levels = request.levels.reshape(len(request), 1, -1)  # (batch, 1, D)
    unit = levels if manifest.positive else np.ones_like(levels)
    level = shown.level * levels if manifest.positive else shown.level + levels
    linear, recurrent, bound = (part * unit for part in (shown.linear, shown.recurrent, shown.bound))
    if manifest.lower is not None:
        bound = bound + np.maximum(manifest.lower - (level + linear + recurrent + bound), 0.0)
    contributions = shown.contributions * unit[:, None]
    return Split(level, linear, recurrent, bound, shown.weights, contributions, shown.scale, shown.is_log)


class _Member:
    """One member's forecast of some series, as the graph gives it."""

    def __init__(self, manifest: Manifest, parts: Parts, tensors: Tensors, number: int) -> None:
        self._manifest, self._maps = manifest, parts.maps[number]
        self._size = max(1, len(manifest.channels))
        self._is_log = "log_location" in tensors
        self._tensors = {name: tensor.astype(np.float64) for name, tensor in tensors.items()}

    def split(self, horizon: int) -> Split:
        """Return the parts in units of the data that the graph was shown."""
        tensors, levels = self._tensors, self._manifest.quantile_levels
        location = tensors["log_location" if self._is_log else "location"][:, None]  # (batch, 1, D)
        scale = tensors["scale"][:, None]
        batch = len(scale)
        if location.shape != scale.shape or scale.shape != (batch, 1, self._size):
            raise ValueError(f"location and scale are {location.shape} and {scale.shape}")
        rows = tensors["rows"].reshape(batch, -1, self._size, len(levels))[:, :horizon]
        z = np.zeros(rows.shape[:3])
        if "linear" in tensors:
            z = tensors["linear"].reshape(batch, -1, self._size)[:, :horizon]
        r = np.sort(rows - z[..., None], axis=-1)[..., levels.index(0.5)]
        linear, recurrent = scale * z, scale * r
        weights, contributions = self._by_lag(horizon, scale)
        level, worth = np.broadcast_to(location, linear.shape), np.ones_like(linear)
        if self._is_log:
            recurrent = np.minimum(location + linear + recurrent, EXPONENT_LIMIT) - location - linear
            level = np.exp(level)
            worth = logarithmic_mean(level * np.exp(linear + recurrent), level)
        linear, recurrent = linear * worth, recurrent * worth
        bound = np.zeros_like(linear)
        if self._manifest.lower is not None:
            bound = np.maximum(self._manifest.lower - (level + linear + recurrent), 0.0)
        contributions = contributions * worth[:, :, None]
        return Split(
            level, linear, recurrent, bound, weights, contributions, self._tensors["scale"], self._is_log
        )

    def _by_lag(self, horizon: int, scale: Array) -> tuple[Array, Array]:
        """Return the weights of the highway, and what each value adds by them, in units of the scale's."""
        tensors, manifest, size = self._tensors, self._manifest, self._size
        shape = (len(scale), horizon, manifest.context_length, size)
        if self._maps is None:
            return np.zeros(shape), np.zeros(shape)
        maps = self._maps.reshape(manifest.context_length, -1, manifest.max_horizon)[..., :horizon]
        shares: NDArray[np.float64] = tensors.get("shares", np.ones((len(scale) * size, 1)))
        shares = shares.reshape(len(scale), size, maps.shape[1])
        context = tensors["context"].reshape(len(scale), size, manifest.context_length)
        weights = np.einsum("bdm,tmh->bhtd", shares, maps, optimize=True)
        return weights, weights * (context.transpose(0, 2, 1) * scale)[:, None]
