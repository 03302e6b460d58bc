"""Files and folders of object storage, and of all else that fsspec reads by a URL."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj
from typing import Any

from ..errors import DataError, ExtraMissingError, ForecasterError
from .named import Remote, hide_secrets

# The driver that fsspec asks for. They pin the releases of their own needs, so no extra names them.
DRIVERS = {
    **dict.fromkeys(("s3", "s3a"), "s3fs"),
    **dict.fromkeys(("gs", "gcs"), "gcsfs"),
    **dict.fromkeys(("az", "abfs", "abfss", "adl"), "adlfs"),
    **dict.fromkeys(("http", "https"), "aiohttp"),
}


def open_file_system(remote: Remote) -> tuple[Any, str]:
    """Return the file system of fsspec for a URL, and the path in it.

    Raises ExtraMissingError without fsspec or the driver, DataError for a URL that it does not take.
    """
    try:
        import fsspec
    except ModuleNotFoundError as error:
        if error.name != "fsspec":
            raise
        raise ExtraMissingError(
            f"{remote} needs fsspec, which is not installed; install the extra: "
            "pip install 'lstm-forecaster[train,cpu,cloud]'"
        ) from None
    with telling(remote):
        try:
            found: tuple[Any, str] = fsspec.url_to_fs(remote.url)
        except ImportError as error:
            driver = DRIVERS.get(remote.scheme)
            remedy = f"pip install {driver}" if driver else str(error)
            raise ExtraMissingError(f"{remote} needs a driver that is not installed: {remedy}") from None
        return found


@contextmanager
def telling(remote: Remote) -> Iterator[None]:
    """Turn what a driver raises into a DataError that names the URL, and no secret of it."""
    try:
        yield
    except ForecasterError:
        raise
    except FileNotFoundError:
        raise DataError(f"cannot read {remote}: there is no such file, folder or bucket") from None
    except PermissionError as error:
        said = hide_secrets(str(error), remote.url)
        raise DataError(f"cannot read {remote}: access is denied: {said}") from None
    except Exception as error:  # noqa: BLE001 - each driver raises the errors of its own client
        said = hide_secrets(str(error) or type(error).__name__, remote.url)
        raise DataError(f"cannot read {remote}: {said}") from None


def is_folder(remote: Remote) -> bool:
    """Return whether a URL names a folder. Raises DataError where there is nothing."""
    system, path = open_file_system(remote)
    with telling(remote):
        return bool(system.info(path)["type"] == "directory")


def copy_file(remote: Remote, folder: Path) -> Path:
    """Copy a file into a folder under its own name, and return where it is. Raises DataError."""
    system, path = open_file_system(remote)
    copy = folder / remote.called
    with telling(remote), system.open(path, "rb") as stream, copy.open("wb") as file:
        copyfileobj(stream, file)
    return copy
