from __future__ import annotations

import pytest

from vantage_jira_plugin.host.failures import error_lines


def lines(message, errors=None, hint=None, again=None, **more):
    """Return an error in words."""
    rest = {"action": None, "status": None, "retryable": False, "retryAfter": None, "traceId": None, **more}
    return list(error_lines({"code": "c", "message": message, "errors": errors or {}, "hint": hint, **rest}, again))


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


@pytest.mark.parametrize(("seconds", "shown"), [(2, "2 s"), (2.0, "2 s"), (59.04, "60 s"), (1234567.8, "1234568 s")])
def test_a_wait_is_whole_seconds_and_never_too_short(seconds, shown):
    """Nobody waits by tenths."""
    assert lines("x", retryAfter=seconds) == ["c: x", f"  it can work again in {shown}"]


def test_how_to_run_it_again_stands_beside_the_hint():
    """Before the trace id, which is for somebody else."""
    told = lines("x", hint="Use the same key.", again="run it again", traceId="t1")
    assert told == ["c: x", "  hint: Use the same key.", "  run it again", "  Atlassian's trace id: t1"]
