"""Packs the Lambda intake: `python -m synth_pipeline.intake_zip dist/intake.zip`.

The same sources give the same bytes: fixed order, dates and rights, and no compression.
"""

import importlib.util
import sys
import zipfile
from pathlib import Path

from synth_pipeline.intake import MODULES

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date a zip file can hold
_READABLE = 0o100644 << 16  # Lambda reads the files as another user


def write_zip(path: Path) -> Path:
    """Write all that the function needs; boto3 is Lambda's own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for module in sorted(MODULES):
            name, source = _source_of(module)
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = 3  # Unix, wherever it is built
            entry.external_attr = _READABLE
            archive.writestr(entry, source.read_bytes())
    return path


def _source_of(module: str) -> tuple[str, Path]:
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{module}: listed in intake.MODULES, but not there")
    folder = module.replace(".", "/")
    is_package = spec.submodule_search_locations is not None
    return (f"{folder}/__init__.py" if is_package else f"{folder}.py"), Path(spec.origin)


if __name__ == "__main__":
    sys.stdout.write(f"{write_zip(Path(sys.argv[1]))}\n")
