"""Reads the environment once into frozen settings; the only reader of `SYNTH_*` variables.

A setting is a field with its default, and a row in `_VARIABLES` that says how its text is read.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from synth_pipeline.domain.errors import SettingsError
from synth_pipeline.domain.usage import Prices

AUTHORS = ("catalog", "bedrock", "openai")
SANDBOXES = ("auto", "bubblewrap", "sandlock", "none")
MAX_WORKERS = 256
MAX_MODEL_CALLS = 256
MAX_PRICE = 100_000  # of a million tokens
MAX_DIGITS = 20  # more than any setting needs; int() refuses thousands of them
_BUCKET = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?")
_TABLE = re.compile(r"dynamodb://([A-Za-z0-9_.-]{3,255})")
_NEEDED_BY_OPENAI = {
    "SYNTH_OPENAI_BASE_URL": "http://127.0.0.1:11434/v1",
    "SYNTH_OPENAI_MODEL": "qwen3-coder",
}
_PLAIN = re.compile(r"[!-~]+")
_ON, _OFF = frozenset({"1", "on", "true", "yes"}), frozenset({"0", "off", "false", "no"})


@dataclass(frozen=True, slots=True)
class FolderLocation:
    """A folder that holds the store."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True, slots=True)
class S3Location:
    """A bucket and the prefix below which the store lives, without slashes at its ends."""

    bucket: str
    prefix: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")


@dataclass(frozen=True, slots=True)
class SqliteLocation:
    """The file of an SQLite registry."""

    path: Path

    def __str__(self) -> str:
        return f"sqlite:///{self.path}"


@dataclass(frozen=True, slots=True)
class DynamoLocation:
    """The table of a DynamoDB registry."""

    table: str

    def __str__(self) -> str:
        return f"dynamodb://{self.table}"


StoreLocation = FolderLocation | S3Location
RegistryLocation = SqliteLocation | DynamoLocation


def cores() -> int:
    """Processors of this machine."""
    return min(os.cpu_count() or 1, MAX_WORKERS)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that `SYNTH_*` variables decide; AWS has its own standard variables.

    `home` is the folder of the Dagster instance. Inference profiles that begin with `global.`
    are callable from every commercial region; `us.`, `eu.` and others keep the data in their
    part of the world:
    https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
    `openai_max_tokens` is what OpenAI's smaller models still take. Prices are of a million tokens.
    """

    home: Path
    store: StoreLocation
    registry: RegistryLocation
    author: str = "catalog"
    bedrock_model_id: str = "global.anthropic.claude-sonnet-4-6"
    bedrock_temperature: float | None = None
    bedrock_max_tokens: int = 32_000
    bedrock_timeout_s: float = 900.0
    openai_base_url: str = ""
    openai_model: str = ""
    openai_temperature: float | None = None
    openai_max_tokens: int = 16_000
    openai_timeout_s: float = 900.0
    model_calls: int = 4
    model_silence_s: float = 60.0
    price_input: float | None = None
    price_output: float | None = None
    price_cache_read: float | None = None
    price_cache_write: float | None = None
    sandbox: str = "auto"
    repair_attempts: int = 3
    script_timeout_s: float = 120.0
    workers: int = field(default_factory=cores)
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
        texts = {name: text for name in environment if (text := environment[name].strip())}
        home = root / ".dagster"
        if "DAGSTER_HOME" in texts:
            home = _path("DAGSTER_HOME", texts["DAGSTER_HOME"], cwd)
        store, registry = texts.get("SYNTH_STORE"), texts.get("SYNTH_REGISTRY")
        return cls(
            home=home,
            store=parse_store(store, cwd) if store else FolderLocation(root / "data"),
            registry=parse_registry(registry, cwd)
            if registry
            else SqliteLocation(home.absolute() / "requests.db"),
            **_chosen(texts),
        )

    @property
    def prices(self) -> Prices:
        """What a million tokens cost."""
        return Prices(
            input=self.price_input,
            output=self.price_output,
            cache_read=self.price_cache_read,
            cache_write=self.price_cache_write,
        )


def project_root(cwd: Path) -> Path | None:
    """The nearest folder from `cwd` upwards that holds a `dagster.yaml`."""
    return next((f for f in (cwd, *cwd.parents) if (f / "dagster.yaml").is_file()), None)


def parse_store(text: str, cwd: Path) -> StoreLocation:
    """Read a folder, relative to `cwd`, or `s3://bucket/prefix`; raise SettingsError else."""
    if "://" not in text and not text.startswith("s3:"):
        return FolderLocation(_path("SYNTH_STORE", text, cwd))
    match = _BUCKET.fullmatch(text)
    if not match or ".." in text:
        raise SettingsError(f"SYNTH_STORE {text!r}: expected a folder or s3://bucket/prefix")
    return S3Location(match[1], (match[2] or "").strip("/"))


def parse_registry(text: str, cwd: Path) -> RegistryLocation:
    """Read `sqlite:///` and a path, relative to `cwd`, or `dynamodb://table`."""
    path = text.removeprefix("sqlite:///")
    if path and path != text:
        return SqliteLocation(_path("SYNTH_REGISTRY", path, cwd))
    if match := _TABLE.fullmatch(text):
        return DynamoLocation(match[1])
    raise SettingsError(
        f"SYNTH_REGISTRY {text!r}: expected sqlite:///path/to/file.db or dynamodb://table"
    )


_Read = Callable[[str, str], Any]


def _text(_name: str, text: str) -> str:
    return text


def _choice(*choices: str) -> _Read:
    def read(name: str, text: str) -> str:
        if text not in choices:
            raise SettingsError(f"{name} {text!r}: expected one of {', '.join(choices)}")
        return text

    return read


def _number(low: float, high: float) -> _Read:
    def read(name: str, text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise SettingsError(f"{name} {text!r}: expected a number from {low:g} to {high:g}")
        return value

    return read


def _whole(low: int, high: int) -> _Read:
    def read(name: str, text: str) -> int:
        if not text.isdecimal() or len(text) > MAX_DIGITS or not low <= int(text) <= high:
            raise SettingsError(f"{name} {text!r}: expected a whole number from {low} to {high}")
        return int(text)

    return read


def _switch(name: str, text: str) -> bool:
    if text.lower() not in _ON | _OFF:
        raise SettingsError(f"{name} {text!r}: expected on or off")
    return text.lower() in _ON


def _base_url(name: str, text: str) -> str:
    """Read the address of a server; one that may hold a secret is refused and not quoted."""
    if any(mark in text for mark in "@?#"):
        raise SettingsError(
            f"{name}: expected an address without user, password, query or fragment; "
            "a key belongs into OPENAI_API_KEY"
        )
    if not _is_address(text):
        raise SettingsError(
            f"{name} {text!r}: expected http:// or https://, a host and a path, such as "
            "http://127.0.0.1:11434/v1"
        )
    address = text.rstrip("/")
    if address.endswith("/chat/completions"):
        raise SettingsError(f"{name} {text!r}: expected the address above /chat/completions")
    return address


def _is_address(text: str) -> bool:
    try:
        address = urlsplit(text)
        is_server = bool(address.hostname) and address.port != 0
    except ValueError:  # a port that is no number
        return False
    return is_server and address.scheme in ("http", "https") and bool(_PLAIN.fullmatch(text))


_VARIABLES: Mapping[str, tuple[str, _Read]] = {
    "author": ("SYNTH_AUTHOR", _choice(*AUTHORS)),
    "bedrock_model_id": ("SYNTH_BEDROCK_MODEL_ID", _text),
    "bedrock_temperature": ("SYNTH_BEDROCK_TEMPERATURE", _number(0, 1)),
    "bedrock_max_tokens": ("SYNTH_BEDROCK_MAX_TOKENS", _whole(256, 200_000)),
    "bedrock_timeout_s": ("SYNTH_BEDROCK_TIMEOUT_S", _number(1, 3600)),
    "openai_base_url": ("SYNTH_OPENAI_BASE_URL", _base_url),
    "openai_model": ("SYNTH_OPENAI_MODEL", _text),
    "openai_temperature": ("SYNTH_OPENAI_TEMPERATURE", _number(0, 2)),
    "openai_max_tokens": ("SYNTH_OPENAI_MAX_TOKENS", _whole(256, 200_000)),
    "openai_timeout_s": ("SYNTH_OPENAI_TIMEOUT_S", _number(1, 3600)),
    "model_calls": ("SYNTH_MODEL_CALLS", _whole(1, MAX_MODEL_CALLS)),
    "model_silence_s": ("SYNTH_MODEL_SILENCE_S", _number(1, 3600)),
    "price_input": ("SYNTH_PRICE_INPUT", _number(0, MAX_PRICE)),
    "price_output": ("SYNTH_PRICE_OUTPUT", _number(0, MAX_PRICE)),
    "price_cache_read": ("SYNTH_PRICE_CACHE_READ", _number(0, MAX_PRICE)),
    "price_cache_write": ("SYNTH_PRICE_CACHE_WRITE", _number(0, MAX_PRICE)),
    "sandbox": ("SYNTH_SANDBOX", _choice(*SANDBOXES)),
    "repair_attempts": ("SYNTH_REPAIR_ATTEMPTS", _whole(0, 20)),
    "script_timeout_s": ("SYNTH_SCRIPT_TIMEOUT_S", _number(1, 3600)),
    "workers": ("SYNTH_WORKERS", _whole(1, MAX_WORKERS)),
    "with_clean_twin": ("SYNTH_CLEAN_TWIN", _switch),
    "with_report": ("SYNTH_REPORT", _switch),
    "s3_sse": ("SYNTH_S3_SSE", _choice("AES256", "aws:kms")),
    "s3_kms_key_id": ("SYNTH_S3_KMS_KEY_ID", _text),
    "s3_tagging": ("SYNTH_S3_TAGGING", _switch),
}


def _chosen(texts: Mapping[str, str]) -> dict[str, Any]:
    """The fields that variables set, by name."""
    chosen = {
        field_name: read(variable, texts[variable])
        for field_name, (variable, read) in _VARIABLES.items()
        if variable in texts
    }
    if chosen.get("author") == "openai":
        for name, example in _NEEDED_BY_OPENAI.items():
            if name not in texts:
                raise SettingsError(f"SYNTH_AUTHOR 'openai' needs {name}, such as {example}")
    return chosen


def _path(name: str, text: str, cwd: Path) -> Path:
    try:
        return (cwd / Path(text).expanduser()).absolute()
    except RuntimeError as error:  # ~someone who is not known here
        raise SettingsError(f"{name} {text!r}: expected a path ({error})") from error
