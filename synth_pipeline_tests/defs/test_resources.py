"""The resources as the UI shows them, and what a run may do with them."""

from pathlib import Path

import dagster as dg
import pytest
from dagster._core.remote_representation.external_data import RepositorySnap

from synth_pipeline.definitions import build_defs
from synth_pipeline.defs.dagster_internals import disable_dagster_warnings
from synth_pipeline.defs.s3_resource import S3
from synth_pipeline.services import Services
from synth_pipeline_tests.support.servers import Server, point_to
from synth_pipeline_tests.support.workshop import ScriptedAuthor, make_services


def shown(definitions: dg.Definitions) -> dict[str, dict[str, str]]:
    """What the Resources page shows: names with the values they are configured with."""
    with disable_dagster_warnings():  # of a property that Dagster itself reads
        snap = RepositorySnap.from_def(definitions.get_repository_def())
    return {r.name: dict(r.configured_values) for r in snap.resources or () if r.is_top_level}


def test_the_parts_that_were_chosen_stand_on_the_resources_page(tmp_path: Path) -> None:
    found = shown(build_defs(make_services(tmp_path)))

    assert found["services"] == {
        "author": '"catalog"',
        "store": f'"{tmp_path / "store"}"',
        "registry": f'"sqlite:///{tmp_path / "home" / "requests.db"}"',
        "sandbox": '"auto"',
    }


@dg.op
def name_the_author(context: dg.OpExecutionContext, services: dg.ResourceParam[Services]) -> str:
    return services.author.name


@dg.job
def naming() -> None:
    name_the_author()


def run(services: Services, config: dict[str, object]) -> dg.ExecuteInProcessResult:
    resources = build_defs(services).resources or {}
    return naming.execute_in_process(
        resources=dict(resources),
        run_config={"resources": config} if config else None,
        raise_on_error=False,
    )


def test_given_parts_are_what_the_runs_work_on(tmp_path: Path) -> None:
    result = run(make_services(tmp_path, ScriptedAuthor(name="given")), {})

    assert result.output_for_node("name_the_author") == "given"


def test_a_run_cannot_choose_other_parts(tmp_path: Path) -> None:
    chosen = {"author": "catalog", "registry": "sqlite:///r.db", "sandbox": "none"}
    config = {"services": {"config": {"store": "/etc", **chosen}}}

    result = run(make_services(tmp_path), config)

    assert not result.success
    failures = [str(e.event_specific_data) for e in result.all_events if e.is_failure]
    assert any("not the config of one run" in failure for failure in failures)


def test_on_s3_the_store_goes_through_the_s3_resource_of_dagster_aws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYNTH_STORE", "s3://bucket/prefix")

    definitions = build_defs()

    assert shown(definitions)["services"]["store"] == '"s3://bucket/prefix"'
    assert shown(definitions)["s3"]["max_attempts"] == "5"
    assert isinstance((definitions.resources or {})["s3"], S3)


@pytest.mark.server
def test_the_s3_resource_has_this_project_s_timeouts_and_what_it_is_configured_with(
    s3_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_to(s3_server, monkeypatch)

    plain = S3().get_client()
    other = S3(region_name="eu-north-1", max_attempts=2, endpoint_url="http://127.0.0.1:9")

    assert plain.list_buckets()["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert (plain.meta.config.connect_timeout, plain.meta.config.read_timeout) == (5.0, 60.0)
    client = other.get_client()
    assert client.meta.region_name == "eu-north-1"
    assert client.meta.endpoint_url == "http://127.0.0.1:9"
    assert client.meta.config.retries["total_max_attempts"] == 2
