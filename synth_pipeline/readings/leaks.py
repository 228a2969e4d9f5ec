"""Columns that give the answer away: the labels written once more, as a signal."""

import re
from collections import Counter

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from synth_pipeline.domain.finding import Finding, Topic
from synth_pipeline.readings.label_rules import rows_in_events
from synth_pipeline.readings.wording import some_of

MAX_FLAG_VALUES = 6
MAX_FLAG_AGREEMENT = 0.8  # phi coefficient of one of its values with the labels
NORMAL_RANGE = (0.001, 0.999)  # quantiles of what a signal shows outside of events
MAX_BEYOND = 0.9  # share of all labelled rows beyond that, in a signal that few events name
_NAMED_SO = re.compile(
    r"(^|_)(anomal(y|ies|ous)|outliers?|ground_truth|is_(fault|faulty|normal|event|abnormal)"
    r"|fault_(flag|label|injected)|event_(flag|label|id))(_|$)|^(labels?|target|class|y)$"
)

Values = npt.NDArray[np.float64]


def leak_findings(table: pa.Table, labels: pa.Table | None) -> list[Finding]:
    """Judge that no signal is named for the labels or takes one value in events alone."""
    names = table.column_names[1:]
    named = [name for name in names if _NAMED_SO.search(name.lower())]
    found = []
    if named:
        found.append(f"columns are named like labels: {some_of(named)}")
    if labels is not None and labels.num_rows:
        inside = rows_in_events(labels, table.num_rows)
        named_by = Counter(n for row in labels.column("affected").to_pylist() for n in row or ())
        often = {name for name in names if 2 * named_by[name] >= labels.num_rows}
        telling = [
            name
            for name in names
            if name not in named and _tells(_values(table, name), inside, name in often)
        ]
        if telling:
            found.append(f"columns say when there is an anomaly, as a label would: "
                         f"{some_of(telling)}")  # fmt: skip
    return [Finding(Topic.LEAK, message) for message in found]


def _tells(values: Values, inside: npt.NDArray[np.bool_], is_often_affected: bool) -> bool:
    flags = _few_values(values)
    if flags:
        return any(abs(_phi(values == flag, inside)) > MAX_FLAG_AGREEMENT for flag in flags)
    return not is_often_affected and _is_beyond(values[inside], values[~inside])


def _is_beyond(labelled: Values, normal: Values) -> bool:
    """True where nearly all labelled values lie outside what is normal."""
    low, high = np.nanquantile(normal[:: max(1, normal.size // 20_000)], NORMAL_RANGE)
    return float(((labelled < low) | (labelled > high)).mean()) > MAX_BEYOND


def _values(table: pa.Table, name: str) -> Values:
    return np.asarray(table.column(name).to_numpy(), dtype=np.float64)


def _few_values(values: Values) -> list[float]:
    """The values of a signal that takes hardly any, none of one that takes more."""
    if len(np.unique(values[:: max(1, values.size // 1000)])) > MAX_FLAG_VALUES:
        return []  # most signals end here, at a thousandth of the cost
    found = np.unique(values[~np.isnan(values)])
    return found.tolist() if len(found) <= MAX_FLAG_VALUES else []


def _phi(one: npt.NDArray[np.bool_], other: npt.NDArray[np.bool_]) -> float:
    """Correlation of two binary series; see Matthews, Biochim. Biophys. Acta 405 (1975) 442."""
    both, first, second = (float(each.mean()) for each in (one & other, one, other))
    spread = first * (1 - first) * second * (1 - second)
    return (both - first * second) / spread**0.5 if spread > 0 else 0.0
