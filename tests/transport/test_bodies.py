from __future__ import annotations

import gzip
import zlib
from http.client import IncompleteRead
from io import BytesIO

import pytest
import requests
import urllib3
from requests.exceptions import ChunkedEncodingError, ContentDecodingError

from vantage_jira_plugin.transport.bodies import read_whole


def _response(body, **headers):
    """Return an answer that is not read yet, as requests' adapter makes it."""
    response = requests.Response()
    response.status_code = 200
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    response.headers = requests.structures.CaseInsensitiveDict(headers)
    response.raw = urllib3.HTTPResponse(
        BytesIO(body),
        status=200,
        headers={"Content-Length": str(len(body)), **headers},
        preload_content=False,
        decode_content=False,
    )
    return response


@pytest.mark.parametrize("body", [b"", b"{}", b"x" * 100_000])
def test_the_body_is_there_as_it_came(body):
    """It is read once, and `content` has it as often as one asks."""
    response = _response(body)
    read_whole(response)

    assert (response.content, response.content) == (body, body)


def test_a_compressed_body_is_unpacked():
    """The header that says so stays, and nothing is unpacked twice."""
    response = _response(gzip.compress(b'{"a": 1}' * 10_000), content_encoding="gzip")
    read_whole(response)

    assert response.content == b'{"a": 1}' * 10_000
    assert response.headers["Content-Encoding"] == "gzip"


@pytest.mark.parametrize("body", [b"", b"x", b"x" * 10_000_000], ids=len)
def test_a_body_is_unpacked_whatever_its_size(body):
    """Also beyond what its packed size lets one expect."""
    response = _response(gzip.compress(body), content_encoding="GZIP")
    read_whole(response)

    assert response.content == body


def test_several_packed_in_a_row_are_one_body():
    """RFC 1952 allows it."""
    response = _response(gzip.compress(b"one, ") + gzip.compress(b"two"), content_encoding="gzip")
    read_whole(response)

    assert response.content == b"one, two"


def test_no_body_at_all_is_empty():
    """As of an answer 204 whose header says gzip."""
    response = _response(b"", content_encoding="gzip")
    read_whole(response)

    assert response.content == b""


def test_other_packings_are_left_to_urllib3():
    """What it unpacks depends on what is installed; deflate it always knows."""
    response = _response(zlib.compress(b"body"), content_encoding="deflate")
    read_whole(response)

    assert response.content == b"body"


class _Cut(BytesIO):
    """Stands for a connection that ends before the body does, as http.client tells it."""

    def read(self, *_):
        raise IncompleteRead(b"half", 4)


def test_a_body_that_is_cut_is_an_error():
    """Less than was announced is not an answer."""
    response = _response(b"")
    response.raw = urllib3.HTTPResponse(_Cut(b"half"), status=200, preload_content=False, decode_content=False)
    with pytest.raises(ChunkedEncodingError):
        read_whole(response)


_SPOILT = gzip.compress(b"x" * 1000)[:-12] + b"not the end."


# A name each: pytest would take the bytes for it, and gzip writes the time of day into them, so that
# workers that collect in different seconds see different tests.
@pytest.mark.parametrize("body", [b"no gzip at all", b"\x1f", _SPOILT], ids=["not compressed", "cut", "spoilt"])
def test_a_body_that_cannot_be_unpacked_is_an_error(body):
    """What is announced as compressed and is not, or is spoilt."""
    with pytest.raises((ContentDecodingError, ChunkedEncodingError)):
        read_whole(_response(body, content_encoding="gzip"))
