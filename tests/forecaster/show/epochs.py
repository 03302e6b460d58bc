"""Made-up epochs for the tests of what people see of a fit."""

from __future__ import annotations

from typing import Any

from forecaster.training.epochs import Epoch


def epoch_of(number: int = 1, of: int = 1, **changed: Any) -> Epoch:
    """Epoch `number` of so many, 10 updates each; the last is the best."""
    values: dict[str, Any] = {
        "epoch": number,
        "updates": 10 * number,
        "progress": number / of,
        "train_loss": 0.5 / number,
        "validation_loss": 0.4 / number,
        "mase": 0.9,
        "forced_share": 1.0,
        "forced_realised": 1.0,
        "exposure_bias": 1.25,
        "free_loss": (0.1, 0.15),
        "forced_loss": (0.1, 0.1),
        "learning_rate": 1e-3,
        "windows_per_second": 100.0,
        "seconds": 1.5 * number,
        "best": number == of,
    }
    return Epoch(**{**values, **changed})


def epochs_of(count: int, **changed: Any) -> list[Epoch]:
    return [epoch_of(number, count, **changed) for number in range(1, count + 1)]
