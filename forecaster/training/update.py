"""One update of the weights: a batch, its loss over the whole unrolled sequence, a gradient step."""

import torch
from torch import Tensor

from forecaster.config import TrainConfig
from forecaster.model.decoder import Start
from forecaster.model.network import Network
from forecaster.model.recurrence import recurrent_dtype
from forecaster.model.unrolling import unroll_free
from forecaster.training.curriculum import Curriculum
from forecaster.training.loss import pinball
from forecaster.training.masking import hide, shorten
from forecaster.training.resume.adamw import AdamW
from forecaster.training.resume.state import TrainingState
from forecaster.windows.window import Window
from forecaster.windows.windows import WindowSet


def update(
    state: TrainingState, windows: WindowSet, curriculum: Curriculum, progress: float, rate: float
) -> tuple[Tensor, float | Tensor]:
    """Update the weights at a progress of the curriculum, with a learning rate, at the pace of the state.

    Returns the loss and the share of true patches fed.
    """
    train = curriculum.config
    window, future = draw_batch(windows, train, state.generator)
    with recurrent_dtype(state.pace.dtype if state.pace else None):
        loss, forced = training_loss(state.network, window, future, curriculum, progress)
    step(state.optimizer, loss, rate, train.gradient_norm)
    return loss.detach(), forced


def draw_batch(windows: WindowSet, train: TrainConfig, generator: torch.Generator) -> tuple[Window, Tensor]:
    """Draw random windows, parts of them hidden, and their futures (batch, horizon), joint with D."""
    index = windows.draw(train.batch_size, train.weighting, generator)
    longest = shorten(train.batch_size, windows.context_length, generator)
    window, future = windows.gather(index.to(windows.device), longest.to(windows.device))
    return hide(window.to(generator.device), future.to(generator.device), generator)


def training_loss(
    network: Network, window: Window, future: Tensor, curriculum: Curriculum, progress: float
) -> tuple[Tensor, float | Tensor]:
    """Return the loss over the whole unrolled sequence, and the share of true patches fed.

    The loss is that of `next` on a forced or sampled pass, and of `horizon` on a free one.
    future: (batch, horizon) or, joint, (batch, horizon, D) in data units, NaN = missing.
    """
    encoding = network.encode(window)
    start = network.start(encoding, window)
    truth = network.targets(future, encoding.stats)  # (batch, steps, patch × D)
    shown = curriculum.unroll(network.decoder, start, truth, progress)
    loss = pinball(network.decoder.rows(shown.hidden, start.highway).next, truth, network.levels)
    if progress < curriculum.config.free_from:
        return loss, shown.forced
    if curriculum.config.free_run == "rows":
        return loss + rows_loss(network, start, truth), shown.forced
    hidden = shown.hidden if shown.is_free else unroll_free(network.decoder, start)
    free_loss = pinball(network.decoder.rows(hidden, start.highway).horizon, truth, network.levels)
    return (loss + free_loss) / 2, shown.forced


def rows_loss(network: Network, start: Start, truth: Tensor) -> Tensor:
    """Return the loss of the horizon rows on a free run, from which nothing but their own weights learns.

    Their medians stay those of the `next` rows, which the curriculum trains: these know no widths alone.
    """
    decoder = network.decoder
    with torch.no_grad():
        hidden = unroll_free(decoder, start)
        following = decoder.rows(hidden, start.highway).next
    delta = decoder.delta_rows(hidden).unflatten(-1, following.shape[2:])
    is_median = torch.arange(decoder.levels, device=delta.device) == decoder.median_index
    return pinball(following + torch.where(is_median, delta.detach(), delta), truth, network.levels)


def step(optimizer: AdamW, loss: Tensor, rate: float, gradient_norm: float) -> None:
    """Propagate the loss back once and update every weight."""
    optimizer.zero_grad()
    loss.backward()
    optimizer.step(rate, gradient_norm)
