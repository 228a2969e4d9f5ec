"""The plain way, in a process of its own: pandas, loops, CSV, and reading it back."""

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).with_name("scripts") / "plain_year.py"


def make_plain_year(path: Path) -> None:
    """Write a year as CSV and read it back, as `scripts/plain_year.py` says."""
    subprocess.run([sys.executable, str(SCRIPT), str(path)], check=True)
