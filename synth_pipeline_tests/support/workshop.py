"""Parts for tests above the seams: services on temporary folders and authors that follow a script.

The authors are real implementations of the `Author` protocol; nothing is patched.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from synth_pipeline.authoring.author import Author, Draft, MachineList
from synth_pipeline.authoring.meter import UNMETERED, Meter
from synth_pipeline.domain.errors import AuthorError
from synth_pipeline.domain.finding import Finding
from synth_pipeline.domain.machine import Machine, MachineIdea
from synth_pipeline.domain.partition import PartitionKey
from synth_pipeline.domain.progress import Watch, unwatched
from synth_pipeline.making.stored_year import StoredYear
from synth_pipeline.readings.layout import YearFile
from synth_pipeline.services import Services
from synth_pipeline.settings import FolderLocation, Settings, SqliteLocation
from synth_pipeline.stores.dataset_store import DatasetStore

GOOD_CODE = '''
"""A year of a test machine: a random walk, noise and a load, with six labelled spikes."""
import os
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

def main():
    """Write the dataset and, unless they are switched off, its anomalies."""
    year = int(os.environ["SYNTH_YEAR"])
    rng = np.random.default_rng(int(os.environ["SYNTH_SEED"]))
    start = np.datetime64(f"{year}-01-01", "m")
    times = np.arange(start, np.datetime64(f"{year + 1}-01-01", "m")).astype("datetime64[ms]")
    n = len(times)
    load = np.round(10 + np.repeat(rng.laplace(0, 2, n // 60), 60) + rng.laplace(0, 1, n), 1)
    spike = np.zeros(n)
    if os.environ.get("SYNTH_ANOMALIES") != "off":
        first = np.arange(1, 7) * 80_000 + int(os.environ["SYNTH_SEED"] + "0") % 5_003
        spike[np.add.outer(first, np.arange(3))] = 50
        event = {
            "start": times[first], "end": times[first + 2], "kind": ["spike"] * 6,
            "category": ["sensor"] * 6, "root_cause": ["oil_temperature_degc"] * 6,
            "affected": [["oil_temperature_degc"]] * 6, "severity": ["high"] * 6,
        }
        pq.write_table(pa.table(event), "anomalies.parquet")
    pq.write_table(pa.table({
        "Timestamp": times,
        "oil_temperature_degc": np.round(60 + rng.laplace(0, 0.01, n).cumsum(), 2) + spike,
        "vibration_mm_per_s": np.round(np.abs(rng.standard_t(4, n) + load), 2),
        "load_kw": load,
    }), "dataset.parquet")

if __name__ == "__main__":
    main()
'''
GOOD_EVENTS = 6
FAILING_CODE = "raise NameError('no such pump')\n"
SHORT_CODE = GOOD_CODE.replace('f"{year + 1}-01-01"', 'f"{year}-12-31"')


@dataclass
class ScriptedAuthor:
    """Writes what the script says for a machine, attempt by attempt; otherwise good code."""

    programs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    names: Sequence[str] = ("Lathe", "Drill", "Saw", "Press", "Oven", "Mixer")
    name: str = "scripted"
    version: str = "1"
    is_trusted: bool = False
    written: list[str] = field(default_factory=list)

    def version_of(self, machine: Machine) -> str:
        return self.version

    def check(self) -> None:
        """Always able to work."""

    def list_machines(
        self,
        industry: str,
        number: int,
        known: Sequence[MachineIdea] = (),
        meter: Meter = UNMETERED,
    ) -> MachineList:
        if industry == "unlistable":
            raise AuthorError("no machines come to mind")
        taken = {idea.name for idea in known}
        names = [name for name in self.names if name not in taken][:number]
        return MachineList(tuple(MachineIdea(name) for name in names))

    def open_session(self, machine: Machine, meter: Meter = UNMETERED) -> "ScriptedSession":
        return ScriptedSession(self, machine, list(self.programs.get(machine.name, [GOOD_CODE])))


@dataclass
class ScriptedSession:
    """One conversation: the next program of the script at every turn."""

    author: ScriptedAuthor
    machine: Machine
    programs: list[str]

    def write(self) -> Draft:
        return self._next()

    def mend(self, findings: Sequence[Finding]) -> Draft:
        if not self.programs:
            raise AuthorError("the script has ended")
        return self._next()

    def _next(self) -> Draft:
        self.author.written.append(self.machine.name)
        return Draft(self.programs.pop(0))


def make_services(
    folder: Path,
    author: Author | None = None,
    *,
    watch: Watch = unwatched,
    **settings: object,
) -> Services:
    """Services on a local store and SQLite below `folder`; catalogue author unless one is given."""
    values: dict[str, object] = {
        "home": folder / "home",
        "store": FolderLocation(folder / "store"),
        "registry": SqliteLocation(folder / "home" / "requests.db"),
        "workers": 2,
        **settings,
    }
    chosen = Settings(**values)  # type: ignore[arg-type]
    return Services(chosen, author=author, watch=watch)


def stored(services: Services, machine: Machine, year: int | None = None) -> StoredYear:
    """What the store holds of a machine's year, by default its current one."""
    return StoredYear(services.store, machine.key, machine.year if year is None else year)


def put_year(
    store: DatasetStore, key: PartitionKey, year: int, dataset: Path, labels: Path | None = None
) -> None:
    """Put files in the place of a machine's published year."""
    store.put(key, YearFile.DATASET.of(year), dataset)
    if labels is not None:
        store.put(key, YearFile.LABELS.of(year), labels)
