"""Tries one catalogue file: what its causes do, whether its balances show, what looks wrong.

    python -m benchmarks.trial FILE.toml [--units 2] [--years 2] [--fix]

With `--fix` the reach of each cause is set so that its full severity has the SNR wanted.
"""

import argparse
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import pyarrow.parquet as pq

from benchmarks.figures import Year
from synth_pipeline import signal_kit as kit
from synth_pipeline.authoring.catalog.load import load_machine, read_machine
from synth_pipeline.authoring.catalog.render import render
from synth_pipeline.authoring.catalog.spec import MachineSpec
from synth_pipeline.readings.declared import SEEN
from synth_pipeline.readings.fields import signals_of
from synth_pipeline.readings.realism import realism_findings
from synth_pipeline.readings.statistics import measure

FULL_SNR = 10.0  # of severity 1
WEAK = 1.3  # of the SNR wanted, beyond which even the whole of a cause is too weak
FIRST_YEAR, SEED, SITE = 2023, 7, "trial"
MAX_AT_END = 0.02  # of the readings, at an end of the range


@dataclass(frozen=True)
class Tried:
    """One unit's year: its figures, what the realism check finds, SNR at severity 1 by cause."""

    year: Year
    findings: Sequence[str]
    snr_at_full: Mapping[str, Sequence[float]]
    wear_ratio: float | None  # wear where wear-driven causes became visible, over its mean
    repaired: Sequence[bool]  # of severe process events: do they end in a stop with repair


def builder_of(spec: MachineSpec, name: str) -> Callable[[kit.Simulation], kit.Machine]:
    """The class that the catalogue writes for a machine of that name."""
    code = render(spec, name, spec.description).replace("import signal_kit as kit", "")
    module = ModuleType("main")
    module.__dict__["kit"] = kit
    exec(compile(code, "main.py", "exec"), module.__dict__)
    build: Callable[[kit.Simulation], kit.Machine] = module.__dict__[
        re.sub(r"[^A-Za-z0-9]", "", spec.kind)
    ]
    return build


def try_unit(spec: MachineSpec, unit: int, year: int, seed: int = SEED) -> Tried:
    """Simulate one unit's year and take its figures."""
    name = spec.kind if unit == 1 else f"{spec.kind} {unit}"
    sim = kit.Simulation(name, year, seed, site=SITE)
    with tempfile.TemporaryDirectory() as folder:
        events = kit.simulate(sim, builder_of(spec, name)).write(folder)
        made = Year.read(Path(folder))
        table = pq.read_table(Path(folder) / "dataset.parquet")
    findings = realism_findings(measure(table), signals_of(table.schema))
    return Tried(
        made,
        [str(each) for each in findings],
        _snr_at_full(sim, events),
        _wear_ratio(spec, sim, events),
        [e.stop is not None for e in events if e.category == "process" and e.severity == "high"],
    )


def _snr_at_full(sim: kit.Simulation, events: Sequence[kit.Event]) -> Mapping[str, list[float]]:
    plan, offset = sim.known_plan, sim.start + kit.LEAD_ROWS
    hits = {hit.start - offset: hit for hit in (plan.hits if plan else ())}
    found: dict[str, list[float]] = {}
    for event in events:
        hit = hits.get(-1 if event.cause_start is None else event.cause_start)
        if event.category == "process" and event.snr and hit:
            found.setdefault(hit.cause.name, []).append(event.snr / hit.severity)
    return found


def _wear_ratio(
    spec: MachineSpec, sim: kit.Simulation, events: Sequence[kit.Event]
) -> float | None:
    worn = {each.cause.name for each in spec.causes if each.cause.wear_factor}
    starts = [event.start for event in events if event.root_cause in worn]
    wear = sim.known_plan.year_wear if sim.known_plan else np.zeros(1)
    return float(wear[starts].mean() / wear.mean()) if starts and wear.any() else None


def report(spec: MachineSpec, tried: Sequence[Tried]) -> Iterator[str]:
    """The figures of all units and years, a line each."""
    years = [each.year for each in tried]
    counts, shares = [len(y.events) for y in years], [y.anomalous_share for y in years]
    snr = np.concatenate([y.snr for y in years])
    yield f"events a year {np.mean(counts):.0f}, least {min(counts)}"
    yield f"rows in events {np.mean(shares):.2%}, most {max(shares):.2%}   (wanted 1-3 %)"
    yield f"found by one-line rules {_mean(y.found for y in years):.2f}   (wanted <= 0.35)"
    yield f"found by the jump after {_mean(y.found_after for y in years):.2f}   (wanted <= 0.05)"
    yield f"SNR 1-4 {((snr >= 1) & (snr <= 4)).mean():.2f}   (wanted >= 0.40)"
    yield f"SNR above 10 {(snr > 10).mean():.2f}   (wanted <= 0.12)"
    coupled = np.mean([y.coupled_share for y in years])
    yield f"coupled pairs in the usual mode {coupled:.2f}   (wanted 0.10 to 0.60, median 0.20)"
    wear = [each.wear_ratio for each in tried if each.wear_ratio is not None]
    if wear:
        yield f"wear at wear-driven causes / mean {np.mean(wear):.2f}   (wanted >= 1.3)"
    for number, balance in enumerate(spec.balances):
        r = float(np.mean([y.declared[number][1] for y in years]))
        flag = "" if r >= SEEN else "   <-- too weak, or of the wrong sign"
        yield f"balance {' / '.join(balance.pair)} ({balance.level}): {r:+.2f}{flag}"
    yield from _of_causes(spec, tried)
    yield from _of_signals(spec, years)
    yield from sorted({f"realism: {finding}" for each in tried for finding in each.findings})


def _mean(parts: Iterator[np.ndarray]) -> float:
    return float(np.concatenate(list(parts)).mean())


def _of_causes(spec: MachineSpec, tried: Sequence[Tried]) -> Iterator[str]:
    for each in spec.causes:
        own = [v for one in tried for v in one.snr_at_full.get(each.cause.name, ())]
        if not own:
            yield f"cause {each.name}: never seen   <-- no event shows it"
            continue
        snr = float(np.median(own))
        wanted = each.cause.reach * FULL_SNR / snr
        flag = "   <-- too weak at reach 1: enlarge its coefficient" if wanted > WEAK else ""
        yield (
            f"cause {each.name}: {len(own)} events, SNR {snr:.1f} at severity 1 with reach "
            f"{each.cause.reach:g}{flag}"
        )


def _of_signals(spec: MachineSpec, years: Sequence[Year]) -> Iterator[str]:
    year = years[0]
    for signal in spec.signals:
        usual = year.clean[signal.name][year.modes == year.usual_mode]
        low, middle, high = np.nanpercentile(usual, (1, 50, 99))
        yield f"  {signal.name}: {low:.6g} .. {middle:.6g} .. {high:.6g} {signal.unit}"
        sensor = spec.sensors[signal.name]
        ends = {sensor.high} if sensor.low == 0 else {sensor.low, sensor.high}
        at = max(float(np.isin(y.clean[signal.name], [*ends]).mean()) for y in years)
        if at > MAX_AT_END:
            yield f"  {signal.name}: {at:.0%} of the readings at an end of its range"


def reaches(spec: MachineSpec, tried: Sequence[Tried]) -> Mapping[str, float]:
    """The reach that each cause should have, to two digits."""
    found = {}
    for each in spec.causes:
        own = [v for one in tried for v in one.snr_at_full.get(each.cause.name, ())]
        if own:
            wanted = min(1.0, each.cause.reach * FULL_SNR / float(np.median(own)))
            found[each.name] = float(f"{wanted:.2g}")
    return found


def set_reaches(path: Path, wanted: Mapping[str, float]) -> None:
    """Write reaches into the file, below each cause's component."""
    text = path.read_text()
    for name, reach in wanted.items():
        head = rf"(\[causes\.{name}\]\n(?:(?!\[)[^\n]*\n)*?)"
        text, done = re.subn(head + r"reach = [^\n]*\n", rf"\g<1>reach = {reach:g}\n", text)
        if not done and reach != 1:
            text = re.sub(head + r"(component = [^\n]*\n)", rf"\g<1>\g<2>reach = {reach:g}\n", text)
    path.write_text(text)


def main() -> None:
    """Try the files given."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--units", type=int, default=2)
    parser.add_argument("--years", type=int, default=2)
    parser.add_argument("--fix", action="store_true")
    asked = parser.parse_args()
    jobs = [(u, FIRST_YEAR + y) for u in range(1, asked.units + 1) for y in range(asked.years)]
    for path in asked.files:
        spec = load_machine(path)
        tried = [try_unit(spec, unit, year) for unit, year in jobs]
        if asked.fix:
            set_reaches(path, reaches(spec, tried))
            spec = read_machine(path)
            tried = [try_unit(spec, unit, year) for unit, year in jobs]
        print(f"--- {spec.kind} ({path.name})")
        for line in report(spec, tried):
            print(line)


if __name__ == "__main__":
    main()
