"""The machines of one run, from orders to recorded outcomes; one that fails fails alone."""

from collections.abc import Iterator, Mapping, Sequence

import dagster as dg

from synth_pipeline.defs.checks import evaluations, judged_materialization
from synth_pipeline.defs.metadata import code_metadata, dataset_metadata, usage_metadata
from synth_pipeline.defs.partitions import REQUEST_TAG
from synth_pipeline.domain.check import Verdicts
from synth_pipeline.domain.errors import SynthError
from synth_pipeline.domain.outcome import RequestStatus
from synth_pipeline.domain.partition import PartitionKey
from synth_pipeline.domain.progress import NOTE, Progress
from synth_pipeline.making.ledger import Ledger
from synth_pipeline.making.production import Failed, Order, Produced, produce_all
from synth_pipeline.making.stored_year import StoredYear, years_of
from synth_pipeline.registries.registry import RequestRegistry
from synth_pipeline.services import Services

CODE, DATASET = dg.AssetKey("generator_code"), dg.AssetKey("dataset")


class ProductionConfig(dg.Config):
    """How to make code and datasets: write code anew, or keep accepted code whatever changed."""

    rewrite: bool = False
    keep_code: bool = False


def _usage_observation(services: Services, request_id: str) -> dg.AssetObservation:
    """The request's totals so far, shown on the user's machine_list."""
    record = services.registry.get(request_id)
    return dg.AssetObservation(
        "machine_list",
        partition=record.request.user_id,
        metadata=usage_metadata(services, record),
    )


def _requests_of(
    registry: RequestRegistry, keys: Sequence[PartitionKey]
) -> Mapping[PartitionKey, str]:
    """What each machine is made for: the latest running request that lists it, else the latest."""
    found: dict[PartitionKey, str] = {}
    for user_id in dict.fromkeys(key.user_id for key in keys):
        records = registry.list(user_id)
        for record in sorted(records, key=lambda each: each.status is RequestStatus.RUNNING):
            for slug in record.machines:
                found[PartitionKey(user_id, slug)] = record.request_id
    return found


def _sum_up(judged: Mapping[int, Verdicts]) -> str:
    """Each reason that blocks once, after the checks that fail for it; empty where none does."""
    checks: dict[str, list[str]] = {}
    for year, verdicts in judged.items():
        for verdict in verdicts:
            if verdict.is_blocking and not verdict.passed:
                prefix = f"{year}: " if len(judged) > 1 else ""
                checks.setdefault(f"{prefix}{verdict.summary}", []).append(verdict.check)
    return "; ".join(f"{', '.join(names)}: {summary}" for summary, names in checks.items())


class Batch:
    """The machines of one run: what was made of each, and why not."""

    def __init__(
        self, context: dg.AssetExecutionContext, services: Services, keys: list[PartitionKey]
    ) -> None:
        self._context = context
        self._services = services
        self._keys = keys
        self._produced: dict[PartitionKey, Produced] = {}
        self._judged: dict[PartitionKey, dict[int, Verdicts]] = {}
        self._failures: dict[PartitionKey, str] = {}
        self._ledger = Ledger(services)

    def produce(self, config: ProductionConfig) -> None:
        """Make code and, where selected, datasets; tell the registry of each machine."""
        if not self._services.runner.isolates:
            warning = "SYNTH_SANDBOX is none: catalogue code runs here without any boundary"
            self._context.log.warning(warning)
            self._services.watch(Progress("sandbox", NOTE, warning))
        for outcome in produce_all(self._services, self._orders(config)):
            key = outcome.machine.key
            if isinstance(outcome, Failed):
                self._failures[key] = outcome.reason
                self._context.log.error(f"{key}: {outcome.reason}")
            else:
                self._produced[key] = outcome
                self._context.log.info(f"{key}: done in {outcome.seconds:.1f} s")
        self._ledger.settle()
        for warning in self._ledger.warnings:
            self._context.log.warning(warning)

    def _orders(self, config: ProductionConfig) -> list[Order]:
        """What is to be made; a machine that is on no list is a failure."""
        asked = self._context.run.tags.get(REQUEST_TAG)
        requests = _requests_of(self._services.registry, self._keys)
        publish = DATASET in self._context.selected_asset_keys
        orders = []
        for key in self._keys:
            try:
                row = self._services.store.load_machine(key)
            except SynthError as error:
                self._failures[key] = str(error)
            else:
                spent = self._ledger.spent_on(asked or requests.get(key))
                orders.append(Order(row, config.rewrite, config.keep_code, publish, spent))
        return orders

    @property
    def has_failures(self) -> bool:
        """True where a machine failed, so that the run fails in the end."""
        return bool(self._failures)

    def judge(self) -> None:
        """Judge what this run made; or, if it only checks, every year that is stored."""
        store = self._services.store
        only_checks = not self._context.selected_asset_keys
        for key in self._keys:
            if only_checks or key in self._produced:
                try:
                    years = self._stored_years(key) if only_checks else [self._made_year(key)]
                    judged = {year: StoredYear(store, key, year).judge() for year in years}
                except SynthError as error:
                    self._failures[key] = str(error)
                    continue
                self._judged[key] = judged
                if blocked := _sum_up(judged):
                    self._failures[key] = blocked

    def _made_year(self, key: PartitionKey) -> int:
        return self._produced[key].machine.year

    def _stored_years(self, key: PartitionKey) -> list[int]:
        """Every stored year and, last, the current one, even if it is missing."""
        store = self._services.store
        current = store.load_machine(key).year
        return [*(year for year in years_of(store, key) if year != current), current]

    def evaluations(self) -> Iterator[dg.AssetCheckEvaluation]:
        """The verdicts of the selected checks, each with the materialization it judged."""
        wanted = {check.name for check in self._context.selected_asset_check_keys}
        for key, judged in self._judged.items():
            target = judged_materialization(self._context.instance, key)
            for evaluation in evaluations(key, judged, target):
                if evaluation.check_name in wanted:
                    yield evaluation

    def record(self) -> None:
        """Attach metadata; where a machine failed, log the others' materializations by hand.

        An op that raises yields no outputs, so Dagster would record nothing at all.
        """
        selected = self._context.selected_asset_keys
        for key, made in self._produced.items():
            metadata = {CODE: code_metadata(self._services, made)}
            if made.published is not None:
                metadata[DATASET] = dataset_metadata(self._services, made, made.published)
            for asset, values in metadata.items():
                if asset in selected and not self._failures:
                    self._context.add_asset_metadata(
                        values, asset_key=asset, partition_key=str(key)
                    )
                elif asset in selected or made.code_is_new:
                    self._context.log_event(
                        dg.AssetMaterialization(asset, partition=str(key), metadata=values)
                    )
        if DATASET in selected:
            for key in self._keys:
                failure = self._failures.get(key)
                self._services.registry.report_machine(key.user_id, key.machine, failure)
        for request_id in self._ledger.requests:
            self._context.log_event(_usage_observation(self._services, request_id))

    def raise_failures(self) -> None:
        """Fail the run where a machine failed, naming each with its reason."""
        if self._failures:
            lines = [f"{key}: {reason}" for key, reason in self._failures.items()]
            raise dg.Failure(
                f"{len(lines)} of {len(self._keys)} machines failed: {'; '.join(lines)}. "
                "The others are unharmed; retry with the same request or by materializing "
                "these partitions again",
                metadata={str(key): reason for key, reason in self._failures.items()},
                allow_retries=False,
            )
