"""The network: raw histories in data units in, quantiles in data units out."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from deploy.time.timestep import MISSING_TIME
from forecaster.config import ModelConfig
from forecaster.model.calendar import calendar_features
from forecaster.model.channels import join_channels, join_quantiles, split_channels, split_rows
from forecaster.model.covariates import Standardizer
from forecaster.model.decoder import Decoder, Start, State
from forecaster.model.encoder import Encoder, StateBridge
from forecaster.model.highway import Highway
from forecaster.model.normalization import (
    Statistics,
    denormalize,
    normalize,
    normalize_targets,
    observe,
    statistics,
)
from forecaster.model.patching import align, aligned_rows, to_patches
from forecaster.model.unrolling import unroll_free
from forecaster.weights.constants import calendar_width
from forecaster.weights.weights import Weights
from forecaster.windows.window import Window


@dataclass(frozen=True)
class Encoding:
    """Knowledge of the encoder at the end of the history; the outputs of encoder.onnx."""

    state: State  # of the decoder
    previous: Tensor  # (batch, patch × D) normalised, NaN = missing
    stats: Statistics
    context: Tensor  # (batch × D, context) normalised, end-anchored, 0 = missing
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
        self.encoder = Encoder(config, 2 * config.patch_width + shared + 2 * patch * config.past_size)
        self.bridge = StateBridge(config)
        self.step_vectors = nn.Embedding(config.decoder_steps, config.step_width)
        self.decoder = Decoder(config, shared + config.step_width)
        self.highway = Highway(config) if config.highway else None
        self.levels: Tensor
        self.register_buffer("levels", torch.tensor(config.quantile_levels), persistent=False)

    def forecast(self, window: Window) -> Tensor:
        """Return free-running quantiles, sorted, bounded, in data units: (batch, horizon, quantile).

        For a joint series (batch, horizon, D, quantile). An Ensemble calibrates them.
        """
        rows, stats = self.horizon_rows(window)
        return self.emit(rows, stats)[:, : window.horizon]

    def horizon_rows(self, window: Window) -> tuple[Tensor, Statistics]:
        """Return raw free-running `horizon` rows, (batch, steps, patch × D, quantile), and their units."""
        encoding = self.encode(window)
        start = self.start(encoding, window)
        rows = self.decoder.rows(unroll_free(self.decoder, start), start.highway).horizon
        return rows, encoding.stats

    def encode(self, window: Window) -> Encoding:
        """Return the decoder's first state, and all else that it needs of the histories."""
        config, patch, size = self.config, self.config.patch_length, self.config.target_size
        where = align(window.lengths, window.history.shape[1], config.context_length, patch)
        history = aligned_rows(window.history.reshape(*window.history.shape[:2], size), where)
        values, observed = observe(split_channels(history, size), config.normalization)
        stats = statistics(values, observed, config.normalization, config.season)
        dtype = self.step_vectors.weight.dtype
        scaled = normalize(values, observed, stats).to(dtype)  # (batch × D, encoder steps × patch)
        static = self.describe(window)
        inputs = [self.patches(part) for part in (scaled, observed.to(scaled.dtype))]
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
            previous=self.patches(torch.where(observed, scaled, torch.nan)[:, -patch:])[:, 0],
            stats=stats,
            context=scaled[:, -config.context_length :],
            static=static,
        )

    def start(self, encoding: Encoding, window: Window) -> Start:
        """Return what the decoder is given: the encoding and what is known of the future."""
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
            highway = encoding.context.new_zeros(batch, steps, self.config.patch_width)
        else:
            hidden = encoding.state[0][-1].repeat_interleave(self.config.target_size, dim=0)
            highway = self.highway(encoding.context, hidden, steps)
            highway = join_channels(highway, self.config.target_size)
        return Start(encoding.state, encoding.previous, torch.cat(parts, dim=2), highway)

    def describe(self, window: Window) -> Tensor:
        """Return the static vector of each series: (batch, width), width 0 where nothing is static.

        Embedded categories, then numbers and their masks. A code without training is 0, the unknown one.
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
        """Return features of the first timestamp of each patch. (batch, time) -> (batch, steps, feature)."""
        first = timestamps[:, :: self.config.patch_length]
        config = self.config
        return calendar_features(
            first, config.calendar_periods, config.step_seconds, self.step_vectors.weight.dtype
        )

    def patches(self, values: Tensor) -> Tensor:
        """Cut whole patches: (batch × D, time) -> (batch, steps, patch × D)."""
        return join_channels(values.unflatten(1, (-1, self.config.patch_length)), self.config.target_size)

    def emit(self, rows: Tensor, stats: Statistics) -> Tensor:
        """Return rows as data: sorted (Chernozhukov et al., 2010), bounded.

        rows: (batch, steps, patch × D, quantile). Returns (batch, steps × patch, quantile), of a joint series
        (batch, steps × patch, D, quantile).
        """
        channels = split_rows(rows, self.config.target_size)
        values = denormalize(channels, stats, self.config.normalization).sort(dim=2).values
        bounded = values if self.config.lower is None else values.clamp(min=self.config.lower)
        return join_quantiles(bounded, self.config.target_size)

    def targets(self, future: Tensor, stats: Statistics) -> Tensor:
        """Normalise actual values of the horizon and cut them into patches of all channels.

        future: (batch, horizon) or (batch, horizon, D). Returns (batch, steps, patch × D), NaN where they are
        missing or teach nothing, as after a constant context.
        """
        channels = split_channels(future, self.config.target_size)
        scaled = normalize_targets(channels, stats, self.config.normalization)
        fitting = scaled.to(self.step_vectors.weight.dtype)
        return join_channels(to_patches(fitting, self.config.patch_length), self.config.target_size)

    def weights(self) -> Weights:
        """Return a copy of the weights as numpy arrays, for graphs."""
        state = {name: tensor.detach().cpu().numpy().copy() for name, tensor in self.state_dict().items()}
        return Weights.of(self.config, state)
