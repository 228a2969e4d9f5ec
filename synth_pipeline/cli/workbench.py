"""Runs the project's assets in this process, on the instance that the UI shows.

Outcomes are in the registry; verdicts are what the runs recorded.
"""

import datetime as dt
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from synth_pipeline.definitions import build_defs
from synth_pipeline.defs import instance as default_instance
from synth_pipeline.defs.backfills import due_now, launch_backfill
from synth_pipeline.defs.checks import recorded
from synth_pipeline.defs.dagster_internals import InstanceRef
from synth_pipeline.defs.event_storage import pooled_storage
from synth_pipeline.defs.partitions import (
    RANGE_END,
    RANGE_START,
    REQUEST_TAG,
    USER_TAG,
    add_partitions,
)
from synth_pipeline.domain.check import RecordedVerdict
from synth_pipeline.domain.errors import SettingsError, SynthError, UnavailableError
from synth_pipeline.domain.outcome import MachineState
from synth_pipeline.domain.partition import PartitionKey
from synth_pipeline.domain.progress import Progress
from synth_pipeline.domain.request import Request
from synth_pipeline.services import Services
from synth_pipeline.settings import project_root

_OURS = Path(default_instance.__path__[0])
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@contextmanager
def open_instance(home: Path, cwd: Path) -> Iterator[dg.DagsterInstance]:
    """The instance at DAGSTER_HOME, else that of the `dagster.yaml` found from `cwd` upwards."""
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"DAGSTER_HOME {home}: cannot be made ({error.strerror}); set it to a folder you own"
        ) from error
    config_dir, base_dir = _config_dir(home, cwd), str(home.absolute())
    overrides = {"storage": pooled_storage(base_dir)} if config_dir == _OURS else None
    reference = InstanceRef.from_dir(base_dir, config_dir=str(config_dir), overrides=overrides)
    with dg.DagsterInstance.from_ref(reference) as instance:
        yield instance


def _config_dir(home: Path, cwd: Path) -> Path:
    """Where the instance's `dagster.yaml` lies; ours, without storage, where there is none."""
    named = home if os.environ.get("DAGSTER_HOME") else project_root(cwd)
    has_one = named is not None and (named / "dagster.yaml").is_file()
    return named if named is not None and has_one else _OURS


class Workbench:
    """The definitions on one instance, ready to run here and now."""

    def __init__(self, instance: dg.DagsterInstance, services: Services) -> None:
        self._instance = instance
        self._services = services
        self._definitions = build_defs(services)

    def carry_out(self, request: Request, *, rewrite: bool) -> list[RecordedVerdict]:
        """Submit a request, list its machines and make them; return the verdicts on all of them.

        Raises UnavailableError, with nothing made, where the machines cannot be listed.
        """
        registry, watch = self._services.registry, self._services.watch
        watch(Progress("machine list", "list"))
        registry.submit(request)
        registry.claim(request.request_id, take_over=True)  # before a sensor sees it pending
        listed = self._list_machines(request)
        if not listed.success:
            registry.fail(request.request_id, failure := _failure(listed))
            raise UnavailableError(failure)
        outcomes = registry.get(request.request_id).machines
        watch(Progress("machine list", "done", f"{len(outcomes)} machines"))
        pending = {slug for slug, o in outcomes.items() if o.state is MachineState.PENDING}
        slugs = [slug for slug in outcomes if rewrite or slug in pending]
        keys = [PartitionKey(request.user_id, slug) for slug in slugs]
        looked_at = [verdict for verdict in _verdicts(listed) if verdict.key not in keys]
        return looked_at + self.make(keys, rewrite=rewrite, request_id=request.request_id)

    def _list_machines(self, request: Request) -> dg.ExecuteInProcessResult:
        """Run `machine_list` for one filed request."""
        add_partitions(self._instance, "users", [request.user_id])
        config = {"request_id": request.request_id, "take_over": True}
        return self._run(
            ["machine_list"],
            config={"machine_list": {"config": config}},
            tags={
                "dagster/partition": request.user_id,
                USER_TAG: request.user_id,
                REQUEST_TAG: request.request_id,
            },
        )

    def make(
        self, keys: Sequence[PartitionKey], *, rewrite: bool = False, request_id: str | None = None
    ) -> list[RecordedVerdict]:
        """Run code, dataset and checks of these machines; return what was recorded of each.

        Model calls are counted for the request, without one for that which lists the machine.
        """
        config = {"machine_data": {"config": {"rewrite": rewrite}}}
        asked = {REQUEST_TAG: request_id} if request_id else {}
        runs = [
            self._run(["generator_code", "dataset"], config=config, tags={**tags, **asked})
            for tags in self._partition_tags(keys)
        ]
        return [verdict for run in runs for verdict in _verdicts(run)]

    def check(self, keys: Sequence[PartitionKey]) -> list[RecordedVerdict]:
        """Run job dataset_checks over these machines and return what it recorded of each."""
        add_partitions(self._instance, "users", [key.user_id for key in keys])
        add_partitions(self._instance, "machines", [str(key) for key in keys])
        job = self._definitions.resolve_job_def("dataset_checks")
        verdicts: list[RecordedVerdict] = []
        for tags in self._partition_tags(keys):
            run = job.execute_in_process(
                instance=self._instance, tags=dict(tags), raise_on_error=False, run_config=QUIET
            )
            if _is_interrupted(run):
                raise KeyboardInterrupt
            verdicts += _verdicts(run)
        unjudged = sorted(set(keys) - {verdict.key for verdict in verdicts})
        if unjudged:
            raise SynthError(
                f"no verdict was recorded for {', '.join(map(str, unjudged[:5]))}"
                f"{' and others' if len(unjudged) > 5 else ''}; see the last run in the UI"
            )
        return verdicts

    def backfill(self, user_id: str, now: dt.datetime, *, everything: bool) -> str:
        """Launch a backfill of what is due, or of everything; say what was launched."""
        services, instance = self._services, self._instance
        due = due_now(instance, services, user_id, now)
        if everything:
            due = {m.key: "asked for" for m in services.store.load_machines(user_id)}
        if not due:
            return f"{user_id}: nothing is due; --all makes everything again"
        graph = self._definitions.get_repository_def().asset_graph
        backfill_id = launch_backfill(instance, graph, user_id, list(due), now)
        reasons = "; ".join(f"{key.machine}: {reason}" for key, reason in due.items())
        return f"backfill {backfill_id} of {len(due)} machines ({reasons})"

    def remove(self, user_id: str, keys: Sequence[PartitionKey]) -> None:
        """Delete machines from store, registry and instance, the user too when none is left."""
        for key in keys:
            self._services.store.remove(key)
            self._services.registry.forget_machine(user_id, key.machine)
            self._instance.delete_dynamic_partition("machines", str(key))
        if not self._services.store.load_machines(user_id):
            self._services.store.remove_user(user_id)
            self._instance.delete_dynamic_partition("users", user_id)

    def _run(
        self, assets: Sequence[str], *, config: Mapping[str, object], tags: Mapping[str, str]
    ) -> dg.ExecuteInProcessResult:
        job = self._definitions.resolve_implicit_global_asset_job_def()
        result = job.execute_in_process(
            instance=self._instance,
            asset_selection=[dg.AssetKey(name) for name in assets],
            run_config={"ops": config, **QUIET},
            tags=dict(tags),
            raise_on_error=False,
        )
        if _is_interrupted(result):
            raise KeyboardInterrupt
        return result

    def _partition_tags(self, keys: Sequence[PartitionKey]) -> Iterator[dict[str, str]]:
        """Tags of one run per stretch of neighbouring partitions of one user."""
        order = {key: i for i, key in enumerate(self._instance.get_dynamic_partitions("machines"))}
        places = sorted((order[str(key)], key) for key in set(keys))
        start = 0
        for i in range(1, len(places) + 1):
            is_end = i == len(places) or (
                places[i][0] != places[i - 1][0] + 1
                or places[i][1].user_id != places[start][1].user_id
            )
            if is_end:
                first, last = places[start][1], places[i - 1][1]
                yield {
                    USER_TAG: first.user_id,
                    RANGE_START: str(first),
                    RANGE_END: str(last),
                }
                start = i


def _verdicts(result: dg.ExecuteInProcessResult) -> list[RecordedVerdict]:
    return list(recorded(result.get_asset_check_evaluations()))


def _is_interrupted(result: dg.ExecuteInProcessResult) -> bool:
    """True where Ctrl-C ended the run: Dagster makes an ordinary failure of it."""
    errors = [e.step_failure_data.error for e in result.all_events if e.is_step_failure]
    return any(error and error.cls_name == "DagsterExecutionInterruptedError" for error in errors)


def _failure(result: dg.ExecuteInProcessResult) -> str:
    for event in result.all_events:
        if event.is_step_failure:
            data = event.step_failure_data
            if data.user_failure_data and data.user_failure_data.description:
                return data.user_failure_data.description
            if data.error:
                return " ".join(data.error.message.split())
    return "the run failed; see it in the UI"
