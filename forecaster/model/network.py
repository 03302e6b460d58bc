"""The network: raw histories in data units in, quantiles in data units out."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from forecaster.config import ModelConfig
from forecaster.model.calendar import MISSING_TIME, calendar_features, calendar_width
from forecaster.model.covariates import Standardizer
from forecaster.model.decoder import Decoder, Start, State
from forecaster.model.encoder import Encoder, StateBridge
from forecaster.model.highway import Highway
from forecaster.model.normalization import Statistics, denormalize, normalize, observe, statistics
from forecaster.model.patching import Alignment, align, to_patches
from forecaster.model.unrolling import unroll_free
from forecaster.model.window import Window


@dataclass(frozen=True)
class Encoding:
    """What the encoder knows at the end of the history; the outputs of encoder.onnx."""

    state: State  # of the decoder
    previous: Tensor  # (batch, patch) normalised, NaN = missing
    stats: Statistics
    context: Tensor  # (batch, context) normalised, end-anchored, 0 = missing
    static: Tensor  # (batch, width) embedded categories and static numbers; width 0 where there are none


class Network(nn.Module):
    """LSTM encoder-decoder over patches, with normalisation, calendar and covariates inside."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        patch = config.patch_length
        self.calendar_width = calendar_width(config.calendar_periods, config.step_seconds)
        shared = self.calendar_width + 2 * patch * config.known_size + config.static_width
        self.known = Standardizer(config.known_size)
        self.past = Standardizer(config.past_size)
        self.static = Standardizer(config.static_size)
        self.embeddings = nn.ModuleList(
            [nn.Embedding(size, config.category_width) for size in config.category_sizes]
        )
        self.encoder = Encoder(config, 2 * patch + shared + 2 * patch * config.past_size)
        self.bridge = StateBridge(config)
        self.step_vectors = nn.Embedding(config.decoder_steps, config.step_width)
        self.decoder = Decoder(config, shared + config.step_width)
        self.highway = Highway(config) if config.highway else None

    def forecast(self, window: Window) -> Tensor:
        """Free-running quantiles (batch, horizon, quantile), sorted, bounded, in data units."""
        encoding = self.encode(window)
        start = self.start(encoding, window)
        rows = self.decoder.rows(unroll_free(self.decoder, start), start.highway)
        return self.emit(rows.horizon, encoding.stats)[:, : window.horizon]

    def encode(self, window: Window) -> Encoding:
        """Histories into the decoder's first state."""
        config, patch = self.config, self.config.patch_length
        where = align(window.lengths, window.history.shape[1], config.context_length, patch)
        aligned = torch.where(where.inside, window.history.gather(1, where.index), torch.nan)
        values, observed = observe(aligned, config.normalization)
        stats = statistics(values, observed, config.normalization, config.season)
        scaled = normalize(values, observed, stats)  # (batch, encoder steps × patch)
        static = self.describe(window)
        inputs = [scaled.unflatten(1, (-1, patch)), observed.to(scaled.dtype).unflatten(1, (-1, patch))]
        if self.calendar_width and window.timestamps is not None:
            times = window.timestamps.gather(1, where.index)
            inputs.append(self.calendar(torch.where(where.inside, times, MISSING_TIME)))
        if window.known is not None:
            inputs.append(self.known.patches(aligned_rows(window.known, where), patch))
        if window.past is not None:
            inputs.append(self.past.patches(aligned_rows(window.past, where), patch))
        inputs.append(static.unsqueeze(1).expand(-1, config.encoder_steps, -1))
        state = self.bridge(self.encoder(torch.cat(inputs, dim=2), where.padding(patch)))
        return Encoding(
            state=state,
            previous=torch.where(observed, scaled, torch.nan)[:, -patch:],
            stats=stats,
            context=scaled[:, -config.context_length :],
            static=static,
        )

    def start(self, encoding: Encoding, window: Window) -> Start:
        """All that the decoder is given: the encoding and what is known of the future."""
        patch = self.config.patch_length
        steps = -(-window.horizon // patch)
        batch = len(encoding.static)
        parts = []
        if self.calendar_width and window.future_timestamps is not None:
            parts.append(self.calendar(window.future_timestamps[:, : window.horizon]))
        if window.future_known is not None:
            future = to_patches(window.future_known[:, : window.horizon], patch).flatten(1, 2)
            parts.append(self.known.patches(future, patch))
        parts.append(encoding.static.unsqueeze(1).expand(-1, steps, -1))
        # Beyond the trained steps the last vector repeats.
        trained = torch.arange(steps, device=encoding.static.device).clamp(max=self.config.decoder_steps - 1)
        parts.append(self.step_vectors(trained).expand(batch, -1, -1))
        if self.highway is None:
            highway = encoding.context.new_zeros(batch, steps, patch)
        else:
            highway = self.highway(encoding.context, steps)
        return Start(encoding.state, encoding.previous, torch.cat(parts, dim=2), highway)

    def describe(self, window: Window) -> Tensor:
        """What is static of each series: embedded categories, then numbers and their masks: (batch, width).

        A code that no row was trained for is the unknown one, 0.
        """
        columns = [self.step_vectors.weight.new_zeros(len(window.lengths), 0)]
        if window.static_cat is not None:
            for code, embedding, size in zip(
                window.static_cat.T, self.embeddings, self.config.category_sizes, strict=True
            ):
                columns.append(embedding(torch.where((code >= 0) & (code < size), code, 0)))
        if window.static is not None:
            columns.append(self.static.row(window.static))
        return torch.cat(columns, dim=1)

    def calendar(self, timestamps: Tensor) -> Tensor:
        """Features of the first timestamp of each patch. (batch, time) -> (batch, steps, feature)."""
        first = timestamps[:, :: self.config.patch_length]
        config = self.config
        return calendar_features(
            first, config.calendar_periods, config.step_seconds, self.step_vectors.weight.dtype
        )

    def emit(self, rows: Tensor, stats: Statistics) -> Tensor:
        """Raw rows (batch, steps, patch, quantile) as data: sorted (Chernozhukov et al., 2010) and bounded.

        Returns (batch, steps × patch, quantile).
        """
        values = denormalize(rows.flatten(1, 2), stats, self.config.normalization).sort(dim=2).values
        return values if self.config.lower is None else values.clamp(min=self.config.lower)

    def targets(self, future: Tensor, stats: Statistics) -> Tensor:
        """True coming values, normalised and cut into patches: (batch, horizon) -> (batch, steps, patch).

        NaN where they are missing, or have no unit to be measured in: after a constant context.
        """
        values, observed = observe(future, self.config.normalization)
        observed = observed & (stats.scale > 0)
        scaled = torch.where(observed, normalize(values, observed, stats), torch.nan)
        return to_patches(scaled, self.config.patch_length)


def aligned_rows(values: Tensor, where: Alignment) -> Tensor:
    """Covariates at the places of the context's patches: (batch, time, C) -> (batch, steps × patch, C)."""
    index = where.index.unsqueeze(2).expand(-1, -1, values.shape[2])
    return torch.where(where.inside.unsqueeze(2), values.gather(1, index), torch.nan)
