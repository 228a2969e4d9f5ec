"""Fixtures for every test: a Dagster instance of its own, and the real servers, started once."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from synth_pipeline_tests.support.servers import aws_server, s3_server

__all__ = ["aws_server", "s3_server"]


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """A Dagster instance below `tmp_path`, on Dagster's own settings."""
    home = tmp_path / "instance"
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    with dg.DagsterInstance.local_temp(str(home)) as opened:
        yield opened
