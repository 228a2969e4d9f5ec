"""The `dagster.yaml` of a Dagster home that has none of its own."""
