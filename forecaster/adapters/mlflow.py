"""Models of MLflow: a bundle, its signature, and what serves it; loading needs no torch."""

import shutil
import sys
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from deploy import Manifest, Predictor
from deploy.errors import ConfigError, ExtraMissingError
from forecaster.adapters.served import BUNDLE, _load_pyfunc

try:
    import mlflow
    from mlflow import pyfunc
    from mlflow.models import Model, ModelSignature
    from mlflow.models.model import MLMODEL_FILE_NAME
    from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema
except ModuleNotFoundError as error:
    raise ExtraMissingError(
        "forecaster.adapters.mlflow needs mlflow; install the extra: pip install 'lstm-forecaster[mlflow]'"
    ) from error

if TYPE_CHECKING:
    import os

    from forecaster.estimator.forecaster import Forecaster

FLAVOR = "lstm_forecaster"
LOADER = "forecaster.adapters.served"
DISTRIBUTION = "lstm-forecaster"

__all__ = ["load_model", "log_model", "save_model", "signature_of"]


def save_model(
    model: "Forecaster | str | os.PathLike[str]",
    path: "str | os.PathLike[str]",
    *,
    mlflow_model: Model | None = None,
    input_example: Any = None,
    metadata: dict[str, Any] | None = None,
) -> None:
    """Write a model of MLflow into a folder: the bundle, its signature and its requirements.

    Args:
        model: A fitted Forecaster, or the folder of a bundle.
        path: The folder to write, which is not there yet.
        mlflow_model: What MLflow says of the model, where log_model calls.
        input_example: Rows as the signature says, kept with the model.
        metadata: Facts of the user's own, kept with the model.

    Raises:
        ConfigError: The folder is there already.
        BundleError: The folder of the model is no bundle.
    """
    place = Path(path)
    if place.exists() and any(place.iterdir()):
        raise ConfigError(f"{place} is there already; name a folder that is new")
    place.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="forecaster-") as folder:
        bundle = Path(model) if isinstance(model, str | Path) else model.export(Path(folder) / BUNDLE)  # type: ignore[union-attr]
        manifest = Predictor.load(bundle).manifest
        shutil.copytree(bundle, place / BUNDLE)
    about = Model() if mlflow_model is None else mlflow_model
    if about.signature is None:
        about.signature = signature_of(manifest)
    if metadata is not None:
        about.metadata = metadata
    if input_example is not None:
        from mlflow.models.utils import _save_example

        _save_example(about, input_example, str(place))
    requirements = place / "requirements.txt"
    requirements.write_text(f"{DISTRIBUTION}[cpu,arrow]=={version(DISTRIBUTION)}\npandas\n", encoding="utf-8")
    pyfunc.add_to_model(about, loader_module=LOADER, data=BUNDLE, pip_requirements=requirements.name)
    about.add_flavor(FLAVOR, data=BUNDLE, digest=manifest.digest, version=version(DISTRIBUTION))
    about.save(str(place / MLMODEL_FILE_NAME))


def log_model(
    model: "Forecaster | str | os.PathLike[str]",
    name: str = "model",
    *,
    registered_model_name: str | None = None,
    input_example: Any = None,
    metadata: dict[str, Any] | None = None,
) -> Any:
    """Log a model to the active run of MLflow, which is started where there is none.

    Args:
        model: A fitted Forecaster, or the folder of a bundle.
        name: The name of the model in the run.
        registered_model_name: A name to register it under, too.
        input_example: Rows as the signature says.
        metadata: Facts of the user's own.

    Returns:
        MLflow's ModelInfo, whose model_uri load_model and mlflow.pyfunc.load_model take.

    Raises:
        BundleError: The folder of the model is no bundle.
    """
    return Model.log(
        None,
        sys.modules[__name__],
        name=name,
        registered_model_name=registered_model_name,
        model=model,
        input_example=input_example,
        metadata=metadata,
    )


def load_model(model_uri: str) -> Predictor:
    """Load the runtime on the bundle of a model; neither torch nor the training side is imported.

    Args:
        model_uri: Where the model is, such as models:/sales/3, runs:/…/model or a folder.

    Returns:
        A deploy.Predictor.

    Raises:
        ConfigError: The model is of another flavour.
        BundleError: The bundle is damaged.
    """
    folder = Path(mlflow.artifacts.download_artifacts(artifact_uri=model_uri))
    flavor = Model.load(str(folder)).flavors.get(FLAVOR)
    if flavor is None:
        raise ConfigError(f"{model_uri} has no flavour {FLAVOR}; mlflow.pyfunc.load_model loads any")
    return _load_pyfunc(str(folder / flavor["data"])).predictor


def signature_of(manifest: Manifest) -> ModelSignature:
    """Return the columns of a model's frames: what it reads, what it returns, and `horizon`.

    Args:
        manifest: That of the bundle.

    Returns:
        MLflow's signature. Times are datetimes, or whole numbers of a model that counts rows.
    """
    columns = manifest.columns
    moment = "datetime" if manifest.time_step.has_calendar else "long"
    keys = [ColSpec("string", name) for name in columns.series]
    time = [ColSpec(moment, columns.time)] if columns.time and not columns.time_parts else []
    numbers = [*columns.targets, *manifest.known, *manifest.past, *manifest.static]
    inputs = [*keys, *time, *(ColSpec("double", name, required=False) for name in numbers)]
    inputs += [ColSpec("string", name, required=False) for name in manifest.vocabularies]
    several = [ColSpec("string", "target")] if len(columns.targets) > 1 else []
    made = ["forecast", *(f"q{level:g}" for level in manifest.quantile_levels)]
    outputs = [
        *keys,
        *(time or [ColSpec("integer", "step")]),
        *several,
        *(ColSpec("float", one) for one in made),
    ]
    params = ParamSchema([ParamSpec("horizon", "long", manifest.horizon)])
    return ModelSignature(Schema(inputs), Schema(outputs), params)
