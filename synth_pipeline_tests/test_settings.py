"""The environment as settings: defaults, every variable, and the words for a wrong one."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_pipeline.domain.errors import SettingsError
from synth_pipeline.domain.usage import Prices
from synth_pipeline.settings import (
    MAX_WORKERS,
    DynamoLocation,
    FolderLocation,
    S3Location,
    Settings,
    SqliteLocation,
    project_root,
)


def read(cwd: Path, **environment: str) -> Settings:
    return Settings.from_env(environment, cwd)


def fault(cwd: Path, **environment: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read(cwd, **environment)
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_the_embedded_defaults_need_no_variable(tmp_path: Path) -> None:
    settings = read(tmp_path)

    assert settings.home == tmp_path / ".dagster"
    assert settings.store == FolderLocation(tmp_path / "data")
    assert settings.registry == SqliteLocation(tmp_path / ".dagster" / "requests.db")
    assert (settings.author, settings.sandbox) == ("catalog", "auto")
    assert (settings.repair_attempts, settings.script_timeout_s) == (3, 120.0)
    assert (settings.bedrock_timeout_s, settings.openai_timeout_s) == (900.0, 900.0)
    assert (settings.model_calls, settings.model_silence_s) == (4, 60.0)
    assert 1 <= settings.workers <= MAX_WORKERS
    assert (settings.with_report, settings.with_clean_twin, settings.s3_tagging) == (
        True,
        False,
        False,
    )
    assert (settings.s3_sse, settings.s3_kms_key_id) == (None, None)


def test_reading_makes_no_folder_and_no_file(tmp_path: Path) -> None:
    read(tmp_path, SYNTH_STORE="store", DAGSTER_HOME="home")

    assert list(tmp_path.iterdir()) == []


def test_defaults_lie_beside_the_dagster_yaml_above(tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").touch()
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)

    settings = read(below)

    assert settings.store == FolderLocation(tmp_path / "data")
    assert settings.home == tmp_path / ".dagster"


def test_the_nearest_dagster_yaml_counts_and_a_folder_of_that_name_does_not(
    tmp_path: Path,
) -> None:
    inner = tmp_path / "inner"
    (inner / "deep" / "dagster.yaml").mkdir(parents=True)
    (tmp_path / "dagster.yaml").touch()
    (inner / "dagster.yaml").touch()

    assert project_root(inner / "deep") == inner
    assert project_root(tmp_path) == tmp_path


@pytest.mark.parametrize(
    ("variable", "text", "field", "value"),
    [
        ("SYNTH_AUTHOR", "bedrock", "author", "bedrock"),
        ("SYNTH_AUTHOR", " catalog ", "author", "catalog"),
        ("SYNTH_BEDROCK_MODEL_ID", "m-1", "bedrock_model_id", "m-1"),
        ("SYNTH_BEDROCK_TEMPERATURE", "0.5", "bedrock_temperature", 0.5),
        ("SYNTH_BEDROCK_MAX_TOKENS", "256", "bedrock_max_tokens", 256),
        ("SYNTH_BEDROCK_TIMEOUT_S", "60", "bedrock_timeout_s", 60.0),
        (
            "SYNTH_OPENAI_BASE_URL",
            "https://api.x.org/v1/",
            "openai_base_url",
            "https://api.x.org/v1",
        ),
        ("SYNTH_OPENAI_BASE_URL", "http://[::1]:8080", "openai_base_url", "http://[::1]:8080"),
        ("SYNTH_OPENAI_BASE_URL", "HTTP://localhost", "openai_base_url", "HTTP://localhost"),
        ("SYNTH_OPENAI_MODEL", "org/model:7b", "openai_model", "org/model:7b"),
        ("SYNTH_OPENAI_TEMPERATURE", "1.5", "openai_temperature", 1.5),
        ("SYNTH_OPENAI_MAX_TOKENS", "4096", "openai_max_tokens", 4096),
        ("SYNTH_OPENAI_TIMEOUT_S", "3600", "openai_timeout_s", 3600.0),
        ("SYNTH_MODEL_CALLS", "16", "model_calls", 16),
        ("SYNTH_MODEL_SILENCE_S", "600", "model_silence_s", 600.0),
        ("SYNTH_PRICE_INPUT", "3", "prices", Prices(input=3.0)),
        ("SYNTH_PRICE_OUTPUT", "15", "prices", Prices(output=15.0)),
        ("SYNTH_PRICE_CACHE_READ", "0.3", "prices", Prices(cache_read=0.3)),
        ("SYNTH_PRICE_CACHE_WRITE", "3.75", "prices", Prices(cache_write=3.75)),
        ("SYNTH_SANDBOX", "none", "sandbox", "none"),
        ("SYNTH_SANDBOX", "sandlock", "sandbox", "sandlock"),
        ("SYNTH_SANDBOX", "bubblewrap", "sandbox", "bubblewrap"),
        ("SYNTH_REPAIR_ATTEMPTS", "0", "repair_attempts", 0),
        ("SYNTH_SCRIPT_TIMEOUT_S", "0.5e2", "script_timeout_s", 50.0),
        ("SYNTH_WORKERS", "8", "workers", 8),
        ("SYNTH_CLEAN_TWIN", "on", "with_clean_twin", True),
        ("SYNTH_CLEAN_TWIN", "TRUE", "with_clean_twin", True),
        ("SYNTH_REPORT", "off", "with_report", False),
        ("SYNTH_REPORT", "0", "with_report", False),
        ("SYNTH_S3_SSE", "aws:kms", "s3_sse", "aws:kms"),
        ("SYNTH_S3_KMS_KEY_ID", "key-1", "s3_kms_key_id", "key-1"),
        ("SYNTH_S3_TAGGING", "yes", "s3_tagging", True),
        ("SYNTH_STORE", "s3://bucket", "store", S3Location("bucket", "")),
        ("SYNTH_STORE", "s3://bucket/", "store", S3Location("bucket", "")),
        ("SYNTH_STORE", "s3://my.bucket/a/b/", "store", S3Location("my.bucket", "a/b")),
        ("SYNTH_STORE", "/srv/data", "store", FolderLocation(Path("/srv/data"))),
        ("SYNTH_REGISTRY", "sqlite:////srv/r.db", "registry", SqliteLocation(Path("/srv/r.db"))),
        ("SYNTH_REGISTRY", "dynamodb://requests", "registry", DynamoLocation("requests")),
        ("SYNTH_REGISTRY", "dynamodb://My_table.v-2", "registry", DynamoLocation("My_table.v-2")),
        ("DAGSTER_HOME", "/srv/dagster", "home", Path("/srv/dagster")),
    ],
)
def test_a_variable_sets_its_field(
    tmp_path: Path, variable: str, text: str, field: str, value: object
) -> None:
    settings = read(tmp_path, **{variable: text})

    assert getattr(settings, field) == value


@pytest.mark.parametrize("text", ["", "  "])
def test_an_empty_variable_counts_as_not_set(tmp_path: Path, text: str) -> None:
    names = ["AUTHOR", "STORE", "REGISTRY", "SANDBOX", "REPAIR_ATTEMPTS", "WORKERS", "REPORT"]

    settings = read(tmp_path, DAGSTER_HOME=text, **{f"SYNTH_{name}": text for name in names})

    assert settings == read(tmp_path)


def test_relative_paths_are_relative_to_the_current_folder_not_to_the_project(
    tmp_path: Path,
) -> None:
    (tmp_path / "dagster.yaml").touch()
    below = tmp_path / "below"
    below.mkdir()

    settings = read(
        below, SYNTH_STORE="store", SYNTH_REGISTRY="sqlite:///r.db", DAGSTER_HOME="home"
    )

    assert settings.store == FolderLocation(below / "store")
    assert settings.registry == SqliteLocation(below / "r.db")
    assert settings.home == below / "home"


def test_a_tilde_is_the_home_folder(tmp_path: Path) -> None:
    assert read(tmp_path, SYNTH_STORE="~/synth").store == FolderLocation(Path.home() / "synth")


def test_the_registry_follows_the_dagster_home(tmp_path: Path) -> None:
    settings = read(tmp_path, DAGSTER_HOME="/srv/dagster")

    assert settings.registry == SqliteLocation(Path("/srv/dagster/requests.db"))


@pytest.mark.parametrize(
    ("variable", "value", "expectation"),
    [
        ("SYNTH_AUTHOR", "gpt", "expected one of catalog, bedrock, openai"),
        ("SYNTH_AUTHOR", "Catalog", "expected one of catalog, bedrock, openai"),
        ("SYNTH_SANDBOX", "docker", "expected one of auto, bubblewrap, sandlock, none"),
        ("SYNTH_REPAIR_ATTEMPTS", "-1", "expected a whole number from 0 to 20"),
        ("SYNTH_REPAIR_ATTEMPTS", "21", "expected a whole number from 0 to 20"),
        ("SYNTH_REPAIR_ATTEMPTS", "1.5", "expected a whole number from 0 to 20"),
        ("SYNTH_REPAIR_ATTEMPTS", "²", "expected a whole number from 0 to 20"),
        ("SYNTH_REPAIR_ATTEMPTS", "9" * 5000, "expected a whole number from 0 to 20"),
        ("SYNTH_SCRIPT_TIMEOUT_S", "0", "expected a number from 1 to 3600"),
        ("SYNTH_SCRIPT_TIMEOUT_S", "nan", "expected a number from 1 to 3600"),
        ("SYNTH_SCRIPT_TIMEOUT_S", "inf", "expected a number from 1 to 3600"),
        ("SYNTH_SCRIPT_TIMEOUT_S", "2 min", "expected a number from 1 to 3600"),
        ("SYNTH_BEDROCK_TEMPERATURE", "1.1", "expected a number from 0 to 1"),
        ("SYNTH_BEDROCK_TEMPERATURE", "warm", "expected a number from 0 to 1"),
        ("SYNTH_BEDROCK_MAX_TOKENS", "255", "expected a whole number from 256 to 200000"),
        ("SYNTH_BEDROCK_TIMEOUT_S", "0", "expected a number from 1 to 3600"),
        ("SYNTH_OPENAI_MAX_TOKENS", "255", "expected a whole number from 256 to 200000"),
        ("SYNTH_OPENAI_TEMPERATURE", "-1", "expected a number from 0 to 2"),
        ("SYNTH_OPENAI_TIMEOUT_S", "0", "expected a number from 1 to 3600"),
        ("SYNTH_MODEL_CALLS", "0", "expected a whole number from 1 to 256"),
        ("SYNTH_MODEL_CALLS", "257", "expected a whole number from 1 to 256"),
        ("SYNTH_MODEL_SILENCE_S", "0.5", "expected a number from 1 to 3600"),
        ("SYNTH_PRICE_INPUT", "-1", "expected a number from 0 to 100000"),
        ("SYNTH_PRICE_OUTPUT", "$15", "expected a number from 0 to 100000"),
        ("SYNTH_PRICE_CACHE_READ", "nan", "expected a number from 0 to 100000"),
        *(
            (
                "SYNTH_OPENAI_BASE_URL",
                text,
                "expected http:// or https://, a host and a path, such as "
                "http://127.0.0.1:11434/v1",
            )
            for text in (
                "127.0.0.1:11434/v1",
                "localhost:11434",
                "ftp://host/v1",
                "http://",
                "http:///v1",
                "https:/host/v1",
                "http://host:port/v1",
                "http://host:99999/v1",
                "http://[::1/v1",
                "http://ho st/v1",
                "http://höst/v1",
            )
        ),
        (
            "SYNTH_OPENAI_BASE_URL",
            "http://host/v1/chat/completions",
            "expected the address above /chat/completions",
        ),
        ("SYNTH_WORKERS", "0", "expected a whole number from 1 to 256"),
        ("SYNTH_WORKERS", "257", "expected a whole number from 1 to 256"),
        ("SYNTH_CLEAN_TWIN", "maybe", "expected on or off"),
        ("SYNTH_REPORT", "2", "expected on or off"),
        ("SYNTH_S3_TAGGING", "tags", "expected on or off"),
        ("SYNTH_S3_SSE", "kms", "expected one of AES256, aws:kms"),
        ("SYNTH_STORE", "s3://", "expected a folder or s3://bucket/prefix"),
        ("SYNTH_STORE", "s3://UPPER/x", "expected a folder or s3://bucket/prefix"),
        ("SYNTH_STORE", "s3://b", "expected a folder or s3://bucket/prefix"),
        ("SYNTH_STORE", "s3://bucket/../other", "expected a folder or s3://bucket/prefix"),
        ("SYNTH_STORE", "s3:/bucket/x", "expected a folder or s3://bucket/prefix"),
        ("SYNTH_STORE", "gs://bucket/x", "expected a folder or s3://bucket/prefix"),
        ("SYNTH_STORE", "~nobody-here/x", "expected a path (Could not determine home directory.)"),
        (
            "SYNTH_REGISTRY",
            "sqlite:///~nobody-here/x",
            "expected a path (Could not determine home directory.)",
        ),
        ("DAGSTER_HOME", "~nobody-here/x", "expected a path (Could not determine home directory.)"),
        *(
            (
                "SYNTH_REGISTRY",
                text,
                "expected sqlite:///path/to/file.db or dynamodb://table",
            )
            for text in (
                "requests.db",
                "sqlite:///",
                "sqlite://x.db",
                "dynamodb://",
                "dynamodb://ab",
                "dynamodb://a/b/c",
                "postgres://host/db",
            )
        ),
    ],
)
def test_a_wrong_value_is_one_line_with_variable_value_and_expectation(
    tmp_path: Path, variable: str, value: str, expectation: str
) -> None:
    message = fault(tmp_path, **{variable: value})

    named = value.removeprefix("sqlite:///") if "path (" in expectation else value
    assert message == f"{variable} {named!r}: {expectation}"
    assert "\n" not in message


@pytest.mark.parametrize(
    "text",
    [
        "https://ada:pass-word@host/v1",
        "ada:pass-word@host/v1",
        "https://pass-word@host",
        "https://host/v1?key=pass-word",
        "https://host/v1#pass-word",
    ],
)
def test_an_address_that_may_hold_a_secret_is_refused_and_not_shown(
    tmp_path: Path, text: str
) -> None:
    message = fault(tmp_path, SYNTH_OPENAI_BASE_URL=text)

    assert "pass-word" not in message
    assert "a key belongs into OPENAI_API_KEY" in message


def test_a_model_behind_an_address_needs_both(tmp_path: Path) -> None:
    url, model = "http://127.0.0.1:11434/v1", "qwen3-coder"

    read(tmp_path, SYNTH_AUTHOR="openai", SYNTH_OPENAI_BASE_URL=url, SYNTH_OPENAI_MODEL=model)
    without_url = fault(tmp_path, SYNTH_AUTHOR="openai", SYNTH_OPENAI_MODEL=model)
    without_model = fault(tmp_path, SYNTH_AUTHOR="openai", SYNTH_OPENAI_BASE_URL=url)

    assert "SYNTH_AUTHOR 'openai' needs SYNTH_OPENAI_BASE_URL, such as http://" in without_url
    assert "SYNTH_AUTHOR 'openai' needs SYNTH_OPENAI_MODEL, such as " in without_model


def test_no_key_is_among_the_settings(tmp_path: Path) -> None:
    settings = read(tmp_path, OPENAI_API_KEY="sk-secret", AWS_SECRET_ACCESS_KEY="aws-secret")

    assert "secret" not in repr(settings)


def test_an_s3_location_reads_as_its_address() -> None:
    assert str(S3Location("bucket", "a/b")) == "s3://bucket/a/b"
    assert str(S3Location("bucket", "")) == "s3://bucket"


NAMES = st.sampled_from(
    ["DAGSTER_HOME", "SYNTH_STORE", "SYNTH_REGISTRY", "SYNTH_WORKERS", "SYNTH_SCRIPT_TIMEOUT_S"]
)


@given(environment=st.dictionaries(NAMES, st.text(st.characters(exclude_characters="\x00"))))
def test_any_text_is_read_or_refused_with_a_settings_error(environment: dict[str, Any]) -> None:
    try:
        settings = Settings.from_env(environment, Path("/srv"))
    except SettingsError:
        return
    assert settings.home.is_absolute()
    assert isinstance(settings.store, S3Location) or settings.store.path.is_absolute()
