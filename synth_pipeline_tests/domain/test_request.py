"""Requests: what is accepted, what is refused in which words, and what makes two the same."""

import datetime as dt
import subprocess
import sys
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from synth_pipeline.domain.errors import InputError
from synth_pipeline.domain.request import MAX_SEED, Request

GOOD: dict[str, Any] = {
    "industry": "semiconductor",
    "number": 3,
    "user_id": "ada",
    "year": 2024,
    "seed": 7,
}
TODAY = dt.date(2026, 3, 1)


def create(**changes: object) -> Request:
    return Request.create(**{**GOOD, **changes}, today=TODAY)


def fault(**changes: object) -> str:
    with pytest.raises(InputError) as caught:
        create(**changes)
    return str(caught.value)


def test_good_values_are_kept_as_they_are() -> None:
    request = create()

    assert (request.industry, request.number, request.user_id) == ("semiconductor", 3, "ada")
    assert (request.year, request.seed) == (2024, 7)


def test_without_year_and_seed_it_is_the_last_full_year_and_seed_zero() -> None:
    request = create(year=None, seed=None)

    assert (request.year, request.seed) == (2025, 0)


@pytest.mark.parametrize("today", [dt.date(2026, 1, 1), dt.date(2026, 12, 31)])
def test_the_last_full_year_is_the_one_before_today(today: dt.date) -> None:
    request = Request.create(industry="food", number=1, user_id="ada", today=today)

    assert request.year == 2025


@pytest.mark.parametrize("number", [5, "5", " 5 ", 5.0, Decimal("5"), Decimal("5.0")])
def test_whole_numbers_come_as_int_text_float_or_decimal(number: object) -> None:
    request = create(number=number)

    assert request.number == 5
    assert type(request.number) is int


@pytest.mark.parametrize(
    "number",
    [0, 101, -1, "x", "", "1.0", "1e1", "-1", "+1", True, False, None, 1.5, Decimal("1.5"),
     float("nan"), float("inf"), Decimal("NaN"), Decimal("Infinity"), b"12", [1], 1j, "9" * 5000],
)  # fmt: skip
def test_other_numbers_are_refused_with_the_value_and_the_range(number: object) -> None:
    message = fault(number=number)

    assert message.startswith("number ")
    assert repr(number)[:20] in message
    assert message.endswith("expected a whole number from 1 to 100")


@pytest.mark.parametrize("year", [1969, 2101, 99999, -2024, "twenty", True])
def test_years_outside_1970_to_2100_are_refused(year: object) -> None:
    assert fault(year=year) == f"year {year!r}: expected a whole number from 1970 to 2100"


@pytest.mark.parametrize("year", [1970, 2100])
def test_the_first_and_the_last_year_are_accepted(year: int) -> None:
    assert create(year=year).year == year


@pytest.mark.parametrize("seed", [-1, 2**32, "seed", 0.5])
def test_seeds_outside_32_bits_are_refused(seed: object) -> None:
    assert fault(seed=seed) == f"seed {seed!r}: expected a whole number from 0 to {MAX_SEED}"


@pytest.mark.parametrize(
    "user_id",
    ["", "../u", "..", ".", "a,b", "a b", "a/b", "a\\b", "Ada", "ädä", ".hidden", "a" * 65,
     "a..b", "ada\n", "a\x00b", "%2e%2e", "ada$", "*"],
)  # fmt: skip
def test_user_ids_that_could_be_a_path_or_a_pattern_are_refused(user_id: str) -> None:
    message = fault(user_id=user_id)

    assert message.startswith(f"user id {user_id!r}: expected 1 to 64 lower-case letters")


@pytest.mark.parametrize("user_id", ["a", "a" * 64, "team-7", "team_7", "0", "a.b", "_x", "-x"])
def test_plain_user_ids_are_accepted(user_id: str) -> None:
    assert create(user_id=user_id).user_id == user_id


@pytest.mark.parametrize("value", [None, 7, b"ada", ["ada"]])
def test_texts_must_be_text(value: object) -> None:
    message = fault(user_id=value, industry=value)

    assert message == f"industry {value!r}: expected text; user id {value!r}: expected text"


@pytest.mark.parametrize(
    "industry", ["", "   ", "a" * 81, "semi\x00con", "semi\ncon", "semi\tcon", "\ud800", "\u202ex"]
)
def test_empty_long_and_unprintable_industries_are_refused(industry: str) -> None:
    message = fault(industry=industry)

    assert message.startswith("industry ")
    assert message.endswith("expected 1 to 80 printable characters")
    assert message.isprintable()


@pytest.mark.parametrize(
    ("industry", "kept"),
    [
        ("  semiconductor  ", "semiconductor"),
        ("food  and   drink", "food and drink"),
        ("a" * 80, "a" * 80),
        ("半導体", "半導体"),
        ("Öl & Gas, 'offshore'", "Öl & Gas, 'offshore'"),
    ],
)
def test_industries_are_free_text_with_single_spaces(industry: str, kept: str) -> None:
    assert create(industry=industry).industry == kept


def test_several_faults_are_named_in_one_error() -> None:
    message = fault(industry=" ", number=0, user_id="../u", year=1969, seed=-1)

    assert [part.split(" ")[0] for part in message.split("; ")] == [
        "industry",
        "number",
        "user",
        "year",
        "seed",
    ]


def test_a_long_bad_value_is_cut_in_the_message() -> None:
    message = fault(number="9" * 5000)

    assert len(message) < 200


def test_a_number_too_large_to_print_is_refused_like_any_other() -> None:
    message = fault(number=10**5000)

    assert message.endswith("expected a whole number from 1 to 100")


def test_a_decimal_with_a_huge_exponent_is_refused_at_once() -> None:
    message = fault(number=Decimal("1E+999999999"))

    assert message == "number Decimal('1E+999999999'): expected a whole number from 1 to 100"


def test_equal_requests_have_equal_ids() -> None:
    assert create().request_id == create(number="3", seed=7.0).request_id
    assert create().request_id.startswith("ada-")
    assert len(create().request_id) == len("ada-") + 12


def test_the_case_of_the_industry_makes_no_other_request() -> None:
    assert create(industry="SEMIconductor").request_id == create().request_id


@pytest.mark.parametrize(
    "change",
    [{"industry": "food"}, {"number": 4}, {"user_id": "bob"}, {"year": 2023}, {"seed": 8}],
)
def test_each_other_value_makes_another_request(change: dict[str, object]) -> None:
    assert create(**change).request_id != create().request_id


def test_the_id_is_the_same_in_another_process() -> None:
    assert create().request_id == "ada-19e4a3012853"


@given(
    value=st.one_of(
        st.text(),
        st.integers(),
        st.floats(),
        st.decimals(),
        st.booleans(),
        st.none(),
        st.binary(),
        st.lists(st.integers()),
        st.complex_numbers(),
    )
)
@example(value=Decimal("sNaN"))
def test_any_value_is_either_accepted_or_refused_with_an_input_error(value: object) -> None:
    for name in GOOD:
        try:
            request = create(**{name: value})
        except InputError:
            pass
        else:
            assert 1 <= request.number <= 100
            assert 1970 <= request.year <= 2100
            assert request.request_id.startswith(f"{request.user_id}-")


def test_the_intake_can_import_requests_without_pyarrow_and_dagster() -> None:
    program = (
        "import sys, synth_pipeline.domain.request, synth_pipeline.domain.outcome;"
        "heavy = {'pyarrow', 'numpy', 'pandas', 'dagster', 'boto3', 'click'};"
        "print(sorted(heavy & sys.modules.keys()))"
    )

    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert result.stdout.strip() == "[]"
