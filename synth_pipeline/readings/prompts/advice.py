"""What helps a model against each kind of finding, in its words and ours."""

import re
from collections.abc import Sequence

from synth_pipeline.readings.contract import MAX_ANOMALOUS_SHARE, SAMPLING_INTERVAL_S, rows_in_year

_ADVICE: tuple[tuple[str, str], ...] = (
    (
        r"timed? ?out|time limit|processor time|too slow",
        "Time: find the loop over rows or minutes and replace it by operations on whole arrays; "
        f"16 signals of {rows_in_year(2023):,} rows take about a second that way.",
    ),
    (
        r"of memory|memoryerror|sigkill|out of memory",
        "Memory: hold each signal once as float64 (4 MB a year), build no Python lists of rows "
        "and no matrix of rows times rows.",
    ),
    (
        r"dataset files?\b|not a plain file|more than \d+ files|wrote more than",
        "Files: write `dataset.parquet` and, while anomalies are on, `anomalies.parquet` into the "
        "working folder, and nothing else: no CSV beside it, no plots, no logs, no folders.",
    ),
    (
        r"timestamp|minute_cadence|year_coverage|[\d,]+ rows; expected|rows and \d+ col",
        "Time axis: the first column is `Timestamp`, for instance "
        "`pd.date_range(f'{year}-01-01', f'{year + 1}-01-01', "
        f"freq='{SAMPLING_INTERVAL_S}s', inclusive='left')` with the year of `SYNTH_YEAR`. Take "
        "the length of every array from it, so that a leap year gets its "
        f"{rows_in_year(2024):,} rows.",
    ),
    (
        r"modulenotfounderror|no module named|importerror",
        "Imports: the standard library, numpy, pandas, pyarrow and, where it was offered, "
        "`signal_kit` with the names shown. Nothing else is installed.",
    ),
    (
        r"anomal(y|ies)_present|anomalies cover|\bevents?\b|\blabel",
        "Anomalies: decide on the events first, keep them apart and inside the year, on less than "
        f"{MAX_ANOMALOUS_SHARE:.0%} of the rows, then write values and labels from that one list.",
    ),
    (
        r"names say nothing|not numeric|no value at all|infinite|unique names",
        "Columns: every column after `Timestamp` is a float with a physical name and its unit, "
        "such as `bearing_temperature_c`; operating modes belong into the values, not into a "
        "column of text.",
    ),
    (
        r"permissionerror|read-only|operation not permitted|network is unreachable|urlerror",
        "Surroundings: no network, no processes, no files outside the working folder.",
    ),
)


def advice_against(reasons: Sequence[str]) -> tuple[str, ...]:
    """Return the pieces of advice that fit what was found."""
    text = "\n".join(reasons)
    return tuple(advice for pattern, advice in _ADVICE if re.search(pattern, text, re.IGNORECASE))
