"""The checks on stored files: green on good ones, and what each says of damage and of lies."""

import dataclasses
import io
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_pipeline.domain.check import Verdict
from synth_pipeline.domain.column import Column
from synth_pipeline.domain.evidence import KEPT, Run, Tried
from synth_pipeline.domain.provenance import Provenance
from synth_pipeline.domain.usage import Usage
from synth_pipeline.readings.changes import Changed, patch_of
from synth_pipeline.readings.checks import CHECKS, CodeOfYear, judge_stored, unreadable
from synth_pipeline.readings.contract import LATER_LABEL_COLUMNS
from synth_pipeline.readings.label_rules import rows_of_events
from synth_pipeline_tests.support.tables import (
    SIGNALS,
    Event,
    label_table,
    minutes,
    patch_table,
    published_bytes,
    stored_bytes,
    with_times,
    year_table,
)

SPIKES: tuple[Event, ...] = tuple(
    (f"2024-03-0{day}T10:00", f"2024-03-0{day}T10:05", "spike") for day in range(1, 6)
)
GOOD_LABELS = label_table(*SPIKES, ("2024-05-01T10:00", "2024-05-02T10:00", "drift"))
NAMES = tuple(check.name for check in CHECKS)
DAY = year_table().slice(0, 1440)


def evidence(**outcomes: str) -> tuple[Tried, ...]:
    """Runs as a good program makes them, but for those that have another outcome here."""
    runs = {run: outcomes.get(run.name, KEPT) for run in Run}
    return tuple(Tried(run, 2024, 7, 1.5, text == KEPT, text) for run, text in runs.items() if text)


def code(author: str = "bedrock", runs: tuple[Tried, ...] | None = None) -> CodeOfYear:
    """Kept code of these signals."""
    provenance = Provenance(
        author=author, author_version="1", prompt_sha256="", fingerprint="", attempts=1,
        usage=Usage(), code_sha256="c0de", signal_kit_sha256="", verified_year=2024,
        verified_seed=7, signals=SIGNALS, evidence=evidence() if runs is None else runs,
    )  # fmt: skip
    return CodeOfYear(provenance, is_kept=True)


def judge(
    content: bytes,
    labels: pa.Table | str | None = GOOD_LABELS,
    year: int = 2024,
    *,
    patch: pa.Table | str | None = None,
    known: CodeOfYear | None = None,
) -> dict[str, Verdict]:
    """Judge with the patch that fits the labels, if no other is given."""
    if patch is None and isinstance(labels, pa.Table) and "affected" in labels.column_names:
        patch = patch_table(labels, year)
    verdicts = judge_stored(
        io.BytesIO(content), year, labels=labels, patch=patch, code=lambda _: known or code()
    )
    assert tuple(verdict.check for verdict in verdicts) == NAMES
    return {verdict.check: verdict for verdict in verdicts}


def broken(verdicts: dict[str, Verdict]) -> dict[str, str]:
    return {check: v.summary for check, v in verdicts.items() if not v.passed}


def test_a_published_year_passes_all_checks() -> None:
    verdicts = judge(published_bytes())

    assert broken(verdicts) == {}
    assert verdicts["schema"].facts["signals"] == ", ".join(s.name for s in SIGNALS)
    assert verdicts["year_coverage"].facts == {"rows": 527_040}
    assert verdicts["anomalies_present"].facts == {
        "events": 6,
        "rows_pct": 0.28,
        "kinds": "drift, spike",
    }
    assert verdicts["labels_match_data"].facts == {"events": 6, "changed_readings": 1471}
    assert verdicts["reproducible"].facts["another seed"] == "as it must be (1.5 s)"
    assert verdicts["signal_realism"].facts["correlated_pairs_pct"] == 33.3


def test_a_year_of_525600_minutes_passes_too() -> None:
    labels = label_table(*((a.replace("2024", "2023"), b.replace("2024", "2023"), kind)
                           for a, b, kind in SPIKES))  # fmt: skip

    assert broken(judge(published_bytes(2023), labels, 2023)) == {}


def test_what_makes_data_useless_blocks_and_the_others_warn() -> None:
    blocking = [v.check for v in judge(published_bytes()).values() if v.is_blocking]

    assert blocking == ["schema", "minute_cadence", "year_coverage", "labels_match_data"]


def test_a_removed_row_is_named() -> None:
    table = pa.concat_tables([year_table().slice(0, 100), year_table().slice(101)])

    assert broken(judge(stored_bytes(table))) == {
        "minute_cadence": "1 gap, the first at row 100: 2024-01-01 01:41:00 follows "
        "2024-01-01 01:39:00, expected 2024-01-01 01:40:00",
        "year_coverage": "527,039 rows; expected 527,040 for 2024",
    }


def test_swapped_rows_are_named() -> None:
    times = minutes().copy()
    times[[100, 101]] = times[[101, 100]]

    found = broken(judge(stored_bytes(with_times(year_table(), times))))

    assert list(found) == ["minute_cadence"]
    assert found["minute_cadence"].startswith(
        "1 disorder, the first at row 101: 2024-01-01 01:40:00 follows 2024-01-01 01:41:00"
    )


def test_a_renamed_column_is_named() -> None:
    names = ["Timestamp", "chamber_pressure_pa", "chuck_temp_c", "rf_power_w"]

    found = broken(judge(rewritten(year_table().rename_columns(names))))

    assert found == {
        "schema": "signals of the accepted generator are missing: chuck_temperature_c; "
        "columns that the accepted generator does not write: chuck_temp_c"
    }


def test_code_that_is_not_the_year_s_own_is_not_held_against_it() -> None:
    found = broken(judge(published_bytes(), known=CodeOfYear()))

    assert found == {"reproducible": "the code that made this year (c0de) is not kept"}


def rewritten(table: pa.Table) -> bytes:
    """A table written by another program, with the footer of the published one."""
    metadata = pq.read_schema(io.BytesIO(published_bytes())).metadata
    content = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(metadata), content)
    return content.getvalue()


def test_a_changed_unit_is_named() -> None:
    field = year_table().schema.field(1).with_metadata({"unit": "kPa"})

    found = broken(judge(rewritten(year_table().set_column(1, field, year_table().column(1)))))

    assert found["schema"] == "chamber_pressure_pa has unit 'kPa'; expected 'Pa'"


def test_a_lower_case_timestamp_is_named() -> None:
    names = ["timestamp", *(signal.name for signal in SIGNALS)]

    found = broken(judge(rewritten(year_table().rename_columns(names))))

    assert found["schema"].startswith("the first column is 'timestamp'; expected 'Timestamp'")
    assert "minute_cadence" not in found


def test_a_shifted_year_is_named() -> None:
    labels = label_table(*((a.replace("2024", "2022"), b.replace("2024", "2022"), kind)
                           for a, b, kind in SPIKES))  # fmt: skip

    found = broken(judge(published_bytes(2023), labels, 2022))

    assert found == {
        "year_coverage": "the first row is 2023-01-01 00:00:00; expected 2022-01-01 00:00:00; "
        "the last row is 2023-12-31 23:59:00; expected 2022-12-31 23:59:00; "
        "525,600 rows outside 2022, the first 2023-01-01 00:00:00 at row 0"
    }


def test_a_column_that_is_wholly_null_is_named() -> None:
    nulls = pa.nulls(len(year_table()), pa.float64())
    table = year_table().set_column(2, year_table().schema.field(2), nulls)

    found = broken(judge(stored_bytes(table)))

    assert found["schema"] == "columns hold no value at all: chuck_temperature_c"
    assert found["signal_realism"].startswith("signals never change: chuck_temperature_c")


def test_a_null_time_is_named() -> None:
    times = minutes().copy()
    times[7] = np.datetime64("NaT")

    found = broken(judge(stored_bytes(with_times(year_table(), times))))

    assert found == {"minute_cadence": "1 row without a time, the first at row 7"}


@pytest.mark.parametrize(
    "times",
    [
        pa.array(minutes()).cast(pa.timestamp("us")),
        pa.array(minutes()).cast(pa.timestamp("ms", "UTC")),
        pa.array(["2024-01-01 00:00:00"] * 527_040),
        pa.array(np.arange(527_040)),
    ],
    ids=["us", "zone", "text", "integer"],
)
def test_times_of_another_type_are_named_by_three_checks(times: pa.Array) -> None:
    found = broken(judge(rewritten(year_table().set_column(0, "Timestamp", times))))

    assert list(found) == ["schema", "minute_cadence", "year_coverage"]
    assert found["schema"] == f"Timestamp is {times.type}; expected timestamp[ms]"
    assert found["minute_cadence"] == (
        f"the first column is {times.type}; expected Timestamp as timestamp[ms]"
    )


def test_a_file_without_rows_is_named() -> None:
    found = broken(judge(rewritten(year_table().slice(0, 0))))

    assert found == {
        "year_coverage": "0 rows; expected 527,040 for 2024",
        "labels_match_data": "changed readings of rf_power_w outside the year",
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "cannot be read as Parquet: Parquet file size is 0 bytes"),
        (b"Timestamp,a_pa\n" * 9, "cannot be read as Parquet: Parquet magic bytes not found"),
        (published_bytes()[:-1000], "cannot be read as Parquet: Parquet magic bytes not found"),
        (b"PAR1\xff\xff\xff\x7fPAR1", "cannot be read as Parquet: "),
    ],
    ids=["empty", "csv", "truncated", "absurd footer"],
)
def test_a_file_that_is_not_parquet_fails_every_check(content: bytes, message: str) -> None:
    found = broken(judge(content))

    assert tuple(found) == NAMES
    assert all(summary.startswith(message) for summary in found.values())


def test_a_file_without_columns_fails_every_check() -> None:
    content = io.BytesIO()
    pq.write_table(pa.table({}), content)

    found = broken(judge(content.getvalue()))

    assert set(found.values()) == {"cannot be read as Parquet: the file has no columns"}


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (None, "the dataset has no labels; expected some events"),
        (label_table(), "the dataset has an empty label file; expected some events"),
        (
            label_table(*SPIKES, ("2023-03-01T10:00", "2023-03-01T10:05", "spike")),
            "1 event outside 2024, the first 2023-03-01 10:00:00 to 2023-03-01 10:05:00",
        ),
        (
            label_table(*SPIKES, ("2024-04-01", "2024-04-25", "drift")),
            "anomalies cover 6.6% of the rows; expected less than 5%",
        ),
        (
            label_table(*SPIKES, affected=["rf_power_w", "flux_w"]),
            "affected signals that the dataset does not have: flux_w; 5 of 5 events of category "
            "sensor affect several signals; a fault that several sensors show is one of the "
            "process",
        ),
        (label_table(SPIKES[0]), "1 events; expected 5 to 500 in a year"),
        ("anomalies/2024.parquet: cannot be read", "anomalies/2024.parquet: cannot be read"),
        (
            GOOD_LABELS.drop_columns(["kind"]),
            "the label file has columns start (timestamp[ms]), end (timestamp[ms]), "
            "category (string), root_cause (string), affected (list<item: string>), "
            "severity (string), severity_sd (double), snr (double), cause_start (timestamp[ms]), "
            "stop (timestamp[ms]), restart (timestamp[ms]); expected those that synth writes",
        ),
        (
            pa.table({"start": [1]}),
            "the label file has columns start (int64); expected those that synth writes",
        ),
    ],
)
def test_a_fault_of_the_labels_is_a_warning(labels: pa.Table | str | None, message: str) -> None:
    verdicts = judge(published_bytes(), labels)

    assert broken(verdicts)["anomalies_present"] == message
    assert set(broken(verdicts)) <= {"anomalies_present", "labels_match_data"}
    assert not verdicts["anomalies_present"].is_blocking


def test_a_file_of_another_program_has_no_figures_to_judge() -> None:
    content = io.BytesIO()
    pq.write_table(year_table(), content)

    assert broken(judge(content.getvalue())) == {
        "signal_realism": "the footer holds no figures of the signals; "
        "the file was not written by synth"
    }
    assert broken(judge(content.getvalue(), known=CodeOfYear()))["reproducible"] == (
        "the code that made this year (?) is not kept"
    )


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"signals": {}}', '{"signals": 1}'])
def test_figures_that_cannot_be_read_count_as_none(text: str) -> None:
    content = io.BytesIO()
    pq.write_table(year_table().replace_schema_metadata({"statistics": text}), content)

    assert list(broken(judge(content.getvalue()))) == ["signal_realism"]


def test_another_generators_signals_are_not_those_expected() -> None:
    provenance = code().provenance
    assert provenance is not None
    other = dataclasses.replace(provenance, signals=(Column("flux_w", "W"),))

    verdicts = judge(published_bytes(), known=CodeOfYear(other, is_kept=True))

    assert verdicts["schema"].summary.startswith(
        "signals of the accepted generator are missing: flux_w; "
    )


# --- labels against data -------------------------------------------------------------------------


def shifted(labels: pa.Table, days: int) -> pa.Table:
    for name in ("start", "end"):
        place = labels.column_names.index(name)
        moved = labels.column(name).to_numpy() + np.timedelta64(days, "D")
        labels = labels.set_column(place, name, pa.array(moved))
    return labels


def renamed(labels: pa.Table, name: str) -> pa.Table:
    place = labels.column_names.index("affected")
    names = pa.array([[name]] * labels.num_rows, labels.schema.field(place).type)
    return labels.set_column(place, labels.schema.field(place), names)


PATCH = patch_table(GOOD_LABELS, 2024)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (
            shifted(GOOD_LABELS, 1),
            "signals are labelled as affected and not changed: rf_power_w by spike in rows",
        ),
        (
            renamed(GOOD_LABELS, "chamber_pressure_pa"),
            "signals are labelled as affected and not changed: chamber_pressure_pa by spike",
        ),
        (
            GOOD_LABELS.slice(1),
            "readings differ from the clean twin where no label says so: 6 of rf_power_w, the "
            "first at 2024-03-01 10:00:00",
        ),
        (
            label_table(*SPIKES, ("2024-05-01T09:00", "2024-05-02T10:00", "drift")),
            "1 events do not begin and end with a changed interval: drift in rows 174,780 to "
            "176,280, changed from 174,840 to 176,280",
        ),
        (
            label_table(*SPIKES, ("2024-05-01T10:00", "2024-05-02T09:00", "drift")),
            "readings differ from the clean twin where no label says so: 60 of rf_power_w, the "
            "first at 2024-05-02 09:01:00",
        ),
        (
            label_table(*SPIKES, ("2024-04-01", "2024-04-25", "drift")),
            "the labels contradict themselves; anomalies_present says how",
        ),
    ],
)
def test_labels_that_lie_about_the_data_block(labels: pa.Table, message: str) -> None:
    verdict = judge(published_bytes(), labels, patch=PATCH)["labels_match_data"]

    assert verdict.summary.startswith(message)
    assert verdict.is_blocking


def test_data_that_has_no_anomaly_where_labels_say_so_blocks() -> None:
    values = year_table().column("rf_power_w").to_numpy().copy()
    place = year_table().column_names.index("rf_power_w")
    values[PATCH.column("row").to_numpy()] = PATCH.column("clean").to_numpy()
    healed = year_table().set_column(place, year_table().schema.field(place), pa.array(values))

    verdict = judge(stored_bytes(healed))["labels_match_data"]

    assert verdict.summary == (
        "1,471 readings of rf_power_w in events are the clean ones, the first at row 87,000"
    )


@pytest.mark.parametrize(
    ("patch", "message"),
    [
        ("patch/2024.parquet: cannot be read", "patch/2024.parquet: cannot be read"),
        (pa.table({"row": [1]}), "the label file or the patch file is not as synth writes it"),
    ],
)
def test_a_patch_that_cannot_be_used_blocks(patch: pa.Table | str, message: str) -> None:
    verdict = judge(published_bytes(), patch=patch)["labels_match_data"]

    assert (verdict.summary, verdict.is_blocking) == (message, True)


@pytest.mark.parametrize(
    ("labels", "known", "message"),
    [
        (None, code(), "not tried: there are no labels"),
        (GOOD_LABELS, code(), "not tried: no clean twin of this year is known"),
        (
            GOOD_LABELS,
            code(runs=evidence(CLEAN="with SYNTH_ANOMALIES=off the readings are the same")),
            "not tried: with SYNTH_ANOMALIES=off the readings are the same",
        ),
    ],
)
def test_what_was_not_tried_is_not_green_and_blocks_nothing(
    labels: pa.Table | None, known: CodeOfYear, message: str
) -> None:
    verdicts = judge_stored(
        io.BytesIO(published_bytes()), 2024, labels=labels, code=lambda _: known
    )

    (verdict,) = (v for v in verdicts if v.check == "labels_match_data")
    assert (verdict.passed, verdict.is_blocking, verdict.summary) == (False, False, message)


# --- what the code promises ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "message"),
    [
        (code(), None),
        (code("catalog", runs=()), None),
        (
            code(runs=evidence(AGAIN="gave other values")),
            "again: gave other values",
        ),
        (
            code(runs=evidence(SEED="gave the same", YEAR="fails")),
            "another seed: gave the same; another year: fails",
        ),
        (code(runs=evidence(YEAR="")), "not tried: no run of another year"),
        (code(runs=()), "not tried: no run of again, another seed, another year"),
        (CodeOfYear(), "the code that made this year (c0de) is not kept"),
        (CodeOfYear(code().provenance, fault="main.py is not the accepted file"),
         "main.py is not the accepted file"),
    ],
)  # fmt: skip
def test_only_what_was_tried_and_held_is_reproducible(
    known: CodeOfYear, message: str | None
) -> None:
    verdict = judge(published_bytes(), known=known)["reproducible"]

    assert verdict.summary == (message or "")
    assert not verdict.is_blocking


def test_what_cannot_be_opened_fails_every_check() -> None:
    verdicts = unreadable("there is none")

    assert [(v.check, v.passed, v.summary) for v in verdicts] == [
        (check, False, "there is none") for check in NAMES
    ]


class CountingReader(io.BytesIO):
    """Counts the bytes that are read from it."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        content = super().read(size)
        self.taken += len(content)
        return content

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        count = super().readinto(buffer)
        self.taken += count
        return count


def test_only_the_footer_the_times_and_what_events_change_are_read() -> None:
    content = published_bytes()
    without, with_patch = CountingReader(content), CountingReader(content)

    judge_stored(without, 2024, labels=GOOD_LABELS)
    judge_stored(with_patch, 2024, labels=GOOD_LABELS, patch=PATCH)

    assert len(content) > 2_000_000
    assert 0 < without.taken < 0.1 * len(content)
    assert with_patch.taken < 0.6 * len(content)


def removed(times: np.ndarray, at: int) -> np.ndarray:
    return np.delete(times, at)


def repeated(times: np.ndarray, at: int) -> np.ndarray:
    return np.insert(times, at, times[at])


def swapped(times: np.ndarray, at: int) -> np.ndarray:
    times[[at, at - 1]] = times[[at - 1, at]]
    return times


def moved(times: np.ndarray, at: int) -> np.ndarray:
    times[at] += np.timedelta64(17, "s")
    return times


def emptied(times: np.ndarray, at: int) -> np.ndarray:
    times[at] = np.datetime64("NaT")
    return times


@settings(deadline=None, max_examples=40)
@given(
    at=st.integers(2, 1437),
    damage=st.sampled_from([removed, repeated, swapped, moved, emptied]),
)
def test_any_damage_to_stored_times_fails_the_cadence(
    at: int, damage: Callable[[np.ndarray, int], np.ndarray]
) -> None:
    times = damage(minutes()[:1440].copy(), at)

    found = broken(judge(rewritten(with_times(year_table(), times))))

    assert "minute_cadence" in found
    assert f"row {at}" in found["minute_cadence"] or f"row {at + 1}" in found["minute_cadence"]


@settings(deadline=None, max_examples=60)
@given(position=st.integers(0, 2**31), value=st.integers(0, 255))
def test_a_changed_byte_of_the_data_never_raises(position: int, value: int) -> None:
    # not of the footer: pyarrow 26 aborts the process on some of those (RowGroupMetaData.column)
    content = bytearray(rewritten(DAY))
    footer_bytes = int.from_bytes(content[-8:-4], "little") + 8
    content[position % (len(content) - footer_bytes)] = value

    assert len(judge(bytes(content))) == len(CHECKS)


@settings(deadline=None, max_examples=60)
@given(length=st.integers(0, len(rewritten(DAY)) - 1))
def test_a_file_cut_anywhere_fails_every_check(length: int) -> None:
    assert tuple(broken(judge(rewritten(DAY)[:length]))) == NAMES


def test_labels_of_an_earlier_version_are_judged_as_they_are() -> None:
    earlier = GOOD_LABELS.drop_columns(list(LATER_LABEL_COLUMNS))

    assert broken(judge(published_bytes(), earlier)) == broken(judge(published_bytes()))


@pytest.mark.parametrize(("author", "is_red"), [("bedrock", True), ("catalog", False)])
def test_only_a_model_s_kinds_are_held_against_the_readings(author: str, is_red: bool) -> None:
    hours = [(f"2024-0{month}-01T10:00", f"2024-0{month}-01T11:59") for month in range(1, 7)]
    labels = label_table(*((first, last, "noise_burst") for first, last in hours))
    values = year_table().column("rf_power_w").to_numpy()
    rows = np.concatenate([np.arange(first, last + 1) for first, last in rows_of_events(labels)])
    patch = patch_of({"rf_power_w": Changed(rows, values[rows] - 50.0)})

    verdict = judge(published_bytes(), labels, patch=patch, known=code(author))["labels_match_data"]

    assert ("hardly scatter" in verdict.summary) is is_red
    assert verdict.passed is not is_red
