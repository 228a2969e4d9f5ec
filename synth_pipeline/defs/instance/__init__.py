"""The `dagster.yaml` of an instance whose home has none."""
