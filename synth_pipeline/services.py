"""Turns settings into the parts that do the work; the only file that knows AWS and embedded."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from synth_pipeline.authoring.author import Author
from synth_pipeline.authoring.catalog.author import CatalogAuthor
from synth_pipeline.domain.errors import SettingsError
from synth_pipeline.sandbox.runner import Limits, Runner
from synth_pipeline.sandbox.select import choose_runner
from synth_pipeline.settings import Settings
from synth_pipeline.storage.dataset_store import DatasetStore
from synth_pipeline.storage.local import LocalObjects
from synth_pipeline.storage.objects import ObjectStore
from synth_pipeline.storage.request_registry import RequestRegistry
from synth_pipeline.storage.sqlite_registry import SqliteRegistry

NOTE = "note"


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of one machine, for whoever watches: `write`, `run`, `judge`, `publish`, ...

    Step `note` is no step but a sentence, in `detail`, that the user should read.
    """

    machine: str
    step: str
    detail: str = ""


@dataclass(frozen=True)
class Services:
    """The parts, each made on first use, so that loading definitions touches nothing."""

    settings: Settings
    watch: Callable[[Progress], None] = lambda _: None

    @cached_property
    def author(self) -> Author:
        """Who lists machines and writes generators."""
        if self.settings.author == "catalog":
            return CatalogAuthor()
        from synth_pipeline.authoring.bedrock import BedrockAuthor  # noqa: PLC0415
        from synth_pipeline.authoring.bedrock_client import BedrockOptions  # noqa: PLC0415

        return BedrockAuthor(
            BedrockOptions(
                model_id=self.settings.bedrock_model_id,
                temperature=self.settings.bedrock_temperature,
                max_tokens=self.settings.bedrock_max_tokens,
                read_timeout_s=self.settings.bedrock_timeout_s,
            ),
            time_limit_s=self.settings.script_timeout_s,
        )

    @cached_property
    def runner(self) -> Runner:
        """Where generator code runs; refuses to run a model's code without a boundary."""
        runner = choose_runner(self.settings.sandbox)
        if not runner.isolates and not self.author.is_trusted:
            raise SettingsError(
                "SYNTH_SANDBOX 'none' runs catalogue code only, but SYNTH_AUTHOR is "
                f"{self.author.name!r}; set SYNTH_SANDBOX to auto, bubblewrap or sandlock"
            )
        return runner

    @cached_property
    def limits(self) -> Limits:
        """What one run of a generator may take."""
        timeout_s = self.settings.script_timeout_s
        return Limits(wall_s=timeout_s, cpu_s=int(timeout_s) + 1)

    @cached_property
    def store(self) -> DatasetStore:
        """Where datasets lie."""
        return DatasetStore(self._objects)

    @cached_property
    def registry(self) -> RequestRegistry:
        """Where requests are kept."""
        if isinstance(self.settings.registry, Path):
            return SqliteRegistry(self.settings.registry)
        from synth_pipeline.storage.dynamodb import DynamoRegistry  # noqa: PLC0415

        return DynamoRegistry(self.settings.registry)

    @cached_property
    def _objects(self) -> ObjectStore:
        settings = self.settings
        if isinstance(settings.store, Path):
            return LocalObjects(settings.store)
        from synth_pipeline.storage.s3 import S3Objects, S3Options  # noqa: PLC0415

        return S3Objects(
            settings.store.bucket,
            settings.store.prefix,
            S3Options(
                sse=settings.s3_sse,
                kms_key_id=settings.s3_kms_key_id,
                tagging=settings.s3_tagging,
            ),
        )

    def check(self) -> None:
        """Raise UnavailableError for the first part that cannot work; nothing is written."""
        self.author.check()
        _ = self.runner
        self.store.check()
        self.registry.check()
