"""Everything of Dagster that it calls private; imported from here alone, for one place to mend.

Each is here because 1.13 has no public way: an instance at a folder of choice, backfills of
chosen partitions with a name, the materialization that a check result is about, the event log's
base class.
"""

from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationTargetMaterializationData,
)
from dagster._core.definitions.assets.graph.base_asset_graph import BaseAssetGraph
from dagster._core.execution.backfill import (
    BulkActionsFilter,
    BulkActionStatus,
    PartitionBackfill,
)
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._core.utils import make_new_backfill_id
from dagster._serdes import ConfigurableClassData
from dagster._utils.warnings import disable_dagster_warnings

__all__ = [
    "AssetCheckEvaluationTargetMaterializationData",
    "BaseAssetGraph",
    "BulkActionStatus",
    "BulkActionsFilter",
    "ConfigurableClassData",
    "DagsterSqliteStorage",
    "InstanceRef",
    "PartitionBackfill",
    "SqliteEventLogStorage",
    "disable_dagster_warnings",
    "make_new_backfill_id",
]
