"""What differs from a clean twin: found, written as a patch, read back, undone."""

from hypothesis import given, settings
from hypothesis import strategies as st

from synth_pipeline.readings.changes import (
    changes_between,
    changes_of_patch,
    clean_twin,
    patch_of,
    still_changed,
)
from synth_pipeline_tests.support.twins import CLEAN, POWER, PRESSURE, changed


@settings(deadline=None, max_examples=25)
@given(
    places=st.lists(
        st.tuples(st.sampled_from([POWER, PRESSURE]), st.integers(0, 525_000), st.integers(0, 500)),
        max_size=5,
    ),
    by=st.sampled_from([50.0, -0.001, None]),
)
def test_dataset_and_patch_give_the_clean_twin_to_the_last_bit(
    places: list[tuple[str, int, int]], by: float | None
) -> None:
    dataset = changed(*((name, first, first + length) for name, first, length in places), by=by)

    changes = changes_between(dataset, CLEAN)
    patch = patch_of(changes)

    assert clean_twin(dataset, changes_of_patch(patch)).equals(CLEAN)
    assert still_changed(dataset, changes_of_patch(patch)) == []


def test_a_patch_is_in_the_order_of_rows_and_then_of_signals() -> None:
    patch = patch_of(changes_between(changed((POWER, 5, 6), (PRESSURE, 6, 6)), CLEAN))

    assert patch.column("row").to_pylist() == [5, 6, 6]
    assert patch.column("signal").to_pylist() == [POWER, PRESSURE, POWER]


def test_missing_values_on_both_sides_are_no_change() -> None:
    gap = changed((POWER, 5, 6), by=None)

    assert all(not each.rows.size for each in changes_between(gap, gap).values())
