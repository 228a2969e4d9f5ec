"""The encoding of AWS event streams: prelude, headers and payload, each with its checksum.

https://smithy.io/2.0/aws/amazon-eventstream.html
"""

import json
import struct
import zlib
from collections.abc import Mapping

_STRING = 7


def event(name: str, payload: Mapping[str, object]) -> bytes:
    """One event of a stream, such as `contentBlockDelta`."""
    return _message({":message-type": "event", ":event-type": name}, payload)


def exception(name: str, message: str) -> bytes:
    """An exception as a member of a stream, such as `throttlingException`."""
    headers = {":message-type": "exception", ":exception-type": name}
    return _message(headers, {"message": message})


def _message(headers: Mapping[str, str], payload: Mapping[str, object]) -> bytes:
    named = {**headers, ":content-type": "application/json"}
    head = b"".join(_header(name, value) for name, value in named.items())
    body = json.dumps(payload).encode()
    prelude = struct.pack("!II", 12 + len(head) + len(body) + 4, len(head))
    message = prelude + struct.pack("!I", zlib.crc32(prelude)) + head + body
    return message + struct.pack("!I", zlib.crc32(message))


def _header(name: str, value: str) -> bytes:
    text = value.encode()
    return bytes([len(name)]) + name.encode() + struct.pack("!BH", _STRING, len(text)) + text
