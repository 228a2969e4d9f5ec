"""The examples of docs/using-the-data.md, run in order against a real S3 server."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest

from synth_pipeline.domain.request import Request
from synth_pipeline.making.listing import list_machines
from synth_pipeline.making.production import Order, produce
from synth_pipeline.services import Services
from synth_pipeline.settings import Settings
from synth_pipeline_tests.support.places import ROOT
from synth_pipeline_tests.support.servers import Server, point_to

pytestmark = [pytest.mark.server, pytest.mark.sandbox]
PAGE = ROOT / "docs" / "using-the-data.md"
BUCKET = "my-bucket"


def blocks() -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def names(s3_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Every name that the examples define, after they ran on the machine they speak of."""
    home = tmp_path_factory.mktemp("home")
    s3_server.client("s3").create_bucket(Bucket=BUCKET)
    with pytest.MonkeyPatch.context() as monkeypatch:
        point_to(s3_server, monkeypatch)
        monkeypatch.chdir(home)
        monkeypatch.setenv("DAGSTER_HOME", str(home))
        monkeypatch.setenv("SYNTH_STORE", f"s3://{BUCKET}/data")
        services = Services(Settings.from_env(os.environ, home))
        request = Request.create(industry="semiconductor", number=1, user_id="ada", year=2024)
        (machine,) = list_machines(services, request).outdated
        produce(services, Order(machine))
        defined: dict[str, Any] = {"__name__": "example"}
        for block in blocks():
            exec(block, defined)
        yield defined


def test_pandas_reads_a_year_and_its_labels(names: dict[str, Any]) -> None:
    frame = names["frame"]

    assert len(frame) == 527_040
    assert str(frame["Timestamp"].dtype) == "datetime64[ms]"
    assert len(names["hourly"]) == 8784
    assert {"start", "end", "kind", "affected"} <= set(names["labels"].columns)


def test_every_anomalous_minute_is_marked(names: dict[str, Any]) -> None:
    frame, labels = names["frame"], names["labels"]

    first = labels.iloc[0]
    assert frame.set_index("Timestamp").loc[first["start"], "anomaly"] == first["kind"]
    assert set(frame["anomaly"].dropna()) == set(labels["kind"])
    assert 0 < names["share"] < 0.05


def test_pyarrow_fetches_a_span_of_some_columns(names: dict[str, Any]) -> None:
    assert names["january"].shape == (31 * 1440, 2)
    assert names["units"]["chamber_pressure_pa"] == "Pa"
    assert names["origin"]["seed"] == "0"
    assert len(names["origin"]["code_sha256"]) == 64


def test_duckdb_joins_labels_to_readings(names: dict[str, Any]) -> None:
    worst = names["worst"]

    assert {kind for kind, _, _ in worst} == set(names["labels"]["kind"])
    assert sum(minutes for _, minutes, _ in worst) >= names["frame"]["anomaly"].notna().sum()


def test_an_asset_of_another_module_is_made_from_the_dataset(
    names: dict[str, Any], tmp_path: Path
) -> None:
    job = names["defs"]().resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        instance.add_dynamic_partitions("machines", ["ada/plasma-etcher"])

        result = job.execute_in_process(
            instance=instance,
            asset_selection=[dg.AssetKey("features")],
            tags={"dagster/partition": "ada/plasma-etcher"},
        )

        features = result.output_for_node("features")
    assert isinstance(features, pd.DataFrame)
    assert len(features) == 8784
    assert ("chamber_pressure_pa", "std") in features.columns
