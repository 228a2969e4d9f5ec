"""What helps against which finding."""

import pytest

from synth_pipeline.readings.prompts.advice import advice_against


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        ("the script timed out after 120 s", "replace it by operations on whole arrays"),
        ("the script used more than 121 s of processor time", "operations on whole arrays"),
        ("the script used more than 3072 MiB of memory", "float64 (4 MB a year)"),
        (
            "schema: 2 dataset files in the working folder (found: a.csv, b.csv); expected one",
            "no CSV beside it",
        ),
        ("schema: 0 dataset files in the working folder; expected one", "`dataset.parquet`"),
        (
            "schema: the first column is 'time'; expected 'Timestamp'",
            "the first column is `Timestamp`",
        ),
        ("year_coverage: 525,600 rows; expected 527,040 for 2024", "a leap year gets its"),
        ("minute_cadence: 3 gaps, the first at row 12", "freq='60s'"),
        ("ModuleNotFoundError: No module named 'scipy'", "Nothing else is installed"),
        (
            "anomalies_present: anomalies cover 7.0% of the rows; expected less than 5%",
            "on less than 5%",
        ),
        ("schema: names say nothing physical: signal_1", "with a physical name and its unit"),
    ],
)
def test_a_failure_gets_the_advice_that_fits_it(reason: str, advice: str) -> None:
    (fitting,) = advice_against([reason])

    assert advice in fitting


def test_a_failure_nobody_foresaw_gets_none() -> None:
    assert advice_against(["the script exited with code 1: KeyError: 'x'"]) == ()
