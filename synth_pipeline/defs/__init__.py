"""Dagster definitions: the only folder that knows the orchestrator."""
