"""Dagster definitions: assets, checks, jobs, sensors and schedules over `making`.

The only folder that knows the orchestrator, but for `definitions` and where the command line runs
jobs; what a machine's data is and how it is made lies below.
"""
