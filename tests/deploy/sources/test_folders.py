"""Folders of Parquet files, of this machine and of a file system of fsspec, as one table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.errors import DataError
from deploy.sources.batches import open_batches
from deploy.sources.folders import find_parts
from deploy.sources.named import Remote, Source

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")


def write(folder: Path, name: str, **columns: Any) -> None:
    place = folder / name
    place.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pa.table(columns), place)


def read(source: Source) -> dict[str, list[Any]]:
    with open_batches(source) as reader:
        found: dict[str, list[Any]] = reader.read_all().to_pydict()
    return found


@pytest.fixture(params=["local", "memory"])
def place(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A function that gives a folder as a source: as it is, or as a copy in the memory of fsspec."""
    if request.param == "local":
        yield lambda folder: folder
        return
    system = pytest.importorskip("fsspec").filesystem("memory")

    def copied(folder: Path) -> Remote:
        for path in folder.rglob("*"):
            if path.is_file():
                system.pipe(f"/bucket/{path.relative_to(folder).as_posix()}", path.read_bytes())
        return Remote("memory://bucket")

    yield copied
    system.rm("/", recursive=True)


def test_files_are_one_table_in_the_order_of_their_numbers(tmp_path: Path, place: Any) -> None:
    for number in (10, 2, 1):
        write(tmp_path, f"part-{number}.parquet", v=[number])
    assert read(place(tmp_path)) == {"v": [1, 2, 10]}


def test_folders_name_columns_whose_texts_stay_as_they_are_written(tmp_path: Path, place: Any) -> None:
    write(tmp_path, "store=007/day=1/a.parquet", v=[1.0])
    write(tmp_path, "store=8/day=__HIVE_DEFAULT_PARTITION__/a.parquet", v=[2.0])
    write(tmp_path, "store=a%2Fb/day=12/a.parquet", v=[3.0])
    found = read(place(tmp_path))
    assert found == {"v": [1.0, 2.0, 3.0], "store": ["007", "8", "a/b"], "day": [1, None, 12]}


def test_a_column_that_a_file_has_itself_is_read_from_it(tmp_path: Path, place: Any) -> None:
    write(tmp_path, "store=1/a.parquet", store=["one"], v=[1])
    assert read(place(tmp_path)) == {"store": ["one"], "v": [1]}


def test_files_may_lack_columns_and_have_narrower_types(tmp_path: Path, place: Any) -> None:
    write(tmp_path, "1.parquet", v=[1], kind=pa.array(["x"]).dictionary_encode())
    write(tmp_path, "2.parquet", v=[2.5], more=["y"])
    assert read(place(tmp_path)) == {"v": [1.0, 2.5], "kind": ["x", None], "more": [None, "y"]}


def test_marks_of_other_programs_are_no_data(tmp_path: Path, place: Any) -> None:
    write(tmp_path, "a.parquet", v=[1])
    write(tmp_path, "_temporary/b.parquet", v=[2])
    for name in ("_SUCCESS", ".a.parquet.crc"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "notes.txt").write_text("x")
    source = place(tmp_path)
    assert read(source) == {"v": [1]}
    assert find_parts(source).others == ("notes.txt",)


def test_a_folder_without_parquet_says_so_and_lists_what_it_holds(tmp_path: Path, place: Any) -> None:
    for name in ("a.csv", "b.csv", "c.csv", "d.csv"):
        (tmp_path / name).write_text("v\n1\n")
    source = place(tmp_path)
    with pytest.raises(DataError, match=r"holds no Parquet file .*found a.csv, b.csv, c.csv, \.\.\."):
        read(source)


def test_files_of_other_partitions_are_refused(tmp_path: Path, place: Any) -> None:
    write(tmp_path, "a.parquet", v=[1])
    write(tmp_path, "store=1/a.parquet", v=[1])
    with pytest.raises(DataError, match=r"name the columns none, those of store=1/a.parquet store"):
        read(place(tmp_path))


def test_a_damaged_file_is_named(tmp_path: Path, place: Any) -> None:
    write(tmp_path, "a.parquet", v=[1])
    (tmp_path / "b.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(DataError, match=r"the Parquet file b.parquet is damaged"):
        read(place(tmp_path))


def test_columns_of_one_name_that_have_nothing_in_common_are_refused(tmp_path: Path, place: Any) -> None:
    write(tmp_path, "a.parquet", v=[1])
    write(tmp_path, "b.parquet", v=["x"])
    with pytest.raises(DataError, match=r"files do not fit together.*v"):
        read(place(tmp_path))


def test_one_file_is_read_as_a_folder_is(tmp_path: Path, place: Any) -> None:
    write(tmp_path, "a.parquet", v=[1, 2])
    source = place(tmp_path)
    one = source / "a.parquet" if isinstance(source, Path) else Remote(f"{source}/a.parquet")
    assert read(one) == {"v": [1, 2]}


def test_a_place_that_is_not_there_is_named() -> None:
    pytest.importorskip("fsspec")
    with pytest.raises(DataError, match=r"memory://none/a: there is no such file, folder or bucket"):
        read(Remote("memory://none/a"))
    with pytest.raises(DataError, match=r"none\.parquet: cannot be read"):
        read(Path("none.parquet"))


def test_batches_are_no_larger_than_asked(tmp_path: Path, place: Any) -> None:
    write(tmp_path, "a.parquet", v=list(range(100)))
    with open_batches(place(tmp_path), rows=7) as reader:
        sizes = [len(batch) for batch in reader]
    assert max(sizes) <= 7
    assert sum(sizes) == 100
