"""Fixtures for every test: the real servers, started at most once a session."""

from synth_pipeline_tests.support.servers import aws_server, s3_server

__all__ = ["aws_server", "s3_server"]
