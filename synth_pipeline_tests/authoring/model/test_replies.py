"""Reading of model replies: lists of machines, programs, reported errors, joined parts."""

import ast
import contextlib
import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_pipeline.authoring.model.replies.code import (
    MAX_CODE_LENGTH,
    join_parts,
    parse_code,
    parse_errors,
)
from synth_pipeline.authoring.model.replies.listing.wording import is_field
from synth_pipeline.authoring.model.replies.names import (
    MAX_MACHINE_NAME_LENGTH,
    clean_name,
    parse_machine_names,
    spelling_key,
)
from synth_pipeline.domain.errors import ReplyError
from synth_pipeline.domain.names import slugify

PROGRAM = '''\
"""A generator."""

import os


def main() -> None:
    """Write a year."""
    print(os.environ["SYNTH_YEAR"])


if __name__ == "__main__":
    main()
'''
OTHER = PROGRAM.replace("A generator", "A corrected generator")
BROKEN = PROGRAM.replace("print(", "print((")


def in_fence(code: str, opening: str = "```python", closing: str = "```") -> str:
    return f"{opening}\n{code}{closing}\n"


# --- lists -------------------------------------------------------------------------------------


def test_a_fenced_numbered_list_gives_its_names_in_order() -> None:
    reply = "```text\n1. Plasma Etcher\n2. Diffusion Furnace\n3. Wafer Stepper\n```"

    assert parse_machine_names(reply, 3) == ("Plasma Etcher", "Diffusion Furnace", "Wafer Stepper")


@pytest.mark.parametrize(
    ("item", "name"),
    [
        ("1. Plasma Etcher", "Plasma Etcher"),
        ("2) Plasma Etcher", "Plasma Etcher"),
        ("(3) Plasma Etcher", "Plasma Etcher"),
        ("12: Plasma Etcher", "Plasma Etcher"),
        ("- Plasma Etcher", "Plasma Etcher"),
        ("* Plasma Etcher", "Plasma Etcher"),
        ("• Plasma Etcher", "Plasma Etcher"),
        ("   4.   Plasma   Etcher  ", "Plasma Etcher"),
        ("1. **Plasma Etcher**", "Plasma Etcher"),
        ("1. **Plasma Etcher**: removes material", "Plasma Etcher"),
        ("**1.** Plasma Etcher", "Plasma Etcher"),
        ("**1. Plasma Etcher**", "Plasma Etcher"),
        ("**1.** **Plasma Etcher**: removes material", "Plasma Etcher"),
        ("- **Plasma Etcher**", "Plasma Etcher"),
        ("1. **Plasma Etcher** removes material", "Plasma Etcher"),
        ("1. __Plasma Etcher__", "Plasma Etcher"),
        ("1. `Plasma Etcher`", "Plasma Etcher"),
        ("1. [Plasma Etcher](https://example.org/etcher)", "Plasma Etcher"),
        ("1. Plasma Etcher - removes material with a plasma", "Plasma Etcher"),
        ("1. Plasma Etcher – removes material", "Plasma Etcher"),  # noqa: RUF001
        ("1. Plasma Etcher — removes material", "Plasma Etcher"),
        ("1. Plasma Etcher—removes material", "Plasma Etcher"),
        ("1. Plasma Etcher: removes material", "Plasma Etcher"),
        ("1. Plasma Etcher (ICP)", "Plasma Etcher (ICP)"),
        ('1. "Plasma Etcher".', "Plasma Etcher"),
        ("1. Plasma\u200bEtcher", "Plasma Etcher"),
        ("1. Plasma\tEtcher", "Plasma Etcher"),
        ("1. Plasma\x07 Etcher", "Plasma Etcher"),
        ("1. CO2 Laser Cutter", "CO2 Laser Cutter"),
        ("1. 5-Axis Milling Machine", "5-Axis Milling Machine"),
        ("1. Pick-and-Place Machine", "Pick-and-Place Machine"),
        ("1. Pick/Place Machine", "Pick/Place Machine"),
    ],
)
def test_a_list_item_gives_its_name_without_mark_up_and_explanation(item: str, name: str) -> None:
    assert parse_machine_names(f"Here you are:\n\n{item}\n", 1) == (name,)


@pytest.mark.parametrize(
    "item",
    [
        "../../etc/passwd",
        "..\\windows",
        "/etc/passwd",
        "C:/Windows",
        "~/secrets",
        "...",
        "---",
        "42",
        "刻蚀机",
        "\x00\x01",
    ],
)
def test_what_is_no_usable_name_is_left_out(item: str) -> None:
    names = parse_machine_names(f"```\n1. {item}\n2. Plasma Etcher\n```", 5)

    assert names == ("Plasma Etcher",)


def test_other_spellings_of_one_machine_count_once() -> None:
    reply = "\n".join(
        f"{n}. {name}"
        for n, name in enumerate(
            ["Plasma Etcher", "plasma etcher", "Plasma-Etcher", "PLASMA  ETCHERS", "Glass Press"], 1
        )
    )

    assert parse_machine_names(reply, 9) == ("Plasma Etcher", "Glass Press")


def test_known_machines_are_left_out_in_any_spelling() -> None:
    names = parse_machine_names("1. plasma-etcher\n2. Wafer Saw", 5, known=["Plasma Etcher"])

    assert names == ("Wafer Saw",)


def test_more_names_than_asked_for_are_cut_at_the_first() -> None:
    reply = "\n".join(f"{n}. Machine type {chr(64 + n)}" for n in range(1, 21))

    assert len(parse_machine_names(reply, 7)) == 7


def test_a_name_of_200_characters_is_cut_at_a_word() -> None:
    (name,) = parse_machine_names(f"1. {'Very Long Etcher ' * 12}", 1)

    assert len(name) <= MAX_MACHINE_NAME_LENGTH
    assert name.endswith(("Very", "Long", "Etcher"))


def test_the_longest_fenced_list_counts_and_prose_around_it_does_not() -> None:
    reply = (
        "Some notes:\n1. I looked at many plants\n\n```\n1. Plasma Etcher\n2. Wafer Saw\n```\n"
        "- hope that helps"
    )

    assert parse_machine_names(reply, 9) == ("Plasma Etcher", "Wafer Saw")


@pytest.mark.parametrize("mark", ["1.", "-"])
def test_bullets_that_hang_below_an_item_are_no_machines(mark: str) -> None:
    reply = (
        f"{mark} **Plasma Etcher**\n   - Removes material\n   - Needs vacuum\n{mark} Wafer Saw\n"
    )

    assert parse_machine_names(reply, 9) == ("Plasma Etcher", "Wafer Saw")


def test_names_without_numbers_are_read_inside_a_fence() -> None:
    assert parse_machine_names("~~~\nPlasma Etcher\nWafer Saw\n~~~", 2) == (
        "Plasma Etcher",
        "Wafer Saw",
    )


@pytest.mark.parametrize("reply", ["", "   \n", "I cannot help with that.", "Plasma Etcher, Saw"])
def test_a_reply_without_a_list_is_an_error_that_shows_its_beginning(reply: str) -> None:
    with pytest.raises(ReplyError, match=re.escape(repr(" ".join(reply.split())))):
        parse_machine_names(reply, 3)


@settings(deadline=None)  # cores are shared and noisy
@given(reply=st.text(), limit=st.integers(1, 20), known=st.lists(st.text(), max_size=3))
def test_any_reply_gives_at_most_the_limit_of_different_names_or_a_reply_error(
    reply: str, limit: int, known: list[str]
) -> None:
    try:
        names = parse_machine_names(reply, limit, known)
    except ReplyError:
        return

    assert len(names) <= limit
    assert len({spelling_key(name) for name in names}) == len(names)
    assert all(name.isprintable() and len(name) <= MAX_MACHINE_NAME_LENGTH for name in names)
    assert all(slugify(name) for name in names)


list_like = st.lists(
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["1. ", "2) ", "- ", "* **", "", "> 3. ", "```", "~~~\n"]),
        st.text(max_size=30),
        st.sampled_from(["", " - x", ": y", "**", "\n```"]),
    )
).map("\n".join)


@settings(deadline=None)  # cores are shared and noisy
@given(reply=list_like, limit=st.integers(1, 5))
def test_any_list_like_reply_gives_clean_names_or_a_reply_error(reply: str, limit: int) -> None:
    try:
        names = parse_machine_names(reply, limit)
    except ReplyError:
        return

    assert len(names) <= limit
    assert all(clean_name(name) == name for name in names)


words = st.text("abcdefghijklmnopqrtuvwxyzABCDE", min_size=2, max_size=12)
machine_names = st.lists(
    st.lists(words, min_size=1, max_size=4)
    .map(" ".join)
    .filter(lambda name: not is_field(name)),  # such as `index`
    unique_by=spelling_key,
    min_size=1,
)


@settings(deadline=None)  # cores are shared and noisy
@given(machine_names)
def test_a_list_that_was_written_is_read_back(names: list[str]) -> None:
    lines = "\n".join(f"{number}. {name}" for number, name in enumerate(names, 1))

    assert parse_machine_names(f"```text\n{lines}\n```", len(names)) == tuple(names)


# --- programs ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("```python", "```"),
        ("```Python", "```"),
        ("```py", "```"),
        ("```python3", "```"),
        ("```", "```"),
        ("~~~python", "~~~"),
        ("````python", "````"),
        ("``` python title=main.py", "```"),
        ("```{.python}", "```"),
        ("```python\r", "```\r"),
    ],
)
def test_a_program_is_read_from_every_kind_of_fence(opening: str, closing: str) -> None:
    assert parse_code(in_fence(PROGRAM, opening, closing)).code == PROGRAM


def test_prose_before_the_block_does_no_harm() -> None:
    assert parse_code(f"Sure, here it is:\n\n{in_fence(PROGRAM)}").code == PROGRAM


def test_an_indented_fence_loses_its_indentation() -> None:
    indented = "".join(f"   {line}\n" for line in in_fence(PROGRAM).splitlines())

    assert parse_code(indented).code.replace("   \n", "\n") == PROGRAM


def test_the_last_of_several_programs_counts() -> None:
    reply = in_fence(PROGRAM) + "<error>typo</error>\n" + in_fence(OTHER)

    assert parse_code(reply).code == OTHER


@pytest.mark.parametrize(
    "trailer",
    [
        in_fence("python main.py\n", "```bash"),
        in_fence('{"ok": true}\n', "```json"),
        in_fence("Timestamp,a_c\n", "```text"),
        in_fence("Timestamp,a_c\n", "```"),
        in_fence("python main.py\n", "```"),
        in_fence("df.head()\n", "```python"),
        in_fence("import pandas as pd\npd.read_parquet('dataset.parquet')\n", "```python"),
        in_fence("    values = values[:rows]\n", "```python"),
        in_fence("", "```python"),
    ],
)
def test_a_block_after_the_program_that_is_no_program_does_not_count(trailer: str) -> None:
    assert parse_code(in_fence(PROGRAM) + trailer).code == PROGRAM


def test_a_corrected_program_with_a_syntax_error_still_counts_as_the_last() -> None:
    assert parse_code(in_fence(PROGRAM) + in_fence(BROKEN)).code == BROKEN


def test_an_unfinished_correction_does_not_replace_the_complete_program() -> None:
    reply = in_fence(PROGRAM) + "```python\n" + OTHER[:90]

    assert parse_code(reply).code == PROGRAM


def test_a_complete_program_whose_closing_fence_is_missing_counts() -> None:
    assert parse_code("```python\n" + OTHER).code == OTHER


def test_a_block_left_open_before_the_next_one_is_closed_by_it() -> None:
    reply = "```python\n" + PROGRAM + "Wait, that is wrong.\n" + in_fence(OTHER)

    assert parse_code(reply).code == OTHER


def test_a_program_without_any_fence_counts_when_it_is_all_there_is() -> None:
    assert parse_code(PROGRAM).code == PROGRAM


@pytest.mark.parametrize("fence", ["```", "```text", "~~~"])
def test_fences_inside_a_docstring_do_not_end_the_program(fence: str) -> None:
    closing = fence[:3]
    docstring = f'"""Write a year.\n\n{fence}\npython main.py\n{closing}\n"""'
    program = PROGRAM.replace('"""Write a year."""', docstring)

    assert ast.parse(program)
    assert parse_code(in_fence(program) + in_fence("ls\n", "```bash")).code == program


@pytest.mark.parametrize("link", [".b", "()", "[0]", " + a"])
def test_a_deeply_nested_program_is_read_without_a_crash(link: str) -> None:
    program = PROGRAM.replace(
        'if __name__ == "__main__":', f"if a{link * 900}:\n    pass\nif __name__:"
    )

    assert parse_code(in_fence(program)).code == program


class Litter:
    """Garbage in a cycle: collecting it in the middle of other work lets another thread run."""

    def __init__(self) -> None:
        self.me = self

    def __del__(self) -> None:
        time.sleep(0)


def test_replies_are_read_in_several_threads_at_once() -> None:
    """With `ast.parse` this fails on CPython 3.11: python/cpython issue 106905."""
    reply = in_fence("x = [" + "(1, 2), " * 300 + "]\n" + PROGRAM) + in_fence(OTHER)

    def read(_number: int) -> str:
        for _ in range(5):
            Litter()
        return parse_code(reply).code

    with ThreadPoolExecutor(4) as pool:
        codes = set(pool.map(read, range(40)))

    assert codes == {OTHER}


def test_error_tags_are_kept_as_a_trimmed_list() -> None:
    reply = (
        in_fence(PROGRAM)
        + "<error>\n  The leap year\n  is ignored. </error>\n<ERROR>No unit</ERROR>\n"
        + in_fence(OTHER)
    )

    assert parse_code(reply).reported_errors == ("The leap year is ignored.", "No unit")


@pytest.mark.parametrize(
    ("tags", "errors"),
    [
        ("<error>none</error>", ()),
        ("<error>No errors found.</error>", ()),
        ("<error></error>", ()),
        ("<errors>\n- one\n- two\n</errors>", ("one", "two")),
        ("<error>\n1. one\n2. two\n</error>", ("one", "two")),
        ("<error>never closed", ("never closed",)),
        ("<error>a<error>b</error>", ("a", "b")),
        ("There are no mistakes.", ()),
    ],
)
def test_error_tags_are_read_in_all_their_forms(tags: str, errors: tuple[str, ...]) -> None:
    assert parse_errors(in_fence(PROGRAM) + tags) == errors


def test_error_tags_inside_the_program_are_not_reported() -> None:
    program = PROGRAM.replace("A generator", "Prints <error>x</error>")

    assert parse_code(in_fence(program)).reported_errors == ()


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        ("", "the reply is empty"),
        (" \n\t", "the reply is empty"),
        ("I cannot help with weapons.", "no Python code block.*begins: 'I cannot help"),
        (in_fence("ls\n", "```bash"), "no Python code block"),
        ("import it yourself:\nimport os\ndef main() is all", "no Python code block"),
        ("```python\nimport os\nclass Etch", "ends inside its code block"),
        (in_fence("x = 1\n" * (MAX_CODE_LENGTH // 5)), f"expected at most {MAX_CODE_LENGTH:,}"),
    ],
)
def test_a_reply_without_a_program_says_what_is_missing(reply: str, why: str) -> None:
    with pytest.raises(ReplyError, match=why):
        parse_code(reply)


fence_pieces = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "```python\n",
                "```\n",
                "~~~py\n",
                "~~~\n",
                "  ```\n",
                "import os\n",
                "def main():\n    pass\n",
                '"""\n',
                "if __name__ == '__main__':\n",
                "<error>",
                "</error>",
                "\x00",
                "\r\n",
                "((((",
            ]
        ),
        st.text(max_size=20),
    )
).map("".join)


@settings(deadline=None)  # cores are shared and noisy
@given(fence_pieces)
def test_any_reply_gives_a_program_or_a_reply_error(reply: str) -> None:
    try:
        parsed = parse_code(reply)
    except ReplyError:
        return

    assert parsed.code.strip()
    assert all(error == " ".join(error.split()) and error for error in parsed.reported_errors)


@settings(deadline=None)  # cores are shared and noisy
@given(st.lists(fence_pieces, min_size=1, max_size=4))
def test_any_parts_can_be_joined(parts: list[str]) -> None:
    assert isinstance(join_parts(parts), str)


@settings(deadline=None)  # cores are shared and noisy
@given(st.text(st.characters(exclude_characters="\r"), max_size=200))
def test_a_program_with_any_docstring_is_read_back(text: str) -> None:
    program = PROGRAM.replace("print(", f"print({text!r}, ")

    assert parse_code(in_fence(program)).code == program


@settings(deadline=None)  # cores are shared and noisy
@given(st.integers(1, len(in_fence(PROGRAM)) - 1))
def test_a_reply_cut_anywhere_is_joined_to_what_it_was(cut: int) -> None:
    reply = in_fence(PROGRAM)

    assert parse_code(join_parts([reply[:cut], reply[cut:]])).code == PROGRAM


@settings(deadline=None)  # cores are shared and noisy
@given(st.integers(30, len(PROGRAM) - 1))
def test_a_continuation_that_opens_its_block_again_is_joined(cut: int) -> None:
    reply = in_fence(PROGRAM)
    cut += reply.index("\n") + 1

    joined = join_parts([reply[:cut], "Here is the rest:\n```python\n" + reply[cut:]])

    assert parse_code(joined).code == PROGRAM


def test_a_continuation_that_repeats_the_last_words_is_trimmed() -> None:
    reply = in_fence(PROGRAM)

    joined = join_parts([reply[:120], reply[80:]])

    assert parse_code(joined).code == PROGRAM


def test_a_line_feed_lost_at_the_seam_is_put_back() -> None:
    reply = in_fence(PROGRAM)
    cut = reply.index("    print")

    joined = join_parts([reply[: cut - 1], reply[cut:]])

    assert parse_code(joined).code == PROGRAM


def test_a_continuation_that_starts_the_program_again_stands_alone() -> None:
    reply = in_fence(PROGRAM)

    joined = join_parts([reply[:150], "I start over:\n" + reply])

    assert joined == "I start over:\n" + reply


# --- time ---------------------------------------------------------------------------------------

MEGABYTE = 1_000_000


@pytest.mark.parametrize(
    "reply",
    [
        "```" + " " * MEGABYTE + "`",
        "```\n" * (MEGABYTE // 4),
        "```python\nx=(\n" * (MEGABYTE // 14),
        "```python\nimport a\ndef main(): pass\n```\n" * (MEGABYTE // 40),
        "~" * MEGABYTE + "`",
        "<error>" * (MEGABYTE // 7),
        "```python\nimport a\ndef main(): return f'" + "{a}" * (MEGABYTE // 3) + "'\n```",
        "```python\nimport a\ndef main(): " + "(" * MEGABYTE + "\n```",
        "1. " + "[" * MEGABYTE,
        "1. saw\n" * (MEGABYTE // 7),
        "1. a" + " " * MEGABYTE + "b",
        "1. a" + "\u0301" * (MEGABYTE // 2),
    ],
    ids=lambda reply: repr(reply[:30]),
)
def test_a_megabyte_of_anything_is_read(reply: str) -> None:
    """Takes hours, and so the suite's time limit, where a step is quadratic."""
    names: list[str] = []
    with contextlib.suppress(ReplyError):
        parse_code(reply)
    with contextlib.suppress(ReplyError):
        names = list(parse_machine_names(reply, 14))

    errors = parse_errors(reply)
    joined = join_parts([reply[: MEGABYTE // 2], reply[MEGABYTE // 2 :]])

    assert len(names) <= 14
    assert all(error.strip() for error in errors)
    assert len(joined) <= len(reply)
