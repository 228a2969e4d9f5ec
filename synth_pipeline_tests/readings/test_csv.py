"""Datasets in CSV: what is read, and a sentence for what is not."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synth_pipeline_tests.support.outputs import (
    ROWS,
    refuse,
    refuse_csv,
)

HEADER = b"Timestamp,chamber_pressure_pa,chuck_temperature_c,rf_power_w\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "data.csv cannot be read: Empty CSV file"),
        (b"\n\n\n", "data.csv cannot be read: "),
        (b"\x00" * 100, "data.csv cannot be read: "),
        (HEADER, "Timestamp is null, the first value missing; expected times without"),
        (
            HEADER + b"2024-01-01T00:00:00,1,2,3\n",
            "Timestamp is string, the first value '2024-01-01T00:00:00'; expected times "
            "without time zone, in CSV as yyyy-MM-dd HH:mm:ss",
        ),
        (
            HEADER + b"01/02/2024 00:00,1,2,3\n",
            "Timestamp is string, the first value '01/02/2024 00:00'; expected times",
        ),
        (HEADER + b"1704067200,1,2,3\n", "Timestamp is int64, the first value 1704067200"),
        (
            HEADER + b"2024-01-01 00:00:00,1,2\n",
            "data.csv cannot be read: CSV parse error: Expected 4 columns, got 3",
        ),
        (
            HEADER + b"2024-01-01 00:00:00,1,2,on\n",
            "columns are not numeric: rf_power_w (string); expected floats",
        ),
        (
            HEADER + b"2024-01-01 00:00:00,1,2,\xff\n",
            "columns are not numeric: rf_power_w (binary); expected floats",
        ),
        (
            b"Timestamp,\xff\xfe,b_c,c_w\n2024-01-01 00:00:00,1,2,3\n",
            "data.csv cannot be read: 'utf-8' codec can't decode byte 0xff",
        ),
        (
            (HEADER + b"2024-01-01 00:00:00,1,2,3\n").decode().encode("utf-16"),
            "data.csv cannot be read: ",
        ),
        (
            HEADER + b"2024-01-01 00:00:00,1,2,inf\n",
            "rf_power_w has 1 infinite or absurd values, the first inf at row 0; ",
        ),
        (
            b"Timestamp;a_pa;b_c;c_w\n2024-01-01 00:00:00;1;2;3\n",
            "the first column is 'Timestamp;a_pa;b_c;c_w'; expected 'Timestamp'",
        ),
        (HEADER + b'"2024-01-01 00:00:00,1,2,3\n', "data.csv cannot be read: "),
        (
            HEADER + b"2024-01-01 00:00:00,,,\n",
            "columns hold no value at all: chamber_pressure_pa, chuck_temperature_c, rf_power_w",
        ),
    ],
)
def test_a_bad_csv_file_is_a_sentence(tmp_path: Path, content: bytes, message: str) -> None:
    assert refuse_csv(tmp_path, content)[0].startswith(message)


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + HEADER + b"2024-01-01 00:00:00,1,2,3\n"

    messages = refuse_csv(tmp_path, content)

    assert messages == [
        "1 rows; expected 527,040 for 2024",
        "the last row is 2024-01-01 00:00:00; expected 2024-12-31 23:59:00",
    ]


def test_a_csv_file_of_far_too_many_columns_is_not_parsed(tmp_path: Path) -> None:
    messages = refuse_csv(tmp_path, b"a," * 450_000 + b"a\n")

    assert messages == ["data.csv has 450,001 columns; expected at most 500 signals"]


def test_a_csv_file_of_far_too_many_lines_is_not_parsed(tmp_path: Path) -> None:
    messages = refuse_csv(tmp_path, b"a\n" + b"1\n" * (5 * ROWS))

    assert messages == ["data.csv has 2,635,201 lines; expected at most 2,108,160"]


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=st.binary(max_size=300), suffix=st.sampled_from(["csv", "parquet"]))
def test_no_content_of_a_file_raises(tmp_path: Path, content: bytes, suffix: str) -> None:
    for path in tmp_path.iterdir():
        path.unlink()
    (tmp_path / f"data.{suffix}").write_bytes(content)

    assert refuse(tmp_path)
