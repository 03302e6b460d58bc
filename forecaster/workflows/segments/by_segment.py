"""Evaluate each run of a folder of segments."""

from dataclasses import dataclass
from typing import Any

from deploy.bundle.segments import Key, Segments
from deploy.errors import ConfigError, DataError, QualityError, RunError
from deploy.overwriting import check_outputs
from deploy.sources.named import paths_of
from forecaster.data import called
from forecaster.evaluation.scores import Evaluation
from forecaster.evaluation.verdict import check_gates, parse_gates
from forecaster.run.run import load_run
from forecaster.workflows.evaluate import EvaluateRequest, evaluate_panel
from forecaster.workflows.in_use import files_of
from forecaster.workflows.rolling import load_served
from forecaster.workflows.segments.model_data import Wanted, read_segments
from forecaster.workflows.upkeep.continuing import with_categories_of


@dataclass(frozen=True)
class SegmentScores:
    """The scored run of a segment, or why nothing of it could be scored."""

    key: Key
    evaluation: Evaluation | None = None
    error: str | None = None


@dataclass(frozen=True)
class EvaluatedSegments:
    """The scored runs of segments, in the order of their values."""

    request: EvaluateRequest
    by: tuple[str, ...]
    scores: tuple[SegmentScores, ...]

    def to_json(self) -> dict[str, Any]:
        """Return all figures in types of JSON."""
        return {
            "kind": "segments",
            "by": list(self.by),
            "segments": [
                {
                    "key": list(each.key),
                    "evaluation": each.evaluation and each.evaluation.to_json(),
                    "error": each.error,
                }
                for each in self.scores
            ],
        }

    def check_gates(self) -> None:
        """Raise QualityError for segments above a limit, RunError where some could not be scored."""
        gates, failed = parse_gates(self.request.fail_over), []
        for each in self.scores:
            try:
                check_gates(gates, each.evaluation.overall() if each.evaluation else {})
            except QualityError as error:
                failed.append(f"{'/'.join(each.key)}: {error}")
        if failed:
            raise QualityError("\n".join(failed))
        if count := sum(each.error is not None for each in self.scores):
            raise RunError(f"{count} of {len(self.scores)} segments could not be scored, as listed")


def evaluate_segments(request: EvaluateRequest, segments: Segments) -> EvaluatedSegments:
    """Score the run of each segment that is in a file. Raises as evaluate."""
    parse_gates(request.fail_over)
    if request.output is not None:
        raise ConfigError(f"a report is of one run; name one of those in {segments.path}, or leave out -o")
    check_outputs(
        [], paths_of(request.data), [file for path in segments.places.values() for file in files_of(path)]
    )
    runs = {key: load_run(path) for key, path in segments.places.items()}
    models = {key: Wanted(run.data.columns, run.data.time_step) for key, run in runs.items()}
    file, scores = called(request.data), []
    for segment in read_segments(request.data, segments, models, request.na):
        run = runs[segment.key]
        panel = with_categories_of(segment.panel, tuple(map(tuple, run.data.vocabularies.values())))
        try:
            scored = evaluate_panel(run, panel, load_served(run), request, file)
        except DataError as error:
            scores.append(SegmentScores(segment.key, error=str(error)))
        else:
            scores.append(SegmentScores(segment.key, scored))
    return EvaluatedSegments(request, segments.by, tuple(sorted(scores, key=lambda each: each.key)))
