"""Trace ids from answers' headers."""

from __future__ import annotations

import pytest

from vantage_jira_plugin.transport.traces import read_trace_id

_HEX = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Atl-Traceid": _HEX, "X-Arequestid": "a"}, _HEX),
        ({"X-Trace-Id": f" {_HEX} "}, _HEX),
        ({"X-Arequestid": "01234567-89ab-cdef-0123-456789abcdef"}, "01234567-89ab-cdef-0123-456789abcdef"),
        ({"Atl-Traceid": "", "X-Trace-Id": "b"}, "b"),
    ],
)
def test_the_best_usable_header_is_read(headers, expected):
    """The first header with a usable value wins."""
    assert read_trace_id(headers) == expected


@pytest.mark.parametrize("value", ["eyJhbGciOi.eyJzdWIiOi.c2ln", "x" * 65, "a\nforged line", "a\x1b[31m", "ä"])
def test_what_is_no_trace_id_is_not_believed(value):
    """Tokens, line breaks, escape sequences and long texts are left out."""
    assert read_trace_id({"Atl-Traceid": value}) is None
