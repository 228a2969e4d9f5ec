"""The two dynamic partition sets: users, and machines as `user_id/machine`."""

import dagster as dg

users = dg.DynamicPartitionsDefinition(name="users")
machines = dg.DynamicPartitionsDefinition(name="machines")

USER_TAG = "synth/user"
REQUEST_TAG = "synth/request"
ATTEMPT_TAG = "synth/attempt"
RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"


def add_partitions(instance: dg.DagsterInstance, name: str, keys: list[str]) -> None:
    """Add what is not there yet, in order; safe to repeat."""
    present = set(instance.get_dynamic_partitions(name))
    missing = [key for key in dict.fromkeys(keys) if key not in present]
    if missing:
        instance.add_dynamic_partitions(name, missing)
