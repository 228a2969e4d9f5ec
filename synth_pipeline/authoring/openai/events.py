"""Server-sent events: bytes in, the data of each event out.

https://html.spec.whatwg.org/multipage/server-sent-events.html, but that the last event of a stream
counts without the blank line after it: some servers leave that away.
"""

import codecs
import io
from collections.abc import Iterable, Iterator

from synth_pipeline.authoring.model.partial_reply import ReplyTooLongError

MAX_LINE_CHARACTERS = 8_000_000  # a whole reply in one event, escaped
MAX_EVENT_LINES = 1_000


def data_of_events(pieces: Iterable[bytes]) -> Iterator[str]:
    """The data of each event, whatever ends its lines and wherever the pieces are cut.

    Bytes that are no UTF-8 become U+FFFD; comments and other fields are left out. Raises
    ReplyTooLongError for an event beyond MAX_EVENT_LINES of MAX_LINE_CHARACTERS.
    """
    data: list[str] = []
    for line in _lines(pieces):
        if not line and data:
            yield "\n".join(data)
            data = []
        name, _, value = line.partition(":")
        if name == "data":
            data.append(value.removeprefix(" "))
        if len(data) > MAX_EVENT_LINES:
            raise ReplyTooLongError
    if data:
        yield "\n".join(data)


def _lines(pieces: Iterable[bytes]) -> Iterator[str]:
    """Lines that end with LF, CR or CRLF, and nothing else that Unicode calls a line's end."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    newlines = io.IncrementalNewlineDecoder(decoder, translate=True)
    begun: list[str] = []
    length = 0
    for piece in pieces:
        first, *others = newlines.decode(piece).split("\n")
        begun.append(first)
        length += len(first)
        if others:
            yield "".join(begun)
            yield from others[:-1]
            begun, length = [others[-1]], len(others[-1])
        if length > MAX_LINE_CHARACTERS:
            raise ReplyTooLongError
    yield from "".join([*begun, newlines.decode(b"", final=True)]).split("\n")
