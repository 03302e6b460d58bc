"""A bundle on disk: read and checked before anything else sees a byte of it. Nothing executes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from .clock import Clock, clock_of
from .errors import BundleError, InputError
from .timestep import TimeStep

SCHEMA_VERSION = 1
MANIFEST = "manifest.json"
GOLDEN = "golden.json"
GRAPHS = ("forecast.onnx", "encoder.onnx", "decoder_step.onnx")
FILES = (*GRAPHS, GOLDEN)
# Far above what the largest sensible model needs, far below what hurts a service.
MAX_FILE_BYTES = 1 << 30

Json = dict[str, Any]
_LENGTHS = ("season", "context_length", "patch_length", "horizon", "max_horizon")
_KINDS: dict[str, type] = {
    **dict.fromkeys(_LENGTHS, int),
    **dict.fromkeys(("time_step", "columns", "vocabularies", "graphs", "files"), dict),
    **dict.fromkeys(("positive", "uses_calendar"), bool),
    "quantile_levels": list,
}


@dataclass(frozen=True)
class Manifest:
    """What manifest.json says; the schema of a bundle."""

    schema_version: int
    time_step: TimeStep
    season: int
    context_length: int  # steps of history that count
    patch_length: int  # steps a recurrent step emits
    horizon: int  # steps forecast in training, and by default
    max_horizon: int
    quantile_levels: tuple[float, ...]
    normalization: str
    lower: float | None  # forecasts are never below
    positive: bool  # histories must be above 0
    uses_calendar: bool  # timestamps are inputs
    # {"time", "time_format", "layout", "timezone": texts or null, "targets", "series", "known", "past",
    # "static": lists of names, "joint": whether the targets are forecast together}; bundles of early
    # releases have no layout, timezone, past and joint
    columns: Json
    # Static column -> texts; code 0 is unknown, i + 1 the i-th text. Other static columns are numbers.
    vocabularies: dict[str, list[str]]
    graphs: Json  # graph -> {"inputs": {name: {"dtype", "shape"}}, "outputs": {...}}
    # (vectors, patch × D): how the values of a patch ranked, each among those of its place, on data held out;
    # sample paths draw from them. Empty where a patch has one value or nothing could be recorded.
    patch_ranks: tuple[tuple[int, ...], ...]
    training: Json  # config, data, versions, metrics
    parity: Json  # errors measured at export
    files: dict[str, Json]  # name -> {"sha256", "bytes"}
    digest: str  # sha256 of the canonical JSON of all the others

    def to_json(self) -> Json:
        """As written to manifest.json."""
        return asdict(self)

    @property
    def channels(self) -> tuple[str, ...]:
        """Targets that a joint series has at each step, in the order of the tensors; none of one target."""
        return tuple(self.columns["targets"]) if self.columns.get("joint") else ()

    @property
    def known(self) -> tuple[str, ...]:
        """Names of the known-future covariates, in the order of the tensors."""
        return tuple(self.columns["known"])

    @property
    def past(self) -> tuple[str, ...]:
        """Names of the past-only covariates, in the order of the tensors."""
        return tuple(self.columns.get("past", ()))  # bundles of before have none

    @property
    def static(self) -> tuple[str, ...]:
        """Names of the static columns of numbers, in the order of the tensors."""
        return tuple(name for name in self.columns.get("static", ()) if name not in self.vocabularies)

    @property
    def clock(self) -> Clock | None:
        """The clock of its time zone; None without one. Raises ExtraMissingError for a zone unknown here."""
        return clock_of(self.columns.get("timezone"), self.time_step)

    @property
    def median_index(self) -> int:
        """Position of level 0.5."""
        return self.quantile_levels.index(0.5)


@dataclass(frozen=True)
class Bundle:
    """A checked manifest and the bytes that it vouches for."""

    path: Path
    manifest: Manifest
    files: dict[str, bytes]


def canonical(content: Json) -> bytes:
    """The one way to write a JSON object that a digest is taken of."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def digest_of(manifest: Json) -> str:
    """sha256 of a manifest's canonical JSON without its digest."""
    return sha256({name: value for name, value in manifest.items() if name != "digest"})


def sha256(content: bytes | Json) -> str:
    """Hexadecimal digest of bytes, or of an object's canonical JSON."""
    data = content if isinstance(content, bytes) else canonical(content)
    return hashlib.sha256(data).hexdigest()


def read_bundle(path: Path) -> Bundle:
    """Read a bundle and check its digest and every file's size and sha256.

    Raises BundleError if it is missing, damaged or of another version.
    """
    if not path.is_dir():
        raise BundleError(f"no bundle at {path}: not a folder; `forecaster export` writes one")
    manifest = parse_manifest(_read(path / MANIFEST), path)
    return Bundle(path, manifest, {name: _read_listed(path, name, manifest) for name in FILES})


def parse_manifest(data: bytes, path: Path) -> Manifest:
    """A manifest from the bytes of manifest.json. Raises BundleError."""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{path / MANIFEST} is not JSON: {error}") from None
    if not isinstance(content, dict) or "schema_version" not in content:
        raise BundleError(f"{path / MANIFEST} is not a manifest: schema_version is missing")
    version = content["schema_version"]
    if version != SCHEMA_VERSION:
        raise BundleError(
            f"{path} has schema version {version!r}; this release reads version {SCHEMA_VERSION}: "
            "export the run again, or install the release that wrote it"
        )
    missing = {field.name for field in fields(Manifest)} - set(content)
    if missing:
        raise BundleError(f"{path / MANIFEST} lacks {', '.join(sorted(missing))}")
    try:
        if content["digest"] != digest_of(content):
            raise BundleError(f"{path / MANIFEST} was changed: its digest does not match; export it again")
        _check_kinds(content)
        known = {field.name: content[field.name] for field in fields(Manifest)}
        known["time_step"] = TimeStep(**content["time_step"])
        known["quantile_levels"] = tuple(float(level) for level in content["quantile_levels"])
        known["patch_ranks"] = tuple(map(tuple, content["patch_ranks"]))
        return Manifest(**known)
    except (TypeError, ValueError, InputError) as error:
        raise BundleError(f"{path / MANIFEST} is damaged: {error}") from None


def _check_kinds(content: Json) -> None:
    """Raises ValueError with the first field that is not of its kind."""
    for name, kind in _KINDS.items():
        if type(content[name]) is not kind:
            raise ValueError(f"{name} is {content[name]!r}, expected {kind.__name__}")
    for name in _LENGTHS:
        if content[name] < 1:
            raise ValueError(f"{name} is {content[name]}, expected at least 1")
    if 0.5 not in content["quantile_levels"]:
        raise ValueError("quantile_levels lacks 0.5")
    if not isinstance(content["columns"].get("known"), list):
        raise ValueError("columns lacks known")
    for name in ("past", "static"):
        if not isinstance(content["columns"].get(name, []), list):
            raise ValueError(f"columns.{name} is {content['columns'][name]!r}, expected a list")
    for name in ("time_format", "timezone"):
        if not isinstance(content["columns"].get(name), str | None):
            raise ValueError(f"columns.{name} is {content['columns'][name]!r}, expected a text")
    joint, targets = content["columns"].get("joint", False), content["columns"].get("targets")
    if not isinstance(joint, bool):
        raise ValueError(f"columns.joint is {joint!r}, expected true or false")
    if joint and (not isinstance(targets, list) or len(targets) < 2):
        raise ValueError(f"columns.targets is {targets!r}, expected the names of the joint targets")
    _check_ranks(content["patch_ranks"], content)
    missing = set(GRAPHS) - set(content["graphs"])
    if missing:
        raise ValueError(f"graphs lacks {', '.join(sorted(missing))}")


def _check_ranks(ranks: Any, content: Json) -> None:
    """Raises ValueError unless they are vectors of a patch's width, of whole numbers below their count."""
    width = content["patch_length"]
    if content["columns"].get("joint", False):
        width *= len(content["columns"]["targets"])
    if not isinstance(ranks, list) or not all(
        isinstance(vector, list)
        and len(vector) == width
        and all(type(rank) is int and 0 <= rank < len(ranks) for rank in vector)
        for vector in ranks
    ):
        raise ValueError(f"patch_ranks are not vectors of {width} ranks")


def _read_listed(path: Path, name: str, manifest: Manifest) -> bytes:
    expected = manifest.files.get(name)
    if not isinstance(expected, dict):
        raise BundleError(f"{path / MANIFEST} does not list {name}")
    data = _read(path / name)
    if len(data) != expected.get("bytes") or sha256(data) != expected.get("sha256"):
        raise BundleError(
            f"{path / name} is damaged: found {len(data)} bytes with sha256 {sha256(data)[:12]}…, expected "
            f"{expected.get('bytes')} with {str(expected.get('sha256'))[:12]}…; export it again"
        )
    return data


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise BundleError(f"{path} is larger than {MAX_FILE_BYTES} bytes")
        return path.read_bytes()
    except OSError as error:
        raise BundleError(f"cannot read {path}: {error.strerror or error}") from None
