"""Server-sent events: whatever ends the lines, wherever the bytes are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_pipeline.authoring.model.partial_reply import ReplyTooLongError
from synth_pipeline.authoring.openai import events
from synth_pipeline.authoring.openai.events import data_of_events


def data_of(*pieces: bytes) -> list[str]:
    return list(data_of_events(pieces))


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_lines_end_with_lf_cr_or_both(end: bytes) -> None:
    assert data_of(end.join([b"data: one", b"", b"data: two", b"", b""])) == ["one", "two"]


@pytest.mark.parametrize(
    ("stream", "data"),
    [
        (b"data: one\n\n", ["one"]),
        (b"data:one\n\n", ["one"]),
        (b"data:  one\n\n", [" one"]),
        (b"data: one\ndata: two\n\n", ["one\ntwo"]),
        (b": a comment\n\ndata: one\n\n: another\n\n", ["one"]),
        (b"event: message\nid: 7\nretry: 10\ndata: one\n\n", ["one"]),
        (b"\xef\xbb\xbfdata: one\n\n", ["one"]),
        (b"data: one\n\ndata: [DONE]", ["one", "[DONE]"]),
        (b"data\n\n", [""]),
        (b"datum: one\n\n", []),
        (b"\n\n\n", []),
        (b"", []),
        (b"data: a\xffb\n\n", ["a\ufffdb"]),
        ("data: a\u2028b\x85c\x0bd\n\n".encode(), ["a\u2028b\x85c\x0bd"]),
    ],
)
def test_the_data_of_events_is_what_is_left(stream: bytes, data: list[str]) -> None:
    assert data_of(stream) == data


TEXTS = st.lists(st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"])))


@given(
    texts=TEXTS,
    cuts=st.lists(st.integers(1, 9), min_size=1),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_where_the_bytes_are_cut_does_not_matter(
    texts: list[str], cuts: list[int], end: str
) -> None:
    stream = "".join(f"data: {text}{end}{end}" for text in texts).encode()
    pieces, start = [], 0
    while start < len(stream):
        size = cuts[len(pieces) % len(cuts)]
        pieces.append(stream[start : start + size])
        start += size

    assert data_of(*pieces) == texts


def test_a_line_without_end_is_refused() -> None:
    piece = b"x" * 1_000_000

    with pytest.raises(ReplyTooLongError):
        data_of(b"data: ", *[piece] * (events.MAX_LINE_CHARACTERS // len(piece) + 1))


def test_an_event_without_end_is_refused() -> None:
    with pytest.raises(ReplyTooLongError):
        data_of(b"data: x\n" * (events.MAX_EVENT_LINES + 1))
