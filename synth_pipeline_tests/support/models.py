"""Models as tests ask them: options and authors that differ from the defaults where a test says."""

from functools import cache
from pathlib import Path
from typing import Any

from synth_pipeline import signal_kit
from synth_pipeline.authoring.bedrock.client import BedrockClient
from synth_pipeline.authoring.model.author import ModelAuthor
from synth_pipeline.authoring.model.client import ModelOptions
from synth_pipeline.authoring.model.interface import describe_interface
from synth_pipeline.readings.prompts.questions import ReadingsPrompts


def model_options(model_id: str = "any.model", **changes: Any) -> ModelOptions:
    """Options of a model that is tried once, or soon again."""
    values: dict[str, Any] = {
        "temperature": None, "max_tokens": 32_000, "read_timeout_s": 300.0, "attempts": 1,
        "backoff_s": 0.01, **changes,
    }  # fmt: skip
    return ModelOptions(model_id, **values)


@cache
def kit_interface() -> str:
    """What a model is shown of `signal_kit`."""
    return describe_interface(Path(signal_kit.__file__).read_text(encoding="utf-8"))


def bedrock_author(time_limit_s: float = 120.0, **options: Any) -> ModelAuthor:
    """An author that asks Bedrock about machine readings."""
    prompts = ReadingsPrompts(time_limit_s, kit_interface())
    return ModelAuthor(BedrockClient(model_options(**options)), prompts)
