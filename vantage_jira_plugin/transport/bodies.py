"""The body of an answer, read in one piece. What it says is not known here."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import requests
import urllib3
from requests.exceptions import ChunkedEncodingError, ContentDecodingError

if TYPE_CHECKING:
    from typing import Any

__all__ = ["read_whole"]


def read_whole(response: requests.Response) -> None:
    """Read an answer to its end, so that a broken body shows here; afterwards `content` has it.

    requests unpacks a compressed body in pieces of ten kilobytes, and lets go of the interpreter for each: a page of
    700 kB did so 69 times, each time waiting for threads that are busy. Here it is unpacked in one go.

    Raises:
        requests.RequestException: what requests itself raises for the same.
    """
    raw: Any = response.raw
    try:
        body = raw.read(decode_content=True)
    except urllib3.exceptions.ProtocolError as error:
        raise ChunkedEncodingError(error) from error
    except urllib3.exceptions.DecodeError as error:
        raise ContentDecodingError(error) from error
    except urllib3.exceptions.SSLError as error:
        raise requests.exceptions.SSLError(error) from error
    except urllib3.exceptions.ReadTimeoutError as error:
        raise requests.exceptions.ConnectionError(error) from error
    finally:
        raw.release_conn()
    response.raw = urllib3.HTTPResponse(BytesIO(body), status=raw.status, preload_content=False)
