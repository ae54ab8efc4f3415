"""The body of an answer, read in one piece. What it says is not known here."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING

import requests
import urllib3
from requests.exceptions import ChunkedEncodingError, ContentDecodingError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

__all__ = ["read_whole"]

#: zlib's sign for "with the header of gzip". Source: https://docs.python.org/3/library/zlib.html#zlib.decompress
_GZIP = 31
#: A gzip file ends with its unpacked size, in bytes, modulo 2^32. Source: RFC 1952, section 2.3.1, ISIZE
_SIZE_BYTES = 4
#: So many times its packed size is believed to come of a body; pages of Jira's come to thirty times.
_BELIEVED_RATIO = 100


class _Read:
    """A body that is read already, as requests takes it from what is behind an answer."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, _size: int, *, decode_content: bool) -> Iterator[bytes]:  # noqa: ARG002 - urllib3's signature
        """Yield it in one piece, whatever size is asked for."""
        yield self._body

    def close(self) -> None:
        """Do nothing: the connection is back in its pool."""


def read_whole(response: requests.Response) -> None:
    """Read an answer to its end, so that a broken body shows here; afterwards `content` has it.

    requests unpacks a compressed body in pieces of ten kilobytes, and lets go of the interpreter for each: a page of
    700 kB did so 69 times, each time waiting for threads that are busy. Here it is unpacked in one go, into memory of
    the size that it names, which takes a third of the time.

    Raises:
        requests.RequestException: what requests itself raises for the same.
    """
    raw: Any = response.raw
    packed = response.headers.get("Content-Encoding", "").strip().lower() == "gzip"
    try:
        body = raw.read(decode_content=not packed)
        body = _unpacked(body) if packed and body else body
    except urllib3.exceptions.ProtocolError as error:
        raise ChunkedEncodingError(error) from error
    except (urllib3.exceptions.DecodeError, zlib.error, EOFError, gzip.BadGzipFile) as error:
        raise ContentDecodingError(error) from error
    except urllib3.exceptions.SSLError as error:
        raise requests.exceptions.SSLError(error) from error
    except urllib3.exceptions.ReadTimeoutError as error:
        raise requests.exceptions.ConnectionError(error) from error
    finally:
        raw.release_conn()
    response.raw = _Read(body)


def _unpacked(packed: bytes) -> bytes:
    """Return what was packed by gzip.

    Raises:
        zlib.error, EOFError, gzip.BadGzipFile: it was not, or is spoilt.
    """
    size = int.from_bytes(packed[-_SIZE_BYTES:], "little")
    body = zlib.decompress(packed, _GZIP, max(1, min(size, _BELIEVED_RATIO * len(packed))))
    return body if len(body) == size else gzip.decompress(packed)  # several in a row make one body, too
