"""HTTP to one address: connections, proxies, time-outs and bounds; nothing of what is said.

urllib3 is here anyway, as botocore's own HTTP. Unlike httpx and requests it reads neither a
`.netrc`, which could replace the key, nor anything else of the environment.
"""

import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing
from urllib.parse import unquote, urlsplit

import urllib3

from synth_pipeline.authoring.model.partial_reply import (
    PartialReply,
    ReplyTooLongError,
)

PIECE_BYTES = 65_536
MAX_BODY_BYTES = 32 * 1024 * 1024  # of a reply that is not streamed
MAX_ERROR_BYTES = 65_536  # of an error's body; what is beyond is not read


class StatusError(Exception):
    """The server answered with another status than 2xx."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.headers = headers
        self.body = body


class Wire:
    """Posts to one address; several threads may share it."""

    def __init__(self, url: str, headers: Mapping[str, str], connect_timeout_s: float) -> None:
        self._url = url
        self._headers = headers
        self._connect_timeout_s = connect_timeout_s
        self._pools = _pools(url)

    def post(self, body: bytes, silence_s: float) -> urllib3.BaseHTTPResponse:
        """Send a JSON body and return the response to a status of 2xx, its body still to be read.

        The caller closes it. Redirects are not followed. Raises StatusError and what urllib3 does.
        """
        response = self._pools.urlopen(
            "POST",
            self._url,
            body=body,
            headers=self._headers,
            timeout=urllib3.Timeout(connect=self._connect_timeout_s, read=silence_s),
            retries=False,
            redirect=False,
            preload_content=False,
        )
        if 200 <= response.status < 300:
            return response
        with closing(response):
            raise StatusError(response.status, response.headers, _beginning(response))


def _beginning(response: urllib3.BaseHTTPResponse) -> bytes:
    """What can be had of an error's body: the status says enough where it breaks off."""
    try:
        return response.read(MAX_ERROR_BYTES)
    except urllib3.exceptions.HTTPError:
        return b""


def pieces_of(response: urllib3.BaseHTTPResponse, reply: PartialReply) -> Iterator[bytes]:
    """The body as it comes, each piece as soon as it is there; `reply` hears of each."""
    while piece := response.read1(PIECE_BYTES):
        reply.hear()
        yield piece


def body_of(pieces: Iterator[bytes]) -> bytes:
    """The whole body. Raises ReplyTooLongError beyond MAX_BODY_BYTES."""
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > MAX_BODY_BYTES:
            raise ReplyTooLongError
    return bytes(body)


def _pools(url: str) -> urllib3.PoolManager:
    """Connections to the address, by the proxy that the usual environment variables name."""
    address = urlsplit(url)
    proxies = urllib.request.getproxies()
    proxy = proxies.get(address.scheme) or proxies.get("all")
    if not proxy or urllib.request.proxy_bypass(address.netloc):
        return urllib3.PoolManager()
    named = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    headers = None
    if named.username is not None:
        account = f"{unquote(named.username)}:{unquote(named.password or '')}"
        headers = urllib3.make_headers(proxy_basic_auth=account)
    host = named.netloc.rpartition("@")[2]
    return urllib3.ProxyManager(f"{named.scheme}://{host}", proxy_headers=headers)
