"""A machine's versions: what makes its data another, and what its code."""

import dataclasses

import pytest

from synth_pipeline.domain.machine import Machine
from synth_pipeline.domain.partition import PartitionKey

ETCHER = Machine("ada", "etcher", "Etcher", "semiconductor", "etches", "etcher", 1, 2024, 7)


def test_its_key_is_user_and_slug() -> None:
    assert ETCHER.key == PartitionKey("ada", "etcher")


@pytest.mark.parametrize(("field", "value"), [("year", 2023), ("seed", 8)])
def test_another_year_or_seed_is_other_data_of_the_same_code(field: str, value: int) -> None:
    other = dataclasses.replace(ETCHER, **{field: value})

    assert other.data_version != ETCHER.data_version
    assert other.identity == ETCHER.identity


@pytest.mark.parametrize("field", ["user_id", "slug", "name", "industry", "description", "kind"])
def test_another_description_is_other_code(field: str) -> None:
    other = dataclasses.replace(ETCHER, **{field: "other"})

    assert other.data_version != ETCHER.data_version
    assert other.identity != ETCHER.identity


def test_versions_are_the_same_in_every_process() -> None:
    assert (ETCHER.data_version, ETCHER.identity) == ("33d7e91201682735", "2ababf74eeba86ac")
