"""What is found in a program without running it."""

import sys
import threading

import pytest

from synth_pipeline.authoring.inspection import inspect_code, surroundings_read
from synth_pipeline.domain.finding import Topic
from synth_pipeline_tests.support.workshop import GOOD_CODE

IMPORTABLE = frozenset({"numpy", "pandas", "pyarrow", "dateutil"})


def fatal(code: str) -> dict[Topic, str]:
    return {f.topic: f.message for f in inspect_code(code, IMPORTABLE).findings if f.is_fatal}


def hints(code: str) -> dict[Topic, str]:
    return {f.topic: f.message for f in inspect_code(code, IMPORTABLE).hints}


def test_nothing_is_held_against_a_good_program() -> None:
    inspection = inspect_code(GOOD_CODE, IMPORTABLE)

    assert inspection.findings == ()
    assert inspection.hints == ()


def test_the_program_is_not_executed() -> None:
    sys.modules.pop("antigravity", None)

    inspect_code("import antigravity\nraise SystemExit\n", IMPORTABLE)

    assert "antigravity" not in sys.modules


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("x = 1\nprint((1\n", "'(' was never closed (main.py, line 2): `print((1`"),
        ("x = \x00", "source code string cannot contain null bytes"),
        ("x = " + "-" * 200_000 + "1", ""),
        ("(" * 500 + ")" * 500, "too many nested parentheses"),
    ],
)
def test_what_does_not_compile_is_said_once(code: str, message: str) -> None:
    assert list(fatal(code)) == [Topic.SYNTAX]
    assert fatal(code)[Topic.SYNTAX].startswith(f"the code does not compile: {message}")


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("print(rows)\nprint(cols)\n", "rows (line 1), cols (line 2)"),
        ("def f():\n    return missing + f()\n", "missing (line 2)"),
        ("def f(x: pd.DataFrame): ...\n", "pd (line 1)"),
        ("def f():\n    print(y)\n    y = 1\n", "y (line 2)"),
    ],
)
def test_names_that_nothing_defines_are_all_named(code: str, names: str) -> None:
    assert fatal(code) == {Topic.NAMES: f"names that nothing defines: {names}"}


@pytest.mark.parametrize(
    "code",
    [
        "from __future__ import annotations\ndef f(x: pd.DataFrame) -> pd.Series: ...\n",
        'def f(x: "pd.DataFrame") -> "pd.Series": ...\n',
        "try:\n    print(unknown)\nexcept NameError:\n    pass\n",
        "globals()['x'] = 1\nprint(x)\n",
        "from signal_kit import *\nprint(Simulation)\n",
        "def f():\n    global made\n    made = 1\nf()\nprint(made)\n",
        "print([z for y in range(3) if (z := y)], z, __file__, __name__)\n",
        "class A:\n    b = 1\n    def c(self):\n        return __class__\n",
        "import os.path\nprint(os.sep)\n",
    ],
)
def test_names_that_a_run_would_find_are_not_held_against_a_program(code: str) -> None:
    assert fatal(code) == {}


@pytest.mark.parametrize(
    ("code", "missing"),
    [
        ("import scipy\nfrom sklearn.linear_model import Ridge\n", "scipy, sklearn"),
        ("import numpy, matplotlib.pyplot as plt\n", "matplotlib"),
    ],
)
def test_modules_that_are_not_there_are_all_named(code: str, missing: str) -> None:
    assert fatal(code) == {Topic.IMPORTS: f"modules that are not there: {missing}"}


@pytest.mark.parametrize(
    "code",
    [
        "import numpy.random, pandas, pyarrow.parquet, dateutil, signal_kit, zoneinfo\n",
        "try:\n    import scipy\nexcept ImportError:\n    scipy = None\n",
        "def plot():\n    import matplotlib\n",
    ],
)
def test_imports_that_may_be_missing_are_no_fault(code: str) -> None:
    assert fatal(code) == {}


def test_all_kinds_of_faults_are_named_at_once() -> None:
    code = "import scipy\nprint(rows)\ndef shape():\n    return cols\n"

    found = inspect_code(code, IMPORTABLE).findings

    assert [finding.message for finding in found] == [
        "names that nothing defines: rows (line 2), cols (line 4)",
        "modules that are not there: scipy",
        "without a docstring: the module, shape",
        'there is no `main()` behind `if __name__ == "__main__":`',
    ]
    assert [finding.is_fatal for finding in found] == [True, True, False, False]


@pytest.mark.parametrize(
    ("code", "topics"),
    [
        ("x = 1\n", {Topic.SEED, Topic.YEAR, Topic.SWITCH}),
        ("import signal_kit\n", set()),
        ("import os\nprint(os.environ['SYNTH_SEED'])\n", {Topic.YEAR, Topic.SWITCH}),
    ],
)
def test_variables_that_are_never_read_are_a_hint(code: str, topics: set[Topic]) -> None:
    assert set(hints(code)) == topics


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ("import numpy as np\nnp.random.default_rng()\n", "numpy.random.default_rng()"),
        ("import numpy as np\nnp.random.normal(0, 1)\n", "numpy.random.normal()"),
        ("from numpy.random import normal\nnormal()\n", "numpy.random.normal()"),
        ("import random\nrandom.gauss(0, 1)\n", "random.gauss()"),
        ("import time\ntime.time()\n", "time.time()"),
        ("import uuid\nuuid.uuid4()\n", "uuid.uuid4()"),
    ],
)
def test_randomness_without_a_seed_is_a_hint(code: str, call: str) -> None:
    assert hints(code)[Topic.REPEATABLE] == f"other values at every run come from {call}"


@pytest.mark.parametrize(
    "code",
    [
        "import numpy as np\nnp.random.default_rng(7)\n",
        "import numpy as np\nnp.random.seed(7)\nnp.random.normal(0, 1)\n",
        "import random\nrandom.seed(7)\nrandom.gauss(0, 1)\n",
        "import numpy as np\nnp.random.Generator(np.random.SFC64(7))\n",
    ],
)
def test_seeded_randomness_is_none(code: str) -> None:
    assert Topic.REPEATABLE not in hints(code)


def test_programs_are_read_in_many_threads_at_a_time() -> None:
    deep = "x = " + "(" * 80 + "1" + ")" * 80 + "\n"
    failures: list[BaseException] = []

    def look() -> None:
        try:
            for _ in range(100):
                inspect_code(deep + GOOD_CODE, IMPORTABLE)
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []


@pytest.mark.parametrize(
    ("code", "read"),
    [
        ("import os\nseed = os.getpid()\n", ["os.getpid()"]),
        ("from os import cpu_count\nn = cpu_count()\n", ["os.cpu_count()"]),
        ("import datetime as dt\nday = dt.date.today()\n", ["datetime.date.today()"]),
        ("from datetime import datetime\ndef f():\n    return datetime.now()\n",
         ["datetime.datetime.now()"]),
        ("import os, datetime\nyear = int(os.environ.get('SYNTH_YEAR', "
         "datetime.date.today().year))\n", []),
        ("import time\nbegin = time.perf_counter()\n", []),
        ("today = 3\nprint(today)\n", []),
        ("def broken(:\n", []),
    ],
)  # fmt: skip
def test_what_is_read_of_process_machine_and_day(code: str, read: list[str]) -> None:
    assert surroundings_read(code) == read
