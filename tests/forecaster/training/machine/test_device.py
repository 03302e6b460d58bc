"""The device that trains. Tests marked gpu need a CUDA device: make test-gpu."""

from __future__ import annotations

import time

import pytest
import torch
from fits import Recorder, config_of, panel_of, waves

from deploy.errors import ConfigError
from forecaster.training.fit_network import fit
from forecaster.training.machine.device import choose_device
from forecaster.training.members.members import fit_members

gpu = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device, or a torch without CUDA"),
]


def test_auto_is_the_processor_where_there_is_no_cuda_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device("auto") == choose_device("cpu") == torch.device("cpu")


@pytest.mark.parametrize(
    ("built_for", "said"),
    [(None, "this torch is built without CUDA"), ("13.0", "no CUDA device was found")],
)
def test_cuda_is_refused_where_there_is_none(
    monkeypatch: pytest.MonkeyPatch, built_for: str | None, said: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.version, "cuda", built_for)
    with pytest.raises(ConfigError) as error:
        fit(panel_of(waves()), config_of(device="cuda"), Recorder())
    assert str(error.value) == f"--device cuda: {said}; --device auto trains on the processor instead"


class TestOnCuda:
    """What only a machine with a CUDA device shows."""

    pytestmark = gpu

    @pytest.fixture(autouse=True)
    def without_tf32(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """TF32 has 10 bits of fraction; here the arithmetic of both devices is compared."""
        monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
        monkeypatch.setattr(torch.backends.cuda.matmul, "allow_tf32", False)

    @pytest.mark.parametrize(
        "train", [{}, {"schedule": "linear"}, {"schedule": "linear", "sampling": "sequence"}]
    )
    def test_a_fit_learns_there_as_on_the_processor(self, train: dict[str, str]) -> None:
        settings = {"updates": 100, "epochs": 4, "learning_rate": 1e-2}
        panel = panel_of(*(waves(600, seed=seed) for seed in range(4)))
        losses = {
            device: fit(panel, config_of(device=device, **settings, **train), Recorder()).best.validation_loss
            for device in ("cpu", "cuda")
        }
        # Other random numbers: the generators of the two devices differ.
        assert losses["cuda"] == pytest.approx(losses["cpu"], rel=0.2)

    def test_what_was_fitted_there_is_calibrated(self) -> None:
        fitted = fit_members(panel_of(waves(600)), config_of(device="cuda", refit=0.2), Recorder())
        assert fitted.calibration is not None
        assert fitted.calibration.offsets.any()

    def test_one_update_is_that_of_the_processor(self) -> None:
        from forecaster.model.network import Network
        from forecaster.training.curriculum import Curriculum
        from forecaster.training.update import training_loss
        from forecaster.windows.split import split

        config = config_of({"patch_length": 1, "horizon": 12, "hidden_size": 32})
        torch.manual_seed(0)
        network = Network(config.model)
        window, future = split(panel_of(waves(600)), config.model).train.gather(torch.arange(64))
        gradients = {}
        for device in ("cpu", "cuda"):
            network.zero_grad()
            placed = network.to(device)
            curriculum = Curriculum(config.train, torch.Generator(device))
            loss, _ = training_loss(placed, window.to(device), future.to(device), curriculum, 1.0)
            loss.backward()
            gradients[device] = [loss.detach().cpu(), *(w.grad.cpu().clone() for w in placed.parameters())]
        for found, expected in zip(gradients["cuda"], gradients["cpu"], strict=True):
            torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-6)  # sums in another order

    def test_large_fits_are_faster_there(self) -> None:
        shape = {"hidden_size": 256, "context_length": 168, "horizon": 24, "patch_length": 1}
        settings = {"updates": 10, "epochs": 1, "batch_size": 1024}
        panel = panel_of(*(waves(1000, seed=seed) for seed in range(20)))
        took = {}
        for device in ("cuda", "cpu"):
            fit(panel, config_of(shape, device=device, **{**settings, "updates": 2}), Recorder())
            began = time.monotonic()
            fit(panel, config_of(shape, device=device, **settings), Recorder())
            took[device] = time.monotonic() - began
        assert took["cuda"] < took["cpu"]
