"""python -m benchmarks.training, whatever the processor computes in."""

from __future__ import annotations

import pytest
import torch

from benchmarks import trainer
from benchmarks.training import measure

pytestmark = pytest.mark.slow


def test_what_the_processor_cannot_compute_in_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer, "SERIES", 2)
    monkeypatch.setattr(trainer, "computes_bfloat16", lambda _: False)
    row = measure((4, 24, 24), updates=1, rounds=1)
    assert row["f32 windows/s"] > 0
    assert not [name for name in row if name.startswith("bf16")]


def test_bfloat16_is_measured_where_the_processor_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer, "computes_bfloat16", lambda _: True)
    assert trainer.precisions() == {"f32": None, "bf16": torch.bfloat16}
