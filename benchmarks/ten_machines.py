"""A request of ten machines from the command line, on a fresh home and store."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.workplace import INDUSTRY, SEED, USER, YEAR

MACHINES = 10


def generate(folder: Path) -> None:
    """Run `synth generate` for ten machines; raise where it does not make all of them."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "home").mkdir(parents=True)
    done = subprocess.run(
        [
            *(str(Path(sys.executable).with_name("synth")), "generate", "--json"),
            *("--industry", INDUSTRY, "--number", str(MACHINES), "--user", USER),
            *("--year", str(YEAR), "--seed", str(SEED)),
        ],
        capture_output=True,
        text=True,
        cwd=folder,
        env=_environment(folder),
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"synth generate failed: {done.stderr.strip()[-500:]}")
    made = json.loads(done.stdout)["machines"]
    if len(made) != MACHINES:
        raise RuntimeError(f"synth generate made {len(made)} machines; expected {MACHINES}")


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {
        **kept,
        "DAGSTER_HOME": str(folder / "home"),
        "SYNTH_STORE": str(folder / "store"),
        "SYNTH_SANDBOX": os.environ.get("SYNTH_SANDBOX", "auto"),
    }
