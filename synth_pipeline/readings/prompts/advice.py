"""What helps a model against each kind of finding, in its words and ours."""

from collections.abc import Mapping, Sequence

from synth_pipeline.domain.finding import Finding, Topic
from synth_pipeline.readings.contract import MAX_ANOMALOUS_SHARE, SAMPLING_INTERVAL_S, rows_in_year

_ADVICE: Mapping[Topic, str] = {
    Topic.NAMES: "Names: define or import every name that the program uses.",
    Topic.IMPORTS: (
        "Imports: the standard library, numpy, pandas, pyarrow and, where it was offered, "
        "`signal_kit` with the names shown. Nothing else is installed."
    ),
    Topic.TIME: (
        "Time: find the loop over rows or minutes and replace it by operations on whole arrays; "
        f"16 signals of {rows_in_year(2023):,} rows take about a second that way."
    ),
    Topic.MEMORY: (
        "Memory: hold each signal once as float64 (4 MB a year), build no Python lists of rows "
        "and no matrix of rows times rows."
    ),
    Topic.SURROUNDINGS: (
        "Surroundings: no network, no processes, no threads, no files outside the working folder."
    ),
    Topic.FILES: (
        "Files: write `dataset.parquet` and, while anomalies are on, `anomalies.parquet` into the "
        "working folder, and nothing else: no CSV beside it, no plots, no logs, no folders."
    ),
    Topic.TIME_AXIS: (
        "Time axis: the first column is `Timestamp`, for instance "
        "`pd.date_range(f'{year}-01-01', f'{year + 1}-01-01', "
        f"freq='{SAMPLING_INTERVAL_S}s', inclusive='left')` with the year of `SYNTH_YEAR`. Take "
        "the length of every array from it, so that a leap year gets its "
        f"{rows_in_year(2024):,} rows."
    ),
    Topic.COLUMNS: (
        "Columns: every column after `Timestamp` is a float with a physical name and its unit, "
        "such as `bearing_temperature_c`; operating modes belong into the values, not into a "
        "column of text."
    ),
    Topic.UNITS: (
        "Units: end each name with its unit and state the same unit in the field's metadata, "
        "`pa.field(name, pa.float64(), metadata={'unit': '°C', 'description': '...'})`."
    ),
    Topic.VALUES: (
        "Values: clip each signal to the range of its sensor after all effects and noise, and look "
        "for the random walk, the ramp or the sum that carries it away over a year."
    ),
    Topic.LABELS: (
        "Anomalies: decide on the events first, keep them apart and inside the year, on less than "
        f"{MAX_ANOMALOUS_SHARE:.0%} of the rows, then write values and labels from that one list."
    ),
    Topic.LABELS_AND_DATA: (
        "Labels and data: for each event compare the affected signals, rounded and clipped, with "
        "what they were before it; first and last differing row are `start` and `end`, the signals "
        "that differ are `affected`, and an event in which one does not differ is placed anew."
    ),
    Topic.SIZES: (
        "Sizes: multiply each effect, or what its cause does in the equation, by what is wanted "
        "over what was measured."
    ),
    Topic.LEAK: (
        "Columns: leave out the column that tells of anomalies, as the labels are a file of their "
        "own, and round to the sensor's digits after the events have been added."
    ),
    Topic.REPEATABLE: (
        "Repeatable: seed one `np.random.default_rng` a part from `SYNTH_SEED`; no clock, no "
        "global `np.random`, no order of a set."
    ),
    Topic.SEED: (
        "Seed: every random number comes from generators seeded with `SYNTH_SEED`, in each signal."
    ),
    Topic.YEAR: (
        "Year: take it from `SYNTH_YEAR`, and every length from the time axis; 366 days are a year "
        "too."
    ),
    Topic.SWITCH: (
        "Switch: build the clean signals first, from generators that anomalies do not draw from; "
        "then, only if `SYNTH_ANOMALIES` is not `off`, change copies of them in the events."
    ),
    Topic.REALISM: (
        "Realism: drive the signals by operating modes and a shared load with noise that has "
        "occasional larger excursions, let slow ones lag behind, and let no clock rule them."
    ),
    Topic.STYLE: "Style: a docstring for the module and for each public class and function.",
}


def advice_against(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Return the pieces of advice for what was found, each once, the first finding's first."""
    topics = dict.fromkeys(finding.topic for finding in findings)
    return tuple(_ADVICE[topic] for topic in topics if topic in _ADVICE)
