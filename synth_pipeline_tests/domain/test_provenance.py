"""Provenance as JSON, and sums of usage."""

import dataclasses
import json

import pytest

from synth_pipeline.readings.contract import Signal
from synth_pipeline.domain.provenance import Provenance, sha256_of
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
    signals=(Signal("chuck_temperature_c", "°C", "hot"), Signal("rf_power_w")),
    reported_errors=("none",),
    found_errors=("line 1\nline 2",),
    extra={"region": "eu"},
)


def test_it_survives_being_written_and_read() -> None:
    assert Provenance.from_json(WRITTEN.to_json()) == WRITTEN
    assert Provenance.from_json(WRITTEN.to_json().encode()) == WRITTEN


def test_its_text_is_readable_json_that_ends_in_a_newline() -> None:
    text = WRITTEN.to_json()

    assert json.loads(text)["signals"][0]["unit"] == "°C"
    assert "°C" in text
    assert text.endswith("}\n")


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"usage": 1}'])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        Provenance.from_json(text)


def test_a_hash_is_that_of_the_text_in_utf8() -> None:
    assert sha256_of("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert sha256_of("°") != sha256_of("o")


def test_usages_add_up() -> None:
    total = Usage(1, 10, 20, 0.1) + Usage(2, 1, 2, 0.2)

    assert dataclasses.astuple(total) == (3, 11, 22, 0.3)
