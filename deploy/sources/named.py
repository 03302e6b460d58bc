"""A source as a user names it: a path, a URL or a query; what people see of it has no password."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote, urlsplit

from ..errors import ConfigError
from ..places import input_name

URL = re.compile(r"([a-z][a-z0-9+.-]+)(::[a-z][a-z0-9+.-]+)*://", re.IGNORECASE)
POSTGRES = ("postgres", "postgresql")
# A password ends at the last @: those who write one seldom escape its signs.
PASSWORD = re.compile(r"(?P<before>://[^/:@]*):(?P<secret>.*)(?=@)")
PARAMETER = re.compile(
    r"(?P<before>[?&][^=&]*(?:pass|secret|token|key|sig|cred)[^=&]*=)(?P<secret>[^&]+)", re.IGNORECASE
)
IN_SQL = re.compile(
    r"(?P<before>(?:password|passwd|secret|token)\s*(?:=>|:=|=)\s*)(?P<secret>'[^']*'|[^\s',;)]+)",
    re.IGNORECASE,
)
HIDDEN = "***"


@dataclass(frozen=True, repr=False)
class Remote:
    """A file or a folder that fsspec reads, such as s3://bucket/sales/."""

    url: str

    def __str__(self) -> str:
        return without_secrets(self.url)

    __repr__ = __str__

    @property
    def scheme(self) -> str:
        """Return the kind of its storage, such as s3."""
        return self.url.partition("://")[0].rpartition("::")[2].lower()

    @property
    def called(self) -> str:
        """Return the last part of its path."""
        return str(self).partition("?")[0].rstrip("/").rpartition("/")[2]

    def record(self) -> dict[str, str]:
        """Return what a record says of it."""
        return {"url": str(self)}


@dataclass(frozen=True, repr=False)
class Query:
    """A SELECT, and the database that answers it.

    Args:
        sql: The query; its rows are the data.
        database: A file of DuckDB, or a URL of PostgreSQL; None: DuckDB, on files that the query names.

    Raises:
        ConfigError: The database is neither.

    Examples:
        >>> Query("SELECT day, sales FROM 'sales/*.parquet'")
        the query
    """

    sql: str
    database: str | None = None

    def __post_init__(self) -> None:
        database = self.database or ""
        if URL.match(database) and not self.is_postgres:
            raise ConfigError(
                f"the database {without_secrets(database)}: expected a file of DuckDB, or "
                "postgresql://USER@HOST/NAME"
            )
        password = PASSWORD.search(database)
        if self.is_postgres and password and set("/?#@ ") & set(password["secret"]):
            raise ConfigError(
                f"the database {without_secrets(database)}: its password holds a sign that ends it in a URL; "
                "write / as %2F, ? as %3F, # as %23, @ as %40, a space as %20, or set PGPASSWORD instead"
            )

    def __str__(self) -> str:
        return f"the query of {without_secrets(self.database)}" if self.database else "the query"

    __repr__ = __str__

    @property
    def is_postgres(self) -> bool:
        """Return whether a PostgreSQL server answers."""
        return (self.database or "").partition("://")[0].lower() in POSTGRES

    @property
    def called(self) -> str:
        """Return how the data are called: by the name of the file, or of the database and its host."""
        if not self.database or not self.is_postgres:
            return Path(self.database).name if self.database else "the query"
        _, _, place = without_secrets(self.database).partition("?")[0].partition("://")
        host, _, name = place.rpartition("@")[2].partition("/")
        return " on ".join(part for part in (name, host) if part) or "PostgreSQL"

    def record(self) -> dict[str, str]:
        """Return what a record says of it."""
        database = {"database": without_secrets(self.database)} if self.database else {}
        return {"sql": IN_SQL.sub(rf"\g<before>{HIDDEN}", self.sql), **database}


Source: TypeAlias = Path | Remote | Query


def source_of(text: str) -> Path | Remote:
    """Return the source that a text names: a URL, or a path."""
    found = URL.match(text)
    if not found:
        return Path(text)
    if found[0].lower() == "file://":
        return Path(unquote(urlsplit(text).path))
    return Remote(text)


def source_name(source: Source) -> str:
    """Return what messages call a source."""
    return input_name(source) if isinstance(source, Path) else str(source)


def paths_of(source: object) -> tuple[Path, ...]:
    """Return the files and folders of this machine that a source is read from."""
    if isinstance(source, Query):
        return (Path(source.database),) if source.database and not source.is_postgres else ()
    return (source,) if isinstance(source, Path) else ()


def without_secrets(url: str) -> str:
    """Return a URL, or an option with one, without its secrets; a path as it is."""
    is_url = URL.match(url.partition("=")[2] if url.startswith("--") else url)
    return PARAMETER.sub(rf"\g<before>{HIDDEN}", PASSWORD.sub(r"\g<before>", url)) if is_url else url


def hide_secrets(message: str, url: str) -> str:
    """Return the message of a library without the secrets of the URL that it was given."""
    secrets = [found["secret"] for form in (PASSWORD, PARAMETER) for found in form.finditer(url)]
    for secret in {text for known in secrets for text in (known, unquote(known))}:
        message = message.replace(secret, HIDDEN)
    return message
