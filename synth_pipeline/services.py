"""Turns settings into the parts that do the work; the only file that knows AWS and embedded.

A part that is given is taken as it is, so that a test or a user can swap one.
"""

import threading
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth_pipeline import signal_kit
from synth_pipeline.authoring.author import Author
from synth_pipeline.authoring.catalog.author import CatalogAuthor
from synth_pipeline.authoring.model.interface import describe_interface
from synth_pipeline.domain.errors import SettingsError
from synth_pipeline.domain.progress import Watch, unwatched
from synth_pipeline.readings.prompts.questions import ReadingsPrompts
from synth_pipeline.registries.registry import RequestRegistry
from synth_pipeline.registries.sqlite.registry import SqliteRegistry
from synth_pipeline.sandbox.runner import Limits, Runner
from synth_pipeline.sandbox.select import choose_runner
from synth_pipeline.settings import FolderLocation, Settings, SqliteLocation, cores
from synth_pipeline.stores.dataset_store import DatasetStore
from synth_pipeline.stores.local import LocalObjects
from synth_pipeline.stores.objects import ObjectStore

if TYPE_CHECKING:
    from synth_pipeline.authoring.model.client import ModelClient


class Services:
    """The parts, each made on first use, so that loading definitions touches nothing."""

    def __init__(
        self,
        settings: Settings,
        *,
        author: Author | None = None,
        runner: Runner | None = None,
        store: DatasetStore | None = None,
        registry: RequestRegistry | None = None,
        s3_client: Callable[[], Any] | None = None,
        watch: Watch = unwatched,
        run_slots: threading.Semaphore | None = None,
    ) -> None:
        self.settings = settings
        self.watch = watch
        self._author, self._runner, self._store = author, runner, store
        self._registry, self._s3_client = registry, s3_client
        self._run_slots = run_slots

    def watched_by(self, watch: Watch) -> "Services":
        """The same parts, with someone who is told of each step."""
        return Services(
            self.settings,
            author=self.author,
            runner=self.runner,
            store=self.store,
            registry=self.registry,
            watch=watch,
            run_slots=self.run_slots,
        )

    def check(self) -> None:
        """Raise UnavailableError for the first part that cannot work; nothing is written."""
        self.author.check()
        _ = self.runner
        self.store.check()
        self.registry.check()

    @cached_property
    def author(self) -> Author:
        """Who lists machines and writes generators."""
        return self._author or self._chosen_author()

    @cached_property
    def runner(self) -> Runner:
        """Where generator code runs; refuses to run a model's code without a boundary."""
        runner = self._runner or choose_runner(self.settings.sandbox)
        if not runner.isolates and not self.author.is_trusted:
            raise SettingsError(
                f"SYNTH_SANDBOX {runner.name!r} runs catalogue code only, but SYNTH_AUTHOR is "
                f"{self.author.name!r}; set SYNTH_SANDBOX to auto, bubblewrap or sandlock"
            )
        return runner

    @cached_property
    def limits(self) -> Limits:
        """What one run of a generator may take."""
        timeout_s = self.settings.script_timeout_s
        return Limits(wall_s=timeout_s, cpu_s=int(timeout_s) + 1)

    @cached_property
    def run_slots(self) -> threading.Semaphore:
        """How many generators may run at a time: one more than there are cores or workers.

        The one more keeps all cores busy while another run starts, ends or is judged.
        """
        return self._run_slots or threading.Semaphore(max(cores(), self.settings.workers) + 1)

    @cached_property
    def store(self) -> DatasetStore:
        """Where datasets lie."""
        return self._store or DatasetStore(self._objects())

    @cached_property
    def registry(self) -> RequestRegistry:
        """Where requests are kept."""
        return self._registry or self._chosen_registry()

    @cached_property
    def kit_source(self) -> str:
        """The text of `signal_kit`, which is copied beside every generator."""
        return Path(signal_kit.__file__).read_text(encoding="utf-8")

    def _chosen_author(self) -> Author:
        if self.settings.author == "catalog":
            return CatalogAuthor()
        from synth_pipeline.authoring.model.author import ModelAuthor  # noqa: PLC0415

        prompts = ReadingsPrompts(
            time_limit_s=self.settings.script_timeout_s,
            kit_interface=describe_interface(self.kit_source),
        )
        model = self._bedrock() if self.settings.author == "bedrock" else self._openai()
        places = threading.BoundedSemaphore(self.settings.model_calls)
        return ModelAuthor(model, prompts, places)

    def _bedrock(self) -> "ModelClient":
        from synth_pipeline.authoring.bedrock.client import BedrockClient  # noqa: PLC0415
        from synth_pipeline.authoring.model.client import ModelOptions  # noqa: PLC0415

        settings = self.settings
        return BedrockClient(
            ModelOptions(
                model_id=settings.bedrock_model_id,
                temperature=settings.bedrock_temperature,
                max_tokens=settings.bedrock_max_tokens,
                read_timeout_s=settings.bedrock_timeout_s,
                silence_s=settings.model_silence_s,
            )
        )

    def _openai(self) -> "ModelClient":
        from synth_pipeline.authoring.model.client import ModelOptions  # noqa: PLC0415
        from synth_pipeline.authoring.openai.client import OpenAiClient  # noqa: PLC0415

        settings = self.settings
        options = ModelOptions(
            model_id=settings.openai_model,
            temperature=settings.openai_temperature,
            max_tokens=settings.openai_max_tokens,
            read_timeout_s=settings.openai_timeout_s,
            silence_s=settings.model_silence_s,
        )
        return OpenAiClient(options, settings.openai_base_url)

    def _chosen_registry(self) -> RequestRegistry:
        if isinstance(self.settings.registry, SqliteLocation):
            return SqliteRegistry(self.settings.registry.path)
        from synth_pipeline.registries.dynamodb.registry import DynamoRegistry  # noqa: PLC0415

        return DynamoRegistry(self.settings.registry.table)

    def _objects(self) -> ObjectStore:
        settings = self.settings
        if isinstance(settings.store, FolderLocation):
            return LocalObjects(settings.store.path)
        from synth_pipeline.stores.s3 import (  # noqa: PLC0415
            S3Objects,
            S3Options,
            make_s3_client,
        )

        options = S3Options(
            sse=settings.s3_sse,
            kms_key_id=settings.s3_kms_key_id,
            tagging=settings.s3_tagging,
        )
        client = self._s3_client or make_s3_client
        return S3Objects(settings.store.bucket, settings.store.prefix, options, client)
