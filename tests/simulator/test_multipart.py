from __future__ import annotations

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.simulator.multipart import Part, read_parts

_TYPE = 'multipart/form-data; boundary="a b"'


@given(st.lists(st.binary(max_size=200), min_size=1, max_size=4))
def test_what_requests_writes_is_read_back(contents):
    """Files of any content, with their names and types, byte by byte."""
    files = [("file", (f"{number} é.bin", content, "image/png")) for number, content in enumerate(contents)]
    prepared = requests.Request("POST", "http://localhost/", files=files, data={"note": "text"}).prepare()
    first, *parts = read_parts(prepared.headers["Content-Type"], prepared.body)
    assert first == Part("note", b"text")
    assert parts == [Part("file", content, f"{number} é.bin", "image/png") for number, content in enumerate(contents)]


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"--a b--"),
        (_TYPE, b""),
        (_TYPE, b"--a b--x"),
        (_TYPE, b'--a b\r\nContent-Disposition: form-data; name="x"\r\n\r\ncut'),
        (_TYPE, b'text\r\n--a b\r\nContent-Disposition: form-data; name="x"\r\n\r\n\r\n--a b--'),
        (_TYPE, b"--a b\r\nContent-Disposition: form-data\r\n\r\n\r\n--a b--"),
        (_TYPE, b'--a b\r\nContent-Disposition: form-data; name="x"\r\n--a b--'),
        (_TYPE, b'--a b x\r\nContent-Disposition: form-data; name="x"\r\n\r\n\r\n--a b--'),
    ],
)
def test_what_is_no_form_is_refused(content_type, body):
    """Forms without a boundary, without an end, with something before or with parts that have no name."""
    with pytest.raises(ValueError, match=r"boundary|form|part"):
        read_parts(content_type, body)
