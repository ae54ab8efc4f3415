"""HTTP/1.1 as bytes: reading a request from a stream, writing an answer. No sockets, no decisions."""

from __future__ import annotations

import gzip
import json
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qs

from vantage_jira_plugin.simulator.messages import JsonText, Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["ByteStream", "WireError", "body_bytes", "encode", "read_request"]

#: Longest request line or header line, bytes. URLs this long are refused by real gateways much earlier.
LINE_BYTES = 65_536

#: Most header lines of one request.
HEADER_LINES = 200

#: Largest request body, bytes.
BODY_BYTES = 64 * 1024 * 1024

#: Answers above this many bytes are compressed for a client that accepts it, as Jira's edge does.
GZIP_FROM_BYTES = 1024

#: Jira's own content type. Source: recorded answers of 2026-04-28 and 2026-10-08.
JSON_TYPE = "application/json;charset=UTF-8"

#: Statuses that have neither a body nor a length. Source: https://www.rfc-editor.org/rfc/rfc9110#section-8.6
BODILESS = frozenset({204, 304})


class WireError(Exception):
    """What came in is not HTTP as it should be; `status` is the answer to give."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status

    def response(self) -> Response:
        """Return the answer in the shape of Jira's edge for requests that reach no application."""
        return Response(self.status, str(self).encode(), {"Content-Type": "text/plain", "Connection": "close"})


class ByteStream(Protocol):
    """The part of a binary file that reading a request needs."""

    def readline(self, size: int, /) -> bytes:
        """Return one line with its end, at most `size` bytes."""

    def read(self, size: int, /) -> bytes:
        """Return `size` bytes, fewer at the end of the stream."""


def read_request(stream: ByteStream, proceed: Callable[[], object]) -> Request | None:
    """Read one request; None where the stream ends before one begins.

    Args:
        stream: where the bytes come from.
        proceed: called when the client waits for `100 Continue` before it sends the body.

    Raises:
        WireError: it is not a request that can be answered.

    Source: https://www.rfc-editor.org/rfc/rfc9112
    """
    line = stream.readline(LINE_BYTES + 1)
    while line in {b"\r\n", b"\n"}:
        line = stream.readline(LINE_BYTES + 1)
    if not line:
        return None
    if len(line) > LINE_BYTES:
        raise WireError(414, "request line too long")
    try:
        method, target, version = line.decode("ascii").split()
    except ValueError:
        raise WireError(400, "malformed request line") from None
    if version not in {"HTTP/1.1", "HTTP/1.0"} or not target.startswith("/"):
        raise WireError(400, "malformed request line")
    headers = _read_headers(stream)
    if version == "HTTP/1.0":
        headers.setdefault("connection", "close")
    if headers.get("expect", "").lower() == "100-continue":
        proceed()
    body = _read_body(stream, headers)
    path, _, query = target.partition("?")
    return Request(method, path, parse_qs(query, keep_blank_values=True) if query else {}, headers, body)


def _read_headers(stream: ByteStream) -> dict[str, str]:
    headers: dict[str, str] = {}
    for _ in range(HEADER_LINES):
        line = stream.readline(LINE_BYTES + 1)
        if line in {b"\r\n", b"\n"}:
            return headers
        name, colon, value = line.decode("latin-1").partition(":")
        if not line.endswith(b"\n") or not colon or not name or name != name.strip():
            raise WireError(400, "malformed header")
        name = name.lower()
        value = value.strip()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    raise WireError(431, "too many headers")


def _read_body(stream: ByteStream, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return _read_chunks(stream)
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        raise WireError(400, "malformed content length")
    return _read_exactly(stream, int(length))


def _read_chunks(stream: ByteStream) -> bytes:
    parts: list[bytes] = []
    total = 0
    while True:
        size_text = stream.readline(LINE_BYTES).split(b";")[0].strip()
        try:
            size = int(size_text, 16)
        except ValueError:
            raise WireError(400, "malformed chunk") from None
        total += size
        if size < 0 or total > BODY_BYTES:
            raise WireError(413, "body too large")
        if size == 0:
            break
        parts.append(_read_exactly(stream, size))
        stream.readline(LINE_BYTES)
    _read_headers(stream)
    return b"".join(parts)


def _read_exactly(stream: ByteStream, size: int) -> bytes:
    if size > BODY_BYTES:
        raise WireError(413, "body too large")
    data = stream.read(size) if size else b""
    if len(data) < size:
        raise WireError(400, "body ended early")
    return data


def body_bytes(response: Response) -> bytes:
    """Return the body as it goes out, before any compression."""
    if response.body is None:
        return b""
    if isinstance(response.body, bytes):
        return response.body
    if isinstance(response.body, JsonText):
        return response.body.text
    # Half a surrogate pair, as a query in JQL may hold one, goes out as a question mark.
    return json.dumps(response.body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def encode(response: Response, request: Request | None = None, *, at: float = 0.0) -> tuple[bytes, bytes]:
    """Return head and body of an answer, ready to be sent in one piece.

    Args:
        response: what to answer; its headers win over the ones made here.
        request: what is answered, for what the client accepts.
        at: the time of the answer, epoch seconds.
    """
    body, packed = b"", False
    headers = {"Date": _http_date(int(at)), "Server": "AtlassianEdge"}
    if response.status not in BODILESS:
        if response.body is not None:
            headers["Content-Type"] = JSON_TYPE
            headers["Vary"] = "Accept-Encoding"
        accepted = request.headers.get("accept-encoding", "") if request else ""
        body, packed = _body(response, may_pack="gzip" in accepted)
        if packed:
            headers["Content-Encoding"] = "gzip"
        headers["Content-Length"] = str(len(body))
    given = {name.lower() for name in response.headers}
    lines = [f"HTTP/1.1 {response.status} {_phrase(response.status)}"]
    lines += [f"{name}: {value}" for name, value in headers.items() if name.lower() not in given]
    lines += [f"{name}: {value}" for name, value in response.headers.items()]
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")
    return head, b"" if request and request.method == "HEAD" else body


def _body(response: Response, *, may_pack: bool) -> tuple[bytes, bool]:
    """Return the body as it goes out, and whether it is compressed."""
    written = response.body
    if may_pack and isinstance(written, JsonText):
        return (written.gzip, True) if len(written) > GZIP_FROM_BYTES else (written.text, False)
    body = body_bytes(response)
    if may_pack and len(body) > GZIP_FROM_BYTES:
        return gzip.compress(body, compresslevel=1, mtime=0), True
    return body, False


@lru_cache(maxsize=128)
def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


@lru_cache(maxsize=4)
def _http_date(at_seconds: int) -> str:
    return formatdate(at_seconds, usegmt=True)
