"""Models of MLflow: logged, described by a signature, served, and loaded without torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytestmark = [pytest.mark.adapter, pytest.mark.slow, pytest.mark.filterwarnings("default")]
mlflow = pytest.importorskip("mlflow", reason="install the extra: mlflow")

from deploy.errors import BundleError, ConfigError  # noqa: E402
from forecaster import Forecaster  # noqa: E402
from forecaster.adapters.mlflow import load_model, log_model, save_model  # noqa: E402

SETTINGS = {"hidden_size": 4, "updates": 3, "train.epochs": 1, "threads": 1, "precision": "f32"}
LOADS = """
import sys
import pandas as pd
import mlflow
frame = pd.read_csv({data!r}, parse_dates=["day"])
made = mlflow.pyfunc.load_model({model!r}).predict(frame)
assert len(made) == 14, made
from forecaster.adapters.mlflow import load_model
assert load_model({model!r}).manifest.horizon == 7
print(sorted({{"torch", "sklearn", "onnx"}} & set(sys.modules)))
"""


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    parts = []
    for number, shop in enumerate(("harbor", "station")):
        days, noise = (
            pd.date_range("2024-01-01", periods=60),
            np.random.default_rng(number).normal(0, 0.5, 60),
        )
        sales = 20 + 5 * np.sin(2 * np.pi * (np.arange(60) + number) / 7) + noise
        parts.append(pd.DataFrame({"shop": shop, "day": days, "sales": sales}))
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def model(frame: pd.DataFrame) -> Forecaster:
    return Forecaster(h=7, context=21, settings=SETTINGS).fit(frame)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    mlflow.set_tracking_uri(tmp_path.joinpath("runs").as_uri())
    return tmp_path


def test_a_logged_model_forecasts_what_the_forecaster_does(
    model: Forecaster,
    frame: pd.DataFrame,
    store: Path,  # noqa: ARG001 - where runs are
) -> None:
    with mlflow.start_run():
        info = log_model(model, "sales", input_example=frame.head(3), metadata={"team": "stores"})
    served = mlflow.pyfunc.load_model(info.model_uri)
    made = served.predict(frame.sample(frac=1, random_state=1))  # rows in any order
    own = model.predict()
    assert list(made) == list(own)
    np.testing.assert_allclose(made["forecast"], own["forecast"], rtol=1e-5)
    assert made["day"].tolist() == own["day"].tolist()
    assert len(served.predict(frame, params={"horizon": 2})) == 4
    assert load_model(info.model_uri).manifest.horizon == 7
    assert served.metadata.metadata["team"] == "stores"


def test_the_signature_names_the_columns(model: Forecaster, store: Path) -> None:
    save_model(model, store / "model")
    signature = mlflow.models.Model.load(str(store / "model")).signature
    assert signature.inputs.input_names() == ["shop", "day", "sales"]
    assert signature.outputs.input_names()[:3] == ["shop", "day", "forecast"]
    assert [one.name for one in signature.params] == ["horizon"]
    with pytest.raises(mlflow.exceptions.MlflowException, match="Model is missing inputs"):
        mlflow.pyfunc.load_model(str(store / "model")).predict(pd.DataFrame({"sales": [1.0]}))


def test_a_model_loads_without_torch(model: Forecaster, frame: pd.DataFrame, store: Path) -> None:
    save_model(model, store / "model")
    frame.to_csv(store / "data.csv", index=False)
    block = "import sys\nfor name in ('torch', 'sklearn', 'onnx'):\n    sys.modules[name] = None\n"
    code = block + LOADS.format(data=str(store / "data.csv"), model=str(store / "model"))
    code = code.replace("print(sorted(", "print(sorted(one for one in (").replace(
        "& set(sys.modules)))", "& set(sys.modules)) if sys.modules[one]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("[]")


def test_a_bundle_is_saved_as_a_model_and_nothing_is_overwritten(model: Forecaster, store: Path) -> None:
    bundle = model.export(store / "bundle")
    save_model(bundle, store / "model")
    assert load_model(str(store / "model")).manifest.digest
    with pytest.raises(ConfigError, match="is there already"):
        save_model(bundle, store / "model")
    with pytest.raises(BundleError):
        save_model(store / "nothing", store / "other")


def test_a_model_of_another_flavour_is_refused(store: Path) -> None:
    class Echo(mlflow.pyfunc.PythonModel):  # type: ignore[misc]
        def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def]  # noqa: ARG002
            return model_input

    mlflow.pyfunc.save_model(str(store / "echo"), python_model=Echo())
    with pytest.raises(ConfigError, match="has no flavour lstm_forecaster"):
        load_model(str(store / "echo"))
