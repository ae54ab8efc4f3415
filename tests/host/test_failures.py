from __future__ import annotations

import pytest

from vantage_jira_plugin.host.failures import error_lines


def lines(message, errors=None, hint=None):
    """Return an error in words."""
    rest = {"action": None, "status": None, "retryable": False, "retryAfter": None, "traceId": None}
    return list(error_lines({"code": "c", "message": message, "errors": errors or {}, "hint": hint, **rest}))


@pytest.mark.parametrize(
    ("message", "errors", "expected"),
    [
        ("summary must be text", {"summary": ["must be text"]}, ["c: summary must be text"]),
        ("Not so. Summary is missing.", {"summary": ["Summary is missing."]}, ["c: Not so. Summary is missing."]),
        ("refused", {"a": ["is odd", "is odd"], "b": ["is even"]}, ["c: refused", "  a: is odd", "  b: is even"]),
        ("a is odd", {"a": ["is odd"], "b": ["is odd"]}, ["c: a is odd", "  b: is odd"]),
    ],
)
def test_each_sentence_is_said_once(message, errors, expected):
    """A field's text is said where the message has not said it of that field."""
    assert lines(message, errors) == expected


def test_a_hint_is_said_once():
    """A hint that the message or a field already holds is not repeated."""
    assert lines("Gone. Ask an administrator.", hint="ask an administrator") == ["c: Gone. Ask an administrator."]
    assert lines("x", {"a": ["try b"]}, hint="Try b.") == ["c: x", "  a: try b"]
    assert lines("x", hint="try b") == ["c: x", "  hint: try b"]


def test_an_error_cannot_steer_the_terminal():
    """What a service says is shown, not obeyed."""
    assert lines("a\x1b[31m", {"b": ["\x07"]}) == ["c: a\\x1b[31m", "  b: \\x07"]
