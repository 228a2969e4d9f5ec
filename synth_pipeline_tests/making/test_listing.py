from pathlib import Path

import pytest

from synth_pipeline.domain.machine import Machine
from synth_pipeline.domain.request import Request
from synth_pipeline.making.listing import list_machines
from synth_pipeline.making.production import Order, produce
from synth_pipeline.services import Services
from synth_pipeline_tests.support.workshop import ScriptedAuthor, make_services


def request_of(number: int, industry: str = "tools", year: int = 2023, seed: int = 1) -> Request:
    return Request.create(industry=industry, number=number, user_id="ada", year=year, seed=seed)


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return make_services(tmp_path, ScriptedAuthor())


def stored(services: Services) -> tuple[Machine, ...]:
    return services.store.load_machines("ada")


def test_a_request_sent_twice_adds_nothing_twice(services: Services) -> None:
    list_machines(services, request_of(3))

    listing = list_machines(services, request_of(3))

    assert [m.slug for m in stored(services)] == ["lathe", "drill", "saw"]
    assert [m.slug for m in listing.machines] == ["lathe", "drill", "saw"]


def test_a_larger_request_adds_only_what_is_missing(services: Services) -> None:
    list_machines(services, request_of(2))

    list_machines(services, request_of(4))

    assert [m.slug for m in stored(services)] == ["lathe", "drill", "saw", "press"]


def test_a_smaller_request_leaves_the_other_machines_as_they_are(services: Services) -> None:
    list_machines(services, request_of(3, year=2023))

    listing = list_machines(services, request_of(1, year=2022))

    assert [m.slug for m in listing.machines] == ["lathe"]
    assert {m.slug: m.year for m in stored(services)} == {"lathe": 2022, "drill": 2023, "saw": 2023}


def test_a_name_clash_across_industries_gets_its_own_slug(services: Services) -> None:
    list_machines(services, request_of(2))

    listing = list_machines(services, request_of(2, industry="Wood Works"))

    assert [m.slug for m in listing.machines] == ["lathe-wood-works", "drill-wood-works"]
    assert len(stored(services)) == 4


def test_an_industry_in_other_letters_is_the_same_industry(services: Services) -> None:
    list_machines(services, request_of(2, industry="tools"))

    list_machines(services, request_of(2, industry="TOOLS"))

    assert len(stored(services)) == 2


@pytest.mark.sandbox
def test_a_machine_with_a_good_dataset_is_not_outdated_until_year_or_seed_change(
    services: Services,
) -> None:
    listing = list_machines(services, request_of(2))
    produce(services, Order(listing.machines[0]))

    again = list_machines(services, request_of(2))
    other_seed = list_machines(services, request_of(2, seed=2))

    assert [m.slug for m in again.outdated] == ["drill"]
    assert [m.slug for m in other_seed.outdated] == ["lathe", "drill"]
