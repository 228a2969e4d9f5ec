"""The whole path as a user sees it: `make dev`, a request in the UI, its datasets and checks.

Each test looks at one page; the request, and a backfill after it, are made once for all of them.
`SYNTH_SCREENSHOTS=docs/images` renews the pictures of the documentation.
"""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from synth_pipeline_tests.support.ui import (
    CHROMIUM,
    SHOWN_WITHIN_MS,
    Dev,
    Ui,
    open_browser,
    running_dev,
    wait_until,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium is installed"),
]

GREEN_WITHIN_S = 150.0
ZOOM_STEPS, DRAG_TO = 4, (890, 700)
USER, MACHINES = "ada", ["ada/plasma-etcher", "ada/cvd-reactor"]
REQUEST = """\
ops:
  file_request:
    config:
      industry: semiconductor
      number: 2
      user_id: ada
      year: 2024
"""
PARTITIONS = """{ assetNodeOrError(assetKey: {path: ["dataset"]}) { ... on AssetNode {
    partitionKeys assetPartitionStatuses {
        ... on DefaultPartitionStatuses { materializedPartitions failedPartitions } } } } }"""


@dataclass
class Story:
    """A request that was filed in the UI and became datasets, and a backfill asked for since."""

    ui: Ui
    backfill: subprocess.Popen[str]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    expect.set_options(timeout=SHOWN_WITHIN_MS)
    with running_dev(tmp_path_factory.mktemp("dev")) as dev, open_browser(dev) as ui:
        with ui.explained():
            file_request(ui)
            wait_until(lambda: is_green(dev), GREEN_WITHIN_S, f"{MACHINES} to be green")
        backfill = dev.synth("backfill", "--user", USER, "--all")
        try:
            yield Story(ui, backfill)
        finally:
            backfill.kill()
            backfill.communicate()


def file_request(ui: Ui) -> None:
    page = ui.open("/locations/synth_pipeline/jobs/submit_request/playground")
    expect(page.locator(".CodeMirror-code")).to_contain_text("industry: semiconductor")
    page.locator(".CodeMirror-code").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(REQUEST)
    expect(page.locator(".CodeMirror-code")).to_contain_text("year: 2024")
    expect(page.get_by_text("No errors", exact=True)).to_be_visible()
    launch = page.get_by_role("button", name="Launch Run")
    expect(launch).to_be_enabled()
    ui.picture("launchpad")
    launch.click()
    page.wait_for_url("**/runs/*")


def is_green(dev: Dev) -> bool:
    node = dev.graphql(PARTITIONS)["assetNodeOrError"]
    statuses = node["assetPartitionStatuses"]
    assert statuses["failedPartitions"] == []
    made, asked_for = set(statuses["materializedPartitions"]), set(node["partitionKeys"])
    return made == asked_for == set(MACHINES)


def shown(page: Page, text: str) -> Locator:
    """The text where it is to be seen; the UI keeps invisible copies to measure them."""
    return page.get_by_text(text, exact=True).filter(visible=True).last


def test_a_request_filed_in_the_launchpad_becomes_datasets_that_show_their_signals(
    story: Story,
) -> None:
    ui = story.ui
    with ui.explained():
        page = ui.open("/assets/dataset?view=partitions&partition=ada%2Fplasma-etcher")

        expect(shown(page, "Materialized (2)")).to_be_visible()
        expect(shown(page, "Failed (0)")).to_be_visible()
        metadata = page.get_by_role("row")
        expect(metadata.filter(has_text="dagster/row_count")).to_contain_text("527040")
        signal = metadata.filter(has_text="chamber_pressure_pa").last
        expect(signal).to_contain_text(re.compile(r"Pa\s*[\d.]+\s*[\d.]+\s*[\d.]+\s*0\.\d\d%"))
        ui.picture("partitions")


def test_the_checks_page_shows_the_results_of_each_partition(story: Story) -> None:
    ui = story.ui
    with ui.explained():
        page = ui.open("/assets/dataset?view=checks&checkDetail=anomalies_present")
        expect(page.get_by_text("Checks (7)")).to_be_visible()
        page.locator("button#partitions").click()
        shown(page, "ada/plasma-etcher").click()

        expect(page.get_by_text("Passed (2)")).to_be_visible()
        expect(page.get_by_text("View all historical executions")).to_be_visible()
        for fact in ("events", "kinds", "rows_pct"):
            expect(page.get_by_role("row").filter(has_text=fact)).to_be_visible()
        ui.picture("checks")


def test_a_backfill_of_the_command_line_is_on_the_backfills_page_and_completes(
    story: Story,
) -> None:
    ui = story.ui
    with ui.explained():
        printed, _ = story.backfill.communicate(timeout=60)
        assert story.backfill.returncode == 0, printed
        found = re.search(r"backfill (ada_\w+) of 2 machines", printed)
        assert found, printed

        page = ui.open("/runs?view=backfills")

        link = page.get_by_role("link", name=found[1])
        row = page.locator("div").filter(has=link).filter(has_text="2 partitions").last
        expect(row).to_contain_text("synth/user: ada")
        expect(row).to_contain_text("Success")
        ui.picture("backfills")


def test_the_lineage_page_shows_every_asset_filled_and_the_checks_passed(story: Story) -> None:
    ui = story.ui
    with ui.explained():
        page = ui.open("/asset-groups")
        for asset in ("machine_list", "machine", "generator_code", "dataset"):
            expect(shown(page, asset)).to_be_visible()

        enlarge_graph(page)

        expect(page.get_by_text("100% filled")).to_have_count(4)
        expect(page.get_by_text("7 / 7 Passed")).to_be_visible()
        ui.picture("lineage")


def enlarge_graph(page: Page) -> None:
    """Close both side panels and zoom in until the assets show their details."""
    page.get_by_text("Hide navigation").click()
    page.locator("button:has([aria-label=panel_show_right])").last.click()
    for _ in range(ZOOM_STEPS):
        page.locator("button:has([aria-label=zoom_in])").click()
    page.mouse.move(600, 700)
    page.mouse.down()
    page.mouse.move(*DRAG_TO, steps=5)
    page.mouse.up()
