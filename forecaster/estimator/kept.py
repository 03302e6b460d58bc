"""A fitted model: what is kept of it, the runtime that serves it, and the folders it is written to."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Self

from sklearn.utils.validation import check_is_fitted

from deploy import InputError, Predictor
from deploy.errors import RunError
from forecaster.data import Library, Panel
from forecaster.data.audience import PYTHON, speaking_to
from forecaster.estimator.asking import Given, source_given
from forecaster.estimator.parameters import Parameters
from forecaster.run.folder import RunFolder
from forecaster.workflows.export import ExportRequest, export
from forecaster.workflows.forecast import ForecastRequest, Pretrained
from forecaster.workflows.in_use import check_run_place

if TYPE_CHECKING:  # what has torch is imported where it is used: a forecast without a fit needs none
    from forecaster.run.run import Run


class Kept(Parameters):
    """Parameters with what a fit made of them, or with the pretrained network."""

    run_: "Run"
    _fitted_on: tuple[Panel, Library] | None = None  # what predict forecasts where it is given nothing
    _served: Predictor | None = None
    _pretrained: Pretrained | None = None  # the model, where there is no fit

    @speaking_to(PYTHON)
    def export(self, path: str | os.PathLike[str]) -> Path:
        """Write the bundle of ONNX graphs, as `forecaster export` does.

        Args:
            path: The folder to write; one that is a bundle is replaced.

        Returns:
            The folder, for Predictor.load, `forecaster serve` or any other runtime of ONNX.

        Raises:
            NotFittedError: There is no model yet.
            BundleError: The graphs do not forecast what the network does, so nothing was written.
            ConfigError: The folder holds something else, or a pretrained model has no season.

        Examples:
            >>> model.export("sales-bundle").name
            'sales-bundle'
        """
        check_is_fitted(self)
        model = self._pretrained.to_export() if self._pretrained else self.run_
        return export(ExportRequest(model, Path(path))).path

    @speaking_to(PYTHON)
    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the run folder, as `forecaster fit` does; there is no pickle in it.

        Args:
            path: The folder to write; a run that is there moves aside.

        Returns:
            The folder.

        Raises:
            NotFittedError: There is no model yet.
            RunError: The folder is no run, or nothing was fitted.

        Examples:
            >>> folder = model.save("sales-run")
            >>> len(Forecaster.load(folder).predict(frame))
            14
        """
        check_is_fitted(self)
        if self._pretrained:
            raise RunError("nothing was fitted, so there is no run to save; export writes the bundle")
        from forecaster.workflows.fit import save_run

        check_run_place(Path(path))
        folder = RunFolder(Path(path))
        folder.check_free()
        save_run(folder, self.run_)
        return Path(path)

    @classmethod
    @speaking_to(PYTHON)
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a fitted forecaster from a run folder; all its settings are in `settings`.

        Args:
            path: The folder, of save or of `forecaster fit`.

        Returns:
            The forecaster. It knows no series, so its methods take data.

        Raises:
            RunError: There is no finished run, or it is damaged.

        Examples:
            >>> Forecaster.load(model.save("sales-run")).metrics_ == model.metrics_
            True
        """
        from forecaster.run.run import load_run

        run = load_run(Path(path))
        return cls(settings=run.config.model_dump(mode="json"))._take(run)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "run_") or self._pretrained is not None

    def __getstate__(self) -> dict[str, Any]:
        # A session of onnxruntime cannot be copied; the next forecast makes another.
        state: dict[str, Any] = dict(super().__getstate__())
        return {name: value for name, value in state.items() if name != "_served"}

    def _take(self, run: "Run") -> Self:
        """Become fitted as this run is."""
        self.run_, self.config_, self.understood_, self.metrics_ = run, run.config, run.data, run.metrics
        self._fitted_on = self._served = self._pretrained = None
        return self

    def _predictor(self) -> Predictor:
        """Return the runtime on an exported bundle, which it keeps in memory."""
        check_is_fitted(self)
        if self._served is None:
            with TemporaryDirectory(prefix="forecaster-") as folder:
                self._served = Predictor.load(self.export(Path(folder) / "bundle"))
        return self._served

    def _request(self, data: Given | None, **asked: Any) -> tuple[ForecastRequest, Library]:
        """Return the request of a forecast, and the library of frames that its table is to be of."""
        if (future := asked.get("future")) is not None:
            asked["future"] = source_given(future)
        if self._pretrained:
            if data is None:
                raise InputError("a forecaster without a fit knows no series: say which data to forecast")
            source = source_given(data)
            return ForecastRequest(source, self._pretrained, audience=PYTHON, **asked), Library.of(source)
        predictor, na = self._predictor(), self.config_.data.na
        if data is not None:
            source = source_given(data)
            return ForecastRequest(source, predictor, na=na, audience=PYTHON, **asked), Library.of(source)
        panel, library = self._known()
        return ForecastRequest(panel, predictor, na=na, audience=PYTHON, **asked), library

    def _known(self) -> tuple[Panel, Library]:
        """Return the series of the fit. Raises InputError where they are not known any more."""
        if self._fitted_on is None:
            raise InputError("a forecaster that was loaded knows no series: say which data to forecast")
        return self._fitted_on
