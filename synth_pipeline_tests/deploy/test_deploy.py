"""The examples in deploy/: they load, they validate, and they name only what they should."""

import json
import os
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest
import sqlalchemy
import yaml
from botocore.validate import validate_parameters
from dagster._config import process_config
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.dagster_run import DagsterRun
from dagster._core.workspace.config_schema import process_workspace_config
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster._serdes import ConfigurableClassData

from synth_pipeline.defs.run_coordinator import PerUserRunCoordinator
from synth_pipeline_tests.support.places import ROOT

DEPLOY = ROOT / "deploy"
KINDS = ("ecs", "kubernetes")
POLICIES = sorted((DEPLOY / "iam").glob("*.json"))
NOT_CONFINABLE = {
    "ecs:DescribeTaskDefinition",
    "ecs:RegisterTaskDefinition",
    "ec2:DescribeNetworkInterfaces",
}


@pytest.fixture(autouse=True)
def _variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every variable that the examples read, with values of the right form."""
    texts = [p.read_text(encoding="utf-8") for p in DEPLOY.glob("*/*.yaml")]
    for name in {n for text in texts for n in re.findall(r"env: ([A-Z_]+)", text)}:
        monkeypatch.setenv(name, f"value-of-{name.lower().replace('_', '-')}")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    for name in _mapping(DEPLOY / "ecs" / "dagster.yaml")["run_launcher"]["config"]["env_vars"]:
        if "=" not in name and name not in os.environ:
            monkeypatch.setenv(name, "value")


def _mapping(path: Path) -> dict[str, Any]:
    loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def _instance_ref(kind: str) -> InstanceRef:
    pytest.importorskip("dagster_postgres")
    pytest.importorskip("dagster_k8s")
    return InstanceRef.from_dir(str(DEPLOY / kind))


def _classes(ref: InstanceRef) -> Iterator[ConfigurableClassData]:
    names = ("storage", "run_storage", "event_storage", "schedule_storage", "compute_logs")
    for name in (*names, "run_launcher", "run_coordinator", "scheduler"):
        data = getattr(ref, f"{name}_data")
        assert isinstance(data, ConfigurableClassData), name
        yield data


def _processed(data: ConfigurableClassData) -> Any:
    """The class' configuration, as its own schema reads it with the variables set."""
    module = __import__(data.module_name, fromlist=[data.class_name])
    schema = getattr(module, data.class_name).config_type()
    result = process_config(schema, yaml.safe_load(data.config_yaml))
    assert result.success, [error.message for error in result.errors or []]
    return result.value


@pytest.mark.parametrize("kind", KINDS)
def test_every_class_that_an_instance_names_accepts_its_configuration(kind: str) -> None:
    classes = list(_classes(_instance_ref(kind)))

    for data in classes:
        _processed(data)

    assert [c.class_name for c in classes][:2] == ["DagsterPostgresStorage", "PostgresRunStorage"]
    assert classes[4].class_name == "S3ComputeLogManager"


@pytest.mark.parametrize("kind", KINDS)
def test_an_instance_keeps_its_state_in_the_postgres_of_the_environment(kind: str) -> None:
    storage = _processed(next(_classes(_instance_ref(kind))))
    from dagster_postgres.utils import pg_url_from_config  # noqa: PLC0415

    engine = sqlalchemy.create_engine(pg_url_from_config(storage))  # connects on first use only

    assert engine.url.host == "value-of-dagster-pg-host"
    assert engine.url.database == "value-of-dagster-pg-db"
    assert engine.url.password == "value-of-dagster-pg-password"
    assert engine.driver == "psycopg2"


@pytest.mark.parametrize("kind", KINDS)
def test_one_user_cannot_take_the_whole_queue(kind: str) -> None:
    ref = _instance_ref(kind)

    coordinator = ref.run_coordinator

    assert isinstance(coordinator, PerUserRunCoordinator)
    assert coordinator.get_run_queue_config().tag_concurrency_limits == [
        {"key": "synth/user", "value": {"applyLimitPerUniqueValue": True}, "limit": 2}
    ]
    assert ref.settings["telemetry"] == {"enabled": False}
    assert ref.settings["run_monitoring"]["enabled"] is True


@pytest.mark.parametrize("kind", KINDS)
def test_an_instance_compute_log_manager_can_be_made(kind: str) -> None:
    manager = _instance_ref(kind).compute_logs_data.rehydrate()

    assert type(manager).__name__ == "S3ComputeLogManager"
    manager.dispose()


@pytest.mark.parametrize("kind", KINDS)
def test_a_workspace_names_the_code_server_of_the_environment(kind: str) -> None:
    path = DEPLOY / kind / "workspace.yaml"

    result = process_workspace_config(_mapping(path))
    (origin,) = WorkspaceFileTarget(paths=[str(path)]).create_origins()

    assert result.success
    assert (origin.host, origin.port) == ("value-of-synth-code-server", 4000)
    assert origin.location_name == "synth_pipeline"


def test_ecs_accepts_the_task_definition_that_the_launcher_writes() -> None:
    from dagster_aws.ecs import EcsRunLauncher  # noqa: PLC0415
    from dagster_aws.ecs.container_context import EcsContainerContext  # noqa: PLC0415
    from dagster_aws.ecs.tasks import DagsterEcsTaskDefinitionConfig  # noqa: PLC0415

    data = _instance_ref("ecs").run_launcher_data
    launcher = EcsRunLauncher.from_config_value(data, _processed(data))
    context = EcsContainerContext(
        secrets=launcher.secrets, env_vars=launcher.env_vars, run_resources=launcher.run_resources
    )
    definition = DagsterEcsTaskDefinitionConfig(
        "run_synth_pipeline",
        "registry.example/synth-pipeline:1",
        launcher.container_name,
        command=None,
        log_configuration=None,
        secrets=launcher.secrets,
        environment=[{"name": n, "value": v} for n, v in context.get_environment_dict().items()],
        execution_role_arn=launcher.execution_role_arn,
        task_role_arn=launcher.task_role_arn,
        sidecars=[],
        requires_compatibilities=launcher.task_definition_dict["requires_compatibilities"],
        cpu=launcher.run_resources["cpu"],
        memory=launcher.run_resources["memory"],
        linux_parameters=launcher.linux_parameters,
    ).task_definition_dict()

    service = botocore.session.get_session().get_service_model("ecs")
    shape = service.operation_model("RegisterTaskDefinition").input_shape
    validate_parameters(definition, shape)

    (container,) = definition["containerDefinitions"]
    environment = {entry["name"]: entry["value"] for entry in container["environment"]}
    assert container["linuxParameters"] == {"capabilities": {"add": ["SYS_PTRACE"]}}
    assert environment["SYNTH_SANDBOX"] == "sandlock"
    assert definition["requiresCompatibilities"] == [launcher.run_task_kwargs["launchType"]]


def test_an_ecs_run_gets_every_variable_that_its_own_dagster_yaml_reads() -> None:
    text = (DEPLOY / "ecs" / "dagster.yaml").read_text(encoding="utf-8")
    config = yaml.safe_load(text)["run_launcher"]["config"]

    read = set(re.findall(r"env: ([A-Z_]+)", text))

    given = {name.partition("=")[0] for name in config["env_vars"]}
    assert read <= given | {secret["name"] for secret in config["secrets"]}


KUBECONFIG = """
apiVersion: v1
kind: Config
clusters: [{name: none, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: nobody, user: {}}]
contexts: [{name: test, context: {cluster: none, user: nobody}}]
current-context: test
"""


def test_kubernetes_accepts_the_job_that_the_launcher_writes(tmp_path: Path) -> None:
    data = _instance_ref("kubernetes").run_launcher_data
    from dagster_k8s import K8sRunLauncher  # noqa: PLC0415
    from dagster_k8s.job import construct_dagster_k8s_job  # noqa: PLC0415

    kubeconfig = tmp_path / "config"
    kubeconfig.write_text(KUBECONFIG, encoding="utf-8")
    elsewhere = {"load_incluster_config": False, "kubeconfig_file": str(kubeconfig)}
    launcher = K8sRunLauncher.from_config_value(data, _processed(data) | elsewhere)
    context = launcher.get_container_context_for_run(DagsterRun(job_name="submit_request"))

    job = construct_dagster_k8s_job(
        context.get_k8s_job_config("registry.example/synth-pipeline:1", launcher),
        args=["dagster", "api", "execute_run"],
        job_name="dagster-run-1",
        user_defined_k8s_config=context.run_k8s_config,
    )

    pod = job.spec.template.spec
    (container,) = pod.containers
    variables = {entry.name: entry.value for entry in container.env}
    assert pod.host_users is False
    assert pod.security_context.seccomp_profile.type == "Unconfined"
    assert container.security_context.proc_mount == "Unmasked"
    assert container.security_context.capabilities.drop == ["ALL"]
    assert variables["SYNTH_SANDBOX"] == "bubblewrap"
    assert "DAGSTER_PG_PASSWORD" in variables
    assert container.env_from[0].config_map_ref.name == "synth-settings"


def test_every_kubernetes_manifest_has_only_fields_that_kubernetes_knows() -> None:
    pytest.importorskip("dagster_k8s")
    import kubernetes.client  # noqa: PLC0415
    from dagster_k8s.models import k8s_snake_case_dict  # noqa: PLC0415

    text = (DEPLOY / "kubernetes" / "manifests.yaml").read_text(encoding="utf-8")
    manifests = list(yaml.safe_load_all(text))

    for manifest in manifests:
        model = getattr(kubernetes.client, f"V1{manifest['kind']}")
        assert k8s_snake_case_dict(model, manifest)["kind"] == manifest["kind"]

    names = {(m["kind"], m["metadata"]["name"]) for m in manifests}
    assert ("ServiceAccount", "synth-run") in names
    assert ("ConfigMap", "synth-settings") in names


def test_the_files_that_kustomize_gathers_exist() -> None:
    folder = DEPLOY / "kubernetes"
    kustomization = _mapping(folder / "kustomization.yaml")
    (instance,) = kustomization["configMapGenerator"]

    assert all((folder / n).is_file() for n in [*kustomization["resources"], *instance["files"]])
    launcher = _mapping(folder / "dagster.yaml")["run_launcher"]["config"]
    assert launcher["instance_config_map"] == instance["name"]
    assert launcher["job_namespace"] == kustomization["namespace"]


def _instructions() -> list[tuple[str, list[str]]]:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split()[0], shlex.split(line)[1:]) for line in lines]


@pytest.mark.parametrize("kind", KINDS)
def test_the_dockerfile_copies_only_what_the_repository_has(kind: str) -> None:
    if not (ROOT / "README.md").exists():
        pytest.skip("the repository has no README.md, which pyproject.toml names too")
    sources = [
        source.replace("${INSTANCE}", kind)
        for name, words in _instructions()
        if name == "COPY" and not words[0].startswith("--from=")
        for source in words[:-1]
    ]

    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert "requirements.lock" in sources


def test_the_dockerfile_installs_by_the_lock() -> None:
    installs = [
        " ".join(words) for name, words in _instructions() if name == "RUN" and "install" in words
    ]

    pip = [command for command in installs if "pip install" in command]
    assert len(pip) == 1
    assert "--constraint requirements.lock" in pip[0]
    assert ".[deploy,sandlock]" in pip[0]


def test_the_image_does_not_run_as_root() -> None:
    users = [words[0] for name, words in _instructions() if name == "USER"]

    assert users
    assert users[-1].partition(":")[0] not in {"root", "0"}


def test_the_image_serves_the_code_location_by_default() -> None:
    (command,) = [words for name, words in _instructions() if name == "CMD"]

    words = " ".join(command).strip("[]").replace(",", "")
    assert words.startswith("dagster code-server start")
    assert "synth_pipeline.definitions" in words


def test_the_lock_pins_what_the_image_installs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    if "deploy" not in extras:
        pytest.skip("pyproject.toml has no extra `deploy`")
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")

    wanted = [*project["dependencies"], *extras["deploy"], *extras["sandlock"]]

    names = [re.split(r"[\[<>=!~; ]", requirement)[0] for requirement in wanted]
    assert [name for name in names if not re.search(rf"(?m)^{name}==", lock)] == []


def _statements(path: Path) -> list[dict[str, Any]]:
    policy = json.loads(path.read_text(encoding="utf-8"))
    assert policy["Version"] == "2012-10-17"
    statements: list[dict[str, Any]] = policy["Statement"]
    return statements


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_a_policy_grants_no_whole_service_and_no_unbounded_resource(path: Path) -> None:
    for statement in _statements(path):
        actions = set(_list(statement["Action"]))

        assert statement["Effect"] == "Allow"
        assert not any("*" in action for action in actions)
        if statement["Resource"] == "*":
            assert actions <= NOT_CONFINABLE


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_a_policy_marks_every_name_that_is_to_be_filled_in(path: Path) -> None:
    for statement in _statements(path):
        for resource in _list(statement["Resource"]):
            assert resource == "*" or "CHANGE-ME" in resource


def test_a_user_reaches_the_own_folder_and_nothing_else() -> None:
    own = "CHANGE-ME-prefix/${aws:PrincipalTag/synth-user}/*"
    listing, reading = _statements(DEPLOY / "iam" / "user-policy.json")

    assert listing["Action"] == "s3:ListBucket"
    assert listing["Resource"] == "arn:aws:s3:::CHANGE-ME-bucket"
    assert listing["Condition"] == {"StringLike": {"s3:prefix": [own]}}
    assert reading["Action"] == "s3:GetObject"
    assert reading["Resource"] == f"arn:aws:s3:::CHANGE-ME-bucket/{own}"


def test_a_run_reaches_its_store_its_table_and_its_model_only() -> None:
    statements = _statements(DEPLOY / "iam" / "task-role-policy.json")

    resources = {r.split(":", 5)[5] for s in statements for r in _list(s["Resource"])}

    assert resources == {
        "CHANGE-ME-bucket",
        "CHANGE-ME-bucket/CHANGE-ME-prefix/*",
        "table/CHANGE-ME-table",
        "table/CHANGE-ME-table/index/*",
        "inference-profile/CHANGE-ME-profile",
        "foundation-model/CHANGE-ME-model",
    }
    assert statements[0]["Condition"] == {"StringLike": {"s3:prefix": ["CHANGE-ME-prefix/*"]}}


def test_a_run_may_have_its_model_s_replies_whole_and_streamed_and_nothing_else_of_bedrock() -> (
    None
):
    statements = _statements(DEPLOY / "iam" / "task-role-policy.json")

    asking = [s["Action"] for s in statements if "bedrock" in json.dumps(s["Action"])]

    assert asking == [["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]] * 2
