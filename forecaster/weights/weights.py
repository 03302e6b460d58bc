"""The weights of a network as numpy arrays, by the names of its state dict."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.config import ModelConfig
from forecaster.weights.constants import calendar_width, gate_features

Array = NDArray[np.floating[Any]]  # float32 as a fit leaves them
State = Mapping[str, Array]
Shape = tuple[int, ...]
GATES = 4  # of an LSTM: i, f, g, o, in torch's order


@dataclass(frozen=True)
class Affine:
    """An affine map: weight (width, feature), bias (width,). Several have one more axis in front."""

    weight: Array
    bias: Array

    @classmethod
    def of(cls, state: State, name: str) -> "Affine":
        """Return the map of this name, such as decoder.next_rows."""
        return cls(state[f"{name}.weight"], state[f"{name}.bias"])


@dataclass(frozen=True)
class Layer:
    """One layer of torch's LSTM: the rows are those of its gates i, f, g, o."""

    w_in: Array  # (4 × hidden, feature)
    w_hidden: Array  # (4 × hidden, hidden)
    b_in: Array  # (4 × hidden,)
    b_hidden: Array  # (4 × hidden,)


def layers_of(state: State, count: int, lstm: str = "lstm") -> tuple[Layer, ...]:
    """Return the layers of an LSTM by its name."""
    kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    return tuple(Layer(*(state[f"{lstm}.{kind}_l{layer}"] for kind in kinds)) for layer in range(count))


@dataclass(frozen=True)
class Standard:
    """Mean and deviation of the covariates of one kind in the training rows, (covariate,) each."""

    location: Array
    scale: Array

    @classmethod
    def of(cls, state: State, kind: str) -> "Standard":
        """Return those of known, past or static covariates."""
        return cls(state[f"{kind}.location"], state[f"{kind}.scale"])


@dataclass(frozen=True)
class DecoderWeights:
    """The weights of model/decoder.py."""

    config: ModelConfig
    layers: tuple[Layer, ...]
    next_rows: Affine  # (patch × D × quantile, hidden)
    delta_rows: Affine  # what `horizon` adds to `next`

    @classmethod
    def of(cls, config: ModelConfig, state: State) -> "DecoderWeights":
        """Return those of a decoder's own state dict."""
        rows = Affine.of(state, "next_rows"), Affine.of(state, "delta_rows")
        return cls(config, layers_of(state, config.decoder_layers), *rows)

    @property
    def median(self) -> Affine:
        """The map from the hidden state to the median: V (patch × D, hidden) and v (patch × D,)."""
        every = slice(self.config.median_index, None, len(self.config.quantile_levels))
        return Affine(self.next_rows.weight[every], self.next_rows.bias[every])


@dataclass(frozen=True)
class HighwayWeights:
    """The weights of model/highway.py, and of its gate where there are several maps."""

    maps: Affine  # (maps, patch, context) and (maps, patch)
    gate: Affine | None

    @classmethod
    def of(cls, config: ModelConfig, state: State) -> "HighwayWeights":
        """Return those of a highway's own state dict."""
        gate = Affine.of(state, "gate.linear") if config.highway > 1 else None
        return cls(Affine(state["weight"], state["bias"]), gate)


@dataclass(frozen=True)
class Weights:
    """The weights of model/network.py, part by part."""

    config: ModelConfig
    known: Standard
    past: Standard
    static: Standard
    embeddings: tuple[Array, ...]  # of each static column of categories: (code, category width)
    encoder: tuple[Layer, ...]
    bridge: tuple[Affine, ...]  # of h and of c; none where both sides have as many layers
    step_vectors: Array  # (decoder steps, step width)
    decoder: DecoderWeights
    highway: HighwayWeights | None

    @classmethod
    def of(cls, config: ModelConfig, state: State) -> "Weights":
        """Take the arrays of a state dict by their names. Raises ValueError unless all have their shape."""
        check_shapes(config, {name: array.shape for name, array in state.items()})
        bridged = range(2 if config.encoder_layers != config.decoder_layers else 0)
        return cls(
            config,
            known=Standard.of(state, "known"),
            past=Standard.of(state, "past"),
            static=Standard.of(state, "static"),
            embeddings=tuple(
                state[f"embeddings.{column}.weight"] for column in range(len(config.category_sizes))
            ),
            encoder=layers_of(state, config.encoder_layers, "encoder.lstm"),
            bridge=tuple(Affine.of(state, f"bridge.maps.{part}") for part in bridged),
            step_vectors=state["step_vectors.weight"],
            decoder=DecoderWeights.of(config, part_of(state, "decoder")),
            highway=HighwayWeights.of(config, part_of(state, "highway")) if config.highway else None,
        )


def part_of(state: State, name: str) -> dict[str, Array]:
    """Return the state dict of a part, such as decoder."""
    prefix = f"{name}."
    return {key.removeprefix(prefix): array for key, array in state.items() if key.startswith(prefix)}


def check_shapes(config: ModelConfig, found: Mapping[str, Shape]) -> None:
    """Raise ValueError with the first array that is missing, of another shape, or none of the network's."""
    expected = shapes_of(config)
    for name in {**expected, **found}:
        if found.get(name) != expected.get(name):
            raise ValueError(f"{name} is {_size(found.get(name))}, expected {_size(expected.get(name))}")


def _size(shape: Shape | None) -> str:
    return "missing" if shape is None else f"of {' × '.join(map(str, shape)) or 1} numbers"


def shapes_of(config: ModelConfig) -> dict[str, Shape]:
    """Return the shape of every array of a network's state dict, by its name and in its order."""
    hidden, patch = config.hidden_size, config.patch_length
    shared = calendar_width(config.calendar_periods, config.step_seconds) + config.static_width
    shared += 2 * config.patch_width + 2 * patch * config.known_size
    rows = config.patch_width * len(config.quantile_levels)
    shapes: dict[str, Shape] = {}
    sizes = {"known": config.known_size, "past": config.past_size, "static": config.static_size}
    for kind, size in sizes.items():
        shapes |= {f"{kind}.location": (size,), f"{kind}.scale": (size,)}
    for column, size in enumerate(config.category_sizes):
        shapes[f"embeddings.{column}.weight"] = (size, config.category_width)
    shapes |= _lstm("encoder.lstm", shared + 2 * patch * config.past_size, hidden, config.encoder_layers)
    if config.encoder_layers != config.decoder_layers:
        for part in range(2):
            width = config.decoder_layers * hidden
            shapes |= _linear(f"bridge.maps.{part}", config.encoder_layers * hidden, width)
    shapes["step_vectors.weight"] = (config.decoder_steps, config.step_width)
    shapes |= _lstm("decoder.lstm", shared + config.step_width, hidden, config.decoder_layers)
    shapes |= _linear("decoder.next_rows", hidden, rows) | _linear("decoder.delta_rows", hidden, rows)
    if config.highway:
        shapes["highway.weight"] = (config.highway, patch, config.context_length)
        shapes["highway.bias"] = (config.highway, patch)
    if config.highway > 1:
        shapes |= _linear("highway.gate.linear", gate_features(config), config.highway)
    return shapes


def _linear(name: str, features: int, width: int) -> dict[str, Shape]:
    return {f"{name}.weight": (width, features), f"{name}.bias": (width,)}


def _lstm(name: str, features: int, hidden: int, layers: int) -> dict[str, Shape]:
    rows, shapes = GATES * hidden, dict[str, Shape]()
    for layer in range(layers):
        shapes[f"{name}.weight_ih_l{layer}"] = (rows, features if layer == 0 else hidden)
        shapes[f"{name}.weight_hh_l{layer}"] = (rows, hidden)
        shapes |= {f"{name}.{bias}_l{layer}": (rows,) for bias in ("bias_ih", "bias_hh")}
    return shapes
