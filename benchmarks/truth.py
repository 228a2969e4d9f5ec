"""How believable the catalogue's data are: one table over every machine, three seeds each.

    make truth            (python -m benchmarks.truth [--kinds 60] [--seeds 3])

Takes some ten minutes on two cores. docs/data.md shows the table and says what the rows mean.
"""

import argparse
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.figures import Year
from benchmarks.trial import FIRST_YEAR, SEED, SITE, Tried, builder_of, try_unit
from synth_pipeline import signal_kit as kit
from synth_pipeline.authoring.catalog.load import load_industries
from synth_pipeline.authoring.catalog.spec import MachineSpec
from synth_pipeline.readings.declared import SEEN

Values = npt.NDArray[np.float64]
UNITS = 4
GRID = 16  # rows, at which an earlier version changed its loudness


@dataclass(frozen=True)
class Kind:
    """Figures of one kind of machine, over seeds, units and two years."""

    name: str
    tried: Sequence[Tried]
    off_labels: int  # cells that differ from the run without anomalies where no label says so
    not_the_twin: int  # cells in which dataset and patch are not that run
    same_cells: float  # of two years, but for zeros
    same_events: int
    new_year: float  # largest difference of 31 December seen from both years, in resolutions
    jumps: Sequence[float]  # share of steps that the step at New Year is larger than
    coefficient_ratio: float
    different_counts: float
    midnight: float
    on_grid: bool


def judge(spec: MachineSpec, seeds: int) -> Kind:
    """Simulate what is needed of one kind and take its figures."""
    tried = [try_unit(spec, 1, FIRST_YEAR, SEED + n) for n in range(seeds)]
    year = tried[0].year
    clean = _clean(spec, FIRST_YEAR)
    after = try_unit(spec, 1, FIRST_YEAR + 1).year
    seen, jumps = _new_year(spec, clean)
    units = [year, *(try_unit(spec, unit, FIRST_YEAR).year for unit in range(2, UNITS + 1))]
    counts = [_counts(each) for each in units]
    starts = [{first for first, _ in each.spans} for each in (year, after)]
    return Kind(
        name=spec.kind,
        tried=tried,
        off_labels=_off_labels(year, clean),
        not_the_twin=sum(int(_differs(year.clean[n], clean[n]).sum()) for n in clean),
        same_cells=_same_cells(year, after),
        same_events=len(starts[0] & starts[1]),
        new_year=seen,
        jumps=jumps,
        coefficient_ratio=_coefficient_ratio(spec),
        different_counts=float(np.mean([a != b for a, b in combinations(counts, 2)])),
        midnight=_midnight(clean),
        on_grid=_is_on_grid(clean),
    )


def _clean(spec: MachineSpec, year: int) -> dict[str, Values]:
    sim = kit.Simulation(spec.kind, year, SEED, site=SITE, anomalies=False)
    with tempfile.TemporaryDirectory() as folder:
        kit.simulate(sim, builder_of(spec, spec.kind)).write(folder)
        (file,) = Path(folder).iterdir()
        return Year.readings_of(file)


def _differs(values: Values, others: Values) -> npt.NDArray[np.bool_]:
    return (values != others) & ~(np.isnan(values) & np.isnan(others))


def _off_labels(year: Year, clean: dict[str, Values]) -> int:
    count = 0
    for name, values in year.readings.items():
        inside = np.zeros(values.size, dtype=np.bool_)
        for (first, last), event in zip(year.spans, year.events, strict=True):
            if name in (event["affected"] or ()):  # type: ignore[operator]
                inside[first : last + 1] = True
        count += int((_differs(values, clean[name]) & ~inside).sum())
    return count


def _inexact(year: Year) -> int:
    count = 0
    for (first, last), event in zip(year.spans, year.events, strict=True):
        names = [str(name) for name in event["affected"]]  # type: ignore[attr-defined]
        for row in (first, last):
            count += not any(_differs(year.readings[n][row], year.clean[n][row]) for n in names)
    return count


def _same_cells(year: Year, after: Year) -> float:
    shares = []
    for name, values in year.clean.items():
        rows = min(values.size, after.clean[name].size)
        first, second = values[:rows], after.clean[name][:rows]
        moving = (first != 0) | (second != 0)
        shares.append(float((first == second)[moving].mean()))
    return float(np.mean(shares))


class _Lead(kit.Recorder):
    """Keeps what comes before New Year, which no file has."""

    def __init__(self, sim: kit.Simulation) -> None:
        super().__init__(sim)
        self.before: dict[str, Values] = {}
        self.resolutions: dict[str, float] = {}

    def add(self, name: str, values: Values, **about: object) -> None:  # type: ignore[override]
        """Sense the days before the year."""
        resolution, low, high = (float(about[k]) for k in ("resolution", "low", "high"))  # type: ignore[arg-type]
        self.before[name] = kit.sense(values[: kit.LEAD_ROWS + 1], resolution, low, high)
        self.resolutions[name] = resolution
        super().add(name, values, **about)  # type: ignore[arg-type]


def _new_year(spec: MachineSpec, clean: dict[str, Values]) -> tuple[float, Sequence[float]]:
    """Of 31 December from both years, and of the step at New Year."""
    sim = kit.Simulation(spec.kind, FIRST_YEAR + 1, SEED, site=SITE, anomalies=False)
    lead = _Lead(sim)
    builder_of(spec, spec.kind)(sim).record(lead)
    away, jumps = 0.0, []
    for name, values in clean.items():
        last_day = lead.before[name][-1 - kit.ROWS_PER_DAY : -1]
        apart = np.abs(values[-kit.ROWS_PER_DAY :] - last_day) / lead.resolutions[name]
        away = max(away, float(np.nanmax(apart)))
        steps = np.abs(np.diff(values))
        jump = abs(float(np.diff(lead.before[name][-2:])[0]))
        jumps.append(float((steps < jump).mean()))
    return away, jumps


def _counts(year: Year) -> tuple[tuple[str, int], ...]:
    causes = [str(event["root_cause"]) for event in year.events]
    return tuple(sorted((cause, causes.count(cause)) for cause in set(causes)))


def _coefficient_ratio(spec: MachineSpec) -> float:
    """Largest over smallest of the first coefficient of the file, over some units."""
    if not spec.coefficients:
        return 1.0
    name, (value, spread) = next(iter(spec.coefficients.items()))
    found = []
    for unit in range(1, UNITS + 1):
        machine = spec.kind if unit == 1 else f"{spec.kind} {unit}"
        sim = kit.Simulation(machine, FIRST_YEAR, SEED, site=SITE)
        found.append(sim.coefficient(name, value, spread))
    return max(found) / min(found)


def _midnight(clean: dict[str, Values]) -> float:
    """Mean step at midnight over the mean step at all hours, median over signals."""
    ratios = []
    for values in clean.values():
        steps = np.abs(np.diff(values))[kit.ROWS_PER_HOUR - 1 :: kit.ROWS_PER_HOUR]
        if np.nanmean(steps) > 0:
            ratios.append(float(np.nanmean(steps[23::24]) / np.nanmean(steps)))
    return float(np.median(ratios))


def _is_on_grid(clean: dict[str, Values]) -> bool:
    """Whether the place of a 16-minute grid of loudness can be told from the increments."""
    votes = []
    for values in clean.values():
        size = np.log1p(np.abs(np.diff(values)) / (np.nanstd(np.diff(values)) or 1.0))
        rows = size[: size.size // GRID * GRID]
        scores = []
        for shift in range(GRID):
            blocks = np.roll(rows, -shift).reshape(-1, GRID)
            scores.append(float(np.nanvar(np.nanmean(blocks, axis=1))))
        spread = (max(scores) - float(np.median(scores))) / float(np.median(scores) or 1.0)
        votes.append(spread > 0.05)
    return bool(np.mean(votes) > 0.5)


def table(kinds: Sequence[Kind]) -> list[tuple[str, str, str]]:
    """Rows of figure, measured, wanted."""
    tried = [each for kind in kinds for each in kind.tried]
    years = [each.year for each in tried]
    found = [y.found for y in years]
    snr = np.concatenate([y.snr for y in years])
    declared = [r for y in years for _, r in y.declared]
    coupled = np.array([np.mean([t.year.coupled_share for t in kind.tried]) for kind in kinds])
    wear = [t.wear_ratio for t in tried if t.wear_ratio is not None]
    repaired = [each for t in tried for each in t.repaired]
    share = [y.anomalous_share for y in years]
    union = np.array([np.concatenate([t.year.found for t in kind.tried]).mean() for kind in kinds])
    jumps = np.array([jump for kind in kinds for jump in kind.jumps])
    return [
        ("events found by eight one-line rules, no false alarm, pooled",
         f"{np.concatenate(found).mean():.2f}", "<= 0.35"),
        ("machines on which they find at most half", f"{(union <= 0.5).mean():.0%}", ">= 90 %"),
        ("found by the jump at the first minute after the event",
         f"{np.concatenate([y.found_after for y in years]).mean():.3f}", "<= 0.05"),
        ("events at SNR 1-4", f"{((snr >= 1) & (snr <= 4)).mean():.2f}", ">= 0.40"),
        ("events above SNR 10", f"{(snr > 10).mean():.2f}", "<= 0.12"),
        ("cells changed outside labels", f"{sum(k.off_labels for k in kinds)}", "0"),
        ("labels whose first or last row is unchanged", f"{sum(map(_inexact, years))}", "0"),
        ("cells in which dataset + patch is not the clean twin",
         f"{sum(k.not_the_twin for k in kinds)}", "0"),
        ("declared pairs with the right sign and abs(r) >= 0.3",
         f"{np.mean([r >= SEEN for r in declared]):.0%}", ">= 85 %"),
        ("declared pairs a machine, least", f"{min(len(y.declared) for y in years)}", ">= 3"),
        ("coupled pairs in the most frequent mode, median", f"{np.median(coupled):.2f}", ">= 0.20"),
        ("machines with 0.10 to 0.60 of them",
         f"{((coupled >= 0.1) & (coupled <= 0.6)).mean():.0%}", "90 %"),
        ("wear at wear-driven causes over its mean", f"{np.mean(wear):.2f}", ">= 1.3"),
        ("severe process events that end in stop and repair", f"{np.mean(repaired):.2f}", ">= 0.8"),
        ("same seed, other year: equal cells but zeros",
         f"{np.mean([k.same_cells for k in kinds]):.1%}", "<= 10 %"),
        ("the same: events at the same minute", f"{sum(k.same_events for k in kinds)}", "none"),
        ("31 December from both years, largest difference in resolutions",
         f"{max(k.new_year for k in kinds):.2g}", "0"),
        ("steps at New Year above the 99th percentile of steps",
         f"{(jumps > 0.99).mean():.1%}", "1 %"),
        ("units of a kind: largest over smallest coefficient, median",
         f"{np.median([k.coefficient_ratio for k in kinds]):.2f}", ">= 1.25"),
        ("units of a kind whose fault counts differ",
         f"{np.mean([k.different_counts for k in kinds]):.0%}", ">= 80 %"),
        ("machines whose 16-minute grid of loudness can be told",
         f"{np.mean([k.on_grid for k in kinds]):.0%}", "<= 25 %"),
        ("step at midnight over step at any hour, median",
         f"{np.median([k.midnight for k in kinds]):.2f}", "<= 1.05"),
        ("rows in events, mean", f"{np.mean(share):.2%}", "1-3 %"),
        ("rows in events, most", f"{max(share):.2%}", "< 5 %"),
    ]  # fmt: skip


def main() -> None:
    """Print the table, and the machines that are farthest from what is wanted."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kinds", type=int, default=1000)
    parser.add_argument("--seeds", type=int, default=3)
    asked = parser.parse_args()
    specs = [machine for industry in load_industries() for machine in industry.machines]
    step = max(1, len(specs) // asked.kinds)
    specs = specs[::step][: asked.kinds]
    with ProcessPoolExecutor(max_workers=2) as pool:
        kinds = list(pool.map(judge, specs, [asked.seeds] * len(specs)))
    print(f"{len(kinds)} kinds of machine, {asked.seeds} seeds, year {FIRST_YEAR}\n")
    print("| figure | measured | wanted |\n|---|---|---|")
    for row in table(kinds):
        print(f"| {' | '.join(row)} |")
    print("\nFarthest off: share found by one-line rules, coupled share, weakest declared pair")
    ranked = sorted(kinds, key=lambda kind: -float(_found(kind)))
    for kind in ranked[:12]:
        weakest = min(r for t in kind.tried for _, r in t.year.declared)
        coupled = np.mean([t.year.coupled_share for t in kind.tried])
        print(f"{kind.name:40} {_found(kind):.2f}  {coupled:.2f}  {weakest:+.2f}")


def _found(kind: Kind) -> float:
    return float(np.concatenate([t.year.found for t in kind.tried]).mean())


if __name__ == "__main__":
    main()
