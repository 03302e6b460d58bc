"""Files of other kinds than text in columns, told by their beginning."""

from contextlib import suppress
from pathlib import Path

from deploy.errors import DataError
from forecaster.data.complaints import Option, with_options

PARQUET = b"PAR1"
# What the first bytes of files that are no text say.
FOREIGN = {
    b"BZh": "packed by bzip2",
    b"\xfd7zXZ": "packed by xz",
    b"\x28\xb5\x2f\xfd": "packed by zstd",
    b"%PDF": "a PDF",
    b"SQLite format 3": "an SQLite database",
    b"\x89HDF": "an HDF5 file",
    b"\x93NUMPY": "an array of NumPy",
    b"ARROW1": "an Arrow file",
}
DUCKDB, MAGIC = b"DUCK", slice(8, 12)  # what a DuckDB database holds, and where
BEGIN = 100  # characters
# What the first words of texts say that are no tables, and what to do.
NO_TABLES = {
    "version https://git-lfs": (
        "is a Git LFS pointer, which stands in place of the data",
        "fetch the file itself: git lfs pull",
    ),
    "<!doctype html": ("is a page in HTML, not the data", "download the file itself, by its raw link"),
    "<html": ("is a page in HTML, not the data", "download the file itself, by its raw link"),
    "<?xml": ("is XML, expected a table", "save the table as CSV"),
}


def is_parquet(path: Path) -> bool:
    """Return whether a file begins as Parquet does."""
    if not path.is_file():
        return False
    with suppress(OSError), path.open("rb") as file:  # reading it will say what is wrong
        return file.read(len(PARQUET)) == PARQUET
    return False


def refuse_foreign(path: Path, head: bytes) -> None:
    """Raise DataError for a file of another kind. head: its first bytes."""
    if head[MAGIC] == DUCKDB:
        raise with_options(
            DataError,
            f"{path.name}: is a DuckDB database, expected one table\n  name its rows: ",
            Option("sql", "SELECT * FROM TABLE", is_quoted=True),
            " ",
            Option("database", path.name),
        )
    for magic, kind in FOREIGN.items():
        if head.startswith(magic):
            raise DataError(
                f"{path.name}: is {kind}, expected text (CSV), packed by gzip or not, or Parquet\n"
                "  save or unpack it as CSV"
            )


def refuse_no_table(path: Path, text: str) -> None:
    """Raise DataError for a text that is no table. text: its head."""
    begin = text.lstrip()[:BEGIN].lower()
    for words, (found, remedy) in NO_TABLES.items():
        if begin.startswith(words):
            raise DataError(f"{path.name}: {found}\n  {remedy}")
