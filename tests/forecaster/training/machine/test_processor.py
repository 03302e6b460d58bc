"""The processor set for training, and as it was afterwards."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from forecaster.training.machine.processor import cpu_budget, set_for_training

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def half_of_the_smallest() -> float:
    return float(torch.tensor(2.0**-126) / 2)


def test_denormal_numbers_are_zero_in_training_and_back_afterwards() -> None:
    with set_for_training(keep_memory=False):
        assert half_of_the_smallest() == 0.0
    assert half_of_the_smallest() == 2.0**-127


def test_no_more_threads_than_torch_had_nor_than_cores_and_what_a_fit_sets_does_not_last() -> None:
    before = torch.get_num_threads()
    with set_for_training(keep_memory=False) as most:
        torch.set_num_threads(before + 1)
    assert most == min(before, cpu_budget())
    assert torch.get_num_threads() == before


@pytest.mark.parametrize(
    ("files", "cores"),
    [
        ({"cpu.max": "50000 100000\n"}, 1),
        ({"cpu.max": "max 100000\n"}, CORES),
        ({"cpu.max": "6400000 100000\n"}, CORES),
        ({"cpu/cpu.cfs_quota_us": "100000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 1),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, CORES),
        ({"cpu.max": "nonsense"}, CORES),
        ({}, CORES),
    ],
)
def test_the_budget_is_the_affinity_or_the_quota_of_the_container(
    tmp_path: Path, files: dict[str, str], cores: int
) -> None:
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    assert cpu_budget(tmp_path) == cores


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="affinity is Linux's")
def test_the_budget_heeds_affinity(tmp_path: Path) -> None:
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert cpu_budget(tmp_path) == 1
    finally:
        os.sched_setaffinity(0, before)
