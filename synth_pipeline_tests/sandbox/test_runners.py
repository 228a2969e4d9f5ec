"""One contract for every runner that isolates: real processes, real attacks."""

import contextlib
import os
import textwrap
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from synth_pipeline.domain.errors import SandboxError
from synth_pipeline.sandbox.runner import MEBIBYTE, Limits, Runner, RunResult
from synth_pipeline.sandbox.select import choose_runner

pytestmark = pytest.mark.sandbox

LIMITS = Limits(wall_s=30.0, cpu_s=30)


@pytest.fixture(scope="module", params=["bubblewrap", "sandlock"])
def runner(request: pytest.FixtureRequest) -> Runner:
    try:
        return choose_runner(request.param)
    except SandboxError as refusal:
        pytest.skip(str(refusal))


def run_code(runner: Runner, folder: Path, code: str, limits: Limits = LIMITS) -> RunResult:
    (folder / "main.py").write_text(textwrap.dedent(code), encoding="utf-8")
    return runner.run(folder, {"SYNTH_YEAR": "2023", "SYNTH_SEED": "7"}, limits)


def running_with(marker: str) -> list[str]:
    """Command lines of this machine's processes that hold `marker`."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            lines.append(path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
    return [line for line in lines if marker in line]


def happens(claim: Callable[[], bool], within_s: float = 10.0) -> bool:
    """Wait for a claim about another process to come true."""
    deadline = time.monotonic() + within_s
    while not claim():
        if time.monotonic() > deadline:
            return False
        os.sched_yield()
    return True


# what a generator may do


def test_a_generator_with_numpy_pandas_and_pyarrow_writes_parquet(
    runner: Runner, tmp_path: Path
) -> None:
    (tmp_path / "signal_kit.py").write_text("ROWS = 1000\n", encoding="utf-8")

    result = run_code(
        runner,
        tmp_path,
        """
        import os, pickle, sys, tempfile, threading, zoneinfo
        import numpy as np, pandas as pd, pyarrow as pa, pyarrow.parquet as pq
        import signal_kit

        class Model:
            pass

        if __name__ == "__main__":
            assert sys.argv == ["main.py"] and __file__.endswith("/main.py"), sys.argv
            assert pickle.loads(pickle.dumps(Model())).__class__ is Model
            assert os.environ["SYNTH_YEAR"] == "2023" and os.environ["SYNTH_SEED"] == "7"
            assert zoneinfo.ZoneInfo("Europe/Berlin") is not None
            with tempfile.TemporaryFile() as file:
                file.write(b"x")
            worker = threading.Thread(target=print, args=("from a thread",))
            worker.start()
            worker.join()
            index = pd.date_range("2023-01-01", periods=signal_kit.ROWS, freq="min", unit="ms")
            values = np.linalg.solve(np.eye(200), np.ones(200)).sum() + np.arange(len(index))
            frame = pd.DataFrame({"Timestamp": index, "pressure_pa": values})
            pq.write_table(pa.Table.from_pandas(frame), "data.parquet", compression="zstd")
            assert len(pd.read_parquet("data.parquet")) == signal_kit.ROWS
            frame.to_csv("data.csv", index=False)
            print("done")
        """,
    )

    assert result.failure is None
    assert result.exit_code == 0
    assert result.output == "from a thread\ndone\n"
    assert result.peak_memory_bytes > 50 * MEBIBYTE
    assert pq.read_table(tmp_path / "data.parquet").column_names == ["Timestamp", "pressure_pa"]
    assert (tmp_path / "data.csv").stat().st_uid == os.getuid()


def test_a_gigabyte_of_arrays_and_all_allowed_threads_fit_the_default_limits(
    runner: Runner, tmp_path: Path
) -> None:
    result = run_code(
        runner,
        tmp_path,
        """
        import threading
        import numpy as np
        blocks = [np.zeros(128 * 2**20, dtype=np.uint8) for _ in range(20)]  # 2.5 GiB of space
        release = threading.Event()
        threads = [threading.Thread(target=release.wait) for _ in range(50)]
        for thread in threads: thread.start()
        release.set()
        for thread in threads: thread.join()
        """,
    )

    assert result.failure is None


def test_several_runs_at_a_time_do_not_meet(runner: Runner, tmp_path: Path) -> None:
    folders = [tmp_path / str(number) for number in range(4)]
    for folder in folders:
        folder.mkdir()

    with ThreadPoolExecutor(4) as pool:
        results = list(
            pool.map(
                lambda folder: run_code(runner, folder, f"print({folder.name}); open('made', 'w')"),
                folders,
            )
        )

    assert [result.output for result in results] == ["0\n", "1\n", "2\n", "3\n"]
    assert all((folder / "made").is_file() for folder in folders)
