from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.transport import parsing
from vantage_jira_plugin.transport.parsing import parsed

_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(_JSON)
def test_what_is_written_is_read(data):
    """Both readers give what the standard library wrote."""
    assert parsed(json.dumps(data).encode()) == data


@pytest.mark.parametrize("body", [b"", b"{", b'{"a": 1', b"<html>", b'{"a": 1}x', b"\xff"])
def test_what_is_no_json_is_an_error(body):
    """Cut and foreign bodies raise, whichever reader is there."""
    with pytest.raises(ValueError, match=r"."):
        parsed(body)


def test_half_a_surrogate_pair_is_read():
    """Old texts hold such halves; the faster reader refuses them, so that the other one reads them."""
    assert parsed(b'{"summary": "half \\ud83d"}') == {"summary": "half \ud83d"}


def test_the_extra_is_not_needed(monkeypatch):
    """Without orjson the standard library reads."""
    monkeypatch.setattr(parsing, "_fast", None)

    assert parsed(b'{"a": [1, 2.5, "x"]}') == {"a": [1, 2.5, "x"]}
