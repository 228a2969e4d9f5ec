"""Provenance as JSON, and sums of usage."""

import dataclasses
import json

import pytest

from synth_pipeline.domain.column import Column
from synth_pipeline.domain.provenance import FORMAT, Provenance, sha256_of
from synth_pipeline.domain.usage import Usage

WRITTEN = Provenance(
    author="bedrock",
    author_version="model-1",
    prompt_sha256="p",
    fingerprint="f",
    attempts=2,
    usage=Usage(3, 100, 200, 1.5),
    code_sha256="c",
    signal_kit_sha256="k",
    verified_year=2024,
    verified_seed=7,
    signals=(Column("chuck_temperature_c", "°C", "hot"), Column("rf_power_w")),
    reported_errors=("none",),
    found_errors=("line 1\nline 2",),
)


def test_it_survives_being_written_and_read() -> None:
    assert Provenance.from_json(WRITTEN.to_json()) == WRITTEN
    assert Provenance.from_json(WRITTEN.to_json().encode()) == WRITTEN


def test_its_text_is_readable_json_that_ends_in_a_newline() -> None:
    text = WRITTEN.to_json()

    assert json.loads(text)["signals"][0]["unit"] == "°C"
    assert "°C" in text
    assert text.endswith("}\n")


def test_what_a_later_version_added_is_passed_over() -> None:
    row = json.loads(WRITTEN.to_json())
    row |= {"measurements": [1, 2], "usage": {**row["usage"], "cached_tokens": 7}}
    row["signals"][0]["range"] = [0, 1]

    assert Provenance.from_json(json.dumps(row)) == WRITTEN


def test_what_the_first_version_wrote_has_no_format_and_is_read() -> None:
    row = json.loads(WRITTEN.to_json())
    assert row.pop("format") == FORMAT

    assert Provenance.from_json(json.dumps(row)) == WRITTEN


def test_a_later_format_is_refused_by_its_number() -> None:
    row = json.loads(WRITTEN.to_json()) | {"format": FORMAT + 1}

    with pytest.raises(ValueError, match=rf"format {FORMAT + 1}; expected at most {FORMAT}"):
        Provenance.from_json(json.dumps(row))


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"usage": 1}', "[" * 100_000])
def test_damage_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each has words of its own
        Provenance.from_json(text)


def test_a_hash_is_that_of_the_text_in_utf8() -> None:
    assert sha256_of("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert sha256_of("°") != sha256_of("o")


def test_usages_add_up() -> None:
    total = Usage(1, 10, 20, 0.1, 5, 6) + Usage(2, 1, 2, 0.2, 7, 8)

    assert dataclasses.astuple(total) == (3, 11, 22, 0.3, 12, 14)
