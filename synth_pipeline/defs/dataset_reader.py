"""Hands a published dataset to downstream assets as DataFrame or Table; writes nothing."""

from typing import TYPE_CHECKING, Any, get_args, get_origin

import dagster as dg
import pyarrow as pa

from synth_pipeline.domain.partition import PartitionKey
from synth_pipeline.making.stored_year import StoredYear
from synth_pipeline.services import Services

if TYPE_CHECKING:
    import pandas as pd  # most runs read nothing, and its import takes half a second


class DatasetReader(dg.IOManager):
    """Loads `dataset` by the input's annotation.

    `pd.DataFrame` (also where nothing is annotated) or `pa.Table` for one partition; a dict
    from partition key to either, for an input that spans several partitions.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    def handle_output(self, context: dg.OutputContext, obj: object) -> None:
        """Accept the asset's own empty output; datasets are published by the asset itself."""
        if obj is not None:
            raise dg.Failure(
                f"{context.asset_key.to_user_string()}: io manager dataset_reader only reads; "
                "give your own asset another io_manager_key",
                allow_retries=False,
            )

    def load_input(self, context: dg.InputContext) -> Any:
        """The machine's current year, for one partition or for several."""
        wanted = context.dagster_type.typing_type
        keys = [PartitionKey.parse(key) for key in context.asset_partition_keys]
        if len(keys) == 1 and get_origin(wanted) is not dict:
            return self._load(keys[0], wanted)
        kind = get_args(wanted)[1] if get_origin(wanted) is dict else None
        return {str(key): self._load(key, kind) for key in keys}

    def _load(self, key: PartitionKey, kind: object) -> "pd.DataFrame | pa.Table":
        store = self._services.store
        table = StoredYear(store, key, store.load_machine(key).year).table()
        return table if kind is pa.Table else table.to_pandas()
