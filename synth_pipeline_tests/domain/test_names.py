"""User ids and slugs: always a safe folder, prefix and partition key, and always unique."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_pipeline.domain.errors import InputError
from synth_pipeline.domain.names import MAX_NAME_LENGTH, free_slug, require_name, slugify


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Plasma Etcher (ICP)", "plasma-etcher-icp"),
        ("Ofen für Glühgut", "ofen-fur-gluhgut"),
        ("Überdruck-Kessel №4", "uberdruck-kessel-no4"),
        ("ﬁlm coater", "film-coater"),
        ("../../etc/passwd", "etc-passwd"),
        ("..\\..\\windows", "windows"),
        ("a,b;c", "a-b-c"),
        ("  --x--  ", "x"),
        ("CVD\x00\nReactor", "cvd-reactor"),
        ("%2e%2e/x", "2e-2e-x"),
        ("x" * 200, "x" * 64),
        ("a" * 63 + " b", "a" * 63),
        ("炉 No 3", "no-3"),
    ],
)
def test_a_name_becomes_lower_case_ascii_words(name: str, slug: str) -> None:
    assert slugify(name) == slug
    assert require_name(slug, "machine") == slug


@pytest.mark.parametrize("name", ["", " ", "…", "半導体炉", "../..", "🏭"])
def test_a_name_without_latin_letters_or_digits_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="expected at least one letter or digit") as caught:
        slugify(name)

    assert repr(name) in str(caught.value)


def test_a_free_name_keeps_its_plain_slug() -> None:
    assert free_slug("Dryer", "food", frozenset()) == "dryer"


def test_a_clash_adds_the_industry_then_a_number() -> None:
    taken: set[str] = set()

    for _ in range(4):
        taken.add(free_slug("Dryer", "Food & Drink", frozenset(taken)))

    assert taken == {"dryer", "dryer-food-drink", "dryer-food-drink-2", "dryer-food-drink-3"}


def test_a_clash_in_an_industry_without_latin_letters_still_finds_a_slug() -> None:
    assert free_slug("Dryer", "半導体", frozenset({"dryer"})) == "dryer-other"


def test_long_names_and_industries_stay_within_the_length() -> None:
    slug = free_slug("m" * 200, "industry of things " * 4, frozenset({"m" * 64}))

    assert len(slug) <= MAX_NAME_LENGTH
    assert slug.endswith("-industry-of-things-indus")


def test_thousands_of_long_clashing_names_stay_valid() -> None:
    taken = {"m" * 64}

    for _ in range(1100):
        taken.add(require_name(free_slug("m" * 80, "food", frozenset(taken)), "machine"))

    assert len(taken) == 1101
    assert max(map(len, taken)) == MAX_NAME_LENGTH


@given(name=st.text(max_size=120), industry=st.text(max_size=90), already=st.integers(0, 3))
def test_every_slug_is_a_valid_name_and_new(name: str, industry: str, already: int) -> None:
    taken: set[str] = set()

    try:
        for _ in range(already + 1):
            slug = free_slug(name, industry, frozenset(taken))
            assert slug not in taken
            taken.add(slug)
    except InputError:
        assert not taken

    assert all(require_name(slug, "machine") == slug for slug in taken)


@given(st.text())
def test_a_name_is_valid_or_refused_and_never_changed(value: str) -> None:
    try:
        kept = require_name(value, "user id")
    except InputError:
        pass
    else:
        assert kept == value
        assert "/" not in kept
        assert ".." not in kept
        assert kept[0] != "."
