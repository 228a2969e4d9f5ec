"""Which files of a folder are read: never what is no plain file; damage is a sentence."""

import os
import random
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from synth_pipeline.domain.finding import has_fatal
from synth_pipeline.readings.output import found_files, read_output
from synth_pipeline_tests.support.outputs import (
    END,
    START,
    accept,
    refuse,
    write,
)
from synth_pipeline_tests.support.tables import year_table


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ((), "0 dataset files in the working folder (found: nothing)"),
        (("a.csv", "b.parquet"), "2 dataset files in the working folder (found: a.csv, b.parquet)"),
        (("a.CSV", "b.Parquet"), "2 dataset files in the working folder (found: a.CSV, b.Parquet)"),
        (
            ("anomalies.csv", "notes.txt"),
            "0 dataset files in the working folder (found: anomalies.csv, notes.txt)",
        ),
        ((".hidden.csv",), "0 dataset files in the working folder (found: .hidden.csv)"),
        (("main.py", "signal_kit.py"), "0 dataset files in the working folder (found: nothing)"),
    ],
)
def test_there_must_be_exactly_one_dataset(
    tmp_path: Path, names: tuple[str, ...], found: str
) -> None:
    for name in names:
        (tmp_path / name).touch()

    assert refuse(tmp_path)[0] == (
        f"{found}; expected exactly one *.parquet or *.csv besides anomalies.parquet "
        "or anomalies.csv"
    )


def test_upper_case_names_and_hidden_files_do_no_harm(tmp_path: Path) -> None:
    write(tmp_path, "DATA.PARQUET")
    (tmp_path / ".cache.parquet").touch()
    (tmp_path / "Anomalies.CSV").write_text(f"start,end,kind\n{START},{END},spike\n")

    output = accept(tmp_path)

    assert output.labels is not None
    assert output.labels.num_rows == 1


def test_file_names_of_any_bytes_can_be_shown(tmp_path: Path) -> None:
    Path(os.fsdecode(bytes(tmp_path) + b"/\xff.csv")).touch()

    assert found_files(tmp_path) == ["\\xff.csv"]
    [message] = refuse(tmp_path)
    assert message.encode().startswith(b"\\xff.csv cannot be read: ")


def link_to_a_good_file(folder: Path, name: str) -> None:
    outside = folder.parent / "outside"
    outside.mkdir()
    (folder / name).symlink_to(write(outside))


def dangling_link(folder: Path, name: str) -> None:
    (folder / name).symlink_to("/nowhere/at/all")


def pipe(folder: Path, name: str) -> None:
    os.mkfifo(folder / name)


def subfolder(folder: Path, name: str) -> None:
    (folder / name).mkdir()


def device(folder: Path, name: str) -> None:
    (folder / name).symlink_to("/dev/zero")


NOT_FILES = [link_to_a_good_file, dangling_link, pipe, subfolder, device]


@pytest.mark.parametrize("make", NOT_FILES)
@pytest.mark.parametrize("name", ["data.parquet", "data.csv"])
def test_a_dataset_that_is_no_plain_file_is_never_opened(
    tmp_path: Path, make: Callable[[Path, str], None], name: str
) -> None:
    folder = tmp_path / "work"
    folder.mkdir()

    make(folder, name)

    assert refuse(folder) == [f"{name} is not a plain file"]


@pytest.mark.parametrize("make", NOT_FILES)
@pytest.mark.parametrize("name", ["anomalies.parquet", "anomalies.csv"])
def test_labels_that_are_no_plain_file_are_never_opened(
    tmp_path: Path, make: Callable[[Path, str], None], name: str
) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    write(folder)

    make(folder, name)

    assert refuse(folder) == [f"{name} is not a plain file"]


def test_a_file_too_large_to_read_is_not_opened(tmp_path: Path) -> None:
    with (tmp_path / "data.csv").open("wb") as file:
        file.truncate(2 * 1024**3)  # sparse, takes no room

    assert refuse(tmp_path) == ["data.csv has 2,147,483,648 bytes; expected at most 1,073,741,824"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "data.parquet cannot be read: Parquet file size is 0 bytes"),
        (b"PAR1", "data.parquet cannot be read: "),
        (b"Timestamp,a_pa\n" * 100, "data.parquet cannot be read: Parquet magic bytes not found"),
        (b"PAR1" + b"\xff" * 100 + b"PAR1", "data.parquet cannot be read: "),
    ],
)
def test_a_file_that_is_not_parquet_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "data.parquet").write_bytes(content)

    [found] = refuse(tmp_path)

    assert found.startswith(f"{message}")
    assert "\n" not in found


def test_a_truncated_file_is_named(tmp_path: Path) -> None:
    path = write(tmp_path)
    path.write_bytes(path.read_bytes()[:-100])

    [message] = refuse(tmp_path)

    assert message.startswith("data.parquet cannot be read: Parquet magic bytes not found")


def test_a_file_damaged_at_any_place_never_raises(tmp_path: Path) -> None:
    table = year_table().slice(0, 2000)
    pq.write_table(table, tmp_path / "data.parquet", compression="zstd")
    good = (tmp_path / "data.parquet").read_bytes()
    chance = random.Random(3)

    for _ in range(300):
        bad = bytearray(good)
        for _ in range(chance.randint(1, 4)):
            bad[chance.randrange(len(bad))] = chance.randrange(256)
        (tmp_path / "data.parquet").write_bytes(bad)

        assert has_fatal(read_output(tmp_path, 2024).findings)
