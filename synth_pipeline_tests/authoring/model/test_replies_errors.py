"""Mistakes that a model reports of itself, and the many ways to say that there are none."""

import pytest

from synth_pipeline.authoring.model.replies.code import parse_code, parse_errors
from synth_pipeline.authoring.model.replies.errors import MAX_ERROR_LENGTH, MAX_REPORTED_ERRORS

PROGRAM = '''\
"""Prints <error>no mistake of its own</error>."""
import os


def main() -> None:
    print(os.environ["SYNTH_YEAR"])


if __name__ == "__main__":
    main()
'''
FENCED = f"```python\n{PROGRAM}```\n"


@pytest.mark.parametrize(
    "words",
    [
        "",
        "-",
        "[]",
        "0",
        "none",
        "None.",
        "(none)",
        "`none`",
        "N/A",
        "null",
        "nothing",
        "Nothing to report",
        "No errors",
        "**No errors**",
        "✅ No errors",
        "CHECKED: NO ERRORS",
        "Checked: no errors.",
        "no issues found",
        "No mistakes were found in the code.",
        "No further errors.",
        "No errors or warnings",
        "No corrections needed",
        "There are no errors",
        "I found no errors.",
        "I did not find any errors.",
        "I didn\N{RIGHT SINGLE QUOTATION MARK}t find any mistakes in it",
        "No errors detected. The code is correct.",
        "No error found - everything checks out.",
        "No mistakes - verified for 2023 and 2024",
        "no errors; the row counts, units and labels match the contract",
        "No errors were found while checking array lengths, units, time limit and labels",
        "I have checked the program line by line and found no errors.",
        "All checks passed; no errors.",
        "Everything is correct.",
        "All good",
        "ok",
    ],
)
def test_words_that_deny_any_mistake_are_no_error(words: str) -> None:
    assert parse_errors(f"{FENCED}<error>{words}</error>") == ()


@pytest.mark.parametrize(
    "words",
    [
        "The leap year is ignored.",
        "No unit",
        "No metadata for column a",
        "No error handling",
        "No error is raised when the year is missing",
        "No labels are written",
        "No seed is used",
        "None of the columns has a unit",
        "Nothing is written for leap years",
        "0 rows in the leap year",
        "1 error found",
        "Checked: units are wrong",
        "No errors in 2023, but 2024 has 1440 rows too few",
        "no errors in the labels; the units are wrong",
        "All signals are correct except a_c",
        "NaN in column x",
        "not vectorised",
    ],
)
def test_words_that_tell_of_a_mistake_are_an_error(words: str) -> None:
    assert parse_errors(f"{FENCED}<error>{words}</error>") == (words,)


@pytest.mark.parametrize(
    ("tags", "errors"),
    [
        (
            "<error>a unit</error> and <ERROR>\n  the\n  leap year </ERROR>",
            ("a unit", "the leap year"),
        ),
        ("<errors>\n- one unit\n- two units\n</errors>", ("one unit", "two units")),
        ("<error>\n1. one unit\n2. two units\n</error>", ("one unit", "two units")),
        ('<error severity="low">one unit</error>', ("one unit",)),
        ("<error>never closed\n\nMore prose.", ("never closed",)),
        ("<error>one unit<error>two units</error>", ("one unit", "two units")),
        ("<errors/>", ()),
        ("CHECKED: NO ERRORS", ()),
        ("There are no mistakes.", ()),
        ("I would write `<error>` tags.", ()),
    ],
)
def test_error_tags_are_read_in_all_their_forms(tags: str, errors: tuple[str, ...]) -> None:
    assert parse_errors(FENCED + tags) == errors
    assert parse_code(FENCED + tags).reported_errors == errors
    assert parse_errors(tags) == errors


def test_tags_in_the_program_or_in_thoughts_are_not_reported() -> None:
    thoughts = "<think>\n<error>perhaps a unit</error>\n</think>\n"

    assert parse_errors(thoughts + FENCED) == ()
    assert parse_errors(PROGRAM) == ()


def test_errors_are_few_and_short() -> None:
    errors = parse_errors("<error>a unit </error>" * 50 + f"<error>{'unit ' * 500}</error>")

    assert len(errors) == MAX_REPORTED_ERRORS
    (long,) = parse_errors(f"<error>{'unit ' * 500}</error>")
    assert len(long) == MAX_ERROR_LENGTH
