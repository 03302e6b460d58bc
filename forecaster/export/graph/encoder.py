"""The encoder in a graph, as in model/encoder.py: patches of the history into the decoder's first state."""

from collections.abc import Sequence

from forecaster.export.graph.recurrence import State, flatten_layers, run_layer
from forecaster.export.nodes.functions import linear
from forecaster.export.nodes.value import Value
from forecaster.weights.weights import Affine, Layer


def encode_patches(layers: Sequence[Layer], inputs: Value, steps: Value) -> State:
    """Run the LSTM over the patches that hold anything.

    inputs: (batch, encoder steps, feature); steps: int64 (batch,), how many of them, from the first.
    """
    sequence, lengths = inputs.permute(1, 0, 2), steps.to_int32()
    states = []
    for layer in layers:
        hidden, state = run_layer(sequence, layer, lengths=lengths)
        sequence = hidden.squeeze(1)
        states.append(state)
    return flatten_layers(states)


def bridge_state(bridge: Sequence[Affine], state: State) -> State:
    """Map h and c: (batch, encoder layers × hidden) -> (batch, decoder layers × hidden).

    bridge: a map of h and one of c; empty where both sides have as many layers.
    """
    if not bridge:
        return state
    h, c = (linear(part, each.weight, each.bias) for each, part in zip(bridge, state, strict=True))
    return h, c
