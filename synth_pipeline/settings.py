"""Reads the environment once into frozen settings; the only reader of `SYNTH_*` variables."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from synth_pipeline.domain.errors import SettingsError

AUTHORS = ("catalog", "bedrock")
SANDBOXES = ("auto", "bubblewrap", "sandlock", "none")
# Callable from every commercial region; `us.`, `eu.` and others keep the data in their part of
# the world: https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
DEFAULT_MODEL_ID = "global.anthropic.claude-sonnet-4-6"
DEFAULT_MAX_TOKENS = 32_000
MAX_WORKERS = 256
MAX_DIGITS = 20  # more than any setting needs; int() refuses thousands of them
_BUCKET = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?")
_TABLE = re.compile(r"dynamodb://([A-Za-z0-9_.-]{3,255})")
_ON, _OFF = frozenset({"1", "on", "true", "yes"}), frozenset({"0", "off", "false", "no"})


@dataclass(frozen=True, slots=True)
class S3Location:
    """A bucket and the prefix below which the store lives, without slashes at its ends."""

    bucket: str
    prefix: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that `SYNTH_*` variables decide; AWS has its own standard variables.

    `store` is a folder or an S3 location; `registry` an SQLite file or a DynamoDB table name.
    `home` is the folder of the Dagster instance.
    """

    home: Path
    store: Path | S3Location
    registry: Path | str
    author: str = "catalog"
    bedrock_model_id: str = DEFAULT_MODEL_ID
    bedrock_temperature: float | None = None
    bedrock_max_tokens: int = DEFAULT_MAX_TOKENS
    bedrock_timeout_s: float = 300.0
    sandbox: str = "auto"
    repair_attempts: int = 3
    script_timeout_s: float = 120.0
    workers: int = 1
    with_clean_twin: bool = False
    with_report: bool = True
    s3_sse: str | None = None
    s3_kms_key_id: str | None = None
    s3_tagging: bool = False

    @classmethod
    def from_env(cls, environment: Mapping[str, str], cwd: Path) -> Self:
        """Read the variables; raise one SettingsError that names the first wrong one.

        Relative paths are relative to `cwd`; defaults lie beside the `dagster.yaml` found from
        `cwd` upwards, else in `cwd`.
        """
        root = project_root(cwd) or cwd
        reader = _Reader(environment)
        home = _home(reader.text("DAGSTER_HOME", ""), root, cwd)
        return cls(
            home=home,
            store=_store(reader.text("SYNTH_STORE", str(root / "data")), cwd),
            registry=_registry(reader.text("SYNTH_REGISTRY", ""), home, cwd),
            author=reader.choice("SYNTH_AUTHOR", AUTHORS),
            bedrock_model_id=reader.text("SYNTH_BEDROCK_MODEL_ID", DEFAULT_MODEL_ID),
            bedrock_temperature=reader.optional_number("SYNTH_BEDROCK_TEMPERATURE", 0, 1),
            bedrock_max_tokens=reader.whole(
                "SYNTH_BEDROCK_MAX_TOKENS", DEFAULT_MAX_TOKENS, 256, 200_000
            ),
            bedrock_timeout_s=reader.number("SYNTH_BEDROCK_TIMEOUT_S", 300, 1, 3600),
            sandbox=reader.choice("SYNTH_SANDBOX", SANDBOXES),
            repair_attempts=reader.whole("SYNTH_REPAIR_ATTEMPTS", 3, 0, 20),
            script_timeout_s=reader.number("SYNTH_SCRIPT_TIMEOUT_S", 120, 1, 3600),
            workers=reader.whole(
                "SYNTH_WORKERS", min(os.cpu_count() or 1, MAX_WORKERS), 1, MAX_WORKERS
            ),
            with_clean_twin=reader.switch("SYNTH_CLEAN_TWIN", default=False),
            with_report=reader.switch("SYNTH_REPORT", default=True),
            s3_sse=reader.optional_choice("SYNTH_S3_SSE", ("AES256", "aws:kms")),
            s3_kms_key_id=reader.text("SYNTH_S3_KMS_KEY_ID", "") or None,
            s3_tagging=reader.switch("SYNTH_S3_TAGGING", default=False),
        )


def project_root(cwd: Path) -> Path | None:
    """The nearest folder from `cwd` upwards that holds a `dagster.yaml`."""
    return next((f for f in (cwd, *cwd.parents) if (f / "dagster.yaml").is_file()), None)


@dataclass(frozen=True, slots=True)
class _Reader:
    environment: Mapping[str, str]

    def text(self, name: str, default: str) -> str:
        return self.environment.get(name, "").strip() or default

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        value = self.text(name, choices[0])
        if value not in choices:
            raise SettingsError(f"{name} {value!r}: expected one of {', '.join(choices)}")
        return value

    def optional_choice(self, name: str, choices: tuple[str, ...]) -> str | None:
        return self.choice(name, choices) if self.text(name, "") else None

    def number(self, name: str, default: float, low: float, high: float) -> float:
        text = self.text(name, str(default))
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise SettingsError(f"{name} {text!r}: expected a number from {low:g} to {high:g}")
        return value

    def optional_number(self, name: str, low: float, high: float) -> float | None:
        return self.number(name, low, low, high) if self.text(name, "") else None

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        text = self.text(name, str(default))
        if not text.isdecimal() or len(text) > MAX_DIGITS or not low <= int(text) <= high:
            raise SettingsError(f"{name} {text!r}: expected a whole number from {low} to {high}")
        return int(text)

    def switch(self, name: str, *, default: bool) -> bool:
        text = self.text(name, "on" if default else "off").lower()
        if text not in _ON | _OFF:
            raise SettingsError(f"{name} {text!r}: expected on or off")
        return text in _ON


def _home(text: str, root: Path, cwd: Path) -> Path:
    return _path("DAGSTER_HOME", text, cwd) if text else root / ".dagster"


def _store(text: str, cwd: Path) -> Path | S3Location:
    if "://" not in text and not text.startswith("s3:"):
        return _path("SYNTH_STORE", text, cwd)
    match = _BUCKET.fullmatch(text)
    if not match or ".." in text:
        raise SettingsError(f"SYNTH_STORE {text!r}: expected a folder or s3://bucket/prefix")
    return S3Location(match[1], (match[2] or "").strip("/"))


def _registry(text: str, home: Path, cwd: Path) -> Path | str:
    if not text:
        return home.absolute() / "requests.db"
    if text.startswith("sqlite:///") and len(text) > len("sqlite:///"):
        return _path("SYNTH_REGISTRY", text.removeprefix("sqlite:///"), cwd)
    if match := _TABLE.fullmatch(text):
        return match[1]
    raise SettingsError(
        f"SYNTH_REGISTRY {text!r}: expected sqlite:///path/to/file.db or dynamodb://table"
    )


def _path(name: str, text: str, cwd: Path) -> Path:
    try:
        return (cwd / Path(text).expanduser()).absolute()
    except RuntimeError as error:  # ~someone who is not known here
        raise SettingsError(f"{name} {text!r}: expected a path ({error})") from error
