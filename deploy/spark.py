"""Forecast the series of a Spark DataFrame: pyspark 4 or later, and the extra `arrow` where its workers run.

from deploy import spark
forecasts = spark.score(df, "run/bundle", id="item", time="day", target="sales")  # lazy
"""

import tempfile
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from .arrow.roles import ERROR, STEP, TARGET, Names, Roles
from .arrow.scoring import OnError, score_batches
from .bundle.bundle import MANIFEST, MAX_MANIFEST_BYTES, Manifest, read_bundle
from .bundle.folder import read_inside
from .errors import ConfigError, UnsortedError
from .predictor import Predictor

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame
    from pyspark.sql.types import DataType, StructType

SPLIT = "spark.sql.files.maxPartitionBytes and spark.sql.files.openCostInBytes above the size of any file"
PREDICTORS = 8  # kept in a Python worker: tasks of several DataFrames take turns in it


@dataclass(frozen=True)
class Shipped:
    """The bytes of a bundle, read once by the driver: workers need no path to it."""

    manifest: Manifest
    files: tuple[tuple[str, bytes], ...]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read and check a bundle. Raises BundleError."""
        bundle = read_bundle(path)
        manifest = read_inside(path, MANIFEST, MAX_MANIFEST_BYTES)
        return cls(bundle.manifest, ((MANIFEST, manifest), *bundle.files.items()))

    def load(self) -> Predictor:
        """Return a predictor of these bytes, which are checked again, digest and all."""
        with tempfile.TemporaryDirectory(prefix="forecaster-") as folder:
            for name, content in self.files:
                (Path(folder) / name).write_bytes(content)
            return Predictor(read_bundle(Path(folder)), "cpu")


@dataclass(frozen=True)
class Asked:
    """The options of score_batches, as a worker is given them."""

    id: tuple[str, ...]
    time: str
    target: tuple[str, ...]
    levels: tuple[float, ...]
    on_error: OnError


def score(
    df: "DataFrame",
    bundle: str | Path,
    *,
    id: Names = None,
    time: str | None = None,
    target: Names = None,
    levels: Sequence[float] | None = None,
    on_error: OnError = "row",
    sorted: bool = False,
) -> "DataFrame":
    """Return the forecasts of every series of a DataFrame, lazily: a row a series and step, as score_batches.

    bundle: a path that the driver reads; its bytes go to the workers. id, time, target, levels, on_error: as
    of score_batches.
    sorted: the rows lie in whole series by time already, such as in sorted files of Parquet, and are not
    shuffled. Spark must then not split a file: set spark.sql.files.maxPartitionBytes and
    spark.sql.files.openCostInBytes above the size of any. An id that comes twice in a partition raises; one
    that is cut over two partitions only score_check sees.

    Times without a zone are those of the model; a timestamp of Spark is a moment, which a model without a
    time zone reads in the time zone of the session. Raises BundleError, ConfigError; a query raises as
    score_batches.
    """
    shipped = Shipped.read(Path(bundle))
    roles = Roles.of(shipped.manifest, id, time, target, levels)
    rows = df.select(*map(_quoted, _present(df, roles)))
    schema = _schema(rows, roles)
    if not sorted:
        rows = _arranged(rows, roles)
    asked = Asked(roles.ids, roles.time or "", roles.targets, roles.levels, on_error)
    with without_pandas_warnings():
        return rows.mapInArrow(partial(_score, shipped, asked), schema)


def score_check(df: "DataFrame", scored: "DataFrame", bundle: str | Path, *, id: Names = None) -> int:
    """Return how many series of `df` were scored, each once. scored: forecasts, better as they were written.

    Raises UnsortedError that names an id without a forecast, or with more than one: a series that was cut.
    """
    from pyspark.sql import functions as F

    manifest = read_bundle(Path(bundle)).manifest
    ids = Roles.of(manifest, id).ids
    groups = [_quoted(name) for name in (*ids, *([TARGET] if TARGET in scored.columns else []))]
    counts = scored.groupBy(*groups).agg(F.count(F.lit(1)).alias("rows"))
    found = counts.select(*[F.col(_quoted(name)).alias(f"id{n}") for n, name in enumerate(ids)], "rows")
    wanted = df.select(*map(_quoted, ids)).distinct().withColumn("wanted", F.lit(True))
    same = [F.col(_quoted(name)).eqNullSafe(F.col(f"id{n}")) for n, name in enumerate(ids)] or [F.lit(True)]
    both = wanted.join(found, same, "full_outer").cache()
    try:
        wrong = both.filter(
            F.col("wanted").isNull() | F.col("rows").isNull() | (F.col("rows") != manifest.horizon)
        )
        for row in wrong.limit(1).collect():
            name = ", ".join(str(row[i] if row["wanted"] else row[f"id{n}"]) for n, i in enumerate(ids))
            raise UnsortedError(
                f"series {name or 'of all rows'}: found {row['rows'] or 0} rows of forecasts, expected "
                f"{manifest.horizon}; a series that Spark cut is forecast from parts of its history: leave "
                f"out sorted=True, or set {SPLIT}"
            )
        return int(both.select(*map(_quoted, ids)).distinct().count())
    finally:
        both.unpersist()


@contextmanager
def without_pandas_warnings() -> Iterator[None]:
    """Keep Spark from warning of pandas 3, of which Arrow's functions see nothing."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
        yield


def _score(shipped: Shipped, asked: Asked, batches: Iterable["pa.RecordBatch"]) -> Iterator["pa.RecordBatch"]:
    """Forecast the rows of a partition, in a Python worker."""
    yield from score_batches(batches, _predictor(shipped), **vars(asked))


@lru_cache(maxsize=PREDICTORS)
def _loaded(_digest: str, shipped: "_Unequal") -> Predictor:
    return shipped.content.load()


class _Unequal:
    """A bundle that a cache tells apart by its digest alone."""

    def __init__(self, content: Shipped) -> None:
        self.content = content

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Unequal)

    def __hash__(self) -> int:
        return 0


def _predictor(shipped: Shipped) -> Predictor:
    """Return the predictor of a bundle, which a Python worker keeps from task to task."""
    return _loaded(shipped.manifest.digest, _Unequal(shipped))


def _arranged(rows: "DataFrame", roles: Roles) -> "DataFrame":
    """Return whole series one after another, each in order of time."""
    from pyspark.sql.types import ArrayType

    ids = [_quoted(name) for name in roles.ids]
    are_lists = any(isinstance(rows.schema[name].dataType, ArrayType) for name in roles.targets)
    order = [*ids, *([_quoted(roles.time)] if roles.time and not are_lists else [])]
    rows = rows.repartition(*ids) if ids else rows.repartition(1)
    return rows.sortWithinPartitions(*order) if order else rows


def _present(df: "DataFrame", roles: Roles) -> tuple[str, ...]:
    """Return the columns to read. Raises ConfigError for one that is not there."""
    for name in roles.read:
        if df.columns.count(name) != 1:
            raise ConfigError(
                f'column "{name}" is there {df.columns.count(name)} times among {", ".join(df.columns)}; '
                "expected it once: name others by id, time and target"
            )
    return roles.read


def _schema(rows: "DataFrame", roles: Roles) -> "StructType":
    """Return the columns of the forecasts: ids and times in the types that they have. Raises ConfigError."""
    from pyspark.sql.types import ArrayType, FloatType, IntegerType, StringType, StructField, StructType

    roles.check(_arrow_schema(rows))

    def kind(name: str) -> "DataType":
        found: DataType = rows.schema[name].dataType
        return found.elementType if isinstance(found, ArrayType) else found

    plain: dict[str, Any] = {STEP: IntegerType(), TARGET: StringType(), ERROR: StringType()}
    plain |= {f"q{level:g}": FloatType() for level in roles.levels}
    kept = {name: kind(name) for name in (*roles.ids, *([roles.time] if roles.time else []))}
    return StructType([StructField(name, {**plain, **kept}[name]) for name in roles.written])


def _arrow_schema(rows: "DataFrame") -> "pa.Schema":
    """Return the columns as Arrow has them, as far as it matters whether they can be read."""
    import pyarrow as pa
    from pyspark.sql.types import ArrayType, BooleanType, NumericType, StringType

    def kind(found: "DataType") -> "pa.DataType":
        if isinstance(found, ArrayType):
            return pa.list_(kind(found.elementType))
        if isinstance(found, NumericType | BooleanType):
            return pa.float64()
        return pa.string() if isinstance(found, StringType) else pa.timestamp("us")

    return pa.schema([pa.field(field.name, kind(field.dataType)) for field in rows.schema.fields])


def _quoted(name: str) -> str:
    return f"`{name.replace('`', '``')}`"
