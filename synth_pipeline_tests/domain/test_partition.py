"""Partition keys as text."""

import pytest

from synth_pipeline.domain.errors import InputError
from synth_pipeline.domain.partition import PartitionKey


def test_a_key_survives_being_written_and_read() -> None:
    key = PartitionKey("ada", "plasma-etcher")

    assert str(key) == "ada/plasma-etcher"
    assert PartitionKey.parse(str(key)) == key


def test_keys_sort_by_user_then_machine() -> None:
    keys = [PartitionKey("bob", "a"), PartitionKey("ada", "b"), PartitionKey("ada", "a")]

    assert [str(key) for key in sorted(keys)] == ["ada/a", "ada/b", "bob/a"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ada", "machine 'ada': expected USER/MACHINE, such as ada/plasma-etcher"),
        ("", "machine '': expected USER/MACHINE"),
        ("ada/", "machine '': expected 1 to 64"),
        ("/etcher", "user id '': expected 1 to 64"),
        ("ada/a/b", "machine 'a/b': expected 1 to 64"),
        ("../x/etcher", "user id '..': expected 1 to 64"),
        ("ada/..", "machine '..': expected 1 to 64"),
        ("ada/Etcher", "machine 'Etcher': expected 1 to 64"),
        ("ada/a,b", "machine 'a,b': expected 1 to 64"),
    ],
)
def test_anything_else_is_refused_with_the_part_that_is_wrong(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        PartitionKey.parse(text)

    assert str(caught.value).startswith(message)
