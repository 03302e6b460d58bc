"""A bundle on disk: read and checked before anything else sees a byte of it. Nothing executes."""

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from ..columns import Columns
from ..errors import BundleError
from ..shown.joint_bands import JointBands
from ..time.clock import Clock, clock_of
from ..time.holidays import Holidays
from ..time.timestep import TimeStep
from .folder import read_files, read_inside
from .graph_check import check_graph
from .manifest_check import FILES, GOLDEN, GRAPHS, check_content
from .strict_json import parse

__all__ = [
    "FILES",
    "GOLDEN",
    "GRAPHS",
    "MANIFEST",
    "SCHEMA_VERSION",
    "Bundle",
    "Manifest",
    "canonical",
    "digest_of",
    "parse_manifest",
    "read_bundle",
    "sha256",
]

SCHEMA_VERSION = 1
MANIFEST = "manifest.json"
# Room for a million texts of categories.
MAX_MANIFEST_BYTES = 1 << 24

Json = dict[str, Any]

# Fields that are left out where they say nothing else than this.
OPTIONAL: Json = {"members": 1, "calibration": None, "holidays": None, "joint": None}


@dataclass(frozen=True, repr=False)
class Manifest:
    """The content of manifest.json: the schema of a bundle.

    Attributes:
        schema_version: Of the bundle's form.
        time_step: The step of the series.
        season: Steps in one season; 1 for none.
        context_length: Steps of history that count.
        patch_length: Steps a recurrent step emits.
        horizon: Steps forecast in training, and by default.
        max_horizon: The longest that a forecast may be, in steps.
        quantile_levels: Ascending, 0.5 among them.
        normalization: How a history is scaled.
        lower: Forecasts are never below.
        positive: Histories must be above 0.
        uses_calendar: Timestamps are inputs.
        columns: Which column of the data is what.
        vocabularies: Static column -> texts; code 0 is unknown, i + 1 the i-th text. Other static
            columns are numbers.
        graphs: Graph -> {"inputs": {name: {"dtype", "shape"}}, "outputs": {...}}.
        patch_ranks: (vectors, patch × D): how the values of a patch ranked, each among those of its
            place, on data held out; sample paths draw from them. Empty where a patch has one value or
            nothing could be recorded.
        training: Config, data, versions, metrics.
        parity: Errors measured at export.
        files: Name -> {"sha256", "bytes"}.
        digest: The sha256 of the canonical JSON of all the others.
        calibration: What the graphs add to the quantiles, {"offsets": (horizon, quantile) in units of
            the scale, "windows": those that it comes from, "by_step"}; None where the intervals are not
            calibrated.
        joint: What stretches intervals so that whole trajectories stay in them, {"intervals": levels of
            central intervals, "factors": (horizon, interval)}; None where nothing was found.
        members: Networks whose forecasts forecast.onnx averages; the other graphs are the first one's.
        holidays: Days of holidays, whose covariates are found by date; None: the model has none.
    """

    schema_version: int
    time_step: TimeStep
    season: int
    context_length: int
    patch_length: int
    horizon: int
    max_horizon: int
    quantile_levels: tuple[float, ...]
    normalization: str
    lower: float | None
    positive: bool
    uses_calendar: bool
    columns: Columns
    vocabularies: dict[str, list[str]]
    graphs: Json
    patch_ranks: tuple[tuple[int, ...], ...]
    training: Json
    parity: Json
    files: dict[str, Json]
    digest: str
    calibration: Json | None = None
    members: int = 1
    joint: Json | None = None
    holidays: Holidays | None = None  # covariates that are found by date, after those that callers give

    def to_json(self) -> Json:
        """Return the content as written to manifest.json."""
        content = {**asdict(self), "columns": self.columns.to_json()}
        content["holidays"] = self.holidays.to_json() if self.holidays else None
        return {
            name: value for name, value in content.items() if name not in OPTIONAL or value != OPTIONAL[name]
        }

    def __repr__(self) -> str:
        levels = f"{self.quantile_levels[0]:g} to {self.quantile_levels[-1]:g}"
        return (
            f"Manifest({', '.join(self.columns.targets)}; step {self.time_step}, context_length "
            f"{self.context_length}, horizon {self.horizon}, quantiles {levels}; {self.digest[:12]}…)"
        )

    @property
    def channels(self) -> tuple[str, ...]:
        """Return the targets of a joint series, in the order of the tensors; none of one target."""
        return self.columns.channels

    @property
    def is_calibrated(self) -> bool:
        """Return whether values that the fit held out have corrected the intervals."""
        return bool(self.calibration and self.calibration["windows"])

    @property
    def bands(self) -> JointBands:
        """Return what joint bands are made of."""
        found = self.joint or {"intervals": [], "factors": []}
        factors = tuple(map(tuple, found["factors"]))
        return JointBands(tuple(found["intervals"]), factors, multiplies=self.positive, lower=self.lower)

    @property
    def known(self) -> tuple[str, ...]:
        """Return the names of the known-future covariates that callers give, in the order of the tensors."""
        return self.columns.known

    @property
    def past(self) -> tuple[str, ...]:
        """Return the names of the past-only covariates, in the order of the tensors."""
        return self.columns.past

    @property
    def static(self) -> tuple[str, ...]:
        """Return the names of the static columns of numbers, in the order of the tensors."""
        return self.columns.static_numbers

    @property
    def clock(self) -> Clock | None:
        """Return the clock of its time zone; None without one.

        Raises ExtraMissingError for a zone unknown here.
        """
        return clock_of(self.columns.timezone, self.time_step)

    @property
    def median_index(self) -> int:
        """Return the position of level 0.5."""
        return self.quantile_levels.index(0.5)


@dataclass(frozen=True, repr=False)
class Bundle:
    """A checked manifest and the bytes that it vouches for."""

    path: Path
    manifest: Manifest
    files: dict[str, bytes]

    def __repr__(self) -> str:
        return f"Bundle({str(self.path)!r}, {self.manifest!r})"


def canonical(content: Json) -> bytes:
    """Return the one way to write a JSON object that a digest is taken of."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def digest_of(manifest: Json) -> str:
    """Return the sha256 of a manifest's canonical JSON without its digest."""
    return sha256({name: value for name, value in manifest.items() if name != "digest"})


def sha256(content: bytes | Json) -> str:
    """Return the hexadecimal sha256 of bytes, or of an object's canonical JSON."""
    data = content if isinstance(content, bytes) else canonical(content)
    return hashlib.sha256(data).hexdigest()


def read_bundle(path: Path) -> Bundle:
    """Read a bundle; check its digest, every file's size and sha256, and what is in its graphs.

    Each file is read once: the bytes that were checked are those that sessions are built from. Raises
    BundleError if it is missing, damaged, of another version, or holds what no bundle does.
    """
    if not path.is_dir():
        raise BundleError(f"no bundle at {path}: not a folder; `forecaster export` writes one")
    manifest = parse_manifest(read_inside(path, MANIFEST, MAX_MANIFEST_BYTES), path)
    files = read_files(path, manifest.files)
    for name in GRAPHS:
        try:
            check_graph(files[name], manifest.graphs[name])
        except ValueError as error:
            raise BundleError(f"{path / name} is no graph of a bundle: {error}; export it again") from None
    return Bundle(path, manifest, files)


def parse_manifest(data: bytes, path: Path) -> Manifest:
    """Return a manifest from the bytes of manifest.json. Raises BundleError."""
    try:
        content = parse(data)
    except ValueError as error:
        raise BundleError(f"{path / MANIFEST} is not JSON: {error}") from None
    if not isinstance(content, dict) or "schema_version" not in content:
        raise BundleError(f"{path / MANIFEST} is not a manifest: schema_version is missing")
    _check_version(content["schema_version"], path)
    missing = {field.name for field in fields(Manifest)} - {*content, *OPTIONAL}
    if missing:
        raise BundleError(f"{path / MANIFEST} lacks {', '.join(sorted(missing))}")
    if content["digest"] != digest_of(content):
        raise BundleError(f"{path / MANIFEST} was changed: its digest does not match; export it again")
    try:
        content = {**OPTIONAL, **content}
        check_content(content)
        known = {field.name: content[field.name] for field in fields(Manifest)}
        known["time_step"] = TimeStep(**content["time_step"])
        known["columns"] = Columns.from_json(content["columns"], content["vocabularies"])
        known["quantile_levels"] = tuple(content["quantile_levels"])
        known["holidays"] = Holidays.from_json(content["holidays"]) if content["holidays"] else None
        known["patch_ranks"] = tuple(map(tuple, content["patch_ranks"]))
        return Manifest(**known)
    except ValueError as error:
        raise BundleError(f"{path / MANIFEST} is damaged: {error}") from None


def _check_version(version: Any, path: Path) -> None:
    """Raise BundleError that says what to do about a bundle of another release."""
    if type(version) is not int:
        raise BundleError(f"{path} has schema version {version!r}, expected the number {SCHEMA_VERSION}")
    found = f"{path} has schema version {version}; this release reads version {SCHEMA_VERSION}"
    if version > SCHEMA_VERSION:
        raise BundleError(f"{found}: install a newer lstm-forecaster, or export the run with this one")
    if version < SCHEMA_VERSION:
        raise BundleError(f"{found}: export the run again, or install the release that wrote it")
