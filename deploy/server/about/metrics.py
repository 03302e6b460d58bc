"""The metrics that Prometheus reads at /metrics."""

from collections.abc import Callable, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from ...adaptive.record import Record
from ...engine.info import RuntimeInfo
from ..answers import KINDS

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SHED = "unread"  # in the place of an endpoint
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


class ModelWatch:
    """The listener that counts the runs of one model."""

    def __init__(self, metrics: "Metrics", name: str) -> None:
        self._metrics, self._name = metrics, name
        self._seconds = metrics.run_seconds.labels(name)
        self._series = metrics.run_series.labels(name)
        self._requests = metrics.run_requests.labels(name)
        self._queue = metrics.queue.labels(name)
        self._up, self._restarts = metrics.up.labels(name), metrics.restarts.labels(name)

    def saw_run(self, series: int, jobs: int, seconds: float) -> None:
        """Count a run of so many series of so many requests."""
        self._seconds.observe(seconds)
        self._series.observe(series)
        self._requests.observe(jobs)

    def show_queue(self, waiting: Callable[[], int]) -> None:
        """Show the number of series that wait. waiting: tells it at the time of reading."""
        self._queue.set_function(waiting)

    def show_process(self, is_up: Callable[[], bool]) -> None:
        """Show whether the process of the model runs. is_up: tells it at the time of reading."""
        self._up.set_function(is_up)

    def show_model(self, info: RuntimeInfo) -> None:
        """Show the bundle, provider and releases of the model, and no longer those of the one before."""
        self._metrics.show_model(self._name, info)

    def show_record(self, record: Record | None) -> None:
        """Show how the forecasts of the model have done, and no longer how those of the one before did."""
        self._metrics.show_record(self._name, record)

    def saw_restart(self) -> None:
        """Count a start of the process after it had ended."""
        self._restarts.inc()


class Metrics:
    """The figures of a service, in a registry of its own, so that a process may hold several."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._requests = Counter(
            "forecaster_requests", "Requests answered.", ("endpoint", "status"), registry=registry
        )
        self._errors = Counter(
            "forecaster_errors", "Requests that were refused or failed.", ("kind",), registry=registry
        )
        self._seconds = Histogram(
            "forecaster_request_seconds",
            "From the head of a request to the end of its answer.",
            ("endpoint",),
            buckets=SECONDS,
            registry=registry,
        )
        self.run_seconds = self._of_model("forecaster_run_seconds", "A run of a model.", SECONDS)
        self.run_series = self._of_model("forecaster_run_series", "Series in a run.", SIZES)
        self.run_requests = self._of_model("forecaster_run_requests", "Requests in a run.", SIZES)
        self._watch_models(registry)
        self._shown: dict[str, tuple[str, ...]] = {}  # labels of models by name
        self._recorded: dict[str, tuple[str, ...]] = {}  # levels of running coverage by name
        self._answers: dict[tuple[str, int], Counter] = {}

    def _watch_models(self, registry: CollectorRegistry) -> None:
        """Make the figures of what each model is, and how it does."""
        self.queue = Gauge(
            "forecaster_queue_series", "Series that wait for a run.", ("model",), registry=registry
        )
        self.up = Gauge(
            "forecaster_model_up",
            "1 while the model computes, 0 while its process is started again.",
            ("model",),
            registry=registry,
        )
        self.restarts = Counter(
            "forecaster_model_restarts",
            "Starts of the process of a model after it had ended.",
            ("model",),
            registry=registry,
        )
        self._reloads = Counter(
            "forecaster_model_reloads",
            "Bundles that took the place of a model's (outcome replaced), or could not (failed).",
            ("model", "outcome"),
            registry=registry,
        )
        self._watch_records(registry)
        self._models = Gauge(
            "forecaster_model_info",
            "1 for each model that is served.",
            ("model", "bundle", "provider", "onnxruntime", "release"),
            registry=registry,
        )

    def _watch_records(self, registry: CollectorRegistry) -> None:
        """Make the figures of how forecasts have done, where offsets next to a bundle tell."""
        self._coverage = Gauge(
            "forecaster_running_coverage",
            "Share of the latest actual values in a central interval, which is to be its level.",
            ("model", "level"),
            registry=registry,
        )
        self._loss = Gauge(
            "forecaster_running_loss_ratio",
            "Pinball loss of the latest actual values over that which the model's intervals promise.",
            ("model",),
            registry=registry,
        )
        self._alarm = Gauge(
            "forecaster_alarm", "1 when it is time to fit again, 0 before.", ("model",), registry=registry
        )

    def _of_model(self, name: str, words: str, buckets: Sequence[float]) -> Histogram:
        return Histogram(name, words, ("model",), buckets=buckets, registry=self._registry)

    def show_model(self, name: str, info: RuntimeInfo) -> None:
        """Show the bundle, provider and releases of a model in place of those that it had."""
        releases = info.versions["onnxruntime"], info.versions["deploy"]
        labels = (name, info.bundle_digest[:12], info.provider, *releases)
        before = self._shown.get(name, labels)
        if before != labels:
            self._models.remove(*before)
        self._models.labels(*labels).set(1)
        self._shown[name] = labels

    def show_record(self, name: str, record: Record | None) -> None:
        """Show how the forecasts of a model have done; nothing where no step was compared."""
        now = {f"{level:g}": share for level, share in record.coverage.items()} if record else {}
        before = self._recorded.pop(name, ())
        for level in before:
            if level not in now:
                self._coverage.remove(name, level)
        if record is None or not now:
            for gauge in (self._loss, self._alarm) if before else ():
                gauge.remove(name)
            return
        self._recorded[name] = tuple(now)
        for level, share in now.items():
            self._coverage.labels(name, level).set(share)
        self._loss.labels(name).set(record.loss)
        self._alarm.labels(name).set(bool(record.alarm))

    def saw_reload(self, name: str, outcome: str) -> None:
        """Count a bundle that took the place of a model's, or could not. outcome: "replaced" or "failed"."""
        self._reloads.labels(name, outcome).inc()

    def saw_answer(self, endpoint: str, status: int, seconds: float) -> None:
        """Count a request. endpoint: the path as it is routed, so that there are few."""
        self._count(endpoint, status)
        self._seconds.labels(endpoint).observe(seconds)

    def _count(self, endpoint: str, status: int) -> None:
        counter = self._answers.get((endpoint, status))
        if counter is None:
            counter = self._answers[endpoint, status] = self._requests.labels(endpoint, str(status))
        counter.inc()
        if status >= 400:
            self._errors.labels(KINDS.get(status, "other")).inc()

    def saw_shed(self) -> None:
        """Count a request that was refused unread; its endpoint is not known."""
        self._count(SHED, 503)

    def expose(self) -> bytes:
        """Return all figures in the text format of Prometheus."""
        return generate_latest(self._registry)
