"""What calls took, added up, and what that costs."""

import pytest

from synth_pipeline.domain.usage import Prices, Usage

PRICES = Prices(input=3.0, output=15.0, cache_read=0.3, cache_write=3.75)


def test_every_count_adds_up() -> None:
    assert Usage(1, 2, 3, 0.1, 4, 5) + Usage(1, 2, 3, 0.2, 4, 5) == Usage(2, 4, 6, 0.3, 8, 10)


def test_each_kind_of_tokens_has_its_price() -> None:
    usage = Usage(1, 1_000_000, 200_000, 9.9, 2_000_000, 400_000)

    assert PRICES.cost(usage) == pytest.approx(3.0 + 3.0 + 0.6 + 1.5)


@pytest.mark.parametrize(
    ("prices", "usage", "cost"),
    [
        (Prices(), Usage(), 0.0),
        (Prices(), Usage(1, 1), None),
        (Prices(input=1.0), Usage(1, 1_000_000), 1.0),
        (Prices(input=1.0), Usage(1, 1_000_000, 1), None),
        (Prices(input=1.0, output=0.0), Usage(1, 1_000_000, 7), 1.0),
        (Prices(input=1.0, output=1.0), Usage(1, 1, 1, cache_read_tokens=1), None),
        (Prices(input=1.0, output=1.0), Usage(1, 1, 1, cache_write_tokens=1), None),
    ],
)
def test_a_cost_is_told_where_every_price_it_needs_is_known(
    prices: Prices, usage: Usage, cost: float | None
) -> None:
    assert prices.cost(usage) == cost


@pytest.mark.parametrize(
    ("prices", "usage", "shown"),
    [
        (Prices(), Usage(), None),
        (Prices(), Usage(1, 1), None),
        (Prices(input=1.0), Usage(), 0.0),
        (Prices(input=0.0, output=0.0), Usage(1, 5, 6), 0.0),
        (Prices(input=1.0), Usage(1, 0, 1), None),
        (Prices(input=1 / 3, output=2.0), Usage(1, 1_000_000, 1), 0.333335),
    ],
)
def test_a_cost_is_shown_where_prices_are_set_and_suffice(
    prices: Prices, usage: Usage, shown: float | None
) -> None:
    assert prices.shown(usage) == shown
    assert prices.are_set is (prices != Prices())
