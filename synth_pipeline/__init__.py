"""Synthetic machine data: listed, written, run, checked and published by Dagster."""
