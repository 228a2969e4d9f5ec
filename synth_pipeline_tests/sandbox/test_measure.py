"""Measuring folders that untrusted code made."""

import os
from pathlib import Path

from synth_pipeline.sandbox.measure import (
    FolderUse,
    measure_folders,
    measure_processes,
    process_tree,
)


def test_files_of_all_folders_are_counted_and_links_not_followed(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    (first / "deeper").mkdir(parents=True)
    second.mkdir()
    (first / "deeper" / "data").write_bytes(bytes(8192))
    (second / "link").symlink_to("/usr")

    use = measure_folders([first, second], stop_above=100)

    assert use == FolderUse(files=3, size_bytes=8192)


def test_a_sparse_file_counts_with_its_length(tmp_path: Path) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(1 << 30)

    assert measure_folders([tmp_path], stop_above=10).size_bytes == 1 << 30


def test_counting_stops_above_the_limit(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / str(number)).touch()

    assert measure_folders([tmp_path], stop_above=5).files == 6


def test_a_folder_that_is_gone_counts_as_empty(tmp_path: Path) -> None:
    assert measure_folders([tmp_path / "gone"], stop_above=5) == FolderUse()


def test_a_process_is_measured_and_a_missing_one_is_nothing() -> None:
    use = measure_processes([os.getpid(), 2**22 + 1])

    assert use.threads >= 1
    assert use.peak_bytes >= use.resident_bytes > 0
    assert os.getpid() in process_tree(os.getppid())
