import pytest

from synth_pipeline.defs.partitions import RANGE_END, RANGE_START
from synth_pipeline.defs.run_coordinator import user_of_tags


@pytest.mark.parametrize(
    ("tags", "user_id"),
    [
        ({"dagster/partition": "ada/lathe"}, "ada"),
        ({RANGE_START: "ada/lathe", RANGE_END: "ada/saw"}, "ada"),
        ({RANGE_START: "ada/lathe", RANGE_END: "bob/saw"}, None),
        ({"dagster/partition": "ada"}, None),
        ({}, None),
    ],
)
def test_a_run_belongs_to_the_one_user_of_its_partitions(
    tags: dict[str, str], user_id: str | None
) -> None:
    assert user_of_tags(tags) == user_id
