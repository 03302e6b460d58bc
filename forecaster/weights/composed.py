"""Steps composed before anything runs: a free run as one LSTM, rolled linear forecasts as one matrix.

Products are summed in float64 and rounded once, so that a bundle does not depend on which library
multiplies, nor on which processor.
"""

from dataclasses import replace

import numpy as np

from forecaster.weights.weights import Affine, DecoderWeights, HighwayWeights, Layer


def folded_layer(decoder: DecoderWeights) -> Layer:
    """Return W, R' = R + W_y V, b' = b + W_y v and the unchanged second bias of a decoder of one layer.

    Of that LSTM free running is one call; model/folding.py has the derivation.
    """
    (layer,), median = decoder.layers, decoder.median
    w_previous = layer.w_in[:, : decoder.config.patch_width].astype(np.float64)  # (4 × hidden, patch)
    w_hidden = layer.w_hidden + w_previous @ median.weight.astype(np.float64)
    b_in = layer.b_in + w_previous @ median.bias.astype(np.float64)
    kind = layer.w_hidden.dtype
    return replace(layer, w_hidden=w_hidden.astype(kind), b_in=b_in.astype(kind))


def rolled_maps(highway: HighwayWeights, steps: int) -> Affine:
    """Return the maps of a highway over so many patches, each rolled on its own output, as one.

    They forecast context @ weight + bias. weight: (context, maps × steps × patch); bias: of that width.
    """
    weight, bias = highway.maps.weight.astype(np.float64), highway.maps.bias.astype(np.float64)
    maps, patch, span = weight.shape
    # Each value of the forecast as a row of what it takes of the context, and a constant.
    rolled = np.zeros((maps, steps * patch, span + 1))
    for begin in range(0, steps * patch, patch):
        # A map that begins so far into the context sees as many of the values before it, and no more of these
        # than it is long.
        left, seen = max(0, span - begin), max(0, begin - span)
        step = rolled[:, begin : begin + patch]
        step[:, :, begin:span] = weight[:, :, :left]
        step[:, :, span] = bias
        step += weight[:, :, left:] @ rolled[:, seen:begin]
    whole = rolled.transpose(2, 0, 1).reshape(span + 1, -1).astype(highway.maps.weight.dtype)
    return Affine(whole[:span], whole[span])
